// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

struct perf_event_attr;

namespace twill::os {

/// The calls of the system that the counters need; a test puts others in their place.
struct counter_calls {
    /// Begins to count an event of the calling thread, in a group or (-1) in one of its own: a
    /// descriptor, or -1 and errno.
    int (*open)(perf_event_attr& what, int group) noexcept;
    /// The kernel's number of the counter; false if the descriptor is that of something else.
    bool (*name)(int file, std::uint64_t& name) noexcept;
    /// As read(2).
    long (*read)(int file, void* into, std::size_t size) noexcept;
    void (*close)(int file) noexcept;
};
extern const counter_calls calls_of_kernel;

/// What is counted of a thread. `count` is no event but their number.
enum class hardware_event : std::uint8_t { cycles, instructions, cache_misses, count };
inline constexpr std::size_t hardware_event_count = static_cast<std::size_t>(hardware_event::count);

/// Events of a thread so far, in user mode; 0 for one that is not counted.
struct hardware_counts {
    std::uint64_t of[hardware_event_count];
};

/// Counters of the processor for one thread: cycles, instructions and misses of the last level of
/// cache, as one group, so that they count at the same times (perf_event_open, man 2). open() and
/// close() are called on the thread; read() from any thread between the two.
class hardware_counters {
public:
    /// Whose calls are made from the next open() on. Before threads use any.
    static void use(const counter_calls& calls) noexcept;

    /// Begins to count what the system lets count: a descriptor each. Some microseconds.
    void open() noexcept;
    void close() noexcept;

    /// True between open() and close() if any of the events is counted.
    [[nodiscard]] bool open_at_all() const noexcept { return opened_ != 0; }

    /// Why the last open() could not count an event, as errno has it; 0 if it could.
    [[nodiscard]] int refusal(hardware_event of) const noexcept {
        return refused_[static_cast<std::size_t>(of)];
    }

    /// Two system calls. While the processor was shared with other counters, an estimate: in
    /// proportion to the time in which these were on it. All 0 if the descriptor is no longer that
    /// of the counters.
    [[nodiscard]] hardware_counts read() const noexcept;

    /// `count` events seen in `running` of `enabled` nanoseconds, for all of them; 0 if never
    /// running.
    static std::uint64_t scaled(std::uint64_t count, std::uint64_t enabled,
                                std::uint64_t running) noexcept;

private:
    [[nodiscard]] bool still_ours(std::size_t k) const noexcept;

    int files_[hardware_event_count]{};
    // The kernel's number of each counter: programs close descriptors that are not theirs, and the
    // number may be somebody else's by now.
    std::uint64_t names_[hardware_event_count]{};
    hardware_event order_[hardware_event_count]{}; // of the values in a reading
    std::uint32_t opened_ = 0;
    int refused_[hardware_event_count]{};
};

/// Why an event cannot be counted, for people: a sentence without its end. For 0: nullptr.
const char* reason_of_refusal(int error) noexcept;

} // namespace twill::os
