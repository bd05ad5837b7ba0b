// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/account.hpp"
#include "load/guard.hpp"
#include "load/root_origin.hpp"
#include "load/source.hpp"
#include "os/hardware_counters.hpp"
#include "os/thread_times.hpp"

#include <cstdint>
#include <utility>

namespace twill::load_model {

class thread_account;

/// What a thread_listener is told of: the thread takes a place, changes its activity, gives the
/// place up; or has learnt that time which was told as useful was run delay, take_delay().
enum class transition : std::uint8_t { take, enter, leave, delayed };

/// Is told of the transitions of one thread, by that thread, as they are stamped.
using thread_listener = void (*)(void* context, transition what, activity next,
                                 std::uint64_t now) noexcept;

/// One per record of an OS thread, and what the scheduler talks to: it stamps the account of the
/// place that the thread holds, reads the kernel's run delay and owns the thread's CPU clock.
///
/// Everything is called by the thread itself, except read(), which any thread may call at any
/// time. An account is never destroyed: its thread may end and another one attach.
class thread_account {
public:
    enum class role : std::uint8_t { worker, guest };

    /// Binds the account to the calling thread. Opens a file of /proc: some microseconds. If the
    /// source counts the processor's events, opens their counters too. `number`: what the thread is
    /// shown as, always the same one.
    void attach(load_source& source, role as, std::uint32_t number = 0) noexcept;
    /// Before the thread ends or the account goes to another one; outside of every place.
    void detach() noexcept;

    /// A guest begins and ends an outermost verb; between the two its CPU time counts. Reads the
    /// CPU clock only where the time since the last reading is long against the price of one.
    void begin_verb(std::uint64_t now) noexcept;
    void end_verb(std::uint64_t now) noexcept;

    /// The thread, on no place, does for a while what is none of the runtime's business: its CPU
    /// time does not count.
    void begin_blocking(std::uint64_t now) noexcept;
    void end_blocking(std::uint64_t now) noexcept;

    /// The thread has taken a place and begins with `first`. `over`: above the limit, on a number
    /// that another thread holds; the place's account then stays with that one, and this thread's
    /// time goes to the place's column for time over the limit.
    void take(place_account& place, activity first, std::uint64_t now, bool over = false) noexcept;

    /// Ends the activity that goes on and begins `next`. After every 500 us on places this also
    /// reads the run delay (1.5 us), so that a delay is charged to the activities it fell into.
    void enter(activity next, std::uint64_t now) noexcept {
        if constexpr (!accounts_kept)
            return;
        if (__builtin_expect(kind_ != nullptr, 0)) {
            enter_of_kind(next, now);
            return;
        }
        if (!over_ && place_ != nullptr)
            place_->enter(next, now);
        if (listener_ != nullptr)
            listener_(context_, transition::enter, next, now);
        if (delay_is_due(now))
            read_delay(now);
    }

    // kinds.cpp
    /// A task of a kind begins and ends, on a place. `newest` is the newest job of the thread's
    /// list, or null.
    void begin_kind(detail::kind_frame& frame, std::uint32_t number, detail::job* newest) noexcept;
    void end_kind(detail::kind_frame& frame, bool threw) noexcept;
    /// The innermost frame of the root that runs, or null.
    [[nodiscard]] detail::kind_frame* kind() const noexcept { return kind_; }
    /// Goes on in another frame of this root, or in none.
    void set_kind(detail::kind_frame* next) noexcept;
    /// What begins is of no task of the thread, or of one only that `from` tells; and then the
    /// thread goes on with what it was in.
    void begin_root(around_root& around, root_origin from) noexcept;
    void end_root(const around_root& around) noexcept;
    /// A thread from outside begins a verb, in the region that it is in.
    void begin_regions() noexcept { root_region_.store(current_region, detail::relaxed); }
    /// The region that the root which runs has begun in. Any thread, any time.
    [[nodiscard]] const region_path* root_region() const noexcept {
        return root_region_.load(detail::relaxed);
    }

