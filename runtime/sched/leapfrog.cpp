// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/root.hpp"
#include "sched/scheduler.hpp"

namespace twill::sched {

using load_model::activity;
using load_model::counter;

namespace {

/// How far along a chain of blocked joins a thief looks.
constexpr int longest_chain = 8;

} // namespace

// Runs one descendant of `child`, which another thread runs. The first link: the child still runs
// after the thief's word was read, so all of the thief's deque lies below the child. A deeper link:
// the thief itself waits for a job; its note says who runs that one and in which epoch, and the
// word that is taken from must be of that epoch.
bool scheduler::leapfrog(thread_record& self, const job& child, job_state seen) noexcept {
    thread_record* victim = &table_[seen.thief()];
    std::uint32_t epoch = seen.epoch();
    bool first = true;
    for (int link = 0; link < longest_chain; ++link) {
        // Of the first link, is the child still running; of a deeper one, is it still that root?
        // acquire, both: whatever is read next is not older.
        const auto holds = [&](deque_word word) {
            return first ? child.state.load(detail::acquire) == seen.bits
                         : word.epoch() == epoch || planted(fault::stale_epoch);
        };
        const deque_word word = victim->deque.read(detail::acquire);
        if (word.count() > 0) {
            const public_job oldest = victim->deque.oldest(word);
            const load_model::root_origin from{oldest.kind(), victim->account.root_region()};
            if (!holds(word) || !victim->deque.take(word)) {
                return false;
            }
            run_leapfrogged(self, *victim, *oldest.one(), from, word.count() == 1);
            return true;
        }
        if (first) {
            arm(*victim);
        }
        // acquire: pairs with the release stores of `helping`
        const helped next{victim->helping.load(detail::acquire)};
        if (next.nobody() || !holds(victim->deque.read(detail::acquire))) {
            return false;
        }
        victim = &table_[next.thief()];
        epoch = next.epoch();
        first = false;
        if (victim == &self) {
            return false;
        }
    }
    return false;
}

// The order is the proof: nobody can read this thread's old note together with its new epoch, nor
// its new epoch together with work of the old one.
void scheduler::run_leapfrogged(thread_record& self, thread_record& victim, job& one,
                                load_model::root_origin from, bool was_last) noexcept {
    const std::uint64_t note = self.helping.load(detail::relaxed);
    const std::uint32_t outer = self.epoch;
    self.account.enter(activity::dispatch, detail::ticks());
    self.account.add(counter::leapfrogged);
    self.account.add(counter::tasks);
    // 1. release: pairs with the acquire in leapfrog()
    self.helping.store(0, detail::release);
    // 2, 3: the epoch, then the record.
    claim(self, victim, one);
    if (was_last && places_.read().idle()) {
        arm(victim);
    }
    self.recorder.record(trace::event_type::leapfrog, victim.id);
    run_root(self, {trace::root_why::leapfrog, victim.id}, from, [&one] { one.run(&one); });
    // 4: everything that was published below the job has been joined.
    self.begin_root(outer);
    // 5. release: after 4, for the reader of the note
    self.helping.store(note, detail::release);
    self.account.enter(activity::search, detail::ticks());
}

} // namespace twill::sched
