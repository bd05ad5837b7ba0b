// SPDX-License-Identifier: Apache-2.0
// expect: twill: after its callable runtime::submit takes a twill::kind, a twill::priority
#include <twill/twill.hpp>

int main() {
    twill::runtime rt;
#ifdef RIGHT
    rt.submit([] {}).get();
#else
    rt.submit([] {}, twill::grain(4)).get();
#endif
}
