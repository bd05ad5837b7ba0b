// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "micro/passage.hpp"
#include "micro/subjects/beside_wakes.hpp"

#include <cstdint>

namespace bench::subjects {

/// Which part of a passage is the sample, and what comes before it.
struct passage_kind {
    double silence_us;
    double child_us;
    int samples_to_a_wake; ///< how many samples there are to each bare wake
    std::uint64_t passage::* from;
    std::uint64_t passage::* to;
};

/// One passage an iteration, all of them inside of one verb. `what` names the counter that shows
/// how often the runtime did it, an iteration.
void passages(benchmark::State& state, const passage_kind& kind, const char* what,
              std::uint64_t twill::worker_load::* count);

/// Of the samples that are far shorter than a bare wake.
constexpr int many_to_a_wake = 64;

} // namespace bench::subjects
