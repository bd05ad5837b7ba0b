// SPDX-License-Identifier: Apache-2.0
// expect: twill: unknown option: after its arguments a verb takes twill::grain(n)
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_for(0, 10, [](int) {}, twill::grain(4));
#else
    twill::parallel_for(0, 10, [](int) {}, twill::priority::high);
#endif
}
