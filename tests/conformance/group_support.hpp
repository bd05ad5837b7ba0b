// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support.hpp"

namespace twill_test {

/// Puts tasks in that count themselves in `ran`, with closures that are counted too.
inline void put_counted(twill::task_group& group, int tasks, std::atomic<int>& ran) {
    for (int k = 0; k < tasks; ++k) {
        group.run([&ran, one = counted(k)] {
            keep(work(20));
            ++ran;
        });
    }
}

} // namespace twill_test
