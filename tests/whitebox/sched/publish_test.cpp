// SPDX-License-Identifier: Apache-2.0
// Private lists of every length become public oldest first, and every job comes back to its owner
// or goes to a thief, once.
#include "sched/access.hpp"
#include "sched/jobs.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

constexpr std::uint32_t batch = 64;

job_state state_of(const job& one) { return {one.state.load(detail::relaxed)}; }

class publishing : public testing::Test {
protected:
    /// What a test leaves public or marked goes away before the guest leaves.
    void TearDown() override {
        while (steal_oldest(deque()) != nullptr) {
        }
        self().sentinels.clear();
        self().first_sentinel = 0;
    }

    std::uint32_t publish(job* newest) { return scheduler_test::publish(owner_, self(), newest); }
    thread_record& self() { return guest_.record(); }
    public_deque& deque() { return self().deque; }
    bool join(job& newest) { return owner_.join(self(), newest); }

    scheduler owner_{alone()};
    thread_record& thief_ = *owner_.table().add(owner_, false);
    visit guest_{owner_};
};

class publishing_a_list : public publishing, public testing::WithParamInterface<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(lengths, publishing_a_list,
                         testing::Values(0, 1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255,
                                         256, 257, 320, 1000, 100'000));

TEST_P(publishing_a_list, goes_out_oldest_first) {
    const job_list jobs(GetParam());
    std::size_t stolen = 0;
    while (stolen < jobs.size()) {
        const std::uint32_t published = publish(jobs.newest());
        ASSERT_GT(published, 0u);
        ASSERT_LE(published, batch);
        ASSERT_EQ(deque().read(detail::relaxed).count(), published);
        for (std::uint32_t k = 0; k < published; ++k) {
            job* const one = steal_oldest(deque());
            ASSERT_EQ(jobs.number_of(one), stolen++);
            ASSERT_TRUE(detail::is_marked(*one));
            ASSERT_EQ(state_of(*one).what(), job_state::tag::published);
        }
    }
    EXPECT_EQ(publish(jobs.newest()), 0u);
    EXPECT_FALSE(self().has_sentinels());
    EXPECT_EQ((owner_.table().public_word(0) >> self().id & 1), jobs.size() > 0 ? 1u : 0u);
}

// Every third job is the newest when a task of a kind begins, and each has a frame of its own up to
// the newest; the jobs before the first are in no kind.
TEST_P(publishing_a_list, each_job_with_the_kind_that_it_was_forked_in) {
    const job_list jobs(GetParam());
    std::vector<detail::kind_frame> frames(jobs.size() / 3);
    for (std::size_t k = 0; k < frames.size(); ++k) {
        self().account.begin_kind(frames[k], static_cast<std::uint32_t>(1 + k % 255),
                                  &jobs[3 * k + 2]);
    }
    std::size_t stolen = 0;
    while (stolen < jobs.size()) {
        ASSERT_GT(publish(jobs.newest()), 0u);
        while (!deque().empty()) {
            const public_job oldest = deque().oldest(deque().read(detail::acquire));
            const std::size_t frame = stolen / 3; // counted from 1
            ASSERT_EQ(oldest.kind(), frame == 0 ? 0 : 1 + (frame - 1) % 255) << stolen;
            ASSERT_EQ(jobs.number_of(oldest.one()), stolen++);
            ASSERT_EQ(steal_oldest(deque()), oldest.one());
        }
    }
    for (std::size_t k = frames.size(); k > 0; --k) {
        self().account.end_kind(frames[k - 1], false);
    }
}

TEST_P(publishing_a_list, all_of_it_up_to_a_batch_else_the_oldest_batch) {
    const job_list jobs(GetParam());
    const std::size_t expected = std::min<std::size_t>(jobs.size(), batch);
    EXPECT_EQ(publish(jobs.newest()), expected);
    for (std::size_t k = 0; k < jobs.size(); ++k) {
        if (k < expected) {
            ASSERT_EQ(state_of(jobs[k]).what(), job_state::tag::published) << k;
            ASSERT_TRUE(detail::is_marked(jobs[k])) << k;
        } else {
            // A mark on each 64th, counted from the old end.
            ASSERT_EQ(detail::is_marked(jobs[k]), (k + 1) % batch == 0) << k;
        }
        ASSERT_EQ(detail::older_than(jobs[k]), k == 0 ? nullptr : &jobs[k - 1]) << k;
    }
}

TEST_P(publishing_a_list, takes_all_of_it_back) {
    const job_list jobs(GetParam());
    publish(jobs.newest());
    publish(jobs.newest());
    for (std::size_t k = jobs.size(); k > 0; --k) {
        if (detail::is_marked(jobs[k - 1])) {
            ASSERT_TRUE(join(jobs[k - 1])) << k;
        }
    }
    EXPECT_TRUE(deque().empty());
    EXPECT_FALSE(self().has_sentinels());
}

TEST_P(publishing_a_list, is_not_walked_behind_its_newest_sentinel) {
    const job_list jobs(GetParam());
    publish(jobs.newest());
    if (jobs.size() < 3 * batch) {
        return; // one sentinel at the most is left
    }
    // The newest sentinel's link leads nowhere: a walk that goes on there ends the program.
    job& sentinel = jobs[jobs.size() / batch * batch - 1];
    ASSERT_EQ(state_of(sentinel).what(), job_state::tag::sentinel);
    const std::uintptr_t link = sentinel.link;
    sentinel.link = std::uintptr_t{64} | detail::mark_bit;
    EXPECT_EQ(publish(jobs.newest()), batch);
    sentinel.link = link;
    for (std::size_t k = 0; k < 2 * batch; ++k) {
        ASSERT_EQ(steal_oldest(deque()), &jobs[k]);
    }
}

TEST_F(publishing, stops_where_the_deque_has_no_room_for_a_batch) {
    const job_list jobs(1000);
    for (std::uint32_t k = 1; k <= public_deque::capacity / batch; ++k) {
        EXPECT_EQ(publish(jobs.newest()), batch);
        EXPECT_EQ(deque().read(detail::relaxed).count(), k * batch);
    }
    EXPECT_EQ(publish(jobs.newest()), 0u);
    ASSERT_EQ(steal_oldest(deque()), &jobs[0]);
    EXPECT_EQ(publish(jobs.newest()), 0u);
    for (std::size_t k = 1; k < batch; ++k) {
        ASSERT_EQ(steal_oldest(deque()), &jobs[k]);
    }
    EXPECT_EQ(publish(jobs.newest()), batch);
}

TEST_F(publishing, goes_on_above_what_is_public) {
    const job_list jobs(200);
    EXPECT_EQ(publish(&jobs[9]), 10u);
    EXPECT_EQ(publish(&jobs[9]), 0u);
    EXPECT_EQ(publish(&jobs[11]), 2u);
    EXPECT_EQ(publish(&jobs[199]), batch);
    for (std::size_t k = 0; k < 12 + batch; ++k) {
        ASSERT_EQ(steal_oldest(deque()), &jobs[k]);
    }
}

TEST_F(publishing, a_job_that_came_back_is_published_again) {
    const job_list jobs(3);
    EXPECT_EQ(publish(jobs.newest()), 3u);
    ASSERT_TRUE(join(jobs[2]));
    jobs[2].link &= ~detail::mark_bit; // what a loop does with the rest that it got back
    EXPECT_EQ(publish(jobs.newest()), 1u);
    for (std::size_t k = 0; k < 3; ++k) {
        ASSERT_EQ(steal_oldest(deque()), &jobs[k]);
    }
}

/// Forks, publishes, joins and steals in any order against a plain model of what must come out.
TEST_F(publishing, any_order_of_forks_polls_joins_and_steals) {
    constexpr int runs = twill::testing_support::sanitized ? 20 : 100;
    enum class fate : std::uint8_t { here, stolen };
    for (unsigned seed = 0; seed < runs; ++seed) {
        std::mt19937 random(seed);
        const job_list jobs(3000);
        std::vector<fate> fates(jobs.size(), fate::here);
        std::size_t depth = 0;
        std::size_t stolen = 0; // the oldest so many of the list have been
        const unsigned forks = 30 + seed % 5 * 10;
        for (int step = 0; step < 6000; ++step) {
            const auto what = static_cast<unsigned>(random() % 100);
            if (what < forks && depth < jobs.size()) {
                jobs[depth].link = detail::link_to(depth == 0 ? nullptr : &jobs[depth - 1]);
                fates[depth++] = fate::here;
            } else if (what < 70 && depth > 0) {
                job& newest = jobs[--depth];
                if (!detail::is_marked(newest)) {
                    ASSERT_GE(depth, stolen) << "stolen without a mark";
                } else if (depth < stolen) {
                    owner_.finish(thief_, newest, detail::job_end::returned);
                    ASSERT_FALSE(join(newest)) << "seed " << seed;
                    --stolen;
                } else {
                    ASSERT_TRUE(join(newest)) << "seed " << seed;
                }
            } else if (what < 80) {
                publish(depth == 0 ? nullptr : &jobs[depth - 1]);
            } else if (job* const one = steal_oldest(deque()); one != nullptr) {
                ASSERT_EQ(jobs.number_of(one), stolen) << "seed " << seed;
                ASSERT_LT(stolen, depth);
                ASSERT_EQ(fates[stolen], fate::here);
                fates[stolen++] = fate::stolen;
                one->state.fetch_or(job_state::record(self().id, thief_.id, 1), detail::relaxed);
            }
        }
        for (; depth > 0; --depth) {
            job& newest = jobs[depth - 1];
            if (depth <= stolen) {
                owner_.finish(thief_, newest, detail::job_end::threw);
            }
            ASSERT_EQ(!detail::is_marked(newest) || join(newest), depth > stolen);
        }
        ASSERT_TRUE(deque().empty());
        ASSERT_FALSE(self().has_sentinels());
    }
}

} // namespace
