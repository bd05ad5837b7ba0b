// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"

namespace twill::sched {

// To be called after whatever frees a place, ends a search or starts a task. It restores:
// a free place, a spare thread and public work imply a searcher; and every running thread is
// armed, or has public jobs, or somebody searches, or no place is free.
void scheduler::settle(load_model::thread_account& counts) noexcept {
    grant_tickets();
    const place_counts now = planted(fault::unfenced_recheck) ? places_.glance() : places_.read();
    if (!now.idle()) {
        return;
    }
    if (work_visible()) {
        wake_one(counts);
    } else {
        arm_all();
    }
}

void scheduler::wake_one(load_model::thread_account& counts) noexcept {
    for (;;) {
        if (!places_.take_for_search()) {
            return;
        }
        if (thread_record* spare = spares_.pop(table_); spare != nullptr) {
            counts.add(load_model::counter::woken);
            wake(*spare);
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
        if (spares_.empty()) {
            return; // who becomes spare next settles
        }
        if (!work_visible()) {
            arm_all();
            return;
        }
    }
}

bool scheduler::work_visible(const thread_record* leaving_out) noexcept {
    return table_.for_each_set(
        0, [this](std::uint32_t segment) { return table_.public_word(segment); },
        [leaving_out](thread_record& one) {
            return &one != leaving_out && one.deque.read(detail::seq_cst).count() > 0;
        });
}

} // namespace twill::sched
