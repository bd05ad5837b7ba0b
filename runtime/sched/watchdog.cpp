// SPDX-License-Identifier: Apache-2.0
#include "sched/watchdog.hpp"

#include "os/clock.hpp"
#include "os/environment.hpp"
#include "os/futex.hpp"
#include "os/message.hpp"
#include "os/thread.hpp"
#include "sched/lifetime.hpp"
#include "sched/standstill.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <vector>

namespace twill::sched {

detail::atomic<std::uint32_t> watchdog_on{0};

namespace {

constexpr long longest_limit = 86'400;
constexpr std::uint64_t second = 1'000'000'000;
/// A limit is this many looks, and the looks lie at most so far apart.
constexpr std::uint64_t looks_per_limit = 8;
constexpr std::uint64_t longest_period = 2 * second;
constexpr std::size_t stack_size = std::size_t{1} << 20;

/// All that there is to look at.
struct registry {
    std::mutex lock;
    bool asked = false;
    std::uint64_t limit = 0; ///< in nanoseconds; 0: there is no watchdog
    scheduler* first = nullptr;
    outside_wait* first_outside = nullptr;
};

// Never destroyed: the watchdog looks until the process ends.
registry& all() noexcept {
    alignas(registry) static unsigned char room[sizeof(registry)];
    static auto* const one = new (room) registry;
    return *one;
}

std::vector<look> look_at_all(registry& in) {
    std::vector<look> looks;
    for (scheduler* one = in.first; one != nullptr; one = one->watch.next) {
        looks.push_back(look_at(*one, in.first_outside));
    }
    for (look& one : looks) {
        watch_state& kept = one.of->watch;
        one.stands = one.words == kept.words;
        kept.words = one.words;
        if (one.stands) { // the kernel is asked only then
            read_kernel(one);
            one.stands = one.kernel == kept.kernel;
            kept.kernel = one.kernel;
        }
    }
    judge(looks);
    return looks;
}

// What there is to tell now, `step` after the last look.
std::vector<std::string> look_around(registry& in, std::uint64_t step) {
    std::vector<std::string> lines;
    const std::lock_guard locked(in.lock);
    const std::vector<look> looks = look_at_all(in);
    for (const look& one : looks) {
        watch_state& kept = one.of->watch;
        if (!one.stands) {
            kept.quiet_nanoseconds = 0;
            kept.told = false;
            continue;
        }
        kept.quiet_nanoseconds += step;
        if (kept.quiet_nanoseconds >= in.limit && !kept.told) {
            kept.told = true;
            report(one, looks, kept.quiet_nanoseconds / second, lines);
        }
    }
    return lines;
}

void keep_watch(void* /*nothing*/) {
    registry& in = all();
    const std::uint64_t period = std::min(in.limit / looks_per_limit, longest_period);
    detail::atomic<std::uint32_t> never{0};
    auto last = static_cast<std::uint64_t>(os::monotonic_nanoseconds());
    for (;;) {
        os::futex_wait_for(never, 0, period);
        const auto now = static_cast<std::uint64_t>(os::monotonic_nanoseconds());
        // A process that was stopped has not stood still.
        const std::uint64_t step = std::min(now - last, 2 * period);
        last = now;
        try {
            // Told without the lock: whoever reads stderr may be slow.
            for (const std::string& line : look_around(in, step)) {
                os::say("%s\n", line.c_str());
            }
        } catch (const std::exception&) {
            continue; // no memory for this look
        }
    }
}

// Under the lock.
void start_once(registry& in) noexcept {
    if (in.asked) {
        return;
    }
    in.asked = true;
    const long limit = os::integer("TWILL_WATCHDOG", 1, longest_limit, 0);
    if (limit == 0) {
        return;
    }
    in.limit = static_cast<std::uint64_t>(limit) * second;
    // Before any thread of the runtime waits, and before the first look.
    watchdog_on.store(1, detail::relaxed);
    const int error = os::start_thread({"twill-watchdog", stack_size}, &keep_watch, nullptr).error;
    if (error != 0) {
        watchdog_on.store(0, detail::relaxed);
        in.limit = 0;
        os::say("twill: no watchdog: the system gives no thread for it (%s)\n",
                os::reason(error).text);
    }
}

} // namespace

namespace watchdog {

void watch(scheduler& of) noexcept {
    registry& in = all();
    const std::lock_guard locked(in.lock);
    start_once(in);
    if (in.limit != 0) {
        of.watch.next = in.first;
        in.first = &of;
    }
}

void forget(scheduler& of) noexcept {
    registry& in = all();
    const std::lock_guard locked(in.lock);
    for (scheduler** at = &in.first; *at != nullptr; at = &(*at)->watch.next) {
        if (*at == &of) {
            *at = of.watch.next;
            return;
        }
    }
}

void begin_afresh_in_child() noexcept {
    watchdog_on.store(0, detail::relaxed);
    new (&all()) registry; // what it named is the parent's, and its lock may be held by nobody here
}

} // namespace watchdog

void outside_wait::link(scheduler* in, waits_for what, const void* object) noexcept {
    in_ = in;
    thread_ = os::thread_number();
    wait_ = {what, object, detail::ticks()};
    generation_ = fork_generation();
    linked_ = true;
    registry& lists = all();
    const std::lock_guard locked(lists.lock);
    next_ = lists.first_outside;
    if (next_ != nullptr) {
        next_->previous_ = this;
    }
    lists.first_outside = this;
}

void outside_wait::unlink() noexcept {
    if (generation_ != fork_generation()) {
        return; // the list of the child began afresh
    }
    registry& lists = all();
    const std::lock_guard locked(lists.lock);
    (previous_ == nullptr ? lists.first_outside : previous_->next_) = next_;
    if (next_ != nullptr) {
        next_->previous_ = previous_;
    }
}

} // namespace twill::sched
