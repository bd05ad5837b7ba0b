// SPDX-License-Identifier: Apache-2.0
// Every strategy against all plans there are, on small instances.
#include <twill/plan.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using twill::plan;
using twill::plan_strategy;
using twill::plan_task;

constexpr plan_strategy all_strategies[] = {plan_strategy::round_robin, plan_strategy::list,
                                            plan_strategy::lpt, plan_strategy::multifit,
                                            plan_strategy::exact};
/// Sums in another order differ by so much, relatively.
constexpr double noise = 1e-12;

struct small_instance {
    std::vector<plan_task> tasks;
    std::vector<double> speeds;
};

/// The smallest makespan of all assignments.
class all_plans {
public:
    explicit all_plans(const small_instance& given) : given_(given), loads_(given.speeds.size()) {
        place(0);
    }
    [[nodiscard]] double best() const { return best_; }

private:
    void place(std::size_t task) {
        double makespan = 0;
        for (std::size_t j = 0; j < loads_.size(); ++j) {
            makespan = std::max(makespan, loads_[j] / given_.speeds[j]);
        }
        if (makespan >= best_) {
            return;
        }
        if (task == given_.tasks.size()) {
            best_ = makespan;
            return;
        }
        for (double& load : loads_) {
            const double before = load;
            load += given_.tasks[task].time;
            place(task + 1);
            load = before;
        }
    }

    const small_instance& given_;
    std::vector<double> loads_;
    double best_ = 1e300;
};

small_instance random_instance(std::mt19937_64& random, bool equal_speeds) {
    small_instance made;
    const std::size_t tasks = 1 + random() % 8;
    const std::size_t cores = 1 + random() % 4;
    const std::uint64_t range = 1 + random() % 30;
    const std::uint64_t form = random() % 3;
    for (std::size_t k = 0; k < tasks; ++k) {
        const auto whole = static_cast<double>(random() % range);
        const auto part = static_cast<double>(random() % 1'000'003) / 1'000'003;
        const double times[] = {whole, whole / 10, whole + part};
        made.tasks.push_back({times[form]});
    }
    for (std::size_t j = 0; j < cores; ++j) {
        const double speeds[] = {1.0 + static_cast<double>(random() % 3),
                                 0.5 + static_cast<double>(random() % 1000) / 700};
        made.speeds.push_back(equal_speeds ? 1.0 : speeds[form % 2]);
    }
    return made;
}

/// What every plan must hold, whatever made it.
void expect_sound(const plan& made, const small_instance& given) {
    std::vector<int> seen(given.tasks.size());
    double makespan = 0;
    double total = 0;
    for (std::size_t j = 0; j < made.cores.size(); ++j) {
        double load = 0;
        for (const std::size_t task : made.cores[j].tasks) {
            ++seen.at(task);
            EXPECT_EQ(made.core_of[task], j);
            load += given.tasks[task].time;
        }
        load /= given.speeds[j];
        EXPECT_NEAR(made.cores[j].load, load, noise * (1 + load));
        makespan = std::max(makespan, made.cores[j].load);
        total += made.cores[j].load;
    }
    EXPECT_EQ(seen, std::vector<int>(given.tasks.size(), 1));
    EXPECT_EQ(made.makespan, makespan);
    EXPECT_EQ(made.total_load, total);
    EXPECT_LE(made.lower_bound, made.makespan);
}

void expect_promises(const plan& made, double best) {
    EXPECT_GE(made.makespan, best * (1 - noise));
    EXPECT_LE(made.lower_bound, best * (1 + noise));
    if (made.promised_ratio) {
        EXPECT_LE(made.makespan, *made.promised_ratio * best * (1 + noise));
    }
    if (made.promised_makespan) {
        EXPECT_LE(made.makespan, *made.promised_makespan * (1 + noise));
    }
    if (made.strategy == plan_strategy::exact) {
        EXPECT_LE(made.makespan, best * (1 + noise));
        EXPECT_TRUE(made.optimal());
        EXPECT_EQ(made.promised_ratio, 1);
    }
}

