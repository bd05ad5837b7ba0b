// SPDX-License-Identifier: Apache-2.0
// expect: twill: the combine of parallel_reduce must be callable with two values
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_reduce(0, 10, 0, [](int i) { return i; }, [](int a, int b) { return a + b; });
#else
    twill::parallel_reduce(0, 10, 0, [](int i) { return i; }, [](int a) { return a; });
#endif
}
