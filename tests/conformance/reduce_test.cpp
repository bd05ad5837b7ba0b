// SPDX-License-Identifier: Apache-2.0
// parallel_reduce: order, bracketing, and values of every kind.
#include "support.hpp"

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace twill_test;

std::string digits(int first, int last) {
    std::string all;
    for (int i = first; i < last; ++i) {
        all += std::to_string(i) + ",";
    }
    return all;
}

// Concatenation is associative and not commutative.
TEST(reduce, keeps_the_order_of_a_concatenation) {
    const std::string expected = digits(0, 3000);
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [&] {
        const std::string joined = twill::parallel_reduce(
            0, 3000, std::string(),
            [](int i) {
                keep(work(200));
                return std::to_string(i) + ",";
            },
            [](std::string a, std::string b) { return a + b; });
        ASSERT_EQ(joined, expected);
    }));
}

// 64 elements and fewer take the path that polls between any two of them.
TEST(reduce, keeps_the_order_of_short_loops) {
    for (const int count : {2, 3, 5, 17, 63, 64, 65}) {
        const std::string expected = digits(0, count);
        EXPECT_TRUE(
            repeat_until_stolen(scaled(30),
                                [&] {
                                    const std::string joined = twill::parallel_reduce(
                                        0, count, std::string(),
                                        [](int i) {
                                            keep(work(2000));
                                            return std::to_string(i) + ",";
                                        },
                                        [](std::string a, const std::string& b) { return a + b; });
                                    ASSERT_EQ(joined, expected);
                                }) ||
            count == 1);
    }
}

/// 2 x 2 matrices modulo 2^64: a product that does not commute, in 32 bytes.
struct matrix {
    std::array<std::uint64_t, 4> cells;
    friend matrix operator*(const matrix& a, const matrix& b) {
        const auto& x = a.cells;
        const auto& y = b.cells;
        return {{x[0] * y[0] + x[1] * y[2], x[0] * y[1] + x[1] * y[3], x[2] * y[0] + x[3] * y[2],
                 x[2] * y[1] + x[3] * y[3]}};
    }
    friend bool operator==(const matrix&, const matrix&) = default;
};

TEST(reduce, keeps_the_order_of_a_matrix_product) {
    const auto factor = [](int i) {
        const auto n = static_cast<std::uint64_t>(i);
        return matrix{{n + 1, n * 3 + 2, n ^ 5, n + 7}};
    };
    const matrix one{{1, 0, 0, 1}};
    matrix expected = one;
    for (int i = 0; i < 20'000; ++i) {
        expected = expected * factor(i);
    }
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [&] {
        ASSERT_EQ(twill::parallel_reduce(0, 20'000, one, factor, std::multiplies<>()), expected);
    }));
}

/// Affine maps x -> a x + b: small and trivial, so each piece starts from the identity.
struct affine {
    std::uint64_t a;
    std::uint64_t b;
    friend bool operator==(const affine&, const affine&) = default;
};
affine then(affine first, affine second) {
    return {second.a * first.a, second.a * first.b + second.b};
}

TEST(reduce, keeps_the_order_of_small_values) {
    const auto map = [](std::uint64_t i) { return affine{i * 2 + 1, i}; };
    affine expected{1, 0};
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        expected = then(expected, map(i));
    }
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [&] {
        ASSERT_EQ(twill::parallel_reduce(0, std::uint64_t{100'000}, affine{1, 0}, map, then),
                  expected);
    }));
}

TEST(reduce, returns_the_identity_of_an_empty_range) {
    const auto never = [](int i) {
        ADD_FAILURE();
        return i;
    };
    EXPECT_EQ(twill::parallel_reduce(0, 0, 42, never, std::plus<>()), 42);
    EXPECT_EQ(twill::parallel_reduce(5, 3, 42, never, std::plus<>()), 42);
    const auto text = twill::parallel_reduce(
        0, 0, std::string("nothing"), [](int) { return std::string(); }, std::plus<>());
    EXPECT_EQ(text, "nothing");
    std::vector<int> none;
    EXPECT_EQ(twill::parallel_reduce(none.begin(), none.end(), 7, never, std::plus<>()), 7);
}

TEST(reduce, takes_values_that_can_only_be_moved) {
    using owner = std::unique_ptr<long>;
    EXPECT_TRUE(repeat_until_stolen(scaled(50), [] {
        const owner sum = twill::parallel_reduce(
            0, 5000, owner(std::make_unique<long>(0)),
            [](int i) {
                keep(work(50));
                return std::make_unique<long>(i);
            },
            [](owner a, owner b) {
                *a += *b;
                return a;
            });
        ASSERT_EQ(*sum, 12'497'500);
    }));
    const owner identity = twill::parallel_reduce(
        0, 0, std::make_unique<long>(9), [](int) { return owner(); },
        [](owner a, owner) { return a; });
    EXPECT_EQ(*identity, 9);
}

