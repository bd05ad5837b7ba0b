// SPDX-License-Identifier: Apache-2.0
#include "sched/standstill.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace {

using namespace twill::sched; // NOLINT: as the other tests of this folder
using doing = twill::os::thread_state::doing;

seen_thread seen(int thread, waits_for what, doing state, std::uint64_t since = 1) {
    seen_thread one;
    one.thread = thread;
    one.wait = {what, nullptr, what == waits_for::nothing ? 0 : since};
    one.state.what = state;
    return one;
}
seen_thread in_task(int thread, doing state) { return seen(thread, waits_for::nothing, state); }
seen_thread in_section(int thread, doing state, std::uint64_t since = 1) {
    return seen(thread, waits_for::section, state, since);
}
seen_thread in_join(int thread, doing state = doing::waits_for_thread) {
    return seen(thread, waits_for::task, state);
}

class standstill : public testing::Test {
protected:
    /// Runtimes with these threads in which nothing has changed: which of them stand still?
    std::vector<bool> judged(std::vector<std::vector<seen_thread>> runtimes) {
        std::vector<look> all;
        for (auto& threads : runtimes) {
            look one;
            one.of = &idle_;
            one.threads = std::move(threads);
            one.stands = true;
            all.push_back(std::move(one));
        }
        judge(all);
        std::vector<bool> stand;
        for (const look& one : all) {
            stand.push_back(one.stands);
        }
        return stand;
    }
    bool stands(std::vector<seen_thread> threads) { return judged({std::move(threads)})[0]; }

private:
    scheduler idle_{scheduler_options{}};
};

TEST_F(standstill, takes_somebody_who_waits) {
    EXPECT_FALSE(stands({}));
    EXPECT_TRUE(stands({in_join(1)}));
    EXPECT_TRUE(stands({in_task(1, doing::waits_for_thread)}));
    EXPECT_FALSE(stands({in_section(1, doing::waits_for_thread)}));
    EXPECT_FALSE(stands({in_task(1, doing::waits_in_call)}));
    EXPECT_TRUE(stands({in_join(1), in_section(2, doing::waits_for_thread)}));
    EXPECT_TRUE(stands({in_join(1), in_task(2, doing::waits_in_call)}));
}

TEST_F(standstill, is_none_while_anybody_goes_on) {
    for (const doing state : {doing::runs, doing::waits_for_time, doing::unknown}) {
        EXPECT_FALSE(stands({in_join(1), in_task(2, state)}));
        EXPECT_FALSE(stands({in_join(1), in_section(2, state)}));
    }
    EXPECT_FALSE(stands({in_join(1), in_section(2, doing::waits_in_call)}));
    EXPECT_FALSE(stands({in_join(1), in_section(2, doing::sleeps)})); // nobody knows in what
    EXPECT_FALSE(stands({in_join(1), in_join(2, doing::runs)}));      // it has just been woken
}

TEST_F(standstill, follows_a_thread_into_another_runtime) {
    const auto in_other = [this](seen_thread there) {
        return judged({{in_join(1), in_section(2, doing::waits_for_thread)}, {there}});
    };
    EXPECT_EQ(in_other(in_join(2)), (std::vector<bool>{true, true}));
    EXPECT_EQ(in_other(in_task(2, doing::runs)), (std::vector<bool>{false, false}));
    EXPECT_EQ(judged({{in_join(1), in_section(2, doing::waits_for_thread)},
                      {in_join(2), in_task(3, doing::runs)}}),
              (std::vector<bool>{false, false}));
    // The runtime further out is at work: that does not help the inner one.
    EXPECT_EQ(judged({{in_task(1, doing::runs), in_section(2, doing::waits_for_thread)},
                      {in_join(2), in_section(3, doing::waits_for_thread)}}),
              (std::vector<bool>{false, true}));
}

TEST_F(standstill, follows_a_thread_from_section_to_section) {
    const auto chain = [this](doing state) {
        return judged({{in_join(1), in_section(2, doing::waits_for_thread, 5)},
                       {in_section(2, doing::waits_for_thread, 6)},
                       {in_task(2, state)}});
    };
    EXPECT_EQ(chain(doing::runs), (std::vector<bool>{false, false, false}));
    EXPECT_EQ(chain(doing::waits_for_thread), (std::vector<bool>{true, false, true}));
}

TEST(wait_note, is_read_as_it_was_written) {
    twill::detail::atomic<std::uint32_t>& on = watchdog_on;
    on.store(1, twill::detail::relaxed);
    wait_note note;
    EXPECT_EQ(note.read().what, waits_for::nothing);
    int object = 0;
    note.begin(waits_for::group, &object);
    const wait_note::view seen = note.read();
    EXPECT_EQ(seen.what, waits_for::group);
    EXPECT_EQ(seen.object, &object);
    EXPECT_NE(seen.since, 0U);
    bool looked = false;
    EXPECT_TRUE(note.look_at_object(seen, [&] { looked = true; }));
    EXPECT_TRUE(looked);
    note.end();
    EXPECT_EQ(note.read().what, waits_for::nothing);
    EXPECT_FALSE(note.look_at_object(seen, [] { ADD_FAILURE(); }));
    on.store(0, twill::detail::relaxed);
    note.begin(waits_for::group, &object);
    EXPECT_EQ(note.read().what, waits_for::nothing);
}

} // namespace
