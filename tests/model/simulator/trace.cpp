// SPDX-License-Identifier: Apache-2.0
#include "simulator/arena.hpp"
#include "simulator/engine.hpp"

#include <cstdio>

namespace twill::model {

void engine::note(std::string what) {
    if (!traced_) {
        return;
    }
    char number[32];
    std::snprintf(number, sizeof number, "%5u  %-10s ", steps_,
                  running_ != nullptr ? running_->name : "");
    trace_.push_back(number + what);
}

void engine::name(const void* address, std::size_t size, std::string as) {
    const auto low = reinterpret_cast<std::uintptr_t>(address);
    names_.push_back({low, low + size, std::move(as)});
}

std::string engine::name_of(const void* address) const {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    char text[96];
    // The last name is the closest: whoever names a part of something names it later.
    for (auto one = names_.rbegin(); one != names_.rend(); ++one) {
        if (at >= one->low && at < one->high) {
            if (at == one->low) {
                return one->name;
            }
            std::snprintf(text, sizeof text, "+%zu", static_cast<std::size_t>(at - one->low));
            return one->name + text;
        }
    }
    for (std::uint32_t k = 0; k < started_; ++k) {
        const virtual_thread& one = threads_[k];
        if (at >= one.stack.low() && at < one.stack.high()) {
            std::snprintf(text, sizeof text, "stack of %s-%zu", one.name,
                          static_cast<std::size_t>(one.stack.high() - at));
            return text;
        }
        const auto storage = reinterpret_cast<std::uintptr_t>(one.storage);
        if (at >= storage && at < storage + sizeof one.storage) {
            return std::string("limit of ") + one.name;
        }
    }
    std::snprintf(text, sizeof text, "%s+%zu", in_arena(address) ? "heap" : "address",
                  in_arena(address) ? arena_offset(address) : at);
    return text;
}

std::string engine::blocked_threads() const {
    static constexpr const char* waits[] = {
        "can run",          "spins",           "sleeps on ", "waits for the mutex ",
        "waits for event ", "waits for quiet", "has ended"};
    std::string all;
    for (std::uint32_t k = 0; k < started_; ++k) {
        const virtual_thread& one = threads_[k];
        all += all.empty() ? "" : ", ";
        all += std::string(one.name) + " " + waits[static_cast<std::size_t>(one.state)];
        if (one.state == thread_state::futex || one.state == thread_state::mutex ||
            one.state == thread_state::event) {
            all += name_of(one.waits_for);
        }
    }
    return all;
}

} // namespace twill::model
