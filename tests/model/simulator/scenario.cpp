// SPDX-License-Identifier: Apache-2.0
#include "simulator/scenario.hpp"

#include <cstring>

namespace twill::model {

const scenario* find_scenario(const char* name) {
    for (const scenario& one : scenarios()) {
        if (std::strcmp(one.name, name) == 0) {
            return &one;
        }
    }
    return nullptr;
}

void finish() {
    engine& all = the_engine();
    const outside_arena here;
    all.wait_until_quiet(true);
    for (std::uint32_t k = 0; k < all.started(); ++k) {
        const virtual_thread& one = all.thread(k);
        if (&one != &all.running() && one.required && one.state != thread_state::ended) {
            all.fail("deadlock: " + all.blocked_threads());
        }
    }
}

runtime_threads count_runtime_threads() {
    runtime_threads found{};
    engine& all = the_engine();
    for (std::uint32_t k = 0; k < all.started(); ++k) {
        const virtual_thread& one = all.thread(k);
        if (!one.required) {
            ++found.count;
            found.asleep += one.state == thread_state::futex ? 1 : 0;
            found.ended += one.state == thread_state::ended ? 1 : 0;
        }
    }
    return found;
}

void check_failed(const char* what, const char* file, int line) {
    const outside_arena here;
    const char* base = std::strrchr(file, '/');
    the_engine().fail(std::string(what) + " does not hold (" + (base != nullptr ? base + 1 : file) +
                      ":" + std::to_string(line) + ")");
}

} // namespace twill::model
