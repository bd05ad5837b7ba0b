// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/cursor.hpp"
#include "profile/frames.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::profile {

/// The events of one thread and the frames that are open, as far as it has been walked.
class thread_walk {
public:
    thread_walk(event_cursor events, std::uint32_t number) noexcept
        : events_(std::move(events)), number_(number) {
        frames_.emplace_back();
    }

    enum class outcome : std::uint8_t { ended, later, waits };

    /// Goes on up to `until`, the last tick that counts; or to the end of the events, with all
    /// frames closed; or to the join of a root that has not ended yet, awaited().
    outcome run(dag_state& state, std::uint64_t until);

    /// The tick of the next event, once run() has looked at it.
    [[nodiscard]] std::uint64_t next_tick() const noexcept { return current_.tick; }
    [[nodiscard]] std::uint64_t awaited() const noexcept { return awaited_; }
    /// The root that is awaited is not in the file.
    void set_missing() noexcept { missing_ = true; }
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    /// No less deep than all is that the thread may have forked and not joined.
    [[nodiscard]] path depth_bound() const noexcept {
        return longer_of(frames_.back().floor, frames_.back().depth());
    }

private:
    bool apply(dag_state& state);
    bool fetch_root(dag_state& state, root_result& root);
    void begin_root(dag_state& state);
    void end_root(dag_state& state);
    void join_stolen(dag_state& state, const root_result& root);
    void sync(dag_state& state);
    void end_block(dag_state& state);
    void loop_stolen(dag_state& state, const root_result& root);
    void end_loop(dag_state& state);
    void begin_task(dag_state& state);
    void end_task(dag_state& state);
    void end_wait(dag_state& state);
    void close_all(dag_state& state);

    void push(dag_state& state, const frame& one);
    frame pop(dag_state& state);
    frame& top() noexcept { return frames_.back(); }
    void take_delay(dag_state& state);
    void end_strand(dag_state& state);
    static void end_branch(frame& one) noexcept;
    /// Is the top what the event is the end of? If it is not in the file, or the file is wrong, no.
    bool expects(dag_state& state, bool fits, const char* what);

    event_cursor events_;
    std::vector<frame> frames_; ///< the first is `outside`
    timed_event current_;
    std::uint64_t last_tick_ = 0;
    std::uint64_t awaited_ = 0;
    std::uint64_t owed_ = 0; ///< run delay that no strand had the time for yet, in ticks
    std::uint32_t number_;
    bool begun_ = false;
    bool more_ = false; ///< current_ is not applied yet
    bool missing_ = false;
    bool useful_ = false;
    bool tells_delay_ = false; ///< the thread has events of its run delay
    bool ended_ = false;
};

} // namespace twill::profile
