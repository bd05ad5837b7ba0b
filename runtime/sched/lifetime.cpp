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

/// Fewer threads than this may always be awake: on one core a second one still hides waits.
constexpr int awake_at_least = 2;

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
    options.yields = os::flag("TWILL_OVERSUBSCRIBE") && options.workers > cores;
    options.awake = os::flag("TWILL_OVERSUBSCRIBE")
                        ? options.workers
                        : std::min(options.workers, std::max(awake_at_least, cores));
    options.stack_size = os::default_stack_size();
    os::install_overflow_handler();
    auto* made = new scheduler(options); // NOLINT: never destroyed, threads may run at exit
    load_model::register_source(made->load_source());
    static std::once_flag once;
    std::call_once(once, [] { pthread_atfork(nullptr, nullptr, &begin_afresh_in_child); });
    return made;
}

} // namespace

int default_workers() noexcept {
    // The environment and the machine are read once: a number that changes while it is used would
    // help nobody.
    static const int count = topology::default_worker_count();
    return count;
}

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
