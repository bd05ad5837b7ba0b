// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugin.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <string>

/// A plug-in, opened with RTLD_LOCAL, and open until somebody closes it.
class opened {
public:
    explicit opened(const char* path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) {
            std::fprintf(stderr, "%s\n", dlerror());
            std::exit(1);
        }
    }

    /// Nothing of it may be called any more. False if it is still there.
    bool close() {
        link_map* of = nullptr;
        dlinfo(handle_, RTLD_DI_LINKMAP, &of);
        const std::string path = of->l_name;
        dlclose(handle_);
        return dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD) == nullptr;
    }

    const void* hot_state() const { return find<decltype(plugin_hot_state)>("plugin_hot_state")(); }
    int worker() const { return find<decltype(plugin_worker)>("plugin_worker")(); }
    bool fork_is_stolen() const {
        return find<decltype(plugin_fork_is_stolen)>("plugin_fork_is_stolen")();
    }
    bool leaves_things() const {
        return find<decltype(plugin_leaves_things)>("plugin_leaves_things")();
    }
    unsigned long named_tasks() const {
        return find<decltype(plugin_named_tasks)>("plugin_named_tasks")();
    }

private:
    template <class Function>
    Function* find(const char* name) const {
        return reinterpret_cast<Function*>(dlsym(handle_, name));
    }

    void* handle_;
};
