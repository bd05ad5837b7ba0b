// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Work of a known size: steps of a generator, each of which needs the one before it. The chain of
/// a multiplication and an addition takes about a nanosecond a step, touches no memory, and so
/// takes as long beside another one as alone. Where it arrives is known without taking the steps,
/// which is how the programs check what they did.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace planted {

inline constexpr std::uint64_t multiplier = 6364136223846793005U; // Knuth, MMIX
inline constexpr std::uint64_t increment = 1442695040888963407U;

/// Takes `steps` steps from `start`, one after the other.
inline std::uint64_t walk(std::uint64_t start, std::uint64_t steps) {
    std::uint64_t state = start;
    for (std::uint64_t step = 0; step < steps; ++step) {
        state = state * multiplier + increment;
    }
    return state;
}

/// Where walk() arrives, in O(log steps): the map of a step, squared again and again.
inline std::uint64_t arrival(std::uint64_t start, std::uint64_t steps) {
    std::uint64_t factor = 1;
    std::uint64_t summand = 0;
    std::uint64_t step_factor = multiplier;
    std::uint64_t step_summand = increment;
    for (; steps != 0; steps >>= 1U) {
        if ((steps & 1U) != 0) {
            summand = summand * step_factor + step_summand;
            factor *= step_factor;
        }
        step_summand *= step_factor + 1;
        step_factor *= step_factor;
    }
    return start * factor + summand;
}

/// The pieces of one part of a program, and where each arrives. That is known before the work
/// begins, so that checking it afterwards takes next to no time of the recording.
class pieces {
public:
    void add(std::uint64_t steps) { all_.push_back({steps, arrival(all_.size(), steps), 0}); }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] std::uint64_t steps(std::size_t number) const { return all_[number].steps; }

    /// Does the piece; each at most by one thread at a time.
    void work(std::size_t number) {
        piece& one = all_[number];
        one.sum += walk(number, one.steps);
    }

    /// Every piece was done this many times.
    [[nodiscard]] bool right(std::uint64_t times) const {
        return std::all_of(all_.begin(), all_.end(),
                           [=](const piece& one) { return one.sum == times * one.expected; });
    }

private:
    struct piece {
        std::uint64_t steps;
        std::uint64_t expected;
        std::uint64_t sum;
    };
    std::vector<piece> all_;
};

/// The parameters of a program, drawn from its seed.
class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    /// From `low` to `high`, both included.
    std::uint64_t whole(std::uint64_t low, std::uint64_t high) {
        return std::uniform_int_distribution<std::uint64_t>(low, high)(engine_);
    }
    double real(double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(engine_);
    }
    bool coin() { return whole(0, 1) == 1; }

    template <class Element>
    void shuffle(std::vector<Element>& elements) {
        for (std::size_t left = elements.size(); left > 1; --left) {
            std::swap(elements[left - 1], elements[whole(0, left - 1)]);
        }
    }

    /// Names that say nothing about what is planted under them, each once.
    std::vector<std::string> names() {
        std::vector<std::string> all{"assemble", "balance", "collect",   "decode", "exchange",
                                     "filter",   "gather",  "hash",      "insert", "join_rows",
                                     "limit",    "merge",   "normalize", "order",  "project",
                                     "relax",    "scatter", "transpose", "update", "verify"};
        shuffle(all);
        return all;
    }

private:
    std::mt19937_64 engine_;
};

/// Cuts `steps` into pieces of about `piece` steps each, from half of it to one and a half.
inline pieces cut(dice& draw, double steps, double piece) {
    pieces all;
    while (steps > 0) {
        const double size = piece * draw.real(0.5, 1.5);
        all.add(static_cast<std::uint64_t>(size < steps ? size : steps) + 1);
        steps -= size;
    }
    return all;
}

} // namespace planted
