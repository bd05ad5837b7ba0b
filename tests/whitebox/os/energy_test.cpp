// SPDX-License-Identifier: Apache-2.0
// Energy counters read from made-up trees of the powercap interface.
#include "os/energy.hpp"

#include "support/child.hpp"
#include "support/folder.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace {

using twill::os::energy_meter;
using twill::testing_support::child_end;
using twill::testing_support::folder;
using twill::testing_support::in_child;

constexpr std::int64_t second = 1'000'000'000;

class powercap : public folder {
public:
    void zone(const std::string& zone, const std::string& name, const std::string& microjoules,
              const std::string& range = "262143328850") const {
        write("/" + zone + "/name", name + "\n");
        write("/" + zone + "/max_energy_range_uj", range + "\n");
        set(zone, microjoules);
    }
    void set(const std::string& zone, const std::string& microjoules) const {
        write("/" + zone + "/energy_uj", microjoules + "\n");
    }
};

TEST(energy, is_that_of_all_packages_and_of_no_part_of_them) {
    powercap machine;
    machine.zone("intel-rapl:0", "package-0", "1000000");
    machine.zone("intel-rapl:1", "package-1", "5000000");
    machine.zone("intel-rapl:0:0", "core", "300000");
    machine.zone("intel-rapl:2", "psys", "300000");
    machine.zone("intel-rapl-mmio:0", "package-0", "1000000");
    machine.write("/dtpm/name", "package-7\n");
    energy_meter meter;
    meter.open(machine.path().c_str(), 0);
    ASSERT_TRUE(meter.readable());
    EXPECT_EQ(meter.absent(), nullptr);
    machine.set("intel-rapl:0", "3500000");
    machine.set("intel-rapl:1", "6000000");
    machine.set("intel-rapl:0:0", "99000000");
    machine.set("intel-rapl:2", "99000000");
    machine.set("intel-rapl-mmio:0", "3500000");
    ASSERT_TRUE(meter.read(second));
    EXPECT_DOUBLE_EQ(meter.joules(), 2.5 + 1);
    EXPECT_EQ(meter.gaps(), 0u);
}

TEST(energy, counts_on_where_a_counter_begins_at_zero_again) {
    powercap machine;
    machine.zone("intel-rapl:0", "package-0", "262143000000", "262143328850");
    energy_meter meter;
    meter.open(machine.path().c_str(), 0);
    machine.set("intel-rapl:0", "1000000");
    ASSERT_TRUE(meter.read(10 * second));
    EXPECT_NEAR(meter.joules(), 0.328850 + 1, 1e-9);
    machine.set("intel-rapl:0", "2000000");
    ASSERT_TRUE(meter.read(20 * second));
    EXPECT_NEAR(meter.joules(), 0.328850 + 2, 1e-9);
}

// 262 kJ are not used up in less than 262 s.
TEST(energy, of_a_time_in_which_a_counter_may_come_round_twice_is_a_gap) {
    powercap machine;
    machine.zone("intel-rapl:0", "package-0", "0");
    energy_meter meter;
    meter.open(machine.path().c_str(), 0);
    machine.set("intel-rapl:0", "7000000");
    ASSERT_TRUE(meter.read(262 * second));
    EXPECT_DOUBLE_EQ(meter.joules(), 7);
    EXPECT_EQ(meter.gaps(), 0u);
    machine.set("intel-rapl:0", "8000000");
    ASSERT_TRUE(meter.read((262 + 263) * second));
    EXPECT_EQ(meter.gaps(), 1u);
    machine.set("intel-rapl:0", "10000000");
    ASSERT_TRUE(meter.read((262 + 264) * second));
    EXPECT_DOUBLE_EQ(meter.joules(), 9) << "what is known goes on";
    EXPECT_EQ(meter.gaps(), 1u);
}

TEST(energy, is_absent_where_there_are_no_counters) {
    energy_meter meter;
    EXPECT_FALSE(meter.readable());
    EXPECT_NE(meter.absent(), nullptr);
    meter.open("/no/such/folder", 0);
    EXPECT_FALSE(meter.readable());
    ASSERT_NE(meter.absent(), nullptr);
    EXPECT_NE(std::strstr(meter.absent(), "no energy counters"), nullptr) << meter.absent();
    powercap machine;
    machine.zone("intel-rapl:0", "psys", "12");
    meter.open(machine.path().c_str(), 0);
    EXPECT_FALSE(meter.readable());
    EXPECT_NE(std::strstr(meter.absent(), "none of a package"), nullptr) << meter.absent();
}

TEST(energy, is_absent_where_one_package_does_not_tell) {
    for (const char* bad : {"", "x", "-1", "1.5", "99999999999999999999999", " 1"}) {
        powercap machine;
        machine.zone("intel-rapl:0", "package-0", "1000");
        machine.zone("intel-rapl:1", "package-1", bad);
        energy_meter meter;
        meter.open(machine.path().c_str(), 0);
        EXPECT_FALSE(meter.readable()) << bad;
        EXPECT_NE(meter.absent(), nullptr) << bad;
    }
}

TEST(energy, that_only_root_may_read_is_absent_and_says_so) {
    powercap machine;
    machine.zone("intel-rapl:0", "package-0", "1000");
    namespace fs = std::filesystem;
    fs::permissions(machine.path(), fs::perms::all);
    fs::permissions(machine.path() + "/intel-rapl:0/energy_uj", fs::perms::none);
    const child_end end = in_child([&] {
        if (::geteuid() == 0 && ::setuid(65534) != 0) {
            ::_exit(77);
        }
        energy_meter meter;
        meter.open(machine.path().c_str(), 0);
        EXPECT_FALSE(meter.readable());
        ASSERT_NE(meter.absent(), nullptr);
        EXPECT_NE(std::strstr(meter.absent(), "only privileged programs"), nullptr)
            << meter.absent();
    });
    if (end.exited_with(77)) {
        GTEST_SKIP() << "this machine lets nobody become another user";
    }
    EXPECT_TRUE(end.exited_with(0)) << end.errors;
}

TEST(energy, of_a_counter_that_fails_later_is_absent_until_it_is_back) {
    powercap machine;
    machine.zone("intel-rapl:0", "package-0", "1000000");
    energy_meter meter;
    meter.open(machine.path().c_str(), 0);
    machine.set("intel-rapl:0", "?");
    EXPECT_FALSE(meter.read(second));
    EXPECT_NE(meter.absent(), nullptr);
    machine.set("intel-rapl:0", "3000000");
    EXPECT_TRUE(meter.read(2 * second));
    EXPECT_EQ(meter.absent(), nullptr);
    EXPECT_DOUBLE_EQ(meter.joules(), 2) << "nothing is lost";
}

TEST(energy, leaves_errno_as_it_was) {
    powercap machine;
    machine.zone("intel-rapl:0", "package-0", "1000000");
    energy_meter meter;
    errno = ENOTTY;
    meter.open("/no/such/folder", 0);
    EXPECT_EQ(errno, ENOTTY);
    meter.open(machine.path().c_str(), 0);
    std::filesystem::remove(machine.path() + "/intel-rapl:0/energy_uj");
    EXPECT_FALSE(meter.read(second));
    EXPECT_EQ(errno, ENOTTY);
}

} // namespace