    /// Without a place nothing is counted.
    void add(counter what, std::uint64_t n = 1) noexcept {
        if constexpr (!accounts_kept)
            return;
        if (over_)
            place_->add_shared(what, n);
        else if (place_ != nullptr)
            place_->add(what, n);
    }

    /// The thread is about to give up its place: the place is parked from `now` on. To be called
    /// before anybody else can take the place.
    void leave(std::uint64_t now) noexcept;

    /// After leave() and after whoever follows has been woken, before the thread sleeps: reads the
    /// run delay if the thread was on places for more than 500 us since the last reading, or lost
    /// its core since leave(), as happens to who wakes others.
    void left(std::uint64_t now) noexcept;

    /// After a futex wait in which the thread slept, before take(): the time from the waker's
    /// stamp to `now` counts as parked, so the run delay in it is charged to nobody. Reads the CPU
    /// clock, as left() does: what the sleep itself took.
    void resumed(std::uint64_t woken_at, std::uint64_t now) noexcept;

    /// From `now` on, and up to `now`, the thread is blocked: it sleeps in a join, or in a wait for
    /// a group or a place, or is in a blocking section. Never one within the other.
    void blocked_from(std::uint64_t now) noexcept {
        if constexpr (!accounts_kept)
            return;
        add(blocks_, 1);
        blocked_.store((blocked_.load(detail::relaxed) - (now << 1)) | 1, detail::relaxed);
    }
    void blocked_until(std::uint64_t now) noexcept {
        if constexpr (!accounts_kept)
            return;
        blocked_.store((blocked_.load(detail::relaxed) - 1) + (now << 1), detail::relaxed);
    }
    /// The sum of that up to `now`, of all threads that were ever on this account.
    struct blocked_reading {
        std::uint32_t number;
        bool guest;
        pid_t kernel_thread; ///< of the one that is attached, or was last
        std::uint64_t ticks;
        std::uint64_t times;
    };
    [[nodiscard]] blocked_reading read_blocked(std::uint64_t now) noexcept;

    /// From now on `to` is told of every transition, and of the run delay that comes up from here
    /// on; null: nobody is. Some system calls.
    void listen(thread_listener to, void* context) noexcept;

    /// Whether read_delay() is due. Never without a place.
    [[nodiscard]] bool delay_is_due(std::uint64_t now) const noexcept { return now > read_due_; }
    /// Reads the run delay, charges it to the activities that it fell into, and tells the listener.
    void read_delay(std::uint64_t now) noexcept;
    /// Does the kernel tell the run delay of this thread?
    [[nodiscard]] bool tells_delay() const noexcept { return times_.run_delay() >= 0; }
    /// What a listener has heard of as useful and was run delay, in ticks, since the call before.
    std::uint64_t take_delay() noexcept { return std::exchange(untold_delay_, 0); }

    /// What the thread does, as far as its place tells: parked without one.
    [[nodiscard]] activity doing() const noexcept {
        return place_ == nullptr ? activity::parked : over_ ? activity::useful : place_->current();
    }

    struct reading {
        std::int64_t cpu;        ///< nanoseconds; of a guest, those inside verbs; -1: unknown
        bool delay_known;        ///< the kernel tells the run delay
        const place_account* on; ///< the place that the thread holds, or null
        std::int64_t pending;    ///< nanoseconds it now waits for a core, as far as it holds one
        const place_account* over_on; ///< set while the thread is over the limit
        std::int64_t over;            ///< nanoseconds of the spell over the limit that goes on
        std::uint64_t off_places;     ///< of `cpu`, while the thread held no place
    };
    /// Reads the CPU clock, and of a thread on a place charges the run delay that has come up:
    /// three system calls, and three more if the thread does not run just now. None for a thread
    /// that slept all the time since the last call.
    reading read(std::uint64_t now) noexcept;

