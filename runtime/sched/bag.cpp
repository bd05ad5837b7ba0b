// SPDX-License-Identifier: Apache-2.0
#include "sched/bag.hpp"

#include "os/kept_errno.hpp"
#include "os/memory.hpp"
#include "sched/check.hpp"
#include "sched/planted.hpp"

#include <algorithm>
#include <new>
#include <span>

namespace twill::sched {

namespace {

// Capacities: with its head a chunk is a power of two of bytes.
constexpr std::uint32_t second_capacity = 15;
constexpr std::uint32_t growth = 4;
/// 64 KiB: what comes from the heap. Larger chunks are mapped by the system, so that a burst of
/// tasks leaves no holes in the heap and goes back to the system.
constexpr std::uint32_t largest_from_heap = 1023;
/// 2 MiB, and from the third on in huge pages, where the system has them: most of the time of a
/// task that waits among millions is the first touch of its memory.
constexpr std::uint32_t largest = 32767;
/// Above so many tasks in a bag, chunks are in huge pages.
constexpr std::uint32_t huge_from = 2 * largest;

constexpr std::size_t bytes_of(std::uint32_t capacity) noexcept {
    return (std::size_t{capacity} + 1) * sizeof(group_task);
}

/// One mapped chunk of each size stays with the process, and two of the largest, 5.25 MiB in all,
/// for the next burst of tasks: the system takes longer to give a page than a task takes.
std::span<detail::atomic<void*>> idle_chunks(std::uint32_t capacity) noexcept {
    static detail::atomic<void*> idle[4]{};
    if (capacity == largest) {
        return std::span(idle).last<2>();
    }
    return std::span(idle).subspan(capacity > 4 * largest_from_heap + 3 ? 1 : 0, 1);
}

} // namespace

bag::~bag() {
    TWILL_CHECK(!has_tasks());
    trim(true);
}

// A read of both parts that no task has passed between. The part that is read second may have been
// filled from the first meanwhile; the version tells.
bool bag::has_tasks() const noexcept {
    for (;;) {
        const bag_word before{word_.load(detail::seq_cst)};
        if (before.count() > 0 || lock_.count() > 0) {
            return true;
        }
        const bag_word after{word_.load(detail::seq_cst)};
        if (after.count() > 0) {
            return true;
        }
        if (after.version() == before.version()) {
            return false;
        }
    }
}

bag::chunk* bag::make_chunk(std::uint32_t capacity, bool huge) noexcept {
    static_assert(sizeof(chunk) == sizeof(group_task));
    const std::size_t bytes = bytes_of(capacity);
    void* room = nullptr;
    if (capacity > largest_from_heap) {
        // acquire: pairs with the release in free_chunk()
        for (detail::atomic<void*>& idle : idle_chunks(capacity)) {
            if (room == nullptr) {
                room = idle.exchange(nullptr, detail::acquire);
            }
        }
        if (room == nullptr) {
            room = os::map_pages(bytes, huge);
        }
    } else {
        room = ::operator new(bytes, std::align_val_t{alignof(group_task)}, std::nothrow);
    }
    return room == nullptr ? nullptr : new (room) chunk{nullptr, nullptr, capacity, 0, 0};
}

void bag::free_chunk(chunk* one) noexcept {
    const std::uint32_t capacity = one->capacity;
    if (capacity <= largest_from_heap) {
        ::operator delete(one, std::align_val_t{alignof(group_task)});
        return;
    }
    for (detail::atomic<void*>& idle : idle_chunks(capacity)) {
        void* none = nullptr;
        // release: pairs with the acquire in make_chunk()
        if (idle.compare_exchange_strong(none, one, detail::release, detail::relaxed)) {
            return;
        }
    }
    os::unmap_pages(one, bytes_of(capacity));
}

// Under the lock. Of two chunks to be kept the larger one stays.
void bag::release(chunk* one) noexcept {
    if (one == &first_.head) {
        return;
    }
    // Relaxed, throughout: the lock orders it, and trim() looks only whether it is worth locking.
    chunk* const other = spare_.load(detail::relaxed);
    if (one->capacity > largest_from_heap ||
        (other != nullptr && other->capacity >= one->capacity)) {
        free_chunk(one);
        return;
    }
    spare_.store(one, detail::relaxed);
    if (other != nullptr) {
        free_chunk(other);
    }
}

// Under the lock, which keeps thieves from the word: the newest chunk is `to`, without tasks.
void bag::begin_in(chunk* to) noexcept {
    newest_ = to;
    capacity_ = to->capacity;
    end_ = 0;
    const bag_word now{word_.load(detail::relaxed)};
    word_.store(bag_word::make(now.version() + 1, 0, 0).bits, detail::seq_cst);
}

bag::chunk* bag::larger_chunk(std::uint32_t tasks) noexcept {
    // What thieves have emptied is small, in a bag that has grown meanwhile: that would grow again.
    if (chunk* const kept = spare_.load(detail::relaxed);
        kept != nullptr && kept->capacity >= newest_->capacity) {
        spare_.store(nullptr, detail::relaxed);
        return kept;
    }
    const std::uint32_t capacity = newest_->capacity == first_capacity
                                       ? second_capacity
                                       : std::min((newest_->capacity + 1) * growth - 1, largest);
    return make_chunk(capacity, tasks > huge_from);
}

// The newest chunk is used up: it begins afresh if thieves have emptied it, else there is a newer
// one. False: no memory.
bool bag::grow() noexcept {
    const os::kept_errno kept;
    const std::uint32_t older = lock_.lock();
    const bag_word now{word_.load(detail::relaxed)};
    if (now.count() == 0 && newest_ != &first_.head) {
        begin_in(newest_);
        lock_.unlock(older);
        return true;
    }
    const std::uint32_t tasks = older + now.count();
    chunk* const fresh = tasks <= counted_lock::count_max ? larger_chunk(tasks) : nullptr;
    if (fresh == nullptr) {
        if (now.count() == 0) {
            begin_in(newest_);
        }
        lock_.unlock(older);
        return now.count() == 0;
    }
    fresh->newer = nullptr;
    fresh->older = nullptr;
    if (now.count() > 0) {
        newest_->begin = now.begin();
        newest_->end = end_;
        newest_->newer = fresh;
        fresh->older = newest_;
        if (oldest_ == nullptr) {
            oldest_ = newest_;
        }
        // Before the word tells of none: has_tasks() finds them in one of the two.
        if (!planted(fault::late_raise)) {
            lock_.raise(now.count());
        }
    }
    begin_in(fresh);
    lock_.unlock(tasks);
    return true;
}

// The newest chunk is empty: the one before it is the newest again. False: there is none.
bool bag::retreat() noexcept {
    const bool begins_afresh = newest_->capacity > largest_from_heap || end_ != 0;
    if (lock_.count() == 0 && !begins_afresh) {
        return false; // only the owner adds to the count
    }
    const std::uint32_t older = lock_.lock();
    if (oldest_ == nullptr) {
        chunk* const emptied = newest_;
        begin_in(emptied->capacity > largest_from_heap ? &first_.head : emptied);
        if (newest_ != emptied) {
            release(emptied);
        }
        lock_.unlock(older);
        return false;
    }
    chunk* const emptied = newest_;
    newest_ = emptied->older;
    release(emptied);
    if (newest_ == oldest_) {
        oldest_ = nullptr;
    }
    capacity_ = newest_->capacity;
    end_ = newest_->end;
    const std::uint32_t count = newest_->end - newest_->begin;
    const bag_word now{word_.load(detail::relaxed)};
    word_.store(bag_word::make(now.version() + 1, newest_->begin, count).bits, detail::seq_cst);
    lock_.unlock(older - count);
    return true;
}

std::uint32_t bag::make_room(std::uint32_t wanted) noexcept {
    if (capacity_ - end_ < wanted) {
        grow(); // in vain without memory
    }
    return std::min(wanted, capacity_ - end_);
}

// The tasks are read under the lock: the owner neither frees the chunk nor begins it afresh
// meanwhile, and what it puts in lies behind them.
std::uint32_t bag::take_oldest(group_task* into, std::uint32_t most) noexcept {
    if (!has_tasks()) {
        return 0;
    }
    std::uint32_t older = lock_.lock();
    std::uint32_t taken = 0;
    if (oldest_ != nullptr) {
        chunk* const from = oldest_;
        taken = std::min({from->end - from->begin, (older + 1) / 2, most});
        std::copy_n(from->tasks() + from->begin, taken, into);
        from->begin += taken;
        if (from->begin == from->end) {
            from->newer->older = nullptr;
            oldest_ = from->newer == newest_ ? nullptr : from->newer;
            release(from);
        }
        older -= taken;
    } else {
        // acquire: pairs with the release in put()
        std::uint64_t seen = word_.load(detail::acquire);
        while (bag_word{seen}.count() > 0) {
            const bag_word now{seen};
            taken = std::min((now.count() + 1) / 2, most);
            // seq_cst: as in has_tasks(); acquire on failure: as above
            if (word_.compare_exchange_weak(
                    seen,
                    bag_word::make(now.version(), now.begin() + taken, now.count() - taken).bits,
                    detail::seq_cst, detail::acquire)) {
                std::copy_n(newest_->tasks() + now.begin(), taken, into);
                break;
            }
            taken = 0;
        }
    }
    lock_.unlock(older);
    return taken;
}

void bag::trim(bool by_owner) noexcept {
    const bool has_chunk = by_owner && newest_ != &first_.head;
    if (!has_chunk && spare_.load(detail::relaxed) == nullptr) {
        return;
    }
    const std::uint32_t older = lock_.lock();
    if (has_chunk && oldest_ == nullptr && bag_word{word_.load(detail::relaxed)}.count() == 0) {
        chunk* const emptied = newest_;
        begin_in(&first_.head);
        free_chunk(emptied);
    }
    chunk* const kept = spare_.load(detail::relaxed);
    spare_.store(nullptr, detail::relaxed);
    lock_.unlock(older);
    if (kept != nullptr) {
        free_chunk(kept);
    }
}

} // namespace twill::sched
