// SPDX-License-Identifier: Apache-2.0

/// \file
/// The operating system's side of runtime/sched for virtual threads.

#include "simulator/virtual_os.hpp"
#include "os/clock.hpp"
#include "os/memory.hpp"
#include "os/message.hpp"
#include "os/numa_memory.hpp"
#include "os/stack.hpp"
#include "os/thread.hpp"
#include "sched/check.hpp"
#include "sched/guest_record.hpp"
#include "sched/lifetime.hpp"
#include "sched/regions.hpp"
#include "simulator/scenario.hpp"
#include "topology/pinning.hpp"

namespace twill::os {

std::uint64_t ticks_from_microseconds(double microseconds) noexcept {
    return static_cast<std::uint64_t>(microseconds);
}

thread_started start_thread(const thread_start& /*how*/, void (*entry)(void*), void* argument,
                            pthread_t* /*handle*/) noexcept {
    static constexpr const char* names[] = {"worker a", "worker b", "worker c", "worker d",
                                            "worker e", "worker f", "worker g", "worker h"};
    model::engine& all = model::the_engine();
    const model::outside_arena here;
    all.step();
    const std::uint32_t before = model::count_runtime_threads().count;
    all.start_thread(names[before % 8], entry, argument, false);
    model::name_record(*static_cast<sched::thread_record*>(argument), names[before % 8]);
    all.changed();
    all.observe(before);
    all.note("starts a thread");
    return {};
}

// What is waited for has said its last in the protocol already, which is what is explored.
void join_thread(pthread_t /*handle*/) noexcept {}

void say(const char* /*format*/, ...) noexcept { model::the_engine().fail("a message"); }
reason::reason(int /*error*/) noexcept : text{} {}

stack_bounds current_stack() noexcept {
    const model::fiber& stack = model::the_engine().running().stack;
    return {stack.low(), stack.high()};
}

void stack_overflow(int /*worker*/, std::size_t /*stack_size*/) noexcept {
    model::the_engine().fail("stack overflow");
}

void* map_pages(std::size_t bytes, bool /*huge*/) noexcept {
    return ::operator new(bytes, std::align_val_t{64}, std::nothrow);
}
void unmap_pages(void* pages, std::size_t /*bytes*/) noexcept {
    ::operator delete(pages, std::align_val_t{64});
}

int node_of_address(const void* /*address*/) noexcept { return -1; }

bool register_overflow_stack(int (* /*worker*/)() noexcept) noexcept { return true; }
void unregister_overflow_stack() noexcept {}

} // namespace twill::os

// Where a thread runs orders nothing.
namespace twill::topology {
void pinning::follow(std::uint32_t /*thread*/, int /*place*/,
                     detail::atomic<std::int32_t>& /*pinned*/, narrowed_mask& /*mask*/,
                     const char* /*name*/) noexcept {}
} // namespace twill::topology

namespace twill::model {
namespace {

sched::scheduler* of_this_execution = nullptr;
sched::thread_record* guests[virtual_threads_max] = {};

} // namespace

void enter_world(sched::scheduler& runtime) {
    of_this_execution = &runtime;
    for (auto& one : guests) {
        one = nullptr;
    }
}

sched::thread_record* guest_of(std::uint32_t number) { return guests[number]; }

void name_record(sched::thread_record& record, const std::string& of) {
    engine& all = the_engine();
    if (!all.traced()) {
        return;
    }
    const auto part = [&](const auto& field, const char* name) {
        all.name(&field, sizeof field, of + "." + name);
    };
    part(record, "record");
    part(record.deque, "deque");
    part(record.requests, "requests");
    part(record.ringing, "ringing");
    part(record.hot, "hot");
    part(record.helping, "helping");
    part(record.wake_word, "wake_word");
    part(record.next_spare, "next_spare");
    part(record.woken_at, "woken_at");
    part(record.waker_place, "waker_place");
    part(record.presence, "presence");
    part(record.next_ticket, "next_ticket");
}

} // namespace twill::model

namespace twill::sched {

void check_failed(const char* what, const char* file, int line) noexcept {
    model::check_failed(what, file, line);
}

scheduler& default_scheduler() { return *model::of_this_execution; }
void end_program(const char* what) noexcept { model::the_engine().fail(what); }
std::uint32_t fork_generation() noexcept { return 0; }

scheduler* running_default_scheduler() noexcept { return model::of_this_execution; }
scheduler& scheduler_for_verbs() { return default_scheduler(); }
// Schedulers here follow no machine.
int scheduler::machine_allows() noexcept { return workers(); }
void scheduler::look_at_machine(std::uint64_t /*now*/) noexcept {}
void scheduler::appoint_watcher() noexcept {}
void scheduler::learn_places(thread_record& /*self*/) noexcept {}
void scheduler::learn(const topology::worker_table& /*on*/) noexcept {}
void scheduler::watch_machine(thread_record& /*self*/) noexcept {}
void scheduler::look_if_unwatched() noexcept {}

int default_workers() noexcept { return model::of_this_execution->workers(); }

void bind_stack(thread_record& record) noexcept {
    detail::hot_state& hot = detail::hot();
    record.stack = os::current_stack();
    hot.stack_low = record.stack.low;
    hot.stack_high = record.stack.high;
    record.overflow_limit = record.stack.low + record.stack.size() / 8;
}

thread_record& guest_record(scheduler& /*of*/) noexcept {
    thread_record*& mine = model::guests[model::the_engine().running().side.number];
    if (mine == nullptr) {
        scheduler& runtime = default_scheduler();
        mine = runtime.table().add(runtime, true);
        MODEL_CHECK(mine != nullptr);
        {
            const model::outside_arena here;
            model::name_record(*mine, model::the_engine().running().name);
        }
        bind_stack(*mine);
        mine->hot.store(&detail::hot(), detail::seq_cst);
    }
    return *mine;
}

void guest_left(thread_record& /*record*/) noexcept {}
void record_open_regions(thread_record& /*self*/) noexcept {} // there are none

} // namespace twill::sched
