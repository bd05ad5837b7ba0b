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

/// Where most of what a change can give back was lost.
enum class loss { nothing, serial, starved, dispatch, preempted, asleep };

struct main_loss {
    loss where = loss::nothing; ///< nothing: none gives back least_gain of the wall time
    double time = 0;            ///< core time that was lost there, in nanoseconds
    double gain = 0; ///< what part of the wall time a change saves at the most, in [0, 1)
};
main_loss most_lost(const load_window& window) noexcept;

/// One sentence, without a line's end: where the lost core-seconds went and what to change.
std::string verdict(const load_window& window);

} // namespace twill::load_model
