// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/core_speeds.hpp"
#include "topology/node_map.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/placement.hpp"
#include "twill/detail/views.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace twill::sched {

/// A part of a placed loop: elements [begin, end), which one thread runs, or shares as it would any
/// other loop.
struct placed_part {
    std::size_t begin = 0;
    std::size_t end = 0;
    /// The claim: 0 until some thread has taken the part. Relaxed throughout: it says whose the
    /// part is and nothing else.
    detail::atomic<std::uint32_t> taken{0};
    /// The kind of the core that ran all of it, alone and on its node; see `took`.
    topology::core_kind on = topology::core_kind::unknown;
    // Once it has run, for whoever has waited for all parts:
    detail::view_map* views = nullptr; ///< of the reducers
    std::uint64_t took = 0;            ///< in ticks; 0: not measured
};

/// The parts of a placed loop, in the order of its elements, and who is to run which.
///
/// A stretch of elements on a node is cut into parts_per_place parts of equal counts for each place
/// on the node, fewer where they would have less than the grain; the places get consecutive ones,
/// as many as the weight of their core is, always the same for the same loop. A place claims its
/// own parts first, then others of its node, then those of the node that has most left.
class placed_parts {
public:
    /// Enough that the last ones end at about the same time.
    static constexpr std::size_t parts_per_place = 8;
    static constexpr int nothing = -1;

    // With a weight of one part in parts_per_place, a place still has one.
    static_assert(core_speeds::slowest <= parts_per_place);

    /// Places a loop's elements [first, count), of which `active` places are held at a time; those
    /// before `first` are left out. False: there is no memory.
    [[nodiscard]] bool divide(const detail::placed_range& where, std::size_t first,
                              std::size_t count, std::size_t grain, const topology::node_map& nodes,
                              int active, const core_weights& weights = {}) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] placed_part& operator[](std::size_t k) const noexcept { return parts_[k]; }

    /// A part that nobody else gets, or nothing. O(parts).
    [[nodiscard]] int claim(int place) noexcept;

    /// Is there a part that nobody has claimed? May be late to say no.
    [[nodiscard]] bool left() const noexcept;

    /// The node of the part that a place is to claim next, if it is another one than its own, and
    /// -1 if it is not or nothing is left. May be late, as left().
    [[nodiscard]] int next_elsewhere(int place) const noexcept;

    /// The parts of a place's own, from begin to end; none where there is nothing on its node.
    struct range {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    [[nodiscard]] range own(int place) const noexcept;
    [[nodiscard]] bool has_home(int place) const noexcept {
        const range parts = own(place);
        return parts.begin < parts.end;
    }

    /// Is a place on the node of a part? A place below zero is on none.
    [[nodiscard]] bool is_home(std::size_t part, int place) const noexcept;

    /// What was measured of the parts, once all have ended.
    [[nodiscard]] work_by_kind measured() const noexcept;

private:
    /// The parts of one stretch.
    struct node_parts {
        int node = 0;
        const topology::node_map::share* share = nullptr; ///< of that node; null: nobody is there
        std::size_t begin = 0;                            ///< elements [begin, end)
        std::size_t end = 0;
        std::size_t first = 0;
        std::size_t count = 0;
        std::size_t homes = 0; ///< places that have a share of them
        detail::atomic<std::uint32_t> left{0};
    };

    [[nodiscard]] std::size_t homes_on(const topology::node_map::share* share) const noexcept;
    [[nodiscard]] node_parts* parts_on(int place) const noexcept;
    [[nodiscard]] node_parts* fullest() const noexcept;
    [[nodiscard]] static std::size_t number_on(const node_parts& on, int place) noexcept;
    [[nodiscard]] std::size_t weight_before(const node_parts& on, std::size_t q) const noexcept;
    [[nodiscard]] std::size_t first_of_home(const node_parts& on, std::size_t q) const noexcept;
    [[nodiscard]] bool take(node_parts& on, std::size_t part) noexcept;
    [[nodiscard]] int claim_on(node_parts& on, std::size_t start) noexcept;

    const topology::node_map* nodes_ = nullptr;
    int active_ = 0;
    core_weights weights_;
    std::unique_ptr<placed_part[]> parts_;
    std::size_t size_ = 0;
    std::unique_ptr<node_parts[]> on_;
    std::size_t stretches_ = 0;
};

} // namespace twill::sched
