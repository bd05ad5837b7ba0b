// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/counted_lock.hpp"
#include "twill/detail/group.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::sched {

using detail::group_task;

struct group;
struct thread_record;

/// Tasks of one group that nobody has begun, put in by one thread (or by those that share the bag).
/// That thread takes the newest, others take the oldest. Under its lock everything is plain; the
/// lock's count is the number of tasks.
class bag {
public:
    bag() noexcept = default;
    bag(const bag&) = delete;
    bag& operator=(const bag&) = delete;
    ~bag();

    [[nodiscard]] std::uint32_t count() const noexcept { return lock_.count(); }

    /// How many tasks there were before; `no_memory`: the task is not in.
    static constexpr std::uint32_t no_memory = ~0u;
    [[nodiscard]] std::uint32_t put(const group_task& task) noexcept;

    /// False if the bag is empty.
    [[nodiscard]] bool take_newest(group_task& into) noexcept;

    struct taken {
        bool found = false;       ///< there was a task, and the caller has it
        std::uint32_t moved = 0;  ///< so many more have gone from the other bag to this one,
        std::uint32_t before = 0; ///< which had as many
    };
    /// Takes the oldest half of another bag's tasks, `most` at the most: one for the caller, the
    /// others into this bag, as far as there is memory.
    [[nodiscard]] taken take_oldest_of(bag& from, group_task& into, std::uint32_t most) noexcept;

    /// Gives memory back that is kept for the next tasks.
    void trim() noexcept;

    // Of the list that thieves walk (bags.cpp); under its lock, but for looks at `listed`.
    enum place_in_list : std::uint32_t { not_listed, is_listed, being_taken_out };
    group* of = nullptr;
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
        [[nodiscard]] group_task* tasks() noexcept {
            return reinterpret_cast<group_task*>(this + 1); // NOLINT: a chunk has its alignment
        }
    };

    static constexpr std::uint32_t first_capacity = 2;

    static chunk* make_chunk(std::uint32_t capacity) noexcept;
    static void free_chunk(chunk* one) noexcept;
    void release(chunk* one) noexcept;
    bool grow(std::uint32_t wanted) noexcept;
    void drop_newest() noexcept;
    void remove_oldest(group_task& into, std::uint32_t before) noexcept;

    counted_lock lock_;
    std::uint32_t begin_ = 0; // in the oldest chunk
    std::uint32_t end_ = 0;   // in the newest chunk
    chunk* oldest_ = nullptr;
    chunk* newest_ = nullptr;
    detail::atomic<chunk*> spare_{nullptr};
    // The first few tasks need no other memory.
    struct {
        chunk head{nullptr, nullptr, first_capacity};
        group_task tasks[first_capacity];
    } first_;
};

} // namespace twill::sched
