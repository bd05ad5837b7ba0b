// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <type_traits>

namespace social {

/// An array of fixed size whose elements start indeterminate: the loop that fills it is the first
/// to touch its pages, and that loop may be parallel. Where it is large the system is asked for
/// large pages, which are faulted in by the hundred at a time and spare who reads at random most of
/// the walks through page tables; without them all is as it was, but slower.
template <class T>
class buffer {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    buffer() = default;
    explicit buffer(std::size_t size) : elements_(allocate(size)), size_(size) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return elements_.get(); }
    [[nodiscard]] const T* data() const noexcept { return elements_.get(); }
    [[nodiscard]] T* begin() noexcept { return data(); }
    [[nodiscard]] T* end() noexcept { return data() + size_; }
    [[nodiscard]] const T* begin() const noexcept { return data(); }
    [[nodiscard]] const T* end() const noexcept { return data() + size_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return elements_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return elements_[i]; }

private:
    /// Linux on x86-64, and on AArch64 with pages of 4 KiB.
    static constexpr std::size_t large_page = std::size_t{1} << 21;

    struct release {
        void operator()(T* elements) const noexcept { std::free(elements); }
    };

    static T* allocate(std::size_t size) {
        if (size > (std::size_t{0} - large_page) / sizeof(T)) {
            throw std::bad_array_new_length();
        }
        const std::size_t bytes = size * sizeof(T);
        const bool large = bytes >= large_page;
        void* const elements =
            large
                ? std::aligned_alloc(large_page, (bytes + large_page - 1) / large_page * large_page)
                : std::malloc(bytes);
        if (elements == nullptr && bytes > 0) {
            throw std::bad_alloc();
        }
        if (large) {
            ::madvise(elements, bytes, MADV_HUGEPAGE);
        }
        return static_cast<T*>(elements);
    }

    std::unique_ptr<T[], release> elements_;
    std::size_t size_ = 0;
};

} // namespace social
