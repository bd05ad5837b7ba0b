// SPDX-License-Identifier: Apache-2.0
#include "load/kind_scopes.hpp"
#include "sched/group.hpp"
#include "sched/root.hpp"
#include "sched/scheduler.hpp"

#include <algorithm>
#include <iterator>

namespace twill::sched {

namespace {

/// How many tasks a thread takes from another one's bag at a time, at the most.
constexpr std::uint32_t most_taken = 64;

/// A thread that runs one task after the other tells its account of so many at a time.
constexpr std::uint32_t tasks_counted_at_once = 256;

} // namespace

inline void scheduler::run_plain_task(thread_record& self, group& g, group_task& task) noexcept {
    running_task frame{&g, self.innermost};
    self.innermost = &frame;
    const job* const tail = detail::hot().tail;
    task.act(task.closure, !g.drops());
    check_not_forked(self);
    TWILL_CHECK(detail::hot().tail == tail);
    self.innermost = frame.outer;
}

[[gnu::noinline]] void scheduler::run_recorded_task(thread_record& self, group& g,
                                                    group_task& task) noexcept {
    const std::uint32_t began = note_begin(self, trace::event_type::task_begin, g);
    run_plain_task(self, g, task);
    self.recorder.record_end(began, trace::event_type::task_end, number_of(g));
}

// The thread is in no kind: whoever waits in one has left it (wait_noted()).
inline void scheduler::run_task(thread_record& self, group& g, group_task& task) noexcept {
    if (__builtin_expect(self.recorder.on(), 0)) {
        run_recorded_task(self, g, task);
    } else {
        run_plain_task(self, g, task);
    }
}

// Instead of putting it in: the group has as many as it may.
void scheduler::run_at_limit(thread_record& self, group& g, detail::group_act act,
                             const std::uint64_t* closure, std::size_t words) noexcept {
    g.pin();
    group_task task;
    task.act = act;
    std::copy_n(closure, words, task.closure);
    {
        const load_model::without_kind apart(self.account, detail::hot().tail);
        self.account.add(load_model::counter::tasks);
        run_task(self, g, task);
    }
    unpin(self.account, g);
}

// Some of another bag's oldest tasks, of which all but one go into the own bag; that one is next.
// Never inlined: most waits find their tasks in their own bag.
[[gnu::noinline]] group_task* scheduler::next_of_others(thread_record& self, group& g,
                                                        group_run& run) noexcept {
    while (run.stays_until != 0 && detail::ticks() < run.stays_until) {
        detail::pause();
    }
    std::uint32_t taken = 0;
    if (!g.any_normal_bag([&](bag& from) {
            taken = &from != run.own ? take_some(self, g, from, run.own, run.room) : 0;
            return taken > 0;
        })) {
        return nullptr;
    }
    // Few at a time, small tasks would cost their producer the lines of its bag at each of them:
    // who has found a few lets some more come together.
    run.stays_until = taken < most_taken ? detail::ticks() + worth_a_steal_ : 0;
    return &run.room;
}

// The next task for a thread that has pinned the group: of the normal level its own newest.
inline group_task* scheduler::next_task(thread_record& self, group& g, group_run& run) noexcept {
    bag* const own = run.own;
    group_task* task = nullptr;
    // Relaxed: a task of another level may begin as if it came a moment later.
    const bool one_bag = g.more.load(detail::relaxed) == nullptr;
    if (__builtin_expect(!one_bag, 0) && g.levels() != nullptr) {
        task = next_by_level(self, g, run);
    } else if (own == nullptr || (task = own->take_newest()) == nullptr) {
        // Without a table the one bag is all there is, and its own is empty.
        if (one_bag && own != nullptr) {
            return nullptr;
        }
        if (!run.may_leave || stays_for(self, normal_level, 0)) {
            task = next_of_others(self, g, run);
        }
    }
    if (task != nullptr && g.limit != 0) {
        g.pending.fetch_sub(1, detail::relaxed);
    }
    return task;
}

// Never inlined: its 4 KiB would lie in the frame of every wait around a task.
[[gnu::noinline]] std::uint32_t scheduler::take_some(thread_record& self, group& g, bag& from,
                                                     bag*& own, group_task& into) noexcept {
    group_task taken[most_taken];
    // A single task needs no bag of its own.
    if (own == nullptr && from.has_several()) {
        own = bag_of(g, self);
    }
    const std::uint32_t room = own != nullptr && own != &from ? own->make_room(most_taken - 1) : 0;
    const std::uint32_t count = from.take_oldest(taken, room + 1);
    if (count == 0) {
        return 0;
    }
    const thread_record* const home = from.home.load(detail::relaxed);
    count_stolen(self, home != nullptr ? home->seat.load(detail::relaxed) : -1);
    into = taken[0];
    auto put = bag::put_result::behind_others;
    TWILL_CHECK(count == 1 || own != nullptr); // without a bag there is no room
    for (std::uint32_t k = 1; k < count; ++k) {
        if (own->put(taken[k].act, taken[k].closure, std::size(taken[k].closure)) ==
            bag::put_result::alone) {
            put = bag::put_result::alone;
        }
    }
    if (count > 1) {
        announce(self, g, *own, put);
    }
    return count;
}

// Runs tasks of a pinned group until there is none, or others are to have the place. A ticket does
// not count where the caller keeps its place: it would wait for a thread that waits for tasks which
// nobody runs. Who got its place by a ticket has it for a while first, so that two of them do not
// just hand it to and fro.
void scheduler::run_tasks(thread_record& self, group& g, stops_for what) noexcept {
    const std::uint64_t came = what == stops_for::others_after_a_turn ? detail::ticks() : 0;
    const bool sees_tickets = what > stops_for::the_limit;
    const auto is_wanted = [this, sees_tickets] {
        return places_.above_limit() || (sees_tickets && inbox_.waiting());
    };
    const auto goes_on_all_the_same = [this, what, came] {
        return what == stops_for::nothing ||
               (what == stops_for::others_after_a_turn && detail::ticks() - came < join_spin_);
    };
    group_run run;
    run.may_leave = what == stops_for::tickets_too; // nobody waits for what it is at
    // Its own bag, if it has put in or taken tasks of this group before.
    if (g.first.home.load(detail::relaxed) == &self || g.caller_produces()) {
        run.own = &g.first;
    } else if (g.more.load(detail::relaxed) != nullptr) {
        run.own = bag_of(g, self);
    }
    std::uint32_t to_count = tasks_counted_at_once;
    while (!__builtin_expect(is_wanted(), 0) || goes_on_all_the_same()) {
        group_task* const task = next_task(self, g, run);
        if (task == nullptr) {
            break;
        }
        run_task(self, g, *task);
        if (--to_count == 0) {
            self.account.add(load_model::counter::tasks, tasks_counted_at_once);
            to_count = tasks_counted_at_once;
        }
    }
    if (to_count != tasks_counted_at_once) {
        self.account.add(load_model::counter::tasks, tasks_counted_at_once - to_count);
    }
}

// A searcher takes tasks of a group that it finds with a thread, as a root of its own.
bool scheduler::take_group(thread_record& self, thread_record& victim,
                           std::uint32_t levels) noexcept {
    bag* const from = find_bag(victim, true, levels);
    if (from == nullptr) {
        return false;
    }
    group& g = *from->of;
    group_task task;
    bag* own = nullptr;
    if (!(from->one_by_one ? take_one(self, *from, task)
                           : take_some(self, g, *from, own, task) > 0)) {
        unpin(self.account, g);
        return false;
    }
    if (g.limit != 0) {
        g.pending.fetch_sub(1, detail::relaxed);
    }
    self.account.enter(load_model::activity::dispatch, detail::ticks());
    self.begin_root(self.fresh_epoch());
    begin_running(self);
    run_root(self, {trace::root_why::group, victim.id}, {0, victim.account.root_region()}, [&] {
        self.account.add(load_model::counter::tasks);
        run_task(self, g, task);
        run_tasks(self, g, stops_for::tickets_too);
        views::push(g.views, views::take());
    });
    unpin(self.account, g);
    return true;
}

} // namespace twill::sched
