// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/victims.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::testing_support {

/// A set of workers in the form that draws take, which counts the words that they read.
class worker_bits {
public:
    explicit worker_bits(const topology::victim_policy& policy)
        : policy_(policy), words_(static_cast<std::size_t>(policy.words())),
          summaries_(static_cast<std::size_t>(policy.summaries())) {}

    void set(int worker) {
        const auto word = static_cast<std::size_t>(policy_.word_of(worker));
        words_[word] |= policy_.bit_of(worker);
        summaries_[word / 64] |= std::uint64_t{1} << (word % 64);
    }
    void clear(int worker) {
        const auto word = static_cast<std::size_t>(policy_.word_of(worker));
        words_[word] &= ~policy_.bit_of(worker);
        if (words_[word] == 0) {
            summaries_[word / 64] &= ~(std::uint64_t{1} << (word % 64));
        }
    }
    void set_all() {
        for (int worker = 0; worker < policy_.workers(); ++worker) {
            set(worker);
        }
    }
    [[nodiscard]] bool has(int worker) const {
        const auto word = static_cast<std::size_t>(policy_.word_of(worker));
        return (words_[word] & policy_.bit_of(worker)) != 0;
    }

    [[nodiscard]] std::uint64_t word(int k) const noexcept {
        ++read_;
        return words_[static_cast<std::size_t>(k)];
    }
    [[nodiscard]] std::uint64_t summary(int k) const noexcept {
        ++read_;
        return summaries_[static_cast<std::size_t>(k)];
    }
    [[nodiscard]] std::uint64_t words_read() const noexcept { return read_; }

private:
    const topology::victim_policy& policy_;
    std::vector<std::uint64_t> words_;
    std::vector<std::uint64_t> summaries_;
    mutable std::uint64_t read_ = 0;
};

/// Bits of any form, of which the words that are read are counted.
template <class Bits>
class counted {
public:
    explicit counted(Bits& of) : of_(of) {}
    [[nodiscard]] std::uint64_t word(int k) const noexcept {
        ++read_;
        return of_.word(k);
    }
    [[nodiscard]] std::uint64_t summary(int k) const noexcept {
        ++read_;
        return of_.summary(k);
    }
    [[nodiscard]] bool has(int place) const noexcept {
        ++read_;
        return of_.has(place);
    }
    [[nodiscard]] std::int64_t words_read() const noexcept { return read_; }

private:
    Bits& of_;
    mutable std::int64_t read_ = 0;
};

/// How victims are drawn: by the production policy, or strictly the nearest level that holds
/// somebody.
enum class spread_rule { uniform, level, nearest };

[[nodiscard]] inline topology::victim_rule policy_of(spread_rule rule) noexcept {
    return rule == spread_rule::uniform ? topology::victim_rule::uniform
                                        : topology::victim_rule::level;
}

template <class Bits, class Random>
[[nodiscard]] int draw_by(spread_rule rule, const topology::victim_policy& policy, int thief,
                          const Bits& eligible, Random& random) noexcept {
    return rule == spread_rule::nearest ? policy.draw_nearest(thief, eligible, random)
                                        : policy.draw(thief, eligible, random);
}

/// Random numbers that are the same each time (Steele, Lea, Flood: splitmix64).
class numbers {
public:
    explicit numbers(std::uint64_t seed) : state_(seed) {}
    std::uint64_t operator()() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

} // namespace twill::testing_support
