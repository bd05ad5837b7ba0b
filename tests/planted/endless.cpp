// SPDX-License-Identifier: Apache-2.0

/// \file
/// A program to be killed: forks, loops, groups with kinds, and regions, again and again until
/// somebody ends it. Prints a line once it is at work.

#include "program.hpp"

#include "twill/kind.hpp"
#include "twill/region.hpp"
#include "twill/twill.hpp"

#include <cstdio>

namespace {

std::uint64_t tree(int depth) {
    if (depth == 0) {
        return planted::walk(1, 200);
    }
    const auto [left, right] =
        twill::parallel_invoke([=] { return tree(depth - 1); }, [=] { return tree(depth - 1); });
    return left + right;
}

void round(planted::pieces& all, const twill::kind& even, const twill::kind& odd) {
    const twill::region whole("round");
    {
        const twill::region here("tree");
        if (tree(10) != (std::uint64_t{1} << 10U) * planted::arrival(1, 200)) {
            std::abort();
        }
    }
    {
        const twill::region here("loop");
        twill::parallel_for(std::size_t{0}, all.size(), [&](std::size_t at) { all.work(at); });
    }
    const twill::region here("group");
    twill::task_group group;
    for (std::size_t piece = 0; piece < all.size(); ++piece) {
        group.run([piece, &all] { all.work(piece); }, piece % 2 == 0 ? even : odd);
    }
    group.wait();
}

} // namespace

int main() {
    planted::dice draw(1);
    planted::pieces all = planted::cut(draw, 2e6, 2e3);
    const twill::kind even("even");
    const twill::kind odd("odd");
    // An hour at the most, should nobody come to kill it.
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t number = 1; std::chrono::steady_clock::now() - began < std::chrono::hours(1);
         ++number) {
        round(all, even, odd);
        if (!all.right(2 * number)) {
            return 1;
        }
        if (number == 1) {
            std::puts("at work");
            std::fflush(stdout);
        }
    }
}
