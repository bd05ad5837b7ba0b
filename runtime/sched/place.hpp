// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"

#include <bit>
#include <cstdint>
#include <memory>

namespace twill::sched {

/// The two counts that decide who may run: places that are free (below zero while threads that
/// were resumed from a join run above the limit), and threads that hold a place and search.
struct place_counts {
    std::int32_t free;
    std::int32_t searchers;

    static constexpr place_counts of(std::uint64_t bits) noexcept {
        return {static_cast<std::int32_t>(bits >> 32), static_cast<std::int32_t>(bits)};
    }
    /// A place stands idle and nobody looks for work to put on it.
    [[nodiscard]] constexpr bool idle() const noexcept { return free > 0 && searchers == 0; }
};

/// Both counts in one word, so that a thread that goes to sleep frees its place and ends its search
/// in one step. All changes are seq_cst read-modify-writes: each side of every protocol writes here
/// or to the bits of the threads, and then looks at the other.
class place_word {
public:
    explicit place_word(std::int32_t free) noexcept
        : word_(static_cast<std::uint64_t>(static_cast<std::uint32_t>(free)) << 32) {}

    [[nodiscard]] place_counts read() const noexcept {
        return place_counts::of(word_.load(detail::seq_cst));
    }
    /// Good enough to end a spin, not to decide anything.
    [[nodiscard]] place_counts glance() const noexcept {
        return place_counts::of(word_.load(detail::relaxed));
    }

    /// At a glance, whether fewer than no places are free: the sign of the word.
    [[nodiscard]] bool above_limit() const noexcept {
        return static_cast<std::int64_t>(word_.load(detail::relaxed)) < 0;
    }

    /// Adds to both counts and returns the sums.
    place_counts add(std::int32_t free, std::int32_t searchers,
                     detail::memory_order order = detail::seq_cst) noexcept {
        const std::uint64_t change = (static_cast<std::uint64_t>(std::int64_t{free}) << 32) +
                                     static_cast<std::uint64_t>(std::int64_t{searchers});
        return place_counts::of(word_.fetch_add(change, order) + change);
    }

    /// Takes a place if one is free.
    [[nodiscard]] bool take() noexcept {
        return change_if([](place_counts now) { return now.free > 0; }, -1, 0);
    }
    /// Takes a place for a searcher if one stands idle.
    [[nodiscard]] bool take_for_search() noexcept {
        return change_if([](place_counts now) { return now.idle(); }, -1, +1);
    }
    /// Up to `most` searchers are to be woken, beside those that there are.
    void want(std::int32_t most) noexcept { wanted_.store(most, detail::relaxed); }
    [[nodiscard]] bool wants() const noexcept { return wanted_.load(detail::relaxed) > 0; }
    /// Takes a place for one of them if one is free. Relaxed: how many are woken is a hint.
    [[nodiscard]] bool take_for_wanted() noexcept {
        return wants() && wanted_.fetch_sub(1, detail::relaxed) > 0 &&
               change_if([](place_counts now) { return now.free > 0; }, -1, +1);
    }
    /// A thread with a place begins to search, unless too many threads run.
    [[nodiscard]] bool begin_search() noexcept {
        return change_if([](place_counts now) { return now.free >= 0; }, 0, +1);
    }

private:
    template <class Condition>
    bool change_if(Condition holds, std::int32_t free, std::int32_t searchers) noexcept {
        std::uint64_t seen = word_.load(detail::seq_cst);
        do {
            if (!holds(place_counts::of(seen))) {
                return false;
            }
        } while (!word_.compare_exchange_weak(
            seen,
            seen + (static_cast<std::uint64_t>(std::int64_t{free}) << 32) +
                static_cast<std::uint64_t>(std::int64_t{searchers}),
            detail::seq_cst, detail::seq_cst));
        return true;
    }

    alignas(128) detail::atomic<std::uint64_t> word_;
    alignas(128) detail::atomic<std::int32_t> wanted_{0};
};

/// The numbers of the places that nobody holds. A number is put here before its place is given
/// back, and taken after a place has been taken, so whoever has taken a place finds one.
class place_numbers {
public:
    explicit place_numbers(std::uint32_t count)
        : words_((count + 63) / 64),
          free_(std::make_unique<detail::atomic<std::uint64_t>[]>(words_)) {
        for (std::uint32_t k = 0; k < words_; ++k) {
            const std::uint32_t left = count - k * 64;
            free_[k].store(left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1,
                           detail::relaxed);
        }
    }

    /// The lowest free number, or -1 if none was seen.
    [[nodiscard]] std::int32_t try_take() noexcept {
        for (std::uint32_t k = 0; k < words_; ++k) {
            std::uint64_t seen = free_[k].load(detail::relaxed);
            while (seen != 0) {
                const std::uint64_t lowest = seen & (~seen + 1);
                // acquire: pairs with the release in put(), so that the account of the place is
                // handed from one holder to the next
                seen = free_[k].fetch_and(~lowest, detail::acquire);
                if ((seen & lowest) != 0) {
                    return static_cast<std::int32_t>(k * 64) + std::countr_zero(lowest);
                }
                seen &= ~lowest;
            }
        }
        return -1;
    }

    /// A free number for which `cost(number)`, from 0 up, is least, or -1 if none was seen. Looks
    /// at each that is free, until one costs nothing.
    template <class Cost>
    [[nodiscard]] std::int32_t try_take_least(Cost cost) noexcept {
        for (;;) {
            std::int32_t best = -1;
            int least = 0;
            for (std::uint32_t k = 0; k < words_ && (best < 0 || least > 0); ++k) {
                for (std::uint64_t left = free_[k].load(detail::relaxed); left != 0;
                     left &= left - 1) {
                    const std::int32_t number =
                        static_cast<std::int32_t>(k * 64) + std::countr_zero(left);
                    if (const int costs = cost(number); best < 0 || costs < least) {
                        best = number;
                        least = costs;
                    }
                }
            }
            if (best < 0) {
                return -1;
            }
            const auto n = static_cast<std::uint32_t>(best);
            const std::uint64_t bit = std::uint64_t{1} << (n % 64);
            // acquire: as in try_take()
            if ((free_[n / 64].fetch_and(~bit, detail::acquire) & bit) != 0) {
                return best;
            }
        }
    }

    void put(std::int32_t number) noexcept {
        const auto n = static_cast<std::uint32_t>(number);
        // release: pairs with the acquire in try_take()
        free_[n / 64].fetch_or(std::uint64_t{1} << (n % 64), detail::release);
    }

private:
    std::uint32_t words_;
    std::unique_ptr<detail::atomic<std::uint64_t>[]> free_;
};

} // namespace twill::sched
