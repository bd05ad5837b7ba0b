// SPDX-License-Identifier: Apache-2.0
// expect: twill: the section of blocking must be callable without arguments
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::blocking([] {});
#else
    twill::blocking([](int) {});
#endif
}
