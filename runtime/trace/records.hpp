// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What goes into the chunks that are not events, for who writes and who reads them. Times are in
/// nanoseconds.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twill::trace {

using nanoseconds = std::int64_t;

/// Both clocks at one instant.
struct clock_reading {
    std::uint64_t ticks = 0;   ///< os::ticks()
    nanoseconds monotonic = 0; ///< CLOCK_MONOTONIC
};

/// What is known as the recording begins.
struct file_header {
    std::string program; ///< its command line
    std::string build;   ///< Twill's version and compiler
    std::string host;    ///< kernel and processor, one line
    std::int64_t pid = 0;
    nanoseconds started = 0; ///< since 1970
    double ticks_per_nanosecond = 0;
    clock_reading clock; ///< as the recording begins
    int cores = 0;       ///< in the affinity mask
    std::optional<double> quota;
    std::string mode; ///< "counters", "kinds" or "full"
    nanoseconds steal_takes = 0;
    nanoseconds wake_takes = 0;
    double task_takes = 0;
    std::vector<std::string> counts; ///< the names of worker::counts
    double clock_ahead = 0;          ///< of the end of a task, in nanoseconds
};

/// Where the time of one worker went: open = useful + dispatch + search + parked + preempted.
struct worker {
    nanoseconds open = 0;
    nanoseconds useful = 0;
    nanoseconds dispatch = 0;
    nanoseconds search = 0;
    nanoseconds parked = 0;
    std::optional<nanoseconds> preempted; ///< absent: the kernel does not tell
    nanoseconds over = 0;                 ///< above the limit, a column of its own
    std::vector<std::uint64_t> counts;    ///< in the order of file_header::counts
};

/// The accounts from the start of the recording up to one instant.
struct accounts {
    nanoseconds wall = 0;
    nanoseconds in_verbs = 0;
    std::optional<nanoseconds> cpu;
    int awake_limit = 0;
    std::vector<worker> workers;
    nanoseconds off_places = 0; ///< of `cpu`, while its thread held no worker's place
};

/// How long one thread was blocked. Its number is that of its events.
struct thread {
    std::uint32_t number = 0;
    std::uint32_t from_outside = 0; ///< 1: the program's own, 0: the runtime's
    std::int64_t system_id = 0;     ///< the kernel's number of it, or of the last that it had
    nanoseconds blocked = 0;
    std::uint64_t blocks = 0; ///< how often
};

/// All threads that there are or were in the recording, by number.
struct thread_table {
    std::vector<thread> threads;
};

/// Bucket k has the durations below upper[k] and not below upper[k - 1]. As many of one as of the
/// other.
struct histogram {
    std::vector<nanoseconds> upper;
    std::vector<std::uint64_t> count;
};

/// What one worker did for one kind of tasks.
struct kind_on_worker {
    std::uint64_t count = 0;
    nanoseconds total = 0; ///< e_ij: useful time of its tasks, without that of tasks inside them
};

struct kind {
    std::string name;
    std::vector<kind_on_worker> workers;
    std::uint64_t errors = 0; ///< tasks that ended by an exception
    nanoseconds longest = 0;
    histogram sampled;
    nanoseconds asleep = 0; ///< of the total, in tasks whose threads slept; long sleeps only
};

/// All kinds that ran, by their number.
struct kind_table {
    std::vector<kind> kinds;
};

/// All windows of one name under one parent. `name` is the path, its parts divided by '/'.
struct region {
    std::string name;
    std::uint64_t count = 0;
    nanoseconds wall = 0;     ///< of the windows, added up
    nanoseconds in_verbs = 0; ///< of that, while at least one outermost verb ran
    worker all;               ///< all workers' columns within the windows, added up; no counts
    std::uint64_t late = 0;   ///< windows that ended after their deadline
    nanoseconds late_sum = 0; ///< by so much in all
};

/// All regions that were run through, by their number.
struct region_table {
    std::vector<region> regions;
};

/// A runtime beside the default one, as far as it lies in the recording.
struct runtime {
    std::uint32_t number = 0; ///< 1, 2 ... as they began; 0: several together
    std::string name;         ///< of its threads
    accounts total;
    std::vector<kind> kinds;
};

/// Those that there are, and those that have ended in the recording.
struct runtime_table {
    std::vector<runtime> runtimes;
};

/// What a number in an event stands for.
struct numbered_name {
    std::uint32_t number = 0;
    std::string name;
};

/// The names of kinds and regions, the paths of these, whose numbers are in events. Each table has
/// those that are not in one before, and stands before the first event that needs it.
struct name_table {
    std::vector<numbered_name> kinds;
    std::vector<numbered_name> regions;
};

/// Of submissions, from the call to the end. What may be absent is so in older files.
struct responses {
    std::uint64_t count = 0;
    nanoseconds longest = 0;
    std::uint64_t late = 0; ///< ended after their deadline
    histogram sampled;
    std::optional<nanoseconds> sum = std::nullopt;
    std::optional<nanoseconds> late_sum = std::nullopt; ///< late by so much in all
    std::optional<std::uint64_t> errors = std::nullopt; ///< ended by an exception
};

/// By priority: high, normal, low.
struct response_table {
    std::vector<responses> by_priority;
};

/// Energy of the processor packages since the recording began.
struct energy {
    double joules = 0;
};

/// The processor's events while threads were on one worker, in user mode; absent where one of the
/// threads could not count them.
struct hardware_on_worker {
    std::optional<std::uint64_t> cycles;
    std::optional<std::uint64_t> instructions;
    std::optional<std::uint64_t> cache_misses;
};

/// What the machine counts, and why it does not; since the recording began.
struct hardware {
    std::vector<hardware_on_worker> workers;
    std::string counters_absent; ///< empty: all three are there
    std::string joules_absent;   ///< empty: the energy is in a chunk of its own
};

/// Where one worker is; -1: the machine has no such thing. `pu` and `node` are the kernel's
/// numbers, the others count from 0 as the machine is laid out.
struct worker_place {
    int pu = -1;
    int core = -1;
    int l3 = -1;
    int node = -1;
};

/// Which program ran, and where. The places are learnt a while after the program has begun.
struct machine {
    std::string build_id;    ///< of the program, by its linker: hexadecimal digits
    std::string no_build_id; ///< why it is empty
    std::vector<worker_place> workers;
    std::string no_places; ///< why there are none
};

/// One line for whoever reads the report.
struct note {
    std::string text;
};

/// How a complete file ends.
struct file_end {
    clock_reading clock;
    std::uint64_t chunks = 0;  ///< in the file, without the end itself
    std::uint64_t events = 0;  ///< words of the event chunks, without `time` and `second`
    std::uint64_t dropped = 0; ///< events
};

} // namespace twill::trace
