// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace twill::testing_support {

/// Recurses until the stack is used up, touching all of it on the way.
[[gnu::noinline]] inline std::size_t overflow_this_stack(std::size_t depth = 0) {
    volatile char frame[1024];
    for (std::size_t k = 0; k < sizeof frame; k += 256) {
        frame[k] = static_cast<char>(depth);
    }
    const std::size_t deeper = depth == ~std::size_t{0} ? 0 : overflow_this_stack(depth + 1);
    return deeper + static_cast<std::size_t>(frame[depth % sizeof frame]);
}

} // namespace twill::testing_support
