// SPDX-License-Identifier: Apache-2.0
#include "topology/victims.hpp"

#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

namespace twill::topology {
namespace {

/// Numbers for pairs in the order in which they first come.
class numbering {
public:
    int operator()(std::pair<int, int> key) {
        return numbers_.try_emplace(key, static_cast<int>(numbers_.size())).first->second;
    }

private:
    std::map<std::pair<int, int>, int> numbers_;
};

/// Workers that hang together by way of what they share.
class islands {
public:
    explicit islands(std::size_t workers) : parent_(workers) {
        std::iota(parent_.begin(), parent_.end(), 0);
    }
    int root(int worker) {
        int& parent = parent_[static_cast<std::size_t>(worker)];
        return parent == worker ? worker : parent = root(parent);
    }
    /// The root of an island is its first worker.
    void join(int one, int other) {
        const auto [low, high] = std::minmax({root(one), root(other)});
        parent_[static_cast<std::size_t>(high)] = low;
    }

private:
    std::vector<int> parent_;
};

/// Where there is no L3, those of a node have it in common. Caches have numbers from 0.
std::pair<int, int> cache_of(const table_row& row) {
    return row.l3 == none ? std::pair(none, row.node) : std::pair(row.l3, 0);
}

} // namespace

victim_policy::victim_policy(std::span<const table_row> workers, victim_rule rule)
    : rule_(rule), seats_(workers.size()) {
    const auto count = static_cast<int>(workers.size());
    islands shared(workers.size());
    std::map<std::pair<int, int>, int> first_with_cache;
    std::map<int, int> first_on_node;
    for (int j = 0; j < count; ++j) {
        const table_row& row = workers[static_cast<std::size_t>(j)];
        shared.join(j, first_with_cache.try_emplace(cache_of(row), j).first->second);
        shared.join(j, first_on_node.try_emplace(row.node, j).first->second);
    }
    // By island, group, worker: so a group is words in a row, and so is an island.
    numbering caches;
    std::map<std::pair<int, std::pair<int, int>>, std::vector<int>> groups;
    for (int j = 0; j < count; ++j) {
        const table_row& row = workers[static_cast<std::size_t>(j)];
        groups[{shared.root(j), {caches(cache_of(row)), row.node}}].push_back(j);
    }
    groups_ = static_cast<int>(groups.size());
    std::map<int, word_range> island_words;
    std::map<int, int> island_sizes;
    for (const auto& [key, members] : groups) {
        const int first = words();
        const int last = first + (static_cast<int>(members.size()) + word_bits - 1) / word_bits;
        int bit = first * word_bits;
        const std::ptrdiff_t begin = bit;
        for (const int worker : members) {
            worker_seat& at = seats_[static_cast<std::size_t>(worker)];
            at.bit = bit++;
            at.group = {first, last};
            at.counts[0] = static_cast<int>(members.size()) - 1;
        }
        worker_at_.resize(static_cast<std::size_t>(last * word_bits), nobody);
        std::ranges::copy(members, worker_at_.begin() + begin);
        for (int left = static_cast<int>(members.size()); left > 0; left -= word_bits) {
            capacity_.push_back(static_cast<std::uint8_t>(std::min(left, word_bits)));
        }
        word_range& island =
            island_words.try_emplace(key.first, word_range{first, last}).first->second;
        island.last = last;
        island_sizes[key.first] += static_cast<int>(members.size());
    }
    for (int j = 0; j < count; ++j) {
        worker_seat& at = seats_[static_cast<std::size_t>(j)];
        at.island = island_words[shared.root(j)];
        at.counts[1] = island_sizes[shared.root(j)] - 1 - at.counts[0];
        at.counts[2] = count - island_sizes[shared.root(j)];
    }
}

level victim_policy::between(int thief, int victim) const noexcept {
    const int word = word_of(victim);
    const auto has = [word](word_range range) { return range.first <= word && word < range.last; };
    if (has(seat(thief).group)) {
        return level::near;
    }
    return has(seat(thief).island) ? level::middle : level::far;
}

victim_policy::words_of_level victim_policy::range_of(int thief, level which) const noexcept {
    const worker_seat& at = seat(thief);
    switch (which) {
    case level::near:
        return {at.group, {}};
    case level::middle:
        return {at.island, at.group};
    case level::far:
        break;
    }
    return {{0, words()}, at.island};
}

std::uint64_t victim_policy::summary_bits(word_range range, int summary) noexcept {
    const int first = std::clamp(range.first - summary * word_bits, 0, word_bits);
    const int last = std::clamp(range.last - summary * word_bits, 0, word_bits);
    if (first >= last) {
        return 0;
    }
    return (~std::uint64_t{0} >> (word_bits - (last - first))) << first;
}

} // namespace twill::topology
