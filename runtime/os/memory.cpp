// SPDX-License-Identifier: Apache-2.0
#include "os/memory.hpp"

#include <cerrno>
#include <sys/mman.h>

namespace twill::os {

// Populated at once: one call instead of a fault a page.
void* map_pages(std::size_t bytes) noexcept {
    const int saved = errno;
    void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    errno = saved;
    return pages == MAP_FAILED ? nullptr : pages;
}

void unmap_pages(void* pages, std::size_t bytes) noexcept {
    const int saved = errno;
    munmap(pages, bytes);
    errno = saved;
}

} // namespace twill::os
