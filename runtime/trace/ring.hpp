// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/futex.hpp"
#include "os/memory.hpp"
#include "trace/event.hpp"
#include "twill/detail/atomic.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace twill::trace {

/// Whoever empties the rings sleeps on this; a ring that is half full sets it to 1 and wakes them.
inline constinit detail::atomic<std::uint32_t> ring_bell{0};

/// The events of one thread on their way to the thread that writes them into the file: one
/// producer, one consumer, no waiting. README.md in this folder has the protocol.
///
/// An event that finds no room is counted as lost, and so is every one after it until the ring has
/// been emptied: so whatever is lost lies between two emptyings, and the order of the rest stands.
class ring {
public:
    /// In words, a power of two: 1 MiB, some milliseconds of nothing but forks.
    static constexpr std::uint64_t capacity = std::uint64_t{1} << 17;

    ring() = default;
    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ~ring() {
        if (words_ != nullptr) {
            os::unmap_pages(words_, capacity * sizeof(std::uint64_t));
        }
    }

    // --- the producer

    /// What follows belongs to `session`, which is none that it had before, and no word of the one
    /// before is read any more. Without memory all is lost, and counted.
    void begin(std::uint32_t session) noexcept {
        if (words_ == nullptr) {
            words_ =
                static_cast<std::uint64_t*>(os::map_pages(capacity * sizeof(std::uint64_t), false));
        }
        last_ = 0; // the first event gets its absolute time
        losing_ = words_ == nullptr;
        const std::uint64_t at = head_.load(detail::relaxed);
        slow_at_ = at;
        begun_.store(at, detail::relaxed);
        lost_.store(0, detail::relaxed);
        told_lost_.store(0, detail::relaxed);
        // release: pairs with the acquire in empty(), for the three above
        session_.store(session, detail::release);
    }

    /// `now` may lie before the event before: then it counts as the same instant.
    void put(event_type type, std::uint32_t payload, std::uint64_t now) noexcept {
        std::uint64_t at = head_.load(detail::relaxed);
        if (at >= slow_at_ && !make_room(at)) {
            return;
        }
        at = append(at, type, payload, now);
        // release: pairs with the acquire in empty(), for the words
        head_.store(at, detail::release);
    }

    /// An event with a second word.
    void put(event_type type, std::uint32_t payload, std::uint64_t second,
             std::uint64_t now) noexcept {
        std::uint64_t at = head_.load(detail::relaxed);
        if (at >= slow_at_ && !make_room(at)) {
            return;
        }
        at = append(at, type, payload, now);
        words_[at & mask] = wide_word(event_type::second, second);
        head_.store(at + 1, detail::release); // as above
    }

    // --- the consumer

    /// Calls `take(first_tick, words, lost)` for what has been put into the ring in this session
    /// since the last call, in order, in two parts at the most: the absolute time of the first
    /// word, and how many events were lost in front of it. False, at once, when `take` returns
    /// false. `took` gets the number of words.
    template <class Take>
    bool empty(std::uint32_t session, std::uint64_t& took, Take take) noexcept {
        took = 0;
        // acquire: pairs with the release in begin()
        if (session_.load(detail::acquire) != session) {
            return true;
        }
        std::uint64_t at = tail_.load(detail::relaxed);
        if (reads_ != session) {
            reads_ = session;
            time_ = 0;
            reported_ = 0;
            at = begun_.load(detail::relaxed);
        }
        // acquire: pairs with the release in put()
        const std::uint64_t end = head_.load(detail::acquire);
        took = end - at;
        bool goes_on = true;
        if (at != end) {
            // Written before the first word after the loss.
            std::uint64_t lost = told_lost_.load(detail::relaxed) - reported_;
            reported_ += lost;
            while (at != end && goes_on) {
                const std::uint64_t from = at & mask;
                const std::uint64_t left = end - at;
                const std::uint64_t size = left < capacity - from ? left : capacity - from;
                const std::span<const std::uint64_t> words(words_ + from, size);
                const std::uint64_t first_tick = time_ + ticks_of(words.front());
                for (const std::uint64_t word : words) {
                    time_ += ticks_of(word);
                }
                goes_on = take(first_tick, words, lost);
                lost = 0;
                at += size;
            }
        }
        // release: the words have been read; pairs with the acquire in make_room()
        tail_.store(end, detail::release);
        return goes_on;
    }

    /// After the last empty(): events lost that no call has told of.
    [[nodiscard]] std::uint64_t lost_at_end(std::uint32_t session) const noexcept {
        if (session_.load(detail::acquire) != session) { // as in empty()
            return 0;
        }
        return lost_.load(detail::relaxed) - (reads_ == session ? reported_ : 0);
    }

private:
    static constexpr std::uint64_t mask = capacity - 1;
    static_assert((capacity & mask) == 0);
    /// Words that one put() may need: time, the event and its second word.
    static constexpr std::uint64_t most_words = 3;

    std::uint64_t append(std::uint64_t at, event_type type, std::uint32_t payload,
                         std::uint64_t now) noexcept {
        std::uint64_t passed = now - last_;
        if (__builtin_expect(passed > largest_delta, 0)) {
            if (now < last_) {
                now = last_; // another core's clock, or a reading that was made before
            } else {
                words_[at++ & mask] = wide_word(event_type::time, passed);
            }
            passed = 0;
        }
        last_ = now;
        words_[at & mask] = event_word(type, payload, passed);
        return at + 1;
    }

    /// Half full, full, or the first event: is there room for one more?
    [[gnu::cold, gnu::noinline]] bool make_room(std::uint64_t at) noexcept {
        // acquire: pairs with the release in empty()
        const std::uint64_t tail = words_ == nullptr ? at + 1 : tail_.load(detail::acquire);
        if (losing_) {
            if (tail != at) {
                lost_.store(lost_.load(detail::relaxed) + 1, detail::relaxed);
                return false;
            }
            losing_ = false;
            told_lost_.store(lost_.load(detail::relaxed), detail::relaxed); // put() releases it
        }
        const std::uint64_t used = at - tail;
        if (used < capacity / 2) {
            slow_at_ = tail + capacity / 2;
            return true;
        }
        if (ring_bell.exchange(1, detail::relaxed) == 0) {
            detail::futex_wake(ring_bell, 1);
        }
        if (used + most_words <= capacity) {
            slow_at_ = tail + capacity - most_words + 1;
            return true;
        }
        losing_ = true;
        slow_at_ = at;
        lost_.store(lost_.load(detail::relaxed) + 1, detail::relaxed);
        return false;
    }

    // The producer's.
    alignas(64) detail::atomic<std::uint64_t> head_{0};
    std::uint64_t last_ = 0;    ///< when the event before was
    std::uint64_t slow_at_ = 0; ///< from here on make_room() is asked
    std::uint64_t* words_ = nullptr;
    bool losing_ = false;
    detail::atomic<std::uint32_t> session_{0};
    detail::atomic<std::uint64_t> begun_{0};     ///< the first word of the session
    detail::atomic<std::uint64_t> lost_{0};      ///< in the session
    detail::atomic<std::uint64_t> told_lost_{0}; ///< of them those in front of words in the ring

    // The consumer's.
    alignas(64) detail::atomic<std::uint64_t> tail_{0};
    std::uint64_t time_ = 0; ///< of the last word that was read
    std::uint64_t reported_ = 0;
    std::uint32_t reads_ = 0; ///< the session that it reads
};

} // namespace twill::trace
