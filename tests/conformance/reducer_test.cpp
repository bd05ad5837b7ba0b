// SPDX-License-Identifier: Apache-2.0
// Reducers: many of them, those of tasks, operations of all kinds, exceptions and ends.
#include "child_process.hpp"
#include "ordered_lists.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <limits>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twill_test;

TEST(reducer, may_be_there_by_the_hundred) {
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [] {
        std::vector<std::unique_ptr<int_list>> lists;
        for (int k = 0; k < 300; ++k) {
            lists.push_back(std::make_unique<int_list>(ints{-1}));
            if (k % 7 == 3) {
                lists.erase(lists.begin() + k / 2);
            }
        }
        twill::parallel_for(0, 20'000, [&](int i) {
            keep(work(20));
            (*lists[static_cast<std::size_t>(i) * 31 % lists.size()])->push_back(i);
        });
        std::size_t all = 0;
        for (const auto& list : lists) {
            ASSERT_EQ((*list)->front(), -1);
            ASSERT_TRUE(std::is_sorted((*list)->begin(), (*list)->end()));
            all += (*list)->size();
        }
        ASSERT_EQ(all, 20'000 + lists.size());
    }));
}

// Reducers of tasks, used by the tasks' own verbs, beside one of the whole.
TEST(reducer, may_be_local_to_a_task) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        int_list all;
        twill::parallel_for(0, 20, [&](int i) {
            int_list mine(ints{i * 100});
            twill::sum_reducer<int> sum;
            twill::parallel_for(1, 100, [&](int k) {
                keep(work(100));
                mine->push_back(i * 100 + k);
                *sum += k;
            });
            EXPECT_EQ(*sum, 4950);
            EXPECT_EQ(mine->size(), 100U);
            const ints taken = mine.take();
            EXPECT_TRUE(mine->empty());
            twill::parallel_for(0, 10, [&](int k) { mine->push_back(k); });
            EXPECT_EQ(*mine, first_numbers(10));
            all->insert(all->end(), taken.begin(), taken.end());
        });
        ASSERT_EQ(*all, first_numbers(2000));
    }));
}

TEST(reducer, may_leave_the_task_that_made_it) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::unique_ptr<int_list> outer;
        twill::parallel_invoke(
            [&] {
                auto [a, b] = twill::parallel_invoke(
                    [] {
                        keep(work(3000));
                        return std::make_unique<int_list>();
                    },
                    [] {
                        auto made = std::make_unique<int_list>(ints{0, 1});
                        append_by_forks(*made, 2, 20, 200);
                        return made;
                    });
                append_by_forks(*b, 20, 40, 200);
                EXPECT_EQ(**b, first_numbers(40));
                EXPECT_TRUE((*a)->empty());
                outer = std::move(b);
            },
            [] { keep(work(500)); });
        ASSERT_EQ(**outer, first_numbers(40));
    }));
}

// The view of a strand stays where it is while parts of it run elsewhere and are joined.
TEST(reducer, has_views_that_stay_in_place) {
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        int_list list;
        twill::parallel_invoke(
            [&] {
                ints& view = list.view();
                for (int k = 0; k < 10; ++k) {
                    view.push_back(k * 10);
                    append_by_forks(list, k * 10 + 1, k * 10 + 10, 500);
                    EXPECT_EQ(&list.view(), &view);
                }
            },
            [&] { list->push_back(100); });
        ASSERT_EQ(*list, first_numbers(101));
    }));
}

TEST(reducer, adds_and_finds_extremes) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        twill::sum_reducer<short> sum;
        twill::min_reducer<double> least;
        twill::max_reducer<int> largest;
        twill::append_reducer<std::string> text;
        twill::append_reducer<std::list<int>> list;
        EXPECT_GT(*least, 1e300);
        EXPECT_EQ(*largest, std::numeric_limits<int>::lowest());
        twill::parallel_for(0, 1000, [&](int i) {
            keep(work(50));
            const int value = (i * 7919 + 13) % 1009;
            *sum = static_cast<short>(*sum + i % 3);
            *least = std::min(*least, value + 0.5);
            *largest = std::max(*largest, value);
            *text += static_cast<char>('a' + i % 26);
            list->push_back(i);
        });
        EXPECT_EQ(*sum, 999);
        EXPECT_EQ(*largest, 1008);
        EXPECT_LT(*least, 10);
        std::string alphabet;
        for (int i = 0; i < 1000; ++i) {
            alphabet += static_cast<char>('a' + i % 26);
        }
        EXPECT_EQ(*text, alphabet);
        EXPECT_TRUE(std::equal(list->begin(), list->end(), first_numbers(1000).begin()));
    }));
}

