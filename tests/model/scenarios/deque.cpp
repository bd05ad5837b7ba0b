// SPDX-License-Identifier: Apache-2.0
#include "scenarios/scenarios.hpp"

#include "sched/deque.hpp"
#include "simulator/scenario.hpp"

#include <array>

namespace twill::model {
namespace {

using sched::deque_word;
using sched::job;
using sched::public_deque;

/// A job in a frame of its owner, with something that is not atomic beside it.
struct framed_job : job {
    plain<int> payload;
};

constexpr std::uint64_t begun_nowhere = 0;
constexpr std::uint64_t ended = 1;

struct deque_world {
    public_deque deque;
    std::array<int, 8> ran{};
};

void run_once(deque_world& world, framed_job& one, int only_root = 0) {
    const int id = one.payload.read();
    MODEL_CHECK(only_root == 0 || id / 4 == only_root - 1);
    MODEL_CHECK(world.ran[static_cast<std::size_t>(id)]++ == 0);
}

void open(framed_job& one, int id) {
    one.state.store(begun_nowhere, detail::relaxed);
    one.payload.write(id);
}

// The owner's join: takes it back, or waits until whoever has it is done.
void join(deque_world& world, framed_job& newest) {
    if (world.deque.take_back(&newest)) {
        run_once(world, newest);
        return;
    }
    while (newest.state.load(detail::acquire) != ended) {
        detail::pause();
    }
}

void thief(deque_world& world, int attempts, int only_root = 0) {
    for (int k = 0; k < attempts; ++k) {
        const deque_word word = world.deque.read(detail::acquire);
        if (word.count() == 0 ||
            (only_root != 0 && word.epoch() != static_cast<std::uint32_t>(only_root))) {
            continue;
        }
        job* one = world.deque.oldest(word).one();
        if (world.deque.take(word)) {
            run_once(world, *static_cast<framed_job*>(one), only_root);
            one->state.store(ended, detail::release); // the last touch
        }
    }
}

// Two jobs at once, then a third on top, and all are joined. Called twice, so that the second
// root's jobs lie where the first one's did.
void one_root(deque_world& world, int first, int jobs) {
    std::array<framed_job, 3> frame;
    for (int k = 0; k < jobs; ++k) {
        open(frame[static_cast<std::size_t>(k)], first + k);
    }
    const std::array<job*, 2> both = {&frame[1], &frame[0]};
    world.deque.publish(both);
    if (jobs > 2) {
        const std::array<job*, 1> third = {&frame[2]};
        world.deque.publish(third);
        join(world, frame[2]);
    }
    join(world, frame[1]);
    join(world, frame[0]);
}

void check_ran(const deque_world& world, int first, int jobs) {
    for (int k = first; k < first + jobs; ++k) {
        MODEL_CHECK(world.ran[static_cast<std::size_t>(k)] == 1);
    }
    MODEL_CHECK(world.deque.empty());
}

} // namespace

void deque_scenario() {
    auto* world = new deque_world;
    name_it(world->deque, "deque");
    spawn("owner", [=] { one_root(*world, 0, 3); });
    spawn("thief 1", [=] { thief(*world, 3); });
    spawn("thief 2", [=] { thief(*world, 3); });
    finish();
    check_ran(*world, 0, 3);
}

// Frames at the same addresses again, and a thief that may only take what lies below the first
// root: what a leapfrogging join that follows a note does.
void deque_epochs_scenario() {
    auto* world = new deque_world;
    name_it(world->deque, "deque");
    spawn("owner", [=] {
        world->deque.begin_root(1);
        one_root(*world, 0, 2);
        world->deque.begin_root(2);
        one_root(*world, 4, 2);
    });
    spawn("thief", [=] { thief(*world, 2); });
    spawn("joiner", [=] { thief(*world, 2, 1); });
    finish();
    check_ran(*world, 0, 2);
    check_ran(*world, 4, 2);
}

} // namespace twill::model
