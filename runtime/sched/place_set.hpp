// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/victims.hpp"
#include "twill/detail/atomic.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace twill::sched {

/// One word, or one summary of 64 words, on a line of its own.
struct alignas(128) bits_line {
    detail::atomic<std::uint64_t> bits{0};
};

/// Bits whose words have a summary: a bit of it says that a word may not be zero. It may say so too
/// long, never too short: who clears it looks at the word once more. All seq_cst, as what they tell
/// is looked at by those who change something else before.
class summary_bits {
public:
    static constexpr int word_bits = 64;

    explicit summary_bits(int words, std::uint64_t all = 0)
        : count_((words + word_bits - 1) / word_bits),
          lines_(std::make_unique<bits_line[]>(static_cast<std::size_t>(count_))) {
        for (int k = 0; k < count_; ++k) {
            line(k).store(all, detail::relaxed);
        }
    }
    [[nodiscard]] int count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t read(int k) const noexcept { return line(k).load(detail::seq_cst); }

    /// After a word has become something else than zero.
    void raise(int word) noexcept {
        if ((read(word / word_bits) & bit(word)) == 0) {
            line(word / word_bits).fetch_or(bit(word), detail::seq_cst);
        }
    }
    /// After a word was seen to be zero; `read_word()` reads it again.
    template <class Read>
    void lower(int word, Read read_word) noexcept {
        line(word / word_bits).fetch_and(~bit(word), detail::seq_cst);
        if (read_word() != 0) {
            raise(word);
        }
    }

private:
    static constexpr std::uint64_t bit(int word) noexcept {
        return std::uint64_t{1} << (word % word_bits);
    }
    [[nodiscard]] detail::atomic<std::uint64_t>& line(int k) const noexcept {
        return lines_[static_cast<std::size_t>(k)].bits;
    }

    int count_;
    std::unique_ptr<bits_line[]> lines_;
};

/// A set of places in the form that victim_policy draws from: the places of a group in words of
/// their own, so that threads which share a cache share the words that they write.
class place_set {
public:
    explicit place_set(const topology::victim_policy& places)
        : places_(places),
          words_(std::make_unique<bits_line[]>(static_cast<std::size_t>(places.words()))),
          summary_(places.words()) {}

    [[nodiscard]] std::uint64_t word(int k) const noexcept { return at(k).load(detail::seq_cst); }
    [[nodiscard]] std::uint64_t summary(int k) const noexcept { return summary_.read(k); }
    [[nodiscard]] bool has(int place) const noexcept {
        return (word(places_.word_of(place)) & places_.bit_of(place)) != 0;
    }

    void set(int place) noexcept {
        const int k = places_.word_of(place);
        if ((word(k) & places_.bit_of(place)) == 0 &&
            at(k).fetch_or(places_.bit_of(place), detail::seq_cst) == 0) {
            summary_.raise(k);
        }
    }
    void clear(int place) noexcept {
        const int k = places_.word_of(place);
        if (at(k).fetch_and(~places_.bit_of(place), detail::seq_cst) == places_.bit_of(place)) {
            summary_.lower(k, [this, k] { return word(k); });
        }
    }

    /// Calls `visit(place)` for each place in the set until one returns true, and then does so. Of
    /// each word the places that it had when it was read; the summary is not asked. `start` chooses
    /// with whom to begin.
    template <class Visit>
    bool for_each(std::uint64_t start, Visit visit) const {
        const int count = places_.words();
        const auto first = static_cast<int>(start / 64 % static_cast<std::uint64_t>(count));
        const auto turned = static_cast<int>(start % 64);
        for (int k = 0; k < count; ++k) {
            const int at_word = (first + k) % count;
            for (std::uint64_t set = std::rotr(word(at_word), turned); set != 0; set &= set - 1) {
                const int bit = (std::countr_zero(set) + turned) % 64;
                if (visit(places_.worker_at(at_word, bit))) {
                    return true;
                }
            }
        }
        return false;
    }

private:
    [[nodiscard]] detail::atomic<std::uint64_t>& at(int k) const noexcept {
        return words_[static_cast<std::size_t>(k)].bits;
    }

    const topology::victim_policy& places_;
    std::unique_ptr<bits_line[]> words_;
    summary_bits summary_;
};

} // namespace twill::sched
