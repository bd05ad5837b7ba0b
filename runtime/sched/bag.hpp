// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/counted_lock.hpp"
#include "sched/levels.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/group.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::sched {

using detail::group_task;

struct group;
struct thread_record;

/// Where a task is to be put: a level, and the share of places whose threads it is for first, by
/// its number, or -1. One word, and that of a normal task for everybody is that of its level.
struct put_where {
    std::uint32_t bits;

    static constexpr put_where make(std::uint32_t level, std::int32_t share) noexcept {
        return {static_cast<std::uint32_t>(share + 1) << 8 | level};
    }
    [[nodiscard]] constexpr std::uint32_t level() const noexcept { return bits & 0xff; }
    [[nodiscard]] constexpr std::int32_t share() const noexcept {
        return static_cast<std::int32_t>(bits >> 8) - 1;
    }
    /// Not into the bag of whoever puts it in.
    [[nodiscard]] constexpr bool is_apart() const noexcept { return bits != normal_level; }
};

/// What a bag's newest chunk holds: version 16 | begin 24 | count 24, from the high end. `begin +
/// count` is its owner's alone. The version changes when tasks go to or come from older chunks.
struct bag_word {
    std::uint64_t bits;

    static constexpr std::uint32_t field_mask = (1u << 24) - 1;

    static constexpr bag_word make(std::uint32_t version, std::uint32_t begin,
                                   std::uint32_t count) noexcept {
        return {std::uint64_t{version & 0xffff} << 48 | std::uint64_t{begin} << 24 | count};
    }
    [[nodiscard]] constexpr std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(bits) & field_mask;
    }
    [[nodiscard]] constexpr std::uint32_t begin() const noexcept {
        return static_cast<std::uint32_t>(bits >> 24) & field_mask;
    }
    [[nodiscard]] constexpr std::uint32_t version() const noexcept {
        return static_cast<std::uint32_t>(bits >> 48);
    }
};

/// Tasks of one group that nobody has begun, put in by one thread, its owner, which takes the
/// newest; others take the oldest. The owner works on the newest chunk with one atomic operation a
/// task; the lock guards the chunks themselves and lets one thief in at a time.
class bag {
public:
    explicit bag(group* whose, std::uint32_t on_level = normal_level,
                 std::int16_t for_share = -1) noexcept
        : of(whose), level(on_level), share(for_share),
          one_by_one(on_level != normal_level || for_share >= 0) {
        newest_ = &first_.head; // not before `first_` is made
    }
    bag(const bag&) = delete;
    bag& operator=(const bag&) = delete;
    ~bag();

    /// Whether somebody may find a task here. Never false while there is one that was put in before
    /// the call and that nobody takes. seq_cst: who puts a task in and then looks elsewhere,
    /// against who writes there and then looks here.
    [[nodiscard]] bool has_tasks() const noexcept;

    /// Perhaps more than one.
    [[nodiscard]] bool has_several() const noexcept {
        return bag_word{word_.load(detail::relaxed)}.count() + lock_.count() > 1;
    }

    // --- the owner

    /// What put() did: the bag had tasks, was empty, or the task is not in for lack of memory.
    enum class put_result : std::uint8_t { behind_others, alone, no_memory };
    [[nodiscard]] put_result put(detail::group_act act, const std::uint64_t* closure,
                                 std::size_t words) noexcept {
        if (end_ == capacity_ && !grow()) {
            return put_result::no_memory;
        }
        group_task& task = newest_->tasks()[end_++];
        task.act = act;
        std::size_t k = 0;
        do {
            task.closure[k] = closure[k];
        } while (++k < words);
        // seq_cst, with release in it: a thief that acquires the word finds the task
        const bag_word before{word_.fetch_add(1, detail::seq_cst)};
        return before.count() == 0 && lock_.count() == 0 ? put_result::alone
                                                         : put_result::behind_others;
    }

    /// The newest task, whose memory is the bag's until the next put(); null if there is none.
    [[nodiscard]] group_task* take_newest() noexcept {
        do {
            std::uint64_t seen = word_.load(detail::relaxed);
            while (bag_word{seen}.count() > 0) {
                // seq_cst: one order with the thief's, and as in has_tasks()
                if (word_.compare_exchange_weak(seen, seen - 1, detail::seq_cst, detail::relaxed)) {
                    return newest_->tasks() + --end_;
                }
            }
        } while (retreat());
        return nullptr;
    }

    /// How many tasks can be put in without memory, up to `wanted`.
    [[nodiscard]] std::uint32_t make_room(std::uint32_t wanted) noexcept;

    // --- anybody

    /// Takes half of the tasks, the oldest ones, `most` at the most; returns how many.
    [[nodiscard]] std::uint32_t take_oldest(group_task* into, std::uint32_t most) noexcept;

    /// Gives back memory that is kept for the next tasks. `by_owner`: nobody puts one in.
    void trim(bool by_owner) noexcept;

    /// Threads outside share a bag, but for the first, and all threads those of the levels above
    /// and below the normal one and those of nodes: each puts its tasks in under this lock, and
    /// none takes the newest.
    counted_lock& sharing() noexcept { return sharing_; }

    // Of the list that thieves walk (bags.cpp); under its lock, but for looks at `listed`.
    enum place_in_list : std::uint32_t { not_listed, is_listed, being_taken_out };
    alignas(64) group* const of;
    const std::uint32_t level;
    const std::int16_t share; ///< of the places whose threads it is meant for first, or -1
    const bool one_by_one;    ///< nobody takes more than one at a time
    detail::atomic<thread_record*> home{nullptr};
    bag* next = nullptr;
    bag* previous = nullptr;
    detail::atomic<std::uint32_t> listed{not_listed};

private:
    /// A piece of the queue: its tasks follow it.
    struct alignas(alignof(group_task)) chunk {
        chunk* older;
        chunk* newer;
        std::uint32_t capacity;
        std::uint32_t begin; ///< of a chunk that is not the newest
        std::uint32_t end;
        [[nodiscard]] group_task* tasks() noexcept {
            return reinterpret_cast<group_task*>(this + 1); // NOLINT: a chunk has its alignment
        }
    };

    static constexpr std::uint32_t first_capacity = 2;

    static chunk* make_chunk(std::uint32_t capacity, bool huge) noexcept;
    static void free_chunk(chunk* one) noexcept;
    void release(chunk* one) noexcept;
    void begin_in(chunk* to) noexcept;
    chunk* larger_chunk(std::uint32_t tasks) noexcept;
    bool grow() noexcept;
    bool retreat() noexcept;

    /// Of the newest chunk. seq_cst: as in has_tasks().
    alignas(64) detail::atomic<std::uint64_t> word_{0};
    // The owner's; `newest_` changes under the lock.
    std::uint32_t end_ = 0;
    std::uint32_t capacity_ = first_capacity;
    chunk* newest_ = nullptr; // never after the constructor
    counted_lock sharing_;
    /// Guards the chunks; its count is the number of tasks in older chunks.
    alignas(64) counted_lock lock_;
    chunk* oldest_ = nullptr; // of the older ones; null: there are none
    detail::atomic<chunk*> spare_{nullptr};
    // The first few tasks need no other memory.
    struct {
        chunk head{nullptr, nullptr, first_capacity, 0, 0};
        group_task tasks[first_capacity];
    } first_;
};

} // namespace twill::sched
