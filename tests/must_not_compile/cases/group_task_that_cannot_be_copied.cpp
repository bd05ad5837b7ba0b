// SPDX-License-Identifier: Apache-2.0
// expect: twill: task_group::run copies or moves its task, which can be neither
#include <twill/twill.hpp>

#include <memory>
#include <utility>

int main() {
    twill::task_group group;
    auto task = [value = std::make_unique<int>(1)] { ++*value; };
#ifdef RIGHT
    group.run(std::move(task));
#else
    group.run(task);
#endif
    group.wait();
}
