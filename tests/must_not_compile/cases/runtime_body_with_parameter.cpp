// SPDX-License-Identifier: Apache-2.0
// expect: twill: runtime::run takes a callable without arguments
#include <twill/twill.hpp>

int main() {
    twill::runtime rt;
#ifdef RIGHT
    rt.run([] {});
#else
    rt.run([](int) {});
#endif
}
