// SPDX-License-Identifier: Apache-2.0

/// \file
/// Planted: millions of tasks of about 50 ns, each put into a group by a call of its own, beside
/// tasks of a reasonable size. Every worker makes tasks.
/// Fixed: two hundred of the small ones are one task.

#include "program.hpp"

#include "twill/kind.hpp"
#include "twill/twill.hpp"

namespace {

/// Always 0, which the compiler does not know.
const volatile std::uint64_t none = 0;

/// The walk of a task, which waits for that of the task before on the same thread: else a core
/// takes steps of several tasks at the same time where they follow each other closely, and the work
/// without the problem would be less.
std::uint64_t walk_in_turn(std::uint64_t start, std::uint64_t steps) {
    static thread_local std::uint64_t last = 0;
    last = planted::walk(start + (last & none), steps);
    return last;
}

planted::outcome program(const planted::options& chosen, planted::dice& draw) {
    const std::vector<std::string> names = draw.names();
    const std::size_t of_group = draw.whole(30, 100) * 200;
    const std::size_t groups = 6'000'000 / of_group;
    const std::uint64_t steps = draw.whole(42, 65);
    const double beside = draw.real(0, 0.3); // work in coarse tasks, for each in fine ones

    const std::size_t together = chosen.fixed ? 200 : 1;
    const auto coarse_steps = static_cast<double>(of_group * steps) * beside;
    std::vector<planted::pieces> coarse;
    for (std::size_t group = 0; group < groups; ++group) {
        coarse.push_back(planted::cut(draw, coarse_steps, 20e3));
    }
    std::vector<std::uint64_t> fine(of_group * groups);
    const twill::kind small(names[0].c_str());
    const twill::kind large(names[1].c_str());

    const auto one_group = [&](std::size_t number) {
        twill::task_group group;
        for (std::size_t piece = 0; piece < coarse[number].size(); ++piece) {
            group.run([piece, work = &coarse[number]] { work->work(piece); }, large);
        }
        const std::size_t first = number * of_group;
        for (std::size_t task = first; task < first + of_group; task += together) {
            group.run(
                [task, together, steps, result = fine.data()] {
                    for (std::size_t at = task; at < task + together; ++at) {
                        result[at] = walk_in_turn(at, steps);
                    }
                },
                small);
        }
        group.wait();
    };
    planted::outcome came;
    came.seconds = planted::timed([&] { twill::parallel_for(std::size_t{0}, groups, one_group); });
    came.subject = names[0];
    // walk() is linear in where it starts, so the sum of all results is known.
    std::uint64_t sum = 0;
    for (const std::uint64_t one : fine) {
        sum += one;
    }
    const std::uint64_t base = planted::arrival(0, steps);
    const std::uint64_t slope = planted::arrival(1, steps) - base;
    const std::uint64_t count = fine.size();
    came.right = sum == count * base + slope * (count * (count - 1) / 2) &&
                 std::all_of(coarse.begin(), coarse.end(),
                             [](const planted::pieces& some) { return some.right(1); });
    came.parameters = planted::text("%d steps, groups of %d, coarse %.2f", static_cast<int>(steps),
                                    static_cast<int>(of_group), beside);
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }
