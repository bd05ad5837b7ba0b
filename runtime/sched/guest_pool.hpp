// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/counted_lock.hpp"
#include "sched/thread_record.hpp"

namespace twill::sched {

/// Records of guests whose threads have ended, for the next ones.
class guest_pool {
public:
    void put(thread_record& one) noexcept {
        const locked_scope locked(lock_);
        one.next_free = first_;
        first_ = &one;
    }
    /// Null if there is none.
    [[nodiscard]] thread_record* take() noexcept {
        const locked_scope locked(lock_);
        thread_record* const one = first_;
        if (one != nullptr) {
            first_ = one->next_free;
        }
        return one;
    }

private:
    counted_lock lock_;
    thread_record* first_ = nullptr;
};

} // namespace twill::sched
