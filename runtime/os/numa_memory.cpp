// SPDX-License-Identifier: Apache-2.0
#include "os/numa_memory.hpp"

#include "os/kept_errno.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

// By system calls: a library for them would be one more that programs need, for three of them.

namespace twill::os {

namespace {

constexpr std::size_t word_bits = 8 * sizeof(unsigned long);
/// As many as any kernel is built for.
constexpr std::size_t nodes_max = 1024;

class node_set {
public:
    bool add(int node) noexcept {
        const auto n = static_cast<std::size_t>(node);
        if (node < 0 || n >= nodes_max) {
            return false;
        }
        words_[n / word_bits] |= 1UL << (n % word_bits);
        return true;
    }
    [[nodiscard]] const unsigned long* words() const noexcept { return words_.data(); }

private:
    std::array<unsigned long, nodes_max / word_bits> words_{};
};

int bind(void* pages, std::size_t bytes, int mode, const node_set& nodes) noexcept {
    const kept_errno kept;
    // The kernel takes one bit less than it is told.
    return syscall(SYS_mbind, pages, bytes, mode, nodes.words(), nodes_max + 1, 0) == 0 ? 0 : errno;
}

} // namespace

std::size_t page_size() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

int prefer_node(void* pages, std::size_t bytes, int node) noexcept {
    node_set one;
    return one.add(node) ? bind(pages, bytes, MPOL_PREFERRED, one) : EINVAL;
}

int interleave_over(void* pages, std::size_t bytes, std::span<const int> nodes) noexcept {
    node_set all;
    for (const int node : nodes) {
        if (!all.add(node)) {
            return EINVAL;
        }
    }
    return bind(pages, bytes, MPOL_INTERLEAVE, all);
}

// The other call that tells it, get_mempolicy, puts a page there first.
int node_of_address(const void* address) noexcept {
    const kept_errno kept;
    const void* page = address;
    int node = -1;
    return syscall(SYS_move_pages, 0, 1UL, &page, nullptr, &node, 0) == 0 && node >= 0 ? node : -1;
}

} // namespace twill::os
