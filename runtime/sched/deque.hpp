// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/check.hpp"
#include "sched/planted.hpp"
#include "sched/sized.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/job.hpp"

#include <cstdint>
#include <span>

namespace twill::sched {

using detail::job;

/// A thread's deque word: count 12 | tail 24 | epoch 28, from the low end. `tail` counts what left
/// the deque at the old end or emptied it, so it only grows; `epoch` counts the roots that the
/// owner has begun.
struct deque_word {
    std::uint64_t bits;

    static constexpr std::uint32_t tail_mask = (1u << 24) - 1;
    static constexpr std::uint32_t epoch_mask = (1u << 28) - 1;

    static constexpr deque_word make(std::uint32_t epoch, std::uint32_t tail,
                                     std::uint32_t count) noexcept {
        return {std::uint64_t{epoch & epoch_mask} << 36 | std::uint64_t{tail & tail_mask} << 12 |
                count};
    }
    [[nodiscard]] constexpr std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(bits & 0xfff);
    }
    [[nodiscard]] constexpr std::uint32_t tail() const noexcept {
        return static_cast<std::uint32_t>(bits >> 12) & tail_mask;
    }
    [[nodiscard]] constexpr std::uint32_t epoch() const noexcept {
        return static_cast<std::uint32_t>(bits >> 36);
    }
};

/// A job and the kind of the task that has forked it, in one word: kind 8 | address 56. No
/// processor that Twill runs on gives a program addresses that are longer.
struct public_job {
    std::uint64_t bits;

    static public_job make(job* one, std::uint64_t kind) noexcept {
        return {kind << 56 | reinterpret_cast<std::uintptr_t>(one)};
    }
    [[nodiscard]] job* one() const noexcept {
        constexpr std::uint64_t address = (std::uint64_t{1} << 56) - 1;
        return reinterpret_cast<job*>(static_cast<std::uintptr_t>(bits & address));
    }
    [[nodiscard]] std::uint32_t kind() const noexcept {
        return static_cast<std::uint32_t>(bits >> 56);
    }
};

/// The jobs of one thread that others may take: the owner puts in and takes back at the new end,
/// thieves take the oldest. Lock-free; every change of `word_` is one atomic operation.
class public_deque {
public:
    static constexpr std::uint32_t capacity = sized(256, 4);

    [[nodiscard]] deque_word read(detail::memory_order order) const noexcept {
        return {word_.load(order)};
    }
    [[nodiscard]] bool empty() const noexcept { return read(detail::relaxed).count() == 0; }

    // --- the owner

    /// Makes private jobs public. `newest_first` is in the order of the owner's list; there must
    /// be room for all.
    ///
    /// `kinds`: the number of the kind of each, below 256; null: they are of none.
    void publish(std::span<job* const> newest_first, const std::uint8_t* kinds = nullptr) noexcept {
        const deque_word now{word_.load(detail::relaxed)};
        // tail + count is the owner's alone: a steal leaves the sum as it is.
        std::uint32_t at =
            now.tail() + now.count() + static_cast<std::uint32_t>(newest_first.size());
        TWILL_CHECK(now.count() + newest_first.size() <= capacity);
        for (job* one : newest_first) {
            const std::uint64_t kind = kinds != nullptr ? *kinds++ : 0;
            slots_[--at % capacity].store(public_job::make(one, kind).bits, detail::relaxed);
        }
        // release: pairs with the acquire in a thief's read(), so that a thief sees the slots and
        // the jobs. seq_cst: before the looks at the bits and at the places that follow, the other
        // side of which writes those and then looks here.
        word_.fetch_add(newest_first.size(),
                        planted(fault::relaxed_publish) ? detail::relaxed : detail::seq_cst);
    }

    /// Takes the newest job back. False: it has been stolen, and so has everything older.
    [[nodiscard]] bool take_back(job* newest) noexcept {
        std::uint64_t seen = word_.load(detail::relaxed);
        for (;;) {
            const deque_word now{seen};
            if (now.count() == 0) {
                return false;
            }
            TWILL_CHECK(slot((now.tail() + now.count() - 1)).one() == newest);
            // Emptying moves tail too, so that the word never returns to a value that a thief has
            // read: a later job at the same address cannot be taken for this one.
            const deque_word next = now.count() > 1
                                        ? deque_word::make(now.epoch(), now.tail(), now.count() - 1)
                                        : deque_word::make(now.epoch(), now.tail() + 1, 0);
            // Relaxed: the owner wrote the job itself, and a thief that loses touches nothing.
            if (word_.compare_exchange_weak(seen, next.bits, detail::relaxed, detail::relaxed)) {
                return true;
            }
        }
    }

    /// The owner begins another root, or goes on with the one that it left. The deque is empty, so
    /// nobody else changes the word, and a plain store will do.
    void begin_root(std::uint32_t epoch) noexcept {
        const deque_word now{word_.load(detail::relaxed)};
        TWILL_CHECK(now.count() == 0);
        // release: what a thief learns from the new epoch (that the root before has ended, and what
        // this thread helps) is not newer than the epoch. Pairs with the acquire in read().
        word_.store(deque_word::make(epoch, now.tail(), 0).bits, detail::release);
    }

    // --- a thief

    /// The oldest job of a word with a count. It may have left meanwhile: only take() tells.
    [[nodiscard]] public_job oldest(deque_word seen) const noexcept { return slot(seen.tail()); }

    /// Takes the oldest job of exactly the deque that was seen. The job belongs to the caller, and
    /// may be touched, only if this succeeds.
    [[nodiscard]] bool take(deque_word seen) noexcept {
        const deque_word next = deque_word::make(seen.epoch(), seen.tail() + 1, seen.count() - 1);
        // No release: a thief leaves nothing for others here. seq_cst: a thief that empties a deque
        // looks at the places next (settle), as the owner does after publish().
        return word_.compare_exchange_strong(seen.bits, next.bits, detail::seq_cst,
                                             detail::relaxed);
    }

private:
    [[nodiscard]] public_job slot(std::uint32_t at) const noexcept {
        return {slots_[at % capacity].load(detail::relaxed)};
    }

    alignas(128) detail::atomic<std::uint64_t> word_{0};
    alignas(128) detail::atomic<std::uint64_t> slots_[capacity] = {};
};

} // namespace twill::sched
