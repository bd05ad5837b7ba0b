// SPDX-License-Identifier: Apache-2.0

/// \file
/// Blocking sections: a task gives its place up, and what it has forked becomes public.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "scenarios/task_tree.hpp"

namespace twill::model {
namespace {

// In a task: leaves it, waits for something and comes back.
void wait_in_section(event& done, bool leaves_rest = false) {
    sched::thread_record& self = own_record();
    sched::scheduler& runtime = self.owner;
    MODEL_CHECK(runtime.begin_blocking(self));
    MODEL_CHECK(detail::hot().thread == nullptr);
    MODEL_CHECK((self.rest_newest != nullptr) == leaves_rest);
    done.wait();
    runtime.end_blocking(self);
    MODEL_CHECK(&own_record() == &self);
}

// Forks `depth` jobs, one below the other, and blocks below the newest.
void descend(task_tree& tree, int first, int depth, event& newest_began) {
    tree.fork(
        first, first + 1,
        [&tree, first, depth, &newest_began] {
            if (depth > 1) {
                descend(tree, first + 2, depth - 1, newest_began);
            } else {
                wait_in_section(newest_began, true);
            }
        },
        [depth, &newest_began] {
            if (depth == 1) {
                newest_began.set();
            }
        });
}

} // namespace

// The section waits for what its sibling sets, which was private. Above the limit when both go on
// at the same time: then the other thread retires.
void blocking_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* tree = new task_tree{task_tree::root, 0, 0, task_tree::root};
    auto* begun = new event;
    spawn("blocker", [=] {
        tree->run(0, [=] {
            verb(
                [=] { tree->fork(1, 2, [=] { wait_in_section(*begun); }, [=] { begun->set(); }); });
        });
    });
    spawn("guest", [=] { tree->run(3, [] { verb([] {}); }); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 1);
}

// Six jobs and a deque of four: a thief publishes the newest for their sleeping owner.
void blocking_rest_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* tree = new task_tree{task_tree::root, 0, 0, 1, 1, 3, 3, 5, 5, 7, 7, 9, 9};
    auto* begun = new event;
    spawn("blocker", [=] { tree->run(0, [=] { verb([=] { descend(*tree, 1, 6, *begun); }); }); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 1);
}

} // namespace twill::model
