// SPDX-License-Identifier: Apache-2.0
// Which program ran, and where its workers are.
#include "plan_file/error.hpp"
#include "report/outputs.hpp"

#include <fmt/format.h>

#include <iterator>

namespace twill::tool {

namespace {

std::string number_of(int number) { return number < 0 ? "-" : fmt::format("{}", number); }

} // namespace

std::string build_id_line(const profile::profile& of) {
    if (of.where && !of.where->build_id.empty()) {
        return fmt::format("build id  {}\n", quotable(of.where->build_id));
    }
    return fmt::format("build id  absent: {}\n",
                       of.where ? quotable(of.where->no_build_id) : older);
}

std::string places_section(const report_input& input, std::size_t rows) {
    const std::optional<profile::machine>& where = input.of.where;
    if (!where || where->workers.empty()) {
        return fmt::format("places    absent: {}\n\n", where ? quotable(where->no_places) : older);
    }
    std::string out =
        fmt::format("{:<7} {:>6} {:>6} {:>6} {:>6}\n", "place", "PU", "core", "L3", "node");
    const auto put = std::back_inserter(out);
    const std::size_t all = where->workers.size();
    const std::size_t shown = rows_of(all, rows);
    for (std::size_t k = 0; k < shown; ++k) {
        const profile::worker_place& one = where->workers[k];
        fmt::format_to(put, "{:>6}  {:>6} {:>6} {:>6} {:>6}\n", k, number_of(one.pu),
                       number_of(one.core), number_of(one.l3), number_of(one.node));
    }
    say_left_out(out, all, shown, "workers");
    out += "  of each worker the processor that it begins on (PU, the kernel's number), with its "
           "core, L3 cache\n  and NUMA node\n";
    return out + '\n';
}

} // namespace twill::tool
