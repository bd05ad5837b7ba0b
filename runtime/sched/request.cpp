// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"

namespace twill::sched {

// Asker: flag, then limit. Owner (publish.cpp): limit down, then it takes the flags. Whatever the
// interleaving, a flag that stays behind has a raised limit above it.
void scheduler::ask(thread_record& victim, request what) noexcept {
    // seq_cst: whoever has freed a place and sees the flag still set may rely on it: the owner has
    // not taken it yet, and will look at the places after it has.
    if ((victim.requests.load(detail::seq_cst) & what) != 0) {
        return;
    }
    if ((victim.requests.fetch_or(what, detail::seq_cst) & what) != 0) {
        return; // whoever set it raises the limit
    }
    const auto raise = [](detail::hot_state& hot) {
        // release: pairs with the acquire of the owner's exchange of the flags, which it makes
        // after a poll that saw this value
        hot.limit.store(detail::attention, detail::release);
    };
    if (!victim.guest && what != look_at_recording) {
        // By another thread of the runtime: none ends before all are to.
        if (auto* hot = victim.hot.load(detail::relaxed); hot != nullptr) {
            raise(*hot);
        }
        return;
    }
    // A guest's thread may end, and any of a runtime that does while somebody else switches a
    // recording; before it does, it clears `hot` and waits until nobody rings.
    // seq_cst on both sides: ring and look against clear and look.
    victim.ringing.fetch_add(1, detail::seq_cst);
    if (auto* hot = victim.hot.load(detail::seq_cst); hot != nullptr) {
        raise(*hot);
    }
    // release: pairs with the acquire of the wait in hide_hot_state()
    victim.ringing.fetch_sub(1, detail::release);
}

void scheduler::arm(thread_record& victim) noexcept { ask(victim, want_work); }

void scheduler::arm_all() noexcept {
    seats_.for_each_running([this](thread_record& running) {
        if (running.deque.read(detail::seq_cst).count() == 0) {
            arm(running);
        }
        return false;
    });
}

} // namespace twill::sched
