// SPDX-License-Identifier: Apache-2.0
// expect: twill: after its callable runtime::submit takes a twill::kind, a twill::priority
#include <twill/kind.hpp>
#include <twill/twill.hpp>

int main() {
    twill::runtime rt{{.workers = 1}};
#ifdef RIGHT
    const twill::kind of{"tasks"};
    rt.submit([] {}, of).get();
#else
    rt.submit([] {}, twill::grain(4)).get();
#endif
}
