// SPDX-License-Identifier: Apache-2.0
#include "load/planner/bounds.hpp"
#include "load/planner/strategies.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

namespace twill::planner {

namespace {

/// Bins in a row; finds the first that has room for a task. A tree of the largest room left.
class first_fit {
public:
    explicit first_fit(const std::vector<size>& rooms)
        : leaves_(std::bit_ceil(rooms.size())), room_(2 * leaves_, -1) {
        std::copy(rooms.begin(), rooms.end(), room_.begin() + static_cast<std::ptrdiff_t>(leaves_));
        for (std::size_t node = leaves_; node-- > 1;) {
            room_[node] = std::max(room_[2 * node], room_[2 * node + 1]);
        }
    }

    [[nodiscard]] bool has_room(size task) const noexcept { return room_[1] >= task; }

    /// Puts a task that there is room for into the first such bin, and returns the bin.
    std::size_t put(size task) noexcept {
        std::size_t node = 1;
        while (node < leaves_) {
            node = 2 * node + (room_[2 * node] >= task ? 0U : 1U);
        }
        const std::size_t bin = node - leaves_;
        room_[node] -= task;
        while (node > 1) {
            node /= 2;
            room_[node] = std::max(room_[2 * node], room_[2 * node + 1]);
        }
        return bin;
    }

private:
    std::size_t leaves_;
    std::vector<size> room_;
};

/// First fit decreasing, the slowest core first. False if a task finds no room.
bool pack(const instance& given, double makespan, assignment& made) {
    std::vector<size> rooms;
    rooms.reserve(given.cores());
    for (const std::uint32_t core : given.slowest_first) {
        rooms.push_back(capacity(makespan, given.speeds[core], given.total));
    }
    first_fit bins(rooms);
    for (const std::uint32_t task : given.falling) {
        if (!bins.has_room(given.sizes[task])) {
            return false;
        }
        made.give(given, task, given.slowest_first[bins.put(given.sizes[task])]);
    }
    return true;
}

} // namespace

assignment multifit(const instance& given) {
    assignment best = list_schedule(given, given.falling);
    double low = lower_bound(given);
    double high = best.makespan(given);
    // Invariant: first fit decreasing fails just below `low`, or no plan is better than `low`.
    while (low < high) {
        const double middle = between(given, low, high);
        assignment tried(given);
        if (pack(given, middle, tried)) {
            high = std::min(middle, tried.makespan(given));
            best = std::move(tried);
        } else {
            low = above(given, middle);
        }
    }
    return best;
}

} // namespace twill::planner
