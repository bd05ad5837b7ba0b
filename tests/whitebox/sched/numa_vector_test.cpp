// SPDX-License-Identifier: Apache-2.0
// numa_vector on schedulers whose places are said to be on several nodes.
#include "twill/numa_vector.hpp"

#include "os/numa_memory.hpp"
#include "sched/access.hpp"
#include "sched/lifetime.hpp"
#include "sched/two_nodes.hpp"
#include "support/child.hpp"
#include "support/refused_calls.hpp"
#include "support/sanitizers.hpp"
#include "twill/parallel_reduce.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
using twill::numa_layout;
using twill::numa_options;
using twill::numa_vector;
using twill::testing_support::child_end;
using twill::testing_support::in_child;
using twill::testing_support::refuse_call;
using twill::testing_support::two_nodes;
using twill::topology::binds;
using twill::topology::node_map;

TEST(numa_vector, blocked_is_divided_by_whole_pages) {
    two_nodes machine;
    const visit guest(machine.owner());
    const std::size_t page = twill::os::page_size();
    const numa_vector<double> x(10 * page / sizeof(double));
    const auto where = x.placed();
    ASSERT_NE(where.of, nullptr);
    ASSERT_EQ(where.of->count, 2u);
    EXPECT_EQ(where.of->stretches[0].end, x.size() / 2);
    EXPECT_EQ(where.of->stretches[0].node, 0);
    EXPECT_EQ(where.of->stretches[1].node, 1);
    EXPECT_EQ((x.begin() + 17).placed().first, 17u);
    EXPECT_TRUE(std::all_of(x.begin(), x.end(), [](double one) { return one == 0; }));
}

