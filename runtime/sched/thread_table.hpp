// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/thread_record.hpp"
#include "twill/detail/atomic.hpp"

#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>

namespace twill::sched {

/// All thread records of a scheduler by number, with two bits for each: does it have public jobs,
/// and does it run a task. A segment of 64 threads has one word of each kind, so a search reads two
/// words for up to 64 threads. Records and segments are added under a lock and never go away.
class thread_table {
public:
    static constexpr std::uint32_t segment_size = 64;
    static constexpr std::uint32_t segments_max = 256;
    static constexpr std::uint32_t threads_max = segment_size * segments_max;

    thread_table() = default;
    thread_table(const thread_table&) = delete;
    thread_table& operator=(const thread_table&) = delete;
    ~thread_table();

    /// Makes a record. Null when there are threads_max already, or no memory.
    thread_record* add(scheduler& owner, bool guest) noexcept;

    [[nodiscard]] std::uint32_t size() const noexcept {
        // acquire: pairs with the release in add(), so that the segment and the record are there
        return size_.load(detail::acquire);
    }
    /// seq_cst: who changes what all threads are to look at, and then asks those in the table,
    /// against who adds a record and then looks.
    [[nodiscard]] std::uint32_t size_for_all() const noexcept {
        return size_.load(detail::seq_cst);
    }
    [[nodiscard]] std::uint32_t segments() const noexcept {
        return (size() + segment_size - 1) / segment_size;
    }
    [[nodiscard]] thread_record& operator[](std::uint32_t id) const noexcept {
        // Relaxed: an id comes from size(), or from a word that was written after add().
        return *segment_of(id).records[id % segment_size].load(detail::relaxed);
    }

    /// Is it one of these, and no other scheduler's?
    [[nodiscard]] bool has(const thread_record& one) const noexcept;

    // The bits. seq_cst throughout: whoever publishes sets a bit and then looks at the places,
    // whoever frees a place changes the places and then looks at the bits.

    [[nodiscard]] std::uint64_t public_word(std::uint32_t segment) const noexcept {
        return segments_[segment].load(detail::relaxed)->public_jobs.load(detail::seq_cst);
    }
    [[nodiscard]] std::uint64_t running_word(std::uint32_t segment) const noexcept {
        return segments_[segment].load(detail::relaxed)->running.load(detail::seq_cst);
    }
    void set_public(std::uint32_t id) noexcept {
        auto& word = segment_of(id).public_jobs;
        if ((word.load(detail::seq_cst) & bit(id)) == 0) {
            word.fetch_or(bit(id), detail::seq_cst);
        }
    }
    /// Clears the bit of a thread that was seen to have nothing public; never for too long: the
    /// look after the clear sees what was published before it, and who publishes after it sees the
    /// bit clear.
    void clean_public(std::uint32_t id) noexcept {
        segment_of(id).public_jobs.fetch_and(~bit(id), detail::seq_cst);
        if ((*this)[id].may_be_public()) {
            segment_of(id).public_jobs.fetch_or(bit(id), detail::seq_cst);
        }
    }
    void set_running(std::uint32_t id) noexcept {
        segment_of(id).running.fetch_or(bit(id), detail::seq_cst);
    }
    [[nodiscard]] bool is_running(std::uint32_t id) const noexcept {
        return (running_word(id / segment_size) & bit(id)) != 0;
    }
    void clear_running(std::uint32_t id) noexcept {
        segment_of(id).running.fetch_and(~bit(id), detail::seq_cst);
    }

    /// Calls `visit(record)` for each thread whose bit is set in the words that `word_of` reads,
    /// until one returns true. `start` chooses with whom to begin: with random numbers, everybody
    /// in the segment where it begins is first equally often.
    template <class WordOf, class Visit>
    bool for_each_set(std::uint64_t start, WordOf word_of, Visit visit) {
        const std::uint32_t count = segments();
        for (std::uint32_t k = 0; k < count; ++k) {
            const std::uint32_t segment =
                static_cast<std::uint32_t>((start / segment_size + k) % count);
            const std::uint64_t word = word_of(segment);
            if (word == 0) {
                continue;
            }
            if (for_each_in(segment, word, start, visit)) {
                return true;
            }
        }
        return false;
    }
    template <class Visit>
    bool for_each_public(std::uint64_t start, Visit visit) {
        return for_each_set(
            start, [this](std::uint32_t segment) { return public_word(segment); }, visit);
    }
    template <class Visit>
    bool for_each_running(std::uint64_t start, Visit visit) {
        return for_each_set(
            start, [this](std::uint32_t segment) { return running_word(segment); }, visit);
    }
    /// The same for the bits of one word, not zero, of a segment.
    template <class Visit>
    bool for_each_in(std::uint32_t segment, std::uint64_t word, std::uint64_t start, Visit visit) {
        const int first = position_of(word, static_cast<int>(start % segment_size));
        for (std::uint64_t set = std::rotr(word, first); set != 0; set &= set - 1) {
            const auto low = static_cast<std::uint32_t>(std::countr_zero(set) + first);
            if (visit((*this)[segment * segment_size + low % segment_size])) {
                return true;
            }
        }
        return false;
    }

private:
    struct segment_words {
        alignas(128) detail::atomic<std::uint64_t> public_jobs{0};
        alignas(128) detail::atomic<std::uint64_t> running{0};
        alignas(128) detail::atomic<thread_record*> records[segment_size] = {};
    };

    /// Where the set bit number `rank` modulo their count is.
    static int position_of(std::uint64_t word, int rank) noexcept {
        for (int left = rank % std::popcount(word); left > 0; --left) {
            word &= word - 1;
        }
        return std::countr_zero(word);
    }

    static constexpr std::uint64_t bit(std::uint32_t id) noexcept {
        return std::uint64_t{1} << (id % segment_size);
    }
    [[nodiscard]] segment_words& segment_of(std::uint32_t id) const noexcept {
        return *segments_[id / segment_size].load(detail::relaxed);
    }

    detail::atomic<std::uint32_t> size_{0};
    detail::atomic<segment_words*> segments_[segments_max] = {};
    std::mutex adding_;
};

} // namespace twill::sched
