// SPDX-License-Identifier: Apache-2.0
// expect: twill: what map and combine of parallel_reduce return must convert
#include <functional>
#include <string>
#include <twill/twill.hpp>
#include <vector>

int main() {
#ifdef RIGHT
    twill::parallel_reduce(
        0, 10, std::string(), [](int i) { return std::to_string(i); }, std::plus<>());
#else
    twill::parallel_reduce(
        0, 10, std::string(), [](int i) { return std::vector<int>{i}; }, std::plus<>());
#endif
}
