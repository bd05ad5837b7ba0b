// SPDX-License-Identifier: Apache-2.0
#include "topology/hwloc_functions.hpp"

#include "topology/table.hpp"
#include "twill/detail/atomic.hpp"

#include <dlfcn.h>
#include <optional>

namespace twill::topology {
namespace {

/// Its version 2, whichever: the number changes where structures do.
constexpr const char* library_name = "libhwloc.so.15";

detail::atomic<std::uint32_t> inside{0};
detail::atomic<std::uint32_t> left_in_the_middle{0};

struct loaded {
    std::optional<hwloc_functions> functions;
    std::string why;
};

template <class Function>
bool find(void* library, const char* name, Function& into) {
    into = reinterpret_cast<Function>(dlsym(library, name));
    return into != nullptr;
}

// Local: its plugins, which read devices and foreign XML, then find nothing to hold on to, and what
// they would load stays out of the program.
loaded find_all() {
    void* const library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return {{}, std::string("there is no ") + library_name};
    }
    hwloc_functions all;
    bool complete = true;
#define TWILL_FIND_HWLOC_FUNCTION(name) complete &= find(library, "hwloc_" #name, all.name);
    TWILL_EACH_HWLOC_FUNCTION(TWILL_FIND_HWLOC_FUNCTION)
#undef TWILL_FIND_HWLOC_FUNCTION
    if (!complete) {
        return {{}, std::string(library_name) + " is older than hwloc 2.4"};
    }
    return {all, {}};
}

} // namespace

inside_hwloc::inside_hwloc() noexcept { inside.fetch_add(1, detail::relaxed); }
inside_hwloc::~inside_hwloc() { inside.fetch_sub(1, detail::relaxed); }

void forget_hwloc_in_child() noexcept {
    if (inside.exchange(0, detail::relaxed) != 0) {
        left_in_the_middle.store(1, detail::relaxed);
    }
}

const hwloc_functions* load_hwloc(std::string& why) {
    if (left_in_the_middle.load(detail::relaxed) != 0) {
        why = "the process was forked while its parent read the machine";
        return nullptr;
    }
    static const loaded once = find_all();
    why = once.why;
    return once.functions ? &*once.functions : nullptr;
}

} // namespace twill::topology
