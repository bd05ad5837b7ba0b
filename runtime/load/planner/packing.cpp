// SPDX-License-Identifier: Apache-2.0
#include "load/planner/packing.hpp"

#include "load/planner/bounds.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace twill::planner {

namespace {

constexpr std::uint64_t largest_table = std::uint64_t{1} << 20;
/// So many steps go by between two looks at the clock.
constexpr std::uint64_t steps_per_look = 4096;
/// Of bins with more kinds of tasks, pairs are not compared: it would cost more than it spares.
constexpr std::size_t most_compared = 8;

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014).
constexpr std::uint64_t mixed(std::uint64_t word) noexcept {
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9u;
    word = (word ^ word >> 27) * 0x94d049bb133111ebu;
    return word ^ word >> 31;
}

} // namespace

packing::packing(groups tasks, std::size_t bins)
    : all_(std::move(tasks)), left_(all_), sums_(bins * (all_.count() + 1)) {}

packing::answer packing::search(const std::vector<size>& bins, std::uint64_t steps,
                                std::int64_t deadline) {
    bins_ = bins;
    left_ = all_;
    open_.clear();
    picks_.clear();
    steps_left_ = steps;
    deadline_ = deadline;
    const std::size_t wanted = std::bit_ceil(std::min(steps, largest_table));
    if (failed_.size() < wanted) {
        failed_.assign(wanted, 0);
    }
    salt_ = 1;
    room_from_.assign(bins_.size() + 1, 0);
    for (std::size_t b = bins_.size(); b-- > 0;) {
        room_from_[b] = room_from_[b + 1] + bins_[b];
        salt_ = mixed(salt_ + static_cast<std::uint64_t>(bins_[b]));
    }
    for (;;) {
        const opening opened = open_next();
        if (opened == opening::complete) {
            return answer::fits;
        }
        bool filled = opened == opening::begun && extend(first_allowed());
        while (!filled) {
            if (open_.empty()) {
                return answer::does_not_fit;
            }
            if (steps_left_ == 0) {
                return answer::unknown;
            }
            filled = next_filling();
        }
    }
}

/// Begins the bin after the last one, unless there is nothing left to put into it, or what is left
/// cannot fit.
packing::opening packing::open_next() {
    const std::size_t b = open_.size();
    size remaining = 0;
    if (b == 0) {
        for (std::size_t k = 0; k < left_.count(); ++k) {
            remaining += left_.sizes[k] * static_cast<size>(left_.counts[k]);
        }
    } else {
        remaining = open_.back().remaining - open_.back().filled;
    }
    if (remaining == 0) {
        return opening::complete;
    }
    if (room_from_[b] < remaining) {
        return opening::hopeless;
    }
    const std::size_t bins = bins_.size() - b;
    const size bin = bins_[b];
    open_bin next{.picks_begin = picks_.size(),
                  .remaining = remaining,
                  .filled = 0,
                  // What this bin leaves empty the later ones cannot make up for.
                  .least = std::max<size>(remaining - room_from_[b + 1], 0),
                  .forced = bin == bins_.back(),
                  .key = {}};
    if (bins == 1) {
        open_.push_back(next);
        put_all();
        return opening::complete;
    }
    std::size_t longest = 0;
    while (left_.counts[longest] == 0) {
        ++longest;
    }
    if (left_.sizes[longest] > bins_.back() ||
        (next.forced && bins_needed(left_, bin, bins) > bins)) {
        return opening::hopeless;
    }
    open_.push_back(next);
    const state_key key = key_of(first_allowed());
    if (failed_[key.slot] == key.check) {
        open_.pop_back();
        return opening::hopeless;
    }
    open_.back().key = key;
    size* const sums = sums_of(b);
    sums[left_.count()] = 0;
    for (std::size_t k = left_.count(); k-- > 0;) {
        sums[k] = sums[k + 1] + left_.sizes[k] * static_cast<size>(left_.counts[k]);
    }
    return opening::begun;
}

/// The longest task that the last bin may begin with: of bins of one size, the later ones begin
/// with no longer task than the earlier ones.
std::size_t packing::first_allowed() const noexcept {
    const std::size_t b = open_.size() - 1;
    if (b == 0 || open_[b].forced || bins_[b] != bins_[b - 1]) {
        return 0;
    }
    const std::size_t before = open_[b - 1].picks_begin;
    return before < open_[b].picks_begin ? picks_[before].group : left_.count();
}

