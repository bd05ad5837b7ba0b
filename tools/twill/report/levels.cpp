// SPDX-License-Identifier: Apache-2.0
#include "report/levels.hpp"

#include "report/outputs.hpp"
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace twill::tool {

namespace {

using profile::percent_text;

std::string text_of(const std::optional<std::uint64_t>& count) {
    return count ? profile::count_text(static_cast<double>(*count)) : "?";
}

/// What part of both is far.
std::string far_share(const std::optional<std::uint64_t>& near,
                      const std::optional<std::uint64_t>& far) {
    const double away = static_cast<double>(far.value_or(0));
    const double both = static_cast<double>(near.value_or(0)) + away;
    return both > 0 ? percent_text(away / both) : "-";
}

/// A line for each worker, and one for all.
template <class Row>
std::string rows(const profile::profile& of, const by_level& all, Row row) {
    const std::vector<profile::worker>& workers = of.total.workers;
    std::string out;
    for (std::size_t k = 0; k < workers.size(); ++k) {
        out += row(fmt::format("{}", k), by_level_of(of, {workers[k]}));
    }
    return out + row("all", all);
}

std::string row_by_node(const std::string& name, const by_level& of) {
    return fmt::format("{:>6} {:>12} {:>12} {:>7} {:>12} {:>12} {:>7}\n", name, text_of(of.local),
                       text_of(of.remote), far_share(of.local, of.remote), text_of(of.placed),
                       text_of(of.displaced), far_share(of.placed, of.displaced));
}

std::string row_by_level(const std::string& name, const by_level& of) {
    return fmt::format("{:>6} {:>12} {:>12} {:>12}\n", name, text_of(of.near), text_of(of.middle),
                       text_of(of.far));
}

} // namespace

by_level by_level_of(const profile::profile& of, const std::vector<profile::worker>& workers) {
    const auto sum = [&](const char* count) -> std::optional<std::uint64_t> {
        const auto column = profile::column_of(of, count);
        return column ? std::optional(profile::total_of(workers, *column)) : std::nullopt;
    };
    by_level made;
    made.placed = sum("placed");
    made.displaced = sum("displaced");
    // Counts are read one after the other: a steal may be in the later ones alone.
    const auto stolen = sum("stolen");
    if (const auto remote = sum("stolen_remote"); stolen && remote) {
        made.remote = std::min(*remote, *stolen);
        made.local = *stolen - *made.remote;
    }
    const auto middle = sum("stolen_middle");
    if (const auto far = sum("stolen_far"); stolen && middle && far) {
        made.far = std::min(*far, *stolen);
        made.middle = std::min(*middle, *stolen - *made.far);
        made.near = *stolen - *made.far - *made.middle;
    }
    return made;
}

std::string levels_table(const profile::profile& of) {
    const by_level all = by_level_of(of, of.total.workers);
    std::string out;
    if (all.any_by_node()) {
        out += fmt::format("{:<6} {:>12} {:>12} {:>7} {:>12} {:>12} {:>7}\n", "worker", "local",
                           "remote", "share", "placed", "displaced", "share");
        out += rows(of, all, row_by_node);
        out += "  local, remote: steals on the worker's own NUMA node and from another one; "
               "placed, displaced: parts\n  of placed loops on the node of their elements and "
               "elsewhere; share: what is far, of both\n";
    }
    if (all.several_levels()) {
        out += fmt::format("{:<6} {:>12} {:>12} {:>12}\n", "worker", "near", "middle", "far");
        out += rows(of, all, row_by_level);
        out += "  near, middle, far: steals at which the two workers share L3 cache and NUMA node, "
               "one of them, neither\n";
    }
    return out;
}

std::string levels_lines(const profile::profile& of, const std::vector<profile::worker>& workers) {
    const by_level all = by_level_of(of, workers);
    std::string out;
    if (all.any_by_node()) {
        out += fmt::format("  steals: {} local, {} remote; parts of placed loops: {} placed, {} "
                           "displaced\n",
                           text_of(all.local), text_of(all.remote), text_of(all.placed),
                           text_of(all.displaced));
    }
    if (all.several_levels()) {
        out += fmt::format("  steals: {} near, {} middle, {} far\n", text_of(all.near),
                           text_of(all.middle), text_of(all.far));
    }
    return out;
}

} // namespace twill::tool
