// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/hardware_counters.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <linux/perf_event.h>

namespace twill::testing_support {

/// Counters of a made-up processor in the place of the system's: as many of each event as a test
/// says, whichever thread asks. One at a time.
class made_up_counters {
public:
    made_up_counters() {
        state() = {};
        os::hardware_counters::use(calls);
    }
    ~made_up_counters() { os::hardware_counters::use(os::calls_of_kernel); }
    made_up_counters(const made_up_counters&) = delete;
    made_up_counters& operator=(const made_up_counters&) = delete;

    /// What open() answers for an event from now on; 0: it counts.
    void refuse(os::hardware_event what, int error) const {
        state().refusal[static_cast<std::size_t>(what)] = error;
    }
    void set(std::uint64_t cycles, std::uint64_t instructions, std::uint64_t misses) const {
        state().counts[0] = cycles;
        state().counts[1] = instructions;
        state().counts[2] = misses;
    }
    /// For how much of the time the counters were on the processor.
    void share(std::uint64_t enabled, std::uint64_t running) const {
        state().enabled = enabled;
        state().running = running;
    }
    /// All descriptors are somebody else's from now on.
    void take_away() const { state().ours = false; }
    [[nodiscard]] int open_files() const { return state().open_files; }

private:
    static constexpr int first_file = 1000;
    struct made_up {
        int refusal[os::hardware_event_count]{};
        std::uint64_t counts[os::hardware_event_count]{};
        std::uint64_t enabled = 1;
        std::uint64_t running = 1;
        bool ours = true;
        int open_files = 0;
        int group[os::hardware_event_count]{}; // events in the order in which they were opened
        int in_group = 0;
    };
    static made_up& state() {
        static made_up one;
        return one;
    }
    static int open(perf_event_attr& what, int group) noexcept {
        const int event = what.config == PERF_COUNT_HW_CPU_CYCLES     ? 0
                          : what.config == PERF_COUNT_HW_INSTRUCTIONS ? 1
                                                                      : 2;
        if (state().refusal[event] != 0) {
            errno = state().refusal[event];
            return -1;
        }
        if (group < 0) {
            state().in_group = 0;
        }
        state().group[state().in_group++] = event;
        ++state().open_files;
        return first_file + event;
    }
    static bool name(int file, std::uint64_t& name) noexcept {
        name = static_cast<std::uint64_t>(file) + 7;
        return state().ours;
    }
    static long read(int, void* into, std::size_t size) noexcept {
        std::uint64_t words[3 + os::hardware_event_count]{};
        words[0] = static_cast<std::uint64_t>(state().in_group);
        words[1] = state().enabled;
        words[2] = state().running;
        for (int k = 0; k < state().in_group; ++k) {
            words[3 + k] = state().counts[state().group[k]];
        }
        const std::size_t told = size < sizeof words ? size : sizeof words;
        std::memcpy(into, words, told);
        return static_cast<long>(told);
    }
    static void close(int) noexcept { --state().open_files; }

    static constexpr os::counter_calls calls{&open, &name, &read, &close};
};

} // namespace twill::testing_support