/// Sums by verbs of its own, and counts how often in another reducer.
struct sum_by_verbs {
    using value_type = std::vector<long>;
    twill::sum_reducer<int>* calls;
    [[nodiscard]] static value_type identity() { return value_type(200); }
    void combine(value_type& earlier, const value_type& later) const {
        twill::parallel_for(std::size_t{0}, earlier.size(), [&](std::size_t k) {
            keep(work(100));
            earlier[k] += later[k];
        });
        **calls += 1;
    }
};

TEST(reducer, takes_operations_that_contain_verbs) {
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [] {
        twill::sum_reducer<int> calls;
        twill::reducer<sum_by_verbs> sums(sum_by_verbs{&calls});
        twill::parallel_for(0, 2000, [&](int i) {
            keep(work(200));
            (*sums)[static_cast<std::size_t>(i) % 200] += i;
        });
        for (std::size_t k = 0; k < 200; ++k) {
            ASSERT_EQ((*sums)[k], 10 * static_cast<long>(k) + 9000);
        }
        ASSERT_GE(*calls, 1); // that of the verb's end
    }));
}

TEST(reducer, keeps_what_was_added_before_an_exception) {
    const long before = counted::live();
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        twill::append_reducer<std::vector<counted>> list;
        std::atomic<int> added{0};
        EXPECT_THROW(twill::parallel_for(0, 1000,
                                         [&](int i) {
                                             keep(work(100));
                                             list->emplace_back(i);
                                             ++added;
                                             if (i == 600 || i == 300) {
                                                 throw std::runtime_error("enough");
                                             }
                                         }),
                     std::runtime_error);
        ASSERT_EQ(list->size(), static_cast<std::size_t>(added));
        for (std::size_t k = 1; k < list->size(); ++k) {
            ASSERT_LT((*list)[k - 1].number(), (*list)[k].number());
        }
    }));
    EXPECT_EQ(counted::live(), before);
}

/// Throws where a 13 is combined to the right of something.
struct afraid_of_13 {
    using value_type = std::vector<counted>;
    static value_type identity() { return {}; }
    static void combine(value_type& earlier, value_type&& later) {
        for (const counted& one : later) {
            if (one.number() == 13) {
                throw std::domain_error("13");
            }
            earlier.push_back(one);
        }
    }
};

TEST(reducer, throws_what_an_operation_threw) {
    const long before = counted::live();
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        twill::reducer<afraid_of_13> numbers;
        twill::reducer<afraid_of_13> others;
        twill::parallel_for(0, 100, [&](int i) {
            keep(work(500));
            try {
                numbers->emplace_back(i);
            } catch (const std::domain_error&) {
                keep(work(10)); // it has happened on another thread
            }
            others->emplace_back(100 + i);
        });
        for (int k = 0; k < 3; ++k) {
            EXPECT_THROW((void)numbers.view(), std::domain_error);
            EXPECT_THROW((void)numbers.take(), std::domain_error);
        }
        ASSERT_EQ(others->size(), 100U);
    }));
    EXPECT_EQ(counted::live(), before);
}

// In the task that it is local to, the next access throws.
TEST(reducer, throws_inside_of_tasks) {
    const long before = counted::live();
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        std::atomic<int> thrown{0};
        twill::parallel_for(0, 10, [&](int) {
            twill::reducer<afraid_of_13> numbers;
            const auto home = std::this_thread::get_id();
            std::atomic<bool> moved{false};
            auto& mine = numbers.view();
            twill::parallel_invoke([&] { keep(work(5000)); },
                                   [&] {
                                       moved = std::this_thread::get_id() != home;
                                       numbers->emplace_back(13);
                                   });
            EXPECT_EQ(mine.size(), moved ? 0U : 1U);
            if (moved) {
                EXPECT_THROW((void)numbers.view(), std::domain_error);
                ++thrown;
            } else {
                EXPECT_EQ(numbers->size(), 1U);
            }
        });
    }));
    EXPECT_EQ(counted::live(), before);
}

