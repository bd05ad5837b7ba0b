// SPDX-License-Identifier: Apache-2.0
#include "sched/guest_record.hpp"

#include "os/stack.hpp"
#include "sched/lifetime.hpp"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace twill::sched {

namespace {

/// How much of a stack is kept for what runs below the last poll: signal handlers, the runtime
/// itself, and serial code at the leaves.
constexpr std::size_t overflow_margin = std::size_t{64} << 10;

// Records of guests that have ended wait here for the next one. Never destroyed: threads may end
// after main() has.
struct free_records {
    std::mutex lock;
    std::vector<thread_record*> records;
};
free_records& pool() {
    static auto* one = new free_records; // NOLINT: see above
    return *one;
}

// No thread can reach the hot state of this one through the record any more.
void forget_guest(thread_record& record) noexcept {
    // seq_cst: clear and look against ring and look in scheduler::ask()
    record.hot.store(nullptr, detail::seq_cst);
    while (record.ringing.load(detail::seq_cst) != 0) {
        detail::yield_slice();
    }
    record.account.detach();
    const std::lock_guard lock(pool().lock);
    pool().records.push_back(&record);
}

struct guest_slot {
    thread_record* record = nullptr;
    ~guest_slot() {
        detail::hot().ending = true;
        if (record != nullptr) {
            os::unregister_overflow_stack();
            forget_guest(*record);
            record = nullptr;
        }
    }
};
thread_local guest_slot slot;

thread_record* reuse_record(const scheduler& of) {
    const std::lock_guard lock(pool().lock);
    auto& records = pool().records;
    while (!records.empty()) {
        thread_record* last = records.back();
        records.pop_back();
        if (&last->owner == &of) { // else it was the parent's, before a fork
            return last;
        }
    }
    return nullptr;
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

thread_record& guest_record() {
    detail::hot_state& hot = detail::hot();
    if (!hot.ending && slot.record != nullptr) {
        return *slot.record;
    }
    scheduler& of = default_scheduler();
    thread_record* record = reuse_record(of);
    if (record == nullptr) {
        record = of.table().add(of, true);
    }
    if (record == nullptr) {
        std::fprintf(stderr, "twill: more than %u threads use the runtime at the same time\n",
                     thread_table::threads_max);
        std::abort();
    }
    bind_stack(*record);
    record->account.attach(of.load_source(), load_model::thread_account::role::guest);
    // seq_cst: as in forget_guest()
    record->hot.store(&hot, detail::seq_cst);
    if (!hot.ending) {
        slot.record = record;
        // Serial code in a task of this thread polls nothing: there only the guard tells.
        os::register_overflow_stack(&running_place);
    }
    return *record;
}

void guest_left(thread_record& record) noexcept {
    if (detail::hot().ending) {
        forget_guest(record);
    }
}

void forget_guest_records_after_fork() noexcept {
    slot.record = nullptr;
    new (&pool().lock) std::mutex;
    pool().records.clear();
}

} // namespace twill::sched
