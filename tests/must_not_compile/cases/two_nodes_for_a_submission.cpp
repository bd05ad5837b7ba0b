// SPDX-License-Identifier: Apache-2.0
// expect: a twill::deadline and twill::at(node) or twill::near(pointer), each once at the most
#include <twill/twill.hpp>

int main() {
    twill::runtime rt;
    const int data = 1;
#ifdef RIGHT
    rt.submit([] {}, twill::near(&data)).get();
#else
    rt.submit([] {}, twill::at(0), twill::near(&data)).get();
#endif
}
