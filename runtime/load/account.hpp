// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Where the time of a place goes. A place is in one activity at a time; a transition costs a
/// handful of plain stores and no task is ever timed.

#include "load/kind_table.hpp"
#include "os/hardware_counters.hpp"
#include "twill/detail/atomic.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::load_model {

enum class activity : std::uint8_t { parked, search, dispatch, useful };
inline constexpr std::size_t activity_count = 4;

/// What is counted per place. `count` is no counter but their number.
enum class counter : std::uint8_t {
    forks,         ///< forks that a request for work has found
    published,     ///< jobs made visible to thieves
    taken_back,    ///< published jobs that their owner took back unstolen
    stolen,        ///< jobs taken from another thread by an idle one
    leapfrogged,   ///< jobs taken by a blocked join from the thief of its child
    polls,         ///< calls of the poll's cold side
    joins_blocked, ///< joins that had to wait
    handed_over,   ///< places given up by a blocked join
    parked,        ///< times an idle thread parked
    woken,         ///< threads woken from this place
    retired,       ///< threads over the limit that gave up at the end of a task
    threads,       ///< threads created from this place
    tickets,       ///< tickets of guests taken from the inbox
    tasks,         ///< tasks of groups, submissions, jobs taken from another thread
    failed,        ///< of these, ended by an exception
    stolen_remote, ///< of those stolen, from a thread on another NUMA node
    stolen_middle, ///< of those stolen, from a thread on the level `middle` of topology::level
    stolen_far,    ///< the same of `far`
    posted,        ///< invitations of placed loops that were put into mailboxes
    placed,        ///< parts of placed loops that ran on the node of their data
    displaced,     ///< parts of placed loops that ran elsewhere
    forwarded,     ///< of those posted, for a part that a thief left to its node
    count
};
inline constexpr std::size_t counter_count = static_cast<std::size_t>(counter::count);

/// False in a build with TWILL_WITHOUT_ACCOUNTS, in which no activity is stamped and nothing is
/// counted: what the accounts cost is measured against it, and nothing else can be done with it.
#ifdef TWILL_WITHOUT_ACCOUNTS
inline constexpr bool accounts_kept = false;
#else
inline constexpr bool accounts_kept = true;
#endif

/// A consistent reading of the activities of one account.
struct place_activities {
    std::uint64_t ticks[activity_count]; ///< ended activities
    activity current;                    ///< the one that goes on
    activity previous;                   ///< the one before it
    std::uint64_t since;                 ///< when `current` began
    std::uint64_t opened;                ///< when the place opened; 0: never

    /// Moves the reading to the instant `now`, so that the activities add up to now - opened.
    void extend_to(std::uint64_t now) noexcept;
};

/// The same and all else that an account has.
struct place_reading : place_activities {
    std::uint64_t delay[activity_count]; ///< run delay charged to each activity, nanoseconds
    std::uint64_t over;                  ///< ended spells above the limit, nanoseconds
    std::uint64_t counts[counter_count];
    std::uint64_t hardware[os::hardware_event_count]; ///< charged by the threads that were on it
};

/// The account of one place number.
///
/// One writer at a time, the thread that holds the place: enter() and add() are plain loads and
/// stores, and whatever passes the place on orders them. The functions named shared may be called
/// by any thread at any time, and so may read().
class alignas(64) place_account {
public:
    place_account() = default;
    ~place_account() { delete kinds_.load(detail::relaxed); }
    place_account(const place_account&) = delete;
    place_account& operator=(const place_account&) = delete;

    /// Begins the account: parked from `now` on. Before any other use, and once.
    void open(std::uint64_t now) noexcept;

