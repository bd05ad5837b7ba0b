// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// per_thread: one value for each thread that touches it.

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/library.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {
namespace detail {

/// The head of a value in the list of its container.
struct value_link {
    value_link* next = nullptr;
    /// hot_state::thread_number of the thread that it belongs to.
    std::uint64_t thread = 0;
    /// How many there are from here to the end of the list.
    std::size_t count = 1;
};

/// A thread's value in one container, if `serial` is still the container's.
struct thread_value {
    std::uint64_t serial;
    /// The value, or with a serial of 0 the container whose factory runs.
    const void* what;
};

/// The part of a container that does not depend on its type: its number among the containers that
/// are alive, which is small and used again, and its serial number, which is not.
class per_thread_base {
public:
    per_thread_base(const per_thread_base&) = delete;
    per_thread_base& operator=(const per_thread_base&) = delete;

protected:
    TWILL_API per_thread_base();
    TWILL_API ~per_thread_base();

    /// The running thread's value, or null if its table does not know of one.
    [[nodiscard]] TWILL_INLINE value_link* find() const noexcept {
        const hot_state& self = hot();
        if (__builtin_expect(number_ < self.value_count, 1)) {
            const thread_value& mine = self.values[number_];
            if (__builtin_expect(mine.serial == serial_, 1)) {
                if (mine.what == nullptr) {
                    __builtin_unreachable(); // spares the caller a test
                }
                return static_cast<value_link*>(const_cast<void*>(mine.what));
            }
        }
        return nullptr;
    }

    /// After find() in vain: room in the thread's table. Returns the value that the thread has all
    /// the same, or null: then the caller makes one and calls keep() or give_up().
    TWILL_API TWILL_COLD value_link* begin_making();
    TWILL_API TWILL_COLD void keep(value_link& made) noexcept;
    TWILL_API TWILL_COLD void give_up() noexcept;

    /// All values, for clear() and the destructor. What the tables of threads say is void after it.
    TWILL_API TWILL_COLD value_link* take_all() noexcept;

    [[nodiscard]] value_link* newest() const noexcept {
        return newest_.load(acquire); // pairs with the release in keep()
    }

private:
    atomic<value_link*> newest_{nullptr};
    std::uint64_t serial_;
    std::uint32_t number_;
};

/// Values of different threads share no line of this size.
inline constexpr std::size_t line_size = 64;

template <class T>
struct alignas(alignof(T) > line_size ? alignof(T) : line_size) value_node : value_link {
    T value;

    // Made in place by the call: a T needs to be neither copied nor moved.
    value_node(T (*make)(const void*), const void* how) : value(make(how)) {}
};

/// How values are made: a callable and what it is called with, of a type that only it knows.
template <class T>
struct value_maker {
    T (*make)(const void* how);
    void (*drop)(const void* how) noexcept;
    const void* how;

    static value_maker by_default() noexcept {
        return {[](const void* /*how*/) { return T{}; }, [](const void* /*how*/) noexcept {},
                nullptr};
    }
    template <class Factory, class Given>
    static value_maker by(Given&& given) {
        return {
            [](const void* how) { return T((*static_cast<const Factory*>(how))()); },
            [](const void* how) noexcept { delete static_cast<const Factory*>(how); },
            new Factory(std::forward<Given>(given)),
        };
    }
};

/// Makes copies of a value.
template <class T>
struct copies_of {
    T exemplar;
    explicit copies_of(T&& one) : exemplar(std::move(one)) {}
    T operator()() const { return exemplar; }
};

template <class Factory, class T>
concept factory_of =
    std::is_invocable_v<const std::decay_t<Factory>&> &&
    std::is_constructible_v<std::decay_t<Factory>, Factory> &&
    (std::is_same_v<std::invoke_result_t<const std::decay_t<Factory>&>, T> ||
     std::is_constructible_v<T, std::invoke_result_t<const std::decay_t<Factory>&>>);

/// Walks the list of a container.
template <class T, bool Const>
class per_thread_iterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using reference = std::conditional_t<Const, const T&, T&>;
    using pointer = std::conditional_t<Const, const T*, T*>;

    per_thread_iterator() = default;
    explicit per_thread_iterator(value_link* at) noexcept : at_(at) {}
    // NOLINTNEXTLINE(google-explicit-constructor): as iterators of containers convert
    operator per_thread_iterator<T, true>() const noexcept
        requires(!Const)
    {
        return per_thread_iterator<T, true>(at_);
    }

    reference operator*() const noexcept { return static_cast<value_node<T>*>(at_)->value; }
    pointer operator->() const noexcept { return __builtin_addressof(**this); }
    per_thread_iterator& operator++() noexcept {
        at_ = at_->next;
        return *this;
    }
    per_thread_iterator operator++(int) noexcept {
        per_thread_iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const per_thread_iterator&,
                           const per_thread_iterator&) noexcept = default;

private:
    value_link* at_ = nullptr;
};

} // namespace detail

