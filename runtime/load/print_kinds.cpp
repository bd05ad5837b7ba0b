// SPDX-License-Identifier: Apache-2.0
#include "load/print_kinds.hpp"

#include "load/units.hpp"

#include <fmt/format.h>

#include <iterator>

namespace twill::load_model {

namespace {

using duration = load_window::duration;

double microseconds(duration time) noexcept { return number(time) * 1e-3; }

} // namespace

std::string table_of_kinds(const load_window& window) {
    std::string out;
    if (window.kinds.empty()) {
        return out;
    }
    const auto put = std::back_inserter(out);
    fmt::format_to(put, "{:<24} {:>10} {:>10} {:>6} {:>10} {:>10} {:>10} {:>10} {:>7}\n", "kind",
                   "tasks", "s useful", "% of S", "mean us", "p50 us", "p99 us", "longest us",
                   "errors");
    for (const kind_load& one : window.kinds) {
        fmt::format_to(put, "{:<24} {:>10} {:>10.3f} {:>6.1f}", one.name, one.count,
                       seconds(one.total), percent(one.total, window.total_load()));
        if (one.count != 0) {
            fmt::format_to(put, " {:>10.1f} {:>10.1f} {:>10.1f} {:>10.1f} {:>7}",
                           microseconds(one.mean()), microseconds(one.percentile(0.5)),
                           microseconds(one.percentile(0.99)), microseconds(one.longest),
                           one.errors);
        }
        out += '\n';
    }
    return out;
}

std::string table_of_regions(const load_window& window) {
    std::string out;
    if (window.regions.empty()) {
        return out;
    }
    const auto put = std::back_inserter(out);
    fmt::format_to(put, "{:<24} {:>10} {:>10} {:>10} {:>8} {:>8} {:>8} {:>8} {:>9}\n", "region",
                   "times", "s wall", "s in verbs", "useful", "dispatch", "search", "parked",
                   "preempted");
    for (const region_load& one : window.regions) {
        const worker_load& all = one.all;
        fmt::format_to(put,
                       "{:<24} {:>10} {:>10.3f} {:>10.3f} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f} "
                       "{:>9.1f}",
                       one.path, one.count, seconds(one.wall), seconds(one.in_verbs),
                       percent(all.useful, all.open), percent(all.dispatch, all.open),
                       percent(all.search, all.open), percent(all.parked, all.open),
                       percent(all.preempted.value_or(duration{}), all.open));
        if (one.late != 0) {
            fmt::format_to(put, "  {} late, by {:.6f} s in all", one.late, seconds(one.late_sum));
        }
        out += '\n';
    }
    return out;
}

} // namespace twill::load_model
