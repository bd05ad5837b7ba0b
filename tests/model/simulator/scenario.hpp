// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/shared.hpp"

#include <span>

/// \file
/// What scenarios are written with. A scenario is a function that runs as the first virtual thread
/// of each execution, starts others, and ends with finish() and checks of what is left.
///
/// A rule that the depth-first search relies on: what a thread does depends on what it has observed
/// through simulated words, events and its own locals only. Counters beside them are for checks.

namespace twill::model {

struct scenario {
    const char* name;
    const char* what;
    void (*run)();
};

/// Every scenario of the program, by name.
std::span<const scenario> scenarios();
const scenario* find_scenario(const char* name);

/// Starts a virtual thread that has to end. `body` is copied.
template <class Body>
void spawn(const char* name, Body body) {
    auto* copy = new Body(body);
    const outside_arena here;
    the_engine().start_thread(
        name, [](void* function) { (*static_cast<Body*>(function))(); }, copy, true);
}

/// Something that happens once. Not a word of the simulated memory: waiting for it takes no place,
/// polls nothing and orders nothing.
class event {
public:
    void set() {
        engine& all = the_engine();
        const outside_arena here;
        all.step();
        set_ = true;
        all.release(thread_state::event, this, virtual_threads_max);
        all.observe(4);
        all.note("event " + all.name_of(this) + " set");
    }
    void wait() {
        engine& all = the_engine();
        const outside_arena here;
        all.step();
        while (!set_) {
            all.block(thread_state::event, this);
        }
        all.observe(5);
        all.note("event " + all.name_of(this) + " seen");
    }

private:
    bool set_ = false;
};

/// Goes on when no other thread can run any more. The caller has seen nothing by that.
inline void wait_until_quiet() {
    const outside_arena here;
    the_engine().wait_until_quiet(false);
}

/// The same, for a check: every store has got to the caller.
inline void wait_until_settled() {
    const outside_arena here;
    the_engine().wait_until_quiet(true);
}

/// Destroys an object as one step: what the scheduler's own teardown reads is of no interest, but
/// from now on nobody may touch its words.
template <class T>
void destroy_at_once(T* object) {
    the_engine().step();
    the_engine().set_at_once(true);
    delete object;
    the_engine().set_at_once(false);
}

/// Waits until nobody can run, and then requires that every thread of the scenario has ended.
/// After it the caller sees everything, and checks may look at any word.
void finish();

/// How many virtual threads of the runtime there are, and whether all of them sleep on a futex.
struct runtime_threads {
    std::uint32_t count;
    std::uint32_t asleep;
    std::uint32_t ended;
};
runtime_threads count_runtime_threads();

/// For traces: what lies at an address.
template <class T>
void name_it(const T& object, const char* as) {
    const outside_arena here;
    if (the_engine().traced()) {
        the_engine().name(&object, sizeof object, as);
    }
}

[[noreturn]] void check_failed(const char* what, const char* file, int line);

} // namespace twill::model

/// What has to hold in a scenario.
#define MODEL_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            ::twill::model::check_failed(#condition, __FILE__, __LINE__);                          \
        }                                                                                          \
    } while (false)
