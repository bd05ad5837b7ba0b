// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before runtime/topology/affinity.hpp on the include path. Where a thread wakes orders
/// nothing, so the explorer's threads have no CPUs.

#include <cstdint>
#include <vector>

namespace twill::topology {

inline int current_cpu() noexcept { return -1; }
inline std::vector<int> affinity_before_kept() { return {}; }

class narrowed_mask {
public:
    static bool narrow(int /*thread*/, int /*cpu*/) noexcept { return false; }
    static void widen() noexcept {}
};

} // namespace twill::topology
