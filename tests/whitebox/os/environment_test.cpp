// SPDX-License-Identifier: Apache-2.0
#include "os/environment.hpp"

#include "support/child.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using twill::testing_support::child_end;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;
namespace os = twill::os;

/// What integer(), flag() or size() writes about `value`; checks that it is told once and that the
/// fallback is what comes back.
template <class Read, class Value>
std::string complaint(const char* value, Read read, Value fallback) {
    const child_end end = in_child([&] {
        ::setenv("TWILL_WORKERS", value, 1);
        EXPECT_EQ(read(), fallback) << value;
        EXPECT_EQ(read(), fallback) << value;
    });
    EXPECT_TRUE(end.exited_with(0)) << value;
    return end.errors;
}

std::string integer_complaint(const char* value) {
    return complaint(value, [] { return os::integer("TWILL_WORKERS", 1, 4096, 2); }, 2L);
}

std::string line_about(const std::string& shown) {
    return "TWILL_WORKERS: expected an integer from 1 to 4096, got \"" + shown + "\"; using 2\n";
}

constexpr std::size_t kibi = 1024;

std::string size_complaint(const char* value) {
    return complaint(
        value, [] { return os::size("TWILL_WORKERS", 64 * kibi, 64 * kibi * kibi * kibi, 8192); },
        std::size_t{8192});
}

std::string size_line_about(const std::string& shown) {
    return "TWILL_WORKERS: expected a size from 64K to 64G (bytes, or with K, M or G), got \"" +
           shown + "\"; using 8K\n";
}

TEST(environment, integer_reads_the_whole_range) {
    expect_silent_success([] {
        const auto read = [](const char* value, long low, long high) {
            ::setenv("TWILL_WORKERS", value, 1);
            return os::integer("TWILL_WORKERS", low, high, 77);
        };
        EXPECT_EQ(read("1", 1, 4096), 1);
        EXPECT_EQ(read("4096", 1, 4096), 4096);
        EXPECT_EQ(read("0012", 1, 4096), 12);
        EXPECT_EQ(read("-5", -5, 5), -5);
        EXPECT_EQ(read("9223372036854775807", 0, 9223372036854775807), 9223372036854775807);
        EXPECT_EQ(read("", 1, 4096), 77);
        ::unsetenv("TWILL_WORKERS");
        EXPECT_EQ(os::integer("TWILL_WORKERS", 1, 4096, 78), 78);
    });
}

TEST(environment, integer_refuses_what_is_out_of_range) {
    EXPECT_EQ(integer_complaint("-1"), line_about("-1"));
    EXPECT_EQ(integer_complaint("0"), line_about("0"));
    EXPECT_EQ(integer_complaint("4097"), line_about("4097"));
    EXPECT_EQ(integer_complaint("9223372036854775808"), line_about("9223372036854775808"));
    EXPECT_EQ(integer_complaint("-99999999999999999999"), line_about("-99999999999999999999"));
}

TEST(environment, integer_refuses_what_is_no_integer) {
    for (const char* value : {" 4", "4 ", "+4", "4x", "0x10", "1e2", "3.0", "-", "--1", "four"}) {
        EXPECT_EQ(integer_complaint(value), line_about(value));
    }
}

