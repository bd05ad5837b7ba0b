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
/// const double quality = window.quality({}, {}); // neither of the two times is known
/// // quality >= 0.99, window.useful_share() <= 1.0, window.throughput() >= 0.0
/// twill::print_load(window, stdout);
/// ```

#include "twill/detail/config.hpp"
#include "twill/detail/library.hpp"
#include "twill/priority.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

namespace twill::inline abi_1 {

/// Jobs that idle threads took from others, by what the workers of the two share of L3 cache and
/// NUMA node. Where the machine has one of each, or is not known yet, all are near, and so is what
/// was taken from a thread that was on no worker.
struct steal_levels {
    std::uint64_t near = 0;   ///< they share both
    std::uint64_t middle = 0; ///< one of the two
    std::uint64_t far = 0;    ///< neither
};

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
    /// Tasks that began from a queue: those of groups, submissions, and forked tasks and pieces of
    /// loops that were taken from another thread. A fork that nobody takes is part of the task that
    /// forks, and a verb that a thread from outside calls is none. Of a thread that runs one task
    /// of a group after the other, up to 255 are not told yet.
    std::uint64_t tasks = 0;
    /// Of these, tasks that an exception ended; but what a loop throws is not counted.
    std::uint64_t failed = 0;
    /// Of those stolen, from a thread on another NUMA node; 0 where the machine has one or is not
    /// known yet.
    std::uint64_t stolen_remote = 0;
    /// Of those stolen, from a worker that shares one of L3 cache and NUMA node with this one, and
    /// from one that shares neither: see steal_levels.
    std::uint64_t stolen_middle = 0;
    std::uint64_t stolen_far = 0;
    /// Parts of loops over a numa_vector, or with twill::at or twill::near, that ran on the node
    /// where their elements lie, and what was submitted or put into a group with one of these that
    /// ran there; and those that ran elsewhere, because somebody there was idle.
    std::uint64_t placed = 0;
    std::uint64_t displaced = 0;

    /// Processor cycles, instructions, and misses of the last level of cache while threads were on
    /// this worker, above the limit too; in user mode. Absent unless TWILL_COUNTERS=1 was set and
    /// all threads could count them: load_window::counters_absent says why.
    std::optional<std::uint64_t> cycles;
    std::optional<std::uint64_t> instructions;
    std::optional<std::uint64_t> cache_misses;

    /// All that are stolen, by level: what is neither middle nor far is near.
    [[nodiscard]] TWILL_API steal_levels steals_by_level() const noexcept;
};

/// One thread that runs tasks: one of the runtime's own, or one of the program's that called a
/// verb. A worker goes on with another thread while the one that it had is blocked.
struct thread_load {
    using duration = std::chrono::nanoseconds;

    std::uint32_t number = 0;  ///< as in a recording; after a thread has ended another one has it
    bool from_outside = false; ///< the program's own
    int system_id = 0;         ///< as the kernel shows it (ps -L, /proc/self/task); of the last one
    /// How long it waited, asleep, for a task that was stolen, for a group, or for a worker to come
    /// free, or was in twill::blocking(). Spinning before a sleep is the worker's search; a thread
    /// without work is not blocked.
    duration blocked{};
    std::uint64_t blocks = 0; ///< how often
};

/// How often durations of which length came: buckets of which 16 span a factor of two, so that a
/// percentile is within 1/16 of the true one.
struct duration_histogram {
    using duration = std::chrono::nanoseconds;

    std::vector<std::uint64_t> counts; ///< by bucket, up to the last that is not empty
    double unit = 0;                   ///< what the buckets count in, in nanoseconds

    /// The duration that a share `p` of all, in [0, 1], does not exceed; values outside count as
    /// the nearest end. 0 if there is none. Linear in the number of buckets, at most 720.
    [[nodiscard]] TWILL_API duration percentile(double p) const noexcept;
};

/// What one worker did for the tasks of one kind.
struct kind_on_worker {
    using duration = std::chrono::nanoseconds;

    std::uint64_t count = 0; ///< tasks that ended there
    duration total{};        ///< e_ij
};

