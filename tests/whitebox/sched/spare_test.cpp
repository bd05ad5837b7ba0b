// SPDX-License-Identifier: Apache-2.0
#include "sched/spare.hpp"

#include "sched/access.hpp"
#include "support/sanitizers.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace detail = twill::detail;

class spares : public testing::Test {
protected:
    thread_record& add() { return *owner_.table().add(owner_, false); }
    thread_record* pop() { return stack_.pop(owner_.table()); }

    scheduler owner_{alone()};
    spare_stack stack_;
};

TEST_F(spares, the_last_that_came_goes_first) {
    EXPECT_TRUE(stack_.empty());
    EXPECT_EQ(pop(), nullptr);
    thread_record& a = add(); // number 0 is nobody's sign for "nobody"
    thread_record& b = add();
    thread_record& c = add();
    stack_.push(a);
    EXPECT_FALSE(stack_.empty());
    stack_.push(b);
    stack_.push(c);
    EXPECT_EQ(pop(), &c);
    stack_.push(c);
    EXPECT_EQ(pop(), &c);
    EXPECT_EQ(pop(), &b);
    EXPECT_EQ(pop(), &a);
    EXPECT_EQ(pop(), nullptr);
    EXPECT_TRUE(stack_.empty());
    stack_.push(b);
    stack_.push(a);
    EXPECT_EQ(pop(), &a);
    EXPECT_EQ(pop(), &b);
    EXPECT_TRUE(stack_.empty());
}

TEST_F(spares, the_largest_number_fits_into_a_link) {
    thread_record* last = nullptr;
    while (thread_record* const more = owner_.table().add(owner_, false)) {
        last = more;
    }
    ASSERT_NE(last, nullptr);
    EXPECT_EQ(last->id, thread_table::threads_max - 1);
    thread_record& first = owner_.table()[0];
    stack_.push(*last);
    stack_.push(first);
    EXPECT_EQ(pop(), &first);
    EXPECT_EQ(pop(), last);
    EXPECT_EQ(pop(), nullptr);
}

TEST_F(spares, every_record_is_popped_by_one_thread) {
    // Few records and quick returns: the same top comes back with another one below it, which a
    // stack without a tag would take for the old one.
    constexpr int rounds = twill::testing_support::sanitized ? 10'000 : 200'000;
    constexpr int records = 4;
    std::vector<thread_record*> all;
    for (int k = 0; k < records; ++k) {
        all.push_back(&add());
        stack_.push(*all.back());
    }
    std::vector<int> held(records, 0); // not atomic: the stack alone orders it
    const auto take_and_return = [&] {
        for (int k = 0; k < rounds; ++k) {
            thread_record* const one = pop();
            thread_record* const other = pop();
            for (thread_record* const mine : {one, other}) {
                if (mine != nullptr) {
                    EXPECT_EQ(held[mine->id]++, 0);
                }
            }
            for (thread_record* const mine : {one, other}) {
                if (mine != nullptr) {
                    EXPECT_EQ(--held[mine->id], 0);
                    stack_.push(*mine);
                }
            }
        }
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back(take_and_return);
    }
    for (std::thread& one : threads) {
        one.join();
    }
    for (int k = 0; k < records; ++k) {
        thread_record* const one = pop();
        ASSERT_NE(one, nullptr);
        EXPECT_EQ(held[one->id]++, 0) << "twice on the stack";
    }
    EXPECT_EQ(pop(), nullptr);
}

} // namespace
