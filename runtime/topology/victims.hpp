// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/table.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twill::topology {

/// How far a victim is. With {L3, node} shared: both, one of them, neither. Nodes may lie above
/// caches or below them (sub-NUMA clusters); what does not exist is shared by all.
enum class level { near, middle, far };
inline constexpr int levels = 3;

/// How often a level is drawn, of all that exist and hold somebody who is eligible.
inline constexpr std::array<std::uint32_t, levels> level_weights{70, 24, 6};

/// By what rule victims are drawn.
enum class victim_rule {
    uniform, ///< all alike
    level,   ///< first a level by its weight, then a victim in it, all alike
};

/// Whom a worker looks at for work. Workers that share L3 and node are a group, and each group has
/// words of bits of its own, so that cores which share a cache share the words that they write.
///
/// A set of workers is given by any type with `word(k)`, the bits of word k, and `summary(k)`,
/// whose bit i says that word 64 k + i is not zero. A draw reads each summary once (one for every
/// 64 groups), then one word of the level that it draws, and only if that is a bad sample (see
/// victim_in()) the other words of the level that are not zero.
class victim_policy {
public:
    /// Draws nobody.
    static constexpr int nobody = -1;
    static constexpr int word_bits = 64;

    /// `workers` has a row for each worker, max_workers at the most. Throws std::bad_alloc.
    victim_policy(std::span<const table_row> workers, victim_rule rule);

    [[nodiscard]] victim_rule rule() const noexcept { return rule_; }
    [[nodiscard]] int workers() const noexcept { return static_cast<int>(seats_.size()); }
    [[nodiscard]] int words() const noexcept { return static_cast<int>(capacity_.size()); }
    [[nodiscard]] int summaries() const noexcept { return (words() + word_bits - 1) / word_bits; }

    /// Where a worker's bit is: word and bit within it.
    [[nodiscard]] int word_of(int worker) const noexcept { return seat(worker).bit / word_bits; }
    [[nodiscard]] std::uint64_t bit_of(int worker) const noexcept {
        return std::uint64_t{1} << (seat(worker).bit % word_bits);
    }

    /// The worker whose bit that is, or nobody.
    [[nodiscard]] int worker_at(int word, int bit) const noexcept {
        return worker_at_[static_cast<std::size_t>(word * word_bits + bit)];
    }

    /// How many groups there are.
    [[nodiscard]] int groups() const noexcept { return groups_; }

    /// How far two different workers are from each other.
    [[nodiscard]] level between(int thief, int victim) const noexcept;

    /// How many workers are on a level of a worker, itself left out; 0 where it does not exist.
    [[nodiscard]] int count(int worker, level which) const noexcept {
        return seat(worker).counts[static_cast<std::size_t>(which)];
    }

    /// One of the eligible, never the thief itself; nobody if there is none. `random()` gives 64
    /// random bits.
    template <class Bits, class Random>
    [[nodiscard]] int draw(int thief, const Bits& eligible, Random& random) const noexcept;

    /// One of the eligible of the nearest level that has any, all alike, where levels count, else
    /// of all; never the thief itself, and nobody if there is none.
    template <class Bits, class Random>
    [[nodiscard]] int draw_nearest(int thief, const Bits& eligible, Random& random) const noexcept;

    /// One of the eligible on this level, all alike; nobody if there is none.
    template <class Bits, class Random>
    [[nodiscard]] int draw_on(level which, int thief, const Bits& eligible,
                              Random& random) const noexcept {
        return victim_in(range_of(thief, which), thief, eligible, summaries_of(eligible), random);
    }

private:
    static constexpr int most_summaries = max_workers / word_bits;
    using summary_words = std::array<std::uint64_t, most_summaries>;

    /// Words first to last - 1.
    struct word_range {
        int first = 0;
        int last = 0;
    };
    /// Those of `outer` that are not in `inner`.
    struct words_of_level {
        word_range outer;
        word_range inner;
    };
    struct worker_seat {
        int bit = 0;
        word_range group;  ///< shares L3 and node
        word_range island; ///< shares L3 or node, by way of others too
        std::array<int, levels> counts{};
    };

    [[nodiscard]] const worker_seat& seat(int worker) const noexcept {
        return seats_[static_cast<std::size_t>(worker)];
    }
    [[nodiscard]] words_of_level range_of(int thief, level which) const noexcept;
    [[nodiscard]] static std::uint64_t summary_bits(word_range range, int summary) noexcept;

    template <class Random>
    [[nodiscard]] static std::uint32_t below(std::uint32_t bound, Random& random) noexcept {
        return static_cast<std::uint32_t>(
            (std::uint64_t{static_cast<std::uint32_t>(random() >> 32)} * bound) >> 32);
    }
    [[nodiscard]] static int bit_number(std::uint64_t word, std::uint32_t rank) noexcept {
        for (; rank > 0; --rank) {
            word &= word - 1;
        }
        return std::countr_zero(word);
    }
    template <class Bits>
    [[nodiscard]] summary_words summaries_of(const Bits& eligible) const noexcept {
        summary_words read; // only as many as there are
        for (int k = 0; k < summaries(); ++k) {
            read[static_cast<std::size_t>(k)] = eligible.summary(k);
        }
        return read;
    }
    template <class Visit>
    static void for_each_word(const words_of_level& range, const summary_words& summary,
                              Visit visit) noexcept;
    template <class Bits, class Random>
    [[nodiscard]] int victim_in(const words_of_level& range, int thief, const Bits& eligible,
                                const summary_words& summary, Random& random) const noexcept;

