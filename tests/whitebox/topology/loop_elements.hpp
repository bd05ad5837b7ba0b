// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/placed_parts.hpp"
#include "topology/node_map.hpp"
#include "topology/partition.hpp"
#include "topology/worker_bits.hpp"
#include "twill/detail/placement.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::testing_support {

/// The elements of a virtual loop over a blocked numa_vector of doubles: what each takes, and where
/// it lies.
class loop_elements {
public:
    /// Of `cost` nanoseconds each; stretches of 64 take up to `uneven`, a share, more or less.
    loop_elements(std::size_t count, std::int64_t cost, double uneven,
                  const topology::node_map& nodes, numbers& random)
        : cost_before_(count + 1),
          cut_(topology::blocked_partition(count, sizeof(double), 4096, nodes)),
          where_{cut_.data(), cut_.size(), nullptr, sizeof(double)}, ran_on_(count), left_(count) {
        constexpr std::size_t stretch_of_equals = 64;
        std::int64_t now = cost;
        for (std::size_t k = 0; k < count; ++k) {
            if (uneven > 0 && k % stretch_of_equals == 0) {
                const double share = static_cast<double>(random() >> 11) * 0x1p-53;
                now = static_cast<std::int64_t>(static_cast<double>(cost) *
                                                (1 + uneven * (2 * share - 1)));
            }
            cost_before_[k + 1] = cost_before_[k] + now;
        }
    }
    loop_elements(const loop_elements&) = delete;
    loop_elements& operator=(const loop_elements&) = delete;

    [[nodiscard]] std::size_t count() const { return cost_before_.size() - 1; }
    /// Of elements [begin, end), all together.
    [[nodiscard]] std::int64_t cost(std::size_t begin, std::size_t end) const {
        return cost_before_[end] - cost_before_[begin];
    }
    /// The same on a core that runs at a share of the usual speed.
    [[nodiscard]] std::int64_t time(std::size_t begin, std::size_t end, double speed) const {
        return static_cast<std::int64_t>(static_cast<double>(cost(begin, end)) / speed);
    }
    /// Of [begin, end), the first one that has not begun after so much time.
    [[nodiscard]] std::size_t reached(std::size_t begin, std::size_t end, double speed,
                                      std::int64_t after) const {
        std::size_t next = begin;
        while (next < end && time(begin, next, speed) < after) {
            ++next;
        }
        return next;
    }
    [[nodiscard]] const detail::placement& where() const { return where_; }

    // --- what has become of them

    /// Elements [begin, end) have run on a place, which is on that node.
    void note(int place, int node, std::size_t begin, std::size_t end) {
        left_ -= end - begin;
        std::fill(ran_on_.begin() + static_cast<std::ptrdiff_t>(begin),
                  ran_on_.begin() + static_cast<std::ptrdiff_t>(end),
                  static_cast<std::uint16_t>(place));
        std::size_t from = 0;
        for (const detail::stretch& one : cut_) {
            const std::size_t first = std::max(from, begin);
            const std::size_t last = std::min(one.end, end);
            local_ +=
                one.node == node && last > first ? static_cast<std::int64_t>(last - first) : 0;
            from = one.end;
        }
    }
    [[nodiscard]] std::size_t left() const { return left_; }
    [[nodiscard]] std::int64_t local() const { return local_; }
    [[nodiscard]] const std::vector<std::uint16_t>& ran_on() const { return ran_on_; }

    /// How many ran on the place whose part they are.
    [[nodiscard]] std::int64_t at_home(const sched::placed_parts& parts, int places) const {
        std::int64_t found = 0;
        for (int place = 0; parts.size() > 0 && place < places; ++place) {
            const sched::placed_parts::range own = parts.own(place);
            for (std::size_t part = own.begin; part < own.end; ++part) {
                found += std::count(
                    ran_on_.begin() + static_cast<std::ptrdiff_t>(parts[part].begin),
                    ran_on_.begin() + static_cast<std::ptrdiff_t>(parts[part].end), place);
            }
        }
        return found;
    }

private:
    std::vector<std::int64_t> cost_before_; ///< of all elements before each
    std::vector<detail::stretch> cut_;
    detail::placement where_;
    std::vector<std::uint16_t> ran_on_; ///< the place, by element
    std::size_t left_;
    std::int64_t local_ = 0;
};

} // namespace twill::testing_support
