// SPDX-License-Identifier: Apache-2.0
// The accounts of ten programs close, and agree with the CPU clocks of the threads.
#include "../whitebox/support/child.hpp"
#include "../whitebox/support/control_group.hpp"
#include "competitor.hpp"
#include "programs.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using twill::load_window;
using twill::worker_load;
using twill_test::competitor;
using twill_test::program;
using twill_test::ten_programs;
using twill_test::window_of;

/// In how many windows the clocks are to agree once: what a hypervisor takes away is in no clock
/// of this machine, and so in no column.
constexpr int attempts = 15;

/// Of windows of a second, whatever runs. The long entries hold this, and print what it is.
constexpr double in_long_windows = 0.01;
bool windows_are_long() { return std::getenv("CONFORMANCE_LONG") != nullptr; }

/// What is asserted of windows of some tens of milliseconds on a machine that others may use too: a
/// run delay that is charged to the wrong side of a wake-up is some per cent of those.
constexpr double in_short_windows = 0.05;

/// Where every task sleeps in a section, and each wake-up has a delay.
constexpr double of_sleepers = 0.1;

/// What is asserted where others take the cores in turn.
constexpr double gross = 0.25;

milliseconds length() { return milliseconds(twill_test::usual_or_long(60, 1000)); }

void expect_closed(const load_window& window) {
    EXPECT_LE(window.identity_error(), 0.001);
    for (const worker_load& worker : window.workers) {
        EXPECT_EQ(worker.open, worker.useful + worker.dispatch + worker.search + worker.parked +
                                   worker.preempted.value_or(nanoseconds{}));
    }
}

/// How far the columns are from the clocks, as a share of the clocks. Negative if the system does
/// not tell.
double disagreement(const load_window& window) {
    const std::optional<double> error = window.clock_error();
    return error ? std::abs(*error) : -1;
}

void check(const program& one, double alone) {
    SCOPED_TRACE(one.name);
    const double most = windows_are_long() ? in_long_windows
                        : one.sleeps       ? std::max(alone, of_sleepers)
                                           : alone;
    one.round(); // starts threads
    double best = 1;
    bool useful = false; // a window under a quota may have had no core at all
    std::string told;
    for (int attempt = 0; attempt < attempts && (best > most || !useful); ++attempt) {
        const load_window window = window_of(one, length());
        expect_closed(window);
        useful |= window.total_load().count() > 0;
        // A sanitizer's own work is in the clocks too.
        const bool sanitized = twill_test::thread_sanitizer || twill_test::address_sanitizer;
        best = sanitized ? 0 : std::min(best, disagreement(window));
        char line[256];
        std::snprintf(line, sizeof line,
                      "%-20s m %2d W %6.1f ms, cpu %7.2f ms, %.3f %% off places, clock error %+.3f "
                      "%%, identity %.4f %%\n",
                      one.name, window.worker_count(),
                      static_cast<double>(window.wall.count()) * 1e-6,
                      static_cast<double>(window.cpu.value_or(nanoseconds{}).count()) * 1e-6,
                      100 * static_cast<double>(window.off_places.count()) /
                          static_cast<double>(window.cpu.value_or(nanoseconds(1)).count()),
                      100 * window.clock_error().value_or(0), 100 * window.identity_error());
        told += line;
    }
    EXPECT_LE(best, most) << told;
    EXPECT_TRUE(useful) << told;
    if (windows_are_long()) {
        std::fputs(told.c_str(), stdout);
    }
}

void check_all(double alone) {
    for (const program& one : ten_programs) {
        check(one, alone);
    }
}

// First in this file: the children that it makes start runtimes of their own.
void in_a_quota(double cpus) {
    const twill::testing_support::control_group group(cpus);
    const auto end = twill::testing_support::in_child([&] {
        if (!group.enter()) {
            ::_exit(77);
        }
        check_all(gross);
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this machine lets nobody make a control group with a quota";
    }
    EXPECT_TRUE(end.exited_with(0)) << "status " << end.status << ": " << end.errors;
}

TEST(identity_in_a_quota, of_half_a_core) { in_a_quota(0.5); }
TEST(identity_in_a_quota, of_one_and_a_half_cores) { in_a_quota(1.5); }

TEST(identity, of_ten_programs) { check_all(in_short_windows); }

TEST(identity, of_ten_programs_beside_a_competing_one) {
    const competitor other;
    ASSERT_TRUE(other.runs());
    check_all(gross);
}

} // namespace
