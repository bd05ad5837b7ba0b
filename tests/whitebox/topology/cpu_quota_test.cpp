// SPDX-License-Identifier: Apache-2.0
// CPU quotas read from made-up trees of control groups.
#include "topology/worker_count.hpp"

#include "support/folder.hpp"

#include <cerrno>
#include <string>

namespace {

using twill::testing_support::folder;
using twill::topology::cpu_quota;

/// The files that cpu_quota() reads, below a directory that stands for "/".
class machine : public folder {
public:
    void groups(const std::string& text) const { write("/proc/self/cgroup", text); }
    void mounts(const std::string& text) const { write("/proc/self/mountinfo", text); }
    void v2(const std::string& group, const std::string& cpu_max) const {
        write("/sys/fs/cgroup" + group + "/cpu.max", cpu_max);
    }
    void v1(const std::string& group, const std::string& quota, const std::string& period) const {
        write("/sys/fs/cgroup/cpu,cpuacct" + group + "/cpu.cfs_quota_us", quota);
        write("/sys/fs/cgroup/cpu,cpuacct" + group + "/cpu.cfs_period_us", period);
    }
    [[nodiscard]] double quota() const { return cpu_quota(path().c_str()); }
};

constexpr const char* ordinary_mounts = "22 27 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
                                        "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";

const std::string unified_mount =
    std::string(ordinary_mounts) +
    "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

const std::string v1_mount =
    std::string(ordinary_mounts) +
    "31 22 0:27 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory\n"
    "32 22 0:28 / /sys/fs/cgroup/cpuset rw shared:11 - cgroup cgroup rw,cpuset\n"
    "33 22 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup rw,cpu,cpuacct\n";

TEST(cpu_quota, of_the_own_group) {
    machine here;
    here.mounts(unified_mount);
    here.groups("0::/user.slice/job\n");
    here.v2("/user.slice/job", "300000 100000\n");
    EXPECT_EQ(here.quota(), 3);
}

TEST(cpu_quota, the_smallest_of_all_ancestors_counts) {
    machine here;
    here.mounts(unified_mount);
    here.groups("0::/a/b/c\n");
    here.v2("/a/b/c", "800000 100000\n");
    here.v2("/a/b", "150000 100000\n");
    here.v2("/a", "400000 100000\n");
    EXPECT_EQ(here.quota(), 1.5);
    here.v2("", "50000 100000\n"); // a container sees its own quota at the mount
    EXPECT_EQ(here.quota(), 0.5);
    here.v2("/other", "1000 100000\n");
    here.v2("/a/b/c/below", "1000 100000\n");
    EXPECT_EQ(here.quota(), 0.5);
}

TEST(cpu_quota, max_and_missing_files_are_none) {
    machine here;
    EXPECT_EQ(here.quota(), 0); // no files at all
    here.mounts(unified_mount);
    EXPECT_EQ(here.quota(), 0);
    here.groups("0::/a/b\n");
    EXPECT_EQ(here.quota(), 0);
    here.v2("/a/b", "max 100000\n");
    EXPECT_EQ(here.quota(), 0);
    here.v2("/a", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
    EXPECT_EQ(cpu_quota("/no/such/place"), 0);
}

TEST(cpu_quota, malformed_files_are_none_and_hide_no_other) {
    for (const char* bad :
         {"", "\n", "100000", "100000\n", "x 100000\n", "100000 x\n", "0 100000\n", "-1 100000\n",
          "100000 0\n", "100000 -5\n", "100000  100000\n", "nan 1\n", "inf 1\n", "1 nan\n",
          "1 inf\n", "100000x 100000\n", "+1 1\n"}) {
        machine here;
        here.mounts(unified_mount);
        here.groups("0::/a/b\n");
        here.v2("/a/b", bad);
        EXPECT_EQ(here.quota(), 0) << bad;
        here.v2("/a", "200000 100000\n");
        EXPECT_EQ(here.quota(), 2) << bad;
    }
}

TEST(cpu_quota, strange_lines_in_proc_are_passed_over) {
    machine here;
    here.groups("\n:\n::\nx\n12:pids:/p\n0::/a\n");
    here.mounts("\n - \nx - y\n30 22 - cgroup2\n" + unified_mount);
    here.v2("/a", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, a_line_without_its_end_is_still_a_line) {
    machine here;
    here.groups("0::/a");
    here.mounts("30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
    here.v2("/a", "200000 100000");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, a_mount_may_show_a_part_of_the_hierarchy) {
    machine here;
    here.mounts("30 22 0:26 /docker/4f /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
    here.groups("0::/docker/4f/job\n");
    here.v2("/job", "200000 100000\n");
    here.v2("", "700000 100000\n");
    EXPECT_EQ(here.quota(), 2);
    here.groups("0::/docker/4f\n"); // exactly what is shown
    EXPECT_EQ(here.quota(), 7);
    here.groups("0::/docker/4fa/job\n"); // the name only begins alike
    EXPECT_EQ(here.quota(), 7);
}

TEST(cpu_quota, a_path_outside_of_the_namespace_leaves_the_mount) {
    for (const char* outside : {"0::/..\n", "0::/../other\n", "0::/../../x/y\n", "0::/\n"}) {
        machine here;
        here.mounts(unified_mount);
        here.groups(outside);
        here.v2("", "250000 100000\n");
        here.v2("/other", "100000 100000\n");
        EXPECT_EQ(here.quota(), 2.5) << outside;
    }
}

TEST(cpu_quota, a_group_whose_name_begins_with_dots_is_a_group) {
    machine here;
    here.mounts(unified_mount);
    here.groups("0::/a/..b/c..\n");
    here.v2("/a/..b/c..", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, the_mount_that_shows_the_own_group_is_the_one_that_counts) {
    machine here;
    here.mounts("29 22 0:26 /other /mnt/part rw - cgroup2 cgroup2 rw\n" + unified_mount);
    here.groups("0::/a\n");
    here.write("/mnt/part/cpu.max", "100000 100000\n");
    here.v2("/a", "300000 100000\n");
    EXPECT_EQ(here.quota(), 3);
}

TEST(cpu_quota, a_group_that_was_removed_leaves_its_ancestors) {
    machine here;
    here.mounts(unified_mount);
    here.groups("0::/a/gone (deleted)\n");
    here.v2("/a", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, version_one) {
    machine here;
    here.mounts(v1_mount);
    here.groups("9:cpuset:/x\n5:cpu,cpuacct:/a/b\n1:name=systemd:/y\n");
    here.v1("/a/b", "-1\n", "100000\n");
    EXPECT_EQ(here.quota(), 0);
    here.v1("/a", "450000\n", "100000\n");
    EXPECT_EQ(here.quota(), 4.5);
    here.v1("/a/b", "10000\n", "5000\n");
    EXPECT_EQ(here.quota(), 2);
    here.v1("/x", "1000\n", "100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, version_one_in_a_container_that_sees_its_own_part) {
    machine here;
    here.mounts(
        "33 22 0:29 /docker/4f /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpuacct,cpu\n");
    here.groups("4:cpuacct,cpu:/docker/4f\n");
    here.v1("", "150000\n", "100000\n");
    EXPECT_EQ(here.quota(), 1.5);
}

TEST(cpu_quota, a_hybrid_of_both_versions) {
    machine here;
    here.mounts(v1_mount +
                "34 22 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n");
    here.groups("5:cpu,cpuacct:/a\n0::/u\n");
    here.v1("/a", "200000\n", "100000\n");
    EXPECT_EQ(here.quota(), 2);
    here.write("/sys/fs/cgroup/unified/u/cpu.max", "100000 100000\n"); // had it the controller
    EXPECT_EQ(here.quota(), 1);
}

TEST(cpu_quota, blanks_and_backslashes_in_mount_points) {
    machine here;
    here.mounts("30 22 0:26 /r\\134oot\\040x /my\\040groups\\011a\\134b rw - cgroup2 cgroup2 rw\n");
    here.groups("0::/r\\oot x/job\n");
    here.write("/my groups\ta\\b/job/cpu.max", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, what_is_no_escape_stays_as_it_is) {
    machine here;
    here.mounts("30 22 0:26 / /g\\9x\\-12\\04 rw - cgroup2 cgroup2 rw\n");
    here.groups("0::/\n");
    here.write("/g\\9x\\-12\\04/cpu.max", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, a_group_may_have_colons_in_its_name) {
    machine here;
    here.mounts(unified_mount);
    here.groups("0::/a:b:c\n");
    here.v2("/a:b:c", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, long_files_are_read_to_their_end) {
    machine here;
    std::string many;
    for (int k = 0; k < 2000; ++k) {
        many += "99 22 0:99 / /mnt/" + std::to_string(k) + " rw - tmpfs tmpfs rw\n";
    }
    here.mounts(many + unified_mount);
    here.groups("0::/a\n");
    here.v2("/a", "200000 100000\n");
    EXPECT_EQ(here.quota(), 2);
}

TEST(cpu_quota, errno_stays_as_it_was) {
    errno = ENOTTY;
    static_cast<void>(cpu_quota("/no/such/place"));
    EXPECT_EQ(errno, ENOTTY);
}

} // namespace
