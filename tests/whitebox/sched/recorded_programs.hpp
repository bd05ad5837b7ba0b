// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Programs whose events are known, and how to record them in a process of their own.

#include "support/child.hpp"
#include "support/folder.hpp"
#include "support/recorded.hpp"
#include "twill/record.hpp"
#include "twill/twill.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

namespace twill::testing_support {

inline void spin(double microseconds) {
    using clock = std::chrono::steady_clock;
    const auto until = clock::now() + std::chrono::duration_cast<clock::duration>(
                                          std::chrono::duration<double, std::micro>(microseconds));
    while (clock::now() < until) {
    }
}

/// 2^depth - 1 forks, with leaves of some microseconds.
inline void tree(int depth) {
    if (depth == 0) {
        spin(2);
        return;
    }
    twill::parallel_invoke([depth] { tree(depth - 1); }, [depth] { tree(depth - 1); });
}

/// Before the first verb of a process.
inline void set_workers(int workers) {
    ::setenv("TWILL_WORKERS", std::to_string(workers).c_str(), 1);
    ::setenv("TWILL_OVERSUBSCRIBE", workers > 2 ? "1" : "0", 1);
}

/// Runs `body(path)` in a child process with so many workers; it must end well and say nothing.
template <class Body>
void expect_silent_success_of(int workers, Body body) {
    const folder files;
    expect_silent_success([&] {
        set_workers(workers);
        body(files.path() + "/recorded.twl");
    });
}

/// Records `body` in a child process and returns what the file says.
template <class Body>
recorded_file record_in_child(int workers, Body body, record_mode mode = record_mode::full) {
    const folder files;
    const std::string path = files.path() + "/recorded.twl";
    expect_silent_success([&] {
        set_workers(workers);
        ASSERT_FALSE(twill::record_start(path.c_str(), mode));
        body();
        ASSERT_FALSE(twill::record_stop());
    });
    return read_recorded(path);
}

/// Of a program that goes on meanwhile; each may begin and end anywhere in it.
inline void expect_twenty_recordings(const std::string& path) {
    for (int k = 0; k < 20; ++k) {
        ASSERT_FALSE(twill::record_start(path.c_str(), record_mode::full, k > 0));
        std::this_thread::sleep_for(std::chrono::milliseconds(k));
        ASSERT_FALSE(twill::record_stop());
        const recorded_file file = read_recorded(path);
        expect_balanced(file, false);
        ASSERT_TRUE(file.end.has_value());
    }
}

} // namespace twill::testing_support
