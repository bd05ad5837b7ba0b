// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "os/message.hpp"
#include "os/stack.hpp"
#include "os/thread.hpp"
#include "sched/scheduler.hpp"
#include "topology/affinity.hpp"

#include <cerrno>
#include <cstdio>
#include <new>
#include <vector>

namespace twill::sched {

using load_model::activity;
using load_model::counter;

namespace {

constexpr int pauses_between_looks = 4;
constexpr std::uint32_t yield_stride = 16;
constexpr int attempts_to_insist = 3;

/// Of a creator that is kept to some cores, by this runtime or as a guest by its own, the mask that
/// it had before: it would hand on the one that it has, and its thread could sit in no other group.
/// Without memory it does, and then nobody sets masks any more.
std::vector<int> cores_before_kept() noexcept {
    try {
        return topology::affinity_before_kept();
    } catch (const std::bad_alloc&) {
        return {};
    }
}

} // namespace

int running_place() noexcept { return detail::hot().place; }

void scheduler::run_thread(thread_record& self) noexcept {
    bind(self);
    if (options_.thread_starts != nullptr) {
        options_.thread_starts(options_.context);
    }
    call why = call::to_work;
    if (!self.starts_awake) {
        self.wake_word.store(0, detail::relaxed);
        seats_.push_spare(self);
        settle(self);
        why = sleep_as_spare(self);
    }
    while (why != call::to_end) {
        if (why == call::to_watch) {
            watch_machine(self);
        } else if (why == call::to_learn) {
            learn_places(self);
        } else {
            // Whoever woke this thread has taken a place for it and counted it as a searcher.
            follow_recording(self);
            take_number(self, activity::search, detail::ticks());
            if (seats_.wants_spare() && create_thread(false)) {
                self.account.add(counter::threads);
            }
            work(self);
        }
        why = sleep_as_spare(self);
    }
    end_thread(self);
}

// On the spare stack already.
call scheduler::sleep_as_spare(thread_record& self) noexcept {
    // seq_cst: a thread becomes a spare and then looks here; shut_down() writes here and then looks
    // at the spares
    if (ending_.load(detail::seq_cst) != 0) {
        release_spares();
    }
    if (options_.follows_machine && watching_.load(detail::seq_cst) == watch_wanted) {
        appoint_watcher();
    }
    return park(self);
}

// With a place, and counted as a searcher; returns without either, as a spare.
void scheduler::work(thread_record& self) noexcept {
    if (places_.wants()) {
        wake_more(self.account);
    }
    std::uint64_t since = detail::ticks();
    self.looks_closely = true; // whoever woke it has seen some bit, perhaps before its summary
    for (std::uint32_t round = 1;; ++round) {
        // A thread that was resumed from a join may be one too many: then nobody begins a root.
        if (places_.glance().free < 0) {
            end_search(self);
            return;
        }
        switch (find_work(self)) {
        case found::gave_place_away:
            return;
        case found::ran_a_task: {
            // The end of a root: the one point where a thread over the limit retires. Never in the
            // middle of a task, where it may hold what the resumed thread needs next.
            seats_.clear_running(self);
            seats_.sit(self);
            follow_machine();
            if (!places_.begin_search()) {
                self.account.add(counter::retired);
                become_spare(self, {+1, 0});
                settle(self);
                return;
            }
            since = detail::ticks();
            self.account.enter(activity::search, since);
            continue;
        }
        case found::nothing:
            break;
        }
        if (detail::ticks() - since > idle_spin_) {
            end_search(self);
            return;
        }
        for (int k = 0; k < pauses_between_looks; ++k) {
            detail::pause();
        }
        if (options_.yields && round % yield_stride == 0) {
            detail::yield_slice();
        }
    }
}

void scheduler::end_search(thread_record& self) noexcept {
    self.account.add(counter::parked);
    become_spare(self, {+1, -1});
    settle(self);
}

// The order: the number before the place, so that whoever takes the place finds a number; the stack
// before the place, so that whoever wants to wake somebody finds this thread.
void scheduler::become_spare(thread_record& self, place_counts change) noexcept {
    put_number(self, detail::ticks());
    self.wake_word.store(0, detail::relaxed);
    seats_.push_spare(self);
    places_.add(change.free, change.searchers,
                planted(fault::unfenced_recheck) ? detail::relaxed : detail::seq_cst);
}

bool scheduler::create_thread(bool awake) noexcept {
    if (const std::uint64_t until = refused_until_.load(detail::relaxed);
        until != 0 && detail::ticks() < until) {
        return false;
    }
    // While threads are in blocking sections, what they wait for may need one more thread however
    // many sleep in joins: those that come back from a section find their siblings stolen.
    const std::uint32_t most =
        threads_max_ + (blocked_.load(detail::relaxed) != 0 ? options_.blocked_max : 0);
    if (threads_.fetch_add(1, detail::relaxed) >= most) {
        threads_.fetch_sub(1, detail::relaxed);
        return false;
    }
    thread_record* record = nullptr;
    if (unstarted_.load(detail::relaxed) != nullptr) {
        // acquire: pairs with the release in the store below
        record = unstarted_.exchange(nullptr, detail::acquire);
    }
    if (record == nullptr) {
        record = table_.add(*this, false);
    }
    os::thread_started started{ENOMEM, 0};
    if (record != nullptr) {
        record->starts_awake = awake;
        record->joinable = options_.joins;
        char name[32];
        std::snprintf(name, sizeof name, "%s-%u", options_.name, record->id);
        const bool given = !options_.cores.empty();
        const std::vector<int> inherited = given ? std::vector<int>() : cores_before_kept();
        started = os::start_thread(
            {name, options_.stack_size, given ? options_.cores : inherited},
            [](void* argument) {
                auto& self = *static_cast<thread_record*>(argument);
                self.owner.run_thread(self);
            },
            record, options_.joins ? &record->handle : nullptr);
        if (started.error == 0) {
            if (given && started.cores_error != 0 &&
                cores_told_.exchange(1, detail::relaxed) == 0) {
                os::say("%s: none of the given cores may be used (%s); its threads run anywhere\n",
                        options_.name, os::reason(started.cores_error).text);
            }
            return true;
        }
        record->joinable = false;
        unstarted_.store(record, detail::release); // acquire above
    }
    note_refusal(started.error, threads_.fetch_sub(1, detail::relaxed) - 1);
    return false;
}

// For a thread that is about to wait outside of all protocols, perhaps for what only another thread
// can do: nobody would ask again. So it asks whatever was refused before, and a few times.
bool scheduler::insist_on_thread() noexcept {
    for (int attempt = 0; attempt < attempts_to_insist; ++attempt) {
        refused_until_.store(0, detail::relaxed);
        if (create_thread(false)) {
            return true;
        }
        detail::yield_slice();
    }
    return false;
}

// All goes on with the threads that there are: what nobody takes its owner takes back. Not every
// publication need find that out anew.
void scheduler::note_refusal(int error, std::uint32_t threads) noexcept {
    refused_until_.store(detail::ticks() + refusal_holds_, detail::relaxed);
    if (refusal_told_.exchange(1, detail::relaxed) == 0) {
        os::say("%s: the system gives no more threads (%s); going on with %u beside the callers'\n",
                options_.name, os::reason(error).text, threads);
    }
}

void scheduler::bind(thread_record& self) noexcept {
    os::register_overflow_stack(&running_place);
    self.account.attach(load_, load_model::thread_account::role::worker, self.id);
    bind_stack(self);
    detail::hot_state& hot = detail::hot();
    self.waiting.belongs_to_caller();
    self.hot.store(&hot, detail::seq_cst); // pairs with the look in ask()
    hot.thread = &self;
    hot.poll_period = poll_period_;
    hot.worth_a_steal = worth_a_steal_;
    // As in poll(): the limit down, and then the flags.
    hot.limit.store(self.overflow_limit, detail::relaxed);
    self.requests.exchange(0, detail::seq_cst);
    follow_recording(self);
}

void scheduler::unbind(thread_record& self) noexcept {
    detail::hot_state& hot = detail::hot();
    hot.limit.store(detail::attention, detail::relaxed);
    hot.thread = nullptr;
    hide_hot_state(self);
    self.account.detach();
    os::unregister_overflow_stack();
}

} // namespace twill::sched
