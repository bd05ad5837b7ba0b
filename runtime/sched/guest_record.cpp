// SPDX-License-Identifier: Apache-2.0
#include "sched/guest_record.hpp"

#include "os/kept_errno.hpp"
#include "os/stack.hpp"
#include "sched/check.hpp"
#include "sched/lifetime.hpp"

#include <mutex>
#include <type_traits>
#include <utility>

namespace twill::sched {

namespace {

/// How much of a stack is kept for what runs below the last poll: signal handlers, the runtime
/// itself, and serial code at the leaves.
constexpr std::size_t overflow_margin = std::size_t{64} << 10;

// No thread can reach the hot state of this one through the record any more.
void let_go(thread_record& record) noexcept {
    hide_hot_state(record);
    record.account.detach();
}

void forget_guest(thread_record& record) noexcept {
    let_go(record);
    record.owner.free_guests().put(record);
}

/// The records that a thread keeps, none of them in use. `others` are of runtimes that may end
/// before the thread does: those lists are linked, and under `lock`.
struct guest_slot {
    thread_record* of_default = nullptr;
    thread_record* others = nullptr;
    guest_slot* next = nullptr;
    guest_slot* previous = nullptr;
    bool linked = false;
    bool knows_stack = false;
    ~guest_slot();
};
thread_local guest_slot slot;

// Never destroyed: threads may end after main() has. And never made, which might find no memory.
struct all_slots {
    std::mutex lock;
    guest_slot* first = nullptr;
};
static_assert(std::is_trivially_destructible_v<all_slots>);
constinit all_slots every_slot;
all_slots& slots() noexcept { return every_slot; }

guest_slot::~guest_slot() {
    detail::hot().ending = true;
    if (knows_stack) {
        os::unregister_overflow_stack();
    }
    if (of_default != nullptr) {
        forget_guest(*of_default);
        of_default = nullptr;
    }
    if (linked) {
        const std::lock_guard locked(slots().lock);
        while (others != nullptr) {
            forget_guest(*std::exchange(others, others->next_free));
        }
        (previous == nullptr ? slots().first : previous->next) = next;
        if (next != nullptr) {
            next->previous = previous;
        }
        linked = false;
    }
}

thread_record* kept_record(scheduler& of, bool is_default) noexcept {
    if (is_default) {
        return std::exchange(slot.of_default, nullptr);
    }
    if (!slot.linked) {
        return nullptr;
    }
    const std::lock_guard locked(slots().lock);
    for (thread_record** at = &slot.others; *at != nullptr; at = &(*at)->next_free) {
        if (&(*at)->owner == &of) {
            return std::exchange(*at, (*at)->next_free);
        }
    }
    return nullptr;
}

/// One that nobody uses; null without memory, or where there are too many threads.
thread_record* fresh_record(scheduler& of) noexcept {
    thread_record* const free = of.free_guests().take();
    return free != nullptr ? free : of.table().add(of, true);
}

void bind_guest(thread_record& record) noexcept {
    detail::hot_state& hot = detail::hot();
    bind_stack(record);
    record.account.attach(record.owner.load_source(), load_model::thread_account::role::guest,
                          record.id);
    record.waiting.belongs_to_caller();
    // seq_cst: as in hide_hot_state()
    record.hot.store(&hot, detail::seq_cst);
    if (!hot.ending && !slot.knows_stack && hot.outer == nullptr) {
        // Serial code in a task of this thread polls nothing: there only the guard tells.
        slot.knows_stack = os::register_overflow_stack(&running_place);
    }
}

} // namespace

void bind_stack(thread_record& record) noexcept {
    detail::hot_state& hot = detail::hot();
    if (hot.stack_high == 0) {
        const os::stack_bounds bounds = os::current_stack();
        hot.stack_low = bounds.low;
        hot.stack_high = bounds.high;
    }
    record.stack = {hot.stack_low, hot.stack_high};
    const std::size_t eighth = record.stack.size() / 8;
    record.overflow_limit =
        record.stack.low + (eighth < overflow_margin ? eighth : overflow_margin);
}

thread_record& guest_record(scheduler& of) noexcept {
    if (!detail::hot().ending) {
        if (thread_record* const kept = kept_record(of, &of == running_default_scheduler());
            kept != nullptr) {
            return *kept;
        }
    }
    thread_record* const record = fresh_record(of);
    if (record == nullptr) {
        static_assert(thread_table::threads_max == 16384);
        end_program(of.table().size() < thread_table::threads_max
                        ? no_memory_to_enter
                        : "more than 16384 threads use the runtime at the same time");
    }
    bind_guest(*record);
    return *record;
}

thread_record* kept_guest_record(scheduler& of_default) noexcept {
    if (slot.of_default == nullptr && !detail::hot().ending) {
        const os::kept_errno kept;
        slot.of_default = fresh_record(of_default);
        if (slot.of_default != nullptr) {
            bind_guest(*slot.of_default);
        }
    }
    return slot.of_default;
}

void guest_left(thread_record& record) noexcept {
    if (detail::hot().ending) {
        forget_guest(record);
        return;
    }
    if (&record.owner == running_default_scheduler()) {
        // The one of the outermost verb stays, whatever its sections have used.
        if (thread_record* const other = std::exchange(slot.of_default, &record);
            other != nullptr) {
            forget_guest(*other);
        }
        return;
    }
    const std::lock_guard locked(slots().lock);
    if (!slot.linked) {
        slot.next = slots().first;
        slot.previous = nullptr;
        if (slot.next != nullptr) {
            slot.next->previous = &slot;
        }
        slots().first = &slot;
        slot.linked = true;
    }
    record.next_free = slot.others;
    slot.others = &record;
}

void forget_guests_of(scheduler& of) noexcept {
    const std::lock_guard locked(slots().lock);
    for (guest_slot* one = slots().first; one != nullptr; one = one->next) {
        for (thread_record** at = &one->others; *at != nullptr;) {
            if (&(*at)->owner == &of) {
                let_go(*std::exchange(*at, (*at)->next_free));
            } else {
                at = &(*at)->next_free;
            }
        }
    }
}

void forget_guest_records_after_fork() noexcept {
    new (&slots().lock) std::mutex;
    slots().first = nullptr;
    slot.of_default = nullptr;
    slot.others = nullptr;
    slot.linked = false;
}

} // namespace twill::sched
