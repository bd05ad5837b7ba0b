// SPDX-License-Identifier: Apache-2.0

/// \file
/// Groups: tasks in bags, who takes them, and who sleeps until they have run. Each group is
/// destroyed right after the wait, and nobody may touch it from then on.

#include "sched/group.hpp"
#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "twill/task_group.hpp"

#include <array>

namespace twill::model {
namespace {

/// A group and its tasks: each runs once, sees what was written before it was put in, and leaves
/// something for whoever waits.
struct group_world {
    task_group* group = nullptr;
    std::array<int, 4> ran{};
    std::array<plain<int>, 4> input;
    std::array<plain<int>, 4> result;
    std::array<event, 4> begun;
    detail::atomic<std::uint32_t> left{0};

    void create() {
        group = new task_group;
        name_it(*group, "group");
    }

    template <class Body>
    void put(int id, Body body, priority level = priority::normal) {
        const auto k = static_cast<std::size_t>(id);
        input[k].write(id + 1);
        group->run(
            [this, k, body] {
                MODEL_CHECK(++ran[k] == 1);
                MODEL_CHECK(input[k].read() == static_cast<int>(k) + 1);
                begun[k].set();
                body();
                result[k].write(static_cast<int>(k) + 1);
            },
            level);
    }
    void put(int id) {
        put(id, [] {});
    }

    void wait_for(int count) {
        group->wait();
        for (int k = 0; k < count; ++k) {
            MODEL_CHECK(result[static_cast<std::size_t>(k)].read() == k + 1);
        }
    }
    void destroy() { delete group; }

    /// One of two waiters, who has put in task k: the second to leave destroys the group.
    void wait_beside_another(int k) {
        group->wait();
        MODEL_CHECK(result[static_cast<std::size_t>(k)].read() == k + 1);
        // acq_rel: both have left the group when the second destroys it
        if (left.fetch_sub(1, detail::acq_rel) == 1) {
            destroy();
        }
    }

    void check_ran(int count) const {
        for (int k = 0; k < count; ++k) {
            MODEL_CHECK(ran[static_cast<std::size_t>(k)] == 1);
        }
    }
};

bool somebody_sleeps_for(task_group& of) {
    sched::group& inside = sched::group_in(reinterpret_cast<detail::group_room&>(of));
    const sched::locked_scope locked(inside.lock);
    return inside.sleeping != nullptr;
}

} // namespace

// The first task puts another one in and waits for its begin, with the waiter asleep or about to
// be.
void group_wait_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* world = new group_world;
    spawn("waiter", [=] {
        verb([=] {
            world->create();
            world->put(0, [=] {
                world->put(2);
                world->begun[2].wait();
            });
            world->put(1);
            world->wait_for(3);
            world->destroy();
        });
    });
    finish();
    world->check_ran(3);
    check_quiescent(runtime, 2);
}

// The owner of a bag waits for each of its tasks to begin elsewhere: a place is free for them.
// Between the two a thief may take the bag out of the list.
void group_relist_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* world = new group_world;
    spawn("owner", [=] {
        verb([=] {
            world->create();
            world->put(0);
            world->begun[0].wait();
            world->put(1);
            world->begun[1].wait();
            world->wait_for(2);
            world->destroy();
        });
    });
    finish();
    world->check_ran(2);
    check_quiescent(runtime, 2);
}

// A guest that waits for its group, and another one that wants the only place.
void group_ticket_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new group_world;
    spawn("waiter", [=] {
        verb([=] {
            world->create();
            world->put(0);
            world->put(1);
            world->wait_for(2);
            world->destroy();
        });
    });
    spawn("guest", [] { verb([] {}); });
    finish();
    world->check_ran(2);
    check_quiescent(runtime, 1);
}

// A task on the only place puts another one in, and with the waiter asleep by then waits for its
// begin: the waiter, outside, runs it above the limit.
void group_outside_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new group_world;
    spawn("waiter", [=] {
        world->create();
        world->put(0, [=] {
            const bool asleep = somebody_sleeps_for(*world->group);
            world->put(1);
            if (asleep) {
                world->begun[1].wait();
            }
        });
        world->wait_for(2);
        world->destroy();
    });
    finish();
    world->check_ran(2);
    check_quiescent(runtime, 1);
}

// The waiter's first task, high, waits for the low one to begin: a searcher must find that, with a
// place free for it.
void group_levels_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* world = new group_world;
    spawn("waiter", [=] {
        verb([=] {
            world->create();
            world->put(0, [] {}, priority::low);
            world->put(1, [=] { world->begun[0].wait(); }, priority::high);
            world->put(2);
            world->wait_for(3);
            world->destroy();
        });
    });
    finish();
    world->check_ran(3);
    check_quiescent(runtime, 2);
}

// Two threads without a place put tasks of two levels into one group, and both wait for it; one of
// them is the first of its level.
void group_levels_outside_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new group_world;
    world->create();
    world->left.store(2, detail::relaxed);
    for (int k = 0; k < 2; ++k) {
        spawn(k == 0 ? "outside 1" : "outside 2", [=] {
            world->put(k, [] {}, priority::low);
            if (k == 0) {
                world->put(2, [] {}, priority::high);
            }
            world->wait_beside_another(k);
        });
    }
    finish();
    world->check_ran(3);
    check_quiescent(runtime, 1);
}

// Two threads without a place put tasks into one group, and both wait for it.
void group_waiters_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new group_world;
    world->create();
    world->left.store(2, detail::relaxed);
    for (int k = 0; k < 2; ++k) {
        spawn(k == 0 ? "outside 1" : "outside 2", [=] {
            world->put(k);
            world->wait_beside_another(k);
        });
    }
    finish();
    world->check_ran(2);
    check_quiescent(runtime, 1);
}

} // namespace twill::model
