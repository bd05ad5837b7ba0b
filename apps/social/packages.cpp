// SPDX-License-Identifier: Apache-2.0
#include "packages.hpp"

#include "input_error.hpp"
#include "package_index.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace social {
namespace {

/// Keeps the packages for which `kept` is true, renumbers them, and keeps the edges between them.
package_graph keep(const package_graph& whole, const std::vector<bool>& kept) {
    package_graph part;
    part.packages = whole.packages;
    part.unresolved = whole.unresolved;
    std::vector<vertex> place(whole.names.size());
    for (std::size_t v = 0; v < whole.names.size(); ++v) {
        if (kept[v]) {
            place[v] = static_cast<vertex>(part.names.size());
            part.names.push_back(whole.names[v]);
        }
    }
    for (const edge& e : whole.edges) {
        if (kept[e.source] && kept[e.target]) {
            part.edges.push_back({place[e.source], place[e.target]});
        }
    }
    return part;
}

std::vector<std::size_t> degrees(const package_graph& graph) {
    std::vector<std::size_t> found(graph.names.size());
    for (const edge& e : graph.edges) {
        ++found[e.source];
        ++found[e.target];
    }
    return found;
}

package_graph without_lonely(const package_graph& whole) {
    const std::vector<std::size_t> degree = degrees(whole);
    std::vector<bool> kept(degree.size());
    for (std::size_t v = 0; v < degree.size(); ++v) {
        kept[v] = degree[v] > 0;
    }
    return keep(whole, kept);
}

} // namespace

package_graph read_packages(std::string_view text, const std::string& name) {
    const std::vector<package_stanza> stanzas = parse_index(text, name);
    if (stanzas.empty()) {
        throw input_error(name + (text.empty() ? ": is empty" : ": has no packages"));
    }
    package_graph whole;
    for (const package_stanza& stanza : stanzas) {
        whole.names.emplace_back(stanza.name);
    }
    std::sort(whole.names.begin(), whole.names.end());
    whole.names.erase(std::unique(whole.names.begin(), whole.names.end()), whole.names.end());
    whole.packages = whole.names.size();

    std::unordered_map<std::string_view, vertex> number;
    for (std::size_t v = 0; v < whole.names.size(); ++v) {
        number.emplace(whole.names[v], static_cast<vertex>(v));
    }
    std::unordered_map<std::string_view, std::vector<vertex>> providers;
    for (const package_stanza& stanza : stanzas) {
        for (const std::string_view provided : stanza.provides) {
            providers[provided].push_back(number.at(stanza.name));
        }
    }
    std::unordered_set<std::string_view> unresolved;
    for (const package_stanza& stanza : stanzas) {
        const vertex source = number.at(stanza.name);
        const auto depend_on = [&](vertex target) {
            if (target != source) {
                whole.edges.push_back({source, target});
            }
        };
        for (const std::string_view wanted : stanza.depends) {
            if (const auto real = number.find(wanted); real != number.end()) {
                depend_on(real->second);
            } else if (const auto all = providers.find(wanted); all != providers.end()) {
                std::for_each(all->second.begin(), all->second.end(), depend_on);
            } else {
                unresolved.insert(wanted);
            }
        }
    }
    std::sort(whole.edges.begin(), whole.edges.end());
    whole.edges.erase(std::unique(whole.edges.begin(), whole.edges.end()), whole.edges.end());
    if (whole.edges.empty()) {
        throw input_error(name + ": has no dependencies between its packages");
    }
    whole.unresolved = unresolved.size();
    return without_lonely(whole);
}

package_graph extract(const package_graph& whole, std::size_t most) {
    const std::vector<std::size_t> degree = degrees(whole);
    std::vector<std::size_t> order(degree.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return degree[a] != degree[b] ? degree[a] > degree[b] : a < b;
    });
    std::vector<bool> kept(degree.size());
    for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
        kept[order[i]] = true;
    }
    return without_lonely(keep(whole, kept));
}

} // namespace social
