// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"

#include "os/thread.hpp"

#include <limits>

namespace twill::sched {

namespace {

constexpr int everybody = std::numeric_limits<int>::max();

} // namespace

// 1. Every guest that is inside leaves; one with a ticket gets its place first, as always. From
// then
//    on there is no root, and every thread becomes a spare within its idle spin.
// 2. The end is announced, and all spares are released. Whoever becomes a spare later sees the
//    announcement and does the same.
// 3. A thread that is released ends only when all have been: until then one that still searches may
//    raise the limit of one that it saw running.
// 4. Threads that are joinable are joined: none is left, the operating system's part included.
void scheduler::shut_down() noexcept {
    run_all_submissions();
    const std::uint32_t count = table_.size();
    for (std::uint32_t id = 0; id < count; ++id) {
        detail::atomic<std::uint32_t>& presence = table_[id].presence;
        // acquire: pairs with the release in leave()
        std::uint32_t seen = presence.load(detail::acquire);
        while (seen != absent) {
            if (seen == awaited ||
                presence.compare_exchange_strong(seen, awaited, detail::acquire, detail::acquire)) {
                detail::futex_wait(presence, awaited);
                seen = presence.load(detail::acquire);
            }
        }
    }
    // seq_cst: written, then the spares are looked at; see sleep_as_spare()
    ending_.store(1, detail::seq_cst);
    release_spares();
    call_watcher();
    // acquire: pairs with the release in end_thread(). Nobody creates a thread once all are gone.
    for (;;) {
        const std::uint32_t gone = gone_.load(detail::acquire);
        if (gone == threads_.load(detail::acquire)) {
            break;
        }
        detail::futex_wait(gone_, gone);
    }
    const std::uint32_t made = table_.size();
    for (std::uint32_t id = 0; id < made; ++id) {
        if (thread_record& one = table_[id]; one.joinable) {
            os::join_thread(one.handle);
            one.joinable = false;
        }
    }
}

void scheduler::release_spares() noexcept {
    while (thread_record* spare = seats_.pop_spare()) {
        wake(*spare, call::to_end);
    }
}

// The count of those that leave reaches the number of threads only when all of them are here: a
// thread that might create another one is not.
void scheduler::end_thread(thread_record& self) noexcept {
    // acq_rel: what any of them did to this thread's hot state comes before its end
    std::uint32_t leaving = leaving_.fetch_add(1, detail::acq_rel) + 1;
    if (leaving == threads_.load(detail::acquire)) {
        detail::futex_wake(leaving_, everybody);
    }
    while (leaving != threads_.load(detail::acquire)) {
        detail::futex_wait(leaving_, leaving);
        leaving = leaving_.load(detail::acquire);
    }
    if (options_.thread_stops != nullptr) {
        options_.thread_stops(options_.context);
    }
    unbind(self);
    // release: the last touch but for the address below, which the kernel may look up in vain;
    // pairs with the acquire in shut_down()
    gone_.fetch_add(1, detail::release);
    detail::futex_wake(gone_, everybody);
}

} // namespace twill::sched
