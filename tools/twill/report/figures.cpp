// SPDX-License-Identifier: Apache-2.0
// The figures of the model, work and span, and the histogram of durations.
#include "verdict/figures.hpp"
#include "plan_file/error.hpp"
#include "report/bounds.hpp"
#include "report/lengths.hpp"
#include "report/outputs.hpp"

#include <twill/bounds.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace twill::tool {

namespace {

using profile::time_text;

constexpr std::size_t bar_width = 50;

void draw(std::string& out, const profile::histogram& of, std::string_view title) {
    const std::uint64_t all = samples_of(of);
    if (all == 0) {
        return;
    }
    out += fmt::format("{} ({} in all)\n", title, profile::count_text(static_cast<double>(all)));
    const std::uint64_t most = *std::max_element(of.count.begin(), of.count.end());
    const std::size_t buckets = std::min(of.count.size(), of.upper.size());
    std::size_t first = 0;
    std::size_t last = buckets;
    while (first < last && of.count[first] == 0) {
        ++first;
    }
    while (last > first && of.count[last - 1] == 0) {
        --last;
    }
    // Neighbours are put together until the picture has a readable height.
    constexpr std::size_t most_lines = 24;
    const std::size_t together = (last - first + most_lines - 1) / most_lines;
    std::uint64_t largest = most;
    for (std::size_t k = first; together > 1 && k < last; k += together) {
        std::uint64_t sum = 0;
        for (std::size_t j = k; j < std::min(k + together, last); ++j) {
            sum += of.count[j];
        }
        largest = std::max(largest, sum);
    }
    for (std::size_t k = first; k < last; k += together) {
        std::uint64_t sum = 0;
        const std::size_t end = std::min(k + together, last);
        for (std::size_t j = k; j < end; ++j) {
            sum += of.count[j];
        }
        const double part = static_cast<double>(sum) / static_cast<double>(largest);
        const std::string picture = bar(part, bar_width, '#');
        out += fmt::format("  below {:>8} {:>14}{}{}\n",
                           time_text(static_cast<double>(of.upper[end - 1])), sum,
                           picture.empty() ? "" : "  ", picture);
    }
    out += '\n';
}

void add_rates(bounds& to, const profile::profile& of, double wall) {
    const std::vector<profile::worker>& workers = of.total.workers;
    const auto tasks = profile::column_of(of, "tasks");
    if (!tasks) {
        return;
    }
    to.tasks = profile::total_of(workers, *tasks);
    const auto all = static_cast<double>(*to.tasks);
    to.throughput = wall > 0 ? all / (wall * 1e-9) : 0;
    if (const auto failed = profile::column_of(of, "failed")) {
        // A task that failed may be told before it is counted as one that began.
        const auto of_these = static_cast<double>(profile::total_of(workers, *failed));
        to.error_rate = all > 0 ? std::min(of_these / all, 1.0) : 0;
    }
}

std::string rates(const bounds& all) {
    if (!all.tasks) {
        return "  throughput and error rate: absent: the file is older than the counts of tasks\n";
    }
    std::string out = fmt::format("  throughput: {} tasks from queues, {} a second",
                                  profile::count_text(static_cast<double>(*all.tasks)),
                                  profile::count_text(*all.throughput));
    if (all.error_rate) {
        out += fmt::format("; error rate: {} ended by an exception",
                           profile::percent_text(*all.error_rate));
    }
    return out + '\n';
}

} // namespace

bounds bounds_of(const report_input& input) {
    const profile::profile& of = input.part();
    const profile::accounts_of_time& where = input.judged.accounts;
    bounds result;
    result.load = static_cast<double>(where.useful);
    for (const profile::worker& one : of.total.workers) {
        result.makespan = std::max(result.makespan, static_cast<double>(one.useful));
    }
    const int workers = std::max(where.awake, 1);
    const double m = workers;
    const auto number = [](std::chrono::nanoseconds time) {
        return static_cast<double>(time.count());
    };
    const auto wall = static_cast<double>(where.wall);
    result.mean = result.load / m;
    for (const profile::kind& one : of.kinds) {
        // A task with tasks inside it may be longer than any schedule must be.
        if (one.longest <= profile::total_of(one).total) {
            result.longest_task = std::max(result.longest_task, static_cast<double>(one.longest));
        }
    }
    if (of.strands) {
        result.longest_task = static_cast<double>(of.strands->longest_strand);
        result.span = static_cast<double>(of.strands->span);
        const std::chrono::nanoseconds t1(of.strands->work);
        const std::chrono::nanoseconds tinf(of.strands->span);
        const std::chrono::nanoseconds longest(of.strands->longest_strand);
        result.parallelism = twill::parallelism(t1, tinf);
        result.brent = number(twill::brent_bound(t1, tinf, workers));
        result.graham = number(twill::graham_bound(t1, longest, workers));
    }
    // A span that is only an upper bound is none from below.
    const bool has_span = of.strands && !of.strands->upper_bound;
    result.lower = number(twill::lower_bound(
        std::chrono::nanoseconds(where.useful),
        std::chrono::nanoseconds(static_cast<profile::nanoseconds>(result.longest_task)),
        std::chrono::nanoseconds(has_span ? of.strands->span : 0), workers));
    result.quality = result.lower > 0 ? wall / result.lower : 0;
    result.load_balance = result.makespan > 0 ? result.mean / result.makespan : 0;
    result.efficiency = wall > 0 ? result.mean / wall : 0;
    result.imbalance = result.mean > 0 ? result.makespan / result.mean - 1 : 0;
    double busy = result.load;
    for (const profile::worker& one : of.total.workers) {
        busy += static_cast<double>(one.dispatch) + static_cast<double>(one.search);
    }
    result.utilisation = wall > 0 ? busy / (m * wall) : 0;
    add_rates(result, of, wall);
    return result;
}