/// The tasks of one twill::kind. The total of a kind is the useful time of its tasks without that
/// of tasks of kinds inside them and without their waiting, so the totals of all kinds and of
/// "(unnamed)", which stands for what is in none, add up to the useful time of each worker. What a
/// thief takes out of a task belongs to the task's kind, and to the thief's worker.
///
/// The length of a single task counts in the same way, without what thieves took out of it, but
/// with its time above the limit (worker_load::over).
struct kind_load {
    using duration = std::chrono::nanoseconds;

    const char* name = ""; ///< lives as long as the process
    std::vector<kind_on_worker> workers;
    std::uint64_t count = 0;  ///< tasks that ended; 0 for "(unnamed)"
    duration total{};         ///< over all workers
    std::uint64_t errors = 0; ///< tasks that ended by an exception
    /// Of `total`, how long threads slept in tasks: in system calls, locks, page faults. It is
    /// looked for where a task has run for 125 us without a change of kind or activity, and may
    /// lack as much of each sleep.
    duration asleep{};
    /// The longest task. In a window it is exact if it is the longest since the start, else up to
    /// 1/16 too long.
    duration longest{};
    duration_histogram lengths; ///< of every task, none is left out

    /// total/count.
    [[nodiscard]] TWILL_API duration mean() const noexcept;
    /// Of the lengths, within 1/16; p in [0, 1].
    [[nodiscard]] duration percentile(double p) const noexcept { return lengths.percentile(p); }
};

/// All windows of one path of twill::region that have ended.
struct region_load {
    using duration = std::chrono::nanoseconds;

    const char* path = ""; ///< names divided by '/'; lives as long as the process
    std::uint64_t count = 0;
    duration wall{};        ///< of the windows, added up
    duration in_verbs{};    ///< of that, while at least one outermost verb ran
    std::uint64_t late = 0; ///< windows that ended after their deadline
    duration late_sum{};    ///< by so much in all
    worker_load all;        ///< the columns of all workers within the windows, added up; no counts
};

/// How long submissions of one level took, from submit() to their end; those that ended in the
/// window. (Tasks of a group are not timed: reading a clock would cost more than putting one in.)
struct response_load {
    using duration = std::chrono::nanoseconds;

    priority level = priority::normal;
    std::uint64_t count = 0;
    duration sum{};
    /// The longest: exact since the start, and where it came in the window; else as percentile().
    duration longest{};
    std::uint64_t late = 0;   ///< ended after their deadline
    duration late_sum{};      ///< by so much in all
    std::uint64_t errors = 0; ///< ended by an exception
    duration_histogram times; ///< of every submission; empty if `count` is 0

    /// sum/count, or 0. O(1).
    [[nodiscard]] TWILL_API duration mean() const noexcept;
    /// The time that a share `p` of them, in [0, 1], did not exceed, within 1/16; 0 if there are
    /// none. Linear in the number of buckets, at most 720.
    [[nodiscard]] TWILL_API duration percentile(double p) const noexcept;
};

/// What `after` has more than `before`, an earlier reading of the same level. Throws
/// std::bad_alloc.
TWILL_API response_load operator-(const response_load& after, const response_load& before);

/// The load between two snapshots. All times in nanoseconds; every ratio is 0 where it would
/// divide by zero. W is the wall time, m the number of workers.
struct load_window {
    using duration = std::chrono::nanoseconds;

    duration wall{};                  ///< W, from the start of the runtime at the earliest
    std::vector<worker_load> workers; ///< one each, by number
    std::vector<thread_load> threads; ///< those that there are and were, by number
    /// The time in which at least one outermost verb ran; what is parked beyond it is the serial
    /// part of the program.
    duration in_verbs{};
    /// CPU time that the kernel counted for the runtime's threads, and for threads from outside
    /// while they were inside verbs: a clock independent of the columns. Absent if unknown.
    std::optional<duration> cpu;
    /// Of `cpu`, what threads used while they held no worker: to go to sleep, to be woken, to wake
    /// others, and to enter and leave verbs. No column has it, since the worker is parked then, or
    /// another thread's. 0 if `cpu` is absent.
    duration off_places{};
    /// How many workers may be on cores at the same time at the end of the window, by the cores and
    /// TWILL_OVERSUBSCRIBE; the others are parked. 0 before the first verb.
    int awake_limit = 0;
    /// Energy of all processor packages of the machine in joules, whoever used it (RAPL). Absent
    /// where the machine does not tell it, and never 0: the counters move once a millisecond.
    std::optional<double> joules;
    const char* joules_absent = nullptr;   ///< why, if absent: a sentence without its end
    const char* counters_absent = nullptr; ///< why workers lack one of the processor's counts

