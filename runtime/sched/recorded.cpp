// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/regions.hpp"
#include "sched/scheduler.hpp"

namespace twill::sched {

using load_model::activity;
using load_model::transition;
using trace::event_type;

namespace {

std::uint32_t own_place() noexcept {
    const std::int32_t place = detail::hot().place;
    return place < 0 ? 0 : static_cast<std::uint32_t>(place);
}

trace::activity_kind kind_of(activity what) noexcept {
    static_assert(
        static_cast<int>(trace::activity_kind::useful) == static_cast<int>(activity::useful) &&
        static_cast<int>(trace::activity_kind::parked) == static_cast<int>(activity::parked));
    return static_cast<trace::activity_kind>(what);
}

// Of the thread that the record belongs to.
void note_transition(void* context, transition what, activity next, std::uint64_t now) noexcept {
    thread_record& self = *static_cast<thread_record*>(context);
    trace::thread_recorder& recorder = self.recorder;
    if (what == transition::delayed) {
        recorder.record_delay(now, self.account.take_delay());
        return;
    }
    const std::uint32_t place = own_place();
    if (what == transition::leave) {
        recorder.record_at(now, event_type::leave_place, place);
        return;
    }
    if (what == transition::take) {
        recorder.record_at(now, event_type::take_place, place);
    }
    recorder.record_at(now, event_type::activity, trace::activity_payload(kind_of(next), place));
}

} // namespace

// The mode, then the flags: whoever takes its flag, or finds none and looks, sees the mode. A
// thread that is in none of the two for long, asleep or in a long serial task, goes on as it was
// until then.
void scheduler::set_recorded(std::uint32_t session) noexcept {
    recorded_.store(session, detail::seq_cst);
    const std::uint32_t count = table_.size_for_all();
    for (std::uint32_t id = 0; id < count; ++id) {
        ask(table_[id], look_at_recording);
    }
}

// By the thread itself, where its limit is lowered, and before it begins a root. In here the limit
// is only raised, which loses no request.
void scheduler::follow_recording_slow(thread_record& self) noexcept {
    // seq_cst: pairs with set_recorded(), whose flag this thread has taken before
    const std::uint32_t session = recorded_.load(detail::seq_cst);
    if (session == self.recorder.session()) {
        return;
    }
    if (session == 0) {
        self.recorder.end();
        self.account.listen(nullptr, nullptr);
        return; // the next poll lowers the limit
    }
    self.recorder.begin(session, self.account);
    self.account.listen(&note_transition, &self);
    if (self.account.tells_delay()) {
        self.recorder.record_delay(detail::ticks(), 0);
    }
    record_open_regions(self);
    const detail::hot_state& hot = detail::hot();
    // The place may be one of another runtime, whose task the thread is in.
    if (hot.place >= 0 && (hot.thread == &self || hot.thread == nullptr)) {
        const std::uint64_t now = detail::ticks();
        note_transition(&self, transition::take, self.account.doing(), now);
    }
    if (hot.thread == &self) {
        detail::hot().limit.store(detail::attention, detail::relaxed);
    }
}

// Returns whether the fork ends with leave_slow().
bool scheduler::poll_fork(thread_record& self, job* newest, bool entered) noexcept {
    poll(self, newest);
    if (!self.recorder.on()) {
        return entered;
    }
    newest->link |= detail::recorded_bit;
    self.recorder.begin_visit(entered);
    return true;
}

void scheduler::poll_block(thread_record& self, job* newest) noexcept {
    self.recorder.record(event_type::block);
    poll(self, newest);
}

// A job that is no recorded fork is the rest of a loop, or of a fork before the session.
void scheduler::note_join(thread_record& self, const job& joined, bool came_back) noexcept {
    const bool is_fork = (joined.link & detail::recorded_bit) != 0;
    if (is_fork && !self.recorder.visit_is_recorded()) {
        return;
    }
    if (came_back) {
        self.recorder.record(is_fork ? event_type::join_own : event_type::block);
        return;
    }
    const helped by = runner_of(joined);
    self.recorder.record_link(is_fork ? event_type::join_stolen : event_type::loop_stolen, 0,
                              {by.thief(), by.epoch()});
}

// Given at the first need: a group costs nothing more while nothing is recorded.
std::uint32_t scheduler::number_of(group& g) noexcept {
    std::uint32_t number = g.number.load(detail::relaxed);
    if (number == 0) {
        const std::uint32_t fresh = group_numbers_.fetch_add(1, detail::relaxed) + 1;
        // Relaxed: the number is all that there is to it.
        if (g.number.compare_exchange_strong(number, fresh, detail::relaxed, detail::relaxed)) {
            number = fresh;
        }
    }
    return number & trace::largest_payload;
}

void scheduler::note_spawn(thread_record& self, group& g) noexcept {
    self.recorder.record(event_type::spawn, number_of(g));
}

// Returns the session, for record_end().
std::uint32_t scheduler::note_begin(thread_record& self, event_type what, group& g) noexcept {
    self.recorder.record(what, number_of(g));
    return self.recorder.session();
}

} // namespace twill::sched