/// One `T` for each thread that has called local(), made by the first such call. A task never
/// changes threads, so a reference that local() gave a task is that thread's alone until the task
/// ends, across joins too: what the thread runs inside a join are parts of the same verb only. (By
/// the number of a worker that would not hold, see this_worker().)
///
/// A `T` lives until clear() or the end of the container, also when its thread has ended, and never
/// moves. Its address shares no cache line with another one. The idea is that of the enumerable
/// thread-specific containers of other libraries, as in oneTBB.
///
/// \tparam T  an object type that is not const. It needs to be neither copyable nor movable, and
///            may be over-aligned.
///
/// Costs: local() takes a few nanoseconds and no lock, but for the first call in a thread, which
/// makes the T. Each thread keeps 16 bytes for each container that is alive.
///
/// Thread-safety: local(), size() and empty() may be called at the same time, on any thread, inside
/// of verbs and outside, also in constructors and destructors of static and `thread_local` objects
/// and in a child of fork(). All else wants the container for itself.
///
/// ```cpp
/// twill::per_thread<std::vector<int>> found;
/// twill::parallel_for(0, 1000, [&](int i) {
///     if (i % 7 == 0) { found.local().push_back(i); }
/// });
/// std::size_t all = 0;
/// for (const std::vector<int>& one : found) { all += one.size(); }
/// // all == 143
/// ```
template <class T>
class per_thread : detail::per_thread_base {
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>,
                  "twill: per_thread<T> takes an object type that is neither const nor an array");

    using maker = detail::value_maker<T>;
    using node = detail::value_node<T>;

public:
    using value_type = T;
    using iterator = detail::per_thread_iterator<T, false>;
    using const_iterator = detail::per_thread_iterator<T, true>;

    /// Values are made as `T{}`. Throws std::bad_alloc. O(log c) for c containers.
    per_thread()
        requires std::default_initializable<T>
        : maker_(maker::by_default()) {}

    /// Values are made as `factory()`.
    ///
    /// \param factory  callable through const without arguments; gives a T or what a T is made of.
    ///                 It is copied or moved, and called by several threads at the same time. It
    ///                 must not call local() of this container: that ends the program with a line.
    /// \throws std::bad_alloc, and what the copy or move of the factory throws.
    ///
    /// ```cpp
    /// twill::per_thread<std::vector<double>> rows([] { return std::vector<double>(100); });
    /// const std::size_t columns = rows.local().size();
    /// // columns == 100
    /// ```
    template <class Factory>
        requires(!std::same_as<std::remove_cvref_t<Factory>, T> &&
                 !std::same_as<std::remove_cvref_t<Factory>, per_thread> &&
                 detail::factory_of<Factory, T>)
    explicit per_thread(Factory&& factory)
        : maker_(maker::template by<std::decay_t<Factory>>(std::forward<Factory>(factory))) {}

    /// Values are copies of `exemplar`, made by several threads at the same time.
    ///
    /// ```cpp
    /// twill::per_thread<int> lowest(1000);
    /// const int before = lowest.local();
    /// // before == 1000
    /// ```
    explicit per_thread(T exemplar)
        requires std::copy_constructible<T>
        : maker_(maker::template by<detail::copies_of<T>>(std::move(exemplar))) {}

    /// Destroys all values, in any order, on the calling thread.
    ~per_thread() {
        clear();
        maker_.drop(maker_.how);
    }

    /// The running thread's value, made if this is the first call since the construction or
    /// clear(). O(1), lock-free; a first call allocates.
    ///
    /// \return valid until clear() or the end of the container.
    /// \throws in a first call std::bad_alloc and what making the value throws; nothing has changed
    ///         then, and the next call tries again.
    [[nodiscard]] T& local() {
        if (detail::value_link* mine = find(); __builtin_expect(mine != nullptr, 1)) {
            return static_cast<node*>(mine)->value;
        }
        bool made = false;
        return local_slow(made);
    }

    /// The same.
    ///
    /// \param made  set to whether this call made the value.
    ///
    /// ```cpp
    /// twill::per_thread<int> count;
    /// bool first = false;
    /// bool second = false;
    /// count.local(first) += 1;
    /// count.local(second) += 1;
    /// // first == true, second == false
    /// ```
    [[nodiscard]] T& local(bool& made) {
        made = false;
        if (detail::value_link* mine = find(); __builtin_expect(mine != nullptr, 1)) {
            return static_cast<node*>(mine)->value;
        }
        return local_slow(made);
    }

    /// The number of values. O(1); throws nothing.
    [[nodiscard]] std::size_t size() const noexcept {
        const detail::value_link* first = newest();
        return first == nullptr ? 0 : first->count;
    }
    [[nodiscard]] bool empty() const noexcept { return newest() == nullptr; }

    /// Forward iterators over all values, in an order that is not specified. Not while others call
    /// local().
    [[nodiscard]] iterator begin() noexcept { return iterator(newest()); }
    [[nodiscard]] iterator end() noexcept { return {}; }
    [[nodiscard]] const_iterator begin() const noexcept { return const_iterator(newest()); }
    [[nodiscard]] const_iterator end() const noexcept { return {}; }

    /// Folds all values into one, in an order that is not specified; what local() would make if
    /// there are none. Leaves the values as they are.
    ///
    /// \param operation  callable with two values; associative and commutative, else the result
    ///                   depends on the order. For values that cannot be copied use combine_each().
    /// \throws what the operation, a copy or the factory throws.
    ///
    /// ```cpp
    /// twill::per_thread<long> sums;
    /// twill::parallel_for(1, 101, [&](int i) { sums.local() += i; });
    /// const long sum = sums.combine([](long a, long b) { return a + b; });
    /// // sum == 5050
    /// ```
    template <class Operation>
    [[nodiscard]] T combine(Operation&& operation) const {
        static_assert(std::copy_constructible<T>,
                      "twill: per_thread::combine copies a value: T must be copyable, else use "
                      "combine_each");
        static_assert(std::is_invocable_r_v<T, Operation&, T, const T&>,
                      "twill: the operation of per_thread::combine must be callable with two "
                      "values and return one");
        return fold(operation, begin());
    }

    /// Calls `action` with each value, in an order that is not specified.
    ///
    /// \throws what `action` throws; the rest is then left out.
    ///
    /// ```cpp
    /// twill::per_thread<std::vector<int>> parts;
    /// twill::parallel_for(0, 100, [&](int i) { parts.local().push_back(i); });
    /// std::vector<int> all;
    /// parts.combine_each([&](const auto& one) { all.insert(all.end(), one.begin(), one.end()); });
    /// // all.size() == 100
    /// ```
    template <class Action>
    void combine_each(Action&& action) {
        for (T& one : *this) {
            action(one);
        }
    }
    template <class Action>
    void combine_each(Action&& action) const {
        for (const T& one : *this) {
            action(one);
        }
    }

    /// Destroys all values, in any order, on the calling thread; the next local() of each thread
    /// makes a new one. O(size()); throws nothing.
    void clear() noexcept {
        detail::value_link* one = take_all();
        while (one != nullptr) {
            detail::value_link* next = one->next;
            delete static_cast<node*>(one);
            one = next;
        }
    }

private:
    TWILL_COLD T& local_slow(bool& made) {
        if (detail::value_link* mine = begin_making(); mine != nullptr) {
            return static_cast<node*>(mine)->value;
        }
        struct attempt {
            per_thread* of;
            node* one = nullptr;
            ~attempt() {
                if (one == nullptr) {
                    of->give_up();
                }
            }
        } making{this};
        making.one = new node(maker_.make, maker_.how);
        keep(*making.one);
        made = true;
        return making.one->value;
    }

    // Each step constructs its value: a T needs no assignment.
    template <class Operation>
    T fold(Operation& operation, const_iterator at) const {
        if (at == end()) {
            return maker_.make(maker_.how);
        }
        std::optional<T> total(*at);
        while (++at != end()) {
            T more = operation(std::move(*total), *at);
            total.emplace(std::move(more));
        }
        return std::move(*total);
    }

    maker maker_;
};

} // namespace twill::inline abi_1
