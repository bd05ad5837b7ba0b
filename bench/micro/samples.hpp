// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace bench {

/// Latencies of one kind, between two readings of the counter.
class samples {
public:
    explicit samples(const char* name) : name_(name) {}

    /// Returns the latency in nanoseconds.
    double add(std::uint64_t from, std::uint64_t to) {
        const double passed = static_cast<double>(static_cast<std::int64_t>(to - from));
        nanoseconds_.push_back(passed * 1e3 / ticks_per_microsecond());
        return nanoseconds_.back();
    }
    [[nodiscard]] double quantile(double part) {
        if (nanoseconds_.empty()) {
            return -1;
        }
        std::sort(nanoseconds_.begin(), nanoseconds_.end());
        return nanoseconds_[static_cast<std::size_t>(part *
                                                     static_cast<double>(nanoseconds_.size() - 1))];
    }
    /// One member of a JSON object, in nanoseconds.
    void print(const char* end) {
        std::printf("\"%s\": {\"median\": %.1f, \"p10\": %.1f, \"p90\": %.1f, \"count\": %zu}%s",
                    name_, quantile(0.5), quantile(0.1), quantile(0.9), nanoseconds_.size(), end);
    }

private:
    const char* name_;
    std::vector<double> nanoseconds_;
};

/// Keeps the core busy without polling for anything.
inline void busy_for(double microseconds) {
    const auto length = static_cast<std::uint64_t>(microseconds * ticks_per_microsecond());
    const std::uint64_t start = ticks();
    while (ticks() - start < length) {
        pause();
    }
}

} // namespace bench
