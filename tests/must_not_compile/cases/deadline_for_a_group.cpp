// SPDX-License-Identifier: Apache-2.0
// expect: twill: after its task task_group::run takes a twill::kind, a twill::priority and
#include <twill/twill.hpp>

int main() {
    twill::task_group group;
#ifdef RIGHT
    group.run([] {}, twill::priority::low);
#else
    group.run([] {}, twill::deadline(std::chrono::seconds(1)));
#endif
    group.wait();
}
