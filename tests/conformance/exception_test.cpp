// SPDX-License-Identifier: Apache-2.0
// Exceptions: which one leaves a verb, when, and what becomes of the siblings.
#include "failures.hpp"
#include "support.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twill_test;

TEST(exceptions, leave_each_verb) {
    EXPECT_EQ(thrown_by([] { twill::parallel_invoke([] { fail("only"); }); }), "only");
    EXPECT_EQ(thrown_by([] { twill::parallel_invoke([] { fail("first"); }, [] {}); }), "first");
    EXPECT_EQ(thrown_by([] { twill::parallel_invoke([] {}, [] { fail("second"); }); }), "second");
    EXPECT_EQ(thrown_by([] { twill::parallel_invoke([] {}, [] {}, [] { fail("third"); }, [] {}); }),
              "third");
    EXPECT_EQ(thrown_by([] {
                  (void)twill::parallel_invoke([] { return counted(1); },
                                               []() -> counted { fail("value"); });
              }),
              "value");
    EXPECT_EQ(thrown_by([] {
                  (void)twill::parallel_invoke([]() -> counted { fail("value"); },
                                               [] { return counted(1); });
              }),
              "value");
    EXPECT_EQ(thrown_by([] {
                  twill::parallel_for(0, 100, [](int i) { i == 50 ? fail("for") : void(); });
              }),
              "for");
    const std::vector<int> values(1000);
    EXPECT_EQ(thrown_by([&] { twill::parallel_for_each(values, [](int) { fail("each"); }); }),
              "each");
    EXPECT_EQ(
        thrown_by([] { twill::parallel_for_blocks(0, 1000, [](int, int) { fail("blocks"); }); }),
        "blocks");
    EXPECT_EQ(counted::live(), 0);
}

TEST(exceptions, need_not_be_derived_from_anything) {
    EXPECT_THROW(twill::parallel_invoke([] { throw 42; }, [] {}), int);
    EXPECT_THROW(twill::parallel_for(0, 1000, [](int) { throw std::make_unique<int>(1); }),
                 std::unique_ptr<int>);
}

// With one worker the second has not begun when the first throws.
TEST(exceptions, of_the_first_drop_the_second) {
    twill::runtime alone{{.workers = 1}};
    bool begun = false;
    EXPECT_EQ(thrown_by([&] {
                  alone.run([&] {
                      twill::parallel_invoke([] { fail("first"); }, [&] { begun = true; });
                  });
              }),
              "first");
    EXPECT_FALSE(begun);
    const auto loop = [](std::atomic<int>& others) {
        twill::parallel_for(0, 1'000'000'000,
                            [&](int i) { i == 0 ? fail("element 0") : void(++others); });
    };
    std::atomic<int> others{0};
    EXPECT_EQ(thrown_by([&] { alone.run([&] { loop(others); }); }), "element 0");
    EXPECT_EQ(others, 0);
    EXPECT_EQ(thrown_by([&] { loop(others); }), "element 0");
    EXPECT_LT(others, 999'999'999); // others may have begun with some
}

/// Sets a flag when an exception passes.
struct tell {
    std::atomic<bool>& told;
    ~tell() { told = true; }
};

/// The second begins on another worker while the first runs, so that both throw: the later one
/// `pause` after the earlier one. Returns what was thrown, or "nobody came".
std::string thrown_by_both(bool first_is_earlier, std::chrono::milliseconds pause) {
    std::atomic<bool> second_begun{false};
    std::atomic<bool> thrown{false};
    std::atomic<bool> came{true};
    const auto wait = [&](const std::atomic<bool>& flag) {
        if (!eventually([&] { return flag.load(); })) {
            came = false;
        }
    };
    const auto throw_in_turn = [&](bool earlier, const char* name) {
        if (!earlier) {
            wait(thrown);
            std::this_thread::sleep_for(pause);
        }
        const tell when_it_passes{thrown};
        fail(name);
    };
    // After forks that nobody wanted, requests for work may wait for up to 64 us.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::string seen = thrown_by([&] {
        twill::parallel_invoke(
            [&] {
                wait(second_begun);
                throw_in_turn(first_is_earlier, "first");
            },
            [&] {
                second_begun = true;
                throw_in_turn(!first_is_earlier, "second");
            });
    });
    return came ? seen : "nobody came";
}

TEST(exceptions, the_first_in_time_wins) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    for (int round = 0; round < 10; ++round) {
        const bool first_is_earlier = round % 2 == 0;
        const std::string expected = first_is_earlier ? "first" : "second";
        // A thread may lose its core between the throw and the note of its time; not every time.
        std::string seen;
        for (int pause = 5; seen != expected && pause < 1000; pause *= 4) {
            seen = thrown_by_both(first_is_earlier, std::chrono::milliseconds(pause));
            ASSERT_NE(seen, "nobody came");
        }
        EXPECT_EQ(seen, expected);
    }
}

