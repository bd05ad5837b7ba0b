// SPDX-License-Identifier: Apache-2.0
// expect: twill: grain(n) takes an integer number of elements
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_for(0, 10, [](int) {}, twill::grain(4));
#else
    twill::parallel_for(0, 10, [](int) {}, twill::grain(4.0));
#endif
}
