// SPDX-License-Identifier: Apache-2.0
#include "report/hardware.hpp"

#include "plan_file/error.hpp"
#include "report/outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace twill::tool {

namespace {

std::string why_absent(const profile::profile& of, std::string profile::hardware::* reason) {
    if (!of.counted) {
        return older;
    }
    const std::string& told = (*of.counted).*reason;
    return told.empty() ? "the file does not tell why" : quotable(told);
}

std::string text_of(const std::optional<std::uint64_t>& count) {
    return count ? fmt::format("{}", *count) : "?";
}

/// `part` over `whole` times `scale`, to two places.
std::string ratio_of(const std::optional<std::uint64_t>& part,
                     const std::optional<std::uint64_t>& whole, double scale) {
    if (!part || whole.value_or(0) == 0) {
        return "?";
    }
    return fmt::format("{:.2f}", scale * static_cast<double>(*part) / static_cast<double>(*whole));
}

bool any(const profile::hardware_on_worker& one) {
    return one.cycles || one.instructions || one.cache_misses;
}

} // namespace

std::string energy_line(const profile::profile& of) {
    if (!of.joules) {
        return fmt::format("energy    absent: {}\n",
                           why_absent(of, &profile::hardware::joules_absent));
    }
    const double seconds = static_cast<double>(of.total.wall) * 1e-9;
    return fmt::format("energy    {:.3g} J by the package{}\n", *of.joules,
                       seconds > 0 ? fmt::format(", {:.3g} W", *of.joules / seconds) : "");
}

std::string hardware_table(const profile::profile& of) {
    if (!of.counted || std::none_of(of.counted->workers.begin(), of.counted->workers.end(), any)) {
        return fmt::format("  cycles, instructions, cache misses: absent: {}\n",
                           why_absent(of, &profile::hardware::counters_absent));
    }
    std::string out = fmt::format("{:<6} {:>16} {:>16} {:>8} {:>14} {:>12}\n", "worker", "cycles",
                                  "instructions", "a cycle", "cache misses", "per 1000 in");
    for (std::size_t k = 0; k < of.counted->workers.size(); ++k) {
        const profile::hardware_on_worker& one = of.counted->workers[k];
        fmt::format_to(std::back_inserter(out), "{:>6} {:>16} {:>16} {:>8} {:>14} {:>12}\n", k,
                       text_of(one.cycles), text_of(one.instructions),
                       ratio_of(one.instructions, one.cycles, 1), text_of(one.cache_misses),
                       ratio_of(one.cache_misses, one.instructions, 1000));
    }
    if (!of.counted->counters_absent.empty()) {
        out += fmt::format("  ?: {}\n", quotable(of.counted->counters_absent));
    }
    return out;
}

} // namespace twill::tool
