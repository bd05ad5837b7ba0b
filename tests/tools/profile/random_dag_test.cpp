// SPDX-License-Identifier: Apache-2.0
// Random programs of forks and loops, run by a pretended scheduler on random threads, against the
// work and span that the program's tree has by definition.
#include "profile/read.hpp"
#include "recording.hpp"

#include <algorithm>
#include <bit>
#include <random>

namespace {

using namespace twill::profile::testing;
using twill::profile::dag;
using twill::trace::event_type;
using twill::trace::root_why;

/// What a program does.
struct node {
    enum class what { work, sequence, fork, loop } kind = what::work;
    std::uint64_t ticks = 0;
    std::vector<node> parts;
};

node make(std::mt19937& random, int depth) {
    node result;
    const auto choice = depth == 0 ? 0U : static_cast<unsigned>(random() % 8);
    if (choice == 0) {
        result.ticks = 1 + random() % 1'000;
        return result;
    }
    std::size_t count = 2;
    if (choice <= 2) {
        result.kind = node::what::sequence;
        count = 1 + random() % 3;
    } else if (choice <= 5) {
        result.kind = node::what::fork;
    } else {
        result.kind = node::what::loop;
        count = 1 + random() % 6;
    }
    for (std::size_t k = 0; k < count; ++k) {
        result.parts.push_back(make(random, depth - 1));
    }
    return result;
}

/// By the definition: a strand ends where a fork or a loop begins, ends, or goes to the next part.
class definition {
public:
    explicit definition(std::uint64_t price) : price_(price) {}

    struct lengths {
        std::uint64_t span = 0;
        std::uint64_t burdened = 0;
    };
    lengths of(const node& one) {
        lengths result;
        switch (one.kind) {
        case node::what::work:
            strand_ += one.ticks;
            return {one.ticks, one.ticks};
        case node::what::sequence:
            for (const node& part : one.parts) {
                const lengths next = of(part);
                result.span += next.span;
                result.burdened += next.burdened;
            }
            return result;
        case node::what::fork:
        case node::what::loop:
            for (const node& part : one.parts) {
                end_strand();
                const lengths next = of(part);
                result.span = std::max(result.span, next.span);
                result.burdened = std::max(result.burdened, next.burdened);
            }
            end_strand();
            const auto forks = static_cast<std::uint64_t>(std::bit_width(one.parts.size() - 1));
            result.burdened += price_ * (one.kind == node::what::fork ? 1 : forks);
            return result;
        }
        return result;
    }
    void end_strand() {
        if (strand_ > 0) {
            work += strand_;
            longest = std::max(longest, strand_);
            ++strands;
        }
        strand_ = 0;
    }
    std::uint64_t work = 0;
    std::uint64_t longest = 0;
    std::uint64_t strands = 0;

private:
    std::uint64_t price_;
    std::uint64_t strand_ = 0;
};

/// One thread runs at a time, the others wait in their joins: what they record is what they would
/// in any run with these steals.
class pretended_scheduler {
public:
    pretended_scheduler(std::mt19937& random, std::uint32_t threads)
        : random_(random), count_(threads), epochs_(threads, 0) {}

    std::map<std::uint32_t, thread_events> run(const node& program) {
        on(0).useful(now_);
        on(0).link(now_, event_type::root_begin, static_cast<std::uint32_t>(root_why::guest), {});
        run(program, 0);
        on(0).at(now_, event_type::root_end);
        on(0).useful(now_, false);
        return std::move(events_);
    }

private:
    thread_events& on(std::uint32_t thread) { return events_[thread]; }
    bool is_stolen() { return count_ > 1 && random_() % 2 == 0; }

    void run(const node& one, std::uint32_t self) {
        switch (one.kind) {
        case node::what::work:
            now_ += one.ticks;
            break;
        case node::what::sequence:
            for (const node& part : one.parts) {
                run(part, self);
            }
            break;
        case node::what::fork:
            on(self).at(now_, event_type::fork);
            run(one.parts[0], self);
            if (is_stolen()) {
                steal(self, event_type::join_stolen,
                      [&](std::uint32_t thief) { run(one.parts[1], thief); });
            } else {
                on(self).at(now_, event_type::join_own);
                run(one.parts[1], self);
            }
            on(self).at(now_, event_type::sync);
            break;
        case node::what::loop:
            on(self).at(now_, event_type::loop_begin);
            run_blocks(one, 0, self);
            on(self).at(now_, event_type::loop_end);
            break;
        }
    }

    void run_blocks(const node& loop, std::size_t first, std::uint32_t self) {
        for (std::size_t k = first; k < loop.parts.size(); ++k) {
            if (k > first && is_stolen()) {
                steal(self, event_type::loop_stolen,
                      [&](std::uint32_t thief) { run_blocks(loop, k, thief); });
                return;
            }
            if (k > first) {
                on(self).at(now_, event_type::block);
            }
            run(loop.parts[k], self);
        }
    }

    template <class Run>
    void steal(std::uint32_t self, event_type join, Run&& run_it) {
        const auto thief =
            static_cast<std::uint32_t>((self + 1 + random_() % (count_ - 1)) % count_);
        const std::uint32_t epoch = epochs_[thief]++;
        on(self).useful(now_, false);
        now_ += random_() % 50;
        on(thief).useful(now_);
        const root_why why = random_() % 2 == 0 ? root_why::steal : root_why::leapfrog;
        on(thief).link(now_, event_type::root_begin, static_cast<std::uint32_t>(why),
                       {self, epoch});
        run_it(thief);
        on(thief).at(now_, event_type::root_end);
        on(thief).useful(now_, false);
        now_ += random_() % 50;
        on(self).link(now_, join, 0, {thief, epoch});
        on(self).useful(now_);
    }

    std::mt19937& random_;
    std::uint32_t count_;
    std::vector<std::uint32_t> epochs_;
    std::map<std::uint32_t, thread_events> events_;
    std::uint64_t now_ = 1'000;
};

class profile_random_dag : public profile_test {};

TEST_F(profile_random_dag, is_what_its_tree_says) {
    std::uint64_t strands = 0;
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937 random(seed);
        node program;
        program.kind = node::what::sequence;
        program.parts.push_back(make(random, 1 + static_cast<int>(seed % 9)));
        const auto threads = static_cast<std::uint32_t>(1 + random() % 6);
        twill::trace::file_header header = plain_header();
        header.steal_takes = static_cast<std::int64_t>(random() % 500);
        const std::size_t words = 1 + random() % 100;
        write(pretended_scheduler(random, threads).run(program), header, words);
        const twill::profile::profile result = twill::profile::read(path());

        definition expected(static_cast<std::uint64_t>(header.steal_takes));
        const definition::lengths lengths = expected.of(program);
        expected.end_strand();
        ASSERT_EQ(result.no_dag, "") << "seed " << seed;
        ASSERT_TRUE(result.strands);
        EXPECT_EQ(result.strands->work, static_cast<std::int64_t>(expected.work)) << seed;
        EXPECT_EQ(result.strands->span, static_cast<std::int64_t>(lengths.span)) << seed;
        EXPECT_EQ(result.strands->burdened, static_cast<std::int64_t>(lengths.burdened)) << seed;
        EXPECT_EQ(result.strands->strands, expected.strands) << seed;
        EXPECT_EQ(result.strands->longest_strand, static_cast<std::int64_t>(expected.longest));
        EXPECT_TRUE(result.notes.empty()) << result.notes.front();
        strands += expected.strands;
    }
    EXPECT_GT(strands, 10'000U); // the trees are not all small
}

} // namespace
