// SPDX-License-Identifier: Apache-2.0
#include "sched/bag.hpp"

#include "os/memory.hpp"
#include "sched/check.hpp"

#include <algorithm>
#include <new>

namespace twill::sched {

namespace {

/// Chunks of a size that the system maps by itself, so that a burst of tasks leaves no holes in
/// the heap; those below come from the heap.
constexpr std::uint32_t mapped_capacity = 4095;
/// A chunk up to this size is kept for the next tasks until trim().
constexpr std::uint32_t kept_capacity = 63;
constexpr std::uint32_t growth = 4;
constexpr std::uint32_t second_capacity = 15;

} // namespace

bag::~bag() {
    TWILL_CHECK(count() == 0);
    trim();
}

bag::chunk* bag::make_chunk(std::uint32_t capacity) noexcept {
    const std::size_t bytes = sizeof(chunk) + capacity * sizeof(group_task);
    void* const room =
        capacity == mapped_capacity
            ? os::map_pages(bytes)
            : ::operator new(bytes, std::align_val_t{alignof(group_task)}, std::nothrow);
    return room == nullptr ? nullptr : new (room) chunk{nullptr, nullptr, capacity};
}

void bag::free_chunk(chunk* one) noexcept {
    if (one->capacity == mapped_capacity) {
        os::unmap_pages(one, sizeof(chunk) + one->capacity * sizeof(group_task));
    } else {
        ::operator delete(one, std::align_val_t{alignof(group_task)});
    }
}

void bag::release(chunk* one) noexcept {
    if (one == &first_.head) {
        return;
    }
    // Relaxed, throughout: the lock orders it, and trim() looks only whether it is worth locking.
    if (spare_.load(detail::relaxed) == nullptr && one->capacity <= kept_capacity) {
        spare_.store(one, detail::relaxed);
    } else {
        free_chunk(one);
    }
}

// The newest chunk is full, or there is none.
bool bag::grow(std::uint32_t wanted) noexcept {
    chunk* fresh = nullptr;
    if (newest_ == nullptr && wanted <= first_capacity) {
        fresh = &first_.head;
    } else if (spare_.load(detail::relaxed) != nullptr) {
        fresh = spare_.load(detail::relaxed);
        spare_.store(nullptr, detail::relaxed);
    } else {
        fresh = make_chunk(newest_ == nullptr || newest_->capacity == first_capacity
                               ? second_capacity
                               : std::min((newest_->capacity + 1) * growth - 1, mapped_capacity));
        if (fresh == nullptr) {
            return false;
        }
    }
    if (newest_ == nullptr) {
        begin_ = 0;
    }
    fresh->older = newest_;
    fresh->newer = nullptr;
    (newest_ == nullptr ? oldest_ : newest_->newer) = fresh;
    newest_ = fresh;
    end_ = 0;
    return true;
}

// There is nothing in the newest chunk.
void bag::drop_newest() noexcept {
    chunk* const emptied = newest_;
    newest_ = emptied->older;
    if (newest_ == nullptr) {
        oldest_ = nullptr;
    } else {
        newest_->newer = nullptr;
        end_ = newest_->capacity;
    }
    release(emptied);
}

std::uint32_t bag::put(const group_task& task) noexcept {
    const std::uint32_t before = lock_.lock();
    const bool room = newest_ != nullptr && end_ < newest_->capacity;
    if (!room && (before == counted_lock::count_max || !grow(1))) {
        lock_.unlock(before);
        return no_memory;
    }
    newest_->tasks()[end_++] = task;
    lock_.unlock(before + 1);
    return before;
}

bool bag::take_newest(group_task& into) noexcept {
    if (count() == 0) {
        return false;
    }
    const std::uint32_t before = lock_.lock();
    if (before == 0) {
        lock_.unlock(0);
        return false;
    }
    into = newest_->tasks()[--end_];
    if (end_ == 0 || before == 1) {
        drop_newest();
    }
    lock_.unlock(before - 1);
    return true;
}

void bag::remove_oldest(group_task& into, std::uint32_t before) noexcept {
    into = oldest_->tasks()[begin_++];
    if (before == 1) {
        drop_newest();
    } else if (begin_ == oldest_->capacity) {
        chunk* const emptied = oldest_;
        oldest_ = emptied->newer;
        oldest_->older = nullptr;
        begin_ = 0;
        release(emptied);
    }
}

// Two locks at once, the second only if it is free: nobody waits for one while holding the other.
bag::taken bag::take_oldest_of(bag& from, group_task& into, std::uint32_t most) noexcept {
    taken result;
    if (from.count() == 0) {
        return result;
    }
    std::uint32_t there = 0;
    if (&from != this && from.count() > 1) {
        const std::uint32_t before = lock_.lock();
        const bool room = newest_ != nullptr && end_ < newest_->capacity;
        if ((room || (before < counted_lock::count_max - most && grow(most))) &&
            from.lock_.try_lock(there)) {
            std::uint32_t count = std::min({(there + 1) / 2, most, newest_->capacity - end_ + 1});
            result = {there > 0, count > 0 ? count - 1 : 0, before};
            if (result.found) {
                from.remove_oldest(into, there--);
            }
            for (; count > 1; --count) {
                from.remove_oldest(newest_->tasks()[end_++], there--);
            }
            from.lock_.unlock(there);
        }
        if (newest_ != nullptr && end_ == 0) {
            drop_newest();
        }
        lock_.unlock(before + result.moved);
        if (result.found) {
            return result;
        }
    }
    there = from.lock_.lock();
    if (there > 0) {
        result.found = true;
        from.remove_oldest(into, there--);
    }
    from.lock_.unlock(there);
    return result;
}

void bag::trim() noexcept {
    if (spare_.load(detail::relaxed) == nullptr) {
        return;
    }
    lock_.lock();
    chunk* const kept = spare_.load(detail::relaxed);
    spare_.store(nullptr, detail::relaxed);
    lock_.unlock();
    if (kept != nullptr) {
        free_chunk(kept);
    }
}

} // namespace twill::sched
