// SPDX-License-Identifier: Apache-2.0
#include "plugin.hpp"

#include <twill/kind.hpp>
#include <twill/load.hpp>
#include <twill/per_thread.hpp>
#include <twill/region.hpp>
#include <twill/twill.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>

namespace {

struct error {};

twill::per_thread<long>& sums() {
    static twill::per_thread<long> here;
    return here;
}

} // namespace

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

bool plugin_leaves_things() {
    const twill::kind named{"of the plug-in"};
    const twill::region around("in the plug-in");
    twill::parallel_for(0, 100, [](int k) { sums().local() += k; }, twill::grain(1), named);
    long sum = 0;
    for (long& one : sums()) {
        sum += std::exchange(one, 0);
    }
    try {
        twill::parallel_invoke([] {}, [] { throw error{}; });
    } catch (const error&) {
        return sum == 4950;
    }
    return false;
}

unsigned long plugin_named_tasks() {
    const twill::load_window window = twill::load().since_start;
    if (std::FILE* const nowhere = std::fopen("/dev/null", "w"); nowhere != nullptr) {
        twill::print_load(window, nowhere);
        std::fclose(nowhere);
    }
    for (const twill::kind_load& one : window.kinds) {
        if (std::string_view(one.name) == "of the plug-in") {
            return one.count;
        }
    }
    return 0;
}
}
