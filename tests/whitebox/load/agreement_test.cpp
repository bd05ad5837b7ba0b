// SPDX-License-Identifier: Apache-2.0
// The line of TWILL_REPORT and the verdict of `twill report` over the same windows.
#include "load/verdict.hpp"
#include "verdict/verdict.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace {

using std::chrono::nanoseconds;
using twill::load_window;
using twill::load_model::loss;
using twill::profile::cause;

constexpr double millisecond = 1e6;

/// A window that a program can have had: each worker below the limit is in one of its activities
/// while verbs run, and all are parked beside that.
load_window draw_window(std::mt19937_64& engine) {
    const auto share = [&] { return std::uniform_real_distribution<double>(0, 1)(engine); };
    const auto some = [&] { return share() < 0.5 ? 0.0 : share() * share(); };
    load_window made;
    const int workers = std::uniform_int_distribution<int>(1, 8)(engine);
    const int awake = std::uniform_int_distribution<int>(1, workers)(engine);
    made.awake_limit = awake == workers ? 0 : awake;
    const double wall = (1 + 1000 * share()) * millisecond;
    const double in_verbs = wall * (1 - some());
    const double weights[] = {3 * share(), some() / 2, some(), some(), some()};
    double cpu = 0;
    made.wall = nanoseconds(static_cast<std::int64_t>(wall));
    made.in_verbs = nanoseconds(static_cast<std::int64_t>(in_verbs));
    for (int k = 0; k < workers; ++k) {
        double parts[5];
        double sum = 1e-9;
        for (std::size_t n = 0; n < 5; ++n) {
            parts[n] = weights[n] * (0.5 + share());
            sum += parts[n];
        }
        const auto time = [&](std::size_t n) {
            return nanoseconds(k < awake ? static_cast<std::int64_t>(parts[n] / sum * in_verbs)
                                         : 0);
        };
        twill::worker_load one;
        one.open = made.wall;
        one.useful = time(0);
        one.dispatch = time(1);
        one.search = time(2);
        one.preempted = time(3);
        one.parked = one.open - one.useful - one.dispatch - one.search - *one.preempted;
        cpu += static_cast<double>((one.useful + one.dispatch + one.search).count());
        made.workers.push_back(one);
    }
    if (share() < 0.8) {
        made.off_places = nanoseconds(static_cast<std::int64_t>(cpu * some() / 4));
        made.cpu = nanoseconds(static_cast<std::int64_t>(cpu * (1 - some()))) + made.off_places;
    }
    return made;
}

twill::profile::profile profile_of(const load_window& from) {
    twill::profile::profile made;
    made.total.wall = from.wall.count();
    made.total.in_verbs = from.in_verbs.count();
    made.total.awake_limit = from.awake_limit;
    if (from.cpu) {
        made.total.cpu = from.cpu->count();
        made.total.off_places = from.off_places.count();
    }
    for (const twill::worker_load& one : from.workers) {
        twill::profile::worker to;
        to.open = one.open.count();
        to.useful = one.useful.count();
        to.dispatch = one.dispatch.count();
        to.search = one.search.count();
        to.parked = one.parked.count();
        to.preempted = one.preempted->count();
        made.total.workers.push_back(to);
    }
    return made;
}

/// What the line says where the report, which has no kinds or regions here, names this cause.
loss loss_of(cause what) {
    static const std::map<cause, loss> all{
        {cause::nothing, loss::nothing},
        {cause::serial_section, loss::serial},
        {cause::too_little_parallelism, loss::starved},
        {cause::fine_tasks, loss::dispatch},
        {cause::preemption, loss::preempted},
        {cause::blocking, loss::asleep},
    };
    return all.at(what);
}

TEST(agreement, of_the_line_and_the_report) {
    std::mt19937_64 engine(20261126);
    std::map<loss, int> seen;
    for (int number = 0; number < 20'000; ++number) {
        const load_window window = draw_window(engine);
        const auto judged = twill::profile::judge(profile_of(window));
        const auto parts = twill::load_model::lost(window);
        ASSERT_EQ(parts.capped.count(), judged.accounts.capped);
        ASSERT_EQ(parts.serial.count(), judged.accounts.serial);
        ASSERT_EQ(parts.starved.count(), judged.accounts.starved);
        ASSERT_EQ(parts.dispatch.count(), judged.accounts.dispatch);
        ASSERT_EQ(parts.preempted.count(), judged.accounts.preempted);

        const auto most = twill::load_model::most_lost(window);
        const auto& main = judged.findings.front();
        const std::string line = twill::load_model::verdict(window);
        ASSERT_EQ(most.where, loss_of(main.what)) << line << '\n' << one_line(judged);
        ASSERT_EQ(most.where == loss::nothing, line.find("nothing to gain") != std::string::npos);
        if (most.where != loss::nothing) {
            ASSERT_NEAR(most.gain, main.gain, 1e-6) << line << '\n' << one_line(judged);
        }
        ++seen[most.where];
    }
    for (const loss one : {loss::nothing, loss::serial, loss::starved, loss::dispatch,
                           loss::preempted, loss::asleep}) {
        EXPECT_GT(seen[one], 100) << static_cast<int>(one);
    }
}

} // namespace
