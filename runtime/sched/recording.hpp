// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/snapshot.hpp"
#include "sched/recorded_runtimes.hpp"
#include "sched/scheduler.hpp"
#include "trace/file_writer.hpp"
#include "twill/record.hpp"

#include <cstdint>
#include <string>

namespace twill::sched {

/// What is to be recorded, and where.
struct recording_request {
    std::string path;
    record_mode mode = record_mode::kinds;
    trace::existing_file existing = trace::existing_file::refuse;
};

/// The names of the kinds and regions of the process that are not in the file yet.
class new_names {
public:
    [[nodiscard]] bool any() const noexcept;
    /// Throws std::bad_alloc, and gives them again then.
    trace::name_table take();

private:
    std::uint32_t kinds_ = 0;   ///< those with a lower number are there
    std::uint32_t regions_ = 0; ///< likewise
};

/// One recording of the process. A thread `twill-record` of its own opens the file, writes into it
/// until it is told to end, or until the file takes no more, and completes it.
class recording {
public:
    /// `of`: the default runtime. `session`: its number, not 0 and none of another recording's.
    recording(scheduler& of, recording_request what, std::uint32_t session) noexcept;
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;

    /// Returns when the file has its header and the recording has begun; else an errno value, and
    /// the thread is gone or never was. Once.
    int start() noexcept;
    /// Returns when the file is complete, 0, or an errno value if it could not be written to its
    /// end. After start() was successful, once.
    int stop() noexcept;
    /// The file takes no more, and only stop() is left to be called.
    [[nodiscard]] bool ended() const noexcept { return state_.load(detail::acquire) == gone; }
    /// In the child of a fork(): the file is the parent's.
    void leave_to_parent() noexcept { file_.leave_to_parent(); }

    // Under the lock of recorded_runtimes.hpp, while the recording is the list's.

    /// The events of another runtime are recorded from here on.
    void include(recorded_runtime& one) noexcept;
    /// Its threads have ended: writes what they have recorded.
    void write_last(recorded_runtime& one) noexcept;

private:
    enum state : std::uint32_t { starting, running, told_to_end, gone };

    void run() noexcept;
    void begin_events() noexcept;
    void end_events() noexcept;
    void write_until_told();
    std::uint64_t write_events() noexcept;
    std::uint64_t write_events_of(scheduler& of, std::uint32_t number) noexcept;
    void write_lost_of(scheduler& of, std::uint32_t number) noexcept;
    [[nodiscard]] bool has_events() const noexcept { return what_.mode == record_mode::full; }
    bool write_names() noexcept;
    [[nodiscard]] load_snapshot snapshot(load_model::open_windows open) const;
    void write_accounts() noexcept;
    void write_machine();
    void write_tables(const load_window& window);
    void enter(state next) noexcept;

    scheduler& of_;
    recording_request what_;
    std::uint32_t session_;
    detail::atomic<std::uint32_t> state_{starting};
    int error_ = 0; ///< what start() and stop() return; before the state that lets them
    trace::file_writer file_;
    load_snapshot before_;
    new_names names_;
    bool begun_ = false;      ///< the file has its first chunk about the machine
    bool has_places_ = false; ///< and the one with the places
};

/// Is the calling thread the one of a recording?
bool is_recording_thread() noexcept;

/// What the header of a file says about this process and machine. Measures for some milliseconds.
/// Throws std::bad_alloc.
trace::file_header describe_recording(record_mode mode);

/// Which program this is, and where the workers are, as far as that is known. Throws
/// std::bad_alloc.
trace::machine machine_of(const scheduler& of);

/// A difference of two snapshots as it stands in a file, and the names of its counts.
trace::accounts accounts_of(const load_window& window);
trace::thread_table threads_of(const load_window& window);
trace::kind_table kinds_of(const load_window& window);
trace::region_table regions_of(const load_window& window);
trace::response_table responses_of(const load_window& window);
/// The processor's counts by worker, and the reasons for what is absent.
trace::hardware hardware_of(const load_window& window);
/// Of all runtimes but the default one; the kinds if the mode has them.
trace::runtime_table recorded_runtimes(record_mode mode);
/// Without the counts.
trace::worker columns_of(const worker_load& from);
std::vector<std::string> names_of_counts();

/// Prices on this machine, in nanoseconds; 0 where they could not be measured.
struct task_prices {
    std::int64_t steal = 0; ///< from a fork that answers a request to the first step of the thief
    std::int64_t wake = 0;  ///< from waking a thread to its first step
    /// A task of a group, put in, taken out and run, on top of what it does.
    double task = 0;
    /// A core works ahead: where each step of a task waits for the one before, the clock is read at
    /// its end so much before the last result is there.
    double clock_ahead = 0;
};
/// Measures them in two runtimes of its own.
task_prices measure_prices() noexcept;

/// With TWILL_RECORD the default runtime is recorded, from its start on.
void record_by_environment(scheduler& of) noexcept;
/// Another runtime starts. With TWILL_RECORD the default one starts before it, so that a program
/// with runtimes of its own alone is recorded too. Throws std::bad_alloc.
void record_others_by_environment();
/// In the child of a fork(): whatever is recorded is the parent's.
void forget_recording_in_child() noexcept;

} // namespace twill::sched
