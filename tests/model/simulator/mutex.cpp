// SPDX-License-Identifier: Apache-2.0

/// \file
/// std::mutex inside an execution: the calls that it makes are taken over, since a virtual thread
/// that waits must not hold up the one OS thread that all of them share.

#include "simulator/arena.hpp"
#include "simulator/engine.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <vector>

namespace twill::model {
namespace {

struct simulated_mutex {
    const void* address;
    bool held;
    std::uint64_t handed_on; // how often
    view released;
};
std::vector<simulated_mutex> mutexes;
std::uint64_t of_execution = 0;

simulated_mutex& find(const void* address) {
    if (of_execution != the_engine().execution()) {
        of_execution = the_engine().execution();
        mutexes.clear();
    }
    for (simulated_mutex& one : mutexes) {
        if (one.address == address) {
            return one;
        }
    }
    return mutexes.emplace_back(simulated_mutex{address, false, 0, {}});
}

int lock(const void* address) {
    engine& all = the_engine();
    const outside_arena here;
    all.step();
    while (find(address).held) {
        all.block(thread_state::mutex, address);
    }
    simulated_mutex& one = find(address);
    one.held = true;
    all.words().join(all.running().side, one.released);
    all.observe(++one.handed_on);
    all.note("lock");
    return 0;
}

int unlock(const void* address) {
    engine& all = the_engine();
    const outside_arena here;
    all.step();
    all.words().drain(all.running().side);
    simulated_mutex& one = find(address);
    one.held = false;
    one.released.assign(all.running().side.seen);
    all.release(thread_state::mutex, address, virtual_threads_max);
    all.observe(3);
    all.note("unlock");
    return 0;
}

using mutex_call = int (*)(pthread_mutex_t*);

mutex_call next_of(const char* name) {
    return reinterpret_cast<mutex_call>(dlsym(RTLD_NEXT, name));
}

} // namespace
} // namespace twill::model

// The declarations in <pthread.h> say noexcept and nonnull.
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    static const auto real = twill::model::next_of("pthread_mutex_lock");
    return twill::model::the_engine().simulating() ? twill::model::lock(mutex) : real(mutex);
}
extern "C" int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
    static const auto real = twill::model::next_of("pthread_mutex_unlock");
    return twill::model::the_engine().simulating() ? twill::model::unlock(mutex) : real(mutex);
}