void compare_with_all_plans(bool equal_speeds) {
    std::mt19937_64 random(6);
    for (int round = 0; round < 4000 && !testing::Test::HasFailure(); ++round) {
        const small_instance given = random_instance(random, equal_speeds);
        const double best = all_plans(given).best();
        for (const plan_strategy strategy : all_strategies) {
            SCOPED_TRACE(testing::Message()
                         << "round " << round << ", strategy " << static_cast<int>(strategy));
            const plan made = twill::make_plan(given.tasks, static_cast<int>(given.speeds.size()),
                                               {.strategy = strategy, .speeds = given.speeds});
            expect_sound(made, given);
            expect_promises(made, best);
        }
    }
}

TEST(strategies, against_all_plans_on_equal_cores) { compare_with_all_plans(true); }

TEST(strategies, against_all_plans_on_different_cores) { compare_with_all_plans(false); }

TEST(strategies, lpt_meets_its_bound) {
    // Graham's own example for two cores: 7/6 of the best.
    const std::vector<plan_task> tasks{{3}, {3}, {2}, {2}, {2}};
    EXPECT_EQ(twill::make_plan(tasks, 2).makespan, 7);
    EXPECT_EQ(twill::make_plan(tasks, 2, {.strategy = plan_strategy::exact}).makespan, 6);
    EXPECT_DOUBLE_EQ(*twill::make_plan(tasks, 2).promised_ratio, 7.0 / 6);
}

TEST(strategies, list_meets_its_bound) {
    // m (m - 1) short tasks, and then one as long as m of them.
    std::vector<plan_task> tasks(12, {1});
    tasks.push_back({4});
    const plan made = twill::make_plan(tasks, 4, {.strategy = plan_strategy::list});
    EXPECT_EQ(made.makespan, 7);
    EXPECT_EQ(made.promised_makespan, 7);
    EXPECT_EQ(made.lower_bound, 4);
}

TEST(strategies, pigeonholes_bound) {
    // Four cores, five tasks of 3: two of them meet. S/m and the longest say 3.75 and 3.
    EXPECT_EQ(twill::make_plan(std::vector<plan_task>(5, {3}), 4).lower_bound, 6);
    // Nine tasks on four: three of them meet.
    EXPECT_EQ(twill::make_plan(std::vector<plan_task>(9, {3}), 4).lower_bound, 9);
}

TEST(strategies, exact_solves_sixty_tasks) {
    std::mt19937_64 random(1);
    for (const int cores : {5, 12, 25}) {
        std::vector<plan_task> tasks;
        for (int k = 0; k < 60; ++k) {
            tasks.push_back({static_cast<double>(1 + random() % 100)});
        }
        const plan made = twill::make_plan(tasks, cores, {.strategy = plan_strategy::exact});
        EXPECT_TRUE(made.optimal()) << cores << " cores, gap " << made.gap();
        const plan lpt = twill::make_plan(tasks, cores);
        EXPECT_LE(made.makespan, lpt.makespan);
        EXPECT_GE(made.lower_bound, lpt.lower_bound);
    }
}

TEST(strategies, exact_gives_its_best_at_the_time_limit) {
    std::mt19937_64 random(2);
    std::vector<plan_task> tasks;
    for (int k = 0; k < 60; ++k) {
        tasks.push_back({static_cast<double>(random()) * 1e-3});
    }
    const plan before = twill::make_plan(tasks, 7, {.strategy = plan_strategy::multifit});
    const plan made = twill::make_plan(
        tasks, 7, {.strategy = plan_strategy::exact, .time_limit = std::chrono::milliseconds(100)});
    EXPECT_LE(made.makespan, before.makespan);
    EXPECT_LT(made.gap(), 1e-3);
    EXPECT_GT(*made.promised_ratio, 1);
}

} // namespace
