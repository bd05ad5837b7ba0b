// SPDX-License-Identifier: Apache-2.0
#include "twill/load.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace twill::inline abi_1 {

namespace {

using duration = worker_load::duration;

constexpr std::uint64_t worker_load::* counts[] = {
    &worker_load::forks,         &worker_load::published,   &worker_load::taken_back,
    &worker_load::stolen,        &worker_load::leapfrogged, &worker_load::polls,
    &worker_load::joins_blocked, &worker_load::handed_over, &worker_load::parks,
    &worker_load::wakes,         &worker_load::retired,     &worker_load::threads,
    &worker_load::tickets,
};

constexpr double number(duration time) noexcept { return static_cast<double>(time.count()); }

constexpr double ratio(double part, double whole) noexcept { return whole > 0 ? part / whole : 0; }

constexpr duration not_below_zero(duration time) noexcept {
    return std::max(time, duration::zero());
}

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
    for (const auto count : counts) {
        result.*count = after.*count - std::min(after.*count, before.*count);
    }
    return result;
}

} // namespace

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
    return ratio(number(busy(sum) + sum.over - *cpu), number(*cpu));
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
    result.in_verbs = std::min(not_below_zero(late.in_verbs - early.in_verbs), result.wall);
    result.awake_limit = late.awake_limit;
    if (late.cpu && early.cpu) {
        result.cpu = not_below_zero(*late.cpu - *early.cpu);
    }
    return result;
}

} // namespace twill::inline abi_1
