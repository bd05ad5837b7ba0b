// SPDX-License-Identifier: Apache-2.0
// Seats: on a machine of several groups of cores, whose bit tells what, who is woken, and which
// place a thread takes. Machines of made-up nodes of two L3 caches of two cores each.
#include "sched/made_up_seats.hpp"

#include "sched/access.hpp"
#include "sched/jobs.hpp"
#include "support/sanitizers.hpp"
#include "twill/parallel_for.hpp"
#include "twill/task_group.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
namespace topology = twill::topology;
using twill::testing_support::sanitized;
using twill::testing_support::seats_of;

/// Eight places, which nobody holds unless the test does.
class with_seats : public testing::Test {
protected:
    with_seats() : owner_(with_workers(8)) { owner_.seat_by(seats_of(8, 2)); }
    ~with_seats() override { detail::hot().place = -1; }

    seating& all() { return *scheduler_test::seats_of(owner_); }
    thread_record& add(bool guest = false) { return *owner_.table().add(owner_, guest); }
    thread_record& seated(int place) {
        thread_record& one = add();
        scheduler_test::sit(owner_, one, place);
        return one;
    }

    scheduler owner_;
};

TEST_F(with_seats, what_a_seated_thread_does_is_told_by_the_bits_of_its_place) {
    thread_record& one = seated(5);
    EXPECT_EQ(all().holder(5).load(detail::relaxed), &one);
    EXPECT_EQ(one.home, 5);
    scheduler_test::set_running(owner_, one);
    EXPECT_TRUE(all().running().has(5));
    EXPECT_TRUE(owner_.runs(one));
    EXPECT_FALSE(owner_.table().is_running(one.id));
    scheduler_test::clear_running(owner_, one);
    EXPECT_FALSE(owner_.runs(one));
    scheduler_test::set_public(owner_, one);
    EXPECT_TRUE(all().with_public().has(5));
    EXPECT_EQ(owner_.table().public_word(0), 0u);
    EXPECT_FALSE(scheduler_test::work_visible(owner_)); // its deque is empty
}

TEST_F(with_seats, who_stands_up_takes_its_work_along) {
    thread_record& one = seated(5);
    detail::job work{};
    const std::array<detail::job*, 1> newest{&work};
    one.deque.publish(newest);
    scheduler_test::set_public(owner_, one);
    EXPECT_TRUE(scheduler_test::work_visible(owner_));
    scheduler_test::stand_up(owner_, one);
    EXPECT_EQ(all().holder(5).load(detail::relaxed), nullptr);
    EXPECT_NE(owner_.table().public_word(0) >> one.id & 1, 0u);
    EXPECT_NE(all().strays().read(0) & 1, 0u);
    EXPECT_TRUE(scheduler_test::work_visible(owner_));
    scheduler_test::sit(owner_, one, 2);
    EXPECT_TRUE(scheduler_test::work_visible(owner_));
    EXPECT_TRUE(one.deque.take_back(&work));
    EXPECT_FALSE(scheduler_test::work_visible(owner_));
    scheduler_test::stand_up(owner_, one);
}

TEST_F(with_seats, a_running_thread_is_asked_the_nearest_level_first) {
    thread_record& thief = seated(0);
    thread_record& far = seated(6);
    thread_record& middle = seated(3);
    thread_record& near = seated(1);
    const auto asked = [&] {
        EXPECT_TRUE(scheduler_test::ask_nearest(owner_, thief));
        std::set<thread_record*> found;
        for (thread_record* one : {&far, &middle, &near}) {
            if (one->requests.exchange(0, detail::relaxed) == want_work) {
                found.insert(one);
            }
        }
        return found;
    };
    EXPECT_FALSE(scheduler_test::ask_nearest(owner_, thief));
    scheduler_test::set_running(owner_, far);
    EXPECT_EQ(asked(), std::set{&far});
    scheduler_test::set_running(owner_, middle);
    EXPECT_EQ(asked(), std::set{&middle});
    scheduler_test::set_running(owner_, near);
    for (int k = 0; k < 100; ++k) {
        EXPECT_EQ(asked(), std::set{&near});
    }
    scheduler_test::set_running(owner_, thief); // never itself
    scheduler_test::clear_running(owner_, near);
    EXPECT_EQ(asked(), std::set{&middle});
}

