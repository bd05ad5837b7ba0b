// SPDX-License-Identifier: Apache-2.0
// The strategies that look at each task once.
#include "load/planner/strategies.hpp"

#include <algorithm>
#include <cstddef>
#include <queue>
#include <utility>

namespace twill::planner {

namespace {

/// The cores of one speed, the least loaded first.
struct speed_class {
    using entry = std::pair<size, std::size_t>; ///< load and core
    struct comes_later {
        bool operator()(const entry& one, const entry& other) const noexcept { return one > other; }
    };

    double speed;
    std::priority_queue<entry, std::vector<entry>, comes_later> cores;
};

std::vector<speed_class> classes_of(const instance& given) {
    std::vector<speed_class> classes;
    classes.reserve(given.steps.size());
    for (const double speed : given.steps) {
        classes.push_back({speed, {}});
    }
    for (std::size_t j = 0; j < given.cores(); ++j) {
        const auto at = std::find(given.steps.begin(), given.steps.end(), given.speeds[j]);
        classes[static_cast<std::size_t>(at - given.steps.begin())].cores.push({0, j});
    }
    return classes;
}

} // namespace

assignment round_robin(const instance& given) {
    assignment made(given);
    for (std::size_t task = 0; task < given.sizes.size(); ++task) {
        made.give(given, task, task % given.cores());
    }
    return made;
}

assignment list_schedule(const instance& given, const std::vector<std::uint32_t>& order) {
    assignment made(given);
    std::vector<speed_class> classes = classes_of(given);
    for (const std::uint32_t task : order) {
        const auto end_on = [&](const speed_class& one) {
            return static_cast<double>(one.cores.top().first + given.sizes[task]) / one.speed;
        };
        // The first of the smallest: of the fastest class, since these come first.
        speed_class& best = *std::min_element(
            classes.begin(), classes.end(), [&](const speed_class& one, const speed_class& other) {
                return end_on(one) < end_on(other);
            });
        const auto [load, core] = best.cores.top();
        best.cores.pop();
        best.cores.push({load + given.sizes[task], core});
        made.give(given, task, core);
    }
    return made;
}

} // namespace twill::planner
