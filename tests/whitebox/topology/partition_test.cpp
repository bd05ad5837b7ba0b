// SPDX-License-Identifier: Apache-2.0
// Which block of an array lies on which node, and whose places have parts of it, on machines of all
// shapes.
#include "topology/partition.hpp"

#include "sched/placed_parts.hpp"
#include "topology/machines.hpp"

#include <set>

namespace {

using twill::detail::placed_range;
using twill::detail::placement;
using twill::detail::stretch;
using twill::sched::core_speeds;
using twill::sched::core_weights;
using twill::sched::placed_parts;
using twill::testing_support::listed_machines;
using twill::testing_support::listed_table;
using twill::topology::binds;
using twill::topology::blocked_partition;
using twill::topology::core_kind;
using twill::topology::node_map;
using twill::topology::page_of;

constexpr std::size_t page = 4096;

node_map map_of(const std::string& machine) { return node_map(listed_table(machine).rows); }

std::vector<std::pair<std::size_t, int>> plain(const std::vector<stretch>& blocks) {
    std::vector<std::pair<std::size_t, int>> all;
    for (const stretch& one : blocks) {
        all.emplace_back(one.end, one.node);
    }
    return all;
}
using blocks = std::vector<std::pair<std::size_t, int>>;

TEST(node_map, has_each_place_on_one_node_in_the_order_of_places) {
    for (const auto& [machine, text] : listed_machines()) {
        const auto rows = listed_table(machine).rows;
        const node_map nodes(rows);
        ASSERT_EQ(nodes.places(), static_cast<int>(rows.size())) << machine;
        std::set<int> seen;
        std::set<int> first_places;
        for (const node_map::share& one : nodes.shares()) {
            EXPECT_TRUE(first_places.empty() || *first_places.rbegin() < one.places.front());
            first_places.insert(one.places.front());
            for (const int place : one.places) {
                EXPECT_EQ(rows[static_cast<std::size_t>(place)].node, one.node) << machine;
                EXPECT_TRUE(seen.insert(place).second);
            }
            EXPECT_EQ(nodes.find(one.node), &one);
        }
        EXPECT_EQ(seen.size(), rows.size()) << machine;
        EXPECT_EQ(nodes.divided(), nodes.shares().size() > 1);
        EXPECT_EQ(nodes.find(12345), nullptr);
    }
}

TEST(node_map, has_the_kinds_of_cores_and_counts_them_by_node) {
    for (const auto& [machine, text] : listed_machines()) {
        const auto rows = listed_table(machine).rows;
        const node_map nodes(rows);
        for (const node_map::share& one : nodes.shares()) {
            std::size_t efficient = 0;
            for (std::size_t q = 0; q < one.places.size(); ++q) {
                EXPECT_EQ(nodes.kind_of(one.places[q]),
                          rows[static_cast<std::size_t>(one.places[q])].kind);
                EXPECT_EQ(one.efficient_before[q], efficient) << machine;
                efficient += nodes.kind_of(one.places[q]) == core_kind::efficient ? 1 : 0;
            }
            EXPECT_EQ(one.efficient_before.back(), efficient);
        }
        EXPECT_EQ(nodes.mixed(), machine.starts_with("hybrid")) << machine;
    }
    // Each node has cores of one kind.
    EXPECT_FALSE(
        node_map({0, 1}, binds::recorded, {core_kind::performance, core_kind::efficient}).mixed());
    EXPECT_TRUE(
        node_map({0, 0}, binds::recorded, {core_kind::performance, core_kind::efficient}).mixed());
}

TEST(blocked_partition, is_what_the_machines_nodes_make_it) {
    // 1000 pages of doubles
    constexpr std::size_t n = 512'000;
    EXPECT_EQ(plain(blocked_partition(n, 8, page, map_of("one_l3"))), (blocks{{n, 0}}));
    EXPECT_EQ(plain(blocked_partition(n, 8, page, map_of("two_nodes"))),
              (blocks{{n / 2, 0}, {n, 1}}));
    EXPECT_EQ(plain(blocked_partition(n, 8, page, map_of("four_nodes"))),
              (blocks{{n / 4, 0}, {n / 2, 1}, {n / 4 * 3, 2}, {n, 3}}));
    EXPECT_EQ(plain(blocked_partition(n, 8, page, map_of("eight_nodes"))).size(), 8u);
    // By the number of workers: three on one node and one on the other.
    EXPECT_EQ(plain(blocked_partition(n, 8, page, node_map(std::vector<int>{5, 5, 2, 5}))),
              (blocks{{n / 4 * 3, 5}, {n, 2}}));
}

TEST(blocked_partition, covers_all_and_cuts_at_pages_on_every_machine) {
    for (const auto& [machine, text] : listed_machines()) {
        const node_map nodes = map_of(machine);
        for (const std::size_t size : {1u, 3u, 8u, 24u, 4096u, 10'000u}) {
            for (const std::size_t count : {1u, 2u, 511u, 512u, 513u, 100'000u}) {
                const auto cut = blocked_partition(count, size, page, nodes);
                ASSERT_FALSE(cut.empty());
                EXPECT_EQ(cut.back().end, count) << machine;
                std::size_t begin = 0;
                std::set<int> seen;
                for (const stretch& one : cut) {
                    EXPECT_GT(one.end, begin);
                    EXPECT_TRUE(seen.insert(one.node).second);
                    EXPECT_NE(nodes.find(one.node), nullptr);
                    if (one.end < count) {
                        // No page has the beginnings of elements of two nodes.
                        EXPECT_LT(page_of(one.end - 1, size, page), page_of(one.end, size, page));
                    }
                    begin = one.end;
                }
            }
        }
    }
}

TEST(blocked_partition, gives_nodes_as_many_pages_as_they_have_places_within_one) {
    for (const auto& [machine, text] : listed_machines()) {
        const node_map nodes = map_of(machine);
        constexpr std::size_t pages = 10'007;
        const auto cut = blocked_partition(pages * page, 1, page, nodes);
        std::size_t begin = 0;
        for (const stretch& one : cut) {
            const double fair =
                static_cast<double>(pages * nodes.find(one.node)->places.size()) / nodes.places();
            EXPECT_NEAR(static_cast<double>((one.end - begin + page - 1) / page), fair, 1.0)
                << machine;
            begin = one.end;
        }
    }
}

/// The parts of a loop over a whole blocked array.
struct divided {
    divided(const node_map& nodes, std::size_t count, std::size_t grain, int active,
            std::size_t from = 0, std::size_t offset = 0, const core_weights& weights = {})
        : cut(blocked_partition(count + offset, 8, page, nodes)),
          all{cut.data(), cut.size(), nullptr, 8} {
        EXPECT_TRUE(parts.divide({&all, offset}, from, count, grain, nodes, active, weights));
    }
    [[nodiscard]] std::size_t owned_by(int place) const {
        return parts.own(place).end - parts.own(place).begin;
    }
    std::vector<stretch> cut;
    placement all;
    placed_parts parts;
};

TEST(placed_parts, cover_what_is_left_in_order_on_every_machine) {
    for (const auto& [machine, text] : listed_machines()) {
        const node_map nodes = map_of(machine);
        for (const std::size_t grain : {1u, 1000u, 50'000u}) {
            for (const std::size_t offset : {0u, 1u, 40'000u}) {
                const divided one(nodes, 100'000, grain, nodes.places(), 64, offset);
                std::size_t begin = 64;
                for (std::size_t k = 0; k < one.parts.size(); ++k) {
                    EXPECT_EQ(one.parts[k].begin, begin) << machine;
                    EXPECT_GT(one.parts[k].end, begin);
                    begin = one.parts[k].end;
                }
                EXPECT_EQ(begin, 100'000u) << machine;
            }
        }
    }
}

TEST(placed_parts, are_claimed_once_each_and_at_home_first) {
    for (const auto& [machine, text] : listed_machines()) {
        const node_map nodes = map_of(machine);
        divided one(nodes, 1'000'000, 1, nodes.places());
        std::vector<bool> seen(one.parts.size());
        // In turns, each place gets what is on its node as long as there is some.
        for (std::size_t left = one.parts.size(); left > 0;) {
            for (int place = 0; place < nodes.places() && left > 0; ++place) {
                const int part = one.parts.claim(place);
                ASSERT_NE(part, placed_parts::nothing);
                ASSERT_FALSE(seen[static_cast<std::size_t>(part)]);
                EXPECT_TRUE(one.parts.is_home(static_cast<std::size_t>(part), place)) << machine;
                seen[static_cast<std::size_t>(part)] = true;
                --left;
            }
        }
        EXPECT_FALSE(one.parts.left());
        EXPECT_EQ(one.parts.claim(0), placed_parts::nothing);
    }
}

TEST(placed_parts, of_a_place_are_the_same_each_time) {
    const node_map nodes = map_of("four_nodes");
    for (int place = 0; place < nodes.places(); ++place) {
        divided first(nodes, 1'000'000, 1, nodes.places());
        divided again(nodes, 1'000'000, 1, nodes.places());
        EXPECT_TRUE(first.parts.has_home(place));
        EXPECT_EQ(first.parts.claim(place), again.parts.claim(place));
    }
}

TEST(placed_parts, of_places_that_may_not_be_held_have_no_home) {
    const node_map nodes = map_of("two_nodes");
    divided one(nodes, 1'000'000, 1, 16); // the first node's
    EXPECT_TRUE(one.parts.has_home(15));
    EXPECT_FALSE(one.parts.has_home(16));
    // All are claimed all the same.
    std::size_t claimed = 0;
    while (one.parts.claim(3) != placed_parts::nothing) {
        ++claimed;
    }
    EXPECT_EQ(claimed, one.parts.size());
}

/// Efficient cores count for so many parts of what the others count for.
core_weights efficient_at(double speed) {
    return {core_weights::whole, static_cast<std::uint32_t>(speed * core_weights::whole)};
}

TEST(placed_parts, go_to_places_in_their_order_by_the_weights_of_their_cores) {
    const double least = 1.0 / core_speeds::slowest;
    for (const char* machine : {"hybrid", "hybrid_nodes"}) {
        const node_map nodes = map_of(machine);
        for (const double speed : {1.0, 0.7, 0.5, 0.3, least}) {
            const divided one(nodes, 1'000'000, 1, nodes.places(), 0, 0, efficient_at(speed));
            const divided equal(nodes, 1'000'000, 1, nodes.places());
            ASSERT_EQ(one.parts.size(), equal.parts.size());
            std::size_t next = 0;
            for (const node_map::share& share : nodes.shares()) {
                const std::size_t first = next;
                const std::size_t slow = share.efficient_before.back();
                const double all = static_cast<double>(share.places.size() - slow) +
                                   static_cast<double>(slow) * speed;
                for (const int place : share.places) {
                    const bool efficient = nodes.kind_of(place) == core_kind::efficient;
                    EXPECT_EQ(one.parts.own(place).begin, next);
                    EXPECT_TRUE(one.parts.has_home(place)) << machine << ' ' << speed;
                    EXPECT_NEAR(
                        static_cast<double>(one.owned_by(place)),
                        static_cast<double>(share.places.size() * placed_parts::parts_per_place) *
                            (efficient ? speed : 1) / all,
                        1.0)
                        << machine << ' ' << speed;
                    next += one.owned_by(place);
                }
                EXPECT_EQ(next - first, share.places.size() * placed_parts::parts_per_place);
            }
            EXPECT_EQ(next, one.parts.size());
        }
    }
}

TEST(placed_parts, by_weights_are_cut_as_others_and_the_same_each_time) {
    const node_map nodes = map_of("hybrid_nodes");
    for (const std::size_t grain : {1u, 700u, 10'000u, 100'000u}) {
        divided one(nodes, 1'000'000, grain, nodes.places(), 64, 0, efficient_at(0.4));
        divided again(nodes, 1'000'000, grain, nodes.places(), 64, 0, efficient_at(0.4));
        const divided equal(nodes, 1'000'000, grain, nodes.places(), 64);
        ASSERT_EQ(one.parts.size(), equal.parts.size());
        for (std::size_t k = 0; k < one.parts.size(); ++k) {
            EXPECT_EQ(one.parts[k].begin, equal.parts[k].begin);
            EXPECT_EQ(one.parts[k].end, equal.parts[k].end);
        }
        std::size_t owned = 0;
        for (int place = 0; place < nodes.places(); ++place) {
            owned += one.owned_by(place);
            if (one.parts.has_home(place)) {
                EXPECT_EQ(one.parts.claim(place), static_cast<int>(one.parts.own(place).begin));
                EXPECT_EQ(again.parts.claim(place), static_cast<int>(one.parts.own(place).begin));
            }
        }
        EXPECT_EQ(owned, one.parts.size());
    }
}

TEST(placed_parts, by_equal_weights_are_as_without_and_weights_of_one_kind_do_not_matter) {
    for (const auto& [machine, text] : listed_machines()) {
        const node_map nodes = map_of(machine);
        for (const std::size_t grain : {1u, 5000u}) {
            const divided plain(nodes, 1'000'000, grain, nodes.places());
            const divided same(nodes, 1'000'000, grain, nodes.places(), 0, 0, {777, 777});
            const divided other(nodes, 1'000'000, grain, nodes.places(), 0, 0, efficient_at(0.5));
            for (int place = 0; place < nodes.places(); ++place) {
                EXPECT_EQ(plain.owned_by(place), same.owned_by(place)) << machine;
                EXPECT_EQ(plain.parts.own(place).begin, same.parts.own(place).begin);
                if (!nodes.mixed()) {
                    EXPECT_EQ(plain.owned_by(place), other.owned_by(place)) << machine;
                    EXPECT_EQ(plain.parts.own(place).begin, other.parts.own(place).begin);
                }
            }
        }
    }
}

} // namespace
