// SPDX-License-Identifier: Apache-2.0

/// \file
/// Planted: another process spins on one of the cores while this one computes.
/// Fixed: without the other process.

#include "program.hpp"
#include "spinner.hpp"

#include "twill/twill.hpp"

#include <memory>

namespace {

void tree(planted::pieces& all, std::size_t first, std::size_t last) {
    if (last - first == 1) {
        all.work(first);
        return;
    }
    const std::size_t middle = first + (last - first) / 2;
    twill::parallel_invoke([&] { tree(all, first, middle); }, [&] { tree(all, middle, last); });
}

planted::outcome program(const planted::options& chosen, planted::dice& draw) {
    const double wall = draw.real(0.4, 0.7); // in seconds, without the problem
    const std::uint64_t core = draw.whole(0, 1023);
    const bool loop = draw.coin();
    const double piece = draw.real(5e3, 50e3);
    const std::uint64_t rounds = draw.whole(1, 5);
    const auto cores = static_cast<double>(twill::worker_count());
    planted::pieces all =
        planted::cut(draw, wall * cores * 1e9 / static_cast<double>(rounds), piece);

    // Before the first verb: the child has no thread of the runtime.
    std::unique_ptr<planted::spinner> other;
    if (!chosen.fixed) {
        other = std::make_unique<planted::spinner>(core);
    }
    planted::outcome came;
    came.seconds = planted::timed([&] {
        for (std::uint64_t number = 0; number < rounds; ++number) {
            if (loop) {
                twill::parallel_for(std::size_t{0}, all.size(),
                                    [&](std::size_t at) { all.work(at); });
            } else {
                tree(all, 0, all.size());
            }
        }
    });
    came.right = all.right(rounds);
    came.parameters = planted::text("%s, pieces of %.0f us, %d rounds", loop ? "loop" : "tree",
                                    piece / 1000, static_cast<int>(rounds));
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }
