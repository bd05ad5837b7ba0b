// SPDX-License-Identifier: Apache-2.0
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

constexpr int bar_width = 24;

double seconds(duration time) noexcept { return static_cast<double>(time.count()) * 1e-9; }

double percent(duration part, duration whole) noexcept {
    return whole > duration::zero() ? 100 * seconds(part) / seconds(whole) : 0;
}

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
    return out;
}

} // namespace

void print_load(const load_window& window, std::FILE* to) {
    const std::string text = table(window) + load_model::verdict(window) + "\n";
    std::fwrite(text.data(), 1, text.size(), to);
}

} // namespace twill::inline abi_1
