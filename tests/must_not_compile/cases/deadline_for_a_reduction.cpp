// SPDX-License-Identifier: Apache-2.0
// expect: twill: unknown option: after its arguments a verb takes twill::grain(n)
#include <twill/twill.hpp>

int main() {
    const auto map = [](int k) { return k; };
    const auto add = [](int a, int b) { return a + b; };
#ifdef RIGHT
    return twill::parallel_reduce(0, 10, 0, map, add) == 45 ? 0 : 1;
#else
    return twill::parallel_reduce(0, 10, 0, map, add, twill::deadline(std::chrono::seconds(1)));
#endif
}
