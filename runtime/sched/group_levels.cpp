// SPDX-License-Identifier: Apache-2.0
#include "sched/group.hpp"
#include "sched/hinted.hpp"
#include "sched/scheduler.hpp"

namespace twill::sched {

// The next task of a group that has bags of other levels, or of nodes. These give one task at a
// time, the oldest: what lies in a thread's own bag is normal, and for everybody.
group_task* scheduler::next_by_level(thread_record& self, group& g, group_run& run) noexcept {
    group::leveled_bags& apart = *g.levels();
    const std::uint32_t has = (apart.high.has_tasks() ? set_of(high_level) : 0) |
                              (apart.low.has_tasks() ? set_of(low_level) : 0);
    if (run.may_leave && !stays_for(self, apart.order.next(has | set_of(normal_level)), has)) {
        return nullptr;
    }
    for (std::uint32_t left = all_levels; left != 0;) {
        const std::uint32_t level = apart.order.next(left);
        group_task* task = nullptr;
        if (level == normal_level) {
            task = next_normal(self, g, run);
        } else if (take_one(self, apart.of_level(level), run.room)) {
            task = &run.room;
        }
        if (task != nullptr) {
            // Whether a normal task waits would be a look at all bags: it is taken for granted.
            apart.order.serve(level, has | set_of(normal_level));
            return task;
        }
        apart.order.skip(level);
        left &= ~set_of(level);
    }
    return nullptr;
}

// The newest of the own bag; then what is for threads of this node, for everybody, and for those of
// other nodes.
group_task* scheduler::next_normal(thread_record& self, group& g, group_run& run) noexcept {
    if (group_task* const task = run.own != nullptr ? run.own->take_newest() : nullptr;
        task != nullptr) {
        return task;
    }
    const auto take_where = [&](auto meant) {
        return g.levels()->any_of_node(
            [&](bag& one) { return meant(one.share) && take_one(self, one, run.room); });
    };
    const std::int32_t own = hinting(*this).own_share();
    if (own >= 0 && take_where([own](std::int32_t share) { return share == own; })) {
        return &run.room;
    }
    if (group_task* const task = next_of_others(self, g, run); task != nullptr) {
        return task;
    }
    return take_where([own](std::int32_t share) { return share != own; }) ? &run.room : nullptr;
}

// Before a searcher that is at a group's tasks takes another one, of `level`, from a bag that is
// not its own: whether nothing outside of the group has its turn. `has`: levels with tasks of the
// group, among which the group's turns decide.
bool scheduler::stays_for(thread_record& self, std::uint32_t level, std::uint32_t has) noexcept {
    if (submissions_.count() > 0) {
        return false;
    }
    const std::uint32_t apart = levels_apart() & ~has;
    if (apart == 0) {
        return true;
    }
    const std::uint32_t present = apart | set_of(level);
    if (self.levels.next(present) != level) {
        return false;
    }
    self.levels.serve(level, present);
    return true;
}

// Of a bag of another level than the normal one, or of a node.
bool scheduler::take_one(thread_record& self, bag& from, group_task& into) noexcept {
    if (from.take_oldest(&into, 1) == 0) {
        return false;
    }
    if (from.share >= 0) {
        hinting::count(self, from.share);
    } else {
        self.account.add(load_model::counter::stolen);
    }
    return true;
}

} // namespace twill::sched
