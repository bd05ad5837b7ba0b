// SPDX-License-Identifier: Apache-2.0
#include "load/energy.hpp"
#include "os/clock.hpp"
#include "os/futex.hpp"
#include "sched/scheduler.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <sys/types.h>
#include <vector>

namespace twill::sched {

namespace {

/// Of so many threads of the runtime the masks are compared: enough to tell one mask for all from
/// threads that were placed one by one.
constexpr std::size_t threads_looked_at = 16;

/// Of those that are kept to groups of cores more: some of each group.
constexpr std::size_t pinned_looked_at = 256;

} // namespace

// Threads that this scheduler keeps to groups of cores have different masks by its own will, which
// a cpuset that still holds them does not touch: so it is read. 0: there are none; -1: not to be
// told just now. `which` as of cpus_left().
int scheduler::cpus_of_pinned(std::vector<int>& which) noexcept {
    seating* const all = seats_.all();
    if (all == nullptr || all->kept_by() == nullptr) {
        return 0;
    }
    topology::pinning::pinned_thread pinned[pinned_looked_at];
    std::size_t known = 0;
    const std::uint32_t count = table_.size();
    for (std::uint32_t id = 0; id < count && known < pinned_looked_at; ++id) {
        thread_record& one = table_[id];
        const std::uint32_t version = one.mask.version();
        const int domain = one.pinned.load(detail::acquire); // before the version is read again
        if (const pid_t thread = one.account.kernel_thread(); domain >= 0 && thread != 0) {
            pinned[known++] = {thread, &one.mask, version, domain};
        }
    }
    return all->kept_by()->cpus_left({pinned, known}, options_.machine_root, which);
}

// The mask is that of the runtime's own threads, so that a program may pin its main thread. They
// have it from the process, and whoever moves the process moves them (taskset -a, cpusets, a CPU
// that goes away). Zero: not to be told just now.
int scheduler::machine_allows() noexcept {
    pid_t threads[threads_looked_at];
    const topology::narrowed_mask* masks[threads_looked_at];
    std::uint32_t versions[threads_looked_at];
    std::size_t known = 0;
    const std::uint32_t count = table_.size();
    for (std::uint32_t id = 0; id < count && known < threads_looked_at; ++id) {
        thread_record& one = table_[id];
        if (const pid_t thread = one.guest ? 0 : one.account.kernel_thread(); thread != 0) {
            threads[known] = thread;
            masks[known] = &one.mask;
            versions[known++] = one.mask.version();
        }
    }
    std::vector<int> which;
    int cpus = cpus_of_pinned(which);
    if (cpus < 0) {
        return 0;
    }
    cpus = cpus > 0 ? cpus : topology::common_affinity_count(std::span(threads, known), &which);
    for (std::size_t k = 0; k < known; ++k) {
        if (versions[k] % 2 != 0 || masks[k]->version() != versions[k]) {
            return 0; // somebody is being woken: the next look tells
        }
    }
    if (cpus == 0) {
        cpus = topology::affinity_count();
    }
    const double quota = topology::cpu_quota(options_.machine_root);
    if (seating* const all = seats_.all(); all != nullptr) {
        all->allow(which);
        if (all->kept_by() != nullptr && all->kept_by()->see_quota(quota)) {
            ask_to_sit();
        }
    }
    const int cores = topology::usable_cores(cpus, quota);
    return std::min(options_.workers, std::max(options_.awake_at_least, cores));
}

// Some 100 us, so one thread does it, where nobody waits for that thread.
void scheduler::look_at_machine(std::uint64_t now) noexcept {
    std::uint64_t due = look_due_.load(detail::relaxed);
    // Relaxed: the winner looks, and what it finds is handed on under a lock.
    if (now > due && look_due_.compare_exchange_strong(due, now + look_period_, detail::relaxed,
                                                       detail::relaxed)) {
        load_model::refresh_energy();
        const int allowed = options_.follows_machine ? machine_allows() : 0;
        appoint_learner(); // after the look: the mask of who learns is not to be told then
        if (!options_.follows_machine) {
            return;
        }
        change_limit(0, allowed);
        std::uint32_t before = nobody_watches;
        if (held_down() && watching_.compare_exchange_strong(before, watch_wanted, detail::seq_cst,
                                                             detail::seq_cst)) {
            appoint_watcher();
        }
    }
}

// With no spare thread the wish stands, and whoever becomes spare next comes here. None is made for
// it: it would have the mask of the caller, who may be pinned. seq_cst: the
// wish, then the stack, against the stack, then the wish in sleep_as_spare().
void scheduler::appoint_watcher() noexcept {
    std::uint32_t before = watch_wanted;
    while (watching_.compare_exchange_strong(before, somebody_watches, detail::seq_cst,
                                             detail::seq_cst)) {
        if (thread_record* spare = seats_.pop_spare(); spare != nullptr) {
            wake(*spare, call::to_watch); // perhaps the caller, which then does not go to sleep
            return;
        }
        watching_.store(watch_wanted, detail::seq_cst);
        if (seats_.no_spares()) {
            return;
        }
        before = watch_wanted;
    }
}

bool scheduler::held_down() noexcept {
    const std::lock_guard lock(changing_limit_);
    return allowed_ < asked_;
}

bool scheduler::anybody_runs() noexcept {
    return seats_.for_each_running([](const thread_record& /*one*/) { return true; });
}

// A long verb may end no root for minutes: with one place nobody steals, and with more of them each
// may have enough to do. So where more could be had a spare thread looks, as long as something
// runs; afterwards the next entry looks. The machine tells nobody that it has changed, so this
// alone goes by the clock.
void scheduler::watch_machine(thread_record& self) noexcept {
    const auto period = static_cast<std::uint64_t>(os::nanoseconds_from_ticks(look_period_));
    bool left = false;
    while (!left && ending_.load(detail::seq_cst) == 0 &&
           watching_.load(detail::seq_cst) == somebody_watches) {
        os::futex_wait_for(watching_, somebody_watches, period);
        look_due_.store(detail::ticks() + look_period_, detail::relaxed);
        load_model::refresh_energy();
        change_limit(0, machine_allows());
        if (!held_down()) {
            break;
        }
        left = !anybody_runs() && leave_watch();
    }
    self.wake_word.store(0, detail::relaxed);
    seats_.push_spare(self);
    if (!left) {
        watching_.store(nobody_watches, detail::seq_cst);
    }
    settle(self); // who found no spare thread meanwhile left its work to this one
}

// Whoever begins to run between its own look and this one has left the watch to this thread.
// seq_cst on both sides: nobody watches, a look is due, and then who runs; against who runs, and
// then whether a look is due. So one of the two sees the other.
bool scheduler::leave_watch() noexcept {
    std::uint32_t seen = somebody_watches;
    if (!watching_.compare_exchange_strong(seen, nobody_watches, detail::seq_cst,
                                           detail::seq_cst)) {
        return false; // it is called, and leaves as whoever is
    }
    look_due_.store(0, detail::seq_cst);
    seen = nobody_watches;
    return !anybody_runs() || !watching_.compare_exchange_strong(seen, somebody_watches,
                                                                 detail::seq_cst, detail::seq_cst);
}

// After its bit as a running thread: the last look may have found somebody who has left since.
void scheduler::look_if_unwatched() noexcept {
    if (look_due_.load(detail::seq_cst) == 0) {
        follow_machine();
    }
}

} // namespace twill::sched
