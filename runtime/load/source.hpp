// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/account.hpp"
#include "load/responses.hpp"
#include "os/clock.hpp"
#include "os/hardware_counters.hpp"

#include <cstdint>

namespace twill::load_model {

class thread_account;

/// What a snapshot walks: the accounts of one runtime. It must never end once it is registered.
class load_source {
public:
    /// What the time inside verbs is counted in.
    static constexpr std::uint64_t ticks_per_unit = 256;

    /// Opens the accounts of all places at one instant. `places` is an array of `workers`, of which
    /// at most `awake_limit` are held at the same time, until set_awake_limit() says otherwise.
    void open(int workers, int awake_limit, place_account* places) noexcept;

    /// A thread from outside begins and ends an outermost verb. Between the first that begins and
    /// the last that ends the program is inside verbs; what is parked then is a lack of parallel
    /// work, and what is parked otherwise is a serial part of the program. Any thread, any time.
    void verb_began(std::uint64_t now) noexcept;
    void verb_ended(std::uint64_t now) noexcept;

    [[nodiscard]] int workers() const noexcept { return workers_; }
    /// Relaxed, both: the number is for people.
    [[nodiscard]] int awake_limit() const noexcept { return awake_limit_.load(detail::relaxed); }
    void set_awake_limit(int limit) noexcept { awake_limit_.store(limit, detail::relaxed); }
    [[nodiscard]] place_account& place(int number) const noexcept { return places_[number]; }
    [[nodiscard]] os::clock_anchor opened() const noexcept { return opened_; }

    /// Whether threads are to count the processor's events: TWILL_COUNTERS=1 when it was opened.
    [[nodiscard]] bool counts_hardware() const noexcept { return counts_hardware_; }
    /// A thread has opened its counters. What one could not count is absent from then on.
    void note_hardware(const os::hardware_counters& opened) noexcept;
    /// Why an event is absent, or nullptr.
    [[nodiscard]] const char* hardware_absent(os::hardware_event what) const noexcept;

    /// Ticks spent inside verbs up to `now`.
    [[nodiscard]] std::uint64_t inside_verbs(std::uint64_t now) const noexcept;

    /// From submission to end, by level.
    [[nodiscard]] response_table& responses() noexcept { return responses_; }
    [[nodiscard]] const response_table& responses() const noexcept { return responses_; }

    /// Every thread account that was ever attached, newest first; none is ever taken out.
    [[nodiscard]] thread_account* first_thread() const noexcept;
    void adopt(thread_account& account) noexcept;

private:
    friend class all_runtimes;

    int workers_ = 0;
    detail::atomic<std::int32_t> awake_limit_{0};
    bool counts_hardware_ = false;
    // By event the errno of a thread that could not count it. Relaxed: nothing lies behind it.
    detail::atomic<std::int32_t> refused_[os::hardware_event_count]{};
    place_account* places_ = nullptr;
    os::clock_anchor opened_{};
    // The number of verbs that run, 16 bits, and above it a time in units since `opened_`: the sum
    // of the ends of the program's times inside verbs minus the sum of their beginnings, so that
    // one word tells both. 48 bits: years of time inside verbs.
    detail::atomic<std::uint64_t> verbs_{0};
    detail::atomic<thread_account*> threads_{nullptr};
    response_table responses_;
    // Of a runtime beside the default one; under the lock of all_runtimes.cpp.
    load_source* next_ = nullptr;
    std::uint32_t number_ = 0;
    char name_[16] = {};
};

/// Makes `source` the one that twill::load() reads and, with TWILL_REPORT=1, the one that is
/// reported at exit. Once, when the default runtime starts; `source` has been opened.
void register_source(load_source& source) noexcept;

/// The registered source, or null.
load_source* registered_source() noexcept;

/// The same without a system call: in a child that was made without fork() it may be the parent's.
load_source* registered_source_quick() noexcept;

/// In the child of a fork(): the source is the parent's.
void forget_source_in_child() noexcept;

} // namespace twill::load_model
