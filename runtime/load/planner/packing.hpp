// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/planner/groups.hpp"
#include "load/planner/instance.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::planner {

/// Do all tasks fit into bins of given sizes? A depth-first search that fills one bin after the
/// other: bin completion (Korf: An improved algorithm for optimal bin packing, IJCAI 2003), here
/// with bins of different sizes. README.md has what is left out and why nothing is lost by it.
class packing {
public:
    enum class answer { fits, does_not_fit, unknown };

    /// So many tasks of the group go into a bin.
    struct pick {
        std::uint32_t group;
        std::uint32_t count;
        /// What the bin has to come to at least, as it was before this pick.
        size least_before;
    };

    explicit packing(groups tasks, std::size_t bins);

    /// Searches until it knows, or `steps` picks have been made, or the time has come.
    /// \param bins      their sizes, rising.
    /// \param deadline  on os::monotonic_nanoseconds().
    answer search(const std::vector<size>& bins, std::uint64_t steps, std::int64_t deadline);

    /// After answer::fits: the tasks of each bin, bin by bin.
    [[nodiscard]] const std::vector<pick>& picks() const noexcept { return picks_; }
    /// Where the picks of a bin begin in picks().
    [[nodiscard]] std::size_t picks_begin(std::size_t bin) const noexcept {
        return bin < open_.size() ? open_[bin].picks_begin : picks_.size();
    }

    [[nodiscard]] const groups& tasks() const noexcept { return all_; }

private:
    /// A state in the table of failures: where it stands, and what stands there.
    struct state_key {
        std::size_t slot;
        std::uint64_t check;
    };
    /// A bin that is being filled, and what was left when it was begun.
    struct open_bin {
        std::size_t picks_begin;
        size remaining;
        size filled;
        size least; ///< what it has to come to
        /// All later bins are as large as this one: it gets the longest task that is left.
        bool forced;
        state_key key;
    };
    enum class opening { complete, hopeless, begun };

    opening open_next();
    bool extend(std::size_t from);
    [[nodiscard]] bool pair_is_worse() const noexcept;
    bool next_filling();
    void put(std::size_t group, std::uint32_t count);
    void put_all();
    void step() noexcept;
    [[nodiscard]] state_key key_of(std::size_t from) const noexcept;
    [[nodiscard]] std::size_t first_allowed() const noexcept;
    [[nodiscard]] size* sums_of(std::size_t bin) noexcept {
        return sums_.data() + bin * (all_.count() + 1);
    }

    const groups all_;
    groups left_;
    std::vector<size> bins_;
    std::vector<size> room_from_; ///< the size of all bins from this one on
    std::vector<open_bin> open_;
    std::vector<pick> picks_;
    /// For each open bin and group: the time of all tasks that were left from this group on.
    std::vector<size> sums_;
    /// States that are known to lead nowhere.
    std::vector<std::uint64_t> failed_;
    std::uint64_t salt_ = 0; ///< of the bins: states of other bins are others
    std::uint64_t steps_left_ = 0;
    std::int64_t deadline_ = 0;
};

} // namespace twill::planner
