// SPDX-License-Identifier: Apache-2.0
// twill::deadline: what is late, that it is counted, and what is called.
#include "child_process.hpp"
#include "support.hpp"

#include <csignal>
#include <memory>
#include <stdexcept>

namespace {

using namespace twill_test;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using twill::priority;

class deadline : public testing::TestWithParam<int> {
protected:
    twill::runtime rt{{.workers = GetParam()}};

    std::uint64_t late(priority level = priority::normal) {
        return rt.load().since_start.response(level).late;
    }
};

TEST_P(deadline, is_kept_by_what_ends_in_time) {
    int calls = 0;
    EXPECT_EQ(rt.submit([] { return 3; }, twill::deadline(hours(1))).get(), 3);
    EXPECT_EQ(rt.submit([] { return 4; }, twill::deadline(steady_clock::now() + hours(1),
                                                          [&calls](nanoseconds) { ++calls; }))
                  .get(),
              4);
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(late(), 0U);
    EXPECT_EQ(rt.load().since_start.response(priority::normal).count, 2U);
}

TEST_P(deadline, calls_once_with_the_lateness_where_it_ended) {
    for (int round = 0; round < scaled(100); ++round) {
        int calls = 0;
        nanoseconds by{};
        std::thread::id ended_on;
        std::thread::id called_on;
        const auto due = steady_clock::now() - milliseconds(5);
        twill::future<int> one = rt.submit(
            [&ended_on] {
                ended_on = std::this_thread::get_id();
                return fib(5);
            },
            twill::deadline(due,
                            [&](nanoseconds late_by) {
                                ++calls;
                                by = late_by;
                                called_on = std::this_thread::get_id();
                            }),
            priority::high);
        ASSERT_EQ(one.get(), 5);
        ASSERT_EQ(calls, 1); // before the wait is over
        ASSERT_GE(by, milliseconds(5));
        ASSERT_LE(by, steady_clock::now() - due);
        ASSERT_EQ(ended_on, called_on);
        ASSERT_EQ(late(priority::high), static_cast<std::uint64_t>(round) + 1);
    }
    const twill::load_window load = rt.load().since_start;
    EXPECT_GE(load.response(priority::high).late_sum, scaled(100) * milliseconds(5));
    EXPECT_EQ(load.response(priority::normal).count, 0U);
}

TEST_P(deadline, counts_from_the_making_of_the_option) {
    const twill::deadline soon(milliseconds(2));
    EXPECT_LE(soon.time(), steady_clock::now() + milliseconds(2));
    EXPECT_TRUE(eventually([&] { return soon.passed() > nanoseconds(0); }));
    rt.submit([] {}, soon).get();
    rt.submit([] {}, twill::deadline(milliseconds(-1))).get();
    rt.submit([] {}, twill::deadline(std::chrono::seconds(0)), priority::normal).get();
    EXPECT_EQ(late(), 3U);
}

TEST_P(deadline, is_missed_by_what_throws_too) {
    bool called = false;
    twill::future<void> failed =
        rt.submit([] { throw std::runtime_error("inside"); },
                  twill::deadline(milliseconds(-1), [&called](nanoseconds) { called = true; }));
    EXPECT_THROW(failed.get(), std::runtime_error);
    EXPECT_TRUE(called);
    EXPECT_EQ(late(), 1U);
    EXPECT_EQ(rt.load().since_start.response(priority::normal).errors, 1U);
}

TEST_P(deadline, calls_what_uses_verbs_and_can_only_be_moved) {
    int sum = 0;
    rt.submit([] {}, priority::low,
              twill::deadline(milliseconds(-1), [&sum, ten = std::make_unique<int>(10)](
                                                    nanoseconds) { sum = fib(10) + *ten; }))
        .get();
    EXPECT_EQ(sum, 65);
}

TEST_P(deadline, leaves_no_callback_behind) {
    for (const auto due : {milliseconds(-1), milliseconds(3'600'000)}) {
        twill::future<void> kept = rt.submit(
            [] {}, twill::deadline(due, [one = counted(1)](nanoseconds) { keep(work(1)); }));
        static_cast<void>(rt.submit(
            [] {}, twill::deadline(due, [one = counted(2)](nanoseconds) { keep(work(1)); })));
        kept.get();
    }
    EXPECT_TRUE(eventually([] { return counted::live().load() == 0; }));
}

TEST_P(deadline, may_be_one_of_many) {
    std::atomic<std::uint64_t> calls{0};
    const int all = scaled(2000);
    on_threads(3, [&](int thread) {
        for (int k = 0; k < all; ++k) {
            static_cast<void>(
                rt.submit([] { keep(work(20)); }, thread == 0 ? priority::low : priority::high,
                          twill::deadline(k % 2 == 0 ? nanoseconds(-1) : nanoseconds(hours(1)),
                                          [&calls](nanoseconds) { ++calls; })));
        }
    });
    const auto expected = static_cast<std::uint64_t>(3 * all / 2);
    ASSERT_TRUE(eventually([&] { return calls == expected; }));
    rt.run([] {});
    ASSERT_TRUE(eventually([&] {
        const twill::load_window load = rt.load().since_start;
        return load.response(priority::low).count + load.response(priority::high).count ==
               static_cast<std::uint64_t>(3 * all);
    }));
    EXPECT_EQ(late(priority::low) + late(priority::high), expected);
    EXPECT_EQ(late(priority::low), static_cast<std::uint64_t>(all / 2));
}

INSTANTIATE_TEST_SUITE_P(workers, deadline, testing::Values(1, 2, 8));

TEST(deadline_callback, ends_the_program_if_it_throws) {
    const child_result child = run_child({"deadline_callback_throws"});
    EXPECT_FALSE(child.timed_out);
    EXPECT_EQ(child.signal, SIGABRT) << child.exit_code;
    EXPECT_NE(child.err.find("late"), std::string::npos) << child.err;
}

} // namespace
