// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/thread_account.hpp"
#include "sched/group.hpp"
#include "sched/mailbox.hpp"
#include "twill/detail/placement.hpp"

#include <cstdint>

namespace twill::sched {

class scheduler;
struct thread_record;

/// The side of a scheduler that has to do with what is meant for the threads of one node first:
/// submissions and tasks of groups with twill::at or twill::near. A node is named by the number of
/// its share of the places. README.md of this folder, number 19.
class hinting {
public:
    explicit hinting(scheduler& of) noexcept;

    /// Whom a submission or a task with this hint is for; -1 for everybody: it leads nowhere, no
    /// place is there, there is one node, or nothing is known yet.
    [[nodiscard]] std::int32_t share_for(const detail::place_hint& hint) const noexcept;

    /// The share that the calling thread's place is in, or -1.
    [[nodiscard]] std::int32_t own_share() const noexcept;

    // `share` is one, throughout.

    void submit(submission& one, std::int32_t share) const noexcept; // submit.cpp

    /// Stands for all that has put tasks for a share into groups: these are found there. Null
    /// without memory.
    [[nodiscard]] thread_record* home_of(std::int32_t share) const noexcept;

    /// As scheduler::announce(), of a bag that such a task has been put into.
    void announce(thread_record& self, group& g, bag& into, bag::put_result put,
                  std::int32_t share) const noexcept;

    /// A searcher runs a task that is meant for its share. False: there was none.
    bool run_task(thread_record& self, std::int32_t share) const noexcept;

    /// The calling thread, `self`, begins something that was meant for a share.
    static void count(thread_record& self, std::int32_t share) noexcept;

private:
    void wake(load_model::thread_account& counts, std::int32_t share) const noexcept;

    scheduler& of_;
    known_places* known_;
};

} // namespace twill::sched
