// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The engine of the loops: a piece of a loop runs serially and keeps one job in the thread's list
/// that stands for all that is left of it. Whoever takes the job runs the rest in the same way.

#include "twill/detail/block_timer.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/job.hpp"
#include "twill/detail/slow_path.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

namespace twill::inline abi_1::detail {

/// What all pieces of one loop share: whether it has come to an early end, and why. Relaxed
/// throughout: the joins order what the verb reads here at its end.
class loop_control {
public:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written when something fails
    loop_control() noexcept : state_(running) {}
    ~loop_control() {}
    loop_control(const loop_control&) = delete;
    loop_control& operator=(const loop_control&) = delete;

    /// True once no further element may begin.
    [[nodiscard]] bool ended() const noexcept { return state_.load(relaxed) != running; }

    void stop() const noexcept {
        std::uint32_t seen = running;
        state_.compare_exchange_strong(seen, stopped, relaxed, relaxed);
    }

    /// Inside a handler: keeps the current exception if it is the first of this loop.
    TWILL_COLD void fail() const noexcept {
        std::uint32_t seen = state_.load(relaxed);
        while (seen == running || seen == stopped) {
            if (state_.compare_exchange_weak(seen, failed, relaxed, relaxed)) {
                new (__builtin_addressof(failure_)) std::exception_ptr(std::current_exception());
                return;
            }
        }
    }

    /// After all pieces have ended: throws what the first failure threw, else tells whether
    /// everything ran.
    bool finish() const {
        const std::uint32_t seen = state_.load(relaxed);
        if (__builtin_expect(seen == failed, 0)) {
            rethrow();
        }
        return seen == running;
    }

private:
    enum state : std::uint32_t { running, stopped, failed };

    [[noreturn]] TWILL_COLD void rethrow() const {
        std::exception_ptr failure = std::move(failure_);
        failure_.~exception_ptr();
        std::rethrow_exception(std::move(failure));
    }

    mutable atomic<std::uint32_t> state_;
    union {
        mutable std::exception_ptr failure_;
    };
};

/// "The rest of this loop": elements [next, end) of a kernel's loop. The kernel lies in the frame
/// of the verb and outlives every piece.
template <class Kernel>
struct range_job : job {
    using accumulator = typename Kernel::accumulator;

    const Kernel* kernel;
    std::size_t next;
    std::size_t end;
    union {
        accumulator result;
    };

    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): open() writes what is needed
    TWILL_INLINE range_job() noexcept {}
    TWILL_INLINE ~range_job() {}
    range_job(const range_job&) = delete;
    range_job& operator=(const range_job&) = delete;

    /// Runs on the thief.
    static void run_stolen(job* stolen) noexcept {
        auto* self = static_cast<range_job*>(stolen);
        new (__builtin_addressof(self->result))
            accumulator(run_piece(*self->kernel, self->next, self->end));
        finish_slow(self, job_end::returned);
    }

    /// In memory, for begin_job().
    static constexpr void (*entry)(job*) noexcept = &run_stolen;

    /// Puts the job into the thread's list.
    TWILL_INLINE void open(hot_state& self, const Kernel& loop, std::size_t last) noexcept {
        begin_job(*this, self.tail, entry);
        self.tail = this;
        kernel = &loop;
        end = last;
    }

    /// Takes it out again.
    TWILL_INLINE void close(hot_state& self) noexcept { self.tail = older_than(*this); }

    /// The job has been published. True if it has come back unbegun and is private again; else the
    /// rest has ended elsewhere, its result waits for collect(), and the job is out of the list.
    TWILL_COLD bool reclaim() noexcept {
        if (join_slow(this)) {
            link &= ~mark_bit;
            return true;
        }
        close(hot());
        return false;
    }

    /// Adds what the rest came to.
    TWILL_COLD accumulator collect(accumulator total) {
        accumulator later = std::move(result);
        result.~accumulator();
        kernel->merge(total, std::move(later));
        return total;
    }

    /// After a failure: the rest is dropped, or awaited if it has begun.
    TWILL_COLD void abandon() noexcept {
        const bool dropped = !is_marked(*this) || join_slow(this);
        close(hot());
        if (!dropped) {
            result.~accumulator();
        }
    }

    /// Answers a request. True if the job has got published by that: it stands for the upper half
    /// from `middle` on, and the lower half is the caller's to run by run_lower().
    TWILL_COLD bool offer(std::size_t middle) noexcept {
        next = middle;
        poll_slow(this);
        return is_marked(*this);
    }

    /// The same for a loop that knows how long the rest takes, and how long the last block took, in
    /// ticks.
    TWILL_COLD bool offer(std::size_t middle, std::uint64_t takes, std::uint64_t took) noexcept {
        next = middle;
        poll_loop_slow(this, takes, took);
        return is_marked(*this);
    }

    TWILL_COLD accumulator run_lower(accumulator total, std::size_t from) {
        if constexpr (Kernel::by_element) {
            kernel->merge(total, run_shared(*kernel, from, next));
        } else {
            kernel->merge(total, run_piece(*kernel, from, next));
        }
        return total;
    }
};

/// Up to so many elements a piece polls between any two of them and never looks at a clock.
inline constexpr std::size_t few_elements = 64;

/// True for the kernels whose pieces do so however many elements they have.
template <class Kernel>
inline constexpr bool large_elements = false;

