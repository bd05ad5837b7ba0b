// SPDX-License-Identifier: Apache-2.0
#include "sched/placed_parts.hpp"

#include <algorithm>
#include <new>

namespace twill::sched {

namespace {

using detail::relaxed;
using topology::node_map;

constexpr std::size_t places_of(int active) noexcept {
    return active > 0 ? static_cast<std::size_t>(active) : 1;
}

/// Where part `k` of `parts` begins, of so many elements: the first ones are longer by one.
std::size_t bound(std::size_t count, std::size_t parts, std::size_t k) noexcept {
    return count / parts * k + std::min(k, count % parts);
}

} // namespace

// Places are held from the lowest number on, so those above the number that may be held get none.
std::size_t placed_parts::homes_on(const node_map::share* share) const noexcept {
    if (share == nullptr) {
        return 0;
    }
    const auto end = std::ranges::lower_bound(share->places, active_);
    return static_cast<std::size_t>(end - share->places.begin());
}

bool placed_parts::divide(const detail::placed_range& where, std::size_t first, std::size_t count,
                          std::size_t grain, const node_map& nodes, int active,
                          const core_weights& weights) noexcept {
    nodes_ = &nodes;
    active_ = std::min(active, nodes.places());
    weights_ = weights;
    const detail::placement& all = *where.of;
    on_.reset(new (std::nothrow) node_parts[all.count]);
    if (on_ == nullptr) {
        return false;
    }
    // Elements of the loop begin at element `where.first` of the placement.
    const auto end_of = [&](std::size_t stretch) {
        const std::size_t end = all.stretches[stretch].end;
        return stretch + 1 == all.count ? count
               : end < where.first      ? 0
                                        : std::min(end - where.first, count);
    };
    std::size_t begin = first;
    for (std::size_t k = 0; k < all.count; ++k) {
        const std::size_t end = end_of(k);
        if (end <= begin) {
            continue;
        }
        node_parts& on = on_[stretches_++];
        on.node = all.stretches[k].node;
        on.share = nodes.find(on.node);
        on.homes = homes_on(on.share);
        on.begin = begin;
        on.end = end;
        on.first = size_;
        const std::size_t most = std::max<std::size_t>((end - begin) / grain, 1);
        // Where nobody is at home, others share them as they would any elements.
        const std::size_t others =
            std::max<std::size_t>((end - begin) / (count / places_of(active_) + 1), 1);
        on.count = std::min((on.homes > 0 ? on.homes : others) * parts_per_place, most);
        on.left.store(static_cast<std::uint32_t>(on.count), relaxed);
        size_ += on.count;
        begin = end;
    }
    parts_.reset(new (std::nothrow) placed_part[size_]);
    if (parts_ == nullptr) {
        return false;
    }
    for (std::size_t k = 0; k < stretches_; ++k) {
        const node_parts& on = on_[k];
        for (std::size_t part = 0; part < on.count; ++part) {
            parts_[on.first + part].begin = on.begin + bound(on.end - on.begin, on.count, part);
            parts_[on.first + part].end = on.begin + bound(on.end - on.begin, on.count, part + 1);
        }
    }
    return true;
}

placed_parts::node_parts* placed_parts::parts_on(int place) const noexcept {
    const int node = nodes_->node_of(place);
    for (std::size_t k = 0; k < stretches_; ++k) {
        if (on_[k].node == node) {
            return &on_[k];
        }
    }
    return nullptr;
}

std::size_t placed_parts::number_on(const node_parts& on, int place) noexcept {
    return static_cast<std::size_t>(std::ranges::lower_bound(on.share->places, place) -
                                    on.share->places.begin());
}

// Of the first q places on a node.
std::size_t placed_parts::weight_before(const node_parts& on, std::size_t q) const noexcept {
    const std::size_t efficient = on.share->efficient_before[q];
    return (q - efficient) * weights_.performance + efficient * weights_.efficient;
}

// The places of a node have parts in their order. Of place number q, with the weight w before it
// and W in all, these begin at the least k with k W / count >= w. Equal weights cancel out.
std::size_t placed_parts::first_of_home(const node_parts& on, std::size_t q) const noexcept {
    const std::size_t all = on.homes > 0 ? weight_before(on, on.homes) : 0;
    return all > 0 ? (weight_before(on, q) * on.count + all - 1) / all : 0;
}

placed_parts::range placed_parts::own(int place) const noexcept {
    const node_parts* const on = parts_on(place);
    const std::size_t q = on != nullptr ? number_on(*on, place) : 0;
    if (on == nullptr || q >= on->homes) {
        return {};
    }
    return {on->first + first_of_home(*on, q), on->first + first_of_home(*on, q + 1)};
}

bool placed_parts::take(node_parts& on, std::size_t part) noexcept {
    placed_part& one = parts_[on.first + part];
    if (one.taken.load(relaxed) != 0 || one.taken.exchange(1, relaxed) != 0) {
        return false;
    }
    on.left.fetch_sub(1, relaxed);
    return true;
}

int placed_parts::claim_on(node_parts& on, std::size_t start) noexcept {
    for (std::size_t k = 0; k < on.count && on.left.load(relaxed) != 0; ++k) {
        const std::size_t part = (start + k) % on.count;
        if (take(on, part)) {
            return static_cast<int>(on.first + part);
        }
    }
    return nothing;
}

// The stretch with most parts left, or null.
placed_parts::node_parts* placed_parts::fullest() const noexcept {
    node_parts* found = nullptr;
    std::uint32_t most = 0;
    for (std::size_t k = 0; k < stretches_; ++k) {
        if (const std::uint32_t left = on_[k].left.load(relaxed); left > most) {
            most = left;
            found = &on_[k];
        }
    }
    return found;
}

int placed_parts::next_elsewhere(int place) const noexcept {
    if (const node_parts* const own = parts_on(place);
        own != nullptr && own->left.load(relaxed) != 0) {
        return -1;
    }
    const node_parts* const first = fullest();
    return first != nullptr ? first->node : -1;
}

int placed_parts::claim(int place) noexcept {
    if (node_parts* const own = parts_on(place); own != nullptr) {
        if (const int part = claim_on(*own, first_of_home(*own, number_on(*own, place)));
            part != nothing) {
            return part;
        }
    }
    // Of another node: threads that come at a time begin at different ends of it. Who finds nothing
    // there looks at all, once: what is counted as left may have been claimed a moment ago.
    constexpr std::size_t golden_ratio = 0x9e3779b1u; // times 2^32
    const auto claim_elsewhere = [&](node_parts& on) {
        return claim_on(on, static_cast<std::size_t>(place) * golden_ratio % on.count);
    };
    node_parts* const first = fullest();
    int part = first != nullptr ? claim_elsewhere(*first) : nothing;
    for (std::size_t k = 0; k < stretches_ && part == nothing; ++k) {
        part = claim_elsewhere(on_[k]);
    }
    return part;
}

bool placed_parts::left() const noexcept {
    for (std::size_t k = 0; k < stretches_; ++k) {
        if (on_[k].left.load(relaxed) != 0) {
            return true;
        }
    }
    return false;
}

bool placed_parts::is_home(std::size_t part, int place) const noexcept {
    std::size_t k = 0;
    while (part >= on_[k].first + on_[k].count) {
        ++k;
    }
    return place >= 0 && on_[k].node == nodes_->node_of(place);
}

work_by_kind placed_parts::measured() const noexcept {
    work_by_kind sum;
    for (std::size_t k = 0; k < size_; ++k) {
        const placed_part& one = parts_[k];
        if (one.took > 0) {
            core_work& of =
                one.on == topology::core_kind::efficient ? sum.efficient : sum.performance;
            of.elements += one.end - one.begin;
            of.ticks += one.took;
        }
    }
    return sum;
}

} // namespace twill::sched
