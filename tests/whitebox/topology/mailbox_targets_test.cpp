// SPDX-License-Identifier: Apache-2.0
// In whose mailboxes the launcher of a placed loop puts posts, on every listed machine on which
// that matters.
#include "os/clock.hpp"
#include "sched/access.hpp"
#include "sched/placed.hpp"
#include "topology/machines.hpp"
#include "twill/numa_vector.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace twill::sched; // NOLINT(google-build-using-namespace)
namespace topology = twill::topology;
namespace detail = twill::detail;
using topology::table_row;
using twill::testing_support::listed_table;

/// A post that lies in the mailbox of a place, and the elements that are to run there.
struct found_post {
    int place;
    std::vector<std::pair<std::size_t, std::size_t>> parts;
};

/// A scheduler with the places of a machine, of which one may be held: so nobody takes a post out
/// but the launcher, which looks from inside of its loop.
class mailbox_targets : public testing::TestWithParam<std::string> {
protected:
    mailbox_targets()
        : rows_(listed_table(GetParam()).rows), owner_([this] {
              scheduler_options options = with_workers(static_cast<int>(rows_.size()));
              options.awake = 1;
              return options;
          }()) {
        topology::node_map nodes(rows_, topology::binds::recorded);
        matters_ = nodes.matters();
        if (matters_) {
            owner_.known_nodes.set(std::move(nodes), owner_.workers());
        }
    }
    ~mailbox_targets() override { owner_.shut_down(); }

    // The first elements are run before anybody is invited, and have to promise that it pays.
    void look() {
        if (!posts_.empty()) {
            return;
        }
        mailboxes& mail = owner_.known_nodes.get()->mail;
        if (!mail.any()) {
            const std::uint64_t until = detail::ticks() + twill::os::ticks_from_microseconds(200);
            while (detail::ticks() < until) {
                detail::pause();
            }
            return;
        }
        own_ = detail::hot().place;
        for (int place = 0; place < owner_.workers(); ++place) {
            post* const one = mail.take(static_cast<std::uint32_t>(place));
            if (one == nullptr) {
                continue;
            }
            EXPECT_EQ(static_cast<int>(one->place), place);
            found_post& noted = posts_.emplace_back(found_post{place, {}});
            const placed_parts& parts = one->run->parts;
            for (std::size_t k = parts.own(place).begin; k < parts.own(place).end; ++k) {
                noted.parts.emplace_back(parts[k].begin, parts[k].end);
            }
            EXPECT_TRUE(mail.put(*one));
        }
    }
    [[nodiscard]] int node_of(int place) const {
        return rows_[static_cast<std::size_t>(place)].node;
    }

    // One node of cores of one kind.
    void expect_no_posts() {
        const visit guest(owner_);
        twill::parallel_for(
            0, 4096, [this](int) { EXPECT_FALSE(owner_.known_nodes.has_post()); }, twill::at(0));
    }

    std::vector<table_row> rows_;
    scheduler owner_;
    bool matters_ = false;
    std::vector<found_post> posts_;
    int own_ = -1;
};

INSTANTIATE_TEST_SUITE_P(machines, mailbox_targets,
                         testing::ValuesIn(twill::testing_support::names_of_machines()),
                         [](const auto& machine) { return machine.param; });

TEST_P(mailbox_targets, of_a_blocked_vector_are_all_places_each_for_elements_of_its_node) {
    if (!matters_) {
        expect_no_posts();
        return;
    }
    const visit guest(owner_);
    twill::numa_vector<double> x(rows_.size() * 1024, 1.0);
    posts_.clear();
    twill::parallel_for_each(x, [this](double& one) {
        look();
        ++one;
    });
    EXPECT_EQ(posts_.size(), rows_.size() - 1); // and the launcher itself
    const detail::placement& where = *x.placed().of;
    const auto node_of_element = [&](std::size_t element) {
        const detail::stretch* at = where.stretches;
        while (element >= at->end) {
            ++at;
        }
        return at->node;
    };
    for (const auto& [place, parts] : posts_) {
        EXPECT_NE(place, own_);
        EXPECT_FALSE(parts.empty()) << place;
        for (const auto& [begin, end] : parts) {
            EXPECT_EQ(node_of_element(begin), node_of(place)) << place;
            EXPECT_EQ(node_of_element(end - 1), node_of(place)) << place;
        }
    }
    EXPECT_FALSE(owner_.known_nodes.has_post()); // the launcher has taken back what nobody took
    EXPECT_EQ(x.front() + x.back(), 4.0);
}

TEST_P(mailbox_targets, of_a_node_are_its_places_and_nobody_elses) {
    if (!matters_) {
        expect_no_posts();
        return;
    }
    const visit guest(owner_);
    const topology::node_map nodes(rows_);
    for (const topology::node_map::share& share : nodes.shares()) {
        posts_.clear();
        twill::parallel_for(0, 4096, [this](int) { look(); }, twill::at(share.node));
        std::vector<int> expected = share.places;
        std::erase(expected, own_);
        std::vector<int> posted;
        for (const auto& [place, parts] : posts_) {
            posted.push_back(place);
            EXPECT_FALSE(parts.empty());
        }
        EXPECT_EQ(posted, expected) << "node " << share.node;
    }
}

} // namespace
