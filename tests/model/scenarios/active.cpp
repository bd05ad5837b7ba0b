// SPDX-License-Identifier: Apache-2.0

/// \file
/// The number of active workers changes while others publish, sleep and wait with tickets.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "scenarios/task_tree.hpp"

namespace twill::model {

// Down to one and up again while a producer publishes: what it made public is taken up, by nobody
// else's doing than the change's if everybody sleeps by then.
void active_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, 0, 0, 0, 0};
    spawn_producer(*tree);
    spawn("changer", [&runtime] {
        MODEL_CHECK(runtime.set_active(1) == 1);
        MODEL_CHECK(runtime.set_active(2) == 2);
    });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

// Two who change it, and two guests of whom one waits with a ticket for a place that comes by a
// change alone: the other guest leaves only after it.
void active_ticket_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, task_tree::root};
    auto* came = new event;
    spawn("guest 1", [=] { tree->run(0, [=] { verb([=] { came->wait(); }); }); });
    spawn("guest 2", [=] { tree->run(1, [=] { verb([=] { came->set(); }); }); });
    spawn("changer 1", [&runtime] {
        runtime.set_active(1);
        runtime.set_active(2);
    });
    spawn("changer 2", [&runtime] { runtime.set_active(2); });
    finish();
    MODEL_CHECK(runtime.active() == 2);
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

} // namespace twill::model
