// SPDX-License-Identifier: Apache-2.0
#include "twill/runtime.hpp"

#include "load/all_runtimes.hpp"
#include "load/snapshot.hpp"
#include "os/environment.hpp"
#include "os/futex.hpp"
#include "os/kept_errno.hpp"
#include "sched/away.hpp"
#include "sched/guest_record.hpp"
#include "sched/hinted.hpp"
#include "sched/lifetime.hpp"
#include "sched/recorded_runtimes.hpp"
#include "sched/recording.hpp"
#include "sched/scheduler.hpp"
#include "sched/watchdog.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

namespace twill::inline abi_1 {

namespace detail {

namespace {

/// The program ends by exit(), and static objects go while their runtimes' tasks may still run.
atomic<std::uint32_t> exiting{0};

bool lies_in_static_storage(const void* object) noexcept {
    Dl_info info{};
    return dladdr(object, &info) != 0;
}

sched::scheduler* make(const sched::scheduler_options& options, sched::recorded_runtime& recorded) {
    sched::record_others_by_environment();
    auto* const made = new sched::scheduler(options); // NOLINT: ~runtime() deletes it
    sched::watchdog::watch(*made);
    load_model::count_runtime(made->load_source(), options.name);
    sched::begin_recording_of(recorded, *made);
    return made;
}

} // namespace

/// What a runtime object keeps, to start afresh in the child of a fork.
struct runtime_state {
    /// A static object, of which nobody has used the runtime yet.
    atomic<std::uint32_t> unused_static{0};
    sched::scheduler_options options;
    thread_hook on_thread_start;
    thread_hook on_thread_stop;
    std::mutex starting;
    atomic<sched::scheduler*> running{nullptr};
    atomic<std::uint32_t> generation{0};
    sched::recorded_runtime recorded;

