// SPDX-License-Identifier: Apache-2.0
#include "load/energy.hpp"

#include "load/guard.hpp"
#include "os/clock.hpp"
#include "os/energy.hpp"

#include <mutex>

namespace twill::load_model {

namespace {

/// The smallest range that processors have, 65 kJ, holds for a minute at 1000 W.
constexpr std::int64_t refresh_period = 20'000'000'000; // nanoseconds

struct machine_energy {
    guard one_at_a_time;
    os::energy_meter meter; // under the guard
    std::int64_t read_at = 0;
    detail::atomic<std::uint32_t> readable{0}; // so that nobody takes the guard in vain

    bool read() noexcept {
        read_at = os::monotonic_nanoseconds();
        return meter.read(read_at);
    }
};

constinit machine_energy machine;

} // namespace

// Nobody reads before the runtime is registered. In the child of a fork() this runs again, and the
// guard may have been held when the parent forked.
void begin_energy(const char* folder) noexcept {
    machine.one_at_a_time.unlock();
    const std::lock_guard locked(machine.one_at_a_time);
    machine.read_at = os::monotonic_nanoseconds();
    machine.meter.open(folder, machine.read_at);
    // release: pairs with the acquire in energy_now(), for the reason why there is none
    machine.readable.store(machine.meter.readable() ? 1 : 0, detail::release);
}

energy_now_result energy_now() noexcept {
    // acquire: pairs with the release in begin_energy()
    if (machine.readable.load(detail::acquire) == 0) {
        return {std::nullopt, machine.meter.absent()};
    }
    const std::lock_guard locked(machine.one_at_a_time);
    if (!machine.read()) {
        return {std::nullopt, machine.meter.absent()};
    }
    return {energy_count{machine.meter.joules(), machine.meter.gaps()}, nullptr};
}

void set_joules(load_window& window, const std::optional<energy_count>& after,
                const std::optional<energy_count>& before) noexcept {
    if (!after || !before) {
        return;
    }
    if (after->gaps != before->gaps) {
        window.joules_absent =
            "the energy counters were left unread for longer than they take to come round";
    } else if (after->joules <= before->joules) {
        window.joules_absent = "no energy counter has moved: they do once a millisecond";
    } else {
        window.joules = after->joules - before->joules;
        window.joules_absent = nullptr;
    }
}

void refresh_energy() noexcept {
    if (machine.readable.load(detail::relaxed) == 0) {
        return;
    }
    if (const std::unique_lock locked(machine.one_at_a_time, std::try_to_lock);
        locked && os::monotonic_nanoseconds() - machine.read_at > refresh_period) {
        static_cast<void>(machine.read());
    }
}

} // namespace twill::load_model
