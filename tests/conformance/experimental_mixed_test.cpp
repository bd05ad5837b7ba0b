// SPDX-License-Identifier: Apache-2.0
// The explicit form beside plain verbs: each inside of the other, waits, reducers, and stacks that
// users bring along.
#include "support.hpp"

#include <twill/experimental/context.hpp>

#include <functional>
#include <future>
#include <numeric>
#include <vector>

namespace {

using namespace twill_test;
using twill::experimental::as_plain;
using twill::experimental::context;
using twill::experimental::parallel_invoke;
using twill::experimental::run;

/// The form of a fork of the mixed trees below.
enum class form : int { given, plain, plain_as_plain, loop, group };

/// Sums the leaves; the forms alternate with the depth.
long mixed_tree(context here, int depth) {
    if (depth == 0) {
        keep(work(50));
        return 1;
    }
    const auto child = [depth](context c) { return mixed_tree(c, depth - 1); };
    const auto in_plain = [&child] { return run(child); };
    switch (static_cast<form>(depth % 5)) {
    case form::given: {
        const auto [a, b] = parallel_invoke(here, child, child);
        return a + b;
    }
    case form::plain: {
        const auto [a, b] = twill::parallel_invoke(in_plain, in_plain);
        return a + b;
    }
    case form::plain_as_plain: {
        const auto [a, b] =
            as_plain(here, [&] { return twill::parallel_invoke(in_plain, in_plain); });
        return a + b;
    }
    case form::loop:
        return twill::parallel_reduce(0, 2, 0L, [&](int) { return in_plain(); }, std::plus<>());
    case form::group: {
        std::atomic<long> sum{0};
        twill::task_group group;
        group.run([&] { sum += in_plain(); });
        sum += child(here);
        group.wait();
        return sum;
    }
    }
    return 0;
}

TEST(experimental_mixed, forms_nest_in_each_other) {
    EXPECT_TRUE(repeat_until_stolen(
        scaled(50), [] { ASSERT_EQ(run([](context c) { return mixed_tree(c, 11); }), 2048); }));
}

TEST(experimental_mixed, plain_verbs_use_other_workers) {
    const auto sum = [] {
        std::atomic<long> all{0};
        twill::parallel_for(0, 2000, [&](int k) {
            keep(work(200));
            all += k;
        });
        return all.load();
    };
    for (const bool known : {false, true}) {
        EXPECT_TRUE(repeat_until_stolen(scaled(50), [&] {
            const auto [a, b] = run([&](context c) {
                return parallel_invoke(
                    c, [&](context inner) { return known ? as_plain(inner, sum) : sum(); }, sum);
            });
            ASSERT_EQ(a + b, 2 * 1999000);
        }));
    }
}

TEST(experimental_mixed, loops_contain_the_explicit_form) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        std::vector<long> values(64);
        twill::parallel_for(std::size_t{0}, values.size(), [&](std::size_t k) {
            values[k] = run([](context c) { return mixed_tree(c, 5); });
        });
        ASSERT_EQ(std::accumulate(values.begin(), values.end(), 0L), 64 * 32);
    }));
}

// What waits in as_plain() finds its sibling begun by others, also with a single worker.
TEST(experimental_mixed, waits_for_siblings_in_plain_code) {
    twill::runtime alone{{.workers = 1}};
    const auto wait_for_sibling = [] {
        std::promise<int> promise;
        std::future<int> answer = promise.get_future();
        const auto wait = [&] { return twill::blocking([&] { return answer.get(); }); };
        const auto [got, nothing] = run([&](context c) {
            return parallel_invoke(
                c,
                [&](context outer) {
                    // One fork deeper, so that the older fork is what is waited for.
                    return std::get<0>(parallel_invoke(
                        outer, [&](context inner) { return as_plain(inner, wait); },
                        [](context) {}));
                },
                [&](context) { promise.set_value(42); });
        });
        (void)nothing;
        ASSERT_EQ(got, 42);
    };
    const auto wait_as_callable = [] {
        std::promise<int> promise;
        std::future<int> answer = promise.get_future();
        const auto [got, nothing] = run([&](context c) {
            return parallel_invoke(
                c, [&] { return twill::blocking([&] { return answer.get(); }); },
                [&](context) { promise.set_value(43); });
        });
        (void)nothing;
        ASSERT_EQ(got, 43);
    };
    for (int round = 0; round < scaled(100); ++round) {
        wait_for_sibling();
        alone.run(wait_for_sibling);
        wait_as_callable();
        alone.run(wait_as_callable);
    }
}

TEST(experimental_mixed, sections_and_other_runtimes_leave_the_list_alone) {
    twill::runtime other{{.workers = 2}};
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [&] {
        const auto [a, b] = run([&](context c) {
            return parallel_invoke(
                c,
                [&](context inner) {
                    const long away = other.run(
                        [] { return run([](context theirs) { return mixed_tree(theirs, 6); }); });
                    const long inside = twill::blocking(
                        [] { return run([](context section) { return mixed_tree(section, 6); }); });
                    return away + inside + mixed_tree(inner, 6);
                },
                [](context inner) { return mixed_tree(inner, 6); });
        });
        ASSERT_EQ(a + b, 4 * 64);
    }));
}

void append(context here, twill::append_reducer<std::vector<int>>& to, int first, int last) {
    if (last - first == 1) {
        keep(work(100));
        to->push_back(first);
        return;
    }
    const int middle = first + (last - first) / 2;
    if (middle % 7 == 0) {
        twill::parallel_invoke([&] { run([&](context c) { append(c, to, first, middle); }); },
                               [&] { run([&](context c) { append(c, to, middle, last); }); });
    } else {
        parallel_invoke(
            here, [&](context c) { append(c, to, first, middle); },
            [&](context c) { append(c, to, middle, last); });
    }
}

TEST(experimental_mixed, reducers_keep_the_serial_order) {
    std::vector<int> expected(1000);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [&] {
        twill::append_reducer<std::vector<int>> all;
        run([&](context c) { append(c, all, 0, 1000); });
        ASSERT_EQ(*all, expected);
    }));
}

} // namespace
