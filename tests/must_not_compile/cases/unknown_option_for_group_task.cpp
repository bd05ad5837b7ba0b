// SPDX-License-Identifier: Apache-2.0
// expect: twill: after its task task_group::run takes a twill::kind, a twill::priority and
#include <twill/kind.hpp>
#include <twill/twill.hpp>

int main() {
    twill::task_group group;
#ifdef RIGHT
    const twill::kind of{"tasks"};
    group.run([] {}, of);
#else
    group.run([] {}, 4);
#endif
    group.wait();
}
