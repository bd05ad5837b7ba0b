// SPDX-License-Identifier: Apache-2.0
// expect: twill: at_most(n) takes an integer number of threads
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_for(0, 10, [](int) {}, twill::at_most(2));
#else
    twill::parallel_for(0, 10, [](int) {}, twill::at_most(1.5));
#endif
}
