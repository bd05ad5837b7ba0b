// SPDX-License-Identifier: Apache-2.0
#include "topology/placed_spread.hpp"

#include "sched/mailbox.hpp"
#include "sched/placed_parts.hpp"
#include "topology/node_map.hpp"
#include "topology/partition.hpp"
#include "topology/worker_bits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <queue>
#include <tuple>
#include <vector>

namespace twill::testing_support {
namespace {

using sched::placed_parts;
using topology::level;
using topology::victim_policy;
using topology::victim_rule;

constexpr int nothing = -1;
constexpr int launcher = 0;
/// A piece with fewer blocks left is not worth a steal.
constexpr std::int64_t least_blocks = 2;
constexpr std::size_t stretch_of_equals = 64;

/// What a virtual worker is about to do when its time comes.
enum class doing { posts, looks, joins, arrives, ends_piece };

struct virtual_worker {
    doing next = doing::looks;
    std::int64_t version = 0; ///< events of older ones are void
    double speed = 1;
    int victim = nothing;
    bool in_loop = false; ///< claims parts one after the other
    std::size_t begin = 0;
    std::size_t end = 0; ///< of the piece that it runs; begin == end: none
    std::int64_t began = 0;
    sched::placed_part* alone = nullptr; ///< the part that the piece is all of
};

class placed_spread {
public:
    placed_spread(std::span<const topology::table_row> rows, loop_rule rule,
                  std::size_t elements_a_worker, std::uint64_t seed, const disturbance& by,
                  const loop_costs& costs, sched::core_speeds* speeds)
        : speeds_(speeds), policy_(rows, victim_rule::level), rule_(rule), costs_(costs),
          random_(seed), nodes_(rows), mail_(nodes_), with_work_(policy_), workers_(rows.size()),
          count_(elements_a_worker * rows.size()),
          cut_(topology::blocked_partition(count_, sizeof(double), 4096, nodes_)),
          where_{cut_.data(), cut_.size(), nullptr, sizeof(double)} {
        make_costs(by.uneven);
        double all_speeds = 0;
        for (int k = 0; k < policy_.workers(); ++k) {
            virtual_worker& one = at(k);
            one.speed = (nodes_.node_of(k) == by.node ? by.speed : 1) *
                        (nodes_.kind_of(k) == topology::core_kind::efficient ? by.efficient : 1);
            all_speeds += one.speed;
        }
        result_.ideal = static_cast<double>(cost_before_.back()) / all_speeds / 1000;
        result_.elements = static_cast<std::int64_t>(count_);
        result_.ran_on.resize(count_);
    }

    loop_result run() {
        if (rule_ == loop_rule::placed) {
            EXPECT_TRUE(
                parts_.divide({&where_, 0}, 0, count_, 1, nodes_, policy_.workers(),
                              speeds_ != nullptr ? speeds_->weights() : sched::core_weights{}));
            posts_.resize(workers_.size());
            schedule(0, launcher, doing::posts);
        } else {
            begin_piece(launcher, 0, count_);
        }
        for (int k = 1; k < policy_.workers(); ++k) {
            if (at(k).speed > 0) {
                schedule(0, k, doing::looks);
            }
        }
        while (done_ < count_) {
            const auto [time, order, worker, version] = events_.top();
            events_.pop();
            if (at(worker).version == version) {
                now_ = time;
                step(worker);
            }
        }
        result_.makespan = static_cast<double>(now_) / 1000;
        count_at_home();
        if (speeds_ != nullptr) {
            speeds_->count(parts_.measured());
        }
        return std::move(result_);
    }

private:
    using event = std::tuple<std::int64_t, std::int64_t, int, std::int64_t>;

    virtual_worker& at(int number) { return workers_[static_cast<std::size_t>(number)]; }

    void make_costs(double uneven) {
        cost_before_.resize(count_ + 1);
        std::int64_t cost = costs_.element;
        for (std::size_t k = 0; k < count_; ++k) {
            if (uneven > 0 && k % stretch_of_equals == 0) {
                const double share = static_cast<double>(random_() >> 11) * 0x1p-53;
                cost = static_cast<std::int64_t>(static_cast<double>(costs_.element) *
                                                 (1 + uneven * (2 * share - 1)));
            }
            cost_before_[k + 1] = cost_before_[k] + cost;
        }
    }

    [[nodiscard]] std::int64_t time_of(const virtual_worker& one, std::size_t begin,
                                       std::size_t end) const {
        return static_cast<std::int64_t>(
            static_cast<double>(cost_before_[end] - cost_before_[begin]) / one.speed);
    }

    void schedule(std::int64_t time, int number, doing next) {
        virtual_worker& one = at(number);
        one.next = next;
        events_.emplace(time, order_++, number, ++one.version);
    }

    void begin_piece(int number, std::size_t begin, std::size_t end) {
        virtual_worker& one = at(number);
        one.begin = begin;
        one.end = end;
        one.began = now_;
        one.alone = nullptr;
        with_work_.set(number);
        schedule(now_ + time_of(one, begin, end), number, doing::ends_piece);
    }

    void step(int number) {
        virtual_worker& one = at(number);
        switch (one.next) {
        case doing::posts:
            post_next(number);
            break;
        case doing::looks:
            look(number);
            break;
        case doing::joins:
            claim_next(number);
            break;
        case doing::arrives:
            arrive(number);
            break;
        case doing::ends_piece:
            count_local(number, one.begin, one.end);
            if (one.alone != nullptr) {
                one.alone->took = static_cast<std::uint64_t>(now_ - one.began);
                one.alone->on = nodes_.kind_of(number);
            }
            one.begin = one.end;
            with_work_.clear(number);
            if (one.in_loop) {
                claim_next(number);
            } else {
                look(number);
            }
            break;
        }
    }

