// SPDX-License-Identifier: Apache-2.0
// expect: twill: the body of parallel_for_each must be callable with one element
#include <twill/twill.hpp>
#include <vector>

int main() {
#ifdef RIGHT
    std::vector<int> values(10);
    twill::parallel_for_each(values, [](int&) {});
#else
    std::vector<int> values(10);
    twill::parallel_for_each(values, [](std::vector<int>&) {});
#endif
}
