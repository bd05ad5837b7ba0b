// SPDX-License-Identifier: Apache-2.0
// expect: twill: limit(n) takes an integer number of tasks
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    twill::task_group group{twill::limit(2)};
#else
    twill::task_group group{twill::limit(1.5)};
#endif
}
