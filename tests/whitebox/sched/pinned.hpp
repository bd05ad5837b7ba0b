// SPDX-License-Identifier: Apache-2.0
// Threads that are kept to groups of cores, on the machine at hand as if each CPU had an L3 of its
// own.
#pragma once

#include "sched/access.hpp"
#include "topology/affinity.hpp"
#include "topology/workers.hpp"
#include "twill/task_group.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace twill::sched {

/// A machine of the CPUs that this thread may use, each a group.
inline topology::worker_table apart() {
    topology::worker_table machine;
    for (const int cpu : topology::affinity_of(0)) {
        topology::table_row row;
        row.pu = cpu;
        row.core = row.l3 = row.node = static_cast<int>(machine.machine.rows.size());
        machine.machine.rows.push_back(row);
    }
    machine.workers = machine.machine.rows;
    return machine;
}

inline scheduler_options pinned_options(int workers, topology::pin_rule pin) {
    scheduler_options options = with_workers(workers);
    options.pin = pin;
    options.follows_machine = true;
    return options;
}

/// Kept threads of the runtime.
inline std::vector<thread_record*> kept(scheduler& of) {
    std::vector<thread_record*> found;
    for (std::uint32_t id = 0; id < of.table().size(); ++id) {
        if (thread_record& one = of.table()[id]; one.pinned.load(detail::relaxed) >= 0) {
            found.push_back(&one);
        }
    }
    return found;
}

/// Runs until some thread of the runtime is kept to something.
inline void run_until_kept(scheduler& owner) {
    const visit guest(owner);
    while (kept(owner).empty()) {
        fib(10);
    }
}

class pins : public testing::Test {
protected:
    void SetUp() override {
        if (machine_.workers.size() < 2) {
            GTEST_SKIP() << "needs two CPUs";
        }
    }
    [[nodiscard]] int cpus() const { return static_cast<int>(machine_.machine.rows.size()); }

    /// Until threads are kept; from here on each verb looks at the machine.
    void keep_and_look_often(scheduler& owner) {
        owner.learn(machine_);
        scheduler_test::set_look_period(owner, 0);
        run_until_kept(owner);
    }

    topology::worker_table machine_ = apart();
};

/// As many tasks as there are places, all at the same time, and `look` on the threads of the
/// runtime among those that run them.
template <class Look>
void on_all_places(scheduler& owner, Look look) {
    detail::atomic<int> begun{0};
    const auto meet = [&] {
        begun.fetch_add(1, detail::seq_cst);
        while (begun.load(detail::seq_cst) < owner.workers()) {
            detail::yield_slice();
        }
        const auto& self = *static_cast<thread_record*>(detail::hot().thread);
        if (&self.owner == &owner && !self.guest) {
            look(self);
        }
    };
    const visit guest(owner);
    twill::task_group group;
    for (int k = 1; k < owner.workers(); ++k) {
        group.run(meet);
    }
    meet();
    group.wait();
}

} // namespace twill::sched