/// A long piece: serial blocks with a poll between them, from the second on.
template <class Kernel>
[[gnu::noinline]] typename Kernel::accumulator run_blocks(const Kernel& kernel, std::size_t next,
                                                          std::size_t end) noexcept {
    typename Kernel::accumulator total = kernel.start();
    range_job<Kernel> rest;
    hot_state& self = hot();
    const std::size_t grain = kernel.grain();
    block_timer timer(grain);
    rest.open(self, kernel, end);
    TWILL_TRY {
        while (!kernel.ended()) {
            // No block, and nothing that a thief gets, is smaller than the grain.
            const std::size_t left = end - next;
            const bool last = left <= timer.size() || left - timer.size() < grain;
            std::size_t stop = last ? end : timer.end_of_block(next);
            bool gave = false;
            if (last) {
                rest.close(self);
            } else {
                rest.next = stop;
                if (timer.worth_offering() && poll_below(&rest, self.limit)) {
                    const std::size_t middle = middle_of_blocks(next, end, grain);
                    gave = rest.offer(middle, timer.time_of(left), timer.last());
                    if (gave) {
                        total = rest.run_lower(std::move(total), next);
                        stop = middle;
                    } else {
                        rest.next = stop;
                    }
                }
            }
            if (!gave) {
                kernel.run(total, next, stop); // the only place, so that there is one inner loop
            }
            if (last) {
                return total;
            }
            if (is_marked(rest) && !rest.reclaim()) {
                return rest.collect(std::move(total));
            }
            timer.ran(stop - next, end - stop, self);
            next = stop;
        }
    }
    TWILL_CATCH_ALL { kernel.control.fail(); }
    if (self.tail == &rest) {
        rest.abandon();
    }
    return kernel.start();
}

/// Runs elements [next, end) of a loop, `next < end`, and returns what they add up to. An exception
/// ends in the kernel's control, so nothing is thrown here; then the total means nothing.
template <class Kernel>
[[gnu::noinline]] typename Kernel::accumulator run_piece(const Kernel& kernel, std::size_t next,
                                                         std::size_t end) noexcept {
    if constexpr (!Kernel::by_element) {
        return run_blocks(kernel, next, end);
    } else {
        if constexpr (!large_elements<Kernel>) {
            if (end - next > few_elements || kernel.grain() > 1) {
                return run_blocks(kernel, next, end);
            }
        }
        // The address of the total stays here, so the poll's clobber of memory leaves it in a
        // register. The body is read from the kernel each time: a copy of it would be made by wider
        // loads than the stores just before, which stalls.
        typename Kernel::accumulator total = kernel.start();
        range_job<Kernel> rest;
        hot_state& self = hot();
        rest.open(self, kernel, end);
        TWILL_TRY {
            while (!kernel.ended()) {
                std::size_t stop = next + 1;
                if (stop == end) {
                    rest.close(self);
                    kernel.run_one(total, next);
                    return total;
                }
                rest.next = stop;
                bool gave = false;
                if (poll_below(&rest, self.limit)) {
                    const std::size_t middle = next + (end - next + 1) / 2;
                    gave = rest.offer(middle);
                    if (gave) {
                        total = rest.run_lower(std::move(total), next);
                        stop = middle;
                    } else {
                        rest.next = stop;
                    }
                }
                if (!gave) {
                    kernel.run_one(total, next);
                }
                if (is_marked(rest) && !rest.reclaim()) {
                    return rest.collect(std::move(total));
                }
                next = stop;
            }
        }
        TWILL_CATCH_ALL { kernel.control.fail(); }
        if (self.tail == &rest) {
            rest.abandon();
        }
        return kernel.start();
    }
}

/// A piece of few elements of which somebody has just taken the other half: it is shared further,
/// down to the first element, before that begins. The elements may be long and poll nothing, and
/// the half that was taken may have been the small one.
template <class Kernel>
TWILL_COLD typename Kernel::accumulator run_shared(const Kernel& kernel, std::size_t next,
                                                   std::size_t end) noexcept {
    const bool in_blocks =
        !large_elements<Kernel> && (end - next > few_elements || kernel.grain() > 1);
    if (end - next < 2 || in_blocks) {
        return run_piece(kernel, next, end);
    }
    hot_state& self = hot();
    range_job<Kernel> rest;
    rest.open(self, kernel, end);
    rest.next = next + (end - next + 1) / 2;
    if (!share_slow(&rest)) {
        rest.close(self);
        return run_piece(kernel, next, end);
    }
    TWILL_TRY {
        typename Kernel::accumulator total = run_shared(kernel, next, rest.next);
        if (is_marked(rest) && !rest.reclaim()) {
            return rest.collect(std::move(total));
        }
        rest.close(self);
        if (!kernel.ended()) {
            kernel.merge(total, run_piece(kernel, rest.next, end));
        }
        return total;
    }
    TWILL_CATCH_ALL { kernel.control.fail(); }
    if (self.tail == &rest) {
        rest.abandon();
    }
    return kernel.start();
}

/// A loop of a thread that is outside, and takes a place for the time of the loop; of one that is
/// recorded; or of one that was asked for something, which its polls find out.
template <class Kernel>
TWILL_COLD typename Kernel::accumulator run_loop_slow(const Kernel& kernel,
                                                      std::size_t count) noexcept {
    const bool enters = outside();
    if (enters) {
        enter_slow();
    }
    const std::uint32_t began = attended() ? loop_begin_slow() : 0;
    typename Kernel::accumulator total = run_piece(kernel, 0, count);
    if (began != 0) {
        loop_end_slow(began);
    }
    if (enters) {
        leave_slow();
    }
    return total;
}

/// Runs a whole loop of `count` elements, at least one.
template <class Kernel>
TWILL_INLINE typename Kernel::accumulator run_loop(const Kernel& kernel,
                                                   std::size_t count) noexcept {
    return attended() ? run_loop_slow(kernel, count) : run_piece(kernel, 0, count);
}

} // namespace twill::inline abi_1::detail
