// SPDX-License-Identifier: Apache-2.0
#include "os/kept_errno.hpp"
#include "sched/away.hpp"
#include "sched/group.hpp"
#include "sched/guest_record.hpp"
#include "sched/hinted.hpp"
#include "sched/lifetime.hpp"
#include "sched/scheduler.hpp"

#include <cstdio>
#include <new>
#include <utility>

namespace twill::inline abi_1::detail {

using sched::group;
using sched::group_in;

namespace {

// What the parent of a fork() put in is the parent's, whose threads are not here.
void begin_afresh_after_fork(group& g) noexcept {
    if (__builtin_expect(g.generation != sched::fork_generation(), 0)) {
        const std::size_t limit = g.limit;
        group* const fresh = new (&g) group(limit); // the old inside is left as it was
        fresh->generation = sched::fork_generation();
    }
}

// A group belongs to the runtime of the thread that made it; the default one may not have been
// started then. Throws std::bad_alloc where that finds no memory, and only before the first task.
sched::scheduler& owner_of(group& g) {
    begin_afresh_after_fork(g);
    // acquire: pairs with the release below, by another thread that has started the default one for
    // this group just now
    sched::scheduler* owner = g.owner.load(acquire);
    if (owner == nullptr) {
        owner = &sched::default_scheduler();
        g.owner.store(owner, release);
    }
    return *owner;
}

void wait(group& g) noexcept {
    sched::scheduler& of = owner_of(g);
    if (sched::thread_record* const self = sched::running_record(of); self != nullptr) {
        if (__builtin_expect(self->recorder.on() || self->account.kind() != nullptr, 0)) {
            of.wait_noted(*self, g);
        } else {
            of.wait_for_group(*self, g);
        }
    } else if (!g.done()) {
        const sched::away elsewhere;
        sched::thread_record& guest = sched::guest_record(of);
        of.wait_outside(guest, g);
        sched::guest_left(guest);
    }
}

bool put(group& g, group_act act, const std::uint64_t* closure, std::size_t words,
         std::uint32_t level, const place_hint* hint = nullptr) noexcept {
    const os::kept_errno kept;
    try {
        sched::scheduler& of = owner_of(g);
        const std::int32_t share = hint != nullptr ? sched::hinting(of).share_for(*hint) : -1;
        return of.run_in_group(g, sched::running_record(of), act, closure, words,
                               sched::put_where::make(level, share));
    } catch (const std::bad_alloc&) {
        return false;
    }
}

/// A stop token that all who take tasks of the group look at.
class probing {
public:
    probing(group& g, stop_probe* probe) noexcept : g_(g), probe_(probe) {
        if (probe_ != nullptr) {
            const sched::locked_scope locked(g_.lock);
            probe_->next = g_.probes;
            g_.probes = probe_;
            g_.flags.fetch_or(group::probed, relaxed);
        }
    }
    ~probing() {
        if (probe_ != nullptr) {
            const sched::locked_scope locked(g_.lock);
            stop_probe** at = &g_.probes;
            while (*at != probe_) {
                at = &(*at)->next;
            }
            *at = probe_->next;
            if (g_.probes == nullptr) {
                g_.flags.fetch_and(~std::uint32_t{group::probed}, relaxed);
            }
        }
    }
    probing(const probing&) = delete;
    probing& operator=(const probing&) = delete;

private:
    group& g_;
    stop_probe* probe_;
};

[[gnu::noinline]] void trim_others(group& g, const sched::thread_record* self) noexcept {
    g.any_other_bag([self](sched::bag& one) {
        if (one.one_by_one) {
            const sched::locked_scope nobody_puts(one.sharing());
            one.trim(true);
        } else {
            one.trim(self != nullptr && one.home.load(relaxed) == self);
        }
        return false;
    });
}

// Nobody works for the group and nobody sleeps. The first who comes takes what there is to tell.
group_end conclude(group& g, std::exception_ptr& failed) noexcept {
    const sched::thread_record* const self = sched::running_record();
    if (g.views.load(relaxed) != nullptr) {
        sched::views::merge_list(g.views);
        if (sched::innermost_record() == nullptr) {
            sched::views::end_outermost();
        }
    }
    const bool has_first = self != nullptr && g.first.home.load(relaxed) == self;
    g.first.trim(has_first || g.caller_produces());
    if (__builtin_expect(g.more.load(relaxed) != nullptr, 0)) {
        trim_others(g, self);
    }
    if (g.flags.load(relaxed) == 0 && g.dropped.load(relaxed) == 0) {
        return group_end::completed;
    }
    const sched::locked_scope locked(g.lock);
    failed = std::exchange(g.failure, nullptr);
    g.flags.fetch_and(~std::uint32_t{group::dropping}, relaxed);
    const bool dropped = g.dropped.exchange(0, relaxed) != 0;
    return failed != nullptr ? group_end::threw
                             : (dropped ? group_end::stopped : group_end::completed);
}

} // namespace

void group_begin_slow(group_room& room, std::size_t limit) noexcept {
    auto* const g = new (room.bytes) group(limit);
    g->generation = sched::fork_generation();
    if (sched::thread_record* const self = sched::innermost_record(); self != nullptr) {
        g->owner.store(&self->owner, relaxed);
    }
    if (sched::thread_record* const self = sched::running_record(); self != nullptr) {
        g->first.home.store(self, relaxed); // most likely it puts in the first task
    }
}

bool group_run_slow(group_room& room, group_act act, const std::uint64_t* closure,
                    std::size_t words) noexcept {
    group& g = group_in(room);
    // The usual case: the thread that has put in the first task puts in another one, and is not
    // recorded.
    sched::thread_record* const self = sched::running_record();
    sched::thread_record* const home = g.first.home.load(relaxed);
    const bool is_owner = self != nullptr
                              ? home == self && !self->recorder.on()
                              : g.caller_produces() && g.generation == sched::fork_generation();
    if (__builtin_expect(is_owner && g.limit == 0, 1)) {
        if (g.used.load(relaxed) == 0) {
            g.used.store(1, relaxed);
        }
        const sched::bag::put_result put = g.first.put(act, closure, words);
        if (put == sched::bag::put_result::no_memory) {
            return false;
        }
        home->owner.announce(*home, g, g.first, put);
        return true;
    }
    return put(g, act, closure, words, sched::normal_level);
}

bool group_run_at_slow(group_room& room, group_act act, const std::uint64_t* closure,
                       std::size_t words, std::uint32_t level) noexcept {
    return level == sched::normal_level ? group_run_slow(room, act, closure, words)
                                        : put(group_in(room), act, closure, words, level);
}

bool group_run_near_slow(group_room& room, group_act act, const std::uint64_t* closure,
                         std::size_t words, std::uint32_t level, const place_hint& hint) noexcept {
    return put(group_in(room), act, closure, words, level, &hint);
}

group_end group_wait_slow(group_room& room, stop_probe* probe,
                          std::exception_ptr& failed) noexcept {
    group& g = group_in(room);
    begin_afresh_after_fork(g);
    if (g.used.load(relaxed) == 0) {
        return group_end::completed;
    }
    const os::kept_errno kept;
    {
        const probing asked(g, probe);
        wait(g);
    }
    return conclude(g, failed);
}

void group_destroy_slow(group_room& room) noexcept {
    group& g = group_in(room);
    begin_afresh_after_fork(g);
    std::exception_ptr unseen;
    if (g.used.load(relaxed) != 0) {
        const bool unwinding = std::uncaught_exceptions() > g.exceptions_at_start;
        if (unwinding) {
            g.flags.fetch_or(group::dropping, relaxed);
        }
        group_wait_slow(room, nullptr, unseen);
        if (unseen != nullptr && !unwinding) {
            std::fputs("twill: a task_group ends with an exception of a task that no wait() has "
                       "thrown\n",
                       stderr);
            try {
                std::rethrow_exception(unseen);
            } catch (...) {
                std::terminate(); // inside the handler, so that its message names the exception
            }
        }
        g.any_bag([](sched::bag& one) {
            sched::scheduler::unlist(one);
            return false;
        });
        // A thief that found the group on its way may just find out that there is nothing to do.
        while (sched::group_word{g.word.load(acquire)}.active() != 0) {
            yield_slice();
        }
        if (g.slept.load(relaxed) != 0) {
            g.lock.lock(); // whoever woke the sleepers has left
            g.lock.unlock();
        }
    }
    g.~group();
}

void group_task_threw_slow() noexcept {
    sched::thread_record& self = *sched::running_record();
    self.account.add(load_model::counter::failed);
    self.innermost->of->fail(std::current_exception());
}

bool group_runs_caller_slow(const group_room& room) noexcept { return sched::in_task_of(&room); }

void misuse_slow(const char* what) noexcept { sched::end_program(what); }

} // namespace twill::inline abi_1::detail
