// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// numa_allocator: memory whose pages are spread over the NUMA nodes of the machine, for a
/// std::vector and for numa_vector.
///
/// ```cpp
/// #include <twill/numa_allocator.hpp>
///
/// std::vector<double, twill::numa_allocator<double>> x(100'000, 1.0);
/// twill::parallel_for_each(x, [](double& element) { element *= 2.0; }, twill::near(x));
/// // x[0] == 2.0, x[99'999] == 2.0
/// ```

#include "twill/detail/config.hpp"
#include "twill/detail/numa_memory.hpp"
#include "twill/detail/placement.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace twill::inline abi_1 {

/// Where the pages of an array come to lie, of those nodes that workers of the runtime are on.
enum class numa_layout : std::uint8_t {
    /// A block of consecutive pages on each node, by the number of workers there: the node's
    /// workers are given its elements.
    blocked,
    /// Page by page on one node after the other: for what all workers read alike. Loops over it are
    /// as loops over any other memory.
    interleaved,
    /// All on numa_options::node.
    on_node,
    /// Divided as `blocked`, but the system is asked for nothing: each page lies where the worker
    /// runs that constructs its first element.
    first_touch
};

/// How an array lies in memory.
struct numa_options {
    numa_layout layout = numa_layout::blocked;
    /// For numa_layout::on_node: the kernel's number, as `twill topology` shows it.
    int node = 0;
    /// Pages of 2 MiB where the system has them. The memory is then a multiple of that, and so are
    /// blocks.
    bool huge_pages = false;

    [[nodiscard]] friend constexpr bool operator==(const numa_options&,
                                                   const numa_options&) noexcept = default;
};

/// An allocator (Cpp17Allocator) whose memory lies on NUMA nodes as numa_options says, for
/// containers that hold their elements in one piece: each piece is pages of its own, and one page
/// more for what is known of it. numa_vector has its memory from it.
///
/// Layouts count the elements of a piece, so a std::vector has its blocks by its capacity. It
/// constructs its elements in the thread that calls it: with `first_touch` they all lie where that
/// one runs, and with any other layout where they should. A loop is local that is told so:
/// `twill::near(v)` of a std::vector with this allocator.
///
/// Allocators are equal if their options are. They go with what they have allocated when a
/// container is moved or swapped, and stay when it is copied over.
///
/// Thread-safe: nothing is shared.
template <class T>
class numa_allocator {
public:
    using value_type = T;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;
    using is_always_equal = std::false_type;

    /// Implicit, so that options stand where an allocator is expected. O(1).
    constexpr numa_allocator(const numa_options& how = {}) noexcept : how_(how) {} // NOLINT
    template <class U>
    constexpr numa_allocator(const numa_allocator<U>& of) noexcept : how_(of.options()) {} // NOLINT

    [[nodiscard]] constexpr const numa_options& options() const noexcept { return how_; }

    /// Zeroed memory for `count` elements, in no page yet. A system call or some, about 10 us; the
    /// first one in a program waits some milliseconds until the runtime knows the machine.
    /// \throws std::bad_alloc
    [[nodiscard]] T* allocate(std::size_t count) {
        static_assert(alignof(T) <= 4096,
                      "twill: numa_allocator: an element fits into a page's alignment");
        void* const data = detail::numa_allocate_slow(request(count));
        if (data == nullptr) {
#if defined(__cpp_exceptions)
            throw std::bad_alloc();
#else
            std::terminate();
#endif
        }
        return static_cast<T*>(data);
    }

    /// Gives back what allocate() of an equal one has returned for the same `count`.
    void deallocate(T* data, std::size_t count) noexcept {
        detail::numa_free_slow(data, request(count));
    }

    /// For loops: what is known of the memory that allocate(count) has returned. O(1).
    [[nodiscard]] detail::placed_range placed(const T* data, std::size_t count) const noexcept {
        return {data != nullptr ? detail::numa_placement_slow(data, request(count)) : nullptr, 0};
    }

    template <class U>
    [[nodiscard]] friend constexpr bool operator==(const numa_allocator& one,
                                                   const numa_allocator<U>& two) noexcept {
        return one.options() == two.options();
    }

private:
    [[nodiscard]] constexpr detail::numa_request request(std::size_t count) const noexcept {
        return {count > 0 ? count : 1, sizeof(T), how_.layout, how_.node, how_.huge_pages};
    }

    numa_options how_;
};

namespace detail {

template <class Allocator>
[[nodiscard]] const auto& outermost(const Allocator& one) noexcept {
    if constexpr (requires { one.outer_allocator(); }) {
        return outermost(one.outer_allocator());
    } else {
        return one;
    }
}

template <class Allocator>
inline constexpr bool is_numa_allocator = false;
template <class T>
inline constexpr bool is_numa_allocator<numa_allocator<T>> = true;

/// Itself, or the outermost one of several (std::scoped_allocator_adaptor).
template <class Allocator>
concept places_memory =
    is_numa_allocator<std::remove_cvref_t<decltype(outermost(std::declval<const Allocator&>()))>>;

template <class T, class Allocator>
    requires places_memory<Allocator>
struct placed_by_allocator<std::vector<T, Allocator>> {
    [[nodiscard]] static placed_range of(const std::vector<T, Allocator>& all) noexcept {
        return outermost(all.get_allocator()).placed(all.data(), all.capacity());
    }
};

} // namespace detail

} // namespace twill::inline abi_1
