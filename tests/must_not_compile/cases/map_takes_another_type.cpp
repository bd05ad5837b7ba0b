// SPDX-License-Identifier: Apache-2.0
// expect: twill: the map of parallel_reduce must be callable with one element
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_reduce(0, 10, 0, [](int i) { return i; }, [](int a, int b) { return a + b; });
#else
    twill::parallel_reduce(
        0, 10, 0, [](const char* s) { return s[0]; }, [](int a, int b) { return a + b; });
#endif
}