TEST_F(with_seats, where_the_nearest_is_asked_already_the_next_level_is) {
    thread_record& thief = seated(0);
    const std::array<thread_record*, 3> running{&seated(1), &seated(3), &seated(6)};
    for (thread_record* one : running) {
        scheduler_test::set_running(owner_, *one);
    }
    for (std::size_t asked = 0; asked < running.size(); ++asked) {
        EXPECT_TRUE(scheduler_test::ask_nearest(owner_, thief));
        for (std::size_t k = 0; k < running.size(); ++k) {
            EXPECT_EQ(running[k]->requests.load(detail::relaxed) == want_work, k <= asked);
        }
    }
    EXPECT_TRUE(scheduler_test::ask_nearest(owner_, thief)); // all of them, so nobody
    running[1]->requests.store(0, detail::relaxed);
    EXPECT_TRUE(scheduler_test::ask_nearest(owner_, thief));
    EXPECT_EQ(running[1]->requests.load(detail::relaxed), want_work);
}

TEST_F(with_seats, the_nearest_spare_thread_is_woken_and_first_the_one_that_sat_there) {
    std::vector<thread_record*> spare;
    for (int place = 0; place < 8; ++place) {
        spare.push_back(&seated(place));
        scheduler_test::stand_up(owner_, *spare.back());
    }
    thread_record& fresh = add(); // has never sat
    const auto push_all = [&] {
        scheduler_test::push_spare(owner_, fresh);
        for (thread_record* one : spare) {
            scheduler_test::push_spare(owner_, *one);
        }
    };
    EXPECT_TRUE(scheduler_test::no_spares(owner_));
    for (int place = 0; place < 8; ++place) {
        push_all();
        EXPECT_FALSE(scheduler_test::no_spares(owner_));
        std::vector<int> homes;
        while (thread_record* const one = scheduler_test::pop_spare(owner_, place)) {
            homes.push_back(one->home);
        }
        ASSERT_EQ(homes.size(), 9u);
        EXPECT_EQ(homes[0], place);
        EXPECT_EQ(homes[1], place ^ 1);     // shares L3 and node
        EXPECT_EQ(homes[2] / 4, place / 4); // then the node
        EXPECT_EQ(homes[3] / 4, place / 4);
        EXPECT_NE(homes[4] / 4, place / 4);
        EXPECT_EQ(homes[8], -1);
        EXPECT_TRUE(scheduler_test::no_spares(owner_));
    }
}

TEST_F(with_seats, several_that_sat_on_one_place_are_all_found) {
    std::set<thread_record*> pushed;
    for (int k = 0; k < 3; ++k) {
        thread_record& one = seated(4);
        scheduler_test::stand_up(owner_, one);
        scheduler_test::push_spare(owner_, one);
        pushed.insert(&one);
    }
    for (int k = 0; k < 3; ++k) {
        EXPECT_TRUE(all().with_spares().has(4));
        EXPECT_EQ(pushed.erase(scheduler_test::pop_spare(owner_, 1)), 1u);
    }
    EXPECT_FALSE(all().with_spares().has(4));
    EXPECT_EQ(scheduler_test::pop_spare(owner_, 1), nullptr);
}

// By its place there it is at none here, which has fewer.
TEST_F(with_seats, a_task_of_another_scheduler_has_no_place) {
    scheduler other(with_workers(64));
    thread_record& here = seated(4);
    detail::hot_state& hot = detail::hot();
    hot.place = 4;
    hot.thread = &here;
    EXPECT_EQ(scheduler_test::own_place(owner_), 4);
    EXPECT_EQ(scheduler_test::own_place(other), -1);
    scheduler_test::stand_up(owner_, here);
    scheduler_test::push_spare(owner_, here);
    thread_record& elsewhere = *other.table().add(other, false);
    elsewhere.home = hot.place = 40;
    hot.thread = &elsewhere;
    EXPECT_EQ(scheduler_test::own_place(owner_), -1);
    EXPECT_EQ(scheduler_test::pop_spare_near(owner_, -1), &here);
    EXPECT_EQ(scheduler_test::pop_spare_near(owner_, -1), nullptr);
    hot.thread = nullptr;
    other.shut_down();
}

TEST_F(with_seats, a_thread_takes_its_old_place_or_a_near_one) {
    thread_record& one = seated(5);
    scheduler_test::stand_up(owner_, one);
    std::vector<int> taken;
    for (int k = 0; k < 8; ++k) {
        taken.push_back(scheduler_test::free_number(owner_, one));
    }
    EXPECT_EQ(scheduler_test::free_number(owner_, one), -1);
    EXPECT_EQ(taken[0], 5);
    EXPECT_EQ(taken[1], 4);
    EXPECT_EQ(std::set(taken.begin() + 2, taken.begin() + 4), (std::set{6, 7}));
    EXPECT_EQ(std::set(taken.begin() + 4, taken.end()), (std::set{0, 1, 2, 3}));
    scheduler_test::numbers(owner_).put(0);
    scheduler_test::numbers(owner_).put(6);
    thread_record& fresh = add();
    fresh.waker_place.store(7, detail::relaxed);
    EXPECT_EQ(scheduler_test::free_number(owner_, fresh), 6);
    EXPECT_EQ(scheduler_test::free_number(owner_, fresh), 0);
}

TEST_F(with_seats, a_place_whose_cpu_is_kept_away_is_taken_where_there_is_no_other) {
    thread_record& one = seated(1);
    scheduler_test::stand_up(owner_, one);
    thread_record& fresh = add();
    fresh.waker_place.store(-1, detail::relaxed);
    const auto all_taken_by = [this](thread_record& thread) {
        std::vector<int> taken;
        for (int number = 0; (number = scheduler_test::free_number(owner_, thread)) >= 0;) {
            taken.push_back(number);
        }
        for (const int number : taken) {
            scheduler_test::numbers(owner_).put(number);
        }
        EXPECT_EQ(taken.size(), 8u);
        return taken;
    };
    all().allow(std::vector<int>{2, 4, 5, 6, 7, 90}); // the CPUs have the places' numbers
    for (int place = 0; place < 8; ++place) {
        EXPECT_EQ(all().allowed(place), place >= 4 || place == 2);
    }
    std::vector<int> taken = all_taken_by(one);
    EXPECT_EQ(taken[0], 2); // shares the node
    EXPECT_EQ(std::set(taken.begin() + 1, taken.begin() + 5), (std::set{4, 5, 6, 7}));
    EXPECT_EQ(taken[5], 1);
    taken = all_taken_by(fresh);
    EXPECT_EQ(std::set(taken.begin(), taken.begin() + 5), (std::set{2, 4, 5, 6, 7}));
    all().allow({});
    EXPECT_TRUE(all().allowed(0));
    EXPECT_EQ(all_taken_by(one)[0], 1);
    EXPECT_EQ(all_taken_by(fresh)[0], 0);
}

TEST_F(with_seats, a_caller_takes_the_place_of_the_cpu_that_it_runs_on) {
    thread_record& guest = add(true);
    const auto machine = std::make_unique<seating>(
        [] {
            auto rows = twill::testing_support::rows_of(8, 2);
            for (topology::table_row& row : rows) {
                row.pu = 100 + row.pu;
            }
            rows[6].pu = 3;
            rows[7].pu = 3;
            return rows;
        }(),
        topology::victim_rule::level);
    EXPECT_EQ(machine->place_of_cpu(3), 6);
    EXPECT_EQ(machine->place_of_cpu(105), 5);
    EXPECT_EQ(machine->place_of_cpu(6), -1);
    EXPECT_EQ(machine->place_of_cpu(-1), -1);
    EXPECT_EQ(machine->place_of_cpu(1000), -1);
    const int number = scheduler_test::free_number(owner_, guest);
    EXPECT_GE(number, 0);
    EXPECT_LT(number, 8);
}

/// After the last guest has left: nobody runs, nobody sits, and no bit says otherwise.
void expect_rest_and_shut_down(scheduler& of) {
    for (;;) {
        const place_counts now = of.counts();
        if (now.free == of.workers() && now.searchers == 0) {
            break;
        }
        detail::yield_slice();
    }
    seating& all = *scheduler_test::seats_of(of);
    EXPECT_FALSE(scheduler_test::work_visible(of));
    of.shut_down();
    for (int place = 0; place < all.places(); ++place) {
        EXPECT_EQ(all.holder(place).load(detail::relaxed), nullptr);
        EXPECT_FALSE(all.running().has(place));
    }
    for (std::uint32_t id = 0; id < of.table().size(); ++id) {
        EXPECT_FALSE(of.runs(of.table()[id]));
    }
    EXPECT_TRUE(scheduler_test::no_spares(of));
}

class seated_workers : public testing::TestWithParam<topology::victim_rule> {};

INSTANTIATE_TEST_SUITE_P(rules, seated_workers,
                         testing::Values(topology::victim_rule::uniform,
                                         topology::victim_rule::level));

TEST_P(seated_workers, run_recursions_loops_and_groups_and_rest) {
    scheduler owner(with_workers(8));
    owner.seat_by(seats_of(8, 2, GetParam()));
    for (int round = 0; round < 20; ++round) {
        const visit guest(owner);
        EXPECT_EQ(fib(sanitized ? 12 : 18), sanitized ? 144 : 2584);
        std::vector<int> seen(1000);
        twill::parallel_for(0, 1000, [&seen](int k) { ++seen[static_cast<std::size_t>(k)]; });
        EXPECT_EQ(seen, std::vector<int>(1000, 1));
        twill::task_group group;
        detail::atomic<int> ran{0};
        for (int k = 0; k < 100; ++k) {
            group.run([&ran] { ran.fetch_add(1, detail::relaxed); });
        }
        group.wait();
        EXPECT_EQ(ran.load(detail::relaxed), 100);
    }
    expect_rest_and_shut_down(owner);
}

TEST_P(seated_workers, sit_down_while_they_work) {
    for (int round = 0; round < 10; ++round) {
        scheduler owner(with_workers(4));
        {
            const visit guest(owner);
            EXPECT_EQ(fib(12), 144);
            std::thread teller([&owner] { owner.seat_by(seats_of(4, 1, GetParam())); });
            EXPECT_EQ(fib(sanitized ? 14 : 20), sanitized ? 377 : 6765);
            teller.join();
            while (guest.record().seat.load(detail::relaxed) < 0) {
                fib(5); // the next poll
            }
            EXPECT_EQ(fib(14), 377);
            EXPECT_TRUE(owner.runs(guest.record()));
        }
        expect_rest_and_shut_down(owner);
    }
}

TEST_P(seated_workers, serve_more_guests_than_there_are_places) {
    scheduler owner(with_workers(4));
    owner.seat_by(seats_of(4, 2, GetParam()));
    std::vector<std::thread> guests;
    for (int g = 0; g < 6; ++g) {
        guests.emplace_back([&owner] {
            for (int k = 0; k < 30; ++k) {
                const visit guest(owner);
                EXPECT_EQ(fib(10), 55);
            }
        });
    }
    for (std::thread& one : guests) {
        one.join();
    }
    expect_rest_and_shut_down(owner);
}

TEST(seats_of_many, a_thousand_places_are_searched_and_rest) {
    scheduler_options options = with_workers(1024);
    options.awake = 4;
    scheduler owner(options);
    owner.seat_by(seats_of(1024, 8));
    {
        const visit guest(owner);
        EXPECT_EQ(fib(sanitized ? 12 : 18), sanitized ? 144 : 2584);
    }
    while (owner.counts().free != 4 || owner.counts().searchers != 0) {
        detail::yield_slice();
    }
    owner.shut_down();
}

} // namespace
