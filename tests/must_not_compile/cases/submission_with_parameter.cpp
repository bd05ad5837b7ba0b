// SPDX-License-Identifier: Apache-2.0
// expect: twill: runtime::submit takes a callable without arguments
#include <twill/twill.hpp>

int main() {
    twill::runtime rt;
#ifdef RIGHT
    rt.submit([] {}).get();
#else
    rt.submit([](int) {}).get();
#endif
}
