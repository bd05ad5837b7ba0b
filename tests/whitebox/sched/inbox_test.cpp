// SPDX-License-Identifier: Apache-2.0
#include "sched/inbox.hpp"

#include "sched/access.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

TEST(inbox, first_come_first_served) {
    scheduler owner(alone());
    inbox box;
    EXPECT_FALSE(box.waiting());
    EXPECT_EQ(box.pop(), nullptr);
    std::vector<thread_record*> guests;
    for (int k = 0; k < 100; ++k) {
        guests.push_back(owner.table().add(owner, true));
        box.push(*guests.back());
        EXPECT_TRUE(box.waiting());
    }
    for (thread_record* const guest : guests) {
        EXPECT_TRUE(box.waiting());
        EXPECT_EQ(box.pop(), guest);
    }
    EXPECT_FALSE(box.waiting());
    EXPECT_EQ(box.pop(), nullptr);
    EXPECT_FALSE(box.waiting());
}

TEST(inbox, a_ticket_that_was_counted_is_there) {
    constexpr std::uint32_t rounds = twill::testing_support::sanitized ? 5'000 : 50'000;
    constexpr std::uint32_t producers = 2;
    scheduler owner(alone());
    inbox box;
    std::vector<thread_record*> guests;
    for (std::uint32_t k = 0; k < producers; ++k) {
        guests.push_back(owner.table().add(owner, true));
        guests.back()->wake_word.store(1, detail::relaxed);
    }
    detail::atomic<std::uint32_t> served{0};
    std::vector<std::thread> threads;
    for (std::uint32_t k = 0; k < producers; ++k) {
        threads.emplace_back([&, k] {
            for (std::uint32_t n = 0; n < rounds; ++n) {
                guests[k]->wake_word.store(0, detail::relaxed);
                box.push(*guests[k]);
                while (guests[k]->wake_word.load(detail::acquire) == 0) {
                    detail::yield_slice(); // one ticket at a time, as a guest has
                }
            }
        });
    }
    for (int k = 0; k < 2; ++k) {
        threads.emplace_back([&] {
            while (served.load(detail::relaxed) < producers * rounds) {
                if (thread_record* const guest = box.pop(); guest != nullptr) {
                    served.fetch_add(1, detail::relaxed);
                    guest->wake_word.store(1, detail::release);
                } else {
                    detail::yield_slice();
                }
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    EXPECT_EQ(served.load(detail::relaxed), producers * rounds);
    EXPECT_FALSE(box.waiting());
}

} // namespace
