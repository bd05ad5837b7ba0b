// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tiles/tiles.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

/// Memory of the recursion. A buffer that its frame gives back is the next one that is taken for
/// this side, so there are as many as frames are alive at the same time, and no run after the first
/// touches fresh memory.
class buffers {
public:
    explicit buffers(long parts) : parts_(parts) {}

    /// The parts of one frame, each a quadrant of a matrix with this side.
    class frame {
    public:
        frame(buffers& from, long side) : from_(from), side_(side), data_(from.take(side)) {}
        frame(const frame&) = delete;
        frame& operator=(const frame&) = delete;
        ~frame() { from_.give(side_, std::move(data_)); }

        double* part(long index) const { return data_.get() + index * length(side_); }

    private:
        buffers& from_;
        const long side_;
        bench::tiles::storage data_;
    };

private:
    /// A few lines more than a quadrant: loops go through many parts at once, and parts that are
    /// powers of two apart would meet in the same set of a cache.
    static long length(long side) { return side / 2 * (side / 2) + 64; }

    static std::size_t level(long side) {
        return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned long>(side)));
    }

    bench::tiles::storage take(long side) {
        {
            const std::lock_guard lock(mutex_);
            auto& free = free_[level(side)];
            if (!free.empty()) {
                bench::tiles::storage last = std::move(free.back());
                free.pop_back();
                return last;
            }
        }
        return bench::tiles::allocate(parts_ * length(side));
    }

    void give(long side, bench::tiles::storage data) {
        const std::lock_guard lock(mutex_);
        free_[level(side)].push_back(std::move(data));
    }

    const long parts_;
    std::mutex mutex_;
    std::array<std::vector<bench::tiles::storage>, 32> free_;
};
