// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/thread_account.hpp"
#include "os/kept_errno.hpp"
#include "trace/event.hpp"
#include "trace/ring.hpp"
#include "twill/detail/clock.hpp"

#include <cstdint>

namespace twill::trace {

/// What one thread keeps in order to record its events: the ring, and what makes them balance in
/// every session (a recording in full mode, by its number) whenever the thread comes in and goes
/// out: the end of what began before the session, or in an earlier one, is not recorded.
///
/// All but events() is the thread's own.
class thread_recorder {
public:
    /// Are the thread's events recorded?
    [[nodiscard]] bool on() const noexcept { return session_ != 0; }
    /// The number of the session, 0 for none.
    [[nodiscard]] std::uint32_t session() const noexcept { return session_; }

    /// `of`: the thread's account.
    void begin(std::uint32_t session, load_model::thread_account& of) noexcept {
        const os::kept_errno kept;
        events_.begin(session);
        account_ = &of;
        session_ = session;
        visits_before_ = visits_;
    }
    void end() noexcept { session_ = 0; }

    /// Nothing while the thread is not recorded.
    void record(event_type type, std::uint32_t payload = 0) noexcept {
        if (on()) {
            events_.put(type, payload, stamp());
        }
    }
    void record_at(std::uint64_t now, event_type type, std::uint32_t payload) noexcept {
        if (on()) {
            events_.put(type, payload, now);
        }
    }
    void record_link(event_type type, std::uint32_t payload, root_link link) noexcept {
        if (on()) {
            events_.put(type, payload, wide_from(link), stamp());
        }
    }
    /// Of the useful time up to now, so many ticks were run delay.
    void record_delay(std::uint64_t now, std::uint64_t ticks) noexcept {
        if (on()) {
            events_.put(event_type::delay, 0, ticks, now);
        }
    }

    // A visit is a fork that has been recorded, from the fork to its sync. They nest like the calls
    // of the thread, whatever roots it runs in between.

    /// A fork; `leaves`: with its end the thread, which came from outside, leaves too.
    void begin_visit(bool leaves) noexcept {
        ++visits_;
        leaves_ = leaves_ || leaves;
        record(event_type::fork);
    }
    /// Did the innermost visit begin in this session?
    [[nodiscard]] bool visit_is_recorded() const noexcept {
        return on() && visits_ > visits_before_;
    }
    /// The end of a visit, or of a verb that was none: is the thread to leave?
    [[nodiscard]] bool end_visit() noexcept {
        return __builtin_expect(visits_ == 0, 1) || end_innermost_visit();
    }

    // A root, from its beginning to its end; they nest in the same way.

    /// One that runs: the session in which it began, and the kind that it took over, or 0.
    struct root {
        std::uint32_t session = 0;
        std::uint32_t kind = 0;
    };
    /// What a root was taken out of: the number of the kind; that of the region, and one; or 0.
    struct root_origin {
        std::uint32_t kind = 0;
        std::uint32_t region = 0;
    };

    /// Returns the root around it, for leave_root().
    [[nodiscard]] root begin_root(root_why why, root_link link, root_origin from) noexcept {
        const root outer = root_;
        root_ = {session_, from.kind};
        if (on()) {
            events_.put(event_type::root_begin, static_cast<std::uint32_t>(why),
                        wide_from(link, from.region), stamp());
            if (from.kind != 0) {
                record(event_type::kind_begin, from.kind);
            }
        }
        return outer;
    }
    /// The last strand of the root ends. A second call does nothing.
    void end_root() noexcept {
        if (root_.session != 0 && root_.session == session_) {
            if (root_.kind != 0) {
                record(event_type::kind_end, root_.kind);
            }
            record(event_type::root_end);
        }
        root_ = {};
    }
    void leave_root(root outer) noexcept {
        end_root();
        root_ = outer;
    }

    /// The end of what returned `began`, the session in which its beginning was recorded.
    void record_end(std::uint32_t began, event_type type, std::uint32_t payload = 0) noexcept {
        if (began != 0 && began == session_) {
            record(type, payload);
        }
    }

    /// For the thread that writes them.
    [[nodiscard]] ring& events() noexcept { return events_; }

private:
    /// The time of an event. Where the account's reading of the run delay is due, it is made first:
    /// what came up belongs to the strand that the event may end. So a strand of more than the
    /// account's period is followed by what was delay in it.
    std::uint64_t stamp() noexcept {
        const std::uint64_t now = detail::ticks();
        return __builtin_expect(account_->delay_is_due(now), 0) ? stamp_slow(now) : now;
    }
    // The time after the reading, in which the thread may lose its core like anywhere else.
    [[gnu::cold, gnu::noinline]] std::uint64_t stamp_slow(std::uint64_t now) noexcept {
        account_->read_delay(now);
        return detail::ticks();
    }

    [[gnu::noinline]] bool end_innermost_visit() noexcept {
        if (visit_is_recorded()) {
            record(event_type::sync);
        }
        --visits_;
        visits_before_ = visits_ < visits_before_ ? visits_ : visits_before_;
        const bool leaves = leaves_ && visits_ == 0;
        leaves_ = leaves_ && !leaves;
        return leaves;
    }

    std::uint32_t session_ = 0;
    load_model::thread_account* account_ = nullptr; ///< while it is on
    root root_;                                     ///< the innermost
    std::uint32_t visits_ = 0;
    std::uint32_t visits_before_ = 0; ///< of them those that began before the session
    bool leaves_ = false;
    ring events_;
};

} // namespace twill::trace
