// SPDX-License-Identifier: Apache-2.0
#include "sched/lifetime.hpp"

#include "load/all_runtimes.hpp"
#include "load/region.hpp"
#include "os/environment.hpp"
#include "os/stack.hpp"
#include "os/thread.hpp"
#include "sched/away.hpp"
#include "sched/guest_record.hpp"
#include "sched/recording.hpp"
#include "sched/watchdog.hpp"
#include "topology/table.hpp"
#include "topology/worker_count.hpp"
#include "topology/workers.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <pthread.h>

namespace twill::sched {

namespace {

/// So many threads may always be awake where the number of workers was asked for: on one core a
/// second one still hides waits.
constexpr int awake_if_asked_for = 2;

/// What is made once for the process and never goes, in a room of its own, so that no memory can
/// lack. No static object of a function: another thread may be in the middle of making it when the
/// process forks, and nobody would end that in the child.
template <class T>
class made_once {
public:
    template <class Make>
    const T& get(Make make) {
        // acquire: pairs with the release below
        const T* one = made_.load(detail::acquire);
        if (one == nullptr) {
            const std::lock_guard lock(making_);
            one = made_.load(detail::relaxed);
            if (one == nullptr) {
                one = new (room_) T(make());
                made_.store(one, detail::release);
            }
        }
        return *one;
    }
    void begin_afresh_in_child() noexcept { new (&making_) std::mutex; }

private:
    std::mutex making_;
    detail::atomic<const T*> made_{nullptr};
    alignas(T) std::byte room_[sizeof(T)]{};
};

using shared_table = std::shared_ptr<const topology::worker_table>;
constinit made_once<shared_table> described;
constinit made_once<worker_choice> chosen;

// Also read once. A described machine is told by its number of workers already, so that one alone
// is read before the first thread. Null also without memory.
const shared_table& described_places() noexcept {
    return described.get([] {
        shared_table made;
        try {
            if (auto one = topology::workers_described()) {
                made = std::make_shared<topology::worker_table>(*std::move(one));
            }
        } catch (const std::bad_alloc&) { // as if none were described
        }
        return made;
    });
}

// For a runtime of so many workers; null also without memory.
shared_table described_places_for(int workers) noexcept {
    const shared_table& all = described_places();
    if (all == nullptr || workers == static_cast<int>(all->workers.size())) {
        return all;
    }
    try {
        return std::make_shared<const topology::worker_table>(
            topology::with_workers(*all, workers));
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

// The environment and the machine are read once: the places and their accounts are numbered. How
// many of them may be held follows the machine. `cores`: what the caller has just read of it.
const worker_choice& default_choice(std::optional<int> cores = {}) noexcept {
    return chosen.get([cores] {
        worker_choice made{};
        if (const shared_table& places = described_places(); places != nullptr) {
            made.workers = static_cast<int>(places->workers.size());
            static_cast<void>(topology::default_worker_count(made.workers, &made.asked_for));
            return made;
        }
        made.workers = topology::default_worker_count(cores ? *cores : topology::core_count(),
                                                      &made.asked_for);
        return made;
    });
}

/// Threads that may be in blocking sections: the default, and the largest that may be asked for.
constexpr long default_blocked = 2048;
constexpr long most_blocked = 8192;

detail::atomic<scheduler*> running_default{nullptr};
std::mutex starting; // NOLINT: trivially destructible in effect, and held for the start only

detail::atomic<std::uint32_t> generation{0};

// A task that forks leaves the child with one thread, in the middle of joins whose other sides are
// not there. Every join on the way back goes the cold way, which says so.
void abandon_running_tasks() noexcept {
    detail::hot_state& hot = detail::hot();
    const auto mark_all = [](detail::job* newest) {
        for (detail::job* one = newest; one != nullptr; one = detail::older_than(*one)) {
            one->link |= detail::mark_bit;
        }
    };
    mark_all(hot.tail);
    any_running_record([&](thread_record& record) {
        record.abandoned = true;
        if (&record != hot.thread) {
            mark_all(record.blocked_tail);
        }
        return false;
    });
    hot.limit.store(detail::attention, detail::relaxed);
}

/// The default runtimes of the processes before this one, which are left as they are: pointed to
/// from here, they are no leaks to whoever looks for those.
constexpr std::size_t kept_in_sight = 64;
scheduler* left_behind[kept_in_sight];

// fork() copies one thread. What the parent's threads held is left as it is, and the child starts
// afresh with its next verb.
void begin_afresh_in_child() {
    const std::uint32_t forks = generation.fetch_add(1, detail::relaxed);
    left_behind[forks % kept_in_sight] = running_default.load(detail::relaxed);
    load_model::forget_source_in_child();
    load_model::forget_runtimes_in_child();
    load_model::forget_regions_in_child();
    abandon_running_tasks();
    running_default.store(nullptr, detail::relaxed);
    new (&starting) std::mutex;
    described.begin_afresh_in_child();
    chosen.begin_afresh_in_child();
    forget_guest_records_after_fork();
    watchdog::begin_afresh_in_child();
    topology::forget_hwloc_in_child();
    forget_recording_in_child();
}

// As the library is loaded: a fork may come while another thread is at its first verb.
[[gnu::constructor]] void follow_forks() {
    pthread_atfork(nullptr, nullptr, &begin_afresh_in_child);
}

scheduler* start() {
    const int cores = topology::core_count();
    scheduler_options options = options_for(default_choice(cores), cores);
    options.joins = false;
    auto* made = new scheduler(options); // NOLINT: never destroyed, threads may run at exit
    load_model::register_source(made->load_source());
    watchdog::watch(*made);
    record_by_environment(*made);
    return made;
}

} // namespace

scheduler_options options_for(worker_choice choice, int cores) noexcept {
    const auto [workers, asked_for] = choice;
    const shared_table& places = described_places();
    const bool elsewhere = places != nullptr && places->from.kind != topology::source_kind::machine;
    os::install_overflow_handler();
    const bool all_awake = os::flag("TWILL_OVERSUBSCRIBE") || elsewhere;
    scheduler_options options;
    options.workers = workers;
    options.yields = all_awake && workers > cores;
    options.follows_machine = !all_awake;
    options.awake_at_least = std::min(workers, asked_for ? awake_if_asked_for : 1);
    options.awake =
        all_awake ? workers : std::min(workers, std::max(options.awake_at_least, cores));
    options.steal = topology::victim_rule_from_environment();
    options.pin = topology::pin_rule_from_environment();
    options.described = described_places_for(workers);
    options.learns_places = places == nullptr && workers > 1;
    options.stack_size = os::default_stack_size();
    options.blocked_max = static_cast<std::uint32_t>(
        os::integer("TWILL_MAX_BLOCKED", 1, most_blocked, default_blocked));
    return options;
}

int usable_places(int cores) noexcept {
    const shared_table& places = described_places();
    return places == nullptr
               ? cores
               : topology::usable_cores(static_cast<int>(places->choice.size()), places->quota);
}

std::uint32_t fork_generation() noexcept { return generation.load(detail::relaxed); }

scheduler* running_default_scheduler() noexcept { return running_default.load(detail::relaxed); }

scheduler& scheduler_for_verbs() {
    const auto* const outer = static_cast<const thread_record*>(detail::hot().outer);
    return outer != nullptr && !outer->abandoned ? outer->owner : default_scheduler();
}

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