// All siblings that have begun have ended when the exception leaves, and what they hold is gone.
TEST(exceptions, leave_after_all_siblings_have_ended) {
    EXPECT_TRUE(repeat_until_stolen(scaled(200), [] {
        std::atomic<int> running{0};
        const auto sibling = [&](int steps) {
            ++running;
            const counted held(steps);
            keep(work(steps));
            --running;
        };
        EXPECT_EQ(thrown_by([&] {
                      twill::parallel_for(0, 2000, [&](int i) {
                          sibling(2000);
                          if (i == 3 || i == 1500) {
                              fail("one");
                          }
                      });
                  }),
                  "one");
        ASSERT_EQ(running, 0);
        EXPECT_EQ(thrown_by([&] {
                      twill::parallel_invoke(
                          [&] {
                              twill::parallel_for(0, 64, [&](int) { sibling(500); });
                              fail("one");
                          },
                          [&] { twill::parallel_for(0, 64, [&](int) { sibling(2000); }); });
                  }),
                  "one");
        ASSERT_EQ(running, 0);
        ASSERT_EQ(counted::live(), 0);
    }));
}

counted tree_with_failures(int depth, int failing) {
    if (depth == 0) {
        keep(work(300));
        if (failing == 0) {
            fail("leaf");
        }
        return counted(1);
    }
    // The failing leaf is numbered from the left; a negative number is no leaf of this tree.
    const int half = 1 << (depth - 1);
    auto [a, b] = twill::parallel_invoke(
        [=] { return tree_with_failures(depth - 1, failing < half ? failing : -1); },
        [=] { return tree_with_failures(depth - 1, failing - half); });
    return counted(a.number() + b.number());
}

TEST(exceptions, cross_nested_verbs) {
    int round = 0;
    EXPECT_TRUE(repeat_until_stolen(scaled(300), [&] {
        const int failing = (round++ * 37) % 257;
        if (failing < 256) {
            EXPECT_EQ(thrown_by([&] { (void)tree_with_failures(8, failing); }), "leaf");
        } else {
            EXPECT_EQ(tree_with_failures(8, failing).number(), 256);
        }
        ASSERT_EQ(counted::live(), 0);
    }));
    EXPECT_EQ(thrown_by([] {
                  twill::parallel_for(0, 10, [](int) {
                      twill::parallel_invoke([] {},
                                             [] {
                                                 (void)twill::parallel_reduce(
                                                     0, 100, 0,
                                                     [](int i) {
                                                         if (i == 70) {
                                                             fail("deep");
                                                         }
                                                         return i;
                                                     },
                                                     std::plus<>());
                                             });
                  });
              }),
              "deep");
}

TEST(exceptions, can_be_caught_and_followed_by_verbs_inside_tasks) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        std::atomic<int> caught{0};
        std::atomic<int> after{0};
        twill::parallel_for(0, 64, [&](int) {
            try {
                (void)tree_with_failures(3, 5);
            } catch (const std::runtime_error&) {
                ++caught;
                // A verb inside of a handler, whose exception is not its own.
                twill::parallel_for(0, 10, [&](int) { ++after; });
                EXPECT_NE(std::current_exception(), nullptr);
            }
            EXPECT_EQ(std::current_exception(), nullptr);
        });
        ASSERT_EQ(caught, 64);
        ASSERT_EQ(after, 640);
    }));
}

TEST(exceptions, by_the_ten_thousand_leave_the_runtime_as_it_was) {
    int caught = 0;
    const int rounds = 10'000;
    for (int round = 0; round < rounds; ++round) {
        caught += thrown_by([&] {
                      if (round % 2 == 0) {
                          (void)tree_with_failures(3, round % 8);
                      } else {
                          twill::parallel_for(
                              0, 20, [&](int i) { i == round % 20 ? fail("leaf") : void(); });
                      }
                  }) == "leaf"
                      ? 1
                      : 0;
    }
    EXPECT_EQ(caught, rounds);
    EXPECT_EQ(counted::live(), 0);
    EXPECT_EQ(tree_with_failures(6, -1).number(), 64);
}

/// Values that throw when they are moved, the one time that it is asked for.
struct throws_when_moved {
    explicit throws_when_moved(bool will) : will_throw(will) {}
    throws_when_moved(throws_when_moved&& other) : held(other.held), will_throw(other.will_throw) {
        if (will_throw) {
            fail("move");
        }
    }
    throws_when_moved& operator=(throws_when_moved&&) = delete;
    counted held{1};
    bool will_throw;
};

TEST(exceptions, of_a_value_that_is_moved_out_leave_too) {
    for (int round = 0; round < scaled(100); ++round) {
        EXPECT_EQ(thrown_by([] {
                      (void)twill::parallel_invoke([] { return throws_when_moved(false); },
                                                   [] { return throws_when_moved(true); });
                  }),
                  "move");
        EXPECT_EQ(thrown_by([] {
                      (void)twill::parallel_invoke([] { return throws_when_moved(true); },
                                                   [] { return throws_when_moved(false); },
                                                   [] { return counted(2); });
                  }),
                  "move");
        ASSERT_EQ(counted::live(), 0);
    }
}

} // namespace
