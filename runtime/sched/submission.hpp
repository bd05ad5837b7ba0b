// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/counted_lock.hpp"
#include "sched/levels.hpp"
#include "twill/detail/submission.hpp"

namespace twill::sched {

using detail::submission;

/// Submissions, oldest first, linked by one of their pairs of neighbours.
template <detail::submission_links submission::* Links>
class submission_list {
public:
    /// Null if there is none.
    [[nodiscard]] submission* oldest() const noexcept { return oldest_; }
    [[nodiscard]] static submission* after(const submission& one) noexcept {
        return (one.*Links).next;
    }

    void append(submission& one) noexcept {
        one.*Links = {newest_, nullptr};
        next_of(newest_) = &one;
        newest_ = &one;
    }

    void unlink(submission& one) noexcept {
        const auto [previous, next] = one.*Links;
        next_of(previous) = next;
        (next == nullptr ? newest_ : (next->*Links).previous) = previous;
    }

private:
    [[nodiscard]] submission*& next_of(submission* one) noexcept {
        return one == nullptr ? oldest_ : (one->*Links).next;
    }

    submission* oldest_ = nullptr;
    submission* newest_ = nullptr;
};

/// What is meant for the threads of one node, of each level. Each lies in the queue too, whose lock
/// guards this.
struct node_shelf {
    submission_list<&submission::on_shelf> levels[level_count];
};

/// What was submitted and has not begun: of each level the oldest first, and the levels by their
/// turns; but what is meant for another node is passed over, as often as a level. Who waits for one
/// takes it out of the middle, whatever its level. The lock's count is their number.
class submission_queue {
public:
    submission_queue() = default;
    submission_queue(const submission_queue&) = delete;
    submission_queue& operator=(const submission_queue&) = delete;

    /// seq_cst: who puts one in and then looks at the places, against who frees a place and then
    /// looks here.
    [[nodiscard]] std::uint32_t count() const noexcept { return lock_.count(); }

    void put(submission& one) noexcept {
        const std::uint32_t before = lock_.lock();
        append(one);
        lock_.unlock(before + 1);
    }

    /// The same, for the threads of a node first: `shelves` has one for each and lives as long.
    void put_on(submission& one, node_shelf* shelves, std::int32_t shelf) noexcept {
        const std::uint32_t before = lock_.lock();
        shelves_ = shelves;
        one.shelf = shelf;
        shelves[shelf].levels[one.level].append(one);
        append(one);
        lock_.unlock(before + 1);
    }

    /// The oldest of the level whose turn it is, or rather, for a thread of a node with a shelf,
    /// what is not meant for another one; null if there is none. Whoever gets one runs it.
    [[nodiscard]] submission* take_next(std::int32_t own_shelf = -1) noexcept {
        if (lock_.count() == 0) {
            return nullptr;
        }
        std::uint32_t before = lock_.lock();
        submission* one = nullptr;
        if (before > 0) {
            const std::uint32_t present = levels_with_some();
            const std::uint32_t level = turns_.next(present);
            turns_.serve(level, present);
            one = own_shelf < 0 ? levels_[level].all.oldest() : first_for(own_shelf, level);
            unlink(*one);
            --before;
        }
        lock_.unlock(before);
        return one;
    }

    /// False if it has begun.
    [[nodiscard]] bool take(submission& one) noexcept {
        const auto queued = [&one] {
            return (one.state.load(detail::relaxed) & ~std::uint32_t{submission::awaited}) ==
                   submission::queued;
        };
        if (!queued()) {
            return false;
        }
        const std::uint32_t before = lock_.lock();
        const bool taken = queued();
        if (taken) {
            unlink(one);
        }
        lock_.unlock(taken ? before - 1 : before);
        return taken;
    }

private:
    using queue_list = submission_list<&submission::in_queue>;
    struct level_queue {
        queue_list all;
        /// How often in a row the oldest was left to its own node.
        std::uint32_t passed = 0;
    };

    /// How many are looked at for one that is meant for nobody.
    static constexpr int looks = sized(16, 2);

    void append(submission& one) noexcept {
        queue_list& level = levels_[one.level].all;
        if (level.oldest() == nullptr) {
            turns_.skip(one.level);
        }
        level.append(one);
    }

    /// The oldest of a level waits for `patience` others at the most while it is the oldest.
    [[nodiscard]] submission* first_for(std::int32_t own_shelf, std::uint32_t on) noexcept {
        level_queue& level = levels_[on];
        submission* const oldest = level.all.oldest();
        submission* better = nullptr;
        if (oldest->shelf >= 0 && oldest->shelf != own_shelf && level.passed < turns::patience) {
            better = shelves_[own_shelf].levels[on].oldest();
            submission* one = queue_list::after(*oldest);
            for (int k = 0; k < looks && better == nullptr && one != nullptr; ++k) {
                better = one->shelf < 0 ? one : nullptr;
                one = queue_list::after(*one);
            }
        }
        level.passed = better != nullptr ? level.passed + 1 : 0;
        return better != nullptr ? better : oldest;
    }

    [[nodiscard]] std::uint32_t levels_with_some() const noexcept {
        std::uint32_t present = 0;
        for (std::uint32_t level = 0; level < level_count; ++level) {
            present |= levels_[level].all.oldest() != nullptr ? set_of(level) : 0;
        }
        return present;
    }

    void unlink(submission& one) noexcept {
        levels_[one.level].all.unlink(one);
        if (one.shelf >= 0) {
            shelves_[one.shelf].levels[one.level].unlink(one);
        }
        one.state.fetch_or(submission::begun, detail::relaxed);
    }

    counted_lock lock_;
    level_queue levels_[level_count];
    turns turns_;
    node_shelf* shelves_ = nullptr; // null as long as none was used
};

/// Sleeps until a submission has ended: `sleep(word, expected)` is a futex wait that returns false
/// when it gives up. True if the submission has ended.
template <class Sleep>
bool sleep_until_ended(submission& one, Sleep sleep) {
    // acquire, throughout: pairs with the release in end_submission()
    std::uint32_t seen = one.state.load(detail::acquire);
    bool in_time = true;
    while (seen != submission::ended && in_time) {
        if ((seen & submission::awaited) != 0 ||
            one.state.compare_exchange_weak(seen, seen | submission::awaited, detail::acquire,
                                            detail::acquire)) {
            in_time = sleep(one.state, seen | submission::awaited);
            seen = one.state.load(detail::acquire);
        }
    }
    return seen == submission::ended;
}

/// By whoever has waited for one, or lets go of it as the last who knows it.
void merge_views(submission& one) noexcept;

} // namespace twill::sched
