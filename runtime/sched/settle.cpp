// SPDX-License-Identifier: Apache-2.0
#include "sched/group.hpp"
#include "sched/scheduler.hpp"

namespace twill::sched {

namespace {

/// How many threads one thread wakes at once for a loop that wants many.
constexpr int woken_by_one = 2;

} // namespace

// To be called after whatever frees a place, ends a search or starts a task. It restores:
// a free place, a spare thread and public work imply a searcher; and every running thread is
// armed, or has public jobs, or somebody searches, or no place is free.
void scheduler::settle(load_model::thread_account& counts) noexcept {
    grant_tickets();
    const place_counts now = planted(fault::unfenced_recheck) ? places_.glance() : places_.read();
    if (!now.idle()) {
        return;
    }
    const int own = seats_.own_place();
    if (const int post = known_nodes.post_near(own); post >= 0) {
        wake_one(counts, post); // who sat there last finds it first
    } else if (work_visible()) {
        wake_one(counts, own);
    } else {
        arm_all();
    }
}

// The thread that is woken is one of the place `near`, or near it.
void scheduler::wake_one(load_model::thread_account& counts, int near) noexcept {
    for (;;) {
        if (!places_.take_for_search()) {
            return;
        }
        if (wake_spare(counts, near)) {
            return; // perhaps itself, which then does not go to sleep
        }
        // Only where there never was a thread: whoever takes the last spare creates the next.
        if (threads_.load(detail::relaxed) == 0 && create_thread(true)) {
            counts.add(load_model::counter::threads);
            return;
        }
        places_.add(+1, -1);
        // Others saw the borrowed place as taken: what they left undone is done here. (The explorer
        // found the guest among them, whose ticket nobody looked at again.)
        grant_tickets();
        if (seats_.no_spares()) {
            wake_waiter(counts);
            return; // who becomes spare next settles
        }
        if (!work_visible()) {
            arm_all();
            return;
        }
    }
}

// For a loop that would keep many more busy than are awake: one after the other, each found by the
// one before, would take as many wake-ups. Who has just been woken for it comes here too, so that
// they wake each other as a tree does. Nobody is woken where nothing is left to take.
void scheduler::wake_more(load_model::thread_account& counts) noexcept {
    if (!work_visible()) {
        places_.want(0);
        return;
    }
    for (int k = 0; k < woken_by_one && places_.take_for_wanted(); ++k) {
        if (!wake_spare(counts, seats_.own_place())) {
            places_.want(0);
            places_.add(+1, -1);
            settle(counts); // as in wake_one(): others saw the place as taken
            return;
        }
    }
}

bool scheduler::wake_spare(load_model::thread_account& counts, int near) noexcept {
    thread_record* const spare = seats_.pop_spare(near);
    if (spare == nullptr) {
        return false;
    }
    counts.add(load_model::counter::woken);
    wake_beside(*spare, near);
    return true;
}

bool scheduler::work_visible(const thread_record* leaving_out) noexcept {
    if (submissions_.count() > 0 || known_nodes.has_post()) {
        return true;
    }
    return seats_.for_each_with_public(
        [leaving_out](thread_record& one) { return &one != leaving_out && has_public(one); });
}

bool scheduler::has_public(thread_record& one) noexcept {
    return one.deque.read(detail::seq_cst).count() > 0 || one.rest.load(detail::seq_cst) != 0 ||
           find_bag(one, false) != nullptr;
}

// With no thread of the runtime to be had, tasks of a group are left to those that wait for it.
void scheduler::wake_waiter(load_model::thread_account& counts) noexcept {
    seats_.for_each_with_public([this, &counts](thread_record& home) {
        bag* const one = find_bag(home, true);
        if (one == nullptr) {
            return false;
        }
        group& g = *one->of;
        const bool woken = places_.read().free > 0 && wake_sleeper(counts, g);
        unpin(counts, g);
        return woken;
    });
}

} // namespace twill::sched
