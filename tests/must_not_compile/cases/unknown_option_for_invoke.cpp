// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_invoke takes callables without parameters, then options
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_invoke([] {}, [] {}, twill::grain(4));
#else
    twill::parallel_invoke([] {}, [] {}, 4);
#endif
}
