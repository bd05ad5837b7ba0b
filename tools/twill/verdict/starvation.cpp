// SPDX-License-Identifier: Apache-2.0
// Why workers found nothing to do while a verb ran.
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace twill::profile {

namespace {

/// So many times the mean is a huge task.
constexpr double huge_ratio = 4;
/// Smaller tasks by this factor are what "coarse" asks for.
constexpr double finer = 8;
/// So many tasks a worker can be spread evenly, whoever has them.
constexpr double enough_tasks = 4;
/// The busiest worker's share of a kind, over the mean, from which on the kind is uneven.
constexpr double uneven = 1.25;

/// Totals are estimated from samples: a task of this much more than all of its kind still is one.
constexpr double about_all = 1.1;

/// Tasks as they come from a kind or from the record of all strands.
struct task_lengths {
    std::string kind;
    double count = 0;
    double mean = 0;
    double longest = 0;
    double large = 0; ///< how many are at least half as long as the longest
};

/// How many of `all` tasks are at least half as long as the longest, by a histogram.
double large_ones(const histogram& lengths, double longest, double all) {
    double sum = 0;
    double large = 0;
    for (std::size_t k = 0; k < lengths.count.size() && k < lengths.upper.size(); ++k) {
        const auto count = static_cast<double>(lengths.count[k]);
        sum += count;
        // Buckets grow by less than a factor of two: the lower end decides.
        const double lower = k > 0 ? static_cast<double>(lengths.upper[k - 1]) : 0;
        large += lower >= longest / 2 ? count : 0;
    }
    return sum > 0 ? std::max(large / sum * all, 1.0) : 1.0;
}

task_lengths lengths_of(const kind& of) {
    const kind_on_worker sum = total_of(of);
    task_lengths result;
    result.kind = of.name;
    result.count = static_cast<double>(sum.count);
    result.longest = static_cast<double>(of.longest);
    if (sum.count > 0) {
        result.mean = static_cast<double>(sum.total) / result.count;
        result.large = result.longest < 1.5 * result.mean
                           ? result.count
                           : large_ones(of.sampled, result.longest, result.count);
    }
    return result;
}

task_lengths lengths_of(const dag& of) {
    task_lengths result;
    result.count = static_cast<double>(of.strands);
    result.longest = static_cast<double>(of.longest_strand);
    result.mean = of.strands > 0 ? static_cast<double>(of.work) / result.count : 0;
    result.large = large_ones(of.strand_lengths, result.longest, result.count);
    return result;
}

/// A longest task that has more time than all tasks of the kind, or than any strand by far, waited
/// for tasks inside it: it says nothing.
bool is_one_piece(const figures& from, const kind& of) {
    const double longest = static_cast<double>(of.longest);
    if (of.name == unnamed_kind) {
        return false;
    }
    const bool within = longest <= about_all * static_cast<double>(total_of(of).total);
    return within && (!from.of.strands ||
                      static_cast<double>(from.of.strands->longest_strand) >= longest / 2);
}

/// What workers can have waited for the huge ones among these tasks.
double waited_for_huge(const figures& from, const task_lengths& tasks) {
    const bool few = tasks.count < from.m;
    if (tasks.count == 0 || (!few && tasks.longest < huge_ratio * tasks.mean)) {
        return 0;
    }
    const double alone = (few ? tasks.count : tasks.large) * tasks.longest;
    // Tasks that run beside each other all the time are what the program consists of.
    if (!few && tasks.large > from.m && alone > from.in_verbs) {
        return 0;
    }
    return (from.m - 1) * std::min(alone, from.in_verbs);
}

/// What ends with `waited` of the starvation, but for what the change leaves of it.
finding finding_of(const figures& from, cause what, std::string subject, double waited,
                   double left = 0) {
    finding made;
    made.what = what;
    made.subject = std::move(subject);
    made.gain = from.saved(waited * (1 - left));
    made.starved = static_cast<nanoseconds>(waited);
    return made;
}

double windows_of(const figures& from) {
    double most = 1;
    for (const own_region& one : from.regions) {
        most = one.whole.wall > one.whole.outside ? std::max(most, one.count) : most;
    }
    return most;
}

} // namespace

void find_huge_tasks(const figures& from, starvation& starved, findings& found) {
    task_lengths worst;
    double most = 0;
    for (const kind& one : from.of.kinds) {
        const task_lengths tasks = lengths_of(one);
        const double waited = is_one_piece(from, one) ? waited_for_huge(from, tasks) : 0;
        if (waited > most) {
            most = waited;
            worst = tasks;
        }
    }
    if (most == 0 && from.of.strands) {
        worst = lengths_of(*from.of.strands);
        most = waited_for_huge(from, worst);
    }
    const double share = from.useful / from.m;
    const double waited = most > 0 ? starved.take(most) : 0;
    if (waited <= 0) {
        return;
    }
    finding made = finding_of(from, cause::huge_task, worst.kind, waited);
    made.seen = fmt::format(
        "the longest {} takes {}, where the share of each of {} workers is {}; the others starved "
        "for {} while one worked",
        worst.kind.empty() ? std::string("strand")
                           : fmt::format("task of {}", named("kind", worst.kind, "")),
        time_text(worst.longest), from.m, time_text(share), time_text(waited));
    made.change = "split it, by a loop or a recursion inside it; if that cannot be, begin it first";
    made.formula =
        fmt::format("min(starved, (m - 1) x {}) = {}, / ({} W)",
                    time_text(most / std::max(from.m - 1, 1.0)), time_text(waited), from.m);
    found.push_back(std::move(made));
}

void find_coarse_tasks(const figures& from, starvation& starved, findings& found) {
    // At the end of each window the last task of each worker ends when it ends: on average half
    // of the workers wait for as long as a task takes.
    const double windows = windows_of(from);
    const kind* coarsest = nullptr;
    double most = 0;
    double mean = 0;
    for (const kind& one : from.of.kinds) {
        const task_lengths tasks = lengths_of(one);
        const bool many = tasks.count >= enough_tasks * finer * from.m * windows;
        if (many || tasks.count < from.m || !is_one_piece(from, one)) {
            continue;
        }
        const double waited = std::max(tasks.count / from.m / enough_tasks, 1.0) >= windows
                                  ? windows * (from.m - 1) * tasks.mean
                                  : (from.m - 1) * tasks.mean;
        if (waited > most) {
            most = waited;
            mean = tasks.mean;
            coarsest = &one;
        }
    }
    const double waited = coarsest != nullptr ? starved.take(most) : 0;
    if (waited <= 0) {
        return;
    }
    finding made = finding_of(from, cause::coarse_tasks, coarsest->name, waited, 1 / finer);
    made.seen =
        fmt::format("{} tasks of {} each of {}: too few to end together on {} workers, "
                    "which starved for {} at the ends",
                    count_text(static_cast<double>(total_of(*coarsest).count)), time_text(mean),
                    named("kind", coarsest->name, "one kind"), from.m, time_text(waited));
    made.change = fmt::format("make them smaller, down to about {} each", time_text(mean / finer));
    made.formula = fmt::format("{} starved at the ends x (1 - 1/{}) / ({} W)", time_text(waited),
                               finer, from.m);
    found.push_back(std::move(made));
}

void find_imbalance(const figures& from, starvation& starved, findings& found) {
    const kind* worst = nullptr;
    double most = 0;
    double ratio = 0;
    for (const kind& one : from.of.kinds) {
        const kind_on_worker sum = total_of(one);
        double busiest = 0;
        for (const kind_on_worker& part : one.workers) {
            busiest = std::max(busiest, static_cast<double>(part.total));
        }
        const double even = static_cast<double>(sum.total) / from.m;
        const bool many =
            one.name != unnamed_kind && static_cast<double>(sum.count) >= enough_tasks * from.m;
        const double waited = from.m * (busiest - even);
        if (many && even > 0 && busiest > uneven * even && waited > most) {
            most = waited;
            ratio = busiest / even;
            worst = &one;
        }
    }
    const double waited = worst != nullptr ? starved.take(most) : 0;
    if (waited <= 0) {
        return;
    }
    finding made = finding_of(from, cause::imbalance, worst->name, waited);
    made.seen = fmt::format("one worker had {:.2f} times the mean share of {}, although its tasks "
                            "are many; the others starved for {}",
                            ratio, named("kind", worst->name, "one kind"), time_text(waited));
    made.change = "let these tasks be stolen: not a plan without stealing, not one chain of them, "
                  "not one task that makes and waits for each in turn";
    made.formula =
        fmt::format("min(starved, m x (largest - mean)) = {}, / ({} W)", time_text(waited), from.m);
    found.push_back(std::move(made));
}

void find_little_parallelism(const figures& from, starvation& starved, findings& found) {
    const double waited = starved.take(starved.rest());
    if (waited <= 0) {
        return;
    }
    finding made = finding_of(from, cause::too_little_parallelism, from.starved_region(), waited);
    std::string reason = from.of.no_dag.empty()
                             ? "a full record (twill record --mode full) has the span"
                             : from.of.no_dag;
    if (from.of.strands && from.of.strands->span > 0) {
        const dag& all = *from.of.strands;
        reason = fmt::format("work {} / span {} is a parallelism of {:.3g}{}",
                             time_text(static_cast<double>(all.work)),
                             time_text(static_cast<double>(all.span)),
                             static_cast<double>(all.work) / static_cast<double>(all.span),
                             all.upper_bound ? " at least" : "");
    }
    made.seen = fmt::format(
        "in verbs the {} workers found nothing to do for {}{}; {}", from.m, time_text(waited),
        made.subject.empty() ? std::string()
                             : ", most of it in " + named("region", made.subject, ""),
        reason);
    made.change = "split the work into more independent tasks: fork earlier, join later, run "
                  "phases that do not need each other side by side";
    made.formula = fmt::format("{} starved / ({} W)", time_text(waited), from.m);
    found.push_back(std::move(made));
}

} // namespace twill::profile
