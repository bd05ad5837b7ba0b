// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/hash.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace twill::model {

/// What may happen next: a step of a thread, or the oldest store in a thread's buffer reaches
/// memory.
struct option {
    std::uint8_t thread;
    bool flush;
};

/// Everything that an execution leaves open is asked here. With the same answers the same execution
/// comes out.
class strategy {
public:
    strategy() = default;
    strategy(const strategy&) = delete;
    strategy& operator=(const strategy&) = delete;
    virtual ~strategy() = default;

    /// False when there is no further execution.
    virtual bool begin() = 0;
    /// Among at least two. If the running thread can go on, it is the first option.
    virtual std::uint32_t pick(std::span<const option> options, bool can_go_on,
                               std::uint32_t step) = 0;
    /// Something other than who goes on, `count` at least 2; 0 is the ordinary case.
    virtual std::uint32_t choose(std::uint32_t count) = 0;
    virtual void end(std::uint32_t /*steps*/) {}

    /// Is the strategy past the part that repeats an earlier execution, and wants to know states?
    [[nodiscard]] virtual bool wants_state() const { return false; }
    /// True: everything from this state on has been seen with at least this many preemptions left.
    virtual bool seen_before(std::uint64_t /*state*/, std::uint32_t /*preemptions_left*/) {
        return false;
    }
    [[nodiscard]] virtual std::uint64_t states() const { return 0; }
    /// Does the bound of preemptions hold?
    [[nodiscard]] virtual bool bounded() const { return false; }
};

/// Each execution draws how restless it is, and then every choice.
std::unique_ptr<strategy> make_random(std::uint64_t seed);

/// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010):
/// random priorities, and at `depth` - 1 random steps the running thread falls to the lowest one.
std::unique_ptr<strategy> make_priorities(std::uint64_t seed, std::uint32_t depth);

/// Depth first through all choices, leaving out states seen before; `states_max` bounds its memory.
std::unique_ptr<strategy> make_depth_first(std::size_t states_max);

/// One execution with the given answers, and 0 for those after them.
std::unique_ptr<strategy> make_replay(std::vector<std::uint8_t> answers);

} // namespace twill::model
