// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::load_model {

/// A lock for a few instructions or a system call, taken by a thread itself a thousand times a
/// second and by others at a snapshot. It never sleeps, so its holder has nobody to wake.
class guard {
public:
    bool try_lock() noexcept {
        // acquire: pairs with the release in unlock()
        return word_.load(detail::relaxed) == 0 && word_.exchange(1, detail::acquire) == 0;
    }
    void lock() noexcept {
        while (!try_lock()) {
            detail::yield_slice(); // the holder is in a system call, or has lost its core
        }
    }
    void unlock() noexcept {
        // release: pairs with the acquire in try_lock()
        word_.store(0, detail::release);
    }

private:
    detail::atomic<std::uint32_t> word_{0};
};

} // namespace twill::load_model
