// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twill::trace {

/// What an event of a full record says. A number is never used again for something else, and a
/// reader skips those that it does not know. In brackets: the payload.
enum class event_type : std::uint8_t {
    none = 0,   ///< never written: a word of zeros is no event
    time = 1,   ///< time passes: wide_of() ticks, and nothing else
    second = 2, ///< wide_of() is more payload for the event just before; it takes no time

    fork = 3,     ///< the running strand ends, the first callable begins
    join_own = 4, ///< the first has ended, the second begins on this thread
    /// The second ran elsewhere and has ended. Has a second word: the root_link of its run.
    join_stolen = 5,
    sync = 6, ///< both have ended, the strand after them begins

    loop_begin = 7,  ///< of the outermost piece, on the thread that called the verb
    block = 8,       ///< one block of a loop ends, the next begins
    loop_stolen = 9, ///< the rest of a piece ran elsewhere and has ended; second as join_stolen
    loop_end = 10,

    root_begin = 11, ///< [root_why] what was taken begins; second: root_link of the victim, region
    root_end = 12,

    spawn = 13,      ///< [group] a task was put into a group
    task_begin = 14, ///< [group]
    task_end = 15,   ///< [group]
    wait_begin = 16, ///< [group] the wait for all tasks of a group
    wait_end = 17,   ///< [group]

    activity = 18,    ///< [activity_kind | place << 2] what the thread's time counts as from here
    take_place = 19,  ///< [place]
    leave_place = 20, ///< [place]
    steal = 21,       ///< [thread stolen from]
    leapfrog = 22,    ///< [thread stolen from]
    blocked = 23,     ///< the thread waits in a task
    resumed = 24,
    hand_over = 25, ///< a blocked join gave its place to another thread
    park = 26,
    wake = 27, ///< [thread woken]

    kind_begin = 28,   ///< [kind] by the number that a name_table gives its name
    kind_end = 29,     ///< [kind]
    region_begin = 30, ///< [region] likewise
    region_end = 31,   ///< [region]
    submitted = 32,    ///< [priority] by this thread
    ended = 33,        ///< [priority] a submission, on this thread
    /// Of the thread's useful time before this, so many ticks were run delay; second: the ticks.
    /// With 0 a thread says at its begin that it tells of them.
    delay = 34,
};

/// One more than the largest event_type.
constexpr unsigned event_types = 35;

/// In the order of load_model::activity.
enum class activity_kind : std::uint8_t { parked, search, dispatch, useful };

/// Why a thread runs something that is not below what it ran before.
enum class root_why : std::uint8_t { steal, leapfrog, guest, submission, group };

// An event is a word: from the low end the type, the payload, and the ticks since the event before
// on the same thread. time and second have payload and ticks in one, the wide part.
constexpr unsigned type_bits = 6;
constexpr unsigned payload_bits = 24;
constexpr unsigned delta_bits = 34;
constexpr unsigned wide_bits = payload_bits + delta_bits;
static_assert(type_bits + wide_bits == 64);

constexpr std::uint32_t largest_payload = (std::uint32_t{1} << payload_bits) - 1;
constexpr std::uint64_t largest_delta = (std::uint64_t{1} << delta_bits) - 1;
constexpr std::uint64_t largest_wide = (std::uint64_t{1} << wide_bits) - 1;

/// `payload` at most largest_payload, `delta` at most largest_delta: more is cut off.
constexpr std::uint64_t event_word(event_type type, std::uint32_t payload,
                                   std::uint64_t delta) noexcept {
    return static_cast<std::uint64_t>(type) |
           static_cast<std::uint64_t>(payload & largest_payload) << type_bits |
           delta << (type_bits + payload_bits);
}

/// The word of `time` or `second`.
constexpr std::uint64_t wide_word(event_type type, std::uint64_t wide) noexcept {
    return static_cast<std::uint64_t>(type) | wide << type_bits;
}

/// The type of a word. It may be one that this code does not know.
constexpr event_type type_of(std::uint64_t word) noexcept {
    return static_cast<event_type>(word & ((std::uint64_t{1} << type_bits) - 1));
}
constexpr std::uint32_t payload_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word >> type_bits) & largest_payload;
}
constexpr std::uint64_t delta_of(std::uint64_t word) noexcept {
    return word >> (type_bits + payload_bits);
}
constexpr std::uint64_t wide_of(std::uint64_t word) noexcept { return word >> type_bits; }

/// The time from the word before on the same thread to this one.
constexpr std::uint64_t ticks_of(std::uint64_t word) noexcept {
    switch (type_of(word)) {
    case event_type::time:
        return wide_of(word);
    case event_type::second:
        return 0;
    default:
        return delta_of(word);
    }
}

constexpr unsigned thread_bits = 14;
constexpr unsigned epoch_bits = 28;
constexpr std::uint32_t largest_thread = (std::uint32_t{1} << thread_bits) - 1;
constexpr std::uint32_t largest_epoch = (std::uint32_t{1} << epoch_bits) - 1;

/// The second word's payload of join_stolen and loop_stolen (the thread that ran it and the epoch
/// of its root_begin), and of root_begin (the thread that it was taken from, and its own epoch).
/// Thread and epoch name one root; the newest one counts where the epoch has wrapped.
struct root_link {
    std::uint32_t thread = 0;
    std::uint32_t epoch = 0;

    friend constexpr bool operator==(root_link, root_link) = default;
};

/// `region`: of root_begin, what region_from() gives back.
constexpr std::uint64_t wide_from(root_link link, std::uint32_t region = 0) noexcept {
    return static_cast<std::uint64_t>(region) << (thread_bits + epoch_bits) |
           static_cast<std::uint64_t>(link.epoch & largest_epoch) << thread_bits |
           (link.thread & largest_thread);
}
constexpr root_link root_from(std::uint64_t wide) noexcept {
    return {static_cast<std::uint32_t>(wide) & largest_thread,
            static_cast<std::uint32_t>(wide >> thread_bits) & largest_epoch};
}

/// Of root_begin: the number of the region that the root was taken out of, and one; 0 for none.
constexpr std::uint32_t region_from(std::uint64_t wide) noexcept {
    return static_cast<std::uint32_t>(wide >> (thread_bits + epoch_bits));
}

/// Payload of `activity`. A place above 2^22 - 1 is cut off.
constexpr std::uint32_t activity_payload(activity_kind what, std::uint32_t place) noexcept {
    return static_cast<std::uint32_t>(what) | place << 2;
}

} // namespace twill::trace
