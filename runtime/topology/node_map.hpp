// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/table.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace twill::topology {

/// What becomes of wishes where memory is to lie: of a machine that is only described they are
/// noted and not made.
enum class binds { made, recorded };

/// Which NUMA node each place is on, by the kernel's numbers, and what kind of core it has;
/// read-only once it is made.
class node_map {
public:
    /// A node, and the places on it in ascending order, one at least.
    struct share {
        int node;
        std::vector<int> places;
        /// How many of the first q places have efficient cores, for q from 0 to all of them.
        std::vector<std::size_t> efficient_before{0};
    };

    /// `node_of_place` has the node of each place, and `kind_of_place` the kind of its core, or
    /// nothing where that is not known. Throws std::bad_alloc.
    explicit node_map(std::vector<int> node_of_place, binds with = binds::made,
                      std::vector<core_kind> kind_of_place = {});
    /// The same from the table's rows.
    explicit node_map(std::span<const table_row> workers, binds with = binds::made);

    [[nodiscard]] int places() const noexcept { return static_cast<int>(node_of_place_.size()); }
    [[nodiscard]] int node_of(int place) const noexcept {
        return node_of_place_[static_cast<std::size_t>(place)];
    }
    [[nodiscard]] core_kind kind_of(int place) const noexcept {
        return kind_of_place_[static_cast<std::size_t>(place)];
    }
    /// In the order of the first place of each.
    [[nodiscard]] std::span<const share> shares() const noexcept { return shares_; }
    /// More than one node: only then it matters where data lies.
    [[nodiscard]] bool divided() const noexcept { return shares_.size() > 1; }
    /// Some node has efficient cores and others: only then it matters how fast they are.
    [[nodiscard]] bool mixed() const noexcept { return mixed_; }
    /// Either: it matters which place runs what of a loop.
    [[nodiscard]] bool matters() const noexcept { return divided() || mixed(); }
    /// The share of a node, or null if no place is on it.
    [[nodiscard]] const share* find(int node) const noexcept;
    /// The number of the share that a place is in.
    [[nodiscard]] std::size_t share_of(int place) const noexcept {
        return static_cast<std::size_t>(find(node_of(place)) - shares_.data());
    }
    [[nodiscard]] binds with() const noexcept { return with_; }

private:
    std::vector<int> node_of_place_;
    std::vector<core_kind> kind_of_place_;
    std::vector<share> shares_;
    bool mixed_ = false;
    binds with_;
};

} // namespace twill::topology
