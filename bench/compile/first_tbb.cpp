// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/parallel_for.h>

#include <cstddef>
#include <cstdio>
#include <vector>

int main() {
    std::vector<double> shares(1'000'000);
    tbb::parallel_for(std::size_t{0}, shares.size(),
                      [&](std::size_t i) { shares[i] = 1.0 / static_cast<double>(i + 1); });
    std::printf("%f\n", shares.back());
}
