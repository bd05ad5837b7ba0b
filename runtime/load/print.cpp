// SPDX-License-Identifier: Apache-2.0
#include "load/print_kinds.hpp"
#include "load/units.hpp"
#include "load/verdict.hpp"
#include "twill/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

namespace twill::inline abi_1 {

namespace {

using duration = load_window::duration;
using load_model::percent;
using load_model::seconds;

constexpr int bar_width = 24;

/// One character for each equal share of the worker's time, in the order of the columns. What an
/// end falls into is rounded along the bar, so that the bar is always full.
std::string bar(const worker_load& worker) {
    const struct {
        duration time;
        char mark;
    } parts[] = {{worker.useful, '#'},
                 {worker.dispatch, '+'},
                 {worker.search, '?'},
                 {worker.preempted.value_or(duration{}), '!'},
                 {worker.parked, '.'}};
    std::string text = "|";
    duration so_far{};
    for (const auto& part : parts) {
        so_far += part.time;
        const double end = std::clamp(percent(so_far, worker.open), 0.0, 100.0) * bar_width / 100;
        text.resize(std::max(text.size(), static_cast<std::size_t>(end + 1.5)), part.mark);
    }
    text += '|';
    return text;
}

void print_row(std::string& out, const std::string& name, const worker_load& row,
               const std::string& drawn) {
    const auto put = std::back_inserter(out);
    fmt::format_to(put, "{:>6} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f} ", name,
                   percent(row.useful, row.open), percent(row.dispatch, row.open),
                   percent(row.search, row.open), percent(row.parked, row.open));
    if (row.preempted) {
        fmt::format_to(put, "{:>9.1f}", percent(*row.preempted, row.open));
    } else {
        fmt::format_to(put, "{:>9}", "unknown");
    }
    fmt::format_to(put, " {:>9} {:>9}  {}\n", row.stolen + row.leapfrogged, row.handed_over, drawn);
}

/// What only some windows have: tasks from queues, several nodes, energy, the processor's counts.
void print_rates(std::string& out, const load_window& window, const worker_load& total) {
    std::string line;
    const auto put = std::back_inserter(line);
    const auto next = [&line] { return line.empty() ? "" : "; "; };
    if (total.tasks > 0) {
        fmt::format_to(put,
                       "{} tasks from queues, {:.0f} a second, {} ended by an exception ({:.1f} %)",
                       total.tasks, window.throughput(), total.failed, 100 * window.error_rate());
        fmt::format_to(put, "; useful share {:.3f}", window.useful_share());
    }
    if (total.stolen_remote > 0) {
        // Read a moment later, it may be more than all.
        fmt::format_to(put, "{}{} of {} steals from another node", next(),
                       std::min(total.stolen_remote, total.stolen), total.stolen);
    }
    if (const std::uint64_t parts = total.placed + total.displaced; parts > 0) {
        fmt::format_to(put, "{}{} of {} parts of placed loops ran on their node", next(),
                       total.placed, parts);
    }
    if (window.joules) {
        fmt::format_to(put, "{}energy {:.1f} J, {:.1f} W", next(), *window.joules,
                       *window.joules / std::max(seconds(window.wall), 1e-9));
    }
    if (total.cycles.value_or(0) > 0 && total.instructions.value_or(0) > 0) {
        const auto instructions = static_cast<double>(*total.instructions);
        fmt::format_to(put, "{}{:.2f} instructions a cycle", next(),
                       instructions / static_cast<double>(*total.cycles));
        if (total.cache_misses) {
            fmt::format_to(put, ", {:.2f} cache misses per 1000 instructions",
                           1000 * static_cast<double>(*total.cache_misses) / instructions);
        }
    }
    if (!line.empty()) {
        out += line + '\n';
    }
}

std::string table(const load_window& window) {
    std::string out;
    const auto put = std::back_inserter(out);
    const worker_load total = window.total();
    fmt::format_to(put, "twill: {:.3f} s on {} worker{}, per cent of the time of each\n",
                   seconds(window.wall), window.worker_count(),
                   window.worker_count() == 1 ? "" : "s");
    fmt::format_to(put, "{:>6} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9} {:>9}  {}\n", "worker", "useful",
                   "dispatch", "search", "parked", "preempted", "taken", "handed",
                   "#useful +dispatch ?search !preempted .parked");
    for (std::size_t k = 0; k < window.workers.size(); ++k) {
        print_row(out, fmt::format("{}", k), window.workers[k], bar(window.workers[k]));
    }
    if (window.worker_count() > 1) {
        print_row(out, "all", total, "");
    }
    fmt::format_to(put,
                   "useful in all S = {:.3f} s, on the busiest worker C = {:.3f} s; imbalance "
                   "{:.3f}, load balance {:.3f},\nparallel efficiency {:.3f}, utilisation {:.3f}",
                   seconds(window.total_load()), seconds(window.makespan()), window.imbalance(),
                   window.load_balance(), window.parallel_efficiency(), window.utilisation());
    if (total.over > duration::zero()) {
        fmt::format_to(put, "; above the limit {:.3f} s", seconds(total.over));
    }
    out += '\n';
    print_rates(out, window, total);
    if (const steal_levels by = total.steals_by_level(); by.middle + by.far > 0) {
        fmt::format_to(put,
                       "steals: {} near (same L3 cache and node), {} middle (one of the two), {} "
                       "far (neither)\n",
                       by.near, by.middle, by.far);
    }
    return out;
}

/// Nothing if no thread was blocked.
std::string blocked_threads(const load_window& window) {
    const thread_load* most = nullptr;
    duration sum{};
    int count = 0;
    for (const thread_load& one : window.threads) {
        sum += one.blocked;
        // Of others there may be a rest from the rates of the two snapshots' clocks.
        count += one.blocks > 0 || one.blocked > std::chrono::microseconds(1) ? 1 : 0;
        most = most == nullptr || one.blocked > most->blocked ? &one : most;
    }
    if (count == 0) {
        return {};
    }
    return fmt::format("blocked in waits and sections: {:.3f} s on {} thread{}, thread {} for "
                       "{:.3f} s ({} times)\n",
                       seconds(sum), count, count == 1 ? "" : "s", most->number,
                       seconds(most->blocked), most->blocks);
}

std::string responses(const load_window& window) {
    std::string out;
    if (window.responses.empty()) {
        return out;
    }
    const auto put = std::back_inserter(out);
    fmt::format_to(put,
                   "submissions, from submit() to the end, in ms\n{:>6} {:>9} {:>10} {:>10} "
                   "{:>10} {:>10} {:>9} {:>9}\n",
                   "level", "count", "mean", "p50", "p99", "longest", "late", "errors");
    constexpr const char* names[] = {"high", "normal", "low"};
    const auto milliseconds = [](duration time) { return seconds(time) * 1e3; };
    for (const response_load& one : window.responses) {
        if (one.count > 0) {
            fmt::format_to(put, "{:>6} {:>9} {:>10.3f} {:>10.3f} {:>10.3f} {:>10.3f} {:>9} {:>9}\n",
                           names[static_cast<std::size_t>(one.level)], one.count,
                           milliseconds(one.mean()), milliseconds(one.percentile(0.5)),
                           milliseconds(one.percentile(0.99)), milliseconds(one.longest), one.late,
                           one.errors);
        }
    }
    return out;
}

} // namespace

void print_load(const load_window& window, std::FILE* to) {
    const std::string text = table(window) + blocked_threads(window) + responses(window) +
                             load_model::table_of_kinds(window) +
                             load_model::table_of_regions(window) + load_model::verdict(window) +
                             "\n";
    std::fwrite(text.data(), 1, text.size(), to);
}

} // namespace twill::inline abi_1
