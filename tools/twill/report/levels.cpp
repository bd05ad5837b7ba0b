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

std::string row(const std::string& name, const by_level& of) {
    return fmt::format("{:>6} {:>12} {:>12} {:>7} {:>12} {:>12} {:>7}\n", name, text_of(of.local),
                       text_of(of.remote), far_share(of.local, of.remote), text_of(of.placed),
                       text_of(of.displaced), far_share(of.placed, of.displaced));
}

} // namespace

by_level by_level_of(const profile::profile& of, const std::vector<profile::worker>& workers) {
    const auto sum = [&](const char* count) -> std::optional<std::uint64_t> {
        const auto column = profile::column_of(of, count);
        return column ? std::optional(profile::total_of(workers, *column)) : std::nullopt;
    };
    by_level made;
    made.local = sum("stolen");
    made.remote = sum("stolen_remote");
    made.placed = sum("placed");
    made.displaced = sum("displaced");
    if (made.local && made.remote) {
        // Counts are read one after the other: a steal may be in the second of the two alone.
        made.remote = std::min(*made.remote, *made.local);
        made.local = *made.local - *made.remote;
    } else {
        made.local = std::nullopt;
        made.remote = std::nullopt;
    }
    return made;
}

std::string levels_table(const profile::profile& of) {
    const std::vector<profile::worker>& workers = of.total.workers;
    const by_level all = by_level_of(of, workers);
    if (!all.any()) {
        return {};
    }
    std::string out = fmt::format("{:<6} {:>12} {:>12} {:>7} {:>12} {:>12} {:>7}\n", "worker",
                                  "local", "remote", "share", "placed", "displaced", "share");
    for (std::size_t k = 0; k < workers.size(); ++k) {
        out += row(fmt::format("{}", k), by_level_of(of, {workers[k]}));
    }
    out += row("all", all);
    return out + "  local, remote: steals on the worker's own NUMA node and from another one; "
                 "placed, displaced: parts\n  of placed loops on the node of their elements and "
                 "elsewhere; share: what is far, of both\n";
}

std::string levels_line(const profile::profile& of, const std::vector<profile::worker>& workers) {
    const by_level all = by_level_of(of, workers);
    if (!all.any()) {
        return {};
    }
    return fmt::format("  steals: {} local, {} remote; parts of placed loops: {} placed, {} "
                       "displaced\n",
                       text_of(all.local), text_of(all.remote), text_of(all.placed),
                       text_of(all.displaced));
}

} // namespace twill::tool
