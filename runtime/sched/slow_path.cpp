// SPDX-License-Identifier: Apache-2.0
#include "twill/detail/slow_path.hpp"

#include "os/kept_errno.hpp"
#include "sched/away.hpp"
#include "sched/guest_record.hpp"
#include "sched/lifetime.hpp"
#include "sched/scheduler.hpp"
#include "twill/blocking.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/worker.hpp"

#include <new>

extern "C" {
const int twill_abi_1 = TWILL_ABI;
}

namespace twill::inline abi_1 {
namespace detail {

// Weak: an executable that includes the headers has a definition of its own, and that one counts.
[[gnu::weak]] constinit thread_local hot_state this_thread{};

namespace {

sched::thread_record& self() noexcept { return *static_cast<sched::thread_record*>(hot().thread); }

} // namespace

bool fork_poll_slow(job* newest) noexcept {
    const bool enters = hot().thread == nullptr;
    if (enters) {
        enter_slow(); // which asks for work
    }
    return self().owner.poll_fork(self(), newest, enters);
}

void poll_slow(job* newest) noexcept { self().owner.poll_block(self(), newest); }

void poll_loop_slow(job* newest, std::uint64_t takes, std::uint64_t took) noexcept {
    self().owner.poll_loop(self(), newest, takes, took);
}

bool share_slow(job* newest) noexcept { return self().owner.share(self(), newest); }

bool join_slow(job* newest) noexcept { return self().owner.join(self(), *newest); }

job_end end_of(const job& ended) noexcept {
    // Relaxed: join_slow() has acquired it.
    const sched::job_state state{ended.state.load(relaxed)};
    return state.what() == sched::job_state::tag::threw ? job_end::threw : job_end::returned;
}

void finish_slow(job* stolen, job_end end) noexcept {
    sched::thread_record& thief = self();
    if (end == job_end::threw) {
        thief.account.add(load_model::counter::failed);
    }
    thief.owner.finish(thief, *stolen, end);
}

void enter_slow() noexcept {
    const os::kept_errno kept; // a first entry reads the environment and starts threads
    sched::scheduler* of = nullptr;
    try {
        of = &sched::scheduler_for_verbs();
    } catch (const std::bad_alloc&) {
        sched::end_program(sched::no_memory_to_enter);
    }
    sched::thread_record& guest = sched::guest_record(*of);
    guest.owner.enter(guest);
}

void leave_slow() noexcept {
    sched::thread_record& guest = self();
    if (!guest.recorder.end_visit()) {
        return; // only a fork has ended
    }
    guest.owner.leave(guest);
    sched::guest_left(guest);
}

std::uint32_t loop_begin_slow() noexcept {
    trace::thread_recorder& recorder = self().recorder;
    recorder.record(trace::event_type::loop_begin);
    return recorder.session();
}

void loop_end_slow(std::uint32_t began) noexcept {
    self().recorder.record_end(began, trace::event_type::loop_end);
}

bool begin_blocking_slow() noexcept {
    sched::thread_record* const running = sched::running_record();
    if (running == nullptr) {
        return false;
    }
    const os::kept_errno kept;
    return running->owner.begin_blocking(*running);
}

void end_blocking_slow() noexcept {
    const os::kept_errno kept;
    sched::thread_record& left = *sched::innermost_record();
    left.owner.end_blocking(left);
}

} // namespace detail

int worker_count() noexcept {
    const sched::thread_record* const record = sched::innermost_record();
    return record != nullptr ? record->owner.workers() : sched::default_workers();
}

} // namespace twill::inline abi_1
