// SPDX-License-Identifier: Apache-2.0
#include "sched/group.hpp"
#include "sched/hinted.hpp"
#include "sched/planted.hpp"
#include "sched/scheduler.hpp"

#include <new>

namespace twill::sched {

namespace {

/// What `at` points to, made of `parts` by whoever comes first; null without memory.
template <class T, class... Parts>
T* made_once(detail::atomic<T*>& at, Parts... parts) noexcept {
    // acquire, twice: pairs with the release of whoever made it
    T* one = at.load(detail::acquire);
    if (one == nullptr) {
        auto* const fresh = new (std::nothrow) T{parts...};
        if (fresh == nullptr ||
            at.compare_exchange_strong(one, fresh, detail::acq_rel, detail::acquire)) {
            return fresh;
        }
        delete fresh;
    }
    return one;
}

/// The bag for threads of a share of places; it is found at `home`. Null without memory.
bag* bag_of_node(group& g, group::leveled_bags& in, std::int32_t share,
                 thread_record& home) noexcept {
    using node_bag = group::leveled_bags::node_bag;
    node_bag* fresh = nullptr;
    node_bag* newest = in.of_nodes.load(detail::acquire); // pairs with the release below
    for (;;) {
        for (node_bag* one = newest; one != nullptr; one = one->next) {
            if (one->tasks.share == share) {
                delete fresh;
                return &one->tasks;
            }
        }
        if (fresh == nullptr) {
            fresh = new (std::nothrow) node_bag{g, static_cast<std::int16_t>(share)};
            if (fresh == nullptr) {
                return nullptr;
            }
            fresh->tasks.home.store(&home, detail::relaxed);
        }
        fresh->next = newest;
        // release: for whoever finds it. acquire: as above
        if (in.of_nodes.compare_exchange_strong(newest, fresh, detail::acq_rel, detail::acquire)) {
            return &fresh->tasks;
        }
    }
}

inline void append(thread_record::bag_list& to, bag& one) noexcept {
    one.next = nullptr;
    one.previous = to.last;
    (to.last == nullptr ? to.first : to.last->next) = &one;
    to.last = &one;
}

} // namespace

// The bag that a thread puts its tasks of a group into, and that nobody else puts any into. Null
// without memory for one. Relaxed, of `home`: a record is never freed while its scheduler lives.
bag* scheduler::bag_of(group& g, thread_record& self) noexcept {
    thread_record* home = g.first.home.load(detail::relaxed);
    if (home == &self || (home == nullptr && g.first.home.compare_exchange_strong(
                                                 home, &self, detail::relaxed, detail::relaxed))) {
        return &g.first;
    }
    return bag_in_tables(g, self);
}

// The same for a thread outside. The first that puts a task into the group has the first bag for
// itself; all others share one, and its lock: `shared`.
bag* scheduler::bag_outside(group& g, thread_record& all, bool& shared) noexcept {
    shared = false;
    if (g.caller_produces()) {
        return &g.first;
    }
    thread_record* nobody = nullptr;
    if (g.first.home.load(detail::relaxed) == nullptr &&
        g.first.home.compare_exchange_strong(nobody, &all, detail::relaxed, detail::relaxed)) {
        g.producer.store(&detail::hot(), detail::relaxed); // means something to this thread only
        return &g.first;
    }
    shared = true;
    return bag_in_tables(g, all);
}

// The bag of a group's level above or below the normal one, or of a node, which all threads share,
// and its lock. Null without memory.
bag* scheduler::bag_apart(group& g, put_where where) noexcept {
    group::bag_table* const table = made_once(g.more);
    group::leveled_bags* const bags = table == nullptr ? nullptr : made_once(table->levels, &g);
    if (bags == nullptr || where.level() != normal_level) {
        return bags == nullptr ? nullptr : &bags->of_level(where.level());
    }
    thread_record* const home = hinting(*this).home_of(where.share());
    return home == nullptr ? nullptr : bag_of_node(g, *bags, where.share(), *home);
}

bag* scheduler::bag_in_tables(group& g, thread_record& self) noexcept {
    detail::atomic<group::bag_table*>* more = &g.more;
    for (;;) {
        group::bag_table* const table = made_once(*more);
        if (table == nullptr) {
            return nullptr;
        }
        for (std::uint32_t k = 0; k < group::bags_in_table; ++k) {
            bag* const one = made_once(table->bags[(self.id + k) % group::bags_in_table], &g);
            if (one == nullptr) {
                return nullptr;
            }
            thread_record* home = one->home.load(detail::relaxed);
            if (home == nullptr) {
                one->home.compare_exchange_strong(home, &self, detail::relaxed, detail::relaxed);
            }
            // threads outside come with the same record
            if (home == nullptr || home == &self) {
                return one;
            }
        }
        more = &table->more;
    }
}

// Puts a bag where thieves find it. Who takes an empty one out looks at its count once more after
// `listed` tells so; who has put a task in looks at `listed`: all seq_cst, so one sees the other.
void scheduler::list(bag& one) noexcept {
    thread_record& home = *one.home.load(detail::relaxed);
    std::uint32_t bags = home.bags_lock.lock();
    if (one.listed.load(detail::relaxed) == bag::not_listed) {
        const std::uint32_t on = one.level;
        if (__builtin_expect(on == normal_level, 1)) {
            append(home.bags[normal_level], one);
        } else {
            append(home.bags[on], one);
            bags_apart_[on].fetch_add(1, detail::relaxed);
        }
        one.listed.store(bag::is_listed, detail::relaxed);
        ++bags;
    }
    home.bags_lock.unlock(bags);
    seats_.set_public_of(home);
}

void scheduler::unlink(thread_record& home, bag& one) noexcept {
    const std::uint32_t on = one.level;
    thread_record::bag_list& level = home.bags[on];
    (one.previous == nullptr ? level.first : one.previous->next) = one.next;
    (one.next == nullptr ? level.last : one.next->previous) = one.previous;
    if (__builtin_expect(on != normal_level, 0)) {
        home.owner.bags_apart_[on].fetch_sub(1, detail::relaxed);
    }
}

// For the end of a group: afterwards no thief finds it, or is at it.
void scheduler::unlist(bag& one) noexcept {
    // acquire: pairs with the release in find_bag(), the last touch of whoever took it out
    if (one.listed.load(detail::acquire) == bag::not_listed) {
        return; // and nobody lists it: that takes a task
    }
    thread_record& home = *one.home.load(detail::relaxed);
    std::uint32_t bags = home.bags_lock.lock();
    if (one.listed.load(detail::relaxed) != bag::not_listed) {
        unlink(home, one);
        one.listed.store(bag::not_listed, detail::relaxed);
        --bags;
    }
    home.bags_lock.unlock(bags);
}

// The levels that have bags of their own somewhere: a hint for the order of a search. Relaxed: a
// level that is missed here is looked at together with the normal one.
std::uint32_t scheduler::levels_apart() const noexcept {
    return (bags_apart_[high_level].load(detail::relaxed) != 0 ? set_of(high_level) : 0) |
           (bags_apart_[low_level].load(detail::relaxed) != 0 ? set_of(low_level) : 0);
}

// The oldest bag of a level at a thread that has tasks, or null. Empty bags go out of the list on
// the way. Under the lock of the list.
bag* scheduler::first_with_tasks(thread_record& home, std::uint32_t level,
                                 std::uint32_t& bags) noexcept {
    bag* found = home.bags[level].first;
    while (found != nullptr) {
        if (found->has_tasks()) {
            break;
        }
        bag* const next = found->next;
        found->listed.exchange(bag::being_taken_out, detail::seq_cst);
        if (!planted(fault::blind_unlink) && found->has_tasks()) {
            found->listed.store(bag::is_listed, detail::seq_cst);
            break;
        }
        unlink(home, *found);
        --bags;
        // release: pairs with unlist(). The last touch: its group may end.
        found->listed.store(bag::not_listed, detail::release);
        found = next;
    }
    return found;
}

// The oldest bag with tasks on the highest of `levels` that has one at this thread, or null; `pins`
// its group, which then stays.
bag* scheduler::find_bag(thread_record& home, bool pins, std::uint32_t levels) noexcept {
    if (home.bags_lock.count() == 0) {
        return nullptr;
    }
    std::uint32_t bags = home.bags_lock.lock();
    bag* found = nullptr;
    for (std::uint32_t level = 0; level < level_count && found == nullptr; ++level) {
        if ((levels & set_of(level)) != 0) {
            found = first_with_tasks(home, level, bags);
        }
    }
    // Under the lock, which the end of the group takes before it goes.
    if (found != nullptr && pins) {
        found->of->pin();
    }
    home.bags_lock.unlock(bags);
    return found;
}

} // namespace twill::sched
