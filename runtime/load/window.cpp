// SPDX-License-Identifier: Apache-2.0
#include "load/energy.hpp"
#include "load/kind_load.hpp"
#include "load/region_load.hpp"
#include "load/units.hpp"
#include "twill/bounds.hpp"
#include "twill/load.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace twill::inline abi_1 {

namespace {

using duration = worker_load::duration;
using load_model::not_below_zero;
using load_model::number;

constexpr std::uint64_t worker_load::* counts[] = {
    &worker_load::forks,         &worker_load::published,     &worker_load::taken_back,
    &worker_load::stolen,        &worker_load::leapfrogged,   &worker_load::polls,
    &worker_load::joins_blocked, &worker_load::handed_over,   &worker_load::parks,
    &worker_load::wakes,         &worker_load::retired,       &worker_load::threads,
    &worker_load::tickets,       &worker_load::tasks,         &worker_load::failed,
    &worker_load::stolen_remote, &worker_load::stolen_middle, &worker_load::stolen_far,
    &worker_load::placed,        &worker_load::displaced,
};

constexpr std::optional<std::uint64_t> worker_load::* hardware[] = {
    &worker_load::cycles,
    &worker_load::instructions,
    &worker_load::cache_misses,
};

constexpr double ratio(double part, double whole) noexcept { return whole > 0 ? part / whole : 0; }

duration busy(const worker_load& of) noexcept { return of.useful + of.dispatch + of.search; }

/// Sets what is below zero to zero and takes it from the largest others: their sum stays.
template <std::size_t N>
void lift(duration (&columns)[N]) noexcept {
    duration owed{};
    for (duration& column : columns) {
        owed += not_below_zero(-column);
        column = not_below_zero(column);
    }
    while (owed > duration::zero()) {
        duration& largest = *std::max_element(std::begin(columns), std::end(columns));
        if (largest == duration::zero()) {
            return;
        }
        const duration taken = std::min(owed, largest);
        largest -= taken;
        owed -= taken;
    }
}

worker_load difference(const worker_load& after, const worker_load& before) noexcept {
    worker_load result;
    duration columns[] = {
        after.useful - before.useful,
        after.dispatch - before.dispatch,
        after.search - before.search,
        after.parked - before.parked,
        after.preempted.value_or(duration{}) - before.preempted.value_or(duration{}),
    };
    lift(columns);
    result.open = not_below_zero(after.open - before.open);
    result.useful = columns[0];
    result.dispatch = columns[1];
    result.search = columns[2];
    result.parked = columns[3];
    if (after.preempted) {
        result.preempted = columns[4];
    }
    result.over = not_below_zero(after.over - before.over);
    for (const auto count : hardware) {
        if (after.*count) {
            const std::uint64_t late = (after.*count).value();
            result.*count = late - std::min(late, (before.*count).value_or(0));
        }
    }
    for (const auto count : counts) {
        result.*count = after.*count - std::min(after.*count, before.*count);
    }
    return result;
}

/// Both by number; none is ever taken out.
std::vector<thread_load> difference(const std::vector<thread_load>& after,
                                    const std::vector<thread_load>& before) {
    std::vector<thread_load> result = after;
    auto earlier = before.begin();
    for (thread_load& one : result) {
        earlier = std::find_if(earlier, before.end(), [&one](const thread_load& other) {
            return other.number >= one.number;
        });
        if (earlier != before.end() && earlier->number == one.number) {
            one.blocked = not_below_zero(one.blocked - earlier->blocked);
            one.blocks -= std::min(one.blocks, earlier->blocks);
        }
    }
    return result;
}

} // namespace

// The counts of a worker that steals right now are read one after the other.
steal_levels worker_load::steals_by_level() const noexcept {
    const std::uint64_t far = std::min(stolen_far, stolen);
    const std::uint64_t middle = std::min(stolen_middle, stolen - far);
    return {stolen - far - middle, middle, far};
}

worker_load load_window::total() const noexcept {
    worker_load sum;
    for (const worker_load& worker : workers) {
        sum.open += worker.open;
        sum.useful += worker.useful;
        sum.dispatch += worker.dispatch;
        sum.search += worker.search;
        sum.parked += worker.parked;
        sum.over += worker.over;
        if (worker.preempted) {
            sum.preempted = sum.preempted.value_or(duration{}) + *worker.preempted;
        }
        for (const auto count : hardware) {
            if (worker.*count) {
                sum.*count = (sum.*count).value_or(0) + (worker.*count).value();
            }
        }
        for (const auto count : counts) {
            sum.*count += worker.*count;
        }
    }
    return sum;
}

