// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"
#include "twill/detail/hot_state.hpp"

namespace twill::sched {

/// The record of the calling thread in the runtime that it runs a task of, or null.
inline thread_record* running_record() noexcept {
    return static_cast<thread_record*>(detail::hot().thread);
}

/// The same if that runtime is `of`, else null.
inline thread_record* running_record(const scheduler& of) noexcept {
    thread_record* const self = running_record();
    return self != nullptr && &self->owner == &of ? self : nullptr;
}

/// The record of the innermost task that the calling thread is in, be it in a blocking section of
/// it, or null: the one whose runtime is the thread's.
inline thread_record* innermost_record() noexcept {
    const detail::hot_state& hot = detail::hot();
    return static_cast<thread_record*>(hot.thread != nullptr ? hot.thread : hot.outer);
}

/// The two halves of `away`, for where they are in two places.
inline bool step_away(thread_record& from) noexcept {
    const bool gave_place_up = from.owner.begin_blocking(from);
    if (!gave_place_up) {
        scheduler::step_out(from); // with its place: too many are away
    }
    return gave_place_up;
}
inline void step_back(thread_record& from, bool gave_place_up) noexcept {
    gave_place_up ? from.owner.end_blocking(from) : scheduler::step_in(from);
}

/// Leaves the task that the calling thread is in, if any, for as long as this lives: in order to
/// enter another runtime, or to wait for one.
class away {
public:
    away() noexcept : from_(running_record()) {
        if (from_ != nullptr) {
            gave_place_up_ = step_away(*from_);
        }
    }
    ~away() {
        if (from_ != nullptr) {
            step_back(*from_, gave_place_up_);
        }
    }
    away(const away&) = delete;
    away& operator=(const away&) = delete;

private:
    thread_record* from_;
    bool gave_place_up_ = false;
};

/// Calls `visit(record)` for each record of the calling thread that is in a task, innermost first,
/// until one returns true.
template <class Visit>
bool any_running_record(Visit visit) {
    for (thread_record* one = innermost_record(); one != nullptr; one = one->outer) {
        if (visit(*one)) {
            return true;
        }
    }
    return false;
}

/// Whether the calling thread is in a task of the group at this address.
inline bool in_task_of(const void* group_address) noexcept {
    return any_running_record([group_address](const thread_record& record) {
        for (const running_task* task = record.innermost; task != nullptr; task = task->outer) {
            if (task->of == group_address) {
                return true;
            }
        }
        return false;
    });
}

} // namespace twill::sched