    /// The kernel's number of the thread that is attached, 0 if none is. Any thread, any time.
    [[nodiscard]] pid_t kernel_thread() noexcept;

    [[nodiscard]] thread_account* next() const noexcept { return next_; }

private:
    friend class load_source;

    /// Whose reading it is. The thread itself runs, so the kernel's number is complete; another
    /// thread may read while this one waits for a core, and the rest is told when it has one.
    enum class reader : std::uint8_t { itself, other };

    /// What the run delay since the thread's own last reading can have fallen into, in ticks, but
    /// for what has been charged.
    struct span {
        place_account* held;
        place_account* last;
        std::uint64_t within[activity_count]; // on `held`
        std::uint64_t before[activity_count]; // on `last`
        std::uint64_t over;                   // above the limit
        [[nodiscard]] std::uint64_t sum() const noexcept;
    };

    /// When a span begins, and the CPU time inside verbs then.
    struct span_begin {
        std::uint64_t at;
        std::int64_t inside;
    };

    // charge.cpp
    void tell_delay() noexcept;
    void tell_delay_up_to(std::uint64_t sum) noexcept;
    void tell_delay_ahead() noexcept;
    void read_left(std::uint64_t since) noexcept;
    void charge(reader by, std::uint64_t off_since = ~std::uint64_t{0}) noexcept;
    void split(std::int64_t delay) noexcept;
    void drop_delay() noexcept;
    void begin_span(span_begin from) noexcept;
    [[nodiscard]] std::int64_t own_delay(span_begin& begin) const noexcept;
    [[nodiscard]] span read_span(std::uint64_t now) const noexcept;
    [[nodiscard]] std::int64_t pending(std::uint64_t now, std::int64_t inside) const noexcept;

    // kinds.cpp
    void enter_of_kind(activity next, std::uint64_t now) noexcept;
    void close_kind(std::uint64_t now) noexcept;
    void open_kind(std::uint64_t now) noexcept;
    void read_asleep(std::uint64_t now, std::uint64_t passed) noexcept;

    // CPU time on no place. What a thread does there on end is some microseconds, in which it keeps
    // its core, so its length is taken from the ticks; that of a sleep, which is mostly no CPU
    // time, and what took so long that the core may have been lost, from the CPU clock.
    void begin_off(std::uint64_t now, std::int64_t cpu) noexcept {
        off_since_ = now;
        off_cpu_ = cpu;
    }
    void end_off(std::uint64_t now) noexcept {
        const std::uint64_t passed = off_since_ < now ? now - off_since_ : 0;
        if (off_since_ != 0 && passed != 0) {
            passed <= suspicious_ ? add(off_ticks_, passed) : end_long_off();
        }
        off_since_ = 0;
    }
    void end_long_off() noexcept;
    static void add(detail::atomic<std::uint64_t>& to, std::uint64_t more) noexcept {
        to.store(to.load(detail::relaxed) + more, detail::relaxed); // it has one writer
    }

    void begin_hardware() noexcept;
    void charge_hardware(place_account& to) noexcept;
    [[nodiscard]] std::int64_t edge(std::uint64_t now, std::int64_t& gap) noexcept;
    [[nodiscard]] std::int64_t cpu_inside() const noexcept;
    void read_on_place(reading& result) noexcept;

