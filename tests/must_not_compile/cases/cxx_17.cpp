// SPDX-License-Identifier: Apache-2.0
// expect: twill needs C++20
// flags: -std=c++17
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_for(0, 10, [](int) {});
#else
    twill::parallel_for(0, 10, [](int) {});
#endif
}
