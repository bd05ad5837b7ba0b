// SPDX-License-Identifier: Apache-2.0

/// \file
/// Planted: between parallel parts there is a region whose work one thread does. Around it are
/// regions that are parallel, and one that is serial and too small to matter.
/// Fixed: the same pieces of work in a loop.

#include "program.hpp"

#include "twill/region.hpp"
#include "twill/twill.hpp"

namespace {

struct part {
    const char* name;
    bool serial;
    planted::pieces work;

    void run() {
        const twill::region here(name);
        if (serial) {
            for (std::size_t piece = 0; piece < work.size(); ++piece) {
                work.work(piece);
            }
        } else {
            twill::parallel_for(std::size_t{0}, work.size(),
                                [this](std::size_t piece) { work.work(piece); });
        }
    }
};

planted::outcome program(const planted::options& chosen, planted::dice& draw) {
    const std::vector<std::string> names = draw.names();
    const std::uint64_t rounds = draw.whole(3, 12);
    const double share = draw.real(0.2, 0.6);       // of the wall time with the problem
    const double wall = draw.real(0.25, 0.5) * 1e9; // in steps
    const std::uint64_t parallel_parts = draw.whole(2, 4);
    const bool outer = draw.coin();  // a region around each round
    const bool inside = draw.coin(); // all of it is in a task, so that a verb runs all the time

    const double round = wall / static_cast<double>(rounds);
    const auto cores = static_cast<double>(twill::worker_count());
    std::vector<part> parts;
    parts.push_back({names[0].c_str(), !chosen.fixed,
                     planted::cut(draw, round * share, draw.real(30e3, 100e3))});
    parts.push_back({names[1].c_str(), true, planted::cut(draw, round * 0.005, 10e3)});
    double left = 1 - share - 0.005;
    for (std::uint64_t number = 0; number < parallel_parts; ++number) {
        const double its = number + 1 == parallel_parts ? left : left * draw.real(0.3, 0.7);
        parts.push_back({names[2 + number].c_str(), false,
                         planted::cut(draw, round * its * cores, draw.real(10e3, 60e3))});
        left -= its;
    }
    draw.shuffle(parts);

    const auto work = [&] {
        for (std::uint64_t number = 0; number < rounds; ++number) {
            if (outer) {
                const twill::region all(names.back().c_str());
                for (part& one : parts) {
                    one.run();
                }
            } else {
                for (part& one : parts) {
                    one.run();
                }
            }
        }
    };
    planted::outcome came;
    came.seconds = planted::timed([&] {
        if (inside) {
            twill::parallel_invoke(work, [] {});
        } else {
            work();
        }
    });
    came.subject = outer ? names.back() + "/" + names[0] : names[0];
    came.right = std::all_of(parts.begin(), parts.end(),
                             [&](const part& one) { return one.work.right(rounds); });
    came.parameters =
        planted::text("share %.2f, %d rounds, %d parallel parts%s", share, static_cast<int>(rounds),
                      static_cast<int>(parallel_parts), inside ? ", in a task" : "");
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }
