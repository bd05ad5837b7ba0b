// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/thread_table.hpp"
#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::sched {

/// The threads that sleep and wait for a place: a stack, so that the one that slept least is woken
/// first. Treiber's algorithm with a tag; the links are thread numbers in the records.
class spare_stack {
public:
    void push(thread_record& spare) noexcept {
        std::uint64_t seen = head_.load(detail::relaxed);
        std::uint64_t next = 0;
        do {
            spare.next_spare.store(static_cast<std::uint32_t>(seen), detail::relaxed);
            next = tagged(seen, spare.id + 1);
            // seq_cst: a thread becomes a spare and then looks for work; who finds no spare looks
            // for work too
        } while (!head_.compare_exchange_weak(seen, next, detail::seq_cst, detail::relaxed));
    }

    /// Null if nobody is spare.
    [[nodiscard]] thread_record* pop(thread_table& table) noexcept {
        std::uint64_t seen = head_.load(detail::seq_cst);
        while (static_cast<std::uint32_t>(seen) != 0) {
            thread_record& top = table[static_cast<std::uint32_t>(seen) - 1];
            // Relaxed: the tag tells if the link was no longer the top's.
            const std::uint64_t next = tagged(seen, top.next_spare.load(detail::relaxed));
            if (head_.compare_exchange_weak(seen, next, detail::seq_cst, detail::seq_cst)) {
                return &top;
            }
        }
        return nullptr;
    }

    [[nodiscard]] bool empty() const noexcept {
        return static_cast<std::uint32_t>(head_.load(detail::seq_cst)) == 0;
    }

private:
    static constexpr std::uint64_t tagged(std::uint64_t before, std::uint32_t top) noexcept {
        return ((before >> 32) + 1) << 32 | top;
    }

    alignas(128) detail::atomic<std::uint64_t> head_{0}; // tag 32 | number + 1, 0 for nobody
};

} // namespace twill::sched
