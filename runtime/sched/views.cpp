// SPDX-License-Identifier: Apache-2.0
#include "sched/views.hpp"

#include "os/kept_errno.hpp"
#include "sched/check.hpp"

#include <new>

namespace twill::inline abi_1::detail {
namespace {

constexpr std::uint32_t least_entries = 8; // a power of two

view_map* make_map(std::uint32_t entries) {
    const std::size_t size = sizeof(view_map) + entries * sizeof(view_entry);
    auto* made = new (::operator new(size, std::align_val_t{alignof(view_map)}))
        view_map{nullptr, entries - 1, 0};
    for (std::uint32_t k = 0; k < entries; ++k) {
        new (made->entries() + k) view_entry{nullptr, nullptr};
    }
    return made;
}

void free_map(view_map* map) noexcept {
    ::operator delete(map, std::align_val_t{alignof(view_map)});
}

/// The entry of a reducer, or the free one that is its place.
view_entry& entry_of(view_map& map, const reducer_base* of) noexcept {
    view_entry* one = &map.first_entry(of);
    view_entry* const last = map.entries() + map.mask;
    while (one->of != of && one->of != nullptr) {
        one = one == last ? map.entries() : one + 1;
    }
    return *one;
}

/// Adds a view to the running strand's map, which has none of that reducer. May throw bad_alloc.
void insert(reducer_base& of, view& what) {
    view_map*& map = hot().views;
    if (map == nullptr) {
        map = make_map(least_entries);
    } else if (2 * map->count > map->mask) { // half full: probes stay short
        view_map* larger = make_map(2 * (map->mask + 1));
        for (std::uint32_t k = 0; k <= map->mask; ++k) {
            if (const view_entry& one = map->entries()[k]; one.of != nullptr) {
                entry_of(*larger, one.of) = one;
            }
        }
        larger->count = map->count;
        free_map(map);
        map = larger;
    }
    entry_of(*map, &of) = {&of, &what};
    ++map->count;
}

/// Takes a reducer's view out of the running strand's map; null if it has none.
view* erase(const reducer_base* of) noexcept {
    view_map* map = hot().views;
    if (map == nullptr || entry_of(*map, of).of == nullptr) {
        return nullptr;
    }
    view_entry* const gap = &entry_of(*map, of);
    view* erased = gap->what;
    *gap = {nullptr, nullptr};
    --map->count;
    // What follows may have been displaced by it: each is put in again where it now belongs.
    const auto first = static_cast<std::uint32_t>(gap - map->entries());
    for (std::uint32_t at = (first + 1) & map->mask; map->entries()[at].of != nullptr;
         at = (at + 1) & map->mask) {
        const view_entry one = map->entries()[at];
        map->entries()[at] = {nullptr, nullptr};
        entry_of(*map, one.of) = one;
    }
    return erased;
}

} // namespace

view* reducer_base::look_up() {
    // acquire: pairs with the release in keep_failure()
    if (failed_.load(acquire) != 0) {
        std::rethrow_exception(failure_);
    }
    if (in_no_task()) {
        return base_;
    }
    view_map* map = hot().views;
    return map == nullptr ? nullptr : entry_of(*map, this).what;
}

void reducer_base::add(view& made) {
    insert(*this, made);
    views_.fetch_add(1, relaxed);
}

void reducer_base::end_use() noexcept {
    if (view* own = erase(this); own != nullptr) {
        destroy(own);
        views_.fetch_sub(1, relaxed);
    }
    // acquire: pairs with the releases where views end; theirs was the last touch
    if (views_.load(acquire) != 0) {
        sched::end_program(
            "a reducer is destroyed while tasks that have used it are not joined: it "
            "must outlive the verbs that use it");
    }
    while (buried_ != nullptr) {
        view* one = buried_;
        buried_ = one->next;
        destroy(one);
    }
}

bool reducer_base::absorb(view& earlier, view* later) noexcept {
    bool good = true;
    try {
        combine(earlier, *later);
    } catch (...) {
        keep_failure();
        good = false;
    }
    destroy(later);
    views_.fetch_sub(1, release);
    return good;
}

void reducer_base::absorb_into_base(view* later) noexcept {
    lock();
    const bool useless = failed_.load(relaxed) != 0;
    try {
        if (!useless) {
            combine(*base_, *later);
        }
        unlock();
    } catch (...) {
        unlock();
        keep_failure();
    }
    destroy(later);
    views_.fetch_sub(1, release);
}

void reducer_base::bury(view* one) noexcept {
    lock();
    one->next = buried_;
    buried_ = one;
    unlock();
    views_.fetch_sub(1, release);
}

void reducer_base::keep_failure() noexcept {
    lock();
    if (failed_.load(relaxed) == 0) {
        failure_ = std::current_exception();
        failed_.store(1, release);
    }
    unlock();
}

// Combinations under it may be long, so whoever waits sleeps.
void reducer_base::lock() noexcept {
    constexpr std::uint32_t taken = 1;
    constexpr std::uint32_t waited_for = 2;
    std::uint32_t seen = 0;
    // acquire, all: pair with the release in unlock()
    if (lock_.compare_exchange_strong(seen, taken, acquire, relaxed)) {
        return;
    }
    while (lock_.exchange(waited_for, acquire) != 0) {
        futex_wait(lock_, waited_for);
    }
}

void reducer_base::unlock() noexcept {
    // release: pairs with the acquires in lock()
    if (lock_.exchange(0, release) > 1) {
        futex_wake(lock_, 1);
    }
}

} // namespace twill::inline abi_1::detail

