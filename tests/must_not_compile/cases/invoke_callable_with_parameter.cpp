// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_invoke takes callables without parameters, then options
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_invoke([] {}, [] {});
#else
    twill::parallel_invoke([] {}, [](int) {});
#endif
}