load_window::duration load_window::total_load() const noexcept { return total().useful; }

load_window::duration load_window::makespan() const noexcept {
    duration largest{};
    for (const worker_load& worker : workers) {
        largest = std::max(largest, worker.useful);
    }
    return largest;
}

load_window::duration load_window::mean_load() const noexcept {
    return workers.empty() ? duration{} : total_load() / static_cast<std::int64_t>(workers.size());
}

double load_window::imbalance() const noexcept {
    const double balance = load_balance();
    return balance > 0 ? 1 / balance - 1 : 0;
}

double load_window::load_balance() const noexcept {
    return ratio(number(total_load()), worker_count() * number(makespan()));
}

double load_window::parallel_efficiency() const noexcept {
    return ratio(number(total_load()), worker_count() * number(wall));
}

double load_window::utilisation() const noexcept {
    return ratio(number(busy(total())), worker_count() * number(wall));
}

double load_window::useful_share() const noexcept {
    const worker_load sum = total();
    return ratio(number(sum.useful), number(busy(sum)));
}

double load_window::throughput() const noexcept {
    return ratio(static_cast<double>(total().tasks), number(wall) * 1e-9);
}

double load_window::error_rate() const noexcept {
    const worker_load sum = total();
    // A task that failed may be told before it is counted as one that began.
    return ratio(static_cast<double>(std::min(sum.failed, sum.tasks)),
                 static_cast<double>(sum.tasks));
}

steal_levels load_window::steals_by_level() const noexcept { return total().steals_by_level(); }

load_window::duration load_window::lower_bound(duration longest_task,
                                               duration span) const noexcept {
    return twill::lower_bound(total_load(), longest_task, span, worker_count());
}

double load_window::quality(duration longest_task, duration span) const noexcept {
    return ratio(number(wall), number(lower_bound(longest_task, span)));
}

double load_window::identity_error() const noexcept {
    const worker_load sum = total();
    const double whole = worker_count() * number(wall);
    const duration columns = busy(sum) + sum.parked + sum.preempted.value_or(duration{});
    return ratio(std::abs(whole - number(columns)), whole);
}

std::optional<double> load_window::clock_error() const noexcept {
    if (!cpu) {
        return std::nullopt;
    }
    const worker_load sum = total();
    return ratio(number(busy(sum) + sum.over + off_places - *cpu), number(*cpu));
}

const response_load& load_window::response(priority level) const noexcept {
    static const response_load none[] = {{.level = priority::high, .times = {}},
                                         {.level = priority::normal, .times = {}},
                                         {.level = priority::low, .times = {}}};
    const auto k = static_cast<std::size_t>(level);
    return k < responses.size() ? responses[k] : none[k];
}

load_window operator-(const load_snapshot& after, const load_snapshot& before) {
    const load_window& late = after.since_start;
    const load_window& early = before.since_start;
    const worker_load nothing;
    load_window result;
    result.wall = not_below_zero(late.wall - early.wall);
    result.workers.reserve(late.workers.size());
    for (std::size_t k = 0; k < late.workers.size(); ++k) {
        result.workers.push_back(
            difference(late.workers[k], k < early.workers.size() ? early.workers[k] : nothing));
    }
    result.threads = difference(late.threads, early.threads);
    result.kinds = load_model::difference(late.kinds, early.kinds, result.workers);
    result.regions = load_model::difference(late.regions, early.regions);
    result.in_verbs = std::min(not_below_zero(late.in_verbs - early.in_verbs), result.wall);
    result.awake_limit = late.awake_limit;
    result.counters_absent = late.counters_absent;
    result.joules_absent = late.joules_absent != nullptr ? late.joules_absent : early.joules_absent;
    // Before the start of the runtime nothing was counted.
    load_model::set_joules(result, after.energy,
                           early.workers.empty() ? energy_count{} : before.energy);
    for (const response_load& one : late.responses) {
        result.responses.push_back(one - early.response(one.level));
    }
    if (std::all_of(result.responses.begin(), result.responses.end(),
                    [](const response_load& one) { return one.count == 0; })) {
        result.responses.clear();
    }
    if (late.cpu && early.cpu) {
        result.cpu = not_below_zero(*late.cpu - *early.cpu);
        result.off_places = not_below_zero(late.off_places - early.off_places);
    }
    return result;
}

} // namespace twill::inline abi_1
