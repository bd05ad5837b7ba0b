// SPDX-License-Identifier: Apache-2.0
// Asking and answering: a flag that was set is answered by the owner's next poll, whatever runs at
// the same time.
#include "sched/access.hpp"
#include "support/sanitizers.hpp"
#include "twill/detail/atomic.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

bool limit_is_raised() { return detail::hot().limit.load(detail::relaxed) == detail::attention; }

/// A fork that polls, and whatever was published by that taken back.
void fork_and_join(scheduler& owner, thread_record& self) {
    job one{};
    one.link = detail::link_to(nullptr);
    if (detail::poll_below(&one, detail::hot().limit)) {
        owner.poll(self, &one);
    }
    if (detail::is_marked(one)) {
        EXPECT_TRUE(owner.join(self, one));
    }
}

TEST(request, sets_a_flag_and_raises_the_limit) {
    scheduler owner(alone());
    const visit guest(owner);
    thread_record& self = guest.record();
    EXPECT_FALSE(limit_is_raised());
    owner.arm(self);
    EXPECT_EQ(self.requests.load(detail::relaxed), want_work);
    EXPECT_TRUE(limit_is_raised());
    fork_and_join(owner, self);
    EXPECT_EQ(self.requests.load(detail::relaxed), 0u);
    EXPECT_FALSE(limit_is_raised());
#if !defined(TWILL_ADDRESS_SANITIZER) // whose fake stack is outside of the known bounds
    EXPECT_EQ(detail::hot().limit.load(detail::relaxed), self.overflow_limit);
#endif
}

TEST(request, a_second_asker_leaves_the_limit_alone) {
    scheduler owner(alone());
    const visit guest(owner);
    owner.arm(guest.record());
    detail::hot().limit.store(guest.record().overflow_limit, detail::relaxed);
    owner.arm(guest.record());
    EXPECT_FALSE(limit_is_raised()) << "its line belongs to the owner's forks";
}

TEST(request, on_a_stack_that_the_user_brought_only_requests_count) {
    scheduler owner(alone());
    const visit guest(owner);
    const auto elsewhere = std::make_unique<job>();
    elsewhere->link = detail::link_to(nullptr);
    owner.arm(guest.record());
    owner.poll(guest.record(), elsewhere.get());
    EXPECT_TRUE(detail::is_marked(*elsewhere));
    EXPECT_EQ(detail::hot().limit.load(detail::relaxed), 0u);
    EXPECT_TRUE(owner.join(guest.record(), *elsewhere));
}

TEST(request, to_a_guest_that_left_is_lost_on_purpose) {
    scheduler owner(alone());
    thread_record* record = nullptr;
    {
        const visit guest(owner);
        record = &guest.record();
    }
    owner.arm(*record); // nobody's limit is touched: `hot` is null
    EXPECT_EQ(record->requests.load(detail::relaxed), want_work);
    EXPECT_EQ(record->ringing.load(detail::relaxed), 0u);
}

TEST(request, none_is_lost_among_many_askers) {
    constexpr std::uint32_t askers = 3;
    constexpr std::uint32_t each = twill::testing_support::sanitized ? 500 : 5'000;
    scheduler owner(alone());
    scheduler_test::longest_back_off(owner) = 0;
    const visit guest(owner);
    thread_record& self = guest.record();
    detail::atomic<std::uint32_t> ended{0};
    std::vector<std::thread> threads;
    for (std::uint32_t k = 0; k < askers; ++k) {
        threads.emplace_back([&] {
            for (std::uint32_t n = 0; n < each; ++n) {
                owner.arm(self);
                // For ever, if the flag stands under a limit that nobody raised.
                while ((self.requests.load(detail::acquire) & want_work) != 0) {
                    detail::yield_slice();
                }
            }
            ended.fetch_add(1, detail::release);
        });
    }
    while (ended.load(detail::acquire) < askers) {
        for (int k = 0; k < 64; ++k) {
            fork_and_join(owner, self);
        }
        detail::yield_slice(); // there may be fewer cores than threads
    }
    for (std::thread& one : threads) {
        one.join();
    }
}

TEST(request, guests_come_and_go_while_others_ring) {
    constexpr int visits = twill::testing_support::sanitized ? 300 : 2'000;
    scheduler owner(alone());
    thread_record& record = *owner.table().add(owner, true);
    detail::atomic<std::uint32_t> end{0};
    std::thread asker([&] {
        while (end.load(detail::acquire) == 0) {
            owner.arm(record);
            record.requests.fetch_and(~std::uint32_t{want_work}, detail::seq_cst);
        }
    });
    for (int k = 0; k < visits; ++k) {
        // The hot state goes away with its thread: a late ring would write into freed memory.
        const auto gone = std::make_unique<detail::hot_state>();
        record.hot.store(gone.get(), detail::seq_cst);
        detail::yield_slice();
        record.hot.store(nullptr, detail::seq_cst);
        while (record.ringing.load(detail::seq_cst) != 0) {
            detail::yield_slice();
        }
    }
    end.store(1, detail::release);
    asker.join();
}

} // namespace
