// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Calls with twill::at_most(n): a loop over at most n runners, each of which runs elements of the
/// call until none is left. Only a runner runs elements, and each runs on one thread, so the limit
/// holds whatever the scheduler does: who waits in an element keeps its runner.
///
/// To publish no more than n pieces would not do: the rest of a loop is a job in its thread's list,
/// and any request makes it public.
///
/// Runners of a loop take blocks from one cursor, the later the smaller: guided self-scheduling
/// (Polychronopoulos, Kuck: IEEE Transactions on Computers C-36, 1987), with blocks bounded by
/// time. Those of a reduction have a part each, so that totals meet in the order of the elements.

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/kind.hpp"
#include "twill/detail/range.hpp"
#include "twill/options.hpp"
#include "twill/worker.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1::detail {

struct no_total;

/// The serial side of one runner: runs stretches of elements in blocks of about the poll period.
template <class Kernel>
class runner {
public:
    /// `few`: each element may be a large task, so a block is one element and no clock is read.
    runner(const Kernel& kernel, bool few) noexcept : kernel_(kernel), few_(few) {}

    /// How many elements the next block has.
    [[nodiscard]] std::size_t block() const noexcept { return few_ ? 1 : timer_.size(); }

    /// Runs [next, end), or less of it if the call comes to an early end. `beyond`: how many
    /// elements of the call follow.
    void run(typename Kernel::accumulator& total, std::size_t next, std::size_t end,
             std::size_t beyond) {
        const std::size_t grain = kernel_.grain();
        while (next < end && !kernel_.ended()) {
            const std::size_t left = end - next;
            const std::size_t size = block();
            const std::size_t stop = left <= size || left - size < grain ? end : next + size;
            answer(end - stop + beyond);
            kernel_.run(total, next, stop);
            if (!few_) {
                timer_.ran(stop - next, end - stop + beyond, self_);
            }
            next = stop;
        }
    }

private:
    /// The poll. What there is to give away is older than this frame: the other runners, and the
    /// rests of the loops around the call. Without any the request stands until the next fork.
    void answer(std::size_t left) noexcept {
        if ((few_ ? left > 0 : timer_.worth_offering()) && poll_below(this, self_.limit) &&
            self_.tail != nullptr) {
            poll_slow(self_.tail);
        }
    }

    const Kernel& kernel_;
    const bool few_;
    hot_state& self_ = hot();
    block_timer timer_{kernel_.grain()};
};

/// What the kernels of runners have in common. One element is one runner, a large task.
template <class Kernel>
struct runners_base {
    using accumulator = typename Kernel::accumulator;
    static constexpr bool by_element = true;

    const Kernel& kernel;
    const loop_control& control;
    const std::size_t count;
    const bool few;

    TWILL_INLINE runners_base(const Kernel& loop, std::size_t elements) noexcept
        : kernel(loop), control(loop.control), count(elements),
          few(Kernel::by_element && elements <= few_elements && loop.grain() == 1) {}

    [[nodiscard]] static constexpr std::size_t grain() noexcept { return 1; }
    [[nodiscard]] TWILL_INLINE accumulator start() const { return kernel.start(); }
    TWILL_INLINE void merge(accumulator& into, accumulator&& later) const {
        kernel.merge(into, std::move(later));
    }
};

/// How small a block may become near the end, as a part of what the poll period allows.
inline constexpr std::size_t smallest_part_of_block = 8;

/// So many threads can share the cursor without waiting for it, at a block each poll period.
inline constexpr std::size_t threads_per_cursor = 8;

/// Runners that take the next block from a cursor.
template <class Kernel>
struct cursor_kernel : runners_base<Kernel> {
    const std::size_t threads;
    /// Blocks a runner takes at a time, so that the cursor's line is not fought for.
    const std::size_t at_a_time = (threads + threads_per_cursor - 1) / threads_per_cursor;
    /// The first element that nobody has taken. Relaxed throughout: it says whose an element is
    /// and nothing else; forks and joins order what elements read and write. In a line of its own,
    /// since all runners read the rest.
    alignas(64) mutable atomic<std::size_t> next{0};

    cursor_kernel(const Kernel& loop, std::size_t elements, std::size_t workers) noexcept
        : runners_base<Kernel>(loop, elements), threads(workers) {}

