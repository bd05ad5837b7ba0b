// SPDX-License-Identifier: Apache-2.0

/// \file
/// Planted: tasks of one kind sleep, or read from a pipe, in the middle of their work, and keep
/// their worker meanwhile. Tasks of other kinds only compute.
/// Fixed: the same calls inside twill::blocking.

#include "program.hpp"
#include "waits.hpp"

#include "twill/kind.hpp"
#include "twill/twill.hpp"

namespace {

planted::outcome program(const planted::options& chosen, planted::dice& draw) {
    const std::vector<std::string> names = draw.names();
    const double wall = draw.real(0.4, 0.8);   // in seconds, with the problem
    const double share = draw.real(0.25, 0.7); // of the cores' time that is spent waiting
    const std::uint64_t wait = draw.whole(20'000, 60'000); // in microseconds
    const bool pipes = draw.coin();
    const std::uint64_t kinds = draw.whole(1, 3); // that only compute

    const auto cores = static_cast<double>(twill::worker_count());
    const double work = wall * cores * (1 - share) * 1e9;
    const auto waits =
        static_cast<std::size_t>(wall * cores * share * 1e6 / static_cast<double>(wait));
    struct entry {
        std::size_t kind;
        std::size_t piece;
    };
    std::vector<entry> order;
    planted::pieces all;
    // Some of the work is in the tasks that wait: before and after, a piece each.
    const double own = std::min(draw.real(0.3e6, 3e6) * static_cast<double>(waits), work / 2);
    for (std::size_t number = 0; number < waits; ++number) {
        order.push_back({0, all.size()});
        const double size = own / static_cast<double>(waits) * draw.real(0.5, 1.5);
        const double before = draw.real(0.2, 0.8);
        all.add(static_cast<std::uint64_t>(size * before));
        all.add(static_cast<std::uint64_t>(size * (1 - before)));
    }
    for (std::size_t kind = 1; kind <= kinds; ++kind) {
        const planted::pieces some =
            planted::cut(draw, (work - own) / static_cast<double>(kinds), draw.real(100e3, 1e6));
        for (std::size_t piece = 0; piece < some.size(); ++piece) {
            order.push_back({kind, all.size()});
            all.add(some.steps(piece));
        }
    }
    draw.shuffle(order);
    // Those that wait are begun first, so that nobody waits for the last of them in the end: the
    // thread that puts them in begins with the newest ones, the others with the oldest.
    const auto compute =
        std::partition(order.begin(), order.end(), [](const entry& one) { return one.kind == 0; });
    std::rotate(order.begin() + (compute - order.begin()) / 2, compute, order.end());

    planted::answering_machine machine;
    const auto block = [&] {
        const std::chrono::microseconds time(wait);
        if (pipes) {
            machine.ask(time);
        } else {
            std::this_thread::sleep_for(time);
        }
    };
    std::vector<twill::kind> kind;
    for (std::size_t number = 0; number <= kinds; ++number) {
        kind.emplace_back(names[number].c_str());
    }
    planted::outcome came;
    came.seconds = planted::timed([&] {
        twill::task_group group;
        for (const entry one : order) {
            if (one.kind != 0) {
                group.run([piece = one.piece, &all] { all.work(piece); }, kind[one.kind]);
                continue;
            }
            group.run(
                [piece = one.piece, &all, &block, fixed = chosen.fixed] {
                    all.work(piece);
                    if (fixed) {
                        twill::blocking(block);
                    } else {
                        block();
                    }
                    all.work(piece + 1);
                },
                kind[0]);
        }
        group.wait();
    });
    came.subject = names[0];
    came.right = all.right(1);
    came.parameters = planted::text("share %.2f, %d %s of %d us", share, static_cast<int>(waits),
                                    pipes ? "reads" : "sleeps", static_cast<int>(wait));
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }
