// SPDX-License-Identifier: Apache-2.0
#include "plugin.hpp"

#include <twill/twill.hpp>

#include <atomic>
#include <chrono>
#include <thread>

extern "C" {

const void* plugin_hot_state() { return &twill::detail::hot(); }

int plugin_worker() { return twill::this_worker(); }

bool plugin_fork_is_stolen() {
    std::atomic<bool> begun = false;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const std::thread::id here = std::this_thread::get_id();
    const auto [waited, where] = twill::parallel_invoke(
        [&] {
            // A thief asks for the sibling by raising the poll word of this thread, which the fork
            // of a plug-in must see: the answer comes with one of these forks.
            while (!begun && std::chrono::steady_clock::now() < deadline) {
                twill::parallel_invoke([] {}, [] {});
            }
            return begun.load();
        },
        [&] {
            begun = true;
            return std::this_thread::get_id();
        });
    return waited && where != here;
}
}