std::string figures_section(const report_input& input) {
    const profile::profile& of = input.part();
    if (of.total.workers.empty()) {
        return {};
    }
    const bounds all = bounds_of(input);
    const std::string& title = input.judged.title;
    std::string out = title.empty() ? "figures\n" : "figures of " + title + '\n';
    const auto put = std::back_inserter(out);
    fmt::format_to(put,
                   "  S = {}, C = {}, S/m = {}; LB = S/(m C) = {:.3f}, PE = S/(m W) = {:.3f}\n",
                   time_text(all.load), time_text(all.makespan), time_text(all.mean),
                   all.load_balance, all.efficiency);
    fmt::format_to(put,
                   "  imbalance lambda = C/(S/m) - 1 = {:.3f}; utilisation (S + dispatch + "
                   "search)/(m W) = {:.3f}\n",
                   all.imbalance, all.utilisation);
    out += rates(all);
    if (of.strands) {
        const profile::dag& dag = *of.strands;
        fmt::format_to(put,
                       "  work T1 = {}, span Tinf = {}{}, with steals {}; parallelism T1/Tinf = "
                       "{:.4g}\n",
                       time_text(static_cast<double>(dag.work)), time_text(*all.span),
                       dag.upper_bound ? " at most (groups of tasks)" : "",
                       time_text(static_cast<double>(dag.burdened)), *all.parallelism);
        fmt::format_to(put,
                       "  greedy schedules end by (T1 - Tinf)/m + Tinf = {} (Brent); if no strand "
                       "waited for another,\n  by T1/m + (1 - 1/m) longest = {} (Graham)\n",
                       time_text(*all.brent), time_text(*all.graham));
        fmt::format_to(put, "  {} strands, the longest {}\n",
                       profile::count_text(static_cast<double>(dag.strands)),
                       time_text(static_cast<double>(dag.longest_strand)));
        if (!dag.delay) {
            out += "  strands contain preemption: the file does not tell the run delay of their "
                   "threads\n";
        }
    } else {
        fmt::format_to(put, "  work and span: absent: {}\n",
                       of.no_dag.empty() ? "they need a full record (twill record --mode full)"
                                         : quotable(of.no_dag));
    }
    fmt::format_to(put, "  lower bound L = max(S/m, longest task{}) = {}; quality W/L = {:.3f}\n\n",
                   of.strands && !of.strands->upper_bound ? ", Tinf" : "", time_text(all.lower),
                   all.quality);
    return out;
}

std::string durations_section(const report_input& input, std::size_t rows) {
    const profile::profile& of = input.of;
    std::string out;
    if (of.strands) {
        draw(out, of.strands->strand_lengths, "durations of strands");
    }
    std::vector<const profile::kind*> kinds;
    for (const profile::kind& one : of.kinds) {
        kinds.push_back(&one);
    }
    std::sort(kinds.begin(), kinds.end(), [](const auto* one, const auto* other) {
        return profile::total_of(*one).total > profile::total_of(*other).total;
    });
    // A picture takes the room of many rows.
    constexpr std::size_t rows_of_picture = 5;
    const std::size_t shown =
        rows == 0 ? kinds.size()
                  : std::min(kinds.size(), std::max<std::size_t>(rows / rows_of_picture, 1));
    for (std::size_t k = 0; k < shown; ++k) {
        draw(out, kinds[k]->sampled,
             fmt::format("durations of kind \"{}\"", quotable(kinds[k]->name)));
    }
    if (shown < kinds.size()) {
        out +=
            fmt::format("durations of {} more kinds; --rows 0 shows all\n\n", kinds.size() - shown);
    }
    return out;
}

} // namespace twill::tool
