// SPDX-License-Identifier: Apache-2.0
// expect: twill: the body of parallel_for_blocks must be callable with the two ends of a block
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_for_blocks(0, 10, [](int, int) {});
#else
    twill::parallel_for_blocks(0, 10, [](int) {});
#endif
}
