// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace/event.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace twill::profile {

/// The longest path through something, in ticks: plain, and with the price of the forks on it.
struct path {
    std::uint64_t span = 0;
    std::uint64_t burdened = 0;

    path& operator+=(path other) noexcept {
        span += other.span;
        burdened += other.burdened;
        return *this;
    }
    friend path operator+(path a, path b) noexcept { return a += b; }
    friend path longer_of(path a, path b) noexcept {
        return {std::max(a.span, b.span), std::max(a.burdened, b.burdened)};
    }
};

/// What a stolen root came to, for whoever joins it.
struct root_result {
    path length;
    std::uint64_t blocks = 0; ///< of a loop's piece
};

enum class frame_kind : std::uint8_t { outside, root, fork, loop, task };

/// Something that has begun on a thread and has not ended. A fork goes through `first`, then
/// `second` or `stolen`; the others stay at `first`.
enum class branch : std::uint8_t { first, second, stolen };

struct frame {
    frame_kind kind = frame_kind::outside;
    branch at = branch::first;
    trace::root_why why = trace::root_why::steal;
    bool waits = false;       ///< something in it, but not below, waited for a group
    bool is_piece = false;    ///< a root that is blocks of a loop
    std::uint32_t number = 0; ///< epoch of a root, group of a task
    std::uint64_t blocks = 0; ///< of a loop, those with any time in them
    std::uint64_t strand = 0; ///< the useful time of the one that runs
    path running{};           ///< from the begin of the branch or block to the last strand's end
    path ended{};             ///< the longest of those that have ended
    path start{};             ///< of the branch, in the program; an upper bound in stolen roots
    path floor{};             ///< no frame below starts later
    [[nodiscard]] path depth() const noexcept { return start + running; }
};

/// What is known of a group of tasks. Depths are paths from the beginning of the program.
struct group_state {
    path deepest_spawn;
    path last_end; ///< deepest_spawn as a task began, and the task's own path
    std::uint32_t waiting = 0;
};

/// Counts strands by their length in nanoseconds: bucket k has those below 2^k.
class strand_counter {
public:
    static constexpr std::size_t buckets = 64;

    explicit strand_counter(double nanoseconds_per_tick) noexcept : factor_(nanoseconds_per_tick) {}
    void add(std::uint64_t ticks) noexcept {
        work_ += ticks;
        longest_ = std::max(longest_, ticks);
        const double time = std::min(static_cast<double>(ticks) * factor_ + 0.5, 4e18);
        ++count_[std::bit_width(static_cast<std::uint64_t>(time))];
        ++strands_;
    }
    [[nodiscard]] std::uint64_t work() const noexcept { return work_; }
    [[nodiscard]] std::uint64_t longest_strand() const noexcept { return longest_; }
    [[nodiscard]] std::uint64_t strands() const noexcept { return strands_; }
    [[nodiscard]] const std::array<std::uint64_t, buckets>& counts() const noexcept {
        return count_;
    }

private:
    double factor_;
    std::uint64_t work_ = 0;
    std::uint64_t longest_ = 0;
    std::uint64_t strands_ = 0;
    std::array<std::uint64_t, buckets> count_{};
};

class thread_walk;

/// What all threads share while the DAG is computed.
struct dag_state {
    explicit dag_state(double nanoseconds_per_tick) noexcept : strands(nanoseconds_per_tick) {}

    strand_counter strands;
    std::uint64_t price = 0;                              ///< of a fork, in ticks
    path whole;                                           ///< the longest of all that nobody joins
    std::unordered_map<std::uint64_t, root_result> roots; ///< ended and not joined, by key_of()
    std::unordered_map<std::uint32_t, group_state> groups;
    std::uint64_t frames = 0;    ///< open ones, of all threads
    std::uint64_t cut = 0;       ///< events whose beginning is not in the file
    std::uint64_t open = 0;      ///< frames that have no end in the file
    std::uint64_t delay = 0;     ///< run delay taken out of strands
    std::uint64_t untaken = 0;   ///< told after all strands of its thread
    bool contains_delay = false; ///< a thread has strands, and does not tell of its run delay
    bool has_groups = false;
    std::unordered_map<std::uint32_t, const thread_walk*> threads; ///< by number
    std::unordered_map<std::uint64_t, std::size_t> waiting;        ///< for a root: who
    std::vector<std::size_t> woken;                                ///< whose root has ended
    const char* wrong = nullptr;                                   ///< why there is no DAG

    static std::uint64_t key_of(trace::root_link link) noexcept {
        return std::uint64_t{link.thread} << trace::epoch_bits | link.epoch;
    }
};

} // namespace twill::profile
