// SPDX-License-Identifier: Apache-2.0
#include "load/energy.hpp"

#include "support/child.hpp"
#include "support/folder.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>

namespace {

using namespace twill::load_model;
using twill::energy_count;
using twill::load_snapshot;
using twill::load_window;
using twill::testing_support::expect_silent_success;
using twill::testing_support::folder;

load_snapshot at(std::optional<energy_count> energy) {
    load_snapshot result;
    result.since_start.workers.resize(1);
    result.energy = energy;
    return result;
}

TEST(energy_of_a_window, is_the_difference_of_two_readings) {
    const load_window window = at(energy_count{12.5, 0}) - at(energy_count{10, 0});
    ASSERT_TRUE(window.joules);
    EXPECT_DOUBLE_EQ(*window.joules, 2.5);
    EXPECT_EQ(window.joules_absent, nullptr);
}

TEST(energy_of_a_window, is_known_again_after_a_gap) {
    EXPECT_TRUE((at(energy_count{12, 1}) - at(energy_count{10, 1})).joules);
    const load_window across = at(energy_count{12, 1}) - at(energy_count{10, 0});
    EXPECT_FALSE(across.joules);
    ASSERT_NE(across.joules_absent, nullptr);
    EXPECT_NE(std::strstr(across.joules_absent, "come round"), nullptr);
}

TEST(energy_of_a_window, is_never_zero) {
    const load_window window = at(energy_count{10, 0}) - at(energy_count{10, 0});
    EXPECT_FALSE(window.joules);
    EXPECT_NE(window.joules_absent, nullptr);
}

TEST(energy_of_a_window, is_absent_where_one_end_is) {
    load_snapshot late = at(std::nullopt);
    late.since_start.joules_absent = "of the end";
    EXPECT_STREQ((late - at(energy_count{10, 0})).joules_absent, "of the end");
    load_snapshot early = at(std::nullopt);
    early.since_start.joules_absent = "of the begin";
    const load_window window = at(energy_count{10, 0}) - early;
    EXPECT_FALSE(window.joules);
    EXPECT_STREQ(window.joules_absent, "of the begin");
}

TEST(energy_of_a_window, counts_from_the_start_of_the_runtime) {
    load_snapshot nothing;
    nothing.since_start.joules_absent = "the runtime has not started";
    const load_window window = at(energy_count{10, 0}) - nothing;
    ASSERT_TRUE(window.joules);
    EXPECT_DOUBLE_EQ(*window.joules, 10);
    EXPECT_EQ(window.joules_absent, nullptr);
}

TEST(energy_of_the_machine, is_read_from_where_it_begins) {
    expect_silent_success([] {
        const folder machine;
        const auto set = [&machine](const std::string& microjoules) {
            machine.write("/intel-rapl:0/energy_uj", microjoules + "\n");
        };
        machine.write("/intel-rapl:0/name", "package-0\n");
        machine.write("/intel-rapl:0/max_energy_range_uj", "65532610987\n");
        set("5000000");
        EXPECT_FALSE(energy_now().count) << "not before the runtime has started";
        EXPECT_NE(energy_now().absent, nullptr);
        begin_energy(machine.path().c_str());
        set("6500000");
        refresh_energy(); // not due
        ASSERT_TRUE(energy_now().count);
        EXPECT_DOUBLE_EQ(energy_now().count->joules, 1.5);
        set("?");
        EXPECT_FALSE(energy_now().count);
        EXPECT_NE(energy_now().absent, nullptr);
        begin_energy("/no/such/folder");
        EXPECT_FALSE(energy_now().count);
        EXPECT_NE(energy_now().absent, nullptr);
    });
}

} // namespace
