// SPDX-License-Identifier: Apache-2.0
#include "sched/group.hpp"

#include "os/kept_errno.hpp"
#include "sched/hinted.hpp"
#include "sched/planted.hpp"
#include "sched/scheduler.hpp"

#include <utility>

namespace twill::sched {

group::group(std::size_t most) noexcept
    : limit(most), exceptions_at_start(std::uncaught_exceptions()) {}

group::~group() {
    for (bag_table* table = more.load(detail::relaxed); table != nullptr;) {
        delete table->levels.load(detail::relaxed);
        for (auto& entry : table->bags) {
            delete entry.load(detail::relaxed);
        }
        delete std::exchange(table, table->more.load(detail::relaxed));
    }
}

// Apart, so that has_tasks() is short where there is no other bag.
[[gnu::noinline]] bool group::others_have_tasks() noexcept {
    return any_other_bag([](const bag& one) { return one.has_tasks(); });
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
                             const std::uint64_t* closure, std::size_t words,
                             put_where where) noexcept {
    if (g.used.load(detail::relaxed) == 0) {
        g.used.store(1, detail::relaxed);
    }
    if (self != nullptr && self->recorder.on()) {
        note_spawn(*self, g);
    }
    if (g.limit != 0) {
        // Counted first: several that put tasks in at a time stay within the limit. A thread
        // without a place may not run it.
        if (g.pending.fetch_add(1, detail::relaxed) >= g.limit && self != nullptr) {
            g.pending.fetch_sub(1, detail::relaxed);
            run_at_limit(*self, g, act, closure, words);
            return true;
        }
    }
    thread_record* const home = self != nullptr ? self : outside();
    bool shared = where.is_apart();
    bag* into = nullptr;
    if (home != nullptr) {
        into = shared            ? bag_apart(g, where)
               : self != nullptr ? bag_of(g, *home)
                                 : bag_outside(g, *home, shared);
    }
    bag::put_result put = bag::put_result::no_memory;
    if (into != nullptr && !shared) {
        put = into->put(act, closure, words);
    } else if (into != nullptr) {
        const locked_scope one_at_a_time(into->sharing());
        if (into->home.load(detail::relaxed) == nullptr) {
            into->home.store(home, detail::relaxed); // of a level: any thread's list will do
        }
        put = into->put(act, closure, words);
        if (where.share() >= 0 && put != bag::put_result::no_memory) {
            hinting(*this).announce(*home, g, *into, put, where.share());
            return true;
        }
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
        wake_one(self.account, seats_.own_place());
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

} // namespace twill::sched
