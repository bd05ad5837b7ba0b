// SPDX-License-Identifier: Apache-2.0
// One owner and real thieves: every job is had once, by whoever got it.
#include "sched/deque.hpp"

#include "sched/jobs.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

constexpr std::uint32_t rounds = twill::testing_support::sanitized ? 3'000 : 60'000;
constexpr std::size_t most = 96;

/// A job with what its owner wrote into it, not atomic: publishing alone orders it.
struct loaded_job : job {
    std::uint32_t round = 0;
    detail::atomic<std::uint32_t> stolen_in{0};
};

class owner_and_thieves {
public:
    void thieve() {
        while (end_.load(detail::acquire) == 0) {
            const deque_word word = deque_.read(detail::acquire);
            if (word.count() == 0) {
                detail::pause();
                continue;
            }
            auto* const one = static_cast<loaded_job*>(deque_.oldest(word).one());
            if (deque_.take(word)) {
                EXPECT_EQ(one->round & deque_word::epoch_mask, word.epoch());
                steals_.fetch_add(1, detail::relaxed);
                one->stolen_in.store(one->round, detail::release);
            }
        }
    }

    /// Publishes in portions of changing size, then joins all from the newest on.
    void own() {
        std::vector<loaded_job> jobs(most);
        for (std::uint32_t round = 1; round <= rounds; ++round) {
            deque_.begin_root(round);
            const std::size_t count = 1 + round * 7 % most;
            for (std::size_t from = 0; from < count;) {
                const std::size_t end = std::min(count, from + 1 + round % 5);
                std::vector<job*> newest_first;
                for (std::size_t k = from; k < end; ++k) {
                    jobs[k].round = round;
                    newest_first.insert(newest_first.begin(), &jobs[k]);
                }
                deque_.publish(newest_first);
                from = end;
            }
            bool all_older_stolen = false;
            for (std::size_t k = count; k > 0; --k) {
                loaded_job& one = jobs[k - 1];
                if (deque_.take_back(&one)) {
                    ASSERT_FALSE(all_older_stolen);
                    ASSERT_NE(one.stolen_in.load(detail::acquire), round);
                    ++taken_back_;
                } else {
                    all_older_stolen = true;
                    while (one.stolen_in.load(detail::acquire) != round) {
                        detail::yield_slice();
                    }
                    ++missed_;
                }
            }
            ASSERT_TRUE(deque_.empty());
        }
    }

    void run(int thieves) {
        std::vector<std::thread> threads;
        for (int k = 0; k < thieves; ++k) {
            threads.emplace_back([this] { thieve(); });
        }
        own();
        end_.store(1, detail::release);
        for (std::thread& one : threads) {
            one.join();
        }
        EXPECT_EQ(steals_.load(detail::relaxed), missed_);
        EXPECT_GT(missed_, 0u) << "nothing was stolen: the test saw nothing";
    }

private:
    public_deque deque_;
    detail::atomic<std::uint32_t> end_{0};
    detail::atomic<std::uint64_t> steals_{0};
    std::uint64_t missed_ = 0;
    std::uint64_t taken_back_ = 0;
};

TEST(deque_stress, one_thief) { owner_and_thieves{}.run(1); }
TEST(deque_stress, three_thieves) { owner_and_thieves{}.run(3); }

} // namespace
