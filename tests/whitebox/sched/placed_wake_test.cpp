// SPDX-License-Identifier: Apache-2.0
// Who is woken for the parts of a placed loop: a thread of the node where they lie. No thread runs
// but the test's own: the others are records of threads that sleep.
#include "sched/access.hpp"
#include "sched/made_up_seats.hpp"
#include "twill/parallel_for.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;

/// Eight places on two nodes, and a thread asleep that sat on each.
class all_asleep : public testing::Test {
protected:
    all_asleep() : owner_(with_workers(8)) {
        const auto rows = twill::testing_support::rows_of(8, 2);
        owner_.known_nodes.set(topology::node_map(rows, topology::binds::recorded), 8);
        owner_.seat_by(std::make_unique<seating>(rows, topology::victim_rule::level));
        for (int place = 0; place < 8; ++place) {
            thread_record& one = *owner_.table().add(owner_, false);
            scheduler_test::sit(owner_, one, place);
            scheduler_test::stand_up(owner_, one);
            scheduler_test::push_spare(owner_, one);
            threads_.push_back(&one);
        }
    }
    ~all_asleep() override { detail::hot().place = -1; }

    static int node_of(int place) { return place / 4; }

    /// The place where the one thread that has been woken sat, which goes back to sleep; -1 if
    /// there is none.
    int woken() {
        int found = -1;
        for (thread_record* one : threads_) {
            if (one->wake_word.exchange(0, detail::relaxed) != 0) {
                EXPECT_EQ(found, -1);
                found = one->home;
                EXPECT_EQ(one->waker_place.load(detail::relaxed), found);
                scheduler_test::push_spare(owner_, *one);
                scheduler_test::add_to_counts(owner_, +1, -1);
            }
        }
        return found;
    }
    /// Who is woken by a thread on `place`, or without one, that begins or ends something.
    int woken_by(int place) {
        detail::hot().place = place;
        scheduler_test::settle(owner_);
        detail::hot().place = -1;
        return woken();
    }

    scheduler owner_;
    std::vector<thread_record*> threads_;
};

TEST_F(all_asleep, the_first_is_one_of_the_node_of_the_loop) {
    for (int round = 0; round < 2; ++round) {
        const visit guest(owner_);
        ASSERT_EQ(woken(), -1);
        const int other = 1 - node_of(detail::hot().place);
        int ran = 0;
        twill::parallel_for(0, 60, [&ran](int) { ++ran; }, twill::at(other)); // nobody else is here
        EXPECT_EQ(ran, 60);
        EXPECT_EQ(node_of(woken()), other);
        EXPECT_EQ(counted(owner_, twill::load_model::counter::posted),
                  4 * static_cast<std::uint64_t>(round + 1));
        EXPECT_FALSE(owner_.known_nodes.has_post());
    }
}

TEST_F(all_asleep, and_so_is_whom_that_one_wakes) {
    mailboxes& mail = owner_.known_nodes.get()->mail;
    std::vector<post> posts;
    for (std::uint32_t place = 0; place < 8; ++place) {
        posts.push_back({nullptr, place, 0, {}});
    }
    EXPECT_EQ(woken_by(0), -1);
    ASSERT_TRUE(mail.put(posts[6]));
    for (const int place : {-1, 0, 3, 4, 6}) {
        EXPECT_EQ(woken_by(place), 6) << place;
    }
    ASSERT_TRUE(mail.put(posts[1]));
    EXPECT_EQ(woken_by(0), 1);
    EXPECT_EQ(woken_by(5), 6);
    ASSERT_TRUE(mail.take_back(posts[6]));
    EXPECT_EQ(woken_by(5), 1);
    ASSERT_TRUE(mail.take_back(posts[1]));
    EXPECT_EQ(woken_by(5), -1);
}

} // namespace
