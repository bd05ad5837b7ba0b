// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// runtime: workers of its own beside those of the default runtime.

#include "twill/deadline.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/kind.hpp"
#include "twill/future.hpp"
#include "twill/load.hpp"
#include "twill/options.hpp"
#include "twill/priority.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace twill::inline abi_1 {

namespace detail {

/// A callable that several thread_hooks share.
struct hooked {
    atomic<std::uint32_t> owners{1};
    void (*call)(hooked* self);
    void (*free)(hooked* self) noexcept;
};

template <class Callable>
struct hooked_callable final : hooked {
    Callable callable;

    template <class Given>
    explicit hooked_callable(Given&& given)
        : hooked{.call = [](hooked* self) { static_cast<hooked_callable*>(self)->callable(); },
                 .free = [](hooked* self) noexcept { delete static_cast<hooked_callable*>(self); }},
          callable(std::forward<Given>(given)) {}
};

} // namespace detail

/// Something to be called on each thread of a runtime: any callable without arguments. It runs on
/// several threads at a time and must not throw.
class thread_hook {
public:
    /// Nothing to be called.
    thread_hook() noexcept = default;

    // NOLINTNEXTLINE(google-explicit-constructor): so that options take a lambda
    template <class Callable>
        requires(std::is_invocable_v<std::decay_t<Callable>&> &&
                 !std::is_same_v<std::decay_t<Callable>, thread_hook>)
    thread_hook(Callable&& callable)
        : held_(new detail::hooked_callable<std::decay_t<Callable>>(
              std::forward<Callable>(callable))) {}

    /// Copies call the same callable.
    thread_hook(const thread_hook& other) noexcept : held_(other.held_) {
        if (held_ != nullptr) {
            held_->owners.fetch_add(1, detail::relaxed);
        }
    }
    thread_hook& operator=(const thread_hook& other) noexcept {
        thread_hook copy(other);
        std::swap(held_, copy.held_);
        return *this;
    }
    ~thread_hook() {
        // acq_rel: what the others did with it comes before the last one frees it
        if (held_ != nullptr && held_->owners.fetch_sub(1, detail::acq_rel) == 1) {
            held_->free(held_);
        }
    }

    void operator()() const {
        if (held_ != nullptr) {
            held_->call(held_);
        }
    }

private:
    detail::hooked* held_ = nullptr;
};

/// What a runtime is made with; everything may be left out.
struct runtime_options {
    /// The number of workers, 1 to 4096: at most so many threads begin tasks at a time, threads
    /// from outside included. 0: TWILL_WORKERS, else as many as there are `cores`, else what the
    /// affinity mask and the CPU quota allow.
    int workers = 0;
    /// The threads are called `<name>-<number>`, cut to 15 characters; copied. Null or empty:
    /// "twill".
    const char* name = nullptr;
    /// The CPUs, by the system's numbers, that the runtime's own threads run on. Empty: those of
    /// the thread that makes them. Threads from outside stay where they are.
    std::vector<int> cores = {};
    /// The stack of a thread in bytes, from 65,536 on. 0: TWILL_STACK_SIZE and what follows it.
    std::size_t stack_size = 0;
    /// Called on each of the runtime's own threads before its first task and after its last. They
    /// use no verb, group or future and no blocking section: a wait in them ends the program with a
    /// line.
    thread_hook on_thread_start = {};
    thread_hook on_thread_stop = {};
};

namespace detail {

struct runtime_state;

/// A thread inside of runtime::run().
struct runtime_entry {
    void* from = nullptr;  ///< the record of the task around it, in another runtime
    void* guest = nullptr; ///< null: the thread was in the runtime already
    bool gave_place_up = false;
};

TWILL_API TWILL_COLD void enter_runtime_slow(runtime_state& state, runtime_entry& entry) noexcept;
TWILL_API TWILL_COLD void leave_runtime_slow(runtime_entry& entry) noexcept;
TWILL_API TWILL_COLD void submit_slow(runtime_state& state, submission& one) noexcept;
TWILL_API TWILL_COLD void submit_near_slow(runtime_state& state, submission& one,
                                           const place_hint& hint) noexcept;

} // namespace detail

/// Workers of their own, for a part of a program that is to have its share of the machine, its own
/// stack size, or a time of its own. The verbs of a task use the runtime that the task runs in;
/// verbs outside of all tasks use the default one.
///
/// ```cpp
/// twill::runtime rt{{.workers = 2, .name = "solver"}};
/// const long sum = rt.run([] {
///     return twill::parallel_reduce(0, 1000, 0L, [](int k) { return long{k}; }, std::plus<>());
/// });
/// twill::future<int> later = rt.submit([] { return 42; });
/// const int answer = later.get();
/// // sum == 499500, answer == 42, rt.worker_count() == 2
/// ```
class TWILL_API runtime {
public:
    /// Starts no thread: that is done where work is first shared.
    /// \throws std::invalid_argument for a value out of the ranges of runtime_options or a core
    /// that
    ///         the system does not have; std::bad_alloc.
    explicit runtime(runtime_options options = {});

