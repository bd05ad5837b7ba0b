// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Per-core load: where the time of every worker went. The ratios follow TALP (Lopez, Ramirez
/// Miranda, Garcia-Gasulla: TALP: a lightweight tool to unveil parallel efficiency of large-scale
/// executions, 2021), with a worker where TALP has a process.
///
/// ```cpp
/// std::vector<double> x(1'000'000, 2.0);
/// const twill::load_snapshot before = twill::load();
/// twill::parallel_for_each(x, [](double& element) { element = std::sqrt(element); });
/// const twill::load_window window = twill::load() - before;
/// std::chrono::nanoseconds sum{};
/// for (const twill::worker_load& worker : window.workers) { sum += worker.useful; }
/// // sum == window.total_load(), window.makespan() <= sum, window.load_balance() <= 1.0
/// twill::print_load(window, stdout);
/// ```

#include "twill/detail/config.hpp"
#include "twill/detail/library.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

namespace twill::inline abi_1 {

/// The time and the counts of one worker (one place; the term load p_j is `useful`).
///
/// open = useful + dispatch + search + parked + preempted, to the nanosecond.
struct worker_load {
    using duration = std::chrono::nanoseconds;

    duration open{};     ///< how long the worker existed
    duration useful{};   ///< in tasks: p_j
    duration dispatch{}; ///< publishing, taking, ending and joining public work
    duration search{};   ///< looking for work
    duration parked{};   ///< nobody on it: its thread sleeps, or is being woken
    /// Ready to run, but the kernel ran something else on the core. Absent if the kernel does not
    /// tell; the time is then part of the three above.
    std::optional<duration> preempted;
    /// On a core above the limit: a second thread on this worker's number, resumed from a wait.
    /// A column of its own: not part of `open`.
    duration over{};

    /// Forks that a request for work has found; those between two requests leave no trace.
    std::uint64_t forks = 0;
    std::uint64_t published = 0;     ///< jobs made visible to thieves
    std::uint64_t taken_back = 0;    ///< published jobs that came back unstolen
    std::uint64_t stolen = 0;        ///< jobs taken from another thread by an idle one
    std::uint64_t leapfrogged = 0;   ///< jobs taken by a blocked join from the thief of its child
    std::uint64_t polls = 0;         ///< answers to requests for work
    std::uint64_t joins_blocked = 0; ///< joins that had to wait
    std::uint64_t handed_over = 0;   ///< times a blocked join gave the worker to another thread
    std::uint64_t parks = 0;         ///< times its thread went to sleep for lack of work
    std::uint64_t wakes = 0;         ///< threads woken from here
    std::uint64_t retired = 0;       ///< threads above the limit that gave up
    std::uint64_t threads = 0;       ///< threads created from here
    std::uint64_t tickets = 0;       ///< tickets of threads from outside that were served
};

/// The load between two snapshots. All times in nanoseconds; every ratio is 0 where it would
/// divide by zero. W is the wall time, m the number of workers.
struct load_window {
    using duration = std::chrono::nanoseconds;

    duration wall{};                  ///< W, from the start of the runtime at the earliest
    std::vector<worker_load> workers; ///< one each, by number
    /// The time in which at least one outermost verb ran; what is parked beyond it is the serial
    /// part of the program.
    duration in_verbs{};
    /// CPU time that the kernel counted for the runtime's threads, and for threads from outside
    /// while they were inside verbs: a clock independent of the columns. Absent if unknown.
    std::optional<duration> cpu;
    /// How many workers may be on cores at the same time at the end of the window, by the cores and
    /// TWILL_OVERSUBSCRIBE; the others are parked. 0 before the first verb.
    int awake_limit = 0;

    [[nodiscard]] int worker_count() const noexcept { return static_cast<int>(workers.size()); }

    /// All columns and counts added up. Linear in m.
    [[nodiscard]] TWILL_API worker_load total() const noexcept;
    /// S, the sum of all p_j. Linear in m, as all below.
    [[nodiscard]] TWILL_API duration total_load() const noexcept;
    /// C, the largest p_j.
    [[nodiscard]] TWILL_API duration makespan() const noexcept;
    /// S/m.
    [[nodiscard]] TWILL_API duration mean_load() const noexcept;
    /// C/(S/m) - 1: 0 is even, m - 1 is all on one worker.
    [[nodiscard]] TWILL_API double imbalance() const noexcept;
    /// S/(m C), in [0, 1] (TALP's load balance).
    [[nodiscard]] TWILL_API double load_balance() const noexcept;
    /// S/(m W), in [0, 1] (TALP's parallel efficiency): load_balance() times C/W.
    [[nodiscard]] TWILL_API double parallel_efficiency() const noexcept;
    /// (S + dispatch + search)/(m W), in [0, 1]: how much of the cores the runtime took.
    [[nodiscard]] TWILL_API double utilisation() const noexcept;
    /// |m W - (S + dispatch + search + parked + preempted)|/(m W).
    [[nodiscard]] TWILL_API double identity_error() const noexcept;
    /// (S + dispatch + search + over - cpu)/cpu: what the columns have more than the CPU clock.
    /// Absent if the clock is. Tasks that sleep or block make it grow; threads that park and wake
    /// spend some microseconds each time that are in the clock alone.
    [[nodiscard]] TWILL_API std::optional<double> clock_error() const noexcept;
};

/// The load since the start of the default runtime up to one instant.
struct load_snapshot {
    load_window since_start;
};

/// What happened from `before` to `after`, two snapshots taken in this order. Linear in m.
/// Throws std::bad_alloc. A column that the two readings would put below zero by a late report of
/// the kernel is 0, and the difference is taken from the others.
TWILL_API load_window operator-(const load_snapshot& after, const load_snapshot& before);

/// Reads all accounts: consistent to one instant, while the workers go on. No workers, and zeros,
/// before the first verb. About 3 us a thread of the runtime. Throws std::bad_alloc; thread-safe.
[[nodiscard]] TWILL_API load_snapshot load();

/// Writes a table of the window, a line with a bar per worker, and the verdict: where the lost
/// core-seconds went. Thread-safe as std::fwrite is. Throws std::bad_alloc.
TWILL_API void print_load(const load_window& window, std::FILE* to);

} // namespace twill::inline abi_1
