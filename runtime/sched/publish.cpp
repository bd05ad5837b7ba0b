// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/scheduler.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace twill::sched {

namespace {

/// How many jobs one request makes public, and how far apart sentinels lie.
constexpr std::uint32_t batch = sized(64, 2);

/// How many public jobs are enough.
constexpr std::uint32_t laid_ahead = 4;

/// After so many publications in a row that nobody wanted, the back-off grows no more.
constexpr std::uint32_t longest_streak = 6;

/// So many times the price of a wake-up are worth one even if they are far too high an estimate.
constexpr std::uint64_t surely_worth = 16;

/// How often a poll that is skipped looks at the clock: each so many, and the last ones all. After
/// short series of them the forks may be coarse ones.
constexpr std::uint32_t clock_stride = 8;

void mark(job& one, job_state::tag as) noexcept {
    // Relaxed: publish() releases it.
    one.state.store(static_cast<std::uint64_t>(as), detail::relaxed);
    one.link |= detail::mark_bit;
}

/// The frame that a job was forked in: `kind`, that of the job before it in the list, or one around
/// it. A frame knows the newest job that is older than itself.
const detail::kind_frame* frame_of(const job* one, const detail::kind_frame* kind) noexcept {
    while (kind != nullptr && kind->newest == one) {
        kind = kind->outer;
    }
    return kind;
}

} // namespace

void scheduler::poll(thread_record& self, job* newest) noexcept {
    check_not_forked(self);
    const auto address = reinterpret_cast<std::uintptr_t>(newest);
    const bool own_stack = address >= self.stack.low && address < self.stack.high;
    if (own_stack && address < self.overflow_limit) {
        os::stack_overflow(detail::hot().place, self.stack.size());
    }
    // A thread that is recorded comes here at each fork, and mostly for nothing. Relaxed: a flag
    // that it does not see yet is seen at the next one, since its limit stays up.
    if (self.recorder.on() && self.requests.load(detail::relaxed) == 0) {
        return;
    }
    self.account.add(load_model::counter::polls);
    // The back-off is about work; a switch of the recording waits for nothing.
    if (self.polls_to_skip > 0 && (self.requests.load(detail::relaxed) & look_at_recording) == 0 &&
        skips_poll(self)) {
        return; // the request stands
    }
    // 1: the limit down. On a stack that the user brought along its bounds are unknown, and only
    // requests count.
    detail::hot().limit.store(own_stack ? self.overflow_limit : 0, detail::relaxed);
    // 2: the flags. release: 1 comes before any limit that a later asker stores, who then reads
    // what is stored here; acquire: pairs with the asker's fetch_or. seq_cst: before the look at
    // the places in offer().
    const std::uint32_t asked = self.requests.exchange(0, detail::seq_cst);
    if ((asked & look_at_recording) != 0) {
        follow_recording(self);
    }
    if (self.recorder.on()) {
        detail::hot().limit.store(detail::attention, detail::relaxed); // up again at once
    }
    if ((asked & adopt_number_request) != 0) {
        adopt_number(self, detail::ticks());
    }
    if (__builtin_expect((asked & take_a_seat) != 0, 0)) {
        sit_in_mid_task(self);
    }
    if ((asked & want_work) != 0) {
        offer(self, newest);
    }
}

// Where nobody is awake to take it, what is left of a loop must be worth a wake-up: a request that
// is left standing costs the next poll and nothing else.
void scheduler::poll_loop(thread_record& self, job* newest, std::uint64_t takes,
                          std::uint64_t took) noexcept {
    self.recorder.record(trace::event_type::block);
    if (self.recorder.on() && self.requests.load(detail::relaxed) == 0) {
        return; // as in poll()
    }
    if (!places_.glance().idle() || worth_a_wake(self, takes, took)) {
        poll(self, newest);
        wake_for(self, takes);
    }
}

// What a wake-up is to be worth, in ticks: two of them, as measured up to now.
std::uint64_t scheduler::wake_price() const noexcept {
    return 2 * wake_takes_.load(detail::relaxed);
}

// As many threads as the rest of a loop keeps busy for longer than waking one takes.
void scheduler::wake_for(thread_record& self, std::uint64_t takes) noexcept {
    const place_counts now = places_.glance();
    if (now.free <= 0 || self.deque.empty()) {
        return;
    }
    const std::uint64_t price = wake_price();
    const std::uint64_t most = std::min(takes / price, static_cast<std::uint64_t>(now.free));
    if (const auto wanted = static_cast<std::int32_t>(most) - now.searchers; wanted > 0) {
        places_.want(wanted);
        wake_more(self.account);
    }
}

// Half of the rest, run elsewhere, begins a wake-up later: it must take two for a gain. The first
// blocks of a loop, whose caches are cold, promise more than there is: unless they promise very
// much, the loop goes on alone for a quarter of the price before it is believed. A series of loops
// that are each too short is one long loop as long as who was woken for one of them still spins
// when the next begins: after as much of it as would have been worth a wake-up, somebody is woken
// (whoever rents until the rent has reached the price pays twice the least at most). A long block
// that this thread has just run is no pause, and counts in full: its loop was alone for so long.
bool scheduler::worth_a_wake(thread_record& self, std::uint64_t takes,
                             std::uint64_t took) noexcept {
    const std::uint64_t price = wake_price();
    if (takes > surely_worth * price) {
        return true;
    }
    const std::uint64_t now = detail::ticks();
    if (now - self.alone_at > idle_spin_ + took) {
        self.alone_for = 0;
    }
    self.alone_at = now;
    self.alone_for += std::max(took, std::min(takes, poll_period_)); // or until the next poll
    if (self.alone_for <= (takes > price ? price / 4 : price)) {
        return false;
    }
    self.alone_for = 0;
    return true;
}

