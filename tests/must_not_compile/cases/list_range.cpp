// SPDX-License-Identifier: Apache-2.0
// expect: twill: parallel_for_each takes a random-access range that knows its size
#include <list>
#include <twill/twill.hpp>
#include <vector>

int main() {
#ifdef RIGHT
    std::vector<int> values(10);
    twill::parallel_for_each(values, [](int&) {});
#else
    std::list<int> values(10);
    twill::parallel_for_each(values, [](int&) {});
#endif
}
