// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/bag.hpp"
#include "sched/counted_lock.hpp"
#include "sched/levels.hpp"
#include "sched/planted.hpp"
#include "sched/sized.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/group.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/views.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

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
    /// In recordings, from 1 on; 0: it has none yet.
    detail::atomic<std::uint32_t> number{0};
    /// Has had a task.
    detail::atomic<std::uint32_t> used{0};
    int exceptions_at_start;
    /// The thread outside that has the first bag for itself, by the address of its hot state; null
    /// if that is a thread of the runtime, or nobody. A thread that ends and another one at the
    /// same address come one after the other.
    detail::atomic<const void*> producer{nullptr};

    /// The bags of the levels above and below the normal one, and whose turn it is, and those of
    /// nodes; made with the first such task.
    struct leveled_bags {
        explicit leveled_bags(group* of) noexcept : high(of, high_level), low(of, low_level) {}
        [[nodiscard]] bag& of_level(std::uint32_t level) noexcept {
            return level == high_level ? high : low;
        }
        ~leveled_bags() {
            for (node_bag* one = of_nodes.load(detail::relaxed); one != nullptr;) {
                delete std::exchange(one, one->next);
            }
        }
        leveled_bags(const leveled_bags&) = delete;
        leveled_bags& operator=(const leveled_bags&) = delete;
        /// Calls `visit(bag)` for those of nodes until one returns true.
        template <class Visit>
        bool any_of_node(Visit&& visit) {
            // acquire: pairs with the release in bag_of_node()
            node_bag* one = of_nodes.load(detail::acquire);
            while (one != nullptr && !visit(one->tasks)) {
                one = one->next;
            }
            return one != nullptr;
        }

        turns order;
        bag high;
        bag low;
        struct node_bag {
            node_bag(group& of, std::int16_t share) noexcept : tasks(&of, normal_level, share) {}
            bag tasks;
            node_bag* next = nullptr;
        };
        detail::atomic<node_bag*> of_nodes{nullptr}; ///< normal tasks; none goes before the group
    };

    /// Bags beside the first, one a thread; made when a second thread puts a task in, or takes
    /// several out, or with the first task of another level: a group without a table has one bag,
    /// and whoever looks at its bags finds that out by one test.
    static constexpr std::uint32_t bags_in_table = sized(32, 2);
    struct bag_table {
        detail::atomic<bag*> bags[bags_in_table];
        detail::atomic<bag_table*> more;
        detail::atomic<leveled_bags*> levels; ///< in the first table only
    };
    detail::atomic<bag_table*> more{nullptr};
    bag first{this};

    /// The bags of the other levels, or null.
    [[nodiscard]] leveled_bags* levels() const noexcept {
        // acquire, both: pair with the releases in bag_apart()
        const bag_table* const table = more.load(detail::acquire);
        return table == nullptr ? nullptr : table->levels.load(detail::acquire);
    }

    /// Calls `visit(bag)` for every bag of the normal level until one returns true.
    template <class Visit>
    bool any_normal_bag(Visit visit) {
        // acquire: pairs with the release in bag_in_tables(), for what it points to
        return visit(first) || any_bag_in(more.load(detail::acquire), visit);
    }

    /// The same for the bags of all levels.
    template <class Visit>
    bool any_bag(Visit visit) {
        return visit(first) || any_other_bag(visit);
    }

    /// The same without the first.
    template <class Visit>
    bool any_other_bag(Visit visit) {
        // acquire: as in any_normal_bag() and levels()
        bag_table* const table = more.load(detail::acquire);
        if (__builtin_expect(table == nullptr, 1)) {
            return false;
        }
        if (any_bag_in(table, visit)) {
            return true;
        }
        leveled_bags* const apart = table->levels.load(detail::acquire);
        return apart != nullptr && !planted(fault::level_unseen) &&
               (visit(apart->high) || visit(apart->low) || apart->any_of_node(visit));
    }

    /// Whether the calling thread, outside when it put tasks in, is the owner of the first bag.
    [[nodiscard]] bool caller_produces() const noexcept {
        return producer.load(detail::relaxed) == &detail::hot();
    }

    [[nodiscard]] bool has_tasks() noexcept {
        // acquire: as in any_normal_bag()
        return first.has_tasks() ||
               (__builtin_expect(more.load(detail::acquire) != nullptr, 0) && others_have_tasks());
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

private:
    bool others_have_tasks() noexcept;

    template <class Visit>
    static bool any_bag_in(bag_table* table, Visit& visit) {
        // acquire, both: pair with the releases in bag_in_tables(), for what they point to
        for (; table != nullptr; table = table->more.load(detail::acquire)) {
            for (auto& entry : table->bags) {
                if (bag* const one = entry.load(detail::acquire); one != nullptr && visit(*one)) {
                    return true;
                }
            }
        }
        return false;
    }
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

/// A thread that runs tasks of a group, one after the other. `own`: its bag, if it has one.
struct group_run {
    bag* own = nullptr;
    // How long it stays away from others' bags, all in ticks.
    std::uint64_t took_at = 0; ///< when it last took tasks from one; 0: not yet
    std::uint64_t taking = 0;  ///< how long that took
    std::uint64_t stay = 0;    ///< the last one for tasks that were too small, 0 after others
    bool took_few = false;
    bool may_leave = false; ///< for what has its turn outside of the group
    group_task room;        // NOLINT: a task that lies in no bag any more
};

} // namespace twill::sched
