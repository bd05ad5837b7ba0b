// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_list.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace social {

/// A set of vertices that answers "is w in it?" by one load: a byte for each vertex, kept by the
/// thread and all zero outside of a set's life. A thread may have one set at a time. That holds in
/// a task since it never changes threads, and as long as it forks nothing while it has the set.
class marked_set {
public:
    marked_set(std::span<const vertex> members, std::size_t vertices) : members_(members) {
        thread_local std::vector<unsigned char> kept;
        if (kept.size() < vertices) {
            kept.resize(vertices);
        }
        marks_ = kept.data();
        for (const vertex w : members_) {
            marks_[w] = 1;
        }
    }
    ~marked_set() {
        for (const vertex w : members_) {
            marks_[w] = 0;
        }
    }
    marked_set(const marked_set&) = delete;
    marked_set& operator=(const marked_set&) = delete;

    /// How many of those before `bound` are in the set. Takes ascending vertices of which one is
    /// `bound` itself.
    [[nodiscard]] std::uint64_t count_below(vertex bound,
                                            std::span<const vertex> vertices) const noexcept {
        std::uint64_t found = 0;
        for (const vertex* w = vertices.data(); *w < bound; ++w) {
            found += marks_[*w];
        }
        return found;
    }

private:
    std::span<const vertex> members_;
    unsigned char* marks_ = nullptr;
};

} // namespace social
