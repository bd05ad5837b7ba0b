// SPDX-License-Identifier: Apache-2.0
// expect: twill: a task of a task_group must be callable without arguments
#include <twill/twill.hpp>

int main() {
    twill::task_group group;
#ifdef RIGHT
    group.run([] {});
#else
    group.run([](int) {});
#endif
    group.wait();
}
