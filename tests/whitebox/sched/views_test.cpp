// SPDX-License-Identifier: Apache-2.0
#include "sched/views.hpp"

#include "sched/job_state.hpp"
#include "twill/reducer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace views = twill::sched::views;
using twill::sched::job_state;
using text = twill::append_reducer<std::string>;

/// The thread counts as inside of a verb. At the end its views go into the reducers.
class inside_of_a_verb {
public:
    inside_of_a_verb() { twill::detail::hot().thread = this; }
    inside_of_a_verb(const inside_of_a_verb&) = delete;
    inside_of_a_verb& operator=(const inside_of_a_verb&) = delete;
    ~inside_of_a_verb() {
        views::end_outermost();
        EXPECT_EQ(twill::detail::hot().views, nullptr);
        twill::detail::hot().thread = nullptr;
    }
};

/// A strand that adds to a reducer, on top of the running one.
twill::detail::view_map* strand(text& to, const char* what) {
    twill::detail::view_map* outer = views::begin_strand();
    *to += what;
    return views::end_strand(outer);
}

TEST(views, merge_to_the_right) {
    text line(std::string("0"));
    {
        const inside_of_a_verb here;
        *line += "1";
        twill::detail::view_map* later = strand(line, "3");
        *line += "2";
        EXPECT_EQ(*line, "12");
        views::merge(later);
        EXPECT_EQ(*line, "123");
        views::merge(nullptr);
        EXPECT_EQ(*line, "123");
        EXPECT_EQ(line.take(), "123");
        EXPECT_EQ(*line, "");
        *line += "4";
    }
    EXPECT_EQ(*line, "04");
}

TEST(views, go_to_a_strand_that_has_none) {
    text line;
    {
        const inside_of_a_verb here;
        views::merge(strand(line, "ab"));
        EXPECT_EQ(*line, "ab");
    }
    EXPECT_EQ(*line, "ab");
}

TEST(views, of_strands_without_any_are_nothing) {
    const inside_of_a_verb here;
    EXPECT_EQ(views::end_strand(views::begin_strand()), nullptr);
    EXPECT_EQ(views::take(), nullptr);
    {
        text line;
        *line += "a"; // and the reducer takes its view along
    }
    EXPECT_EQ(views::take(), nullptr);
}

TEST(views, wait_in_a_list_in_the_order_in_which_they_came) {
    text line;
    twill::detail::atomic<twill::detail::view_map*> list{nullptr};
    {
        const inside_of_a_verb here;
        *line += "0";
        views::push(list, nullptr);
        for (const char* what : {"1", "2", "3", "4"}) {
            views::push(list, strand(line, what));
        }
        views::merge_list(list);
        EXPECT_EQ(*line, "01234");
        views::merge_list(list);
    }
    EXPECT_EQ(*line, "01234");
}

TEST(views, are_pushed_by_several_threads) {
    twill::sum_reducer<long> sum;
    twill::detail::atomic<twill::detail::view_map*> list{nullptr};
    std::vector<std::thread> threads;
    for (int k = 0; k < 4; ++k) {
        threads.emplace_back([&] {
            const inside_of_a_verb here;
            for (int round = 0; round < 1000; ++round) {
                twill::detail::view_map* outer = views::begin_strand();
                *sum += 1;
                views::push(list, views::end_strand(outer));
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    {
        const inside_of_a_verb here;
        views::merge_list(list);
        EXPECT_EQ(*sum, 4000);
    }
    EXPECT_EQ(*sum, 4000);
}

// Reducers come and go in the middle of a strand: the map keeps the others' views.
TEST(views, are_found_among_any_others) {
    std::mt19937 random(7);
    const inside_of_a_verb here;
    std::vector<std::unique_ptr<text>> lines;
    std::vector<std::string> expected;
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t which = lines.empty() ? 0 : random() % lines.size();
        const unsigned what = random() % 8;
        if (lines.empty() || (what < 2 && lines.size() < 60)) {
            lines.push_back(std::make_unique<text>());
            expected.emplace_back();
        } else if (what < 3) {
            lines[which].swap(lines.back());
            lines.pop_back();
            expected[which].swap(expected.back());
            expected.pop_back();
        } else if (what < 5) {
            **lines[which] += 'a';
            expected[which] += 'a';
        } else if (what < 6) {
            views::merge(strand(*lines[which], "bc"));
            expected[which] += "bc";
        } else {
            ASSERT_EQ(**lines[which], expected[which]) << step;
        }
    }
}

TEST(views, travel_with_the_end_of_a_job) {
    alignas(twill::detail::view_map) char somewhere[sizeof(twill::detail::view_map)];
    auto* map = reinterpret_cast<twill::detail::view_map*>(somewhere);
    for (const auto how : {job_state::tag::returned, job_state::tag::threw}) {
        const job_state with = job_state::ended(how, map);
        EXPECT_TRUE(with.done());
        EXPECT_EQ(with.what(), how);
        EXPECT_EQ(with.views(), map);
        EXPECT_EQ(job_state::ended(how, nullptr).views(), nullptr);
        EXPECT_EQ(job_state::ended(how, nullptr).what(), how);
    }
}

} // namespace
