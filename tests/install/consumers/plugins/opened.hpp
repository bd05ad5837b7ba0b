// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugin.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

/// A plug-in, opened with RTLD_LOCAL and never closed.
class opened {
public:
    explicit opened(const char* path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) {
            std::fprintf(stderr, "%s\n", dlerror());
            std::exit(1);
        }
    }

    const void* hot_state() const { return find<decltype(plugin_hot_state)>("plugin_hot_state")(); }
    int worker() const { return find<decltype(plugin_worker)>("plugin_worker")(); }
    bool fork_is_stolen() const {
        return find<decltype(plugin_fork_is_stolen)>("plugin_fork_is_stolen")();
    }

private:
    template <class Function>
    Function* find(const char* name) const {
        return reinterpret_cast<Function*>(dlsym(handle_, name));
    }

    void* handle_;
};
