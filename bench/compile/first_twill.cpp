// SPDX-License-Identifier: Apache-2.0
#include <twill/twill.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

int main() {
    std::vector<double> roots(1'000'000);
    twill::parallel_for(std::size_t{0}, roots.size(),
                        [&](std::size_t i) { roots[i] = std::sqrt(static_cast<double>(i)); });
    std::printf("%f\n", roots.back());
}
