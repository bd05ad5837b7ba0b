// SPDX-License-Identifier: Apache-2.0
#include "sched/group.hpp"

#include "os/kept_errno.hpp"
#include "sched/planted.hpp"
#include "sched/scheduler.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace twill::sched {

namespace {

/// How many tasks a thread takes from another one's bag at a time, at the most.
constexpr std::uint32_t most_taken = 64;

} // namespace

group::group(std::size_t most) noexcept
    : limit(most), exceptions_at_start(std::uncaught_exceptions()) {}

group::~group() {
    for (bag_table* table = more.load(detail::relaxed); table != nullptr;) {
        for (auto& entry : table->bags) {
            delete entry.load(detail::relaxed);
        }
        delete std::exchange(table, table->more.load(detail::relaxed));
    }
}

// A task leaves a bag only by a thread that has pinned the group. If nobody was active and nobody
// came while all bags were seen empty, there was an instant at which all of this held.
bool group::done() noexcept {
    const group_word before{word.load(detail::seq_cst)};
    if (before.active() != 0 || has_tasks()) {
        return false;
    }
    const group_word after{word.load(detail::seq_cst)};
    return after.active() == 0 && after.version() == before.version();
}

void group::fail(std::exception_ptr what) noexcept {
    const locked_scope locked(lock);
    if (failure == nullptr) {
        failure = std::move(what);
    }
    flags.fetch_or(dropping, detail::relaxed);
}

bool group::drops_slow() noexcept {
    if ((flags.load(detail::relaxed) & probed) != 0) {
        const locked_scope locked(lock);
        for (detail::stop_probe* probe = probes; probe != nullptr; probe = probe->next) {
            if (probe->stop_requested(probe->token)) {
                flags.fetch_or(dropping, detail::relaxed);
            }
        }
    }
    if ((flags.load(detail::relaxed) & dropping) == 0) {
        return false;
    }
    dropped.store(1, detail::relaxed);
    return true;
}

bool scheduler::run_in_group(group& g, thread_record* self, detail::group_act act,
                             const std::uint64_t* closure, std::size_t words) noexcept {
    if (g.used.load(detail::relaxed) == 0) {
        g.used.store(1, detail::relaxed);
    }
    if (g.limit != 0) {
        // Counted first: several that put tasks in at a time stay within the limit. A thread
        // without a place may not run it.
        if (g.pending.fetch_add(1, detail::relaxed) >= g.limit && self != nullptr) {
            g.pending.fetch_sub(1, detail::relaxed);
            g.pin();
            group_task task;
            task.act = act;
            std::copy_n(closure, words, task.closure);
            run_task(*self, g, task);
            unpin(self->account, g);
            return true;
        }
    }
    thread_record* const home = self != nullptr ? self : outside();
    bool shared = false;
    bag* const into = home == nullptr   ? nullptr
                      : self != nullptr ? bag_of(g, *home)
                                        : bag_outside(g, *home, shared);
    bag::put_result put = bag::put_result::no_memory;
    if (into != nullptr && !shared) {
        put = into->put(act, closure, words);
    } else if (into != nullptr) {
        const locked_scope one_at_a_time(into->sharing());
        put = into->put(act, closure, words);
    }
    if (put == bag::put_result::no_memory) {
        if (g.limit != 0) {
            g.pending.fetch_sub(1, detail::relaxed);
        }
        return false;
    }
    announce(*home, g, *into, put);
    return true;
}

void scheduler::announce_slow(thread_record& self, group& g, bag& into,
                              bag::put_result put) noexcept {
    const os::kept_errno kept;
    if (into.listed.load(detail::seq_cst) != bag::is_listed) {
        list(into);
    }
    if (put == bag::put_result::alone && !planted(fault::silent_put) &&
        wake_sleeper(self.account, g)) {
        return;
    }
    if (places_.read().idle()) {
        wake_one(self.account);
    }
}

// Under the group's lock, of a sleeper that is out of the list. Not so if its ticket has been
// taken: it has a place, and is awake or will be.
bool scheduler::is_to_be_woken(thread_record& sleeper) noexcept {
    if (sleeper.has_ticket && !planted(fault::kept_ticket)) {
        if (!inbox_.remove(sleeper)) {
            return false;
        }
        sleeper.has_ticket = false;
    }
    return true;
}

bool scheduler::wake_sleeper(load_model::thread_account& counts, group& g) noexcept {
    // seq_cst: tasks, then this; the sleeper counts itself and then looks for tasks
    if (group_word{g.word.load(detail::seq_cst)}.sleepers() == 0) {
        return false;
    }
    g.lock.lock();
    thread_record* sleeper = nullptr;
    while (sleeper == nullptr && g.sleeping != nullptr) {
        thread_record& one = *g.sleeping;
        g.sleeping = one.next_sleeper;
        g.word.fetch_sub(group_word::one_sleeper, detail::seq_cst);
        if (is_to_be_woken(one)) {
            sleeper = &one;
        }
    }
    g.lock.unlock();
    if (sleeper == nullptr) {
        return false;
    }
    resume(counts, *sleeper);
    return true;
}

