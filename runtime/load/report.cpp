// SPDX-License-Identifier: Apache-2.0
#include "load/energy.hpp"
#include "load/source.hpp"
#include "os/environment.hpp"
#include "twill/load.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace twill::load_model {

namespace {

detail::atomic<load_source*> registered{nullptr};
// Whose threads the source is about. In a child after fork() they do not exist, and one of them
// may have held a guard; the child has a source of its own once it starts a runtime.
detail::atomic<std::int32_t> process{0};
detail::atomic<std::uint32_t> at_exit{0};

// Other threads run on; the accounts may be read at any time.
void report() {
    if (registered_source() == nullptr) {
        return;
    }
    try {
        print_load(load().since_start, stderr);
    } catch (...) { // out of memory: no report
    }
}

} // namespace

void register_source(load_source& source) noexcept {
    begin_energy();
    process.store(static_cast<std::int32_t>(getpid()), detail::relaxed);
    // release: pairs with the acquire in registered_source(), for the source and the process
    registered.store(&source, detail::release);
    if (os::flag("TWILL_REPORT") && at_exit.exchange(1, detail::relaxed) == 0) {
        std::atexit(&report); // fails for lack of memory only: no report
    }
}

load_source* registered_source() noexcept {
    // acquire: pairs with the release in register_source()
    load_source* const source = registered.load(detail::acquire);
    if (source == nullptr || process.load(detail::relaxed) != static_cast<std::int32_t>(getpid())) {
        return nullptr;
    }
    return source;
}

load_source* registered_source_quick() noexcept {
    return registered.load(detail::acquire); // release in register_source()
}

void forget_source_in_child() noexcept { registered.store(nullptr, detail::relaxed); }

} // namespace twill::load_model
