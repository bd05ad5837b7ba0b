// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/hash.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::model {

/// What somebody has seen: of each location the number of the newest store that happened before.
/// A store-release keeps a copy of its thread's view, a load-acquire adds it to its own.
struct view {
    static constexpr std::size_t capacity = 512;

    std::uint32_t size = 0;
    std::int16_t seen[capacity] = {};

    [[nodiscard]] std::int16_t at(std::uint32_t location) const noexcept {
        return location < size ? seen[location] : std::int16_t{0};
    }
    void raise(std::uint32_t location, std::int16_t store) noexcept {
        grow(location + 1);
        seen[location] = seen[location] < store ? store : seen[location];
    }
    void join(const view& other) noexcept {
        grow(other.size);
        for (std::uint32_t k = 0; k < other.size; ++k) {
            seen[k] = seen[k] < other.seen[k] ? other.seen[k] : seen[k];
        }
    }
    void clear() noexcept { size = 0; }
    void assign(const view& other) noexcept {
        size = other.size;
        for (std::uint32_t k = 0; k < size; ++k) {
            seen[k] = other.seen[k];
        }
    }

private:
    void grow(std::uint32_t wanted) noexcept {
        for (; size < wanted; ++size) {
            seen[size] = 0;
        }
    }
};

} // namespace twill::model