// The last touch of a group by a thread that worked for it: the exchange that counts it out, or,
// with sleepers to be woken, the unlock. Sleepers do not go before they are woken.
void scheduler::unpin(load_model::thread_account& counts, group& g) noexcept {
    std::uint64_t seen = g.word.load(detail::relaxed);
    while (group_word{seen}.sleepers() == 0 || group_word{seen}.active() > 1) {
        // release: pairs with the acquire of done(), for what the tasks wrote. seq_cst: against a
        // sleeper, who counts itself and then looks at `active`
        if (g.word.compare_exchange_weak(seen, seen - group_word::one_active, detail::seq_cst,
                                         detail::relaxed)) {
            if (planted(fault::touch_after_unpin)) {
                g.word.load(detail::relaxed);
            }
            return;
        }
    }
    g.lock.lock();
    const group_word now{g.word.fetch_sub(group_word::one_active, detail::seq_cst) -
                         group_word::one_active};
    thread_record* sleeper = nullptr;
    // Tasks that were left behind wake nobody: whoever runs them comes here too.
    if (now.active() == 0 && !g.has_tasks()) {
        for (thread_record* one = std::exchange(g.sleeping, nullptr); one != nullptr;) {
            thread_record* const next = one->next_sleeper;
            if (is_to_be_woken(*one)) {
                one->next_sleeper = std::exchange(sleeper, one);
            }
            one = next;
        }
        g.word.fetch_sub(now.sleepers() * group_word::one_sleeper, detail::seq_cst);
    }
    g.lock.unlock();
    while (sleeper != nullptr) {
        thread_record& one = *sleeper;
        sleeper = one.next_sleeper; // before it is woken
        if (one.needs_no_place) {
            wake(one, call::to_return);
        } else {
            resume(counts, one);
        }
    }
}

inline void scheduler::run_task(thread_record& self, group& g, group_task& task) noexcept {
    running_task frame{&g, self.innermost};
    self.innermost = &frame;
    const job* const tail = detail::hot().tail;
    task.act(task.closure, !g.drops());
    check_not_forked(self);
    TWILL_CHECK(detail::hot().tail == tail);
    self.innermost = frame.outer;
}

// The next task for a thread that has pinned the group: its own newest, else some of another bag's
// oldest, of which all but one go into its own.
inline group_task* scheduler::next_task(thread_record& self, group& g, bag*& own, group_task& room,
                                        std::uint64_t& stays_until) noexcept {
    group_task* task = own != nullptr ? own->take_newest() : nullptr;
    if (task == nullptr) {
        while (stays_until != 0 && detail::ticks() < stays_until) {
            detail::pause();
        }
        task = &room;
        std::uint32_t taken = 0;
        if (!g.any_bag([&](bag& from) {
                taken = &from != own ? take_some(self, g, from, own, room) : 0;
                return taken > 0;
            })) {
            return nullptr;
        }
        // Few at a time, small tasks would cost their producer the lines of its bag at each of
        // them: who has found a few lets some more come together.
        stays_until = taken < most_taken ? detail::ticks() + worth_a_steal_ : 0;
    }
    if (g.limit != 0) {
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
    self.account.add(load_model::counter::stolen);
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
    const auto goes_on = [this, what, came] {
        if (what == stops_for::nothing) {
            return true;
        }
        const bool wanted =
            places_.glance().free < 0 || (what != stops_for::the_limit && inbox_.waiting());
        return !wanted ||
               (what == stops_for::others_after_a_turn && detail::ticks() - came < join_spin_);
    };
    group_task room;
    // Its own bag, if it has put in or taken tasks of this group before.
    const bool has_first = g.first.home.load(detail::relaxed) == &self || g.caller_produces();
    bag* own = has_first ? &g.first : nullptr;
    if (own == nullptr && g.more.load(detail::relaxed) != nullptr) {
        own = bag_of(g, self);
    }
    std::uint64_t stays_until = 0;
    while (goes_on()) {
        group_task* const task = next_task(self, g, own, room, stays_until);
        if (task == nullptr) {
            return;
        }
        run_task(self, g, *task);
    }
}

// A searcher takes tasks of a group that it finds with a thread, as a root of its own.
bool scheduler::take_group(thread_record& self, thread_record& victim) noexcept {
    bag* const from = find_bag(victim, true);
    if (from == nullptr) {
        return false;
    }
    group& g = *from->of;
    group_task task;
    bag* own = nullptr;
    if (take_some(self, g, *from, own, task) == 0) {
        unpin(self.account, g);
        return false;
    }
    if (g.limit != 0) {
        g.pending.fetch_sub(1, detail::relaxed);
    }
    self.account.enter(load_model::activity::dispatch, detail::ticks());
    self.begin_root(self.fresh_epoch());
    begin_running(self);
    run_root(self, [&] {
        run_task(self, g, task);
        run_tasks(self, g, stops_for::tickets_too);
        views::push(g.views, views::take());
    });
    unpin(self.account, g);
    return true;
}

} // namespace twill::sched
