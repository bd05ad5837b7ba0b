// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support.hpp"

#include <twill/kind.hpp>
#include <twill/twill.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

namespace twill_test {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using twill::kind;
using twill::kind_load;
using twill::load_snapshot;
using twill::load_window;

/// What has come of a kind since this was made.
class watched {
public:
    explicit watched(kind of) : of_(of) {}
    [[nodiscard]] load_window window() const { return twill::load() - before_; }
    [[nodiscard]] kind_load load() const {
        const load_window all = window();
        const kind_load* const found = all.find_kind(of_.name());
        return found != nullptr ? *found : kind_load{};
    }
    [[nodiscard]] std::uint64_t count() const { return load().count; }

private:
    kind of_;
    load_snapshot before_ = twill::load();
};

/// Computes for so long on the clock of the wall; returns how long the thread had a core in that.
inline nanoseconds spin(nanoseconds length) {
    const auto on_core = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
    };
    const nanoseconds before = on_core();
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end) {
    }
    return on_core() - before;
}

/// The kinds of each worker add up to its useful time.
inline void expect_closed(const load_window& window) {
    for (std::size_t worker = 0; worker < window.workers.size(); ++worker) {
        nanoseconds sum{};
        for (const kind_load& one : window.kinds) {
            EXPECT_GE(one.workers[worker].total.count(), 0);
            sum += one.workers[worker].total;
        }
        if (!window.kinds.empty()) {
            EXPECT_EQ(sum, window.workers[worker].useful) << "worker " << worker;
        }
    }
}

} // namespace twill_test