    // The owner's.
    place_account* place_ = nullptr;
    thread_listener listener_ = nullptr;
    void* context_ = nullptr;
    std::uint64_t read_due_ = ~std::uint64_t{0}; // while on a place: when to read the run delay
    std::uint64_t left_ = ~std::uint64_t{0};     // while on none: what was left until then
    std::uint64_t period_ = 0;                   // how long until the run delay is read, ticks
    std::uint64_t suspicious_ = 0;               // off places so long, a core was lost, ticks
    std::uint64_t left_at_ = 0;                  // while on none: since when; 0: no matter
    // Of `useful_delay_`: what the listener knows, or has still to take; as the span began. The
    // kernel's number then.
    std::uint64_t told_delay_ = 0;
    std::uint64_t untold_delay_ = 0;
    std::uint64_t span_useful_delay_ = 0;
    std::int64_t span_delay_ = 0;
    // While it runs on no place and its CPU time counts: since when, or 0; the CPU clock then, or
    // as it went to sleep; -1: unknown.
    std::uint64_t off_since_ = 0;
    std::int64_t off_cpu_ = -1;
    /// What the time since `kind_since_` is charged to: the task alone, if it is above the limit.
    enum class charge_to : std::uint8_t { nothing, place, task };
    charge_to charges_ = charge_to::nothing;
    detail::kind_frame* kind_ = nullptr;
    std::uint64_t kind_since_ = 0;
    std::int64_t kind_cpu_ = -1;      // the CPU clock at `kind_cpu_read_`; -1: unknown
    std::uint64_t kind_cpu_read_ = 0; // before `kind_since_`, by little
    detail::atomic<const region_path*> root_region_{nullptr};
    bool fresh_ = false; // attached, and on no place yet
    bool over_ = false;
    role role_ = role::worker;
    load_source* source_ = nullptr;
    thread_account* next_ = nullptr;
    std::uint32_t number_ = 0;

    // Shared with read(), each for itself: a torn set of them shifts the split of one delay. A
    // span is the time since the thread's own last reading of the delay.
    detail::atomic<place_account*> held_{nullptr};           // not while over the limit
    detail::atomic<place_account*> last_{nullptr};           // the place left last
    detail::atomic<std::uint64_t> mark_[activity_count]{};   // of `held_`: sums that are no more
                                                             // to be charged
    detail::atomic<std::uint64_t> unread_[activity_count]{}; // of `last_`: the span's part, ticks
    detail::atomic<std::uint64_t> off_{0}; // leaving, being woken: the span's, ticks
    // Charged to useful time, and above the limit, in ticks. Its one writer has the guard.
    detail::atomic<std::uint64_t> useful_delay_{0};
    detail::atomic<std::uint32_t> ran_{0}; // took a place since the last read()
    // CPU time on no place, in two parts.
    detail::atomic<std::uint64_t> off_ticks_{0};
    detail::atomic<std::uint64_t> off_nanoseconds_{0};
    // The low bit: it is blocked. Above it, modulo 2^63 ticks, the sum of the ends minus the sum of
    // the beginnings, so that one word tells both and no reader sees half of a change.
    detail::atomic<std::uint64_t> blocked_{0};
    detail::atomic<std::uint64_t> blocks_{0};
    detail::atomic<place_account*> over_on_{nullptr};
    detail::atomic<std::uint64_t> over_since_{0};

    // Under `guard_`.
    guard guard_;
    os::thread_times times_;
    os::hardware_counters hardware_; // read where the thread takes and leaves a place
    os::hardware_counts counted_{};  // what of them is charged, or is nobody's
    pid_t kernel_thread_ = 0;
    bool attached_ = false;
    bool delay_known_ = false;
    bool in_verb_ = false;           // of a worker always
    std::int64_t over_delay_ = 0;    // within the spell over the limit that goes on
    std::int64_t last_delay_ = 0;    // the kernel's number at the last reading
    std::int64_t told_cpu_ = 0;      // what read() told last
    std::int64_t carried_cpu_ = 0;   // of earlier threads on this account
    std::int64_t edge_cpu_ = 0;      // the CPU clock where a verb began or ended; -1: unknown
    std::uint64_t edge_read_ = 0;    // when that was read
    std::int64_t inside_ = 0;        // CPU time inside verbs up to the end of the last one
    std::int64_t outside_ = 0;       // CPU time outside of verbs up to the last beginning
    std::int64_t span_inside_ = 0;   // CPU time inside verbs where the span began
    std::uint64_t seen_running_ = 0; // when a reading last found the thread on a core
};

} // namespace twill::load_model
