// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scenarios/inside.hpp"
#include "simulator/scenario.hpp"
#include "twill/parallel_invoke.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>

namespace twill::model {

/// The tasks of a scenario, and what must hold of each: it runs once; what its parent wrote is
/// there, and what it leaves is there after the join; and on a thread that is in the middle of
/// another task it runs only if it descends from that one.
class task_tree {
public:
    static constexpr int tasks_max = 24;
    static constexpr int root = -1;

    /// The parent of each task, by number.
    explicit task_tree(std::initializer_list<int> parents) {
        for (const int parent : parents) {
            tasks_[static_cast<std::size_t>(count_++)].parent = parent;
        }
    }

    template <class Body>
    void run(int id, Body body) {
        begin(id);
        body();
        end(id);
    }

    /// Runs two children of a task by the production fork.
    template <class First, class Second>
    void fork(int first, int second, First f, Second g) {
        task(first).input.write(first + 1);
        task(second).input.write(second + 1);
        twill::parallel_invoke([this, first, &f] { run_child(first, f); },
                               [this, second, &g] { run_child(second, g); });
        MODEL_CHECK(task(first).result.read() == first + 1);
        MODEL_CHECK(task(second).result.read() == second + 1);
    }

    /// After finish().
    void check_all_ran() const {
        for (int id = 0; id < count_; ++id) {
            MODEL_CHECK(tasks_[static_cast<std::size_t>(id)].ran == 1);
        }
    }

private:
    struct task_record {
        int parent = root;
        int ran = 0;
        plain<int> input;
        plain<int> result;
    };
    static constexpr int nobody = -2;

    task_record& task(int id) { return tasks_[static_cast<std::size_t>(id)]; }

    template <class Body>
    void run_child(int id, const Body& body) {
        MODEL_CHECK(task(id).input.read() == id + 1);
        begin(id);
        body();
        end(id);
        task(id).result.write(id + 1);
    }
    [[nodiscard]] int& current() { return current_[the_engine().running().side.number]; }
    void begin(int id) {
        MODEL_CHECK(task(id).ran == 0);
        task(id).ran = 1;
        before_[static_cast<std::size_t>(id)] = current();
        if (current() != nobody) {
            MODEL_CHECK(descends(id, current()));
        }
        current() = id;
    }
    void end(int id) { current() = before_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] bool descends(int id, int from) {
        while (id != from && id != root) {
            id = task(id).parent;
        }
        return id == from;
    }

    std::array<task_record, tasks_max> tasks_;
    std::array<int, tasks_max> before_{};
    std::array<int, virtual_threads_max> current_ = filled();
    int count_ = 0;

    static constexpr std::array<int, virtual_threads_max> filled() {
        std::array<int, virtual_threads_max> all{};
        all.fill(nobody);
        return all;
    }
};

/// A fork of two tasks of which the first waits for the second to begin elsewhere, if it is public.
inline void fork_and_wait(task_tree& tree, int first, int second, event& begun) {
    tree.fork(first, second, [&begun] { wait_if_public(begun); }, [&begun] { begun.set(); });
}

/// A guest whose verb, task 0, makes two such forks, of the tasks 1 and 2 and then 3 and 4.
inline void spawn_producer(task_tree& tree) {
    auto* begun = new event[2];
    spawn("producer", [&tree, begun] {
        tree.run(0, [&tree, begun] {
            verb([&tree, begun] {
                fork_and_wait(tree, 1, 2, begun[0]);
                fork_and_wait(tree, 3, 4, begun[1]);
            });
        });
    });
}

} // namespace twill::model
