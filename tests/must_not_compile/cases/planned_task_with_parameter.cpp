// SPDX-License-Identifier: Apache-2.0
// expect: twill: plan_execute takes a range of twill::planned_task
#include <twill/plan.hpp>

#include <vector>

int main() {
#ifdef RIGHT
    const auto call = [] {};
#else
    const auto call = [](int) {};
#endif
    std::vector tasks(2, twill::planned_task{1.0, call});
    twill::plan_execute(tasks, twill::plan_strategy::lpt);
}
