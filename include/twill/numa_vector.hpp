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
#include "twill/detail/placement.hpp"
#include "twill/numa_allocator.hpp"
#include "twill/parallel_for.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace twill::inline abi_1 {

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
/// On a machine with one node nothing is asked of the system, and it is an array as any other, but
/// where cores are of several kinds: loops over it give each place its share all the same. The
/// first one waits some milliseconds until the runtime knows the machine; of a wish that the system
/// refuses a line on stderr tells once, and the pages lie where they are first touched.
///
/// The memory is a numa_allocator's. Another allocator can come inside of it, for the elements: by
/// std::scoped_allocator_adaptor<numa_allocator<T>, Inner> each is constructed with the inner one,
/// from several threads at a time (a std::pmr::synchronized_pool_resource allows that). What is
/// placed are whole pages: so the size is fixed, and there is no copy; it can be moved. An element
/// may need no more than 4096 bytes of alignment.
///
/// Thread-safe as std::vector: different elements may be used by different threads.
///
/// ```cpp
/// #include <twill/numa_vector.hpp>
/// #include <memory_resource>
/// #include <scoped_allocator>
/// #include <string>
///
/// using text = std::pmr::string;
/// using both = std::scoped_allocator_adaptor<twill::numa_allocator<text>,
///                                            std::pmr::polymorphic_allocator<char>>;
/// std::pmr::synchronized_pool_resource pool;
/// twill::numa_vector<text, both> names(1000, both(twill::numa_options{}, &pool));
/// twill::parallel_for_each(names, [](text& one) { one = "a string that is kept in the pool"; });
/// const bool pooled = names[999].get_allocator().resource() == &pool;
/// // pooled == true
/// ```
template <class T, class Allocator = numa_allocator<T>>
class numa_vector {
    static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                  "twill: numa_vector holds objects that are not const");
    static_assert(detail::places_memory<Allocator>,
                  "twill: the memory of a numa_vector is a twill::numa_allocator's; another "
                  "allocator comes inside: std::scoped_allocator_adaptor<twill::numa_allocator<T>, "
                  "Inner>");
    using traits = std::allocator_traits<Allocator>;
    static_assert(std::is_same_v<typename traits::value_type, T>,
                  "twill: the allocator of a numa_vector is one for its elements");

public:
    using value_type = T;
    using allocator_type = Allocator;
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
    explicit numa_vector(const Allocator& by) noexcept : allocator_(by) {}

    /// `count` elements T(), constructed in parallel, each by a worker of its node if one is there.
    /// Work: `count` constructors. \throws std::bad_alloc, and what a constructor throws, after the
    /// elements that there were have been destroyed.
    explicit numa_vector(std::size_t count, const Allocator& by) : allocator_(by) {
        build(
            count, [](Allocator& with, T* at) { traits::construct(with, at); }, throws_nothing<>{});
    }
    explicit numa_vector(std::size_t count, const numa_options& how = {})
        : numa_vector(count, Allocator(how)) {}

    /// The same with copies of `value`.
    numa_vector(std::size_t count, const T& value, const Allocator& by) : allocator_(by) {
        build(
            count, [&value](Allocator& with, T* at) { traits::construct(with, at, value); },
            throws_nothing<const T&>{});
    }
    numa_vector(std::size_t count, const T& value, const numa_options& how = {})
        : numa_vector(count, value, Allocator(how)) {}

    /// O(1); the other one is empty afterwards, and iterators stay with the elements.
    numa_vector(numa_vector&& from) noexcept : allocator_(from.allocator_) { take(from); }
    numa_vector& operator=(numa_vector&& from) noexcept {
        numa_vector(std::move(from)).swap(*this);
        return *this;
    }
    numa_vector(const numa_vector&) = delete;
    numa_vector& operator=(const numa_vector&) = delete;

    /// The same if the allocators are equal; else the elements are moved, one by one and in
    /// parallel, into memory of this one. \throws as the constructor of `count` elements
    numa_vector(numa_vector&& from, const Allocator& by) : allocator_(by) {
        if (allocator_ == from.allocator_) {
            take(from);
            return;
        }
        build(
            from.size_,
            [this, &from](Allocator& with, T* at) {
                traits::construct(with, at, std::move(from.data_[at - data_]));
            },
            throws_nothing<T&&>{});
    }

    /// Destroys the elements, in parallel unless there is nothing to do for it.
    ~numa_vector() {
        if constexpr (!std::is_trivially_destructible_v<T>) {
            parallel_for_blocks(begin(), end(), [this](iterator first, iterator last) {
                destroy(std::to_address(first), std::to_address(last));
            });
        }
        release();
    }

    void swap(numa_vector& with) noexcept {
        std::swap(allocator_, with.allocator_);
        std::swap(data_, with.data_);
        std::swap(size_, with.size_);
        std::swap(where_, with.where_);
    }

    [[nodiscard]] Allocator get_allocator() const noexcept { return allocator_; }

    // As of std::vector, and O(1), all of it.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] const T* data() const noexcept { return data_; }
    [[nodiscard]] T& operator[](std::size_t k) noexcept { return data()[k]; }
    [[nodiscard]] const T& operator[](std::size_t k) const noexcept { return data()[k]; }
    [[nodiscard]] T& front() noexcept { return *data(); }
    [[nodiscard]] const T& front() const noexcept { return *data(); }
    [[nodiscard]] T& back() noexcept { return data()[size_ - 1]; }
    [[nodiscard]] const T& back() const noexcept { return data()[size_ - 1]; }
    [[nodiscard]] iterator begin() noexcept { return {data(), where_}; }
    [[nodiscard]] iterator end() noexcept { return begin() + signed_size(); }
    [[nodiscard]] const_iterator begin() const noexcept { return {data(), where_}; }
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

    /// Constructors with these arguments, and what the allocator does around them.
    template <class... Arguments>
    using throws_nothing = std::bool_constant<detail::is_numa_allocator<Allocator> &&
                                              std::is_nothrow_constructible_v<T, Arguments...>>;

    void take(numa_vector& from) noexcept {
        data_ = std::exchange(from.data_, nullptr);
        size_ = std::exchange(from.size_, 0);
        where_ = std::exchange(from.where_, nullptr);
    }

    // Of the allocator each block has a copy: it is used from several threads.
    void destroy(T* first, T* last) const noexcept {
        Allocator with = allocator_;
        while (last != first) {
            traits::destroy(with, --last);
        }
    }

    void release() noexcept {
        if (data_ != nullptr) {
            traits::deallocate(allocator_, data_, size_);
        }
    }

    template <class Construct>
    void build(std::size_t count, Construct construct, std::true_type /*throws nothing*/) {
        allocate(count);
        parallel_for_blocks(begin(), end(), [this, construct](iterator first, iterator last) {
            Allocator with = allocator_;
            for (; first != last; ++first) {
                construct(with, std::to_address(first));
            }
        });
    }

    /// Where a constructor may throw: which elements there are is noted block by block.
    template <class Construct>
    void build(std::size_t count, Construct construct, std::false_type /*throws nothing*/) {
        allocate(count);
        std::mutex noting;
        std::vector<built> blocks;
        TWILL_TRY {
            parallel_for_blocks(begin(), end(), [&](iterator first, iterator last) {
                built block{std::to_address(first), std::to_address(first)};
                Allocator with = allocator_;
                TWILL_TRY {
                    for (T* const past = std::to_address(last); block.last != past; ++block.last) {
                        construct(with, block.last);
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

    void allocate(std::size_t count) {
        if (count > 0) {
            data_ = traits::allocate(allocator_, count);
            size_ = count;
            where_ = detail::outermost(allocator_).placed(data_, count).of;
        }
    }

    Allocator allocator_;
    T* data_ = nullptr;
    std::size_t size_ = 0;
    const detail::placement* where_ = nullptr;
};

} // namespace twill::inline abi_1