    sched::scheduler& scheduler() {
        if (unused_static.load(relaxed) != 0 && unused_static.exchange(0, relaxed) != 0) {
            // The object is complete, so this is called before its destructor.
            std::atexit([] { exiting.store(1, relaxed); });
        }
        // acquire: pairs with the release below
        if (generation.load(acquire) == sched::fork_generation()) {
            return *running.load(relaxed);
        }
        // In the child of a fork() another thread cannot hold the lock: this is the only one that
        // came along, or one that it has made since.
        const std::lock_guard locked(starting);
        if (generation.load(relaxed) != sched::fork_generation()) {
            running.store(make(options, recorded), relaxed);
            generation.store(sched::fork_generation(), release);
        }
        return *running.load(relaxed);
    }
};

namespace {

constexpr std::size_t smallest_stack = 64 * 1024;
constexpr std::size_t largest_stack = std::size_t{64} << 30;

[[noreturn]] void refuse(const char* option, const char* expected, const std::string& got) {
    throw std::invalid_argument(std::string("twill::runtime: ") + option + ": expected " +
                                expected + ", got " + got);
}

sched::scheduler_options checked(const runtime_options& given) {
    if (given.workers < 0 || given.workers > topology::max_workers) {
        refuse("workers", "1 to 4096, or 0 for the default", std::to_string(given.workers));
    }
    if (given.stack_size != 0 &&
        (given.stack_size < smallest_stack || given.stack_size > largest_stack)) {
        refuse("stack_size", "65536 to 68719476736 bytes, or 0 for the default",
               std::to_string(given.stack_size));
    }
    for (const int core : given.cores) {
        if (core < 0 || core >= topology::cpus_configured()) {
            refuse("cores", "numbers of CPUs that the system has", std::to_string(core));
        }
    }
    const int cores = topology::core_count();
    sched::worker_choice choice{given.workers, given.workers != 0};
    if (choice.workers == 0) {
        const int own = given.cores.empty() ? sched::usable_places(cores)
                                            : static_cast<int>(given.cores.size());
        choice.workers = topology::default_worker_count(own, &choice.asked_for);
    }
    sched::scheduler_options options = sched::options_for(choice, cores);
    options.cores = given.cores;
    if (!given.cores.empty() && options.described != nullptr) {
        options.learns_places = options.described->from.kind == topology::source_kind::machine;
        options.described = nullptr; // its places are elsewhere
    }
    if (given.name != nullptr && *given.name != '\0') {
        const std::string_view name(given.name);
        options.name[name.copy(options.name, sizeof options.name - 1)] = '\0';
    }
    if (given.stack_size != 0) {
        options.stack_size = given.stack_size;
    }
    return options;
}

sched::scheduler& submitted_to(runtime_state& state, submission& one) {
    sched::scheduler& of = state.scheduler();
    one.scheduler = &of;
    one.generation = sched::fork_generation();
    return of;
}

} // namespace

void enter_runtime_slow(runtime_state& state, runtime_entry& entry) noexcept {
    const os::kept_errno kept;
    sched::scheduler& of = state.scheduler();
    if (sched::running_record(of) == nullptr) {
        sched::thread_record* const from = sched::running_record();
        entry.from = from;
        if (from != nullptr) {
            entry.gave_place_up = sched::step_away(*from);
        }
        sched::thread_record& guest = sched::guest_record(of);
        entry.guest = &guest;
        of.enter(guest);
    }
}

void leave_runtime_slow(runtime_entry& entry) noexcept {
    if (entry.guest == nullptr) {
        return;
    }
    auto& guest = *static_cast<sched::thread_record*>(entry.guest);
    guest.owner.leave(guest);
    sched::guest_left(guest);
    if (entry.from != nullptr) {
        sched::step_back(*static_cast<sched::thread_record*>(entry.from), entry.gave_place_up);
    }
}

void submit_slow(runtime_state& state, submission& one) noexcept {
    const os::kept_errno kept;
    submitted_to(state, one).submit(one);
}

void submit_near_slow(runtime_state& state, submission& one, const place_hint& hint) noexcept {
    const os::kept_errno kept;
    sched::scheduler& of = submitted_to(state, one);
    const sched::hinting by(of);
    if (const std::int32_t share = by.share_for(hint); share >= 0) {
        by.submit(one, share);
    } else {
        of.submit(one);
    }
}

bool await_slow(submission& one) noexcept {
    const os::kept_errno kept;
    if (one.state.load(acquire) != submission::ended) { // pairs with end_submission()
        if (one.generation != sched::fork_generation()) {
            return false;
        }
        auto& of = *static_cast<sched::scheduler*>(one.scheduler);
        if (sched::thread_record* const self = sched::running_record(of); self != nullptr) {
            of.await(self, one);
        } else {
            const sched::away elsewhere;
            of.await(nullptr, one);
        }
    }
    sched::merge_views(one);
    return true;
}

bool await_for_slow(submission& one, std::uint64_t nanoseconds, bool& lost) noexcept {
    const os::kept_errno kept;
    bool ended = one.state.load(acquire) == submission::ended; // pairs with end_submission()
    if (!ended) {
        lost = one.generation != sched::fork_generation();
        if (lost) {
            return false;
        }
        static_cast<sched::scheduler*>(one.scheduler)->wants_to_begin(one);
        const sched::away elsewhere;
        const std::uint64_t until = os::deadline_after(nanoseconds);
        ended = sched::sleep_until_ended(one, [until](auto& word, std::uint32_t expected) {
            return os::futex_wait_until(word, expected, until);
        });
    }
    if (ended) {
        sched::merge_views(one);
    }
    return ended;
}

} // namespace detail

const char* lost_in_fork::what() const noexcept {
    return "twill: the submission of this future was left behind by fork()";
}

runtime::runtime(runtime_options options) {
    auto state = std::make_unique<detail::runtime_state>();
    state->options = detail::checked(options);
    state->on_thread_start = std::move(options.on_thread_start);
    state->on_thread_stop = std::move(options.on_thread_stop);
    state->options.context = state.get();
    state->options.thread_starts = [](void* context) noexcept {
        static_cast<detail::runtime_state*>(context)->on_thread_start();
    };
    state->options.thread_stops = [](void* context) noexcept {
        static_cast<detail::runtime_state*>(context)->on_thread_stop();
    };
    state->running.store(detail::make(state->options, state->recorded), detail::relaxed);
    state->generation.store(sched::fork_generation(), detail::release);
    state->unused_static.store(detail::lies_in_static_storage(this) ? 1 : 0, detail::relaxed);
    state_ = state.release();
}

runtime::~runtime() {
    std::unique_ptr<detail::runtime_state> state(state_);
    if (state->generation.load(detail::acquire) != sched::fork_generation()) {
        return; // the parent's: its threads are not here, and whatever they held stays as it was
    }
    sched::scheduler* const of = state->running.load(detail::relaxed);
    if (sched::any_running_record(
            [of](const sched::thread_record& record) { return &record.owner == of; })) {
        if (detail::exiting.load(detail::relaxed) != 0) {
            static_cast<void>(state.release()); // exit() in a task of a static runtime
            return;
        }
        sched::end_program("a runtime is destroyed by one of its own tasks");
    }
    const sched::away elsewhere;
    {
        const sched::outside_wait noted(of, sched::waits_for::end_of_runtime);
        of->shut_down();
    }
    sched::watchdog::forget(*of);
    sched::forget_guests_of(*of);
    sched::end_recording_of(state->recorded);
    load_model::keep_runtime(of->load_source());
    delete of;
}

int runtime::set_active(int workers) noexcept {
    return state_->scheduler().set_active(std::clamp(workers, 1, worker_count()));
}

int runtime::worker_count() const noexcept { return state_->options.workers; }

load_snapshot runtime::load() const {
    return load_model::snapshot_of(state_->scheduler().load_source());
}

} // namespace twill::inline abi_1
