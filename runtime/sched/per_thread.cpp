// SPDX-License-Identifier: Apache-2.0
#include "twill/per_thread.hpp"

#include "sched/check.hpp"
#include "twill/detail/hot_state.hpp"

#include <algorithm>
#include <mutex>
#include <pthread.h>
#include <vector>

// A value is in the list of its container, which owns it, and in the table of its thread, which
// finds it fast: entry n is of the container with the number n, if its serial is that container's.
// A number is used again when its container has gone; what tables still say of it then has an old
// serial and is ignored. Threads that end free their table and nothing else.

namespace twill::inline abi_1::detail {
namespace {

constexpr std::uint32_t least_table = 8;

/// For a heap whose first is the smallest.
constexpr auto larger_below = [](std::uint32_t a, std::uint32_t b) { return a > b; };

/// The numbers of containers that have gone, smallest first, and the first that was never used.
struct free_numbers {
    std::mutex lock;
    std::vector<std::uint32_t> heap;
    std::uint32_t fresh = 0;
};

// Never destroyed: containers may be static and go later. Made by the first container, whose
// constructor may throw.
free_numbers& numbers() {
    static free_numbers* const one = [] {
        auto* made = new free_numbers; // NOLINT: see above
        // fork() waits for whoever is in the middle of a change, so that a child finds none.
        pthread_atfork([] { numbers().lock.lock(); }, [] { numbers().lock.unlock(); },
                       [] { numbers().lock.unlock(); });
        return made;
    }();
    return *one;
}

std::uint32_t take_number() {
    free_numbers& all = numbers();
    const std::lock_guard guard(all.lock);
    if (all.heap.empty()) {
        all.heap.reserve(all.fresh + std::size_t{1}); // for put_number()
        return all.fresh++;
    }
    std::pop_heap(all.heap.begin(), all.heap.end(), larger_below);
    const std::uint32_t smallest = all.heap.back();
    all.heap.pop_back();
    return smallest;
}

void put_number(std::uint32_t number) noexcept {
    free_numbers& all = numbers();
    const std::lock_guard guard(all.lock);
    all.heap.push_back(number);
    std::push_heap(all.heap.begin(), all.heap.end(), larger_below);
}

// Relaxed, both: all that counts is that no two are the same.
std::uint64_t fresh_serial() noexcept {
    static constinit atomic<std::uint64_t> last{0};
    return last.fetch_add(1, relaxed) + 1;
}
std::uint64_t own_thread_number() noexcept {
    static constinit atomic<std::uint64_t> last{0};
    hot_state& self = hot();
    if (self.thread_number == 0) {
        self.thread_number = last.fetch_add(1, relaxed) + 1;
    }
    return self.thread_number;
}

/// Frees the table of a thread that ends. Destructors of other thread_local objects may follow: for
/// them the values are looked up in the list.
struct table_owner {
    bool in_use = false;
    ~table_owner() {
        hot_state& self = hot();
        delete[] self.values;
        self.values = nullptr;
        self.value_count = 0;
        self.values_ended = true;
    }
};
thread_local table_owner owner;

void make_room(hot_state& self, std::uint32_t number) {
    if (number < self.value_count) {
        return;
    }
    const std::uint32_t room = std::max({least_table, number + 1, self.value_count * 2});
    auto* larger = new thread_value[room]{};
    owner.in_use = true; // its construction arranges for its destruction
    std::copy_n(self.values, self.value_count, larger);
    delete[] self.values;
    self.values = larger;
    self.value_count = room;
}

} // namespace

per_thread_base::per_thread_base() : serial_(fresh_serial()), number_(take_number()) {}

per_thread_base::~per_thread_base() { put_number(number_); }

value_link* per_thread_base::begin_making() {
    hot_state& self = hot();
    if (self.values_ended) {
        value_link* one = newest();
        while (one != nullptr && one->thread != own_thread_number()) {
            one = one->next;
        }
        return one;
    }
    make_room(self, number_);
    thread_value& mine = self.values[number_];
    if (mine.serial == 0 && mine.what == this) {
        sched::end_program("per_thread: what makes a value called local() of its own container, "
                           "whose value it has yet to make");
    }
    mine = {0, this};
    return nullptr;
}

void per_thread_base::keep(value_link& made) noexcept {
    made.thread = own_thread_number();
    made.next = newest(); // acquire: its count is read
    do {
        made.count = made.next == nullptr ? 1 : made.next->count + 1;
        // release: pairs with the acquire in newest(). acquire, on failure: the count of the one
        // found is read
    } while (!newest_.compare_exchange_weak(made.next, &made, acq_rel, acquire));
    hot_state& self = hot();
    if (!self.values_ended) {
        self.values[number_] = {serial_, &made};
    }
}

void per_thread_base::give_up() noexcept {
    hot_state& self = hot();
    if (!self.values_ended) {
        self.values[number_] = {0, nullptr};
    }
}

value_link* per_thread_base::take_all() noexcept {
    // acquire: pairs with the release in keep(), for the destructors of the values
    value_link* all = newest_.exchange(nullptr, acquire);
    serial_ = fresh_serial(); // this thread has the container for itself
    return all;
}

} // namespace twill::inline abi_1::detail
