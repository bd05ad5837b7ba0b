// SPDX-License-Identifier: Apache-2.0

/// \file
/// A bag by itself: its owner puts in and takes the newest, others take the oldest, and whoever
/// looks finds a task if there is one. Three tasks need a second chunk.

#include "sched/bag.hpp"
#include "scenarios/scenarios.hpp"
#include "simulator/scenario.hpp"

#include <array>
#include <cstdint>

namespace twill::model {
namespace {

struct bag_world {
    sched::bag bag{nullptr};
    std::array<int, 4> ran{};
};

void put(bag_world& world, std::uint64_t id) {
    MODEL_CHECK(world.bag.put(nullptr, &id, 1) != sched::bag::put_result::no_memory);
}

void run(bag_world& world, const detail::group_task& task) {
    MODEL_CHECK(task.closure[0] < 4 && ++world.ran[task.closure[0]] == 1);
}

bool run_newest(bag_world& world) {
    const detail::group_task* const task = world.bag.take_newest();
    if (task != nullptr) {
        run(world, *task);
    }
    return task != nullptr;
}

void run_oldest(bag_world& world, std::uint32_t most) {
    std::array<detail::group_task, 2> tasks;
    const std::uint32_t count = world.bag.take_oldest(tasks.data(), most);
    for (std::uint32_t k = 0; k < count; ++k) {
        run(world, tasks[k]);
    }
}

} // namespace

void bag_scenario() {
    auto* world = new bag_world;
    name_it(world->bag, "bag");
    spawn("owner", [=] {
        for (std::uint64_t id = 0; id < 3; ++id) {
            put(*world, id);
        }
        run_newest(*world);
        run_newest(*world);
        put(*world, 3);
        while (run_newest(*world)) {
        }
    });
    spawn("thief 1", [=] { run_oldest(*world, 2); });
    spawn("thief 2", [=] { run_oldest(*world, 1); });
    finish();
    MODEL_CHECK(!world->bag.has_tasks());
    for (const int times : world->ran) {
        MODEL_CHECK(times == 1);
    }
}

// One task is there all the time, wherever the owner moves it.
void bag_seen_scenario() {
    auto* world = new bag_world;
    name_it(world->bag, "bag");
    spawn("owner", [=] {
        put(*world, 0);
        for (int round = 0; round < 2; ++round) {
            put(*world, 1);
            put(*world, 2);
            run_newest(*world);
            run_newest(*world);
            world->ran = {};
        }
    });
    for (const char* name : {"looker 1", "looker 2"}) {
        spawn(name, [=] {
            bool before = false;
            for (int k = 0; k < 3; ++k) {
                const bool now = world->bag.has_tasks();
                MODEL_CHECK(now || !before);
                before = now;
            }
        });
    }
    finish();
    MODEL_CHECK(run_newest(*world) && !run_newest(*world));
}

} // namespace twill::model
