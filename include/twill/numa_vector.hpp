// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// numa_vector: an array whose pages are spread over the NUMA nodes of the machine in a way that
/// the loops know.
///
/// ```cpp
/// #include <twill/numa_vector.hpp>
///
/// twill::numa_vector<double> x(100'000, 1.0);
/// twill::parallel_for_each(x, [](double& element) { element *= 2.0; });
/// // x[0] == 2.0, x[99'999] == 2.0
/// ```

#include "twill/detail/config.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/numa_memory.hpp"
#include "twill/detail/placement.hpp"
#include "twill/parallel_for.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace twill::inline abi_1 {

/// Where the pages of a numa_vector come to lie, of those nodes that workers of the runtime are on.
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

/// How a numa_vector lies in memory.
struct numa_options {
    numa_layout layout = numa_layout::blocked;
    /// For numa_layout::on_node: the kernel's number, as `twill topology` shows it.
    int node = 0;
    /// Pages of 2 MiB where the system has them. The memory is then a multiple of that, and so are
    /// blocks.
    bool huge_pages = false;
};

namespace detail {

/// An iterator that knows where its elements lie.
template <class T>
class numa_iterator {
public:
    using iterator_concept = std::contiguous_iterator_tag;
    using iterator_category = std::random_access_iterator_tag;
    using value_type = std::remove_cv_t<T>;
    using difference_type = std::ptrdiff_t;
    using pointer = T*;
    using reference = T&;

    numa_iterator() = default;
    numa_iterator(T* at, const placement* of) noexcept : at_(at), of_(of) {}
    operator numa_iterator<const T>() const noexcept // NOLINT: as pointers convert
        requires(!std::is_const_v<T>)
    {
        return {at_, of_};
    }

    [[nodiscard]] T& operator*() const noexcept { return *at_; }
    [[nodiscard]] T* operator->() const noexcept { return at_; }
    [[nodiscard]] T& operator[](std::ptrdiff_t n) const noexcept { return at_[n]; }

    numa_iterator& operator++() noexcept { return *this += 1; }
    numa_iterator& operator--() noexcept { return *this -= 1; }
    numa_iterator operator++(int) noexcept { return {at_++, of_}; }
    numa_iterator operator--(int) noexcept { return {at_--, of_}; }
    numa_iterator& operator+=(std::ptrdiff_t n) noexcept {
        at_ += n;
        return *this;
    }
    numa_iterator& operator-=(std::ptrdiff_t n) noexcept {
        at_ -= n;
        return *this;
    }
    [[nodiscard]] friend numa_iterator operator+(numa_iterator from, std::ptrdiff_t n) noexcept {
        return from += n;
    }
    [[nodiscard]] friend numa_iterator operator+(std::ptrdiff_t n, numa_iterator from) noexcept {
        return from += n;
    }
    [[nodiscard]] friend numa_iterator operator-(numa_iterator from, std::ptrdiff_t n) noexcept {
        return from -= n;
    }
    [[nodiscard]] friend std::ptrdiff_t operator-(numa_iterator one, numa_iterator two) noexcept {
        return one.at_ - two.at_;
    }
    [[nodiscard]] friend bool operator==(numa_iterator one, numa_iterator two) noexcept {
        return one.at_ == two.at_;
    }
    [[nodiscard]] friend auto operator<=>(numa_iterator one, numa_iterator two) noexcept {
        return one.at_ <=> two.at_;
    }

    /// For the loops.
    [[nodiscard]] placed_range placed() const noexcept {
        if (of_ == nullptr) {
            return {};
        }
        return {of_, static_cast<std::size_t>(at_ - static_cast<const T*>(of_->data))};
    }

private:
    T* at_ = nullptr;
    const placement* of_ = nullptr;
};

} // namespace detail

/// An array of fixed size in memory of its own, whose pages lie on NUMA nodes as numa_options says.
///
/// Loops over its iterators (parallel_for, parallel_for_each, parallel_for_blocks, parallel_reduce)
/// give each element first to the workers of its node, and so does twill::near(v) for a loop over
/// the integers 0 to size(); nobody who is idle waits for that. The partition of the layout
/// `blocked`: of P pages and W workers, the nodes with the first w workers have the first
/// floor(P w / W) pages; an element belongs where it begins.
///
/// On a machine with one node it is an array as any other, and nothing is asked of the system. The
/// first one waits some milliseconds until the runtime knows the machine; of a wish that the system
/// refuses a line on stderr tells once, and the pages lie where they are first touched.
///
/// There is no allocator: where memory lies is a matter of whole pages, which are asked of the
/// system and given back. For the same reason the size is fixed, and there is no copy; it can be
/// moved. An element may need no more than 4096 bytes of alignment.
///
/// Thread-safe as std::vector: different elements may be used by different threads.
template <class T>
class numa_vector {
    static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                  "twill: numa_vector holds objects that are not const");
    static_assert(alignof(T) <= 4096,
                  "twill: numa_vector: an element fits into a page's alignment");

