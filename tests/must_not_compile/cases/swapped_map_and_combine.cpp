// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_reduce: map and combine are swapped
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    const auto sum = twill::parallel_reduce(
        0, 10, 0, [](int i) { return i; }, [](int a, int b) { return a + b; });
#else
    const auto sum = twill::parallel_reduce(
        0, 10, 0, [](int a, int b) { return a + b; }, [](int i) { return i; });
#endif
    return sum;
}