    /// With "(unnamed)" first, then by number; empty if no task of a kind has ended or runs.
    std::vector<kind_load> kinds;
    /// By first use; of the default runtime only.
    std::vector<region_load> regions;

    /// The kind of this name, or null. Linear in the number of kinds.
    [[nodiscard]] TWILL_API const kind_load* find_kind(const char* name) const noexcept;
    /// The region of this path, or null. Linear in the number of regions.
    [[nodiscard]] TWILL_API const region_load* find_region(const char* path) const noexcept;

    /// Of high, normal and low submissions; empty if none has ended.
    std::vector<response_load> responses;

    /// The responses of one level; zeros if there are none. O(1).
    [[nodiscard]] TWILL_API const response_load& response(priority level) const noexcept;

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
    /// S/(S + dispatch + search), in [0, 1]: how much of what the runtime took was useful.
    /// parallel_efficiency() is utilisation() times this.
    [[nodiscard]] TWILL_API double useful_share() const noexcept;
    /// Tasks a second of W, of those that worker_load::tasks counts.
    [[nodiscard]] TWILL_API double throughput() const noexcept;
    /// The part of those tasks that an exception ended, in [0, 1].
    [[nodiscard]] TWILL_API double error_rate() const noexcept;
    /// Jobs that idle threads took, by level.
    [[nodiscard]] TWILL_API steal_levels steals_by_level() const noexcept;
    /// L, the shortest time in which m workers could have done this: lower_bound() of bounds.hpp.
    /// The accounts do not know the two times, for which a full record is needed.
    /// \param longest_task  max e, 0 if unknown: L is then still a bound, only a lower one.
    /// \param span          Tinf, 0 if unknown: likewise.
    [[nodiscard]] TWILL_API duration lower_bound(duration longest_task,
                                                 duration span) const noexcept;
    /// W/L, 1 at the best: how many times longer it took than the shortest time possible. Without
    /// one of the two it is as large or larger.
    [[nodiscard]] TWILL_API double quality(duration longest_task, duration span) const noexcept;
    /// |m W - (S + dispatch + search + parked + preempted)|/(m W).
    [[nodiscard]] TWILL_API double identity_error() const noexcept;
    /// (S + dispatch + search + over + off_places - cpu)/cpu: what the columns have more than the
    /// CPU clock. Absent if the clock is. Tasks that sleep or block make it grow.
    [[nodiscard]] TWILL_API std::optional<double> clock_error() const noexcept;
};

/// A reading of the energy counters. Two of them tell what was used between if as many gaps, in
/// which counters may have come round unseen, lie before both.
struct energy_count {
    double joules = 0;
    std::uint32_t gaps = 0;
};

/// The load since the start of the default runtime up to one instant.
struct load_snapshot {
    load_window since_start;
    std::optional<energy_count> energy = std::nullopt; ///< for the difference of two snapshots
};

/// What happened from `before` to `after`, two snapshots taken in this order. Linear in m.
/// Throws std::bad_alloc. A column that the two readings would put below zero by a late report of
/// the kernel is 0, and the difference is taken from the others.
TWILL_API load_window operator-(const load_snapshot& after, const load_snapshot& before);

/// Reads all accounts: consistent to one instant, while the workers go on. No workers, and zeros,
/// before the first verb. About 3 us a thread of the runtime, 1 us for each kind on each worker,
/// some more for each processor package whose energy can be read, and 1 us a thread with
/// TWILL_COUNTERS=1. Throws std::bad_alloc; thread-safe.
[[nodiscard]] TWILL_API load_snapshot load();

/// Writes a table of the window, a line with a bar per worker, and the verdict: where the lost
/// core-seconds went. Thread-safe as std::fwrite is. Throws std::bad_alloc.
TWILL_API void print_load(const load_window& window, std::FILE* to);

} // namespace twill::inline abi_1
