// SPDX-License-Identifier: Apache-2.0
// How long each thread was blocked.
#include "report/outputs.hpp"
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace twill::tool {

namespace {

/// Of a thread that was not blocked: the rates of two snapshots' clocks differ by some millionths.
constexpr profile::nanoseconds rounding = 1000;

bool was_blocked(const profile::thread& one) { return one.blocks > 0 || one.blocked > rounding; }

} // namespace

std::string threads_section(const report_input& input, std::size_t rows) {
    std::vector<profile::thread> blocked;
    std::copy_if(input.of.threads.begin(), input.of.threads.end(), std::back_inserter(blocked),
                 was_blocked);
    if (blocked.empty()) {
        return {};
    }
    std::sort(blocked.begin(), blocked.end(), [](const auto& one, const auto& other) {
        return one.blocked != other.blocked ? one.blocked > other.blocked
                                            : one.number < other.number;
    });
    std::string out = fmt::format("{:<7} {:>9} {:>9} {:>9} {:>7}  {}\n", "thread", "system id",
                                  "blocked", "times", "of W", "whose");
    const auto put = std::back_inserter(out);
    const std::size_t shown = rows_of(blocked.size(), rows);
    for (std::size_t k = 0; k < shown; ++k) {
        const profile::thread& one = blocked[k];
        fmt::format_to(put, "{:>6}  {:>9} {:>9} {:>9} {:>7}  {}\n", one.number, one.system_id,
                       ns_text(one.blocked), profile::count_text(static_cast<double>(one.blocks)),
                       profile::percent_text(share(one.blocked, input.of.total.wall)),
                       one.from_outside != 0 ? "the program's" : "the runtime's");
    }
    say_left_out(out, blocked.size(), shown, "threads");
    if (const std::size_t others = input.of.threads.size() - blocked.size(); others > 0) {
        fmt::format_to(put, "  and {} that {} not\n", others, others == 1 ? "was" : "were");
    }
    out += "  blocked: asleep in a join or in a wait for a group or a worker, or in a blocking "
           "section; its\n  worker goes on with another thread\n";
    return out + '\n';
}

} // namespace twill::tool
