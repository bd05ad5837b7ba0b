// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_invoke takes at least one callable, and options come after
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_invoke([] {}, [] {}, twill::grain(1));
#else
    twill::parallel_invoke(twill::grain(1), [] {}, [] {});
#endif
}