void scheduler::offer(thread_record& self, job* newest) noexcept {
    if (self.deque.empty()) {
        self.published_tail = self.deque.read(detail::relaxed).tail();
        self.published_at = detail::ticks();
    }
    publish(self, newest);
    if (!self.deque.empty() && places_.read().idle()) {
        wake_one(self.account, seats_.own_place());
    }
}

// Public jobs that a thread lays ahead when somebody wants work: one that is stolen and turns out
// to be small is followed by the next.
bool scheduler::share(thread_record& self, job* newest) noexcept {
    if (self.deque.read(detail::relaxed).count() >= laid_ahead) {
        return false;
    }
    offer(self, newest);
    return true;
}

// `kind` as for frame_of(), of the first.
void scheduler::put(thread_record& self, std::span<job* const> newest_first,
                    const detail::kind_frame* kind) noexcept {
    for (job* one : newest_first) {
        mark(*one, job_state::tag::published);
    }
    if (kind == nullptr) {
        self.deque.publish(newest_first);
    } else {
        std::array<std::uint8_t, batch> kinds{};
        for (std::size_t k = 0; k < newest_first.size(); ++k) {
            kind = frame_of(newest_first[k], kind);
            kinds[k] = static_cast<std::uint8_t>(kind != nullptr ? kind->number : 0);
        }
        self.deque.publish(newest_first, kinds.data());
    }
    seats_.set_public(self);
    self.account.add(load_model::counter::published, newest_first.size());
}

// Makes the oldest private jobs public, a batch at the most, and returns how many. The list is
// walked from its new end to the first mark. A long list gets a sentinel on each 64th job, counted
// from the old end: the next walk stops there, so that no part of a list is walked twice.
std::uint32_t scheduler::publish(thread_record& self, job* newest) noexcept {
    std::array<job*, batch> batched;
    if (self.deque.read(detail::relaxed).count() + batch > public_deque::capacity) {
        return 0; // there is plenty to steal
    }
    if (!self.has_sentinels()) {
        self.sentinels.clear();
        self.first_sentinel = 0;
    }
    std::uint32_t count = 0;
    for (job* one = newest; one != nullptr && (one->link & detail::mark_bit) == 0;
         one = detail::older_than(*one)) {
        if (count < batch) {
            batched[count] = one;
        }
        ++count;
    }
    if (!self.has_sentinels() && count <= batch) {
        if (count > 0) {
            self.account.add(load_model::counter::forks, count);
            put(self, {batched.data(), count}, self.account.kind());
        }
        return count;
    }
    if (count >= batch) {
        const std::size_t before = self.sentinels.size();
        if (!make_room_for_sentinels(self, count / batch)) {
            return 0;
        }
        self.account.add(load_model::counter::forks, std::uint64_t{count / batch} * batch);
        job* one = newest;
        const detail::kind_frame* kind = self.account.kind();
        for (std::uint32_t from_old_end = count; from_old_end > 0; --from_old_end) {
            job* older = detail::older_than(*one);
            kind = frame_of(one, kind);
            if (from_old_end % batch == 0) {
                self.sentinels[before + from_old_end / batch - 1] = {one, kind};
                mark(*one, job_state::tag::sentinel);
            }
            one = older;
        }
    }
    // The oldest sentinel stands for itself and the private jobs below it.
    std::uint32_t taken = 0;
    const sentinel oldest = self.sentinels[self.first_sentinel++];
    job* one = oldest.one;
    do {
        batched[taken++] = one;
        one = detail::older_than(*one);
    } while (one != nullptr && taken < batch && (one->link & detail::mark_bit) == 0);
    put(self, {batched.data(), taken}, oldest.kind);
    return taken;
}

// Without memory the request stands: a later poll, with a shorter list perhaps, answers it.
bool scheduler::make_room_for_sentinels(thread_record& self, std::size_t more) noexcept {
    try {
        self.sentinels.resize(self.sentinels.size() + more);
        return true;
    } catch (const std::bad_alloc&) {
        ask(self, want_work);
        return false;
    }
}

// A program of tiny forks would pay for its sleepers at each of them: after k publications in a row
// that were taken back untouched, 2^k - 1 polls leave the request standing. Not for long in time:
// where a fork is coarse, waiting for the next one would cost more than it saves.
bool scheduler::skips_poll(thread_record& self) noexcept {
    const bool looks = self.polls_to_skip < clock_stride || self.polls_to_skip % clock_stride == 0;
    if (looks && detail::ticks() - self.published_at > longest_back_off_) {
        self.polls_to_skip = 0;
        return false;
    }
    --self.polls_to_skip;
    return true;
}

void scheduler::note_taken_back(thread_record& self) noexcept {
    self.account.add(load_model::counter::taken_back);
    const deque_word now = self.deque.read(detail::relaxed);
    if (now.count() > 0) {
        return;
    }
    // Emptying the deque moves its tail by one; more means that something was stolen.
    if (((now.tail() - self.published_tail) & deque_word::tail_mask) == 1) {
        self.unstolen_streak += self.unstolen_streak < longest_streak ? 1 : 0;
        self.polls_to_skip = (1u << self.unstolen_streak) - 1;
    } else {
        self.unstolen_streak = 0;
    }
}

} // namespace twill::sched
