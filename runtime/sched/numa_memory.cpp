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

/// The placement of one numa_vector, and what it points to.
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

std::size_t pages_of(const numa_request& want, std::size_t page) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
    if (want.count > most / want.element_size) {
        return 0;
    }
    return (want.count * want.element_size + page - 1) / page;
}

/// Asks the system for the nodes of each block of pages.
void bind_blocks(const numa_memory& memory, const std::vector<stretch>& blocks,
                 std::size_t element_size, std::size_t page) noexcept {
    auto* const bytes = static_cast<char*>(memory.pages);
    std::size_t from = 0;
    int error = 0;
    for (const stretch& one : blocks) {
        const bool last = &one == &blocks.back();
        const std::size_t to =
            last ? memory.bytes : topology::page_of(one.end, element_size, page) * page;
        if (to > from && one.node >= 0 && error == 0) {
            error = os::prefer_node(bytes + from, to - from, one.node);
        }
        from = to;
    }
    tell_refusal(error);
}

void bind_interleaved(const numa_memory& memory, const node_map& nodes) {
    std::vector<int> all;
    for (const node_map::share& one : nodes.shares()) {
        if (one.node >= 0) {
            all.push_back(one.node);
        }
    }
    tell_refusal(os::interleave_over(memory.pages, memory.bytes, all));
}

/// On a machine with several nodes.
void place(numa_memory& memory, const numa_request& want, std::size_t page, const node_map& nodes) {
    const bool binds = nodes.with() == topology::binds::made;
    if (want.layout == numa_layout::interleaved) {
        if (binds) {
            bind_interleaved(memory, nodes);
        }
        return;
    }
    auto made = std::make_unique<placed_memory>();
    if (want.layout == numa_layout::on_node) {
        made->blocks.push_back({want.count, want.node});
    } else {
        made->blocks = topology::blocked_partition(want.count, want.element_size, page, nodes);
    }
    if (binds && want.layout != numa_layout::first_touch) {
        bind_blocks(memory, made->blocks, want.element_size, page);
    }
    made->stretches = made->blocks.data();
    made->placement::count = made->blocks.size();
    made->data = memory.pages;
    made->element_size = want.element_size;
    memory.where = made.release();
}

} // namespace

bool numa_allocate_slow(numa_memory& into, const numa_request& want) noexcept {
    const os::kept_errno kept;
    const std::size_t page = want.huge_pages ? os::huge_page_size : os::page_size();
    const std::size_t pages = pages_of(want, page);
    if (pages == 0) {
        return false;
    }
    into.pages = os::reserve_pages(pages * page, want.huge_pages);
    if (into.pages == nullptr) {
        return false;
    }
    into.bytes = pages * page;
    try {
        const sched::thread_record* const self = sched::innermost_record();
        sched::scheduler& of = self != nullptr ? self->owner : sched::scheduler_for_verbs();
        sched::placing::await_machine(of);
        const node_map* const nodes = of.known_nodes.nodes();
        if (nodes != nullptr && nodes->divided()) {
            place(into, want, page, *nodes);
        }
    } catch (const std::bad_alloc&) {
        numa_free_slow(into);
        return false;
    }
    return true;
}

void numa_free_slow(numa_memory& from) noexcept {
    os::unmap_pages(from.pages, from.bytes);
    delete static_cast<const placed_memory*>(from.where);
    from = {};
}

} // namespace twill::inline abi_1::detail
