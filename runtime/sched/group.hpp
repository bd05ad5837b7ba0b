// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/bag.hpp"
#include "sched/counted_lock.hpp"
#include "sched/sized.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/group.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/views.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>

namespace twill::sched {

class scheduler;

/// Who works for a group: threads that run its tasks or are about to take one (`active`), and
/// threads that sleep until it is done (`sleepers`). `version` counts the threads that came.
struct group_word {
    std::uint64_t bits;

    static constexpr std::uint64_t one_active = 1;
    static constexpr std::uint64_t one_sleeper = std::uint64_t{1} << 20;
    static constexpr std::uint64_t one_version = std::uint64_t{1} << 40;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << 20) - 1;

    [[nodiscard]] constexpr std::uint64_t active() const noexcept { return bits & count_mask; }
    [[nodiscard]] constexpr std::uint64_t sleepers() const noexcept {
        return bits >> 20 & count_mask;
    }
    [[nodiscard]] constexpr std::uint64_t version() const noexcept { return bits >> 40; }
};

/// The inside of a task_group. README.md of this folder has its protocol, number 12.
struct group {
    explicit group(std::size_t most) noexcept;
    ~group();
    group(const group&) = delete;
    group& operator=(const group&) = delete;

    // What others change.
    detail::atomic<std::uint64_t> word{0};
    /// Guards what follows, and the change from sleepers to none.
    counted_lock lock;
    thread_record* sleeping = nullptr;
    detail::stop_probe* probes = nullptr;
    std::exception_ptr failure;
    /// A thread has slept for it once, or was about to: who saw that may still hold the lock.
    detail::atomic<std::uint32_t> slept{0};
    /// A task has been dropped.
    detail::atomic<std::uint32_t> dropped{0};
    /// What reducers got by tasks on other threads than those that wait, for the next wait.
    detail::atomic<detail::view_map*> views{nullptr};
    /// Of a limited group: how many tasks are pending.
    detail::atomic<std::uint64_t> pending{0};

    // What all look at.
    alignas(64) std::uint64_t limit;
    /// Whose tasks they are; null: the default runtime's, which has not been asked for yet.
    detail::atomic<scheduler*> owner{nullptr};
    /// What whoever takes a task looks at first. `dropping`: tasks that have not begun are dropped,
    /// because one has thrown or a wait was stopped; `probed`: there are probes.
    enum flag : std::uint32_t { dropping = 1, probed = 2 };
    detail::atomic<std::uint32_t> flags{0};
    /// fork_generation() when it was made: in the child of a fork it begins afresh.
    std::uint32_t generation = 0;
    /// Has had a task.
    detail::atomic<std::uint32_t> used{0};
    int exceptions_at_start;
    /// The thread outside that has the first bag for itself, by the address of its hot state; null
    /// if that is a thread of the runtime, or nobody. A thread that ends and another one at the
    /// same address come one after the other.
    detail::atomic<const void*> producer{nullptr};

    /// Bags beside the first, one a thread; made when a second thread puts a task in, or takes
    /// several out.
    static constexpr std::uint32_t bags_in_table = sized(32, 2);
    struct bag_table {
        detail::atomic<bag*> bags[bags_in_table];
        detail::atomic<bag_table*> more;
    };
    detail::atomic<bag_table*> more{nullptr};
    bag first{this};

    /// Calls `visit(bag)` for every bag until one returns true.
    template <class Visit>
    bool any_bag(Visit visit) {
        if (visit(first)) {
            return true;
        }
        // acquire, both: pair with the releases in bag_of(), for what they point to
        for (bag_table* table = more.load(detail::acquire); table != nullptr;
             table = table->more.load(detail::acquire)) {
            for (auto& entry : table->bags) {
                if (bag* const one = entry.load(detail::acquire); one != nullptr && visit(*one)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether the calling thread, outside when it put tasks in, is the owner of the first bag.
    [[nodiscard]] bool caller_produces() const noexcept {
        return producer.load(detail::relaxed) == &detail::hot();
    }

    [[nodiscard]] bool has_tasks() {
        return any_bag([](const bag& one) { return one.has_tasks(); });
    }

    /// Keeps the group: it is not done before unpin().
    void pin() noexcept {
        // seq_cst: who pins and then finds tasks, against who finds no tasks and then reads this
        word.fetch_add(group_word::one_active + group_word::one_version, detail::seq_cst);
    }

    /// Every task ran, and nobody is at one, that was put in before the call, or by such a task.
    [[nodiscard]] bool done() noexcept;

    /// Inside a handler: keeps the current exception if it is the first.
    void fail(std::exception_ptr what) noexcept;

    /// Before a task: is it to be dropped? Then notes it.
    [[nodiscard]] bool drops() noexcept {
        // Relaxed: a task may begin as if the flag came a moment later.
        return flags.load(detail::relaxed) != 0 && drops_slow();
    }
    [[nodiscard]] bool drops_slow() noexcept;
};

static_assert(sizeof(group) <= sizeof(detail::group_room) &&
              alignof(group) <= alignof(detail::group_room));

inline group& group_in(detail::group_room& room) noexcept {
    return *std::launder(reinterpret_cast<group*>(room.bytes)); // NOLINT: what lies there
}

/// The tasks that a thread is in, innermost first: what wait() must not be called for.
struct running_task {
    group* of;
    running_task* outer;
};

} // namespace twill::sched
