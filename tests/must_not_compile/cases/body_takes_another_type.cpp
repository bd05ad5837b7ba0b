// SPDX-License-Identifier: Apache-2.0
// expect: twill: the body of parallel_for must be callable with one element
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::parallel_for(0, 10, [](int) {});
#else
    twill::parallel_for(0, 10, [](const char*) {});
#endif
}