TEST(numa_vector, layouts_that_loops_know_and_one_that_they_do_not) {
    two_nodes machine;
    const visit guest(machine.owner());
    numa_options how;
    how.layout = numa_layout::first_touch;
    EXPECT_NE(numa_vector<int>(100'000, how).placed().of, nullptr);
    how.layout = numa_layout::interleaved;
    EXPECT_EQ(numa_vector<int>(100'000, how).placed().of, nullptr);
    how.layout = numa_layout::on_node;
    how.node = 1;
    const numa_vector<int> there(100'000, 3, how);
    ASSERT_EQ(there.placed().of->count, 1u);
    EXPECT_EQ(there.placed().of->stretches[0].node, 1);
    EXPECT_EQ(there.front() + there.back(), 6);
}

TEST(numa_vector, huge_pages_divide_by_two_mebibytes) {
    two_nodes machine;
    const visit guest(machine.owner());
    const numa_vector<char> x(3 * twill::os::huge_page_size + 5, 'x',
                              {numa_layout::blocked, 0, true});
    const auto where = x.placed();
    ASSERT_EQ(where.of->count, 2u);
    EXPECT_EQ(where.of->stretches[0].end, 2 * twill::os::huge_page_size);
    EXPECT_EQ(x.back(), 'x');
}

TEST(numa_vector, loops_over_it_are_placed) {
    two_nodes machine;
    const visit guest(machine.owner());
    numa_vector<int> x(200'000, 1);
    twill::parallel_for_each(x, [](int& one) {
        for (int k = 0; k < 30; ++k) {
            twill::detail::pause();
        }
        ++one;
    });
    twill::parallel_for_blocks(x.begin() + 1000, x.end(), [](auto begin, auto end) {
        for (; begin != end; ++begin) {
            *begin += 1;
        }
    });
    const auto& seen = x;
    EXPECT_EQ(twill::parallel_reduce(
                  seen.begin(), seen.end(), 0L, [](int one) { return static_cast<long>(one); },
                  [](long a, long b) { return a + b; }),
              200'000L * 3 - 1000);
    EXPECT_GT(counted(machine.owner(), twill::load_model::counter::placed), 0u);
}

TEST(numa_allocator, places_a_vector_by_its_capacity_and_loops_near_it) {
    two_nodes machine;
    const visit guest(machine.owner());
    std::vector<int, twill::numa_allocator<int>> x;
    EXPECT_EQ(twill::near(x).hint().range.of, nullptr);
    x.reserve(200'000);
    x.resize(150'000, 1);
    const auto where = twill::near(x).hint().range;
    ASSERT_NE(where.of, nullptr);
    ASSERT_EQ(where.of->count, 2u);
    EXPECT_EQ(where.of->stretches[1].end, 200'000u);
    EXPECT_EQ(where.of->data, x.data());
    const auto slowly = [](int& one) {
        for (int k = 0; k < 30; ++k) {
            twill::detail::pause();
        }
        ++one;
    };
    const auto placed = [&] {
        return counted(machine.owner(), twill::load_model::counter::placed) +
               counted(machine.owner(), twill::load_model::counter::displaced);
    };
    const auto before = placed();
    twill::parallel_for_each(x, slowly, twill::near(x));
    EXPECT_GT(placed(), before);
    EXPECT_EQ(std::accumulate(x.begin(), x.end(), 0L), 300'000);

    std::vector<int, twill::numa_allocator<int>> alike(1000,
                                                       numa_options{numa_layout::interleaved});
    EXPECT_EQ(twill::near(alike).hint().range.of, nullptr);
}

TEST(numa_allocator, keeps_what_it_knows_behind_huge_pages_too) {
    two_nodes machine;
    const visit guest(machine.owner());
    const twill::numa_allocator<char> by(numa_options{numa_layout::blocked, 0, true});
    twill::numa_allocator<char> copy = by;
    for (const std::size_t count :
         {std::size_t{1}, twill::os::huge_page_size, 2 * twill::os::huge_page_size + 1}) {
        char* const data = copy.allocate(count);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % twill::os::huge_page_size, 0u);
        std::fill_n(data, count, 'x');
        const auto where = by.placed(data, count);
        ASSERT_NE(where.of, nullptr);
        EXPECT_EQ(where.of->stretches[where.of->count - 1].end, count);
        EXPECT_EQ(where.of->data, data);
        copy.deallocate(data, count);
    }
}

/// Counts how many of it there are; the one with a number throws.
struct counted_element {
    static inline std::atomic<long> alive = 0;
    static inline std::atomic<long> made = 0;
    static inline long throws_at = -1;
    counted_element() {
        if (made++ == throws_at) {
            throw std::runtime_error("constructor");
        }
        ++alive;
    }
    counted_element(const counted_element&) = delete;
    counted_element& operator=(const counted_element&) = delete;
    ~counted_element() { --alive; }
    std::string text = "an element with memory of its own, which is longer than a short string";
};

TEST(numa_vector, destroys_what_it_has_constructed_also_after_an_exception) {
    two_nodes machine;
    const visit guest(machine.owner());
    {
        const numa_vector<counted_element> all(5000);
        EXPECT_EQ(counted_element::alive, 5000);
        EXPECT_EQ(all.back().text.substr(0, 2), "an");
    }
    EXPECT_EQ(counted_element::alive, 0);
    for (const long at : {0L, 1L, 100L, 2500L, 4999L}) {
        counted_element::made = 0;
        counted_element::throws_at = at;
        EXPECT_THROW(numa_vector<counted_element>(5000), std::runtime_error);
        EXPECT_EQ(counted_element::alive, 0) << at;
    }
    counted_element::throws_at = -1;
}

TEST(numa_vector, a_refused_mbind_is_one_line_and_no_error) {
    const child_end end = in_child([] {
        ASSERT_TRUE(refuse_call(SYS_mbind));
        scheduler& owner = default_scheduler();
        std::vector<int> nodes(static_cast<std::size_t>(owner.workers()), 1);
        nodes.front() = 0;
        if (nodes.size() == 1) {
            return; // one worker is on one node
        }
        owner.known_nodes.set(node_map(nodes, binds::made), owner.workers());
        for (const numa_layout how : {numa_layout::blocked, numa_layout::interleaved,
                                      numa_layout::on_node, numa_layout::first_touch}) {
            const numa_vector<int> x(100'000, 7, {how, 0, false});
            EXPECT_EQ(std::accumulate(x.begin(), x.end(), 0L), 700'000);
        }
    });
    EXPECT_TRUE(end.exited_with(0)) << end.status << end.errors;
    if (default_workers() > 1) {
        EXPECT_EQ(end.errors, "twill: numa_vector: the system does not place memory on NUMA nodes "
                              "(Operation not permitted); it lies where it is first used\n");
    }
}

TEST(numa_vector, of_a_described_machine_asks_the_system_for_nothing) {
    const child_end end = in_child([] {
        ASSERT_TRUE(refuse_call(SYS_mbind));
        two_nodes machine;
        const visit guest(machine.owner());
        const numa_vector<int> x(100'000, 7);
        EXPECT_EQ(x.back(), 7);
    });
    EXPECT_TRUE(end.exited_with(0)) << end.status << end.errors;
    EXPECT_EQ(end.errors, "");
}

} // namespace