public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using const_reference = const T&;
    using pointer = T*;
    using const_pointer = const T*;
    using iterator = detail::numa_iterator<T>;
    using const_iterator = detail::numa_iterator<const T>;

    /// No elements. O(1).
    numa_vector() noexcept = default;

    /// `count` elements T(), constructed in parallel, each by a worker of its node if one is there.
    /// Work: `count` constructors. \throws std::bad_alloc, and what a constructor throws, after the
    /// elements that there were have been destroyed.
    explicit numa_vector(std::size_t count, const numa_options& how = {}) {
        build(
            count, how, [](T* at) { new (static_cast<void*>(at)) T(); },
            std::is_nothrow_default_constructible<T>{});
    }

    /// The same with copies of `value`.
    numa_vector(std::size_t count, const T& value, const numa_options& how = {}) {
        build(
            count, how, [&value](T* at) { new (static_cast<void*>(at)) T(value); },
            std::is_nothrow_copy_constructible<T>{});
    }

    /// O(1); the other one is empty afterwards, and iterators stay with the elements.
    numa_vector(numa_vector&& from) noexcept
        : memory_(std::exchange(from.memory_, {})), size_(std::exchange(from.size_, 0)) {}
    numa_vector& operator=(numa_vector&& from) noexcept {
        numa_vector(std::move(from)).swap(*this);
        return *this;
    }
    numa_vector(const numa_vector&) = delete;
    numa_vector& operator=(const numa_vector&) = delete;

    /// Destroys the elements, in parallel unless there is nothing to do for it.
    ~numa_vector() {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            parallel_for_each(*this, [](T& one) { one.~T(); });
        }
        release();
    }

    void swap(numa_vector& with) noexcept {
        std::swap(memory_, with.memory_);
        std::swap(size_, with.size_);
    }

    // As of std::vector, and O(1), all of it.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return static_cast<T*>(memory_.pages); }
    [[nodiscard]] const T* data() const noexcept { return static_cast<const T*>(memory_.pages); }
    [[nodiscard]] T& operator[](std::size_t k) noexcept { return data()[k]; }
    [[nodiscard]] const T& operator[](std::size_t k) const noexcept { return data()[k]; }
    [[nodiscard]] T& front() noexcept { return *data(); }
    [[nodiscard]] const T& front() const noexcept { return *data(); }
    [[nodiscard]] T& back() noexcept { return data()[size_ - 1]; }
    [[nodiscard]] const T& back() const noexcept { return data()[size_ - 1]; }
    [[nodiscard]] iterator begin() noexcept { return {data(), memory_.where}; }
    [[nodiscard]] iterator end() noexcept { return begin() + signed_size(); }
    [[nodiscard]] const_iterator begin() const noexcept { return {data(), memory_.where}; }
    [[nodiscard]] const_iterator end() const noexcept { return begin() + signed_size(); }
    [[nodiscard]] const_iterator cbegin() const noexcept { return begin(); }
    [[nodiscard]] const_iterator cend() const noexcept { return end(); }

    /// For twill::near.
    [[nodiscard]] detail::placed_range placed() const noexcept { return begin().placed(); }

private:
    /// Elements that have been constructed, where a constructor may throw.
    struct built {
        T* first;
        T* last;
    };

    [[nodiscard]] std::ptrdiff_t signed_size() const noexcept {
        return static_cast<std::ptrdiff_t>(size_);
    }

    static void destroy(T* first, T* last) noexcept {
        while (last != first) {
            (--last)->~T();
        }
    }

    void release() noexcept {
        if (memory_.pages != nullptr) {
            detail::numa_free_slow(memory_);
        }
    }

    template <class Construct>
    void build(std::size_t count, const numa_options& how, Construct construct,
               std::true_type /*throws nothing*/) {
        allocate(count, how);
        parallel_for_blocks(begin(), end(), [construct](iterator first, iterator last) {
            for (; first != last; ++first) {
                construct(std::to_address(first));
            }
        });
    }

    /// Where a constructor may throw: which elements there are is noted block by block.
    template <class Construct>
    void build(std::size_t count, const numa_options& how, Construct construct,
               std::false_type /*throws nothing*/) {
        allocate(count, how);
        std::mutex noting;
        std::vector<built> blocks;
        TWILL_TRY {
            parallel_for_blocks(begin(), end(), [&](iterator first, iterator last) {
                built block{std::to_address(first), std::to_address(first)};
                TWILL_TRY {
                    for (T* const past = std::to_address(last); block.last != past; ++block.last) {
                        construct(block.last);
                    }
                    const std::lock_guard alone(noting);
                    blocks.push_back(block);
                }
                TWILL_CATCH_ALL {
                    destroy(block.first, block.last);
                    rethrow();
                }
            });
        }
        TWILL_CATCH_ALL {
            for (const built& block : blocks) {
                destroy(block.first, block.last);
            }
            release();
            rethrow();
        }
    }

    static void rethrow() {
#if defined(__cpp_exceptions)
        throw;
#endif
    }

    void allocate(std::size_t count, const numa_options& how) {
        if (count == 0) {
            return;
        }
        const detail::numa_request want{count, sizeof(T), how.layout, how.node, how.huge_pages};
        if (!detail::numa_allocate_slow(memory_, want)) {
#if defined(__cpp_exceptions)
            throw std::bad_alloc();
#else
            std::terminate();
#endif
        }
        size_ = count;
    }

    detail::numa_memory memory_;
    std::size_t size_ = 0;
};

} // namespace twill::inline abi_1