    void post_next(int number) {
        while (posted_ < policy_.workers() && (posted_ == launcher || !parts_.has_home(posted_))) {
            ++posted_;
        }
        if (posted_ == policy_.workers()) {
            claim_next(number);
            return;
        }
        sched::post& one = posts_[static_cast<std::size_t>(posted_)];
        one.place = static_cast<std::uint32_t>(posted_++);
        EXPECT_TRUE(mail_.put(one));
        schedule(now_ + costs_.post, number, doing::posts);
    }

    void claim_next(int number) {
        virtual_worker& one = at(number);
        one.in_loop = true;
        const int part = parts_.claim(number);
        if (part == placed_parts::nothing) {
            one.in_loop = false;
            // The launcher waits, and somebody else gets its place.
            schedule(now_ + (number == launcher ? costs_.hand_over : 0), number, doing::looks);
            return;
        }
        now_ += costs_.claim; // of this event alone: the piece begins then
        sched::placed_part& claimed = parts_[static_cast<std::size_t>(part)];
        begin_piece(number, claimed.begin, claimed.end);
        if (parts_.is_home(static_cast<std::size_t>(part), number)) {
            one.alone = &claimed;
        }
        now_ -= costs_.claim;
    }

    void look(int number) {
        if (rule_ == loop_rule::placed) {
            if (mail_.take(static_cast<std::uint32_t>(number)) != nullptr) {
                ++result_.own_posts;
                schedule(now_ + costs_.take, number, doing::joins);
                return;
            }
            // The launcher's loop over the parts, which is stolen as any other.
            if (posted_ == policy_.workers() && parts_.left() && number != launcher) {
                schedule(now_ + steal_cost(number, launcher), number, doing::joins);
                return;
            }
        }
        virtual_worker& one = at(number);
        one.victim = policy_.draw(number, with_work_, random_);
        if (one.victim == nothing) {
            schedule(now_ + costs_.look, number, doing::looks);
        } else {
            schedule(now_ + steal_cost(number, one.victim), number, doing::arrives);
        }
    }

    // The victim answers after the block that it is in; the thief gets the upper half of the rest.
    void arrive(int number) {
        const int from = at(number).victim;
        virtual_worker& victim = at(from);
        const std::int64_t blocks = (now_ - victim.began) / costs_.block + 1;
        const std::int64_t answered = victim.began + blocks * costs_.block;
        std::size_t next = victim.begin;
        while (next < victim.end && victim.began + time_of(victim, victim.begin, next) < answered) {
            ++next;
        }
        if (victim.begin == victim.end ||
            time_of(victim, next, victim.end) < least_blocks * costs_.block) {
            with_work_.clear(from);
            ++result_.failed;
            look(number);
            return;
        }
        ++result_.steals;
        const std::size_t middle = next + (victim.end - next + 1) / 2;
        const std::size_t end = victim.end;
        victim.end = middle;
        victim.alone = nullptr;
        schedule(victim.began + time_of(victim, victim.begin, middle), from, doing::ends_piece);
        const std::int64_t came = now_;
        now_ = answered;
        begin_piece(number, middle, end);
        now_ = came;
    }

    [[nodiscard]] std::int64_t steal_cost(int thief, int victim) const {
        return costs_.steal[static_cast<std::size_t>(policy_.between(thief, victim))];
    }

    void count_local(int number, std::size_t begin, std::size_t end) {
        done_ += end - begin;
        std::fill(result_.ran_on.begin() + static_cast<std::ptrdiff_t>(begin),
                  result_.ran_on.begin() + static_cast<std::ptrdiff_t>(end),
                  static_cast<std::uint16_t>(number));
        const int node = nodes_.node_of(number);
        std::size_t from = 0;
        for (const detail::stretch& one : cut_) {
            if (one.node == node) {
                const std::size_t first = std::max(from, begin);
                const std::size_t last = std::min(one.end, end);
                result_.local += last > first ? static_cast<std::int64_t>(last - first) : 0;
            }
            from = one.end;
        }
    }

    void count_at_home() {
        for (int place = 0; parts_.size() > 0 && place < policy_.workers(); ++place) {
            const placed_parts::range own = parts_.own(place);
            for (std::size_t part = own.begin; part < own.end; ++part) {
                result_.at_home += std::count(
                    result_.ran_on.begin() + static_cast<std::ptrdiff_t>(parts_[part].begin),
                    result_.ran_on.begin() + static_cast<std::ptrdiff_t>(parts_[part].end), place);
            }
        }
    }

    sched::core_speeds* speeds_;
    victim_policy policy_;
    loop_rule rule_;
    loop_costs costs_;
    numbers random_;
    topology::node_map nodes_;
    sched::mailboxes mail_;
    worker_bits with_work_;
    std::vector<virtual_worker> workers_;
    std::size_t count_;
    std::vector<detail::stretch> cut_;
    detail::placement where_;
    placed_parts parts_;
    std::vector<sched::post> posts_;
    int posted_ = 0;
    std::vector<std::int64_t> cost_before_; ///< of all elements before each
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::int64_t order_ = 0;
    std::int64_t now_ = 0;
    std::size_t done_ = 0;
    loop_result result_;
};

} // namespace

loop_result loop_over(std::span<const topology::table_row> workers, loop_rule rule,
                      std::size_t elements_a_worker, std::uint64_t seed, const disturbance& by,
                      const loop_costs& costs, sched::core_speeds* speeds) {
    return placed_spread(workers, rule, elements_a_worker, seed, by, costs, speeds).run();
}

} // namespace twill::testing_support