/// Completes the last bin from a group on, with as much as there is room for. False if that does
/// not come to what it must.
bool packing::extend(std::size_t from) {
    const open_bin& bin = open_.back();
    const size* const sums = sums_of(open_.size() - 1);
    for (std::size_t k = from; k < left_.count(); ++k) {
        const size room = bins_[open_.size() - 1] - bin.filled;
        if (bin.filled + sums[k] < bin.least) {
            return false;
        }
        if (left_.counts[k] != 0 && left_.sizes[k] <= room) {
            const size fitting = room / left_.sizes[k];
            put(k, fitting < static_cast<size>(left_.counts[k])
                       ? static_cast<std::uint32_t>(fitting)
                       : left_.counts[k]);
        }
    }
    return bin.filled >= bin.least && !pair_is_worse();
}

/// A task outside could take the place of two in the last bin, which fit where that one would be.
bool packing::pair_is_worse() const noexcept {
    const open_bin& bin = open_.back();
    const size room = bins_[open_.size() - 1] - bin.filled;
    const std::size_t count = picks_.size() - bin.picks_begin;
    if (count > most_compared) {
        return false;
    }
    const pick* const picks = picks_.data() + bin.picks_begin;
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = picks[a].count > 1 ? a : a + 1; b < count; ++b) {
            const size pair = left_.sizes[picks[a].group] + left_.sizes[picks[b].group];
            const auto first = std::lower_bound(left_.sizes.begin(), left_.sizes.end(), pair + room,
                                                [](size one, size other) { return one > other; });
            for (auto at = first; at != left_.sizes.end() && *at >= pair; ++at) {
                if (left_.counts[static_cast<std::size_t>(at - left_.sizes.begin())] != 0) {
                    return true;
                }
            }
        }
    }
    return false;
}

/// Puts tasks into the last bin. If a task that stays outside is longer than one that goes in, and
/// the bin ends with room for the difference, the two could change places; so it must not.
void packing::put(std::size_t group, std::uint32_t count) {
    open_bin& bin = open_.back();
    picks_.push_back({static_cast<std::uint32_t>(group), count, bin.least});
    for (std::size_t longer = group; longer-- > 0;) {
        if (left_.counts[longer] != 0) {
            const size difference = left_.sizes[longer] - left_.sizes[group];
            bin.least = std::max(bin.least, bins_[open_.size() - 1] - difference + 1);
            break;
        }
    }
    left_.counts[group] -= count;
    bin.filled += left_.sizes[group] * static_cast<size>(count);
    step();
}

/// The last of all bins takes what is left.
void packing::put_all() {
    for (std::size_t k = 0; k < left_.count(); ++k) {
        if (left_.counts[k] != 0) {
            put(k, left_.counts[k]);
        }
    }
}

/// Goes from one filling of the last bin to the next: fewer of the shortest tasks in it, and what
/// then fits of shorter ones. False if there is none, and then the bin is open no more; or if the
/// steps are used up.
bool packing::next_filling() {
    open_bin& bin = open_.back();
    const size room = bins_[open_.size() - 1];
    while (picks_.size() > bin.picks_begin) {
        const pick last = picks_.back();
        picks_.pop_back();
        left_.counts[last.group] += last.count;
        bin.filled -= left_.sizes[last.group] * static_cast<size>(last.count);
        bin.least = last.least_before;
        if (last.count == 1 && bin.forced && picks_.size() == bin.picks_begin) {
            break;
        }
        if (last.count > 1) {
            put(last.group, last.count - 1);
        }
        // A task that would fit stays outside: there must be no room for it in the end.
        bin.least = std::max(bin.least, room - left_.sizes[last.group] + 1);
        if (extend(last.group + std::size_t{1})) {
            return true;
        }
        step();
        if (steps_left_ == 0) {
            return false;
        }
    }
    failed_[bin.key.slot] = bin.key.check;
    open_.pop_back();
    return false;
}

void packing::step() noexcept {
    if (steps_left_ == 0) {
        return;
    }
    --steps_left_;
    if (steps_left_ % steps_per_look == 0 && os::monotonic_nanoseconds() >= deadline_) {
        steps_left_ = 0;
    }
}

/// The last bin, what may go into it and what is left. Slot and check are of different hashes: both
/// being those of another state in a full table has a chance of 2^-84.
packing::state_key packing::key_of(std::size_t from) const noexcept {
    std::uint64_t one = salt_ + open_.size();
    std::uint64_t other = ~salt_ + from;
    for (std::size_t k = 0; k < left_.count(); ++k) {
        if (left_.counts[k] != 0) {
            const std::uint64_t word = mixed(k << 32 | left_.counts[k]);
            one = (one ^ word) * 0x9e3779b97f4a7c15u;
            other = mixed(other + word);
        }
    }
    one = mixed(one ^ from);
    return {one & (failed_.size() - 1), mixed(other + open_.size()) | 1};
}

} // namespace twill::planner
