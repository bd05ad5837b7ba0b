// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "harness/spin.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace {

using values = std::vector<std::uint64_t>;

std::uint64_t value_of(long task, long steps) {
    return bench::spin_steps(static_cast<std::uint64_t>(task), steps);
}

/// One thread puts all tasks in, one by one, and waits.
void put_in(values& out, long steps) {
    bench::runtime::group group;
    const long count = static_cast<long>(out.size());
    for (long task = 0; task < count; ++task) {
        group.run([task, steps, slot = &out[static_cast<std::size_t>(task)]] {
            *slot = value_of(task, steps);
        });
    }
    group.wait();
}

/// A group at each node of a tree: one task for the right half, the left one in place.
void tree(values& out, std::size_t begin, std::size_t end, long steps) {
    if (end - begin == 1) {
        out[begin] = value_of(static_cast<long>(begin), steps);
        return;
    }
    const std::size_t middle = begin + (end - begin) / 2;
    bench::runtime::group group;
    group.run([&out, middle, end, steps] { tree(out, middle, end, steps); });
    tree(out, begin, middle, steps);
    group.wait();
}

using program = void (*)(values& out, long steps);

bench::operation prepare(const bench::arguments& given, double task_us, program run) {
    const double unit = given.unit > 0 ? given.unit : bench::steps_per_microsecond();
    const long steps = task_us > 0 ? static_cast<long>(task_us * unit) : 1;
    const auto out = std::make_shared<values>(static_cast<std::size_t>(given.size));
    return {.run = [=] { run(*out, steps); },
            .check =
                [=] {
                    for (long task = 0; task < given.size; ++task) {
                        if ((*out)[static_cast<std::size_t>(task)] != value_of(task, steps)) {
                            return false;
                        }
                    }
                    return true;
                },
            .reset = [=] { out->assign(out->size(), 0); },
            .warm =
                [=] {
                    values few(100);
                    run(few, steps);
                }};
}

void outside(values& out, long steps) { put_in(out, steps); }

void inside(values& out, long steps) {
    bench::runtime::invoke([&out, steps] { put_in(out, steps); }, [] {});
}

void in_tree(values& out, long steps) {
    bench::runtime::invoke([&out, steps] { tree(out, 0, out.size(), steps); }, [] {});
}

} // namespace

int main(int argc, char** argv) {
    const auto small = [](program run) {
        return [run](const bench::arguments& given) { return prepare(given, 0, run); };
    };
    const auto microsecond = [](program run) {
        return [run](const bench::arguments& given) { return prepare(given, 1, run); };
    };
    return bench::run_kernel("tasks", bench::parse_arguments(argc, argv),
                             {{"small", 100'000, small(&inside)},
                              {"small-outside", 100'000, small(&outside)},
                              {"small-tree", 100'000, small(&in_tree)},
                              {"1us", 50'000, microsecond(&inside)},
                              {"1us-outside", 50'000, microsecond(&outside)},
                              {"1us-tree", 50'000, microsecond(&in_tree)}});
}
