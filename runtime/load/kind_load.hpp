// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/histogram.hpp"
#include "load/source.hpp"
#include "load/timescale.hpp"
#include "twill/load.hpp"

#include <cstdint>
#include <vector>

namespace twill::load_model {

/// All kinds of one runtime up to `now`, whose totals add up to the useful time of `workers`;
/// `pending` is the run delay that is not charged yet, by worker. Throws std::bad_alloc.
std::vector<kind_load> read_kinds(const load_source& source, std::uint64_t now,
                                  const timescale& scale, const std::vector<worker_load>& workers,
                                  const std::vector<kind_load::duration>& pending);

/// What came between two readings; `workers` are those of the window. Throws std::bad_alloc.
std::vector<kind_load> difference(const std::vector<kind_load>& after,
                                  const std::vector<kind_load>& before,
                                  const std::vector<worker_load>& workers);

/// Adds what `from` has counted, in the units of `to`, and returns how many that were. Throws
/// std::bad_alloc.
std::uint64_t add_counts(duration_histogram& to, const histogram& from);

/// Takes out what an earlier reading of the same histogram had.
void take_out(duration_histogram& from, const duration_histogram& earlier) noexcept;

} // namespace twill::load_model