struct without_identity {
    using value_type = int;
    bool refuses;
    [[nodiscard]] int identity() const {
        return refuses ? throw std::runtime_error("no identity") : 0;
    }
    static void combine(int& earlier, int later) { earlier += later; }
};

TEST(reducer, throws_what_its_identity_throws) {
    EXPECT_THROW(twill::reducer<without_identity>(without_identity{true}), std::runtime_error);
    twill::reducer<without_identity> sum(5, without_identity{true});
    *sum += 1;
    EXPECT_THROW(twill::parallel_for(0, 10, [&](int i) { *sum += i; }), std::runtime_error);
    EXPECT_EQ(*sum, 6);
}

// A section is outside of the runtime, and still a part of its task.
TEST(reducer, is_the_tasks_in_its_sections) {
    EXPECT_TRUE(repeat_until_stolen(scaled(20), [] {
        int_list all;
        twill::sum_reducer<int> sum;
        twill::parallel_for(0, 200, [&](int i) {
            keep(work(100));
            twill::blocking([&] {
                all->push_back(i);
                twill::parallel_for(0, 10, [&](int k) { *sum += k; });
                const twill::sum_reducer<int>::value_type mine = *twill::sum_reducer<int>(i);
                EXPECT_EQ(mine, i);
            });
        });
        EXPECT_EQ(all.take(), first_numbers(200));
        EXPECT_EQ(*sum, 200 * 45);
    }));
}

// Whoever waits for a submission has joined it, whichever thread has run it.
TEST(reducer, has_what_submissions_added_once_they_are_waited_for) {
    twill::runtime two{{.workers = 2}};
    for (int round = 0; round < scaled(50); ++round) {
        two.run([&] {
            twill::sum_reducer<int> sum(5);
            std::atomic<bool> begun{false};
            auto elsewhere = two.submit([&] {
                begun = true;
                *sum += 7;
            });
            ASSERT_TRUE(eventually([&] { return begun.load(); }));
            elsewhere.get();
            EXPECT_EQ(*sum, 12);
            two.submit([&] { *sum += 30; }).get();
            EXPECT_EQ(*sum, 42);
        });
    }
    twill::sum_reducer<int> sum;
    auto first = two.submit([&] { *sum += 1; });
    auto second = two.submit([&] { *sum += 2; });
    first.wait();
    EXPECT_TRUE(second.wait_for(std::chrono::minutes(2)));
    EXPECT_EQ(*sum, 3);
}

TEST(reducer, has_what_submissions_added_whose_futures_are_gone) {
    twill::sum_reducer<int> sum;
    {
        twill::runtime two{{.workers = 2}};
        for (int k = 0; k < 100; ++k) {
            static_cast<void>(two.submit([&] { *sum += 1; }));
        }
    }
    EXPECT_EQ(*sum, 100);
}

TEST(reducer, has_what_tasks_of_a_group_added) {
    twill::sum_reducer<int> sum;
    twill::parallel_for(0, 10, [&](int) {
        twill::sum_reducer<int> mine(1);
        twill::task_group group;
        for (int k = 0; k < 100; ++k) {
            group.run([&] {
                keep(work(100));
                *mine += 1;
                *sum += 1;
            });
        }
        group.wait();
        EXPECT_EQ(*mine, 101);
    });
    EXPECT_EQ(*sum, 1000);
}

TEST(reducer, must_outlive_its_views) {
    if (twill::worker_count() == 1) {
        GTEST_SKIP() << "one worker";
    }
    const child_result child = run_child({"reducer_destroyed_too_early"}, {"TWILL_WORKERS=2"});
    EXPECT_EQ(child.signal, SIGABRT);
    EXPECT_EQ(child.err, "twill: a reducer is destroyed while tasks that have used it are not "
                         "joined: it must outlive the verbs that use it\n");
}

TEST(reducer, may_be_static) {
    const child_result child = run_child({"reducer_in_statics"});
    EXPECT_EQ(child.exit_code, 0) << child.signal;
    EXPECT_EQ(child.out, "ABCDEabcde\n");
    EXPECT_EQ(child.err, "");
}

} // namespace
