// SPDX-License-Identifier: Apache-2.0
// task_group: what pending tasks take, and that it goes back.
#include "process.hpp"
#include "support.hpp"

namespace {

using namespace twill_test;

class task_group_memory : public testing::Test {
protected:
    void SetUp() override {
        if (address_sanitizer || thread_sanitizer) {
            GTEST_SKIP() << "sanitizers keep memory";
        }
    }

    static void use_once() { put_and_wait(1000); }

    static void put_and_wait(long tasks) {
        std::atomic<long> ran{0};
        twill::task_group group;
        for (long k = 0; k < tasks; ++k) {
            group.run([&ran, k] { ran += k >= 0 ? 1 : 0; });
        }
        group.wait();
        EXPECT_EQ(ran, tasks);
    }

    static constexpr long back_within = 8L << 10; // KiB
};

// A lone worker begins nothing before it waits.
TEST_F(task_group_memory, of_pending_tasks_is_96_bytes_each) {
    const long tasks = usual_or_long(1'000'000, 10'000'000);
    twill::runtime alone{{.workers = 1}};
    alone.run([&] {
        use_once();
        const long before = resident();
        {
            long ran = 0;
            twill::task_group group;
            for (long k = 0; k < tasks; ++k) {
                group.run([&ran, k] { ran += k >= 0 ? 1 : 0; });
            }
            EXPECT_EQ(ran, 0);
            EXPECT_LE(resident() - before, tasks * 96 / 1024 + 1024);
            group.wait();
            EXPECT_EQ(ran, tasks);
            EXPECT_LE(resident() - before, back_within);
        }
        EXPECT_LE(resident() - before, back_within);
    });
}

TEST_F(task_group_memory, is_back_after_a_wait_outside) {
    const long tasks = usual_or_long(1'000'000, 10'000'000);
    use_once();
    const long before = resident();
    put_and_wait(tasks);
    EXPECT_LE(resident() - before, back_within);
}

TEST_F(task_group_memory, is_back_after_a_wait_in_a_task) {
    const long tasks = usual_or_long(1'000'000, 10'000'000);
    twill::parallel_for(0, 4, [](int) { use_once(); });
    const long before = resident();
    twill::parallel_for(0, 4, [=](int) { put_and_wait(tasks / 4); });
    EXPECT_LE(resident() - before, back_within);
}

} // namespace
