// SPDX-License-Identifier: Apache-2.0

/// \file
/// Threads that sleep, and who wakes them: by work that becomes public, by a place that is handed
/// over, by a ticket.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "scenarios/task_tree.hpp"

namespace twill::model {
// Two producers in verbs of two forks each; there is a place for each of two threads of the
// runtime, which go to sleep in between.
void park_scenario() {
    sched::scheduler& runtime = make_world(4, 4);
    auto* tree = new task_tree{task_tree::root, task_tree::root, 0, 0, 0, 0, 1, 1, 1, 1};
    auto* begun = new event[4];
    for (int producer = 0; producer < 2; ++producer) {
        spawn(producer == 0 ? "producer 1" : "producer 2", [=] {
            tree->run(producer, [=] {
                verb([=] {
                    for (int round = 0; round < 2; ++round) {
                        const int child = 2 + producer * 4 + round * 2;
                        fork_and_wait(*tree, child, child + 1, begun[producer * 2 + round]);
                    }
                });
            });
        });
    }
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 4);
}

// A producer that does nothing for so long that everybody sleeps is asked for work by then.
void request_stands_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, 0, 0, 0, 0};
    auto* begun = new event[2];
    spawn("producer", [=] {
        tree->run(0, [=] {
            verb([=] {
                for (int round = 0; round < 2; ++round) {
                    wait_until_settled();
                    MODEL_CHECK(armed_or_public(own_record()));
                    fork_and_wait(*tree, 1 + round * 2, 2 + round * 2, begun[round]);
                }
                wait_until_settled();
                MODEL_CHECK(armed_or_public(own_record()));
            });
        });
    });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

// One place for a thread that publishes, and one that the only other thread is about to sleep with:
// its last look against the publication.
void recheck_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, 0, 0, 0, 0};
    spawn_producer(*tree);
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

// The joiner's child waits for what a second guest does, and both places are taken: the guest gets
// the joiner's place when the join gives it up. The end of the child then wakes the joiner, which
// goes on above the limit.
void hand_over_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, 0, 0, task_tree::root, 3, 3};
    auto* begun = new event[3];
    spawn("joiner", [=] {
        tree->run(0, [=] {
            verb([=] {
                tree->fork(
                    1, 2, [=] { wait_if_public(begun[0]); },
                    [=] {
                        begun[0].set();
                        begun[1].wait();
                    });
            });
        });
    });
    spawn("guest", [=] {
        tree->run(3, [=] { verb([=] { tree->fork(4, 5, [=] { begun[1].set(); }, [] {}); }); });
    });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

// A waker borrows a place while it looks for a spare thread. A guest that comes meanwhile finds
// none and queues its ticket; whoever gives the place back owes it to the ticket. Everybody else
// waits for that guest.
void borrowed_place_scenario() {
    sched::scheduler& runtime = make_world(3, 3);
    auto* tree = new task_tree{task_tree::root, 0, 0, 1, 1, task_tree::root};
    auto* came = new event;
    spawn("producer", [=] {
        tree->run(0, [=] {
            verb([=] {
                tree->fork(
                    1, 2,
                    [=] {
                        ask_for_work();
                        tree->fork(3, 4, [] {}, [=] { came->wait(); });
                    },
                    [=] { came->wait(); });
            });
        });
    });
    spawn("guest", [=] { tree->run(5, [=] { verb([=] { came->set(); }); }); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 3);
}

// A loop wakes as many as it wants at once, who wake each other, while a guest comes and a place is
// borrowed where there is no spare thread yet. Everybody else waits for that guest.
void wanted_scenario() {
    sched::scheduler& runtime = make_world(4, 4);
    auto* tree = new task_tree{task_tree::root, 0, 0, 1, 1, task_tree::root};
    auto* came = new event;
    spawn("producer", [=, &runtime] {
        tree->run(0, [=, &runtime] {
            verb([=, &runtime] {
                tree->fork(
                    1, 2,
                    [=, &runtime] {
                        ask_for_work();
                        tree->fork(
                            3, 4, [&runtime] { inside::want(runtime, own_record(), 3); },
                            [=] { came->wait(); });
                    },
                    [=] { came->wait(); });
            });
        });
    });
    spawn("guest", [=] { tree->run(5, [=] { verb([=] { came->set(); }); }); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 4);
}

// Three guests and one place.
void ticket_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* tree = new task_tree{task_tree::root, task_tree::root, task_tree::root, 0, 0, 1, 1, 2, 2};
    for (int guest = 0; guest < 3; ++guest) {
        static constexpr const char* names[] = {"guest 1", "guest 2", "guest 3"};
        spawn(names[guest], [=] {
            tree->run(guest, [=] {
                verb([=] { tree->fork(3 + guest * 2, 4 + guest * 2, [] {}, [] {}); });
            });
        });
    }
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 1);
}

} // namespace twill::model
