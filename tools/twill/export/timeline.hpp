// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Events as slices of time that nest, which is what Perfetto, Chrome and flame graphs show.

#include "export/events.hpp"
#include "profile/profile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twill::tool {

/// Each thread has two tracks: what it ran, and what its time counted as.
enum class lane : std::uint8_t { tasks, activity };
constexpr std::size_t lanes = 2;

/// Which names belong together; the index of its name in category_names.
enum class category : std::uint8_t { root, verb, task, kind, region, wait, activity, event };
inline constexpr std::array<const char*, 8> category_names{"root",   "verb", "task",     "kind",
                                                           "region", "wait", "activity", "event"};

/// What a slice or an instant is called: an index into timeline::names().
using name_index = std::uint32_t;

/// Who takes the slices. A thread goes by its track, track_of(). Per thread the calls come in the
/// order of time; slices nest in each lane.
class timeline_sink {
public:
    timeline_sink() = default;
    timeline_sink(const timeline_sink&) = delete;
    timeline_sink& operator=(const timeline_sink&) = delete;
    virtual ~timeline_sink() = default;

    virtual void thread(std::uint32_t track) = 0; ///< before its first slice
    virtual void begin(std::uint32_t thread, lane on, profile::nanoseconds at, name_index name,
                       category of) = 0;
    virtual void end(std::uint32_t thread, lane on, profile::nanoseconds at) = 0;
    virtual void instant(std::uint32_t thread, profile::nanoseconds at, name_index name) = 0;
    /// Of the thread's useful time before `at`, `length` was run delay.
    virtual void delay(std::uint32_t thread, profile::nanoseconds at, profile::nanoseconds length,
                       name_index name) = 0;
};

/// Makes the slices. An end without its beginning, which dropped events leave behind, is counted
/// and left out; a beginning without its end ends with what is around it.
class timeline {
public:
    timeline(const profile::profile& of, timeline_sink& to);

    void add(const recorded_event& one);
    /// Ends all that is open. After it nothing may be added.
    void finish();

    /// The names of all slices so far; it only grows.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] std::uint64_t unmatched() const noexcept { return unmatched_; }

private:
    struct open_slice {
        trace::event_type begun_by;
        std::uint64_t payload;
        bool taken_over; ///< by a root, with which it ends
    };
    struct thread_state {
        std::vector<open_slice> stack;
        bool active = false; ///< a slice is open in lane::activity
        profile::nanoseconds last = 0;
    };

    name_index name(std::string text);
    name_index name_of_payload(category of, std::uint64_t payload);
    void begin(const recorded_event& one, thread_state& state, name_index name, category of);
    void begin_root(const recorded_event& one, thread_state& state);
    void end(const recorded_event& one, thread_state& state, trace::event_type begun_by);
    void change_activity(const recorded_event& one, thread_state& state);
    void mark(const recorded_event& one, name_index name);

    const profile::profile& of_;
    timeline_sink& to_;
    std::vector<std::string> names_;
    std::map<std::string, name_index, std::less<>> index_;
    std::array<std::vector<name_index>, category_names.size()> cached_; ///< by payload
    std::map<std::uint32_t, thread_state> threads_;                     ///< by track
    std::uint64_t unmatched_ = 0;
};

} // namespace twill::tool