    /// Ends the activity that goes on and begins `next`. A place nobody holds is parked.
    void enter(activity next, std::uint64_t now) noexcept {
        if constexpr (!accounts_kept) {
            return;
        }
        const std::uint64_t since = since_.load(detail::relaxed);
        const std::uint32_t state = state_.load(detail::relaxed);
        const std::uint64_t begin = now > since ? now : since; // never back: cores may differ
        detail::atomic<std::uint64_t>& sum = ticks_[state & 3];
        const std::uint32_t sequence = sequence_.load(detail::relaxed);
        sequence_.store(sequence + 1, detail::relaxed);
        // release: whoever reads one of these with the acquire in read() also sees the odd number
        sum.store(sum.load(detail::relaxed) + (begin - since), detail::release);
        since_.store(begin, detail::release);
        state_.store((state & 3) << 2 | static_cast<std::uint32_t>(next), detail::release);
        // release: pairs with the acquire of the number in read()
        sequence_.store(sequence + 2, detail::release);
    }

    [[nodiscard]] activity current() const noexcept {
        return static_cast<activity>(state_.load(detail::relaxed) & 3);
    }

    void add(counter what, std::uint64_t n = 1) noexcept {
        if constexpr (!accounts_kept) {
            return;
        }
        detail::atomic<std::uint64_t>& count = counts_[static_cast<std::size_t>(what)];
        count.store(count.load(detail::relaxed) + n, detail::relaxed);
    }

    /// For a thread that is over the limit, and so shares the number with its holder.
    void add_shared(counter what, std::uint64_t n = 1) noexcept {
        shared_counts_[static_cast<std::size_t>(what)].fetch_add(n, detail::relaxed);
    }

    /// Run delay of the thread that holds the place while it was in `during`: shared.
    void charge_delay(activity during, std::uint64_t nanoseconds) noexcept {
        delay_[static_cast<std::size_t>(during)].fetch_add(nanoseconds, detail::relaxed);
    }

    /// Time that a thread ran above the limit on this number: shared.
    void add_over(std::uint64_t nanoseconds) noexcept {
        over_.fetch_add(nanoseconds, detail::relaxed);
    }

    /// Events of the processor that a thread has counted on this number: shared.
    void charge_hardware(os::hardware_event what, std::uint64_t n) noexcept {
        hardware_[static_cast<std::size_t>(what)].fetch_add(n, detail::relaxed);
    }

    /// The ended activities alone, in ticks; for the holder.
    [[nodiscard]] std::uint64_t ended(activity of) const noexcept {
        return ticks_[static_cast<std::size_t>(of)].load(detail::relaxed);
    }

    /// The run delay that was charged to an activity.
    [[nodiscard]] std::uint64_t delayed(activity during) const noexcept {
        return delay_[static_cast<std::size_t>(during)].load(detail::relaxed);
    }

    /// Null before the first task of a kind.
    [[nodiscard]] kind_table* kinds() const noexcept {
        // acquire: pairs with the release in make_kinds()
        return kinds_.load(detail::acquire);
    }
    /// Null without memory. Shared.
    kind_table* make_kinds() noexcept {
        kind_table* const made = kinds();
        return made != nullptr ? made : make_kinds_slow();
    }

    [[nodiscard]] place_activities activities() const noexcept;
    [[nodiscard]] place_reading read() const noexcept;

private:
    kind_table* make_kinds_slow() noexcept;

    detail::atomic<std::uint32_t> sequence_{0}; // odd while enter() writes
    detail::atomic<std::uint32_t> state_{0};    // previous << 2 | current
    detail::atomic<std::uint64_t> since_{0};
    detail::atomic<std::uint64_t> opened_{0};
    detail::atomic<std::uint64_t> ticks_[activity_count]{};
    detail::atomic<kind_table*> kinds_{nullptr};

    alignas(64) detail::atomic<std::uint64_t> counts_[counter_count]{};

    alignas(64) detail::atomic<std::uint64_t> delay_[activity_count]{};
    detail::atomic<std::uint64_t> over_{0};
    detail::atomic<std::uint64_t> shared_counts_[counter_count]{};
    detail::atomic<std::uint64_t> hardware_[os::hardware_event_count]{};
};

} // namespace twill::load_model
