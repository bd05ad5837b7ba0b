// SPDX-License-Identifier: Apache-2.0
#include "sched/planted.hpp"
#include "sched/scheduler.hpp"

#include <algorithm>

namespace twill::sched {

int scheduler::set_active(int n) noexcept {
    return change_limit(n, options_.follows_machine ? machine_allows() : 0);
}

// The places that may be held are the free ones and the held ones together, so a change is one
// addition to S; a sum below zero stands for threads over the limit, and those retire as any others
// at the end of a root. One change at a time: an addition that came late would let more places be
// taken than there are numbers.
int scheduler::change_limit(int asked, int allowed) noexcept {
    int before = 0;
    int now = 0;
    {
        const std::lock_guard lock(changing_limit_);
        asked_ = asked > 0 ? asked : asked_;
        allowed_ = allowed > 0 ? allowed : allowed_;
        before = active();
        now = std::min(asked_, allowed_);
        if (now != before) {
            active_.store(now, detail::relaxed);
            load_.set_awake_limit(now);
            places_.add(now - before, 0);
        }
    }
    if (now > before && !planted(fault::silent_raise)) {
        load_model::thread_account nobody; // the caller may be a thread without a place
        settle(nobody);
        call_watcher(); // who may be the only spare thread
    }
    return now;
}

void scheduler::call_watcher() noexcept {
    // seq_cst: after S, or `ending_`; watch_machine() becomes a spare before it says that it no
    // longer watches, and looks at both after that.
    std::uint32_t seen = watching_.load(detail::seq_cst);
    if (seen == somebody_watches &&
        watching_.compare_exchange_strong(seen, called, detail::seq_cst, detail::seq_cst)) {
        detail::futex_wake(watching_, 1);
    }
}

} // namespace twill::sched
