// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/access.hpp"
#include "sched/lifetime.hpp"
#include "topology/machines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace twill::testing_support {

/// The default runtime of this process is to be on a listed machine.
inline void describe(const std::string& machine) {
    for (const auto& [name, value] : listed_machines()) {
        if (name == machine) {
            ::setenv("TWILL_TOPOLOGY", value.c_str(), 1);
            return;
        }
    }
    FAIL() << "no machine " << machine;
}

inline sched::seating* seats_of_default() {
    return sched::scheduler_test::seats_of(sched::default_scheduler());
}

/// The CPUs of a listed machine that share core, or L3 and node, with a row.
inline std::vector<int> around(const std::vector<topology::table_row>& rows,
                               const topology::table_row& one, bool core) {
    std::vector<int> cpus;
    for (const topology::table_row& row : rows) {
        if (core ? row.core == one.core : row.l3 == one.l3 && row.node == one.node) {
            cpus.push_back(row.pu);
        }
    }
    std::ranges::sort(cpus);
    return cpus;
}

/// Until as many threads of the runtime have sat down, and all have left.
inline void run_a_while() {
    for (int k = 0; k < 20; ++k) {
        EXPECT_EQ(sched::fib(16), 987);
    }
}

} // namespace twill::testing_support