TEST(environment, a_line_holds_no_control_characters_and_ends) {
    EXPECT_EQ(integer_complaint("4\n5\t\x1b[2J"), line_about("4?5??[2J"));
    EXPECT_EQ(integer_complaint("\xc3\xa9"), line_about("??"));
    EXPECT_EQ(integer_complaint(std::string(64, 'x').c_str()), line_about(std::string(64, 'x')));
    EXPECT_EQ(integer_complaint(std::string(65, 'x').c_str()),
              line_about(std::string(64, 'x') + "..."));
    EXPECT_EQ(integer_complaint(std::string(100'000, 'x').c_str()),
              line_about(std::string(64, 'x') + "..."));
}

TEST(environment, each_variable_is_told_once) {
    const child_end end = in_child([] {
        ::setenv("TWILL_ONE", "x", 1);
        ::setenv("TWILL_TWO", "y", 1);
        for (int k = 0; k < 3; ++k) {
            os::integer("TWILL_ONE", 1, 2, 1);
            os::flag("TWILL_TWO");
            const std::string same = "TWILL_ONE"; // the name counts, not where it stands
            os::integer(same.c_str(), 1, 2, 1);
        }
    });
    EXPECT_EQ(end.errors, "TWILL_ONE: expected an integer from 1 to 2, got \"x\"; using 1\n"
                          "TWILL_TWO: expected 0 or 1, got \"y\"; using 0\n");
}

TEST(environment, a_flag_is_0_or_1) {
    expect_silent_success([] {
        EXPECT_FALSE(os::flag("TWILL_FLAG"));
        ::setenv("TWILL_FLAG", "", 1);
        EXPECT_FALSE(os::flag("TWILL_FLAG"));
        ::setenv("TWILL_FLAG", "0", 1);
        EXPECT_FALSE(os::flag("TWILL_FLAG"));
        ::setenv("TWILL_FLAG", "1", 1);
        EXPECT_TRUE(os::flag("TWILL_FLAG"));
    });
    for (const char* value : {"yes", "2", "01", " 1", "-1", "true"}) {
        EXPECT_EQ(complaint(
                      value, [] { return os::flag("TWILL_WORKERS"); }, false),
                  "TWILL_WORKERS: expected 0 or 1, got \"" + std::string(value) + "\"; using 0\n");
    }
}

constexpr const char* rules[] = {"uniform", "level"};

TEST(environment, a_choice_is_one_of_its_words) {
    expect_silent_success([] {
        const auto read = [](const char* value) {
            ::setenv("TWILL_STEAL", value, 1);
            return os::choice("TWILL_STEAL", rules, "uniform or level", 1);
        };
        EXPECT_EQ(read("uniform"), 0);
        EXPECT_EQ(read("level"), 1);
        EXPECT_EQ(read(""), 1);
        ::unsetenv("TWILL_STEAL");
        EXPECT_EQ(os::choice("TWILL_STEAL", rules, "uniform or level", 0), 0);
    });
    for (const char* value : {"Level", "levels", " level", "1"}) {
        EXPECT_EQ(
            complaint(
                value, [] { return os::choice("TWILL_WORKERS", rules, "uniform or level", 1); }, 1),
            "TWILL_WORKERS: expected uniform or level, got \"" + std::string(value) +
                "\"; using level\n");
    }
}

TEST(environment, a_size_takes_suffixes) {
    expect_silent_success([] {
        const auto read = [](const char* value, std::size_t high) {
            ::setenv("TWILL_STACK_SIZE", value, 1);
            return os::size("TWILL_STACK_SIZE", 0, high, 77);
        };
        constexpr std::size_t any = ~std::size_t{0};
        EXPECT_EQ(read("0", any), 0u);
        EXPECT_EQ(read("65536", any), 65536u);
        EXPECT_EQ(read("64K", any), 64 * kibi);
        EXPECT_EQ(read("64k", any), 64 * kibi);
        EXPECT_EQ(read("2M", any), 2 * kibi * kibi);
        EXPECT_EQ(read("2m", any), 2 * kibi * kibi);
        EXPECT_EQ(read("3G", any), 3 * kibi * kibi * kibi);
        EXPECT_EQ(read("3g", any), 3 * kibi * kibi * kibi);
        EXPECT_EQ(read("18446744073709551615", any), any);
        EXPECT_EQ(read("17179869183G", any), (std::size_t{17179869183u} << 30));
        EXPECT_EQ(read("", any), 77u);
    });
}

TEST(environment, a_size_out_of_range_or_none_is_told) {
    for (const char* value :
         {"63K", "65G", "18446744073709551616", "17179869184G", "99999999999999999999999", "K",
          "64T", "64KB", "64 K", "-64K", "+64K", " 64K", "1.5M", "big"}) {
        EXPECT_EQ(size_complaint(value), size_line_about(value));
    }
}

TEST(environment, errno_stays_as_it_was) {
    in_child([] {
        ::setenv("TWILL_WORKERS", "99999999999999999999", 1);
        ::setenv("TWILL_STACK_SIZE", "99999999999999999999", 1);
        errno = ENOTTY;
        os::integer("TWILL_WORKERS", 1, 4096, 1);
        EXPECT_EQ(errno, ENOTTY);
        os::size("TWILL_STACK_SIZE", 1, 4096, 1);
        EXPECT_EQ(errno, ENOTTY);
    });
    const child_end closed = in_child([] {
        ::setenv("TWILL_WORKERS", "x", 1);
        ::close(STDERR_FILENO);
        errno = ENOTTY;
        EXPECT_EQ(os::integer("TWILL_WORKERS", 1, 4096, 5), 5);
        EXPECT_EQ(errno, ENOTTY);
    });
    EXPECT_TRUE(closed.exited_with(0));
}

TEST(environment, a_privileged_program_reads_nothing) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can make a program setuid to another user";
    }
    char folder[] = "/tmp/twill-privileged-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    const std::string program = std::string(folder) + "/program";
    const std::string copy = std::string("cp " TWILL_PRIVILEGED_PROGRAM " ") + program;
    ASSERT_EQ(std::system(copy.c_str()), 0); // NOLINT(concurrency-mt-unsafe): no other thread
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chmod(folder, 0755), 0);
    ASSERT_EQ(::chown(program.c_str(), nobody, nobody), 0);
    ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
    const child_end end = in_child([&] {
        ::setenv("TWILL_WORKERS", "3", 1);
        ::execl(program.c_str(), "program", nullptr);
        ::_exit(101);
    });
    ::unlink(program.c_str());
    ::rmdir(folder);
    if (end.exited_with(100)) {
        GTEST_SKIP() << "the file system ignores setuid";
    }
    EXPECT_TRUE(end.exited_with(7)) << end.status << ' ' << end.errors;
}

} // namespace
