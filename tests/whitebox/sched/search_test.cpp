// SPDX-License-Identifier: Apache-2.0
// How much a whole search reads: the words of the bits of seats, and those of threads without one.
#include "sched/search.hpp"

#include "sched/access.hpp"
#include "sched/made_up_seats.hpp"
#include "topology/worker_bits.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
using twill::testing_support::counted;
using twill::testing_support::numbers;
using twill::testing_support::seats_of;
using twill::topology::victim_rule;

/// Counts the words of a summary, and of the thread table.
struct counted_strays {
    summary_bits& of;
    std::int64_t& read_words;
    [[nodiscard]] int count() const { return of.count(); }
    [[nodiscard]] std::uint64_t read(int k) const {
        ++read_words;
        return of.read(k);
    }
    template <class Read>
    void lower(int word, const Read& read_word) {
        of.lower(word, read_word);
    }
};
struct counted_table {
    thread_table& of;
    std::int64_t& read_words;
    [[nodiscard]] std::uint32_t segments() const { return of.segments(); }
    [[nodiscard]] std::uint64_t public_word(std::uint32_t segment) const {
        ++read_words;
        return of.public_word(segment);
    }
    template <class Visit>
    bool for_each_in(std::uint32_t segment, std::uint64_t word, std::uint64_t start,
                     const Visit& visit) {
        return of.for_each_in(segment, word, start, visit);
    }
};

/// So many threads, each of which may sit on the place with its number.
class threads {
public:
    threads(int count, int cores, victim_rule rule) : all_(seats_of(count, cores, rule)) {
        for (int k = 0; k < count; ++k) {
            owner_.table().add(owner_, false);
        }
        static_cast<void>(search(0)); // all summaries stand at first
    }

    seating& all() { return *all_; }
    void add_stray(int number) {
        owner_.table().set_public(static_cast<std::uint32_t>(number));
        all_->strays().raise(number / static_cast<int>(thread_table::segment_size));
    }

    struct outcome {
        bool found = false;
        std::int64_t probes = 0; ///< words read, and threads looked at
    };
    /// As scheduler::steal_seated(), from place `own`; `with_work` has some, and nobody else.
    outcome search(int own, int with_work = -1) {
        outcome result;
        std::int64_t words = 0;
        const counted<place_set> bits(all_->with_public());
        counted_strays strays{all_->strays(), words};
        counted_table table{owner_.table(), words};
        const auto visit = [&](int number) {
            ++result.probes;
            return number == with_work;
        };
        result.found = visit_victims(all_->policy(), own, bits, random_, visit) ||
                       visit_strays(strays, table, random_(), [&](const thread_record& one) {
                           return visit(static_cast<int>(one.id));
                       });
        result.probes += bits.words_read() + words;
        return result;
    }

private:
    scheduler owner_{with_workers(2)};
    std::unique_ptr<seating> all_;
    numbers random_{1};
};

class whole_search : public testing::TestWithParam<victim_rule> {
protected:
    static constexpr int places = 1024;
    threads few_{2, 1, GetParam()};
    threads many_{places, 16, GetParam()};
};

TEST_P(whole_search, for_a_seated_thread_costs_the_same_with_2_and_with_1024_workers) {
    few_.all().with_public().set(1);
    const auto small = few_.search(0, 1);
    ASSERT_TRUE(small.found);
    for (const int holder : {1, 15, 16, 40, 500, 1023}) {
        many_.all().with_public().set(holder);
        for (const int thief : {0, 17, 1000}) {
            const auto large = many_.search(thief, holder);
            EXPECT_TRUE(large.found);
            EXPECT_LE(2 * large.probes, 3 * small.probes) << holder << " by " << thief;
        }
        many_.all().with_public().clear(holder);
    }
}

TEST_P(whole_search, for_a_stray_costs_the_same_with_2_and_with_1024_workers) {
    few_.add_stray(1);
    const auto small = few_.search(0, 1);
    ASSERT_TRUE(small.found);
    for (const int stray : {1, 63, 64, 500, 1023}) {
        threads many(places, 16, GetParam());
        many.add_stray(stray);
        const auto large = many.search(17, stray);
        EXPECT_TRUE(large.found);
        EXPECT_LE(2 * large.probes, 3 * small.probes) << stray;
    }
}

// Bits that stand too long cost a look each, and no more of them are looked at than that.
TEST_P(whole_search, for_a_stray_beside_bits_that_stand_too_long) {
    few_.all().with_public().set(1);
    few_.add_stray(0);
    const auto small = few_.search(0, 0);
    ASSERT_TRUE(small.found);
    for (int place = 1; place < places; ++place) {
        many_.all().with_public().set(place);
    }
    many_.add_stray(900);
    const auto large = many_.search(0, 900);
    EXPECT_TRUE(large.found);
    EXPECT_LE(2 * large.probes, 3 * small.probes);
}

TEST_P(whole_search, in_vain_costs_the_same_with_2_and_with_1024_workers) {
    const auto small = few_.search(0);
    const auto large = many_.search(17);
    EXPECT_FALSE(small.found || large.found);
    EXPECT_LE(2 * large.probes, 3 * small.probes);
}

INSTANTIATE_TEST_SUITE_P(rules, whole_search,
                         testing::Values(victim_rule::uniform, victim_rule::level),
                         [](const auto& one) {
                             return std::string(one.param == victim_rule::level ? "level"
                                                                                : "uniform");
                         });

} // namespace
