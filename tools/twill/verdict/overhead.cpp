// SPDX-License-Identifier: Apache-2.0
// Time on the cores that is no work: what tasks cost, tasks that sleep, the same work that takes
// longer.
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace twill::profile {

namespace {

/// Below this share of the busy time the price of tasks is not worth a word.
constexpr double small_overhead = 0.02;
constexpr double half = 0.5;

/// Tasks that went through groups or as submissions, whose price is task_takes each.
double tasks_of(const profile& of) {
    if (const auto tasks = column_of(of, "tasks")) {
        return static_cast<double>(total_of(of.total.workers, *tasks));
    }
    double sum = 0;
    for (const kind& one : of.kinds) {
        sum += static_cast<double>(total_of(one).count);
    }
    return sum;
}

/// The kind with the largest figure by `weight`, if it is more than `least` of the sum.
template <class Weight>
std::string leading_kind(const profile& of, double least, Weight weight) {
    double sum = 0;
    double most = 0;
    std::string name;
    for (const kind& one : of.kinds) {
        const auto all = static_cast<double>(weight(total_of(one)));
        sum += all;
        if (all > most) {
            most = all;
            name = one.name == unnamed_kind ? std::string() : one.name;
        }
    }
    return most > sum * least ? name : std::string();
}

/// The kind whose tasks slept for the larger part of what is known of all kinds; where nothing is
/// known, the largest that may have: who sleeps has that time in its total.
std::string sleeping_kind(const profile& of, double asleep) {
    nanoseconds known = 0;
    const kind* most = nullptr;
    for (const kind& one : of.kinds) {
        known += one.asleep;
        most = most == nullptr || one.asleep > most->asleep ? &one : most;
    }
    if (known > 0) {
        return most->asleep > known / 2 ? most->name : std::string();
    }
    return leading_kind(of, 0, [&](const kind_on_worker& part) {
        return static_cast<double>(part.total) >= asleep / 2 ? part.total : 0;
    });
}

/// What tasks cost at most, over their price with one worker and without kinds: with several
/// workers their queues are shared, and a task of a kind has its length taken.
constexpr double dearest = 4;

/// What n tasks cost on top of what they do. The price is that of one worker; where kinds have
/// measured every task, the useful time outside of all of them is nearer, less what a core has
/// still to do of a task when the clock is read at its end.
double price_of_tasks(const figures& from, double tasks) {
    const double price = tasks * from.of.task_takes;
    for (const kind& one : from.of.kinds) {
        if (one.name == unnamed_kind && from.of.kinds.size() > 1) {
            const auto outside = static_cast<double>(total_of(one).total);
            const double paid = std::max(outside - tasks * from.of.clock_ahead, 0.0);
            return std::min({paid, dearest * price, from.useful});
        }
    }
    return std::min(price, from.useful);
}

} // namespace

void find_fine_tasks(const figures& from, starvation& starved, findings& found) {
    const double tasks = tasks_of(from.of);
    const double busy = from.useful + from.dispatch;
    const double calls = price_of_tasks(from, tasks);
    const double overhead = calls + from.dispatch;
    if (busy <= 0 || overhead < small_overhead * busy) {
        return;
    }
    // Whoever makes tasks at the price of o each can keep 1 + b/o threads busy with tasks of b:
    // the share of the starvation that comes of that grows with o/b, up to all of it.
    const double body = std::max(from.useful - calls, from.useful * small_overhead);
    const double waited = starved.take(from.starved * std::min(1.0, calls / body));
    finding made;
    made.what = cause::fine_tasks;
    made.subject =
        leading_kind(from.of, half, [](const kind_on_worker& part) { return part.count; });
    made.gain = from.saved(overhead + waited);
    made.starved = static_cast<nanoseconds>(waited);
    made.seen = fmt::format("{} tasks of {} each; {} is spent on making, taking and ending them",
                            count_text(tasks), time_text(tasks > 0 ? body / tasks : 0),
                            percent_text(overhead / busy) + " of the busy time");
    if (tasks == 0) {
        made.seen = fmt::format("{} of the busy time is spent on handing tasks from worker to "
                                "worker",
                                percent_text(overhead / busy));
    }
    made.change = "give each task more to do: a range in place of an element, a larger grain, a "
                  "cutoff below which the recursion is serial";
    made.formula = fmt::format("({} x {} for tasks + {} dispatch + {} starved meanwhile) / ({} W)",
                               count_text(tasks), time_text(tasks > 0 ? calls / tasks : 0),
                               time_text(from.dispatch), time_text(waited), from.m);
    found.push_back(std::move(made));
}

void find_blocking(const figures& from, findings& found) {
    if (!from.of.total.cpu) {
        return;
    }
    double on_places = 0;
    for (const worker& one : from.of.total.workers) {
        on_places += static_cast<double>(one.useful + one.dispatch + one.search + one.over);
    }
    const double asleep =
        load_model::asleep_in_tasks(on_places, static_cast<double>(from.of.total.off_places),
                                    static_cast<double>(*from.of.total.cpu), from.useful);
    if (asleep <= 0) {
        return;
    }
    finding made;
    made.what = cause::blocking;
    made.subject = sleeping_kind(from.of, asleep);
    made.gain = from.saved(asleep);
    made.seen = fmt::format("the workers' tasks took {}, but their threads were on a core for {} "
                            "less: so long tasks {}",
                            time_text(from.useful), time_text(asleep),
                            from.where.preempted_known
                                ? "slept, in system calls, locks or page faults"
                                : "slept, or waited for a core (the kernel does not tell which)");
    made.change = "put the call that waits into twill::blocking(), so that another thread takes "
                  "the worker meanwhile, or make it asynchronous";
    made.formula = fmt::format("{} asleep / ({} W)", time_text(asleep), from.m);
    found.push_back(std::move(made));
}

void find_inflation(const figures& from, const profile& base, findings& found) {
    const double before = static_cast<double>(where_time_went(base.total).useful);
    const double more = from.useful - before;
    if (before <= 0 || more <= 0) {
        return;
    }
    finding made;
    made.what = cause::work_inflation;
    made.gain = from.saved(more);
    double most = 0;
    for (const kind& one : from.of.kinds) {
        const auto other = std::find_if(base.kinds.begin(), base.kinds.end(),
                                        [&](const kind& of) { return of.name == one.name; });
        const double grown =
            other == base.kinds.end()
                ? 0
                : static_cast<double>(total_of(one).total - total_of(*other).total);
        if (grown > std::max(most, more / 2)) {
            most = grown;
            made.subject = one.name;
        }
    }
    made.seen = fmt::format("tasks took {} in all, against {} in the base: {} more",
                            time_text(from.useful), time_text(before), percent_text(more / before));
    made.change = "look for what the workers share: memory bandwidth, caches, lines written by "
                  "several of them, memory on another node";
    made.formula =
        fmt::format("({} - {}) / ({} W)", time_text(from.useful), time_text(before), from.m);
    found.push_back(std::move(made));
}

} // namespace twill::profile
