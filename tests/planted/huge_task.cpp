// SPDX-License-Identifier: Apache-2.0

/// \file
/// Planted: among many tasks of several kinds one is so large, and begun so late, that at the end
/// the other workers have nothing to do.
/// Fixed: the work of that task comes as many tasks.

#include "program.hpp"

#include "twill/kind.hpp"
#include "twill/twill.hpp"

namespace {

planted::outcome program(const planted::options& chosen, planted::dice& draw) {
    const std::vector<std::string> names = draw.names();
    const double wall = draw.real(0.25, 0.5) * 1e9; // in steps, with the problem
    const double against_rest = draw.real(0.5, 1.6);
    const std::uint64_t kinds = draw.whole(2, 4);
    const double place = draw.real(0.35, 0.65); // among all, in the order in which they are put in
    const auto cores = static_cast<double>(twill::worker_count());
    // The rest on all cores, the large one after it.
    const double rest = wall / (1 / cores + against_rest);
    const double huge = rest * against_rest;

    struct entry {
        std::size_t kind;
        std::uint64_t steps;
    };
    std::vector<entry> order;
    double left = 1;
    for (std::size_t kind = 1; kind <= kinds; ++kind) {
        const double its = kind == kinds ? left : left * draw.real(0.2, 0.6);
        left -= its;
        const planted::pieces some = planted::cut(draw, rest * its, draw.real(100e3, 1e6));
        for (std::size_t piece = 0; piece < some.size(); ++piece) {
            order.push_back({kind, some.steps(piece)});
        }
    }
    draw.shuffle(order);
    const auto middle =
        order.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(order.size()) * place);
    if (chosen.fixed) {
        const planted::pieces some = planted::cut(draw, huge, 300e3);
        std::vector<entry> parts;
        for (std::size_t piece = 0; piece < some.size(); ++piece) {
            parts.push_back({0, some.steps(piece)});
        }
        order.insert(middle, parts.begin(), parts.end());
    } else {
        order.insert(middle, entry{0, static_cast<std::uint64_t>(huge)});
    }

    std::vector<twill::kind> kind;
    for (std::size_t number = 0; number <= kinds; ++number) {
        kind.emplace_back(names[number].c_str());
    }
    planted::pieces all;
    for (const entry& one : order) {
        all.add(one.steps);
    }
    planted::outcome came;
    came.seconds = planted::timed([&] {
        twill::task_group group;
        for (std::size_t piece = 0; piece < order.size(); ++piece) {
            group.run([piece, &all] { all.work(piece); }, kind[order[piece].kind]);
        }
        group.wait();
    });
    came.subject = names[0];
    came.right = all.right(1);
    came.parameters = planted::text("huge/rest %.2f, %d tasks, place %.2f", against_rest,
                                    static_cast<int>(order.size()), place);
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }
