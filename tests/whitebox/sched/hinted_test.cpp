// SPDX-License-Identifier: Apache-2.0
// What is meant for the threads of one node: who begins it, and in which order.
#include "sched/hinted.hpp"

#include "sched/access.hpp"
#include "sched/made_up_seats.hpp"
#include "sched/two_nodes.hpp"
#include "twill/options.hpp"
#include "twill/task_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;
using twill::load_model::counter;
using twill::testing_support::seats_of;
using twill::testing_support::two_nodes;
using twill::topology::binds;
using twill::topology::node_map;

/// Two places on two nodes. The test has one of them, as a guest, and the other's thread waits in a
/// task until open().
class one_on_each_node {
public:
    one_on_each_node() {
        owner_.known_nodes.set(node_map(std::vector<int>{0, 1}, binds::recorded), owner_.workers());
        guest_.emplace(owner_);
        gate_.emplace();
        gate_->run([this] {
            closed_ = true;
            while (!open_) {
                detail::yield_slice();
            }
        });
        while (!closed_) {
            detail::yield_slice();
        }
    }
    ~one_on_each_node() {
        open();
        gate_->wait();
        gate_.reset();
        guest_.reset();
        owner_.shut_down();
    }
    one_on_each_node(const one_on_each_node&) = delete;
    one_on_each_node& operator=(const one_on_each_node&) = delete;

    scheduler& owner() { return owner_; }
    void open() { open_ = true; }
    /// The nodes of the test's own place and of the other one.
    static int own() { return detail::hot().place; }
    static int other() { return 1 - own(); }

private:
    scheduler owner_{with_workers(2)};
    std::optional<visit> guest_;
    std::optional<twill::task_group> gate_;
    std::atomic<bool> closed_{false};
    std::atomic<bool> open_{false};
};

/// What has begun, in this order, by one thread at a time.
class beginnings {
public:
    void note(int what) {
        order_[static_cast<std::size_t>(count_.load())] = what;
        ++count_; // release: for whoever awaits it
    }
    std::vector<int> first(int count) {
        while (count_ < count) {
            detail::yield_slice();
        }
        return {order_.begin(), order_.begin() + count};
    }

private:
    std::array<int, 64> order_{};
    std::atomic<int> count_{0};
};

struct noted_submission : submission {
    noted_submission(beginnings& in, int which)
        : submission(
              [](submission* one) noexcept {
                  auto& self = *static_cast<noted_submission*>(one);
                  self.order.note(self.number);
              },
              [](submission* one) noexcept { delete static_cast<noted_submission*>(one); }),
          order(in), number(which) {}
    beginnings& order;
    int number;
};

noted_submission& submit(scheduler& to, beginnings& order, int number, int node) {
    auto* const one = new noted_submission(order, number);
    const hinting by(to);
    const std::int32_t share = by.share_for(twill::at(node).hint());
    if (share >= 0) {
        by.submit(*one, share);
    } else {
        to.submit(*one);
    }
    return *one;
}

TEST(hinted, a_thread_begins_submissions_for_its_node_before_others) {
    one_on_each_node machine;
    beginnings order;
    std::vector<noted_submission*> all;
    const std::array nodes{machine.own(), -1, machine.other(), machine.own(), machine.other()};
    for (int k = 0; k < static_cast<int>(nodes.size()); ++k) {
        all.push_back(&submit(machine.owner(), order, k, nodes[static_cast<std::size_t>(k)]));
    }
    machine.open();
    EXPECT_EQ(order.first(5), (std::vector{2, 4, 1, 0, 3}));
    for (noted_submission* one : all) {
        auto* const self = static_cast<thread_record*>(detail::hot().thread);
        machine.owner().await(self, *one);
        detail::release_slow(*one);
    }
    EXPECT_EQ(counted(machine.owner(), counter::placed), 2u);
    EXPECT_EQ(counted(machine.owner(), counter::displaced), 2u);
}

TEST(hinted, whoever_awaits_a_submission_for_another_node_runs_it) {
    one_on_each_node machine;
    beginnings order;
    auto* const self = static_cast<thread_record*>(detail::hot().thread);
    noted_submission& one = submit(machine.owner(), order, 7, machine.other());
    machine.owner().await(self, one); // the other place's thread is busy
    EXPECT_EQ(order.first(1), std::vector{7});
    detail::release_slow(one);
    EXPECT_EQ(counted(machine.owner(), counter::displaced), 1u);
}

TEST(hinted, a_thread_begins_tasks_of_groups_for_its_node_before_others) {
    one_on_each_node machine;
    beginnings order;
    twill::task_group group;
    const auto put = [&](int number, int node) {
        group.run([&order, number] { order.note(number); }, twill::at(node));
    };
    put(0, machine.own());
    group.run([&order] { order.note(1); });
    put(2, machine.other());
    put(3, machine.own());
    put(4, machine.other());
    machine.open();
    // A thread that has found the group takes the oldest for its node, then what is for everybody.
    EXPECT_EQ(order.first(5), (std::vector{2, 4, 1, 0, 3}));
    group.wait();
    EXPECT_EQ(counted(machine.owner(), counter::placed), 2u);
    EXPECT_EQ(counted(machine.owner(), counter::displaced), 2u);
}

TEST(hinted, whoever_waits_for_a_group_runs_what_is_for_another_node) {
    one_on_each_node machine;
    beginnings order;
    twill::task_group group;
    for (int k = 0; k < 20; ++k) {
        group.run([&order, k] { order.note(k); }, twill::at(machine.other()));
    }
    group.wait(); // the other place's thread is busy
    const std::vector<int> ran = order.first(20);
    EXPECT_TRUE(std::ranges::is_sorted(ran)) << "the oldest first";
    EXPECT_EQ(counted(machine.owner(), counter::displaced), 20u);
}

TEST(hinted, levels_go_before_nodes) {
    one_on_each_node machine;
    beginnings order;
    twill::task_group group;
    group.run([&] { order.note(0); }, twill::at(machine.other()));
    group.run([&] { order.note(1); }, twill::at(machine.own()), twill::priority::high);
    group.run([&] { order.note(2); }, twill::at(machine.other()), twill::priority::low);
    machine.open();
    EXPECT_EQ(order.first(3), (std::vector{1, 0, 2}));
    group.wait();
}

TEST(hinted, a_group_at_its_limit_runs_the_task_itself) {
    one_on_each_node machine;
    beginnings order;
    twill::task_group group{twill::limit(2)};
    for (int k = 0; k < 4; ++k) {
        group.run([&order, k] { order.note(k); }, twill::at(machine.other()));
    }
    EXPECT_EQ(order.first(2), (std::vector{2, 3}));
    group.wait();
    EXPECT_EQ(order.first(4), (std::vector{2, 3, 0, 1}));
}

TEST(hinted, a_group_drops_what_is_for_a_node_as_anything) {
    one_on_each_node machine;
    std::atomic<int> ran = 0;
    twill::task_group group;
    group.run([] { throw std::runtime_error("the first"); }, twill::at(machine.own()));
    for (int k = 0; k < 100; ++k) {
        group.run([&ran] { ++ran; }, twill::at(machine.other()));
    }
    EXPECT_THROW(group.wait(), std::runtime_error);
    EXPECT_EQ(ran, 0);
    group.run([&ran] { ++ran; }, twill::at(machine.other()));
    group.wait();
    EXPECT_EQ(ran, 1);
}

TEST(hinted, hints_that_lead_nowhere_say_nothing) {
    two_nodes machine;
    const visit guest(machine.owner());
    const hinting by(machine.owner());
    EXPECT_EQ(by.share_for(twill::at(0).hint()), 0);
    EXPECT_EQ(by.share_for(twill::at(1).hint()), 1);
    EXPECT_EQ(by.share_for(twill::at(2).hint()), -1);
    EXPECT_EQ(by.share_for(twill::at(-1).hint()), -1);
    EXPECT_EQ(by.share_for(twill::near(nullptr).hint()), -1);
    twill::task_group group;
    std::atomic<int> ran = 0;
    for (const int node : {-1, 2, 1'000'000}) {
        group.run([&ran] { ++ran; }, twill::at(node));
    }
    group.wait();
    EXPECT_EQ(ran, 3);
    EXPECT_EQ(counted(machine.owner(), counter::placed) +
                  counted(machine.owner(), counter::displaced),
              0u);
}

TEST(hinted, on_one_node_nothing_is_for_one) {
    scheduler owner(with_workers(2));
    {
        const visit guest(owner);
        EXPECT_EQ(hinting(owner).share_for(twill::at(0).hint()), -1);
        EXPECT_EQ(hinting(owner).own_share(), -1);
    }
    owner.shut_down();
}

/// A loop that lies in two stretches; what is no loop is its element `first`.
struct stretched {
    std::size_t first;
    std::array<detail::stretch, 2> cut{{{10, 0}, {20, 1}}};
    detail::placement all{cut.data(), cut.size(), nullptr, 1};
    [[nodiscard]] detail::placed_range placed() const { return {&all, first}; }
};

TEST(hinted, of_elements_the_first_says_where) {
    two_nodes machine;
    const hinting by(machine.owner());
    const auto share_at = [&by](std::size_t first) {
        const stretched where{first};
        return by.share_for(twill::near(where).hint());
    };
    EXPECT_EQ(share_at(0), 0);
    EXPECT_EQ(share_at(9), 0);
    EXPECT_EQ(share_at(10), 1);
    EXPECT_EQ(share_at(19), 1);
    EXPECT_EQ(share_at(20), -1);
}

TEST(hinted, a_spare_thread_of_the_node_is_woken) {
    scheduler owner(with_workers(8));
    owner.seat_by(seats_of(8, 2)); // nodes of four places
    std::vector<thread_record*> spares;
    for (int place = 0; place < 8; ++place) {
        thread_record& one = *owner.table().add(owner, false);
        scheduler_test::sit(owner, one, place);
        scheduler_test::stand_up(owner, one);
        spares.push_back(&one);
    }
    for (int place = 0; place < 8; ++place) {
        for (thread_record* one : spares) {
            scheduler_test::push_spare(owner, *one);
        }
        for (int k = 0; k < 8; ++k) {
            thread_record* const one = scheduler_test::pop_spare_near(owner, place);
            ASSERT_NE(one, nullptr);
            EXPECT_EQ(one->home / 4 == place / 4, k < 4) << place << ' ' << k;
        }
        EXPECT_EQ(scheduler_test::pop_spare_near(owner, place), nullptr);
    }
    owner.shut_down();
}

TEST(hinted, all_of_it_runs_whoever_puts_it_in_and_however_few_may_work) {
    two_nodes machine;
    std::atomic<int> ran = 0;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 3; ++caller) {
        callers.emplace_back([&machine, &ran, caller] {
            for (int round = 0; round < 50; ++round) {
                const visit guest(machine.owner());
                machine.owner().set_active(1 + (round + caller) % 4);
                twill::task_group group;
                for (int k = 0; k < 40; ++k) {
                    group.run(
                        [&group, &ran, k] {
                            group.run([&ran] { ++ran; }, twill::at((k + 1) % 2));
                            ++ran;
                        },
                        twill::at(k % 3 - 1));
                }
                group.wait();
            }
        });
    }
    for (std::thread& one : callers) {
        one.join();
    }
    EXPECT_EQ(ran, 3 * 50 * 40 * 2);
}

} // namespace
