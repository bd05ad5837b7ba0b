// SPDX-License-Identifier: Apache-2.0

/// \file
/// Joins: a stolen child's end against the join that leapfrogs, sleeps or comes late.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "scenarios/task_tree.hpp"
#include "twill/reducer.hpp"

namespace twill::model {
namespace {

/// A thread of the scenario that holds a place and steals from one victim.
struct guest_thief {
    sched::scheduler* runtime;
    sched::thread_record** victim;
    event* begins;

    void operator()(int steals) const {
        begins->wait();
        verb([this, steals] {
            for (int k = 0; k < steals; ++k) {
                inside::steal(*runtime, own_record(), **victim);
            }
        });
    }
};

/// A fork that publishes: its first half tells so and waits until the second has begun elsewhere.
template <class Second>
void fork_for_a_thief(task_tree& tree, int first, int second, event& published, event& begun,
                      Second body) {
    ask_for_work();
    tree.fork(
        first, second,
        [&published, &begun] {
            published.set();
            wait_if_public(begun);
        },
        [&begun, &body] {
            begun.set();
            body();
        });
}

/// Digits one after the other, in a variable for which threads race if nothing orders them.
struct digits {
    struct value_type {
        plain<int>* number;
    };
    static value_type identity() { return {new plain<int>(0)}; }
    static void combine(value_type earlier, value_type later) {
        const int right = later.number->read();
        int left = earlier.number->read();
        for (int rest = right; rest > 0; rest /= 10) {
            left *= 10;
        }
        earlier.number->write(left + right);
    }
};

void add(reducer<digits>& to, int digit) {
    plain<int>& view = *to.view().number;
    view.write(10 * view.read() + digit);
}

} // namespace

// One child, stolen as soon as it is public: its end against the join that asks, spins and sleeps,
// while the frame goes right after.
void join_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, 0, 0};
    auto* owner = new sched::thread_record*(nullptr);
    auto* published = new event;
    auto* begun = new event;
    spawn("owner", [=] {
        tree->run(0, [=] {
            verb([=] {
                *owner = &own_record();
                fork_for_a_thief(*tree, 1, 2, *published, *begun, [] {});
            });
        });
    });
    spawn("thief", [=, &runtime] { guest_thief{&runtime, owner, published}(1); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

// The thief of my child forks below it: its take-back and its end against my leapfrog and another
// thief's steal.
void leapfrog_scenario() {
    sched::scheduler& runtime = make_world(3, 3);
    auto* tree = new task_tree{task_tree::root, 0, 0, 2, 2};
    auto* owner = new sched::thread_record*(nullptr);
    auto* thief = new sched::thread_record*(nullptr);
    auto* published = new event;
    auto* begun = new event;
    auto* deeper = new event;
    spawn("owner", [=] {
        tree->run(0, [=] {
            verb([=] {
                *owner = &own_record();
                fork_for_a_thief(*tree, 1, 2, *published, *begun, [=] {
                    *thief = &own_record();
                    ask_for_work();
                    tree->fork(3, 4, [=] { deeper->set(); }, [] {});
                });
            });
        });
    });
    spawn("thief", [=, &runtime] { guest_thief{&runtime, owner, published}(1); });
    spawn("other", [=, &runtime] { guest_thief{&runtime, thief, deeper}(1); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 3);
}

// The same with a reducer: the views of the strands come together in the serial order, and nobody
// reads a view before its strand has ended.
void views_scenario() {
    sched::scheduler& runtime = make_world(3, 3);
    auto* tree = new task_tree{task_tree::root, 0, 0, 2, 2};
    auto* owner = new sched::thread_record*(nullptr);
    auto* thief = new sched::thread_record*(nullptr);
    auto* published = new event;
    auto* begun = new event;
    auto* deeper = new event;
    auto* all = new reducer<digits>; // never destroyed, as nothing of an execution is
    spawn("owner", [=] {
        tree->run(0, [=] {
            verb([=] {
                *owner = &own_record();
                add(*all, 1);
                fork_for_a_thief(*tree, 1, 2, *published, *begun, [=] {
                    *thief = &own_record();
                    add(*all, 2);
                    ask_for_work();
                    tree->fork(
                        3, 4,
                        [=] {
                            deeper->set();
                            add(*all, 3);
                        },
                        [=] { add(*all, 4); });
                    add(*all, 5);
                });
                add(*all, 6);
            });
        });
    });
    spawn("thief", [=, &runtime] { guest_thief{&runtime, owner, published}(1); });
    spawn("other", [=, &runtime] { guest_thief{&runtime, thief, deeper}(1); });
    finish();
    tree->check_all_ran();
    MODEL_CHECK(all->view().number->read() == 123456);
    check_quiescent(runtime, 3);
}

// A chain: owner a of job j waits for b, which waits for c's job k. When c has ended k and goes on
// with a job of somebody else, the end of the chain that a has read is another root.
void chain_scenario() {
    sched::scheduler& runtime = make_world(4, 4);
    // 0 root, 1 and 2 = a, under 1: 3 and 4 = r, under a: 5 and 6 = j, under j: 7 and 8 = k,
    // under r: 9 and 10 = q
    auto* tree = new task_tree{task_tree::root, 0, 0, 1, 1, 2, 2, 6, 6, 4, 4};
    struct shared {
        sched::thread_record* owner = nullptr;
        sched::thread_record* a = nullptr;
        sched::thread_record* b = nullptr;
        event published, a_begun, j_public, j_begun, k_public, k_begun, r_begun;
    };
    auto* all = new shared;
    spawn("owner", [=] {
        tree->run(0, [=] {
            verb([=] {
                all->owner = &own_record();
                tree->fork(
                    1, 2,
                    [=] {
                        fork_for_a_thief(*tree, 3, 4, all->published, all->r_begun, [=] {
                            ask_for_work();
                            tree->fork(9, 10, [] { wait_until_quiet(); }, [] {});
                        });
                    },
                    [=] {
                        all->a = &own_record();
                        all->a_begun.set();
                        fork_for_a_thief(*tree, 5, 6, all->j_public, all->j_begun, [=] {
                            all->b = &own_record();
                            fork_for_a_thief(*tree, 7, 8, all->k_public, all->k_begun, [] {});
                        });
                    });
            });
        });
    });
    spawn("a", [=, &runtime] { guest_thief{&runtime, &all->owner, &all->published}(1); });
    spawn("b", [=, &runtime] { guest_thief{&runtime, &all->a, &all->j_public}(1); });
    spawn("c", [=, &runtime] {
        all->k_public.wait();
        verb([=, &runtime] {
            inside::steal(runtime, own_record(), *all->b);
            inside::steal(runtime, own_record(), *all->owner);
        });
    });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 4);
}

} // namespace twill::model
