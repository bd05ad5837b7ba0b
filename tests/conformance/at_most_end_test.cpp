// SPDX-License-Identifier: Apache-2.0
// twill::at_most(n): exceptions and stops end a limited call as they end any other.
#include "support.hpp"

#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

namespace {

using namespace twill_test;
using twill::at_most;
using twill::outcome;

constexpr int limits[] = {1, 2, 3, 1000};

TEST(at_most_end, throws_the_first_and_drops_what_has_not_begun) {
    for (const int limit : limits) {
        for (const int count : {60, 20'000}) {
            std::atomic<int> begun{0};
            std::atomic<int> ended{0};
            const auto body = [&](int i) {
                ++begun;
                keep(work(500));
                if (i == 20) {
                    ++ended;
                    throw std::runtime_error("20");
                }
                ++ended;
                return counted(i);
            };
            const auto add = [](counted a, counted b) { return counted(a.number() + b.number()); };
            EXPECT_THROW(twill::parallel_for(0, count, body, at_most(limit)), std::runtime_error);
            EXPECT_EQ(begun, ended);
            EXPECT_LT(begun, count == 60 ? 61 : count);
            EXPECT_THROW(twill::parallel_reduce(0, count, counted(0), body, add, at_most(limit)),
                         std::runtime_error);
            EXPECT_EQ(begun, ended);
            EXPECT_EQ(counted::live(), 0);
        }
        int calls = 0;
        EXPECT_THROW(twill::parallel_invoke([] { throw std::out_of_range("first"); },
                                            [&] { ++calls; }, at_most(limit)),
                     std::out_of_range);
        EXPECT_LE(calls, limit - 1);
    }
}

TEST(at_most_end, throws_what_a_combination_throws) {
    for (const int limit : limits) {
        EXPECT_THROW(twill::parallel_reduce(
                         0, 1000, std::string(), [](int i) { return std::to_string(i); },
                         [](const std::string&, const std::string&) -> std::string {
                             throw std::length_error("combine");
                         },
                         at_most(limit)),
                     std::length_error);
    }
}

TEST(at_most_end, stops_with_the_token) {
    for (const int limit : limits) {
        for (const int count : {60, 20'000}) {
            std::stop_source source;
            std::atomic<int> begun{0};
            const auto body = [&](int i) {
                ++begun;
                keep(work(500));
                if (i == 3) {
                    source.request_stop();
                }
                return i;
            };
            const outcome ended =
                twill::parallel_for(0, count, body, at_most(limit), source.get_token());
            EXPECT_EQ(ended == outcome::completed, begun == count);
            EXPECT_EQ(twill::parallel_for(0, count, body, at_most(limit), source.get_token()),
                      outcome::stopped);
            EXPECT_EQ(twill::parallel_reduce(0, count, 0, body, std::plus<>(), at_most(limit),
                                             source.get_token()),
                      std::nullopt);
            EXPECT_EQ(twill::parallel_invoke([] {}, [] {}, at_most(limit), source.get_token()),
                      outcome::stopped);
            EXPECT_EQ(twill::parallel_for(0, 0, body, at_most(limit), source.get_token()),
                      outcome::completed);
        }
    }
}

TEST(at_most_end, completes_when_the_last_element_stops) {
    for (int round = 0; round < scaled(200); ++round) {
        for (const int limit : limits) {
            for (const int count : {1, 10, 64, 1000}) {
                std::stop_source source;
                std::atomic<int> calls{0};
                const auto body = [&](int) {
                    if (++calls == count) {
                        source.request_stop();
                    }
                    return 1;
                };
                ASSERT_EQ(twill::parallel_for(0, count, body, at_most(limit), source.get_token()),
                          outcome::completed);
                calls = 0;
                source = std::stop_source();
                ASSERT_EQ(twill::parallel_reduce(0, count, 0, body, std::plus<>(), at_most(limit),
                                                 source.get_token()),
                          count);
            }
        }
    }
}

} // namespace
