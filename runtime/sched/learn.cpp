// SPDX-License-Identifier: Apache-2.0
#include "sched/placed.hpp"
#include "sched/scheduler.hpp"
#include "topology/affinity.hpp"
#include "topology/pinning.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace twill::sched {

namespace {

/// On a smaller stack nobody calls a library that knows nothing of small stacks.
constexpr std::size_t least_stack = std::size_t{256} << 10;

/// Whoever waits for what is known of the machine asks so many times for somebody who finds out.
constexpr int attempts_to_appoint = 10'000;

/// The group of cores around a place is what its thread is kept to if the program has the whole
/// machine: nobody has given it a part, by a mask, by cores or by a quota, that may change.
bool pins_by_itself(const topology::worker_table& on, bool given_cores) noexcept {
    return !given_cores && on.quota == 0 && on.machine.excluded.empty();
}

std::unique_ptr<topology::pinning> pinning_for(const topology::worker_table& on,
                                               const scheduler_options& options, int groups) {
    using topology::pin_rule;
    const bool automatic = options.pin == pin_rule::automatic;
    if (options.pin == pin_rule::nobody ||
        (automatic && (groups < 2 || !pins_by_itself(on, !options.cores.empty())))) {
        return nullptr;
    }
    const bool kept = !options.cores.empty();
    auto made = std::make_unique<topology::pinning>(on.workers, kept ? on.workers : on.machine.rows,
                                                    options.pin == pin_rule::core,
                                                    on.from.kind != topology::source_kind::machine);
    if (automatic) {
        made->follow_quota();
    }
    return made;
}

} // namespace

// With one group of cores, and nobody to be kept anywhere, all is as if nothing were known.
void scheduler::learn(const topology::worker_table& on) noexcept {
    try {
        known_nodes.set_rows(on.workers);
        auto all = std::make_unique<seating>(on.workers, options_.steal);
        const int groups = all->policy().groups();
        const bool described = on.from.kind != topology::source_kind::machine;
        known_nodes.set(topology::node_map(on.workers, described ? topology::binds::recorded
                                                                 : topology::binds::made),
                        workers());
        auto pinning = pinning_for(on, options_, groups);
        if (groups > 1 || pinning != nullptr) {
            all->keep_by(std::move(pinning), options_.name);
            seat_by(std::move(all));
        }
    } catch (const std::bad_alloc&) { // victims stay uniform
    }
}

// What is known of the machine costs milliseconds: a spare thread finds it out, once, if the
// program lives longer than that. With no spare thread the next look tries again.
void scheduler::appoint_learner() noexcept {
    std::uint32_t before = nobody_learns;
    if (options_.stack_size < least_stack ||
        !learning_.compare_exchange_strong(before, somebody_learns, detail::relaxed,
                                           detail::relaxed)) {
        return;
    }
    if (thread_record* const spare = seats_.pop_spare(); spare != nullptr) {
        wake(*spare, call::to_learn); // perhaps the caller, which then does not go to sleep
    } else {
        learning_.store(nobody_learns, detail::relaxed);
    }
}

void placing::await_machine(scheduler& of) noexcept {
    int left = attempts_to_appoint;
    // acquire: pairs with the release in learn_places()
    for (std::uint32_t now;
         (now = of.learning_.load(detail::acquire)) != scheduler::somebody_has_learned;) {
        if (now == scheduler::nobody_learns) {
            const bool first = left == attempts_to_appoint;
            if (left-- == 0 || (first && of.seats_.no_spares() && !of.insist_on_thread())) {
                return;
            }
            of.appoint_learner(); // a thread that has just been made may not be a spare one yet
        }
        detail::yield_slice();
    }
}

void scheduler::learn_places(thread_record& self) noexcept {
    if (ending_.load(detail::seq_cst) == 0) {
        // As whoever takes the last spare thread: others are not to wait for this one.
        if (seats_.wants_spare()) {
            create_thread(false);
        }
        std::optional<topology::worker_table> here;
        {
            // The library goes from CPU to CPU to ask each what it is.
            const topology::narrowed_mask::changes while_it_looks(self.mask);
            here = topology::workers_on_machine(options_.workers, options_.cores);
        }
        if (here) {
            here->quota = topology::cpu_quota(options_.machine_root);
            learn(*here);
        }
    }
    learning_.store(somebody_has_learned, detail::release); // for tests, which then look
    self.wake_word.store(0, detail::relaxed);
    seats_.push_spare(self);
    settle(self); // who found no spare thread meanwhile left its work to this one
}

} // namespace twill::sched
