// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/thread_account.hpp"
#include "os/stack.hpp"
#include "sched/check.hpp"
#include "sched/counted_lock.hpp"
#include "sched/deque.hpp"
#include "sched/levels.hpp"
#include "sched/waiting.hpp"
#include "topology/affinity.hpp"
#include "trace/thread_recorder.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/job.hpp"

#include <cstdint>
#include <pthread.h>
#include <vector>

namespace twill::sched {

class bag;
class scheduler;
struct running_task;

/// What others can ask of a running thread.
enum request : std::uint32_t {
    /// Somebody is idle: publish.
    want_work = 1,
    /// A place has a free number: a thread over the limit takes it.
    adopt_number_request = 2,
    /// Its events are to be recorded from now on, or not any more: it looks which.
    look_at_recording = 4,
    /// There are seats now: it takes that of its place. Or whether threads are kept to their places
    /// has changed: it sees to its mask.
    take_a_seat = 8
};

/// Of a guest: outside, inside, inside while shut_down() waits for it to leave.
enum presence_of_guest : std::uint32_t { absent, present, awaited };

/// Why a thread is woken.
enum class call : std::uint32_t {
    /// A place has been taken on its behalf.
    to_work = 1,
    /// The scheduler shuts down.
    to_end = 2,
    /// What it waited for without a place is done, and it has none now.
    to_return = 3,
    /// One place may be held, and somebody has to look whether it may be more.
    to_watch = 4,
    /// Somebody has to find out where the places are.
    to_learn = 5
};

/// Whom a blocked join waits for: {thief + 1, its epoch}; 0 for nobody.
struct helped {
    std::uint64_t bits;
    static constexpr helped make(std::uint32_t thief, std::uint32_t epoch) noexcept {
        return {std::uint64_t{thief + 1} << 32 | epoch};
    }
    [[nodiscard]] constexpr bool nobody() const noexcept { return bits == 0; }
    [[nodiscard]] constexpr std::uint32_t thief() const noexcept {
        return static_cast<std::uint32_t>(bits >> 32) - 1;
    }
    [[nodiscard]] constexpr std::uint32_t epoch() const noexcept {
        return static_cast<std::uint32_t>(bits);
    }
};

// What says how a job is run is of no use once it has ended: whoever ran it leaves its name there,
// before the release of the end, and the join of a recorded fork reads it.
inline void note_runner(detail::job& ended, helped by) noexcept {
    ended.run = reinterpret_cast<void (*)(detail::job*) noexcept>(by.bits);
}
inline helped runner_of(const detail::job& ended) noexcept {
    return {reinterpret_cast<std::uint64_t>(ended.run)};
}
/// A private job that is marked, and the frame of the kind that has forked it or is around that
/// one.
struct sentinel {
    job* one;
    const detail::kind_frame* kind;
};

/// The cold part of a thread. Records are never freed while their scheduler lives: thieves read
/// words of threads that have ended.
struct alignas(128) thread_record {
    thread_record(scheduler& in, std::uint32_t number, bool is_guest) noexcept
        : owner(in), id(number), guest(is_guest), random(0x9e3779b97f4a7c15u * (number + 1)) {}

    /// What thieves touch.
    public_deque deque;

    /// What askers and leapfroggers touch.
    alignas(128) detail::atomic<std::uint32_t> requests{0};
    /// Threads that are about to raise this one's limit; see request.cpp.
    detail::atomic<std::uint32_t> ringing{0};
    detail::atomic<detail::hot_state*> hot{nullptr};
    detail::atomic<std::uint64_t> helping{0};

    /// What wakers touch: 0 while the thread sleeps or is about to, else why it is woken.
    alignas(128) detail::atomic<std::uint32_t> wake_word{0};
    detail::atomic<std::uint32_t> next_spare{0};
    detail::atomic<std::uint64_t> woken_at{0};
    detail::atomic<std::int32_t> waker_place{0};
    /// The CPU of a waker that goes on, or -1; and the mask that it has narrowed. See park.cpp.
    detail::atomic<std::int32_t> waker_cpu{-1};
    topology::narrowed_mask mask;
    /// Of a guest: is it inside a verb, or does it wait to be? See shutdown.cpp.
    detail::atomic<std::uint32_t> presence{0};
    /// Threads that sleep for a group; under its lock.
    thread_record* next_sleeper = nullptr;
    /// Guests that wait for a place; under the inbox's lock.
    detail::atomic<thread_record*> next_ticket{nullptr};
    bool needs_no_place = false;
    /// Sleeps for a group and has a ticket, so that it gets a place before: under the group's lock.
    bool has_ticket = false;
    /// For the watchdog.
    wait_note waiting;

