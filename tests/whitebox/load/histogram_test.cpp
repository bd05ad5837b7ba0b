// SPDX-License-Identifier: Apache-2.0
#include "load/histogram.hpp"
#include "twill/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using twill::load_model::histogram;

TEST(histogram, has_every_length_in_the_bucket_that_begins_before_it) {
    std::mt19937_64 random(7);
    for (int k = 0; k < 200'000; ++k) {
        const std::uint64_t length = random() >> (16 + random() % 48);
        const std::size_t bucket = histogram::bucket_of(length);
        ASSERT_LT(bucket, histogram::buckets);
        ASSERT_LE(histogram::begin_of(bucket), length);
        ASSERT_LT(length, histogram::begin_of(bucket + 1));
    }
}

TEST(histogram, has_buckets_that_touch_and_are_a_sixteenth_wide) {
    for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket) {
        const std::uint64_t begin = histogram::begin_of(bucket);
        const std::uint64_t end = histogram::begin_of(bucket + 1);
        ASSERT_EQ(histogram::bucket_of(begin), bucket);
        ASSERT_EQ(histogram::bucket_of(end - 1), bucket);
        if (begin >= histogram::parts) {
            ASSERT_LE((end - begin) * histogram::parts, begin);
        }
    }
}

TEST(histogram, keeps_what_is_too_long_as_the_longest) {
    EXPECT_EQ(histogram::bucket_of(~std::uint64_t{0}), histogram::buckets - 1);
    EXPECT_EQ(histogram::begin_of(histogram::buckets), std::uint64_t{1} << 48);
}

TEST(histogram, tells_percentiles_within_a_sixteenth) {
    std::mt19937_64 random(11);
    std::vector<std::uint64_t> lengths;
    twill::duration_histogram told{std::vector<std::uint64_t>(histogram::buckets), 1};
    for (int k = 0; k < 10'000; ++k) {
        lengths.push_back(100 + random() % 1'000'000);
        ++told.counts[histogram::bucket_of(lengths.back())];
    }
    std::sort(lengths.begin(), lengths.end());
    for (const double p : {0.0, 0.01, 0.5, 0.9, 0.99, 1.0}) {
        const auto rank = static_cast<std::size_t>(std::ceil(std::max(p * 10'000, 1.0))) - 1;
        const auto exact = static_cast<double>(lengths[rank]);
        EXPECT_NEAR(static_cast<double>(told.percentile(p).count()), exact, exact / 16 + 1) << p;
    }
    EXPECT_EQ(told.percentile(-1), told.percentile(0));
    EXPECT_EQ(told.percentile(2), told.percentile(1));
    EXPECT_EQ(twill::duration_histogram{}.percentile(0.5).count(), 0);
}

} // namespace
