// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Recordings: a profile file (.twl) of what the runtimes of a process do, for `twill report`,
/// `compare` and `export`. Started and ended by the program here, or by TWILL_RECORD for all of a
/// program. It is not a part of twill.hpp.
///
/// ```cpp
/// #include <twill/record.hpp>
/// #include <cstdio>
///
/// std::remove("loop.twl");
/// const std::error_code started = twill::record_start("loop.twl", twill::record_mode::full);
/// std::vector<double> x(100'000, 2.0);
/// twill::parallel_for_each(x, [](double& element) { element = std::sqrt(element); });
/// const std::error_code written = twill::record_stop();
/// // !started == true, !written == true
/// ```

#include "twill/detail/config.hpp"

#include <system_error>

namespace twill::inline abi_1 {

/// How much is recorded. Every mode contains the ones before it.
enum class record_mode : unsigned char {
    /// The accounts of every worker, response times and energy, ten times a second: costs nothing
    /// between them.
    counters,
    kinds, ///< the tables of kinds and regions too
    /// Every fork, join, loop block, task, kind, region, steal, wait and wake of every thread as 8
    /// bytes, in a ring of 1 MiB a thread: some 10 to 20 ns each. What finds its ring full is
    /// counted.
    full
};

/// Begins a recording of the process and its runtimes, and starts the default one if it has not
/// been.
///
/// \param path       the file to be created, with mode 0600.
/// \param mode       how much.
/// \param overwrite  whether a file that is there already is emptied, gets mode 0600 and is written
///                   anew; if not, that is an error. A link is one in any case.
/// \return no error; or `device_or_resource_busy` if a recording goes on, and else what the system
///         said about the file, memory or the thread `twill-record`, an errno value of
///         std::generic_category(). About the file a line on stderr says it too.
///
/// Of each twill::runtime of the program's own the file has the accounts of its workers, its kinds,
/// and in full mode its events, apart from those of the default runtime: no span goes from one into
/// another, and what runs in it counts in no region. The response times of what is submitted are
/// those of all runtimes, added up by level. In full mode a runtime that is made or destroyed waits
/// for what is just being written.
///
/// Regions that are open as a recording begins or ends count with the time that lies in it.
///
/// Tasks that run already are recorded from their next fork, loop or join on. If the file later
/// takes no more (a full disk), the recording ends with a line on stderr and the program goes on.
/// What `exit()` ends without record_stop() is complete; after a signal or `_exit()` the file lacks
/// the last 100 ms at the most. The child of a fork() is not recorded.
///
/// Takes some milliseconds, in which what a steal, a wake-up and a task cost is measured.
/// Thread-safe, also inside of tasks.
[[nodiscard]] TWILL_API std::error_code record_start(const char* path,
                                                     record_mode mode = record_mode::kinds,
                                                     bool overwrite = false) noexcept;

/// Ends the recording that record_start() or TWILL_RECORD began, and returns when its file is
/// complete.
///
/// \return no error, also where nothing is recorded; or what kept the file from being written to
///         its end, as above.
///
/// Tasks that run go on; what they do from now on is in no file. Thread-safe, also inside of tasks.
TWILL_API std::error_code record_stop() noexcept;

} // namespace twill::inline abi_1
