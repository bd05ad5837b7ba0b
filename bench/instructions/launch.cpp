// SPDX-License-Identifier: Apache-2.0
// Launches COUNT loops of ten elements, from outside of any task or from within one. What the
// loops do is nothing, so that what is left per loop is the price of its launch and of its
// elements.
#include <twill/twill.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr long elements = 10;

void launch(long count) {
    for (long i = 0; i < count; ++i) {
        twill::parallel_for(0L, elements, [](long element) { asm volatile("" ::"r"(element)); });
    }
}

} // namespace

int main(int argc, char** argv) {
    const long count = argc == 3 ? std::atol(argv[2]) : 0;
    if (count > 0 && std::strcmp(argv[1], "outside") == 0) {
        launch(count);
    } else if (count > 0 && std::strcmp(argv[1], "inside") == 0) {
        twill::parallel_invoke([count] { launch(count); }, [] {});
    } else {
        std::fprintf(stderr, "usage: %s outside|inside COUNT\n", argv[0]);
        return 2;
    }
}
