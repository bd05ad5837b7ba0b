// SPDX-License-Identifier: Apache-2.0

/// \file
/// Nothing planted: a tree of forks with leaves of different sizes, some depths of it in a region.
/// There is nothing to fix either.

#include "program.hpp"

#include "twill/kind.hpp"
#include "twill/region.hpp"
#include "twill/twill.hpp"

namespace {

struct tree {
    planted::pieces& all;
    double cut; // where a node divides its leaves, as a share of them
    const twill::kind& branch;

    void run(std::size_t first, std::size_t last, int depth) const {
        if (last - first == 1) {
            all.work(first);
            return;
        }
        const auto leaves = static_cast<double>(last - first);
        std::size_t middle = first + static_cast<std::size_t>(leaves * cut);
        middle = middle == first ? first + 1 : middle;
        const auto left = [&] { run(first, middle, depth + 1); };
        const auto right = [&] { run(middle, last, depth + 1); };
        if (depth == 3) {
            twill::parallel_invoke(left, right, branch);
        } else {
            twill::parallel_invoke(left, right);
        }
    }
};

planted::outcome program(const planted::options&, planted::dice& draw) {
    const std::vector<std::string> names = draw.names();
    const double wall = draw.real(0.25, 0.5); // in seconds
    const double piece = draw.real(2e3, 40e3);
    const double skew = draw.real(0.2, 0.5);
    const std::uint64_t rounds = draw.whole(1, 4);
    const auto cores = static_cast<double>(twill::worker_count());
    planted::pieces all =
        planted::cut(draw, wall * cores * 1e9 / static_cast<double>(rounds), piece);
    const twill::kind branch(names[0].c_str());

    planted::outcome came;
    came.seconds = planted::timed([&] {
        for (std::uint64_t number = 0; number < rounds; ++number) {
            const twill::region here(names[1].c_str());
            tree{all, skew, branch}.run(0, all.size(), 0);
        }
    });
    came.right = all.right(rounds);
    came.parameters = planted::text("leaves of %.0f us, cut at %.2f, %d rounds", piece / 1000, skew,
                                    static_cast<int>(rounds));
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }
