// SPDX-License-Identifier: Apache-2.0
#include "os/numa_memory.hpp"

#include "os/memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace {

namespace os = twill::os;

TEST(numa_memory, pages_are_zero_and_in_no_memory_before_they_are_touched) {
    for (const bool huge : {false, true}) {
        const std::size_t bytes = 2 * os::huge_page_size;
        auto* const pages = static_cast<char*>(os::reserve_pages(bytes, huge));
        ASSERT_NE(pages, nullptr);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages) % os::page_size(), 0u);
        EXPECT_EQ(os::node_of_address(pages), -1);
        EXPECT_TRUE(std::all_of(pages, pages + bytes, [](char byte) { return byte == 0; }));
        pages[0] = 1;
        // A kernel without NUMA, or a filter of calls, does not tell.
        EXPECT_GE(os::node_of_address(pages), -1);
        os::unmap_pages(pages, bytes);
    }
}

TEST(numa_memory, wishes_are_granted_or_refused_with_a_reason_and_change_nothing_else) {
    const std::size_t bytes = 16 * os::page_size();
    auto* const pages = static_cast<char*>(os::reserve_pages(bytes, false));
    ASSERT_NE(pages, nullptr);
    errno = 77;
    for (const int error :
         {os::prefer_node(pages, bytes, 0), os::interleave_over(pages, bytes, std::array{0})}) {
        EXPECT_TRUE(error == 0 || error == EPERM || error == ENOSYS) << error;
    }
    EXPECT_EQ(os::prefer_node(pages, bytes, -1), EINVAL);
    EXPECT_EQ(os::prefer_node(pages, bytes, 1024), EINVAL);
    EXPECT_EQ(os::interleave_over(pages, bytes, std::array{0, 5000}), EINVAL);
    EXPECT_EQ(errno, 77);
    pages[bytes - 1] = 1;
    EXPECT_EQ(pages[bytes - 1], 1);
    os::unmap_pages(pages, bytes);
}

} // namespace
