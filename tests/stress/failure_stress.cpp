// SPDX-License-Identifier: Apache-2.0
// Storms of exceptions and stops in trees of verbs: nothing runs on after its verb, every value is
// destroyed once, and what a verb reports is what happened.
#include "campaign.hpp"

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using twill_stress::dice;
using twill_stress::work;

std::atomic<long> live{0};
std::atomic<int> wrong{0};

void expect(bool holds, const char* what) {
    if (!holds && wrong.fetch_add(1) == 0) {
        std::fprintf(stderr, "does not hold: %s\n", what);
    }
}

/// A value whose objects are counted, with memory of its own for AddressSanitizer to watch.
class value {
public:
    explicit value(std::uint64_t number) : number_(std::make_unique<std::uint64_t>(number)) {
        ++live;
    }
    value(value&& other) noexcept : number_(std::move(other.number_)) { ++live; }
    value& operator=(value&& other) noexcept = default;
    ~value() { --live; }
    [[nodiscard]] std::uint64_t number() const { return *number_; }

private:
    std::unique_ptr<std::uint64_t> number_;
};

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The storm of one root: one node in `odds` throws or stops.
struct storm {
    int odds;
    std::stop_source stop;
    std::atomic<int> running{0};

    value visit(std::uint64_t seed, int depth) {
        ++running;
        struct leave {
            std::atomic<int>& count;
            ~leave() { --count; }
        } const leaving{running};
        dice choices(seed);
        const value held(seed);
        if (choices.below(odds) == 0) {
            throw failure("node");
        }
        if (choices.below(odds) == 0) {
            stop.request_stop();
        }
        if (depth == 0) {
            return value(work(choices.below(300), seed));
        }
        const std::uint64_t left = choices.next();
        const std::uint64_t right = choices.next();
        switch (choices.below(5)) {
        case 0: {
            auto sum = twill::parallel_reduce(
                0, 1 + choices.below(100), value(0),
                [&](int k) {
                    if (k == 57 && choices_of(left) % 7 == 0) {
                        throw failure("map");
                    }
                    return value(static_cast<std::uint64_t>(k));
                },
                [](value a, value b) { return value(a.number() + b.number()); }, stop.get_token());
            return sum.has_value() ? std::move(*sum) : value(1);
        }
        case 1: {
            const twill::outcome ended = twill::parallel_for(
                0, 3, [&](int k) { visit(left + static_cast<std::uint64_t>(k), depth - 1); },
                stop.get_token());
            expect(ended == twill::outcome::completed || stop.stop_requested(),
                   "a verb is stopped by a stop only");
            return value(2);
        }
        case 2: {
            auto all = twill::parallel_invoke([&] { return visit(left, depth - 1); },
                                              [&] { return visit(right, depth - 1); },
                                              [] { return value(3); }, stop.get_token());
            expect(all.has_value() || stop.stop_requested(),
                   "values are missing after a stop only");
            return value(4);
        }
        case 3:
            try {
                auto [a, b] = twill::parallel_invoke([&] { return visit(left, depth - 1); },
                                                     [&] { return visit(right, depth - 1); });
                return value(a.number() + b.number());
            } catch (const failure&) {
                return value(5); // and on it goes
            }
        default: {
            auto [a, b] = twill::parallel_invoke([&] { return visit(left, depth - 1); },
                                                 [&] { return visit(right, depth - 1); });
            return value(a.number() ^ b.number());
        }
        }
    }

    static std::uint64_t choices_of(std::uint64_t seed) { return dice(seed).next(); }
};

void run_storms(std::uint64_t seed) {
    dice choices(seed);
    for (int k = 0; k < 30; ++k) {
        storm one{.odds = 3 + choices.below(60), .stop = {}};
        try {
            const value result = one.visit(choices.next(), 2 + choices.below(6));
        } catch (const failure&) {
        }
        expect(one.running == 0, "all siblings have ended when an exception leaves");
    }
}

bool round(std::uint64_t seed) {
    const int guests = 1 + dice(seed).below(3);
    std::vector<std::thread> threads;
    for (int k = 0; k < guests; ++k) {
        threads.emplace_back(run_storms, seed * 16 + static_cast<std::uint64_t>(k));
    }
    for (auto& thread : threads) {
        thread.join();
    }
    expect(live == 0, "every value is destroyed once");
    return wrong == 0;
}

} // namespace

int main(int argc, char** argv) { return twill_stress::run_campaign(argc, argv, &round); }
