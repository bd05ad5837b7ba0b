// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_for takes two integers or two random-access iterators
#include <twill/twill.hpp>
#include <vector>

int main() {
#ifdef RIGHT
    const std::vector<int> values(10);
    twill::parallel_for(values.begin(), values.end(), [](int) {});
#else
    const std::vector<int> values(10);
    twill::parallel_for(0, values.end(), [](int) {});
#endif
}
