// SPDX-License-Identifier: Apache-2.0
#include "sched/lifetime.hpp"

#include "os/environment.hpp"
#include "os/stack.hpp"
#include "os/thread.hpp"
#include "sched/guest_record.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <mutex>
#include <pthread.h>

namespace twill::sched {

namespace {

/// So many threads may always be awake where the number of workers was asked for: on one core a
/// second one still hides waits.
constexpr int awake_if_asked_for = 2;

struct choice {
    int workers;
    bool asked_for;
};

// The environment and the machine are read once: the places and their accounts are numbered. How
// many of them may be held follows the machine.
const choice& default_choice() noexcept {
    static const choice one = [] {
        choice made{};
        made.workers = topology::default_worker_count(&made.asked_for);
        return made;
    }();
    return one;
}

detail::atomic<scheduler*> running_default{nullptr};
std::mutex starting; // NOLINT: trivially destructible in effect, and held for the start only

// fork() copies one thread. What the parent's threads held is left as it is, and the child starts
// afresh with its next verb.
void begin_afresh_in_child() {
    running_default.store(nullptr, detail::relaxed);
    new (&starting) std::mutex;
    forget_guest_records_after_fork();
}

scheduler* start() {
    const int cores = topology::core_count();
    scheduler_options options;
    options.workers = default_workers();
    const bool oversubscribed = os::flag("TWILL_OVERSUBSCRIBE");
    options.yields = oversubscribed && options.workers > cores;
    options.follows_machine = !oversubscribed;
    options.awake_at_least = default_choice().asked_for ? awake_if_asked_for : 1;
    options.awake = oversubscribed
                        ? options.workers
                        : std::min(options.workers, std::max(options.awake_at_least, cores));
    options.joins = false;
    options.stack_size = os::default_stack_size();
    os::install_overflow_handler();
    auto* made = new scheduler(options); // NOLINT: never destroyed, threads may run at exit
    load_model::register_source(made->load_source());
    static std::once_flag once;
    std::call_once(once, [] { pthread_atfork(nullptr, nullptr, &begin_afresh_in_child); });
    return made;
}

} // namespace

int default_workers() noexcept { return default_choice().workers; }

scheduler& default_scheduler() {
    // acquire: pairs with the release below
    if (scheduler* one = running_default.load(detail::acquire); one != nullptr) {
        return *one;
    }
    const std::lock_guard lock(starting);
    scheduler* one = running_default.load(detail::relaxed);
    if (one == nullptr) {
        one = start();
        running_default.store(one, detail::release);
    }
    return *one;
}

} // namespace twill::sched
