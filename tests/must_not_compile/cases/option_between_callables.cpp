// SPDX-License-Identifier: Apache-2.0
// expect: twill: unknown option or misplaced argument: parallel_invoke takes callables
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_invoke([] {}, [] {}, twill::grain(4));
#else
    twill::parallel_invoke([] {}, twill::grain(1), [] {});
#endif
}