    /// A further runner is of no use. The token is no matter here: a stop after the last element
    /// has been taken must change nothing.
    [[nodiscard]] bool ended() const noexcept {
        return next.load(relaxed) == this->count || this->control.ended();
    }

    void run_one(no_total& total, std::size_t /*which*/) const {
        runner<Kernel> one(this->kernel, this->few);
        for (;;) {
            std::size_t begin = next.load(relaxed);
            std::size_t end = begin;
            do {
                if (begin == this->count) {
                    return;
                }
                end = end_of_block(begin, one.block());
            } while (!next.compare_exchange_weak(begin, end, relaxed, relaxed));
            one.run(total, begin, end, this->count - end);
            if (this->control.ended()) {
                return;
            }
        }
    }

private:
    [[nodiscard]] std::size_t end_of_block(std::size_t begin, std::size_t block) const noexcept {
        if (this->few) {
            return begin + 1;
        }
        const std::size_t left = this->count - begin;
        const std::size_t grain = this->kernel.grain();
        // Half of a fair share: the runners end together.
        const std::size_t share = left / threads / 2;
        std::size_t size = share / at_a_time < block ? share : block * at_a_time;
        const std::size_t least = block / smallest_part_of_block;
        size = size < least ? least : size;
        size = size < grain ? grain : size;
        return left <= size || left - size < grain ? this->count : begin + size;
    }
};

/// Runners that have a part of the elements each, of equal counts.
template <class Kernel>
struct parts_kernel : runners_base<Kernel> {
    using typename runners_base<Kernel>::accumulator;

    const std::size_t parts;

    parts_kernel(const Kernel& loop, std::size_t elements, std::size_t runners) noexcept
        : runners_base<Kernel>(loop, elements), parts(runners) {}

    [[nodiscard]] bool ended() const noexcept { return this->kernel.ended(); }

    void run_one(accumulator& total, std::size_t which) const {
        runner<Kernel>(this->kernel, this->few).run(total, bound(which), bound(which + 1), 0);
    }

private:
    [[nodiscard]] std::size_t bound(std::size_t part) const noexcept {
        const std::size_t longer = this->count % parts; // that have one element more
        return part * (this->count / parts) + (part < longer ? part : longer);
    }
};

template <class Kernel>
inline constexpr bool large_elements<cursor_kernel<Kernel>> = true;
template <class Kernel>
inline constexpr bool large_elements<parts_kernel<Kernel>> = true;

/// More parts than this for each worker only cost time.
inline constexpr std::size_t parts_per_worker = 64;

/// Runs a whole loop of `count` elements, at least one, on at most `most` threads at a time.
template <class Kernel>
[[gnu::noinline]] typename Kernel::accumulator run_limited(const Kernel& kernel, std::size_t count,
                                                           std::size_t most) noexcept {
    const std::size_t runners = most < count ? most : count;
    const auto workers = static_cast<std::size_t>(worker_count());
    if constexpr (std::is_same_v<typename Kernel::accumulator, no_total>) {
        const cursor_kernel<Kernel> all(kernel, count, runners < workers ? runners : workers);
        return run_loop(all, runners);
    } else {
        const std::size_t useful = workers * parts_per_worker;
        const std::size_t by_grain = count / kernel.grain() > 0 ? count / kernel.grain() : 1;
        std::size_t parts = runners < useful ? runners : useful;
        parts = parts < by_grain ? parts : by_grain;
        return run_loop(parts_kernel<Kernel>(kernel, count, parts), parts);
    }
}

/// Runs a whole loop of `count` elements, at least one, within the limit and as the kind of a verb
/// if it has them.
template <class Kernel, class Limit, class Kind>
TWILL_INLINE typename Kernel::accumulator
run_within(const Limit& limit, const Kind& as, const Kernel& kernel, std::size_t count) noexcept {
    if constexpr (!std::is_same_v<Kind, no_kind>) {
        return run_within(limit, no_kind{}, kinded_kernel<Kernel>(kernel, as.number()), count);
    } else if constexpr (std::is_same_v<Limit, no_limit>) {
        return run_loop(kernel, count);
    } else {
        return run_limited(kernel, count, limit.threads());
    }
}

} // namespace twill::inline abi_1::detail