    /// The bags that thieves find here, of each level oldest first; the lock's count is their
    /// number.
    struct bag_list {
        bag* first = nullptr;
        bag* last = nullptr;
    };
    alignas(128) counted_lock bags_lock;
    bag_list bags[level_count];
    /// While the thread is in a wait that is no join, and its private jobs did not all fit into its
    /// deque: set, and thieves publish what is left, from `rest_newest` on. See blocking.cpp.
    counted_lock rest_lock;
    detail::atomic<std::uint32_t> rest{0};
    job* rest_newest = nullptr;

    /// What only the thread itself touches.
    alignas(128) scheduler& owner;
    std::uint32_t id;
    bool guest;
    /// The process has forked in a task of this thread, and this is the child: the runtime's other
    /// threads are not here.
    bool abandoned = false;
    /// Has a place but no number of its own.
    bool over = false;
    /// Holds a place and counts as a searcher when it starts; see worker.cpp.
    bool starts_awake = false;
    /// shut_down() waits for the end of `handle`.
    bool joinable = false;
    pthread_t handle{};
    std::uint32_t epoch = 0;
    /// Parts of placed loops that it has left to other nodes since it ran one.
    std::uint32_t offers = 0;
    std::uint32_t last_epoch = 0;
    std::uint64_t random;
    /// The record of the same thread that is in a blocking section around this guest's verb.
    thread_record* outer = nullptr;
    /// In a blocking section: the newest job of the list that waits.
    job* blocked_tail = nullptr;
    std::int32_t blocked_place = -1;
    /// The place that was held last.
    std::int32_t last_place = 0;
    /// The place that it sits on, or -1. Its own thread writes it.
    detail::atomic<std::int32_t> seat{-1};
    /// The place that it sat on last, or -1.
    std::int32_t home = -1;
    /// Its next search looks at each bit.
    bool looks_closely = false;
    /// The CPUs that its mask was set to, by the domain of topology::pinning; -1: never.
    detail::atomic<std::int32_t> pinned{-1};
    running_task* innermost = nullptr;
    /// Of its searches, where there are bags of other levels than the normal one.
    turns levels;
    thread_record* next_free = nullptr;
    /// The poll's back-off; see publish.cpp.
    std::uint32_t unstolen_streak = 0;
    std::uint32_t polls_to_skip = 0;
    std::uint32_t published_tail = 0;
    std::uint64_t published_at = 0;
    /// How long loops have run alone for want of somebody awake, and when that was last added to;
    /// see publish.cpp.
    std::uint64_t alone_for = 0;
    std::uint64_t alone_at = 0;
    /// Sentinels of a long private list, oldest first; those before `first_sentinel` are public.
    std::vector<sentinel> sentinels;
    std::size_t first_sentinel = 0;
    std::uintptr_t overflow_limit = 0;
    os::stack_bounds stack{};
    load_model::thread_account account;
    /// Its ring is emptied by another thread.
    trace::thread_recorder recorder;

    [[nodiscard]] std::uint64_t next_random() noexcept {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return random;
    }

    /// An epoch that no root of this thread had for the last 2^28 of them.
    [[nodiscard]] std::uint32_t fresh_epoch() noexcept {
        last_epoch = (last_epoch + 1) & deque_word::epoch_mask;
        return last_epoch;
    }

    void begin_root(std::uint32_t with) noexcept {
        epoch = with;
        deque.begin_root(with);
    }

    /// Something of this thread may be there for thieves. seq_cst: as the bits of the table.
    [[nodiscard]] bool may_be_public() const noexcept {
        return deque.read(detail::seq_cst).count() != 0 || bags_lock.count() != 0 ||
               rest.load(detail::seq_cst) != 0;
    }

    [[nodiscard]] bool has_sentinels() const noexcept { return first_sentinel < sentinels.size(); }
};

/// From here on nobody else touches the hot state of the record's thread, which may end.
inline void hide_hot_state(thread_record& record) noexcept {
    // seq_cst: clear and look against ring and look in scheduler::ask()
    record.hot.store(nullptr, detail::seq_cst);
    while (record.ringing.load(detail::seq_cst) != 0) {
        detail::yield_slice();
    }
}

/// Ends the program with a line if the thread's task has forked, and this is the child.
inline void check_not_forked(const thread_record& self) noexcept {
    if (__builtin_expect(self.abandoned, 0)) {
        end_program("a task has called fork(), and the child goes on with the task: there the "
                    "runtime's threads are missing; call exec or _exit in the child");
    }
}

} // namespace twill::sched
