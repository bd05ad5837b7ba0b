// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/source.hpp"
#include "twill/load.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace twill::load_model {

/// What a recording has of a runtime beside the default one.
struct runtime_load {
    std::uint32_t number = 0; ///< 1, 2 ... as they began, in each recording; 0: several together
    std::string name;         ///< of its threads
    load_window window;
};

/// So many runtimes that have ended are kept apart; the workers of further ones are added up to one
/// worker of number 0, without their kinds.
constexpr std::size_t most_ended_runtimes = 64;

/// From here on recordings and responses_of_all() have what `source` has, under the name that its
/// threads have, of which 15 bytes are kept. Until keep_runtime().
void count_runtime(load_source& source, const char* name) noexcept;

/// The number that it has in the recording: 1, 2 ... as they began.
std::uint32_t number_of(const load_source& source) noexcept;

/// The runtime of `source` ends and its threads have. Its responses stay in the sum of all; if
/// there is a recording, what lies in it is kept; then `source` may be freed.
void keep_runtime(load_source& source) noexcept;

/// A recording begins: what the runtimes have had up to now is no part of it. One recording at a
/// time. Throws std::bad_alloc.
void begin_recording_runtimes();

/// What all runtimes but the default one have had since then, those that have ended first. As
/// snapshot_of() for each. Throws std::bad_alloc.
std::vector<runtime_load> recorded_runtimes();

void end_recording_runtimes() noexcept;

/// The responses of all runtimes of the process, those that have ended included: one for each
/// level, or none if nothing has ended. Nothing is submitted to the default runtime. Some
/// microseconds a runtime. Throws std::bad_alloc.
std::vector<response_load> responses_of_all();

/// In the child of a fork(): the runtimes are the parent's. What their submissions had so far stays
/// in the sum.
void forget_runtimes_in_child() noexcept;

} // namespace twill::load_model
