// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/load.hpp"

#include <string>

namespace twill::load_model {

/// Core-seconds that did not go into tasks, by cause. They add up to m W - S.
struct lost_time {
    load_window::duration capped;    ///< parked because only so many workers may be awake
    load_window::duration serial;    ///< else parked while no verb ran
    load_window::duration starved;   ///< else parked, or in search, while a verb ran
    load_window::duration dispatch;  ///< publishing, taking and ending tasks
    load_window::duration preempted; ///< the kernel ran something else

    [[nodiscard]] load_window::duration sum() const noexcept {
        return capped + serial + starved + dispatch + preempted;
    }
};
lost_time lost(const load_window& window) noexcept;

/// One sentence, without a line's end: where the lost core-seconds went and what to change.
std::string verdict(const load_window& window);

} // namespace twill::load_model
