// SPDX-License-Identifier: Apache-2.0
#include "twill/detail/numa_memory.hpp"

#include "os/kept_errno.hpp"
#include "os/memory.hpp"
#include "os/message.hpp"
#include "os/numa_memory.hpp"
#include "sched/away.hpp"
#include "sched/lifetime.hpp"
#include "sched/placed.hpp"
#include "topology/partition.hpp"
#include "twill/numa_vector.hpp"

#include <limits>
#include <memory>
#include <new>
#include <vector>

namespace twill::inline abi_1::detail {

namespace {

using topology::node_map;

/// What is known of one piece of memory. It lies behind it, in a page of its own: so it is found
/// without a lock, and takes no page away from the elements.
struct placed_memory : placement {
    std::vector<stretch> blocks;
};

atomic<std::uint32_t> refusal_told{0};

void tell_refusal(int error) noexcept {
    if (error != 0 && refusal_told.exchange(1, relaxed) == 0) {
        os::say("twill: numa_vector: the system does not place memory on NUMA nodes (%s); it lies "
                "where it is first used\n",
                os::reason(error).text);
    }
}

constexpr std::size_t most_bytes = std::numeric_limits<std::size_t>::max() / 2;

std::size_t page_of(const numa_request& want) noexcept {
    return want.huge_pages ? os::huge_page_size : os::page_size();
}

/// Of the elements alone, in whole pages.
std::size_t bytes_of(const numa_request& want) noexcept {
    const std::size_t page = page_of(want);
    return (want.count * want.element_size + page - 1) / page * page;
}

placed_memory* record_of(const void* data, const numa_request& want) noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(data) + bytes_of(want);
    return reinterpret_cast<placed_memory*>(at); // NOLINT(performance-no-int-to-ptr)
}

/// Asks the system for the nodes of each block of pages.
void bind_blocks(void* data, const numa_request& want,
                 const std::vector<stretch>& blocks) noexcept {
    auto* const bytes = static_cast<char*>(data);
    const std::size_t page = page_of(want);
    std::size_t from = 0;
    int error = 0;
    for (const stretch& one : blocks) {
        const bool last = &one == &blocks.back();
        const std::size_t to =
            last ? bytes_of(want) : topology::page_of(one.end, want.element_size, page) * page;
        if (to > from && one.node >= 0 && error == 0) {
            error = os::prefer_node(bytes + from, to - from, one.node);
        }
        from = to;
    }
    tell_refusal(error);
}

void bind_interleaved(void* data, std::size_t bytes, const node_map& nodes) {
    std::vector<int> all;
    for (const node_map::share& one : nodes.shares()) {
        if (one.node >= 0) {
            all.push_back(one.node);
        }
    }
    tell_refusal(os::interleave_over(data, bytes, all));
}

/// On a machine with several nodes, or of one with several kinds of cores: then nothing is asked of
/// the system.
void place(void* data, const numa_request& want, const node_map& nodes, placed_memory& made) {
    const bool binds = nodes.divided() && nodes.with() == topology::binds::made;
    if (want.layout == numa_layout::interleaved) {
        if (binds) {
            bind_interleaved(data, bytes_of(want), nodes);
        }
        return;
    }
    if (want.layout == numa_layout::on_node) {
        made.blocks.push_back({want.count, want.node});
    } else {
        made.blocks =
            topology::blocked_partition(want.count, want.element_size, page_of(want), nodes);
    }
    if (binds && want.layout != numa_layout::first_touch) {
        bind_blocks(data, want, made.blocks);
    }
    made.stretches = made.blocks.data();
    made.placement::count = made.blocks.size();
    made.data = data;
    made.element_size = want.element_size;
}

} // namespace

void* numa_allocate_slow(const numa_request& want) noexcept {
    const os::kept_errno kept;
    if (want.count > most_bytes / want.element_size) {
        return nullptr;
    }
    void* const data = os::reserve_pages(bytes_of(want), want.huge_pages, os::page_size());
    if (data == nullptr) {
        return nullptr;
    }
    auto* const made = new (record_of(data, want)) placed_memory{};
    try {
        const sched::thread_record* const self = sched::innermost_record();
        sched::scheduler& of = self != nullptr ? self->owner : sched::scheduler_for_verbs();
        sched::placing::await_machine(of);
        const node_map* const nodes = of.known_nodes.nodes();
        if (nodes != nullptr) {
            place(data, want, *nodes, *made);
        }
    } catch (const std::bad_alloc&) {
        numa_free_slow(data, want);
        return nullptr;
    }
    return data;
}

void numa_free_slow(void* data, const numa_request& want) noexcept {
    std::destroy_at(record_of(data, want));
    os::unmap_pages(data, bytes_of(want) + os::page_size());
}

const placement* numa_placement_slow(const void* data, const numa_request& want) noexcept {
    const placed_memory* const made = record_of(data, want);
    return made->stretches != nullptr ? made : nullptr;
}

} // namespace twill::inline abi_1::detail
