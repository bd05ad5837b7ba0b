// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_for takes two integers or two random-access iterators
#include <list>
#include <twill/twill.hpp>
#include <vector>

int main() {
#ifdef RIGHT
    std::vector<int> values(10);
    twill::parallel_for(values.begin(), values.end(), [](int&) {});
#else
    std::list<int> values(10);
    twill::parallel_for(values.begin(), values.end(), [](int&) {});
#endif
}
