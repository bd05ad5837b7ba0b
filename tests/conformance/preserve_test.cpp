// SPDX-License-Identifier: Apache-2.0
// What a thread has besides memory is as it was after a verb: errno and the floating-point
// environment, also where the verb published, was stolen from and slept.
#include "support.hpp"

#include <cerrno>
#include <cfenv>
#include <thread>

namespace {

using namespace twill_test;

int leaves(int depth) {
    if (depth == 0) {
        keep(work(500));
        return 1;
    }
    const auto [a, b] = twill::parallel_invoke([=] { return leaves(depth - 1); },
                                               [=] { return leaves(depth - 1); });
    return a + b;
}

TEST(preserve, errno_of_the_caller) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        errno = 77;
        const int count = leaves(6);
        ASSERT_EQ(errno, 77);
        ASSERT_EQ(count, 64);
        twill::parallel_for(0, 1000, [](int) { keep(work(100)); });
        ASSERT_EQ(errno, 77);
    }));
}

TEST(preserve, errno_of_a_thread_that_enters_for_the_first_time) {
    for (int round = 0; round < scaled(100); ++round) {
        std::thread([] {
            errno = 78;
            leaves(2);
            EXPECT_EQ(errno, 78);
        }).join();
    }
}

TEST(preserve, errno_of_tasks_across_their_joins) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::atomic<int> changed{0};
        twill::parallel_for(0, 50, [&](int i) {
            const int before = errno;
            errno = 1000 + i;
            leaves(4);
            changed += errno == 1000 + i ? 0 : 1;
            errno = before;
        });
        ASSERT_EQ(changed, 0);
    }));
}

TEST(preserve, rounding_mode_and_flags_of_the_caller) {
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST}) {
        EXPECT_TRUE(repeat_until_stolen(scaled(20), [mode] {
            fesetround(mode);
            feclearexcept(FE_ALL_EXCEPT);
            const auto self = std::this_thread::get_id();
            std::atomic<int> changed{0};
            twill::parallel_for(0, 100, [&](int) {
                keep(work(200));
                if (std::this_thread::get_id() == self) {
                    changed += fegetround() == mode ? 0 : 1;
                }
            });
            leaves(5);
            ASSERT_EQ(changed, 0);
            ASSERT_EQ(fegetround(), mode);
        }));
    }
}

// The runtime computes with doubles on the caller's thread; none of that may look like an error.
TEST(preserve, floating_point_errors_are_not_raised) {
    feclearexcept(FE_ALL_EXCEPT);
    leaves(4);
    EXPECT_EQ(fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW), 0);
}

} // namespace
