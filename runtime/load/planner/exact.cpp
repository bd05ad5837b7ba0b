// SPDX-License-Identifier: Apache-2.0
#include "load/planner/exact.hpp"

#include "load/planner/bounds.hpp"
#include "load/planner/packing.hpp"
#include "load/planner/strategies.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace twill::planner {

namespace {

/// What a first answer may cost; each round allows more than the one before.
constexpr std::uint64_t first_steps = 20'000;
constexpr std::uint64_t more_steps = 8;
/// Larger ones are not searched: bins times groups, as the search keeps a number for each.
constexpr std::size_t most_cells = std::size_t{1} << 22;

class search {
public:
    search(const instance& given, std::int64_t deadline)
        : given_(given), deadline_(deadline), packing_(groups_of(given), given.cores()) {}

    void improve(search_result& result) {
        double high = result.best.makespan(given_);
        for (std::uint64_t steps = first_steps; result.lower_bound < high && !late();
             steps *= more_steps) {
            // Most often the lower bound itself can be had.
            double tried = result.lower_bound;
            double hopeful = tried; // below it no answer was found, though there may be one
            while (hopeful < high && !late()) {
                switch (can_end_by(tried, steps)) {
                case packing::answer::fits:
                    result.best = found();
                    high = result.best.makespan(given_);
                    break;
                case packing::answer::does_not_fit:
                    result.lower_bound = hopeful = above(given_, tried);
                    break;
                case packing::answer::unknown:
                    hopeful = above(given_, tried);
                    break;
                }
                tried = between(given_, hopeful, high);
            }
        }
    }

private:
    [[nodiscard]] bool late() const noexcept { return os::monotonic_nanoseconds() >= deadline_; }

    packing::answer can_end_by(double makespan, std::uint64_t steps) {
        std::vector<size> bins;
        bins.reserve(given_.cores());
        for (const std::uint32_t core : given_.slowest_first) {
            bins.push_back(capacity(makespan, given_.speeds[core], given_.total));
        }
        return packing_.search(bins, steps, deadline_);
    }

    /// The plan that the packing has found. Tasks of size 0 stay on the first core.
    [[nodiscard]] assignment found() const {
        const groups& tasks = packing_.tasks();
        std::vector<std::size_t> next(tasks.count());
        for (std::size_t k = 1; k < tasks.count(); ++k) {
            next[k] = next[k - 1] + tasks.counts[k - 1];
        }
        assignment made(given_);
        for (std::size_t bin = 0; bin < given_.cores(); ++bin) {
            for (std::size_t p = packing_.picks_begin(bin); p < packing_.picks_begin(bin + 1);
                 ++p) {
                const packing::pick& pick = packing_.picks()[p];
                for (std::uint32_t k = 0; k < pick.count; ++k) {
                    made.give(given_, given_.falling[next[pick.group]++],
                              given_.slowest_first[bin]);
                }
            }
        }
        return made;
    }

    const instance& given_;
    const std::int64_t deadline_;
    packing packing_;
};

} // namespace

search_result search_exact(const instance& given, std::int64_t time_limit) {
    const std::int64_t now = os::monotonic_nanoseconds();
    const std::int64_t deadline =
        time_limit > INT64_MAX - now ? INT64_MAX : now + std::max<std::int64_t>(time_limit, 0);
    search_result result{multifit(given), lower_bound(given)};
    const bool fits_memory = groups_of(given).count() + 1 <= most_cells / given.cores();
    if (result.lower_bound < result.best.makespan(given) && fits_memory) {
        search(given, deadline).improve(result);
    }
    return result;
}

} // namespace twill::planner
