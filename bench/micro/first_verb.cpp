// SPDX-License-Identifier: Apache-2.0
// How long the first verb of a process takes, with all that the runtime starts for it, and the
// second one beside it. Prints one line of JSON.

#include "harness/clock.hpp"

#include <twill/twill.hpp>

#include <cstdio>

namespace {

double loop_us(long& sum) {
    const auto start = std::chrono::steady_clock::now();
    sum += twill::parallel_reduce(
        0, 1000, 0L, [](int i) { return long{i}; }, [](long a, long b) { return a + b; });
    return bench::milliseconds_since(start) * 1e3;
}

} // namespace

int main() {
    long sum = 0;
    const double first = loop_us(sum);
    const double second = loop_us(sum);
    std::printf("{\"first_us\": %.2f, \"second_us\": %.2f, \"right\": %s}\n", first, second,
                sum == 999000 ? "true" : "false");
}