    /// Waits for all that was submitted and every run(), and ends the threads: none is left. Called
    /// in a task of another runtime this is a blocking section; in one of its own tasks it ends the
    /// program with a line on stderr (but exit() in a task of a static runtime is an exit). No
    /// other thread may enter meanwhile.
    ~runtime();

    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;

    /// Calls `body()` on the calling thread as a task of this runtime and returns what it returns.
    /// With no free worker it waits for one, oldest waiter first. In a task of this runtime it is a
    /// plain call; in one of another runtime the whole is a blocking section there.
    ///
    /// A lock that tasks of the runtime take must not be held while entering it: with all workers
    /// waiting for that lock there would be none to enter on.
    ///
    /// \param options  a twill::kind.
    /// \throws what `body` throws. Thread-safe.
    template <class Body, class... Options>
    decltype(auto) run(Body&& body, const Options&... options) {
        static_assert(std::is_invocable_v<Body>,
                      "twill: runtime::run takes a callable without arguments");
        static_assert((std::is_same_v<Options, kind> && ...) && sizeof...(Options) <= 1,
                      "twill: unknown option: after its body runtime::run takes a twill::kind");
        struct scope {
            detail::runtime_entry entry;
            explicit scope(detail::runtime_state& state) noexcept {
                detail::enter_runtime_slow(state, entry);
            }
            ~scope() { detail::leave_runtime_slow(entry); }
            scope(const scope&) = delete;
            scope& operator=(const scope&) = delete;
        };
        const scope inside(*state_);
        const auto as = detail::find_kind(options...);
        if constexpr (std::is_same_v<decltype(as), const detail::no_kind>) {
            return std::forward<Body>(body)();
        } else {
            return detail::run_as_kind(as.number(), std::forward<Body>(body));
        }
    }

    /// Queues `body` as a task of this runtime and returns at once: a worker that becomes free runs
    /// it, by level and oldest first, or whoever waits for the future, whatever its level. How long
    /// it takes from here to its end is counted in load(), by level: two readings of a clock.
    ///
    /// \param body     callable without arguments, copied or moved (it may be move-only) and
    ///                 destroyed after its call.
    /// \param options  twill::kind, twill::priority, twill::deadline and one of twill::at(node) and
    ///                 twill::near(pointer), in any order. The callback of a deadline is destroyed
    ///                 with the last of the runtime and the future to let go. What is meant for
    ///                 another node is passed over 16 times in a row at the most by a worker that
    ///                 looks for the oldest of a level.
    /// \return a future of what it returns.
    /// \throws std::bad_alloc, and what the copies or moves throw. Thread-safe.
    template <class Body, class... Options>
    auto submit(Body&& body, Options... options) {
        using Callable = std::decay_t<Body>;
        static_assert(std::is_invocable_v<Callable&>,
                      "twill: runtime::submit takes a callable without arguments");
        constexpr int kinds = (0 + ... + (std::is_same_v<Options, kind> ? 1 : 0));
        constexpr int levels = (0 + ... + (detail::is_priority<Options> ? 1 : 0));
        constexpr int deadlines = (0 + ... + (detail::is_deadline<Options> ? 1 : 0));
        constexpr int places = (0 + ... + (detail::is_place<Options> ? 1 : 0));
        static_assert(kinds <= 1 && levels <= 1 && deadlines <= 1 && places <= 1 &&
                          kinds + levels + deadlines + places == sizeof...(Options),
                      "twill: after its callable runtime::submit takes a twill::kind, a "
                      "twill::priority, a twill::deadline and twill::at(node) or "
                      "twill::near(pointer), each once at the most");
        using T = std::invoke_result_t<Callable&>;
        using Callback = typename detail::callback_of<Options...>::type;
        detail::valued_submission<T>* state = nullptr;
        if constexpr (kinds == 0) {
            state =
                new detail::submitted<T, Callable, Callback>(std::forward<Body>(body), options...);
        } else {
            using Kinded = detail::of_kind<Callable>;
            state = new detail::submitted<T, Kinded, Callback>(
                Kinded{std::forward<Body>(body), detail::find_kind(options...).number()},
                options...);
        }
        if constexpr (places == 0) {
            detail::submit_slow(*state_, *state);
        } else {
            detail::submit_near_slow(*state_, *state, detail::find_place(options...));
        }
        return future<T>(state);
    }

    /// The number of workers. O(1).
    [[nodiscard]] int worker_count() const noexcept;

    /// How many workers may be active at a time: `workers` from 1 to worker_count(), other values
    /// become the nearest of these. What runs goes on; a thread too many stops at the end of what
    /// it is at. The affinity mask and the CPU quota may allow fewer. Returns how many are active
    /// from now on. Thread-safe.
    int set_active(int workers) noexcept;

    /// The load of this runtime's workers since it was made; see twill::load().
    [[nodiscard]] load_snapshot load() const;

private:
    detail::runtime_state* state_;
};

} // namespace twill::inline abi_1
