// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/place_set.hpp"
#include "topology/victims.hpp"

#include <bit>
#include <cstdint>
#include <vector>

// Where a search looks on a machine with seats (README.md, number 17), and how far. Templates, so
// that the drivers of tests/whitebox/topology run the same and count what is read.

namespace twill::sched {

/// After so many victims that had nothing left a search looks elsewhere, and asks: many thieves see
/// the same few bits, and whoever goes from one to the next is late each time.
inline constexpr int draws_a_look = 1;

/// Calls `visit(place)` until one returns true, and then does so: for the own place, then for
/// victims by the policy, draws_a_look at the most.
template <class Bits, class Random, class Visit>
bool visit_victims(const topology::victim_policy& policy, int own, const Bits& with_public,
                   Random& random, const Visit& visit) {
    constexpr int nobody = topology::victim_policy::nobody;
    if (with_public.has(own) && visit(own)) {
        return true;
    }
    int place = own;
    for (int k = 0; k < draws_a_look && place != nobody; ++k) {
        place = policy.draw(own, with_public, random);
        if (place != nobody && visit(place)) {
            return true;
        }
    }
    return false;
}

/// Calls `visit(record)` for threads with public work by their own bit until one returns true: in a
/// wait that keeps its jobs, asleep beside bags, above the limit, or seated since they set it.
/// `strays`: in which segments of the table there may be any.
template <class Strays, class Table, class Visit>
bool visit_strays(Strays& strays, Table& table, std::uint64_t start, const Visit& visit) {
    const int segments = static_cast<int>(table.segments());
    for (int k = 0; k < strays.count() && k * summary_bits::word_bits < segments; ++k) {
        for (std::uint64_t set = strays.read(k); set != 0; set &= set - 1) {
            const int segment = k * summary_bits::word_bits + std::countr_zero(set);
            if (segment >= segments) {
                break;
            }
            const auto number = static_cast<std::uint32_t>(segment);
            const auto read = [&] { return table.public_word(number); };
            const std::uint64_t word = read();
            if (word == 0) {
                strays.lower(segment, read);
            } else if (table.for_each_in(number, word, start, visit)) {
                return true;
            }
        }
    }
    return false;
}

/// A running thread to be asked for work: some place on the nearest level from `from` on that holds
/// any; nobody if none does. Where levels do not count, any place, at the first time.
template <class Bits, class Random>
int draw_running(const topology::victim_policy& policy, int own, const Bits& running,
                 Random& random, int from) {
    if (policy.rule() == topology::victim_rule::uniform) {
        return from == 0 ? policy.draw(own, running, random) : topology::victim_policy::nobody;
    }
    int place = topology::victim_policy::nobody;
    for (; from < topology::levels && place == topology::victim_policy::nobody; ++from) {
        place = policy.draw_on(static_cast<topology::level>(from), own, running, random);
    }
    return place;
}

/// The level behind the one of `place`, to go on from.
inline int level_behind(const topology::victim_policy& policy, int own, int place) noexcept {
    return static_cast<int>(policy.between(own, place)) + 1;
}

/// Of a set, the places that `words` has too. A summary of it may say too much.
template <class Bits>
struct some_of {
    const Bits& all;
    const std::vector<std::uint64_t>& words;
    [[nodiscard]] std::uint64_t word(int k) const noexcept {
        return all.word(k) & words[static_cast<std::size_t>(k)];
    }
    [[nodiscard]] std::uint64_t summary(int k) const noexcept { return all.summary(k); }
};

/// As visit_spares(), for those places that share L3 or node with `near` and whose cores are no
/// efficient ones; `fast` as seating::fast().
template <class Bits, class Random, class Take>
bool visit_fast_spares(const topology::victim_policy& policy, int near, const Bits& with_spares,
                       const std::vector<std::uint64_t>& fast, Random& random, const Take& take) {
    const std::uint64_t fast_around = fast[static_cast<std::size_t>(policy.word_of(near))];
    if ((fast_around & policy.bit_of(near)) != 0 && take(near)) {
        return true;
    }
    for (const topology::level which : {topology::level::near, topology::level::middle}) {
        const some_of<Bits> spares{with_spares, fast};
        if (const int place = policy.draw_on(which, near, spares, random);
            place != topology::victim_policy::nobody && take(place)) {
            return true;
        }
    }
    return false;
}

/// Calls `take(place)`, which takes a spare thread that sat there last, until one returns true: for
/// the place `near` first, then for the nearest that has any, then for all that do. Below zero:
/// nobody is near. Where cores are of several kinds, those of efficient ones come after the others
/// that share L3 or node with `near`; `fast` is empty where they are not.
template <class Bits, class Random, class Take>
bool visit_spares(const topology::victim_policy& policy, int near, const Bits& with_spares,
                  const std::vector<std::uint64_t>& fast, Random& random, const Take& take) {
    if (near >= 0) {
        if (!fast.empty() && visit_fast_spares(policy, near, with_spares, fast, random, take)) {
            return true;
        }
        if (take(near)) {
            return true;
        }
        if (const int place = policy.draw_nearest(near, with_spares, random);
            place != topology::victim_policy::nobody && take(place)) {
            return true;
        }
    }
    return with_spares.for_each(0, take);
}

} // namespace twill::sched
