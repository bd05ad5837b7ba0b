// SPDX-License-Identifier: Apache-2.0
#include "os/memory.hpp"

#include "os/kept_errno.hpp"
#include "os/numa_memory.hpp"

#include <cstdint>
#include <sys/mman.h>

namespace twill::os {

namespace {

constexpr std::size_t huge_page = huge_page_size;

void* map(std::size_t bytes, int flags) noexcept {
    void* const pages =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return pages == MAP_FAILED ? nullptr : pages;
}

// A piece that is aligned as the system wants it: more is mapped, and both ends go back.
void* map_huge(std::size_t bytes, std::size_t behind = 0) noexcept {
    char* const all = static_cast<char*>(map(bytes + behind + huge_page, 0));
    if (all == nullptr) {
        return nullptr;
    }
    const std::size_t before =
        (huge_page - reinterpret_cast<std::uintptr_t>(all) % huge_page) % huge_page;
    if (before > 0) {
        munmap(all, before);
    }
    munmap(all + before + bytes + behind, huge_page - before);
    madvise(all + before, bytes, MADV_HUGEPAGE); // refused: then they are small ones
    return all + before;
}

} // namespace

// Small pages are populated at once: one call instead of a fault a page.
void* map_pages(std::size_t bytes, bool huge) noexcept {
    const kept_errno kept;
    void* const pages = huge && bytes % huge_page == 0 ? map_huge(bytes) : map(bytes, MAP_POPULATE);
    return pages;
}

void* reserve_pages(std::size_t bytes, bool huge, std::size_t behind) noexcept {
    const kept_errno kept;
    return huge && bytes % huge_page == 0 ? map_huge(bytes, behind)
                                          : map(bytes + behind, MAP_NORESERVE);
}

void unmap_pages(void* pages, std::size_t bytes) noexcept {
    const kept_errno kept;
    munmap(pages, bytes);
}

} // namespace twill::os
