// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace social {

/// A set of vertices that answers "is w in it?" by one load: a bit for each vertex, kept by the
/// thread and all clear outside of a set's life. A thread may have one set at a time. That holds in
/// a task since it never changes threads, and as long as it forks nothing while it has the set.
class marked_set {
public:
    marked_set(std::span<const vertex> members, std::size_t vertices) : members_(members) {
        thread_local std::vector<std::uint64_t> bits;
        if (bits.size() * 64 < vertices) {
            bits.resize((vertices + 63) / 64);
        }
        words_ = bits.data();
        for (const vertex w : members_) {
            words_[w / 64] |= std::uint64_t{1} << (w % 64);
        }
    }
    ~marked_set() {
        for (const vertex w : members_) {
            words_[w / 64] = 0;
        }
    }
    marked_set(const marked_set&) = delete;
    marked_set& operator=(const marked_set&) = delete;

    /// How many of the vertices are in the set.
    [[nodiscard]] std::uint64_t count(std::span<const vertex> vertices) const noexcept {
        std::uint64_t found = 0;
        for (const vertex w : vertices) {
            found += words_[w / 64] >> (w % 64) & 1;
        }
        return found;
    }

private:
    std::span<const vertex> members_;
    std::uint64_t* words_ = nullptr;
};

} // namespace social
