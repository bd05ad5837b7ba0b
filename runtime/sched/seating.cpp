// SPDX-License-Identifier: Apache-2.0
#include "sched/seating.hpp"

#include <algorithm>

namespace twill::sched {

namespace {

using topology::core_kind;
using topology::table_row;

/// See seating::fast().
std::vector<std::uint64_t> fast_places(std::span<const table_row> places,
                                       const topology::victim_policy& policy) {
    const auto efficient = std::ranges::count(places, core_kind::efficient, &table_row::kind);
    if (efficient == 0 || efficient == std::ssize(places)) {
        return {};
    }
    std::vector<std::uint64_t> words(static_cast<std::size_t>(policy.words()));
    for (int place = 0; place < policy.workers(); ++place) {
        if (places[static_cast<std::size_t>(place)].kind != core_kind::efficient) {
            words[static_cast<std::size_t>(policy.word_of(place))] |= policy.bit_of(place);
        }
    }
    return words;
}

} // namespace

// Every segment of the table may have a stray at first: who finds none there says so.
seating::seating(std::span<const topology::table_row> places, topology::victim_rule rule)
    : policy_(places, rule), seats_(std::make_unique<seat[]>(places.size())),
      fast_(fast_places(places, policy_)), with_public_(policy_), running_(policy_),
      with_spares_(policy_),
      strays_(static_cast<int>(thread_table::segments_max), ~std::uint64_t{0}) {
    forbidden_ = std::make_unique<detail::atomic<std::uint64_t>[]>((places.size() + 63) / 64);
    for (int place = 0; place < policy_.workers(); ++place) {
        const int cpu = places[static_cast<std::size_t>(place)].pu;
        cpus_.push_back(cpu);
        if (cpu < 0) {
            continue;
        }
        if (cpu >= static_cast<int>(by_cpu_.size())) {
            by_cpu_.resize(static_cast<std::size_t>(cpu) + 1, -1);
        }
        int& at = by_cpu_[static_cast<std::size_t>(cpu)];
        at = at < 0 ? place : at;
    }
}

// Of a place on no CPU nothing is known.
void seating::allow(std::span<const int> cpus) noexcept {
    for (std::size_t first = 0; first < cpus_.size(); first += 64) {
        std::uint64_t bits = 0;
        for (std::size_t n = first; n < std::min(first + 64, cpus_.size()); ++n) {
            const int cpu = cpus_[n];
            const bool out = !cpus.empty() && cpu >= 0 && !std::ranges::binary_search(cpus, cpu);
            bits |= std::uint64_t{out} << (n % 64);
        }
        forbidden_[first / 64].store(bits, detail::relaxed);
    }
}

} // namespace twill::sched