namespace twill::sched::views {

using detail::view;
using detail::view_entry;

namespace {

/// Calls `action` for each view of a map, and frees the map.
template <class Action>
void consume(view_map* map, Action action) noexcept {
    for (std::uint32_t k = 0; k <= map->mask; ++k) {
        if (const view_entry& one = map->entries()[k]; one.of != nullptr) {
            action(one);
        }
    }
    detail::free_map(map);
}

} // namespace

view_map* take() noexcept {
    view_map* mine = begin_strand();
    if (mine != nullptr && mine->count == 0) {
        detail::free_map(mine);
        return nullptr;
    }
    return mine;
}

void merge(view_map* later) noexcept {
    if (later == nullptr) {
        return;
    }
    if (detail::hot().views == nullptr) {
        detail::hot().views = later; // nothing to its left
        return;
    }
    const os::kept_errno kept;
    consume(later, [](const view_entry& one) {
        // Read anew each time: combinations may use reducers themselves.
        view_map* mine = detail::hot().views;
        view* earlier = mine == nullptr ? nullptr : detail::entry_of(*mine, one.of).what;
        if (earlier == nullptr) {
            try {
                detail::insert(*one.of, *one.what);
            } catch (...) {
                one.of->keep_failure();
                one.of->bury(one.what);
            }
        } else if (!one.of->absorb(*earlier, one.what)) {
            one.of->bury(detail::erase(one.of));
        }
    });
}

void end_outermost() noexcept {
    if (detail::hot().views == nullptr) {
        return;
    }
    // Again as long as combinations have used reducers themselves.
    while (view_map* mine = take()) {
        absorb(mine);
    }
}

void absorb(view_map* ended) noexcept {
    if (ended != nullptr) {
        const os::kept_errno kept;
        consume(ended, [](const view_entry& one) { one.of->absorb_into_base(one.what); });
    }
}

void push(detail::atomic<view_map*>& list, view_map* ended) noexcept {
    if (ended == nullptr) {
        return;
    }
    ended->next = list.load(detail::relaxed);
    // release: pairs with the acquire in merge_list()
    while (!list.compare_exchange_weak(ended->next, ended, detail::release, detail::relaxed)) {
    }
}

void merge_list(detail::atomic<view_map*>& list) noexcept {
    // acquire: pairs with the release in push(), also with those below the first, since each of the
    // pushes is a read-modify-write
    view_map* newest_first = list.exchange(nullptr, detail::acquire);
    view_map* oldest_first = nullptr;
    while (newest_first != nullptr) {
        view_map* const one = newest_first;
        newest_first = one->next;
        one->next = oldest_first;
        oldest_first = one;
    }
    while (oldest_first != nullptr) {
        view_map* const one = oldest_first;
        oldest_first = one->next;
        one->next = nullptr;
        merge(one);
    }
}

} // namespace twill::sched::views
