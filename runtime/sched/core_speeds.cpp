// SPDX-License-Identifier: Apache-2.0
#include "sched/core_speeds.hpp"

#include "os/clock.hpp"

#include <algorithm>
#include <cstdlib>

namespace twill::sched {

core_speeds::core_speeds() noexcept : core_speeds(os::ticks_from_microseconds(least_us)) {}

core_weights core_speeds::weights() const noexcept {
    constexpr std::uint64_t whole = core_weights::whole;
    const std::uint64_t used = used_.load(detail::relaxed);
    return used <= whole ? core_weights{whole, static_cast<std::uint32_t>(used)}
                         : core_weights{static_cast<std::uint32_t>(whole * whole / used), whole};
}

void core_speeds::count(const work_by_kind& of_loop) noexcept {
    const core_work& fast = of_loop.performance;
    const core_work& slow = of_loop.efficient;
    if (!enough(fast) || !enough(slow)) {
        return;
    }
    const double speed = static_cast<double>(slow.elements) * static_cast<double>(fast.ticks) /
                         (static_cast<double>(fast.elements) * static_cast<double>(slow.ticks));
    const auto measured = static_cast<std::int64_t>(
        std::clamp(speed, 1.0 / slowest, 1.0 * slowest) * core_weights::whole);
    const std::int64_t before = average_.load(detail::relaxed);
    const std::int64_t average =
        before == 0
            ? measured
            : before +
                  (std::clamp(measured, before / farthest, before * farthest) - before) / averaged;
    average_.store(static_cast<std::uint32_t>(average), detail::relaxed);
    const std::int64_t used = used_.load(detail::relaxed);
    if (std::abs(average - used) > used / allowance) {
        used_.store(static_cast<std::uint32_t>(average), detail::relaxed);
    }
}

} // namespace twill::sched
