// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What a profile file (.twl) tells, whoever asks: `twill report`, `compare` and `export` read it
/// through here and nowhere else. All times are in nanoseconds.

#include "trace/records.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twill::profile {

// As they lie in the file.
using trace::accounts;
using trace::hardware;
using trace::hardware_on_worker;
using trace::histogram;
using trace::kind;
using trace::kind_on_worker;
using trace::machine;
using trace::nanoseconds;
using trace::region;
using trace::responses;
using trace::thread;
using trace::worker;
using trace::worker_place;

/// Work and span; from a full record only. Without run delay, if that is known.
struct dag {
    nanoseconds work = 0;     ///< T1: the useful time of all strands
    nanoseconds span = 0;     ///< Tinf
    nanoseconds burdened = 0; ///< the span with the measured price of a steal at each fork on it
    std::uint64_t strands = 0;
    nanoseconds longest_strand = 0;
    /// Run delay that was taken out of the strands. Absent: the file does not tell it, and they
    /// contain it.
    std::optional<nanoseconds> delay;
    bool upper_bound = false; ///< groups of tasks make the span an upper bound
    histogram strand_lengths;
};

/// A runtime beside the default one. It has no workers where the file has events of it alone.
struct runtime {
    std::uint32_t number = 0; ///< 1, 2 ... as they began; 0: several together
    std::string name;         ///< of its threads
    accounts total;
    std::vector<kind> kinds;
    std::optional<dag> strands = std::nullopt;
    std::string no_dag = {}; ///< why `strands` is absent
    std::uint64_t events = 0;
    std::uint64_t dropped = 0;
};

struct profile {
    // Who and where.
    std::uint32_t version = 0;
    std::string program; ///< its command line
    std::string build;   ///< Twill's version and compiler
    std::string host;    ///< kernel and processor, one line
    std::int64_t pid = 0;
    std::int64_t started = 0; ///< since 1970, in nanoseconds
    double ticks_per_nanosecond = 0;
    int cores = 0;               ///< in the affinity mask at the start
    std::optional<double> quota; ///< in cores
    std::string mode;            ///< "counters", "kinds" or "full"
    std::optional<machine>
        where; ///< its build id, and where the workers are; absent in older files
    // What was measured on this machine as the recording began.
    nanoseconds steal_takes = 0; ///< from asking to the first step of a stolen task
    nanoseconds wake_takes = 0;  ///< waking a parked worker
    double task_takes = 0;       ///< run and execute one task of a group, on top of what it does
    /// By so much the end of a task is read from the clock before its last result is there, at the
    /// most; 0 in older files.
    double clock_ahead = 0;

    std::vector<std::string> counts; ///< names of the counters
    accounts total;                  ///< at the end, or at the last chunk that could be read
    std::vector<accounts> series;    ///< now and then, cumulative; a long one is thinned
    std::vector<thread> threads;     ///< of the default runtime; none in older files
    std::vector<kind> kinds;
    std::vector<region> regions;
    std::map<std::uint32_t, std::string> kind_names;   ///< by the payload of kind_begin
    std::map<std::uint32_t, std::string> region_paths; ///< by the payload of region_begin
    std::vector<responses> by_priority;                ///< of all runtimes
    std::vector<runtime> runtimes; ///< those beside the default one, of which is all else but
                                   ///< `events` and `dropped`, which are of all
    std::optional<dag> strands;
    std::string no_dag;              ///< why `strands` is absent
    std::optional<double> joules;    ///< package energy; absent where it cannot be read
    std::optional<hardware> counted; ///< the processor's counts, by worker; absent in older files

    std::uint64_t events = 0;
    std::uint64_t dropped = 0;      ///< events for which a ring had no room
    bool complete = false;          ///< the file has its end
    std::vector<std::string> notes; ///< what a reader should know, one line each
};

} // namespace twill::profile
