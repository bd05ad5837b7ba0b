// SPDX-License-Identifier: Apache-2.0
#include "profile/thread_walk.hpp"

#include <algorithm>
#include <limits>

namespace twill::profile {

namespace {

using trace::event_type;
using trace::root_why;

// What a real program stays far below: a frame of ours stands for hundreds of bytes of its stacks.
constexpr std::uint64_t most_frames = std::uint64_t{1} << 22;
constexpr std::size_t most_roots = std::size_t{1} << 22;
constexpr std::size_t most_groups = std::size_t{1} << 22;

std::uint64_t ceiling_of_log2(std::uint64_t value) noexcept {
    return value <= 1 ? 0 : static_cast<std::uint64_t>(std::bit_width(value - 1));
}

std::uint64_t above(std::uint64_t value, std::uint64_t base) noexcept {
    return value > base ? value - base : 0;
}

} // namespace

thread_walk::outcome thread_walk::run(dag_state& state, std::uint64_t until) {
    while (state.wrong == nullptr) {
        if (!more_) {
            if (!events_.next(current_)) {
                close_all(state);
                ended_ = true;
                return outcome::ended;
            }
            more_ = true;
        }
        if (current_.tick > until) {
            return outcome::later;
        }
        if (begun_ && useful_ && current_.tick > last_tick_) {
            top().strand += current_.tick - last_tick_;
        }
        begun_ = true;
        last_tick_ = current_.tick;
        if (!apply(state)) {
            return outcome::waits;
        }
        more_ = false;
    }
    return outcome::ended;
}

bool thread_walk::apply(dag_state& state) {
    root_result root;
    switch (current_.type) {
    case event_type::fork: {
        end_strand(state);
        frame one{.kind = frame_kind::fork};
        one.start = top().depth() + path{0, state.price};
        push(state, one);
        break;
    }
    case event_type::join_own:
        if (expects(state, top().kind == frame_kind::fork && top().at == branch::first,
                    "a join without its fork")) {
            end_strand(state);
            end_branch(top());
            top().at = branch::second;
        }
        break;
    case event_type::join_stolen:
        if (!fetch_root(state, root)) {
            return false;
        }
        join_stolen(state, root);
        break;
    case event_type::sync:
        sync(state);
        break;
    case event_type::loop_begin: {
        end_strand(state);
        frame one{.kind = frame_kind::loop};
        one.start = top().depth();
        push(state, one);
        break;
    }
    case event_type::block:
        end_block(state);
        break;
    case event_type::loop_stolen:
        if (!fetch_root(state, root)) {
            return false;
        }
        loop_stolen(state, root);
        break;
    case event_type::loop_end:
        end_loop(state);
        break;
    case event_type::root_begin:
        begin_root(state);
        break;
    case event_type::root_end:
        end_root(state);
        break;
    case event_type::spawn: {
        end_strand(state);
        path& deepest = state.groups[current_.payload].deepest_spawn;
        deepest = longer_of(deepest, top().depth());
        break;
    }
    case event_type::task_begin:
        begin_task(state);
        break;
    case event_type::task_end:
        end_task(state);
        break;
    case event_type::wait_begin:
        end_strand(state);
        top().waits = true;
        ++state.groups[current_.payload].waiting;
        break;
    case event_type::wait_end:
        end_wait(state);
        break;
    case event_type::activity:
        useful_ =
            (current_.payload & 3U) == static_cast<std::uint32_t>(trace::activity_kind::useful);
        break;
    case event_type::leave_place:
        useful_ = false;
        break;
    case event_type::delay:
        tells_delay_ = true;
        owed_ += std::min(current_.second, std::numeric_limits<std::uint64_t>::max() - owed_);
        take_delay(state);
        break;
    default:
        break;
    }
    if (state.groups.size() > most_groups) {
        state.wrong = "more groups of tasks at a time than the reader keeps";
    }
    return true;
}

// The root that the current event joins; false if it has not ended yet.
bool thread_walk::fetch_root(dag_state& state, root_result& root) {
    if (!current_.has_second) {
        state.wrong = "a join does not say what it joins";
        return true;
    }
    const std::uint64_t key = dag_state::key_of(trace::root_from(current_.second));
    if (const auto found = state.roots.find(key); found != state.roots.end()) {
        root = found->second;
        state.roots.erase(found);
    } else if (missing_) {
        ++state.cut;
    } else {
        awaited_ = key;
        return false;
    }
    missing_ = false;
    return true;
}

void thread_walk::join_stolen(dag_state& state, const root_result& root) {
    if (expects(state, top().kind == frame_kind::fork && top().at == branch::first,
                "a join without its fork")) {
        end_strand(state);
        end_branch(top());
        top().ended = longer_of(top().ended, root.length);
        top().at = branch::stolen;
    }
}

void thread_walk::sync(dag_state& state) {
    if (!expects(state, top().kind == frame_kind::fork && top().at != branch::first,
                 "a sync without its join")) {
        return;
    }
    if (top().at == branch::second) {
        end_strand(state);
        end_branch(top());
    }
    // After a stolen branch the next strand has begun at its join.
    const frame ended = pop(state);
    top().strand += ended.strand;
    top().running += ended.ended + ended.running + path{0, state.price};
}

void thread_walk::end_block(dag_state& state) {
    if (expects(state, top().kind == frame_kind::loop || top().kind == frame_kind::root,
                "a block without its loop")) {
        top().is_piece = true;
        end_strand(state);
        end_branch(top());
    }
}

void thread_walk::loop_stolen(dag_state& state, const root_result& root) {
    end_block(state);
    if (top().is_piece) {
        top().ended = longer_of(top().ended, root.length);
        top().blocks += root.blocks;
    }
}

void thread_walk::end_loop(dag_state& state) {
    if (expects(state, top().kind == frame_kind::loop, "the end of a loop without its begin")) {
        end_strand(state);
        end_branch(top());
        const frame ended = pop(state);
        top().running += ended.ended + path{0, state.price * ceiling_of_log2(ended.blocks)};
    }
}

void thread_walk::begin_root(dag_state& state) {
    const trace::root_link link = trace::root_from(current_.second);
    frame one{.kind = frame_kind::root,
              .why = static_cast<root_why>(current_.payload),
              .number = link.epoch};
    const bool stolen = one.why == root_why::steal || one.why == root_why::leapfrog;
    const auto victim =
        stolen && state.has_groups ? state.threads.find(link.thread) : state.threads.end();
    if (victim != state.threads.end()) {
        one.start = victim->second->depth_bound();
    } else if (one.why == root_why::guest ||
               (one.why == root_why::group && top().kind == frame_kind::outside)) {
        one.start = top().depth();
    }
    push(state, one);
}

void thread_walk::end_root(dag_state& state) {
    if (!expects(state, top().kind == frame_kind::root, "the end of a root without its begin")) {
        return;
    }
    end_strand(state);
    end_branch(top());
    const frame ended = pop(state);
    switch (ended.why) {
    case root_why::guest:
        top().running += ended.ended;
        break;
    case root_why::group:
        // A worker that runs a task, or a thread from outside that waits and goes on then.
        if (ended.waits && top().kind == frame_kind::outside) {
            top().running += ended.ended;
            break;
        }
        [[fallthrough]];
    case root_why::submission:
    default:
        state.whole = longer_of(state.whole, ended.start + ended.ended);
        break;
    case root_why::steal:
    case root_why::leapfrog: {
        const std::uint64_t key = dag_state::key_of({number_, ended.number});
        state.roots[key] = {ended.ended, std::max<std::uint64_t>(ended.blocks, 1)};
        if (state.roots.size() > most_roots) {
            state.wrong = "more stolen tasks that nobody joins than the reader keeps";
        }
        if (const auto found = state.waiting.find(key); found != state.waiting.end()) {
            state.woken.push_back(found->second);
            state.waiting.erase(found);
        }
    }
    }
}

void thread_walk::begin_task(dag_state& state) {
    frame one{.kind = frame_kind::task, .number = current_.payload};
    one.start = state.groups[one.number].deepest_spawn + path{0, state.price};
    push(state, one);
}

void thread_walk::end_task(dag_state& state) {
    if (expects(state, top().kind == frame_kind::task && top().number == current_.payload,
                "the end of a task without its begin")) {
        end_strand(state);
        const frame ended = pop(state);
        path& last = state.groups[ended.number].last_end;
        last = longer_of(last, ended.depth());
        state.whole = longer_of(state.whole, ended.depth());
    }
}

void thread_walk::end_wait(dag_state& state) {
    end_strand(state);
    const auto found = state.groups.find(current_.payload);
    if (found == state.groups.end()) {
        return;
    }
    const path end = found->second.last_end;
    const path now = top().depth();
    top().running += {above(end.span, now.span), above(end.burdened, now.burdened)};
    if (found->second.waiting <= 1) {
        state.groups.erase(found); // until somebody spawns again
    } else {
        --found->second.waiting;
    }
}

// The events end: whatever is open ends too.
void thread_walk::close_all(dag_state& state) {
    for (; frames_.size() > 1; ++state.open) {
        end_strand(state);
        end_branch(top());
        const frame one = pop(state);
        const bool goes_on = one.kind == frame_kind::fork || one.kind == frame_kind::loop ||
                             (one.kind == frame_kind::root && one.why == root_why::guest);
        if (goes_on) {
            top().running += one.ended;
        } else {
            state.whole = longer_of(state.whole, one.start + one.ended);
        }
    }
    end_strand(state);
    state.whole = longer_of(state.whole, top().running);
    state.untaken += std::min(owed_, std::numeric_limits<std::uint64_t>::max() - state.untaken);
}

void thread_walk::push(dag_state& state, const frame& one) {
    const path floor = longer_of(top().floor, one.start);
    frames_.push_back(one);
    top().floor = floor;
    if (++state.frames > most_frames) {
        state.wrong = "more nested forks than the reader keeps";
    }
}

frame thread_walk::pop(dag_state& state) {
    const frame one = frames_.back();
    frames_.pop_back();
    --state.frames;
    return one;
}

// Run delay leaves the strand that runs, as far as that has the time. The rest fell into one that
// ended shortly before, and leaves the next ones, so that the sum of all is right.
void thread_walk::take_delay(dag_state& state) {
    const std::uint64_t taken = std::min(owed_, top().strand);
    owed_ -= taken;
    top().strand -= taken;
    state.delay += taken;
}

void thread_walk::end_strand(dag_state& state) {
    state.contains_delay = state.contains_delay || (top().strand > 0 && !tells_delay_);
    take_delay(state);
    const std::uint64_t length = top().strand;
    if (length > 0) {
        state.strands.add(length);
        top().running += {length, length};
        top().strand = 0;
    }
}

void thread_walk::end_branch(frame& one) noexcept {
    one.ended = longer_of(one.ended, one.running);
    one.blocks += one.running.span > 0 ? 1 : 0;
    one.running = {};
}

bool thread_walk::expects(dag_state& state, bool fits, const char* what) {
    if (!fits) {
        if (top().kind == frame_kind::outside) {
            ++state.cut; // it began before the recording
        } else {
            state.wrong = what;
        }
    }
    return fits;
}

} // namespace twill::profile
