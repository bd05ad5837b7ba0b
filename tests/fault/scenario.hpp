// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fib.hpp"
#include "refusals.hpp"

#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace fault {

/// Notes a failure, and says the first of them.
void expect(bool holds, const char* what);

/// Calls `action`, which may find no memory: then false, and what it was to do is not done.
template <class Action>
bool has_memory(Action&& action) {
    try {
        std::forward<Action>(action)();
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

/// Threads of the program's own. The system may refuse them as well: then there are fewer.
class crowd {
public:
    explicit crowd(std::size_t most) {
        const refusals::spared own;
        threads_.reserve(most);
    }
    ~crowd() {
        for (std::thread& one : threads_) {
            one.join();
        }
    }
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;

    template <class Action>
    void add(Action action) {
        const refusals::spared own;
        try {
            threads_.emplace_back([action] { has_memory(action); });
        } catch (const std::system_error&) {
            return;
        }
    }
    [[nodiscard]] std::size_t size() const { return threads_.size(); }

private:
    std::vector<std::thread> threads_;
};

// work.cpp
void verbs();
void groups();
void values();

// sections.cpp
void guests();
void blocking();
void dependent();
void capped();

// runtimes.cpp
void runtimes();
void placed();
void polled();
void alone();

} // namespace fault
