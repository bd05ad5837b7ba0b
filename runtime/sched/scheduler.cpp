// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"

#include "os/clock.hpp"

namespace twill::sched {

namespace {

// All in microseconds. An idle thread that finds nothing for so long parks; a blocked join parks
// after the same time, and sooner when other work is visible. A parked thread costs a wake-up of
// several microseconds, a spinning one a core.
constexpr double idle_spin_us = 50;
constexpr double join_spin_us = 50;
constexpr double busy_join_spin_us = 10;
constexpr double longest_back_off_us = 64;

/// How long a loop runs between two polls: short against the spin of whoever asks.
constexpr double poll_period_us = 4;
/// What the rest of a loop must take for a split to pay: about two steals.
constexpr double worth_a_steal_us = 1;
/// What a wake-up takes until one has been measured.
constexpr double wake_takes_us = 20;
/// After the system has refused a thread nobody asks for one again for so long.
constexpr double refusal_holds_us = 100'000;
/// How long what the machine allows is taken to stay as it was.
constexpr double look_period_us = 500'000;

/// Threads in joins for each place, and a few more: no recursion of blocked joins was ever seen to
/// need as many.
constexpr std::uint32_t threads_per_worker = 4;
constexpr std::uint32_t threads_beside = 16;

} // namespace

scheduler::scheduler(const scheduler_options& options)
    : options_(options),
      threads_max_(threads_per_worker * static_cast<std::uint32_t>(options.workers) +
                   threads_beside),
      idle_spin_(os::ticks_from_microseconds(idle_spin_us)),
      join_spin_(os::ticks_from_microseconds(join_spin_us)),
      busy_join_spin_(os::ticks_from_microseconds(busy_join_spin_us)),
      longest_back_off_(os::ticks_from_microseconds(longest_back_off_us)),
      poll_period_(os::ticks_from_microseconds(poll_period_us)),
      worth_a_steal_(os::ticks_from_microseconds(worth_a_steal_us)),
      wake_takes_(os::ticks_from_microseconds(wake_takes_us)),
      wakes_to_steer_(options.wakes_steered),
      refusal_holds_(os::ticks_from_microseconds(refusal_holds_us)),
      look_period_(os::ticks_from_microseconds(look_period_us)),
      looks_(options.follows_machine || options.learns_places),
      learning_(options.learns_places ? nobody_learns : somebody_has_learned),
      active_(options.awake), asked_(options.workers), allowed_(options.awake),
      places_(options.awake), numbers_(static_cast<std::uint32_t>(options.workers)),
      accounts_(std::make_unique<load_model::place_account[]>(
          static_cast<std::size_t>(options.workers))) {
    load_.open(options.workers, options.awake, accounts_.get());
    look_due_.store(detail::ticks() + look_period_, detail::relaxed);
    if (options.described != nullptr) {
        learn(*options.described);
    }
}

} // namespace twill::sched