/// Neither assignable nor default constructible, small and trivial all the same.
struct frozen {
    const int number;
};
struct large {
    std::array<long, 1000> counts{};
};

TEST(reduce, takes_values_that_cannot_be_assigned) {
    const frozen sum = twill::parallel_reduce(
        0, 1000, frozen{0}, [](int i) { return frozen{i}; },
        [](frozen a, frozen b) { return frozen{a.number + b.number}; });
    EXPECT_EQ(sum.number, 499'500);
}

TEST(reduce, takes_large_values) {
    const large histogram = twill::parallel_reduce(
        0, 5000, large{},
        [](int i) {
            large one;
            one.counts[static_cast<std::size_t>(i) % 1000] = 1;
            return one;
        },
        [](large a, const large& b) {
            for (std::size_t k = 0; k < a.counts.size(); ++k) {
                a.counts[k] += b.counts[k];
            }
            return a;
        });
    for (const long count : histogram.counts) {
        ASSERT_EQ(count, 5);
    }
}

TEST(reduce, converts_what_map_and_combine_return_to_the_type_of_the_identity) {
    const double sum = twill::parallel_reduce(
        0, 100, 0.0, [](int i) { return i; }, [](double a, double b) { return a + b; });
    EXPECT_EQ(sum, 4950.0);
    const auto text = twill::parallel_reduce(
        0, 3, std::string(), [](int) { return "ab"; },
        [](const std::string& a, const std::string& b) { return a + b; });
    EXPECT_EQ(text, "ababab");
    const auto total =
        twill::parallel_reduce(0, 100'000, std::int64_t{0}, [](int i) { return i; }, std::plus<>());
    EXPECT_EQ(total, std::int64_t{100'000} * 99'999 / 2);
}

TEST(reduce, destroys_each_value_once) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        const counted sum = twill::parallel_reduce(
            0, 1000, counted(0),
            [](int i) {
                keep(work(300));
                return counted(i);
            },
            [](counted a, counted b) { return counted(a.number() + b.number()); });
        ASSERT_EQ(sum.number(), 499'500);
        ASSERT_EQ(counted::live(), 1);
    }));
    EXPECT_EQ(counted::live(), 0);
}

TEST(reduce, passes_on_what_map_throws) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        EXPECT_THROW(twill::parallel_reduce(
                         0, 2000, counted(0),
                         [](int i) {
                             keep(work(300));
                             if (i % 1500 == 1400) {
                                 throw std::runtime_error("map");
                             }
                             return counted(i);
                         },
                         [](counted a, counted b) { return counted(a.number() + b.number()); }),
                     std::runtime_error);
        ASSERT_EQ(counted::live(), 0);
    }));
}

TEST(reduce, passes_on_what_combine_throws) {
    EXPECT_TRUE(repeat_until_stolen(scaled(100), [] {
        EXPECT_THROW(twill::parallel_reduce(
                         0, 2000, counted(0),
                         [](int i) {
                             keep(work(300));
                             return counted(i);
                         },
                         [](counted a, counted b) {
                             if (b.number() == 1999) {
                                 throw std::runtime_error("combine");
                             }
                             return counted(a.number() < b.number() ? b.number() : a.number());
                         }),
                     std::runtime_error);
        ASSERT_EQ(counted::live(), 0);
    }));
}

// One worker combines from left to right, a single piece: the serial sum to the last bit.
TEST(reduce, of_one_worker_is_the_serial_loop) {
    if (twill::worker_count() != 1) {
        GTEST_SKIP() << "more than one worker";
    }
    double expected = 0;
    for (int i = 0; i < 10'000; ++i) {
        expected += 1.0 / (i + 1);
    }
    EXPECT_EQ(twill::parallel_reduce(
                  0, 10'000, 0.0, [](int i) { return 1.0 / (i + 1); }, std::plus<>()),
              expected);
}

TEST(reduce, nests_in_loops_and_forks) {
    std::vector<long> sums(100);
    twill::parallel_for(0, 100, [&](int row) {
        const auto [left, right] = twill::parallel_invoke(
            [row] {
                return twill::parallel_reduce(
                    0, row, 0L, [](int i) { return long{i}; }, std::plus<>());
            },
            [row] {
                return twill::parallel_reduce(
                    row, 100, 0L, [](int i) { return long{i}; }, std::plus<>());
            });
        sums[static_cast<std::size_t>(row)] = left + right;
    });
    for (const long sum : sums) {
        ASSERT_EQ(sum, 4950);
    }
}

} // namespace
