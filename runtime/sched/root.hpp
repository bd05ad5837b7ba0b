// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/kind_scopes.hpp"
#include "load/region_table.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"
#include "trace/event.hpp"

namespace twill::sched {

/// Why a root begins, and whose it was.
struct taken_how {
    trace::root_why why;
    std::uint32_t victim;
};

/// Runs `body` with an empty list, as what this thread began by itself.
template <class Body>
void scheduler::run_root(thread_record& self, taken_how how, load_model::root_origin from,
                         Body body) noexcept {
    const load_model::root_scope around(self.account, from);
    detail::hot_state& hot = detail::hot();
    job* const tail = hot.tail;
    hot.tail = nullptr;
    detail::view_map* const outer_views = views::begin_strand();
    self.polls_to_skip = 0; // how small the forks of the last root were tells nothing
    follow_recording(self);
    const trace::thread_recorder::root outer_root =
        self.recorder.begin_root(how.why, {how.victim, self.epoch},
                                 {from.kind, from.region == nullptr ? 0 : from.region->number + 1});
    self.account.enter(load_model::activity::useful, detail::ticks());
    body();
    check_not_forked(self);
    self.recorder.leave_root(outer_root);
    self.account.enter(load_model::activity::dispatch, detail::ticks());
    TWILL_CHECK(hot.tail == nullptr && hot.views == nullptr); // `body` has passed them on
    hot.tail = tail;
    hot.views = outer_views;
}

} // namespace twill::sched
