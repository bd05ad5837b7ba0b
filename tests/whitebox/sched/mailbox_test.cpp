// SPDX-License-Identifier: Apache-2.0
#include "sched/mailbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace {

using twill::sched::mailboxes;
using twill::sched::post;
using twill::topology::node_map;

post to(std::uint32_t place) { return {nullptr, place, 0, {}}; }

TEST(mailbox, holds_one_post_that_one_taker_gets) {
    const node_map nodes(std::vector<int>{0, 0, 1, 1});
    mailboxes mail(nodes);
    post first = to(1);
    post second = to(1);
    EXPECT_FALSE(mail.any());
    EXPECT_EQ(mail.take(1), nullptr);
    EXPECT_TRUE(mail.put(first));
    EXPECT_FALSE(mail.put(second));
    EXPECT_TRUE(mail.any());
    EXPECT_EQ(mail.take(0), nullptr);
    EXPECT_EQ(mail.take(1), &first);
    EXPECT_FALSE(mail.any());
    EXPECT_FALSE(mail.take_back(first));
    EXPECT_TRUE(mail.put(second));
    EXPECT_TRUE(mail.take_back(second));
    EXPECT_FALSE(mail.any());
    EXPECT_EQ(mail.take_any(1, 0), nullptr);
}

TEST(mailbox, is_found_on_the_own_node_first) {
    std::vector<int> node_of_place(200);
    for (std::size_t k = 0; k < 200; ++k) {
        node_of_place[k] = k < 100 ? 3 : 7;
    }
    const node_map nodes(node_of_place);
    mailboxes mail(nodes);
    for (std::uint64_t start = 0; start < 256; start += 5) {
        post near = to(static_cast<std::uint32_t>(start % 100));
        post far = to(static_cast<std::uint32_t>(100 + start % 100));
        EXPECT_TRUE(mail.put(near));
        EXPECT_TRUE(mail.put(far));
        EXPECT_EQ(mail.take_any(150, start), &far);
        EXPECT_EQ(mail.take_any(150, start), &near);
        EXPECT_EQ(mail.take_any(150, start), nullptr);
        EXPECT_FALSE(mail.any());
    }
}

TEST(mailbox, a_full_one_is_named_on_the_own_node_first) {
    std::vector<int> node_of_place(200);
    for (std::size_t k = 0; k < 200; ++k) {
        node_of_place[k] = k % 2 == 0 ? 3 : 7;
    }
    const node_map nodes(node_of_place);
    mailboxes mail(nodes);
    EXPECT_EQ(mail.full_near(-1), -1);
    EXPECT_EQ(mail.full_near(4), -1);
    post odd = to(151);
    EXPECT_TRUE(mail.put(odd));
    for (const int near : {-1, 0, 3, 199}) {
        EXPECT_EQ(mail.full_near(near), 151);
    }
    post even = to(198);
    EXPECT_TRUE(mail.put(even));
    EXPECT_EQ(mail.full_near(0), 198);
    EXPECT_EQ(mail.full_near(1), 151);
    EXPECT_TRUE(mail.take_back(odd)); // its bit stays
    EXPECT_EQ(mail.full_near(1), 198);
    EXPECT_TRUE(mail.take_back(even));
    EXPECT_EQ(mail.full_near(1), -1);
}

TEST(mailbox, gives_each_post_to_one_of_takers_and_putter) {
    const node_map nodes(std::vector<int>{0, 0, 1, 1});
    mailboxes mail(nodes);
    constexpr int rounds = 20'000;
    std::atomic<int> taken = 0;
    std::atomic<bool> ends = false;
    std::vector<std::thread> takers;
    for (std::uint32_t place = 0; place < 2; ++place) {
        takers.emplace_back([&, place] {
            for (std::uint64_t start = 0; !ends; ++start) {
                const post* const one = place == 0 ? mail.take(2) : mail.take_any(place, start * 7);
                taken += one != nullptr ? 1 : 0;
            }
        });
    }
    int back = 0;
    for (int round = 0; round < rounds; ++round) {
        std::array<post, 4> posts{to(0), to(1), to(2), to(3)};
        for (post& one : posts) {
            EXPECT_TRUE(mail.put(one));
        }
        for (post& one : posts) {
            back += mail.take_back(one) ? 1 : 0;
        }
    }
    ends = true;
    for (std::thread& one : takers) {
        one.join();
    }
    EXPECT_EQ(taken + back, 4 * rounds);
    EXPECT_FALSE(mail.any());
}

} // namespace
