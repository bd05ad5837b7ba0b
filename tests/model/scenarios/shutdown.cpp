// SPDX-License-Identifier: Apache-2.0

/// \file
/// The end of a scheduler: tickets that were queued before it are served, every thread of the
/// runtime ends, and nobody touches anything of it after that.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "scenarios/task_tree.hpp"
#include "twill/detail/slow_path.hpp"

namespace twill::model {
namespace {

/// With a second place the first guest's job is stolen.
struct ending_world {
    sched::scheduler* runtime = nullptr;
    task_tree tree{task_tree::root, task_tree::root, 0, 0, 1, 1};
    int places = 0;
    event begun;
    detail::atomic<std::uint32_t> first_inside{0};
    detail::atomic<std::uint32_t> second_inside{0};
};

void first_guest(ending_world& world) {
    world.tree.run(0, [&world] {
        detail::enter_slow();
        world.first_inside.store(1, detail::release);
        world.tree.fork(
            2, 3,
            [&world] {
                if (world.places > 1) {
                    wait_if_public(world.begun);
                }
            },
            [&world] { world.begun.set(); });
        detail::leave_slow();
    });
}

void second_guest(ending_world& world) {
    world.tree.run(1, [&world] {
        detail::enter_slow();
        world.second_inside.store(1, detail::release);
        world.tree.fork(4, 5, [] {}, [] {});
        detail::leave_slow();
    });
}

// Only guests that are inside or hold a ticket may still be there, and the caller knows that they
// are.
void end_it(ending_world& world) {
    while (world.first_inside.load(detail::acquire) == 0) {
        detail::pause();
    }
    while (world.second_inside.load(detail::acquire) == 0 &&
           !inside::tickets(*world.runtime).waiting()) {
        detail::pause();
    }
    world.runtime->shut_down();
    destroy_at_once(world.runtime);
}

void end_with_places(int places) {
    auto* world = new ending_world;
    world->places = places;
    world->runtime = &make_world(places, places);
    spawn("guest 1", [=] { first_guest(*world); });
    spawn("guest 2", [=] { second_guest(*world); });
    spawn("ender", [=] { end_it(*world); });
    finish();
    world->tree.check_all_ran();
    const runtime_threads threads = count_runtime_threads();
    MODEL_CHECK(threads.ended == threads.count);
}

} // namespace

void shutdown_ticket_scenario() { end_with_places(1); }
void shutdown_scenario() { end_with_places(2); }

} // namespace twill::model
