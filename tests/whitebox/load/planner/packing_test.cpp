// SPDX-License-Identifier: Apache-2.0
#include "load/planner/packing.hpp"

#include "load/planner/bounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

namespace twill::planner {
namespace {

constexpr std::uint64_t plenty = 1'000'000;
constexpr std::int64_t no_deadline = INT64_MAX;

groups grouped(const std::vector<size>& sizes) {
    std::map<size, std::uint32_t, std::greater<>> counts;
    for (const size one : sizes) {
        ++counts[one];
    }
    groups made;
    for (const auto& [one, count] : counts) {
        made.sizes.push_back(one);
        made.counts.push_back(count);
    }
    return made;
}

/// Tries all ways.
bool can_be_packed(const std::vector<size>& sizes, std::vector<size>& rooms, std::size_t from = 0) {
    if (from == sizes.size()) {
        return true;
    }
    for (size& room : rooms) {
        if (room >= sizes[from]) {
            room -= sizes[from];
            const bool fits = can_be_packed(sizes, rooms, from + 1);
            room += sizes[from];
            if (fits) {
                return true;
            }
        }
    }
    return false;
}

void expect_packed(const packing& done, const std::vector<size>& bins) {
    std::vector<std::uint32_t> left = done.tasks().counts;
    for (std::size_t b = 0; b < bins.size(); ++b) {
        size filled = 0;
        for (std::size_t p = done.picks_begin(b); p < done.picks_begin(b + 1); ++p) {
            const packing::pick& pick = done.picks()[p];
            ASSERT_GE(left[pick.group], pick.count);
            left[pick.group] -= pick.count;
            filled += done.tasks().sizes[pick.group] * static_cast<size>(pick.count);
        }
        EXPECT_LE(filled, bins[b]);
    }
    EXPECT_EQ(left, std::vector<std::uint32_t>(left.size()));
}

TEST(packing, against_all_ways) {
    std::mt19937_64 random(3);
    int packed = 0;
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
        std::vector<size> sizes(1 + random() % 9);
        for (size& one : sizes) {
            one = 1 + static_cast<size>(random() % 12);
        }
        std::vector<size> bins(1 + random() % 4);
        size total = 0;
        for (const size one : sizes) {
            total += one;
        }
        for (size& bin : bins) {
            bin = total / static_cast<size>(bins.size()) +
                  (round % 2 == 0 ? 1 : static_cast<size>(random() % 5));
        }
        std::sort(bins.begin(), bins.end());
        packing search(grouped(sizes), bins.size());
        const packing::answer found = search.search(bins, plenty, no_deadline);
        ASSERT_NE(found, packing::answer::unknown);
        std::vector<size> rooms = bins;
        ASSERT_EQ(found == packing::answer::fits, can_be_packed(sizes, rooms)) << "round " << round;
        if (found == packing::answer::fits) {
            expect_packed(search, bins);
            ++packed;
        } else {
            ++refused;
        }
    }
    EXPECT_GT(packed, 400);
    EXPECT_GT(refused, 400);
}

TEST(packing, gives_up_when_its_steps_are_used_up) {
    std::mt19937_64 random(4);
    std::vector<size> sizes(60);
    size total = 0;
    for (size& one : sizes) {
        one = static_cast<size>(random() >> 30);
        total += one;
    }
    // As tight as can be: all bins full to the last unit, or one short of it.
    const std::vector<size> bins(6, (total + 5) / 6);
    packing search(grouped(sizes), bins.size());
    EXPECT_EQ(search.search(bins, 1000, no_deadline), packing::answer::unknown);
    EXPECT_EQ(search.search(bins, plenty, 0), packing::answer::unknown);
    // With room it is done at once, after that.
    const std::vector<size> roomy(6, total / 5);
    EXPECT_EQ(search.search(roomy, plenty, no_deadline), packing::answer::fits);
    expect_packed(search, roomy);
}

TEST(bins_needed, counts_what_cannot_share) {
    EXPECT_EQ(bins_needed(grouped({6, 6, 6}), 10, 9), 3U);
    // 6 leaves 4, so each 5 needs a bin with another 5 in it.
    EXPECT_EQ(bins_needed(grouped({6, 6, 5, 5, 5}), 10, 9), 4U);
    EXPECT_EQ(bins_needed(grouped({6, 6, 4, 4}), 10, 9), 2U);
    EXPECT_GT(bins_needed(grouped({6, 6, 6, 6}), 10, 2), 2U);
}

} // namespace
} // namespace twill::planner