    victim_rule rule_;
    std::vector<worker_seat> seats_;     ///< by worker
    std::vector<int> worker_at_;         ///< by bit; nobody where no worker is
    std::vector<std::uint8_t> capacity_; ///< by word: workers that have a bit in it
    int groups_ = 0;
};

template <class Bits, class Random>
int victim_policy::draw(int thief, const Bits& eligible, Random& random) const noexcept {
    const summary_words summary = summaries_of(eligible);
    if (rule_ == victim_rule::uniform) {
        return victim_in({{0, words()}, {}}, thief, eligible, summary, random);
    }
    std::array<std::uint32_t, levels> weights{};
    std::uint32_t total = 0;
    for (std::size_t k = 0; k < levels; ++k) {
        for_each_word(range_of(thief, static_cast<level>(k)), summary, [&](int /*word*/) {
            weights[k] = level_weights[k];
            return true;
        });
        total += weights[k];
    }
    // A level that turns out to hold nobody (but the thief) is left out of the next draw: the
    // others then come as often as if it had been left out from the beginning.
    while (total > 0) {
        std::uint32_t ticket = below(total, random);
        std::size_t chosen = 0;
        while (ticket >= weights[chosen]) {
            ticket -= weights[chosen++];
        }
        const int victim = victim_in(range_of(thief, static_cast<level>(chosen)), thief, eligible,
                                     summary, random);
        if (victim != nobody) {
            return victim;
        }
        total -= weights[chosen];
        weights[chosen] = 0;
    }
    return nobody;
}

template <class Bits, class Random>
int victim_policy::draw_nearest(int thief, const Bits& eligible, Random& random) const noexcept {
    const summary_words summary = summaries_of(eligible);
    if (rule_ == victim_rule::uniform) {
        return victim_in({{0, words()}, {}}, thief, eligible, summary, random);
    }
    for (const level which : {level::near, level::middle, level::far}) {
        const int victim = victim_in(range_of(thief, which), thief, eligible, summary, random);
        if (victim != nobody) {
            return victim;
        }
    }
    return nobody;
}

template <class Visit>
void victim_policy::for_each_word(const words_of_level& range, const summary_words& summary,
                                  Visit visit) noexcept {
    for (int k = range.outer.first / word_bits; k * word_bits < range.outer.last; ++k) {
        std::uint64_t set = summary_bits(range.outer, k) & ~summary_bits(range.inner, k);
        if (set == 0) {
            continue;
        }
        for (set &= summary[static_cast<std::size_t>(k)]; set != 0; set &= set - 1) {
            if (visit(k * word_bits + std::countr_zero(set))) {
                return;
            }
        }
    }
}

// All victims alike, though words hold unequal numbers. A sample first: some word that is not
// zero, taken as often as it is full (a share of the most that any of them can hold). If it is
// taken, its victims are as likely as all others; if not, all words of the level are counted. So
// one word is read where one is not zero or all are full, and all only in between.
template <class Bits, class Random>
int victim_policy::victim_in(const words_of_level& range, int thief, const Bits& eligible,
                             const summary_words& summary, Random& random) const noexcept {
    const int own = word_of(thief);
    const auto others = [&](int word) {
        return eligible.word(word) & (word == own ? ~bit_of(thief) : ~std::uint64_t{0});
    };
    const auto victim_of = [&](int word, std::uint64_t set, std::uint32_t rank) {
        return worker_at(word, bit_number(set, rank));
    };
    std::uint32_t candidates = 0;
    std::uint32_t most = 0;
    for_each_word(range, summary, [&](int word) {
        ++candidates;
        most = std::max<std::uint32_t>(most, capacity_[static_cast<std::size_t>(word)]);
        return false;
    });
    if (candidates == 0) {
        return nobody;
    }
    std::uint32_t ticket = below(candidates, random);
    int sample = 0;
    for_each_word(range, summary, [&](int word) {
        sample = word;
        return ticket-- == 0;
    });
    const std::uint64_t set = others(sample);
    const auto held = static_cast<std::uint32_t>(std::popcount(set));
    if (held > 0 && (candidates == 1 || below(most, random) < held)) {
        return victim_of(sample, set, below(held, random));
    }
    std::uint32_t total = 0;
    for_each_word(range, summary, [&](int word) {
        total += static_cast<std::uint32_t>(std::popcount(others(word)));
        return false;
    });
    if (total == 0) {
        return nobody;
    }
    // Bits may go meanwhile; then nobody is found, and the thief looks again.
    ticket = below(total, random);
    int victim = nobody;
    for_each_word(range, summary, [&](int word) {
        const std::uint64_t now = others(word);
        const auto count = static_cast<std::uint32_t>(std::popcount(now));
        if (ticket >= count) {
            ticket -= count;
            return false;
        }
        victim = victim_of(word, now, ticket);
        return true;
    });
    return victim;
}

} // namespace twill::topology
