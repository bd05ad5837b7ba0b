// SPDX-License-Identifier: Apache-2.0
// expect: a twill::priority and twill::at(node) or twill::near(pointer), each once at the most
#include <twill/twill.hpp>

int main() {
    twill::task_group group;
#ifdef RIGHT
    group.run([] {}, twill::at(0), twill::priority::low);
#else
    group.run([] {}, twill::at(0), twill::at(1));
#endif
    group.wait();
}
