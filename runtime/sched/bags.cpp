// SPDX-License-Identifier: Apache-2.0
#include "sched/group.hpp"
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
        one.next = nullptr;
        one.previous = home.last_bag;
        (home.last_bag == nullptr ? home.first_bag : home.last_bag->next) = &one;
        home.last_bag = &one;
        one.listed.store(bag::is_listed, detail::relaxed);
        ++bags;
    }
    home.bags_lock.unlock(bags);
    table_.set_public(home.id);
}

void scheduler::unlink(thread_record& home, bag& one) noexcept {
    (one.previous == nullptr ? home.first_bag : one.previous->next) = one.next;
    (one.next == nullptr ? home.last_bag : one.next->previous) = one.previous;
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

// The oldest bag of a thread that has tasks, or null; `pins` its group, which then stays. Empty
// bags go out of the list on the way.
bag* scheduler::find_bag(thread_record& home, bool pins) noexcept {
    if (home.bags_lock.count() == 0) {
        return nullptr;
    }
    std::uint32_t bags = home.bags_lock.lock();
    bag* found = home.first_bag;
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
    // Under the lock, which the end of the group takes before it goes.
    if (found != nullptr && pins) {
        found->of->pin();
    }
    home.bags_lock.unlock(bags);
    return found;
}

} // namespace twill::sched
