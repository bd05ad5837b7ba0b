// SPDX-License-Identifier: Apache-2.0

/// \file
/// What the simulated memory allows and forbids, by the litmus tests that memory models are
/// described with. Each is searched to its end; the outcomes that were reached are collected.

#include "simulator/campaign.hpp"
#include "twill/detail/atomic.hpp"

#include <gtest/gtest.h>

namespace twill::model {
namespace {

using detail::atomic;
using detail::memory_order;

bool reached[16];
memory_order first_order;
memory_order second_order;

campaign exhaustive(memory_mode memory) {
    campaign how;
    how.by = search::depth_first;
    how.with.memory = memory;
    how.with.preemptions = 100;
    how.with.late = 8;
    return how;
}

void explore(void (*test)(), memory_mode memory, memory_order first, memory_order second) {
    first_order = first;
    second_order = second;
    for (bool& one : reached) {
        one = false;
    }
    const campaign_result result = run(test, exhaustive(memory));
    EXPECT_TRUE(result.exhausted);
    EXPECT_FALSE(result.failed) << result.failure;
}

constexpr auto weak = memory_mode::weak;
constexpr auto buffers = memory_mode::store_buffers;
constexpr auto sequential = memory_mode::sequential;

// Store buffering: each thread writes and then looks at what the other one writes.
void store_buffering() {
    auto* x = new atomic<int>(0);
    auto* y = new atomic<int>(0);
    auto* seen = new int[2];
    spawn("one", [=] {
        x->store(1, first_order);
        seen[0] = y->load(second_order);
    });
    spawn("two", [=] {
        y->store(1, first_order);
        seen[1] = x->load(second_order);
    });
    finish();
    reached[seen[0] * 2 + seen[1]] = true;
}

TEST(store_buffering, both_may_miss_with_relaxed) {
    for (const memory_mode memory : {weak, buffers}) {
        explore(&store_buffering, memory, detail::relaxed, detail::relaxed);
        EXPECT_TRUE(reached[0] && reached[1] && reached[2] && reached[3]) << name_of(memory);
    }
}
TEST(store_buffering, both_may_miss_with_release_and_acquire) {
    for (const memory_mode memory : {weak, buffers}) {
        explore(&store_buffering, memory, detail::release, detail::acquire);
        EXPECT_TRUE(reached[0]) << name_of(memory);
    }
}
TEST(store_buffering, one_sees_with_seq_cst) {
    for (const memory_mode memory : {weak, buffers}) {
        explore(&store_buffering, memory, detail::seq_cst, detail::seq_cst);
        EXPECT_FALSE(reached[0]) << name_of(memory);
        EXPECT_TRUE(reached[1] && reached[2] && reached[3]) << name_of(memory);
    }
}
TEST(store_buffering, one_sees_in_sequential_memory) {
    explore(&store_buffering, sequential, detail::relaxed, detail::relaxed);
    EXPECT_FALSE(reached[0]);
    EXPECT_TRUE(reached[1] && reached[2] && reached[3]);
}
// The store is seq_cst and the look is not: nothing orders them in C++.
TEST(store_buffering, both_may_miss_when_only_the_stores_are_seq_cst) {
    explore(&store_buffering, weak, detail::seq_cst, detail::relaxed);
    EXPECT_TRUE(reached[0]);
    explore(&store_buffering, buffers, detail::seq_cst, detail::relaxed);
    EXPECT_FALSE(reached[0]); // it is a fence on that machine
}

// Message passing: data, then a flag.
void message_passing() {
    auto* data = new atomic<int>(0);
    auto* flag = new atomic<int>(0);
    auto* seen = new int[2];
    spawn("writer", [=] {
        data->store(1, detail::relaxed);
        flag->store(1, first_order);
    });
    spawn("reader", [=] {
        seen[0] = flag->load(second_order);
        seen[1] = data->load(detail::relaxed);
    });
    finish();
    reached[seen[0] * 2 + seen[1]] = true;
}

TEST(message_passing, the_data_may_come_late_with_relaxed) {
    explore(&message_passing, weak, detail::relaxed, detail::relaxed);
    EXPECT_TRUE(reached[2]);
    explore(&message_passing, weak, detail::release, detail::relaxed);
    EXPECT_TRUE(reached[2]);
    explore(&message_passing, weak, detail::relaxed, detail::acquire);
    EXPECT_TRUE(reached[2]);
}
TEST(message_passing, the_data_is_there_with_release_and_acquire) {
    explore(&message_passing, weak, detail::release, detail::acquire);
    EXPECT_FALSE(reached[2]);
    EXPECT_TRUE(reached[0] && reached[1] && reached[3]);
}
TEST(message_passing, buffers_are_first_in_first_out) {
    explore(&message_passing, buffers, detail::relaxed, detail::relaxed);
    EXPECT_FALSE(reached[2]);
}

// The flag goes on through a relaxed read-modify-write of a third thread.
void release_sequence() {
    auto* data = new atomic<int>(0);
    auto* flag = new atomic<int>(0);
    auto* seen = new int[2];
    spawn("writer", [=] {
        data->store(1, detail::relaxed);
        flag->store(1, detail::release);
    });
    spawn("between", [=] { flag->fetch_add(2, detail::relaxed); });
    spawn("reader", [=] {
        seen[0] = flag->load(detail::acquire);
        seen[1] = data->load(detail::relaxed);
    });
    finish();
    reached[seen[0] * 2 + seen[1]] = true;
}

TEST(message_passing, a_read_modify_write_keeps_the_release) {
    explore(&release_sequence, weak, detail::relaxed, detail::relaxed);
    EXPECT_TRUE(reached[7]);  // 3 and the data
    EXPECT_FALSE(reached[6]); // 3 without
    EXPECT_FALSE(reached[2]);
}

// Independent reads of independent writes: do two readers agree which write came first?
void independent_reads() {
    auto* x = new atomic<int>(0);
    auto* y = new atomic<int>(0);
    auto* seen = new int[4];
    spawn("writes x", [=] { x->store(1, first_order); });
    spawn("writes y", [=] { y->store(1, first_order); });
    spawn("one", [=] {
        seen[0] = x->load(second_order);
        seen[1] = y->load(second_order);
    });
    spawn("two", [=] {
        seen[2] = y->load(second_order);
        seen[3] = x->load(second_order);
    });
    finish();
    reached[seen[0] * 8 + seen[1] * 4 + seen[2] * 2 + seen[3]] = true;
}

TEST(independent_reads, may_disagree_with_acquire) {
    explore(&independent_reads, weak, detail::release, detail::acquire);
    EXPECT_TRUE(reached[10]);
}
TEST(independent_reads, agree_with_seq_cst) {
    explore(&independent_reads, weak, detail::seq_cst, detail::seq_cst);
    EXPECT_FALSE(reached[10]);
    explore(&independent_reads, buffers, detail::relaxed, detail::relaxed);
    EXPECT_FALSE(reached[10]);
}

// Coherence: one thread never sees a word go back.
void coherence() {
    auto* x = new atomic<int>(0);
    auto* seen = new int[2];
    spawn("writer", [=] {
        x->store(1, detail::relaxed);
        x->store(2, detail::relaxed);
    });
    spawn("reader", [=] {
        seen[0] = x->load(detail::relaxed);
        seen[1] = x->load(detail::relaxed);
    });
    finish();
    reached[seen[0] * 4 + seen[1]] = true;
    reached[15] = reached[15] || x->load(detail::relaxed) != 2;
}

TEST(coherence, a_word_never_goes_back) {
    for (const memory_mode memory : {weak, buffers}) {
        explore(&coherence, memory, detail::relaxed, detail::relaxed);
        EXPECT_TRUE(reached[0] && reached[1] && reached[2] && reached[5] && reached[6] &&
                    reached[10]);
        EXPECT_FALSE(reached[4] || reached[8] || reached[9] || reached[15]);
    }
}

void additions() {
    auto* x = new atomic<int>(0);
    for (const char* name : {"one", "two", "three"}) {
        spawn(name, [=] { x->fetch_add(1, detail::relaxed); });
    }
    finish();
    reached[x->load(detail::relaxed)] = true;
}

TEST(read_modify_write, loses_nothing) {
    for (const memory_mode memory : {weak, buffers, sequential}) {
        explore(&additions, memory, detail::relaxed, detail::relaxed);
        EXPECT_TRUE(reached[3]);
        EXPECT_FALSE(reached[0] || reached[1] || reached[2]);
    }
}

void racy_payload() {
    auto* payload = new plain<int>(0);
    auto* flag = new atomic<int>(0);
    spawn("writer", [=] {
        payload->write(1);
        flag->store(1, first_order);
    });
    spawn("reader", [=] {
        if (flag->load(second_order) == 1) {
            MODEL_CHECK(payload->read() == 1);
        }
    });
    finish();
}

TEST(plain_variables, race_without_release) {
    first_order = detail::relaxed;
    second_order = detail::acquire;
    const campaign_result result = run(&racy_payload, exhaustive(weak));
    EXPECT_TRUE(result.failed);
    EXPECT_NE(result.failure.find("data race"), std::string::npos) << result.failure;
    first_order = detail::release;
    EXPECT_FALSE(run(&racy_payload, exhaustive(weak)).failed);
}

} // namespace

std::span<const scenario> scenarios() { return {}; }

} // namespace twill::model
