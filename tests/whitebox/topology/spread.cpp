// SPDX-License-Identifier: Apache-2.0
#include "topology/spread.hpp"

#include "topology/worker_bits.hpp"

#include <algorithm>
#include <deque>
#include <queue>
#include <tuple>
#include <vector>

namespace twill::testing_support {
namespace {

using topology::level;
using topology::victim_policy;
using topology::victim_rule;

constexpr int nothing = -1;

class spread {
public:
    spread(std::span<const topology::table_row> workers, spread_rule rule, int depth,
           std::uint64_t seed, const spread_costs& costs)
        : policy_(workers,
                  rule == spread_rule::uniform ? victim_rule::uniform : victim_rule::level),
          rule_(rule), depth_(depth), costs_(costs), random_(seed), with_work_(policy_),
          workers_(workers.size()), left_((std::int64_t{2} << depth) - 1) {}

    spread_result run() {
        // Worker 0 begins with the root, the others look for work.
        workers_[0].strand = 0;
        at(costs_.strand, 0);
        for (int worker = 1; worker < policy_.workers(); ++worker) {
            at(0, worker);
        }
        while (left_ > 0) {
            const auto [time, order, worker] = events_.top();
            events_.pop();
            now_ = time;
            step(worker);
        }
        result_.makespan = static_cast<double>(now_) / 1000;
        result_.ideal = ideal();
        result_.words = static_cast<std::int64_t>(with_work_.words_read());
        return result_;
    }

private:
    struct virtual_worker {
        int strand = nothing; ///< how deep the node is that it works at
        int victim = nothing; ///< to whom it is on the way
        std::deque<int> children;
    };
    using event = std::tuple<std::int64_t, std::int64_t, int>; ///< time, order, worker

    void at(std::int64_t time, int worker) { events_.emplace(time, order_++, worker); }

    void step(int number) {
        virtual_worker& worker = workers_[static_cast<std::size_t>(number)];
        if (worker.strand != nothing) {
            end_strand(number, worker);
        } else if (worker.victim != nothing) {
            arrive(number, worker);
        } else {
            look(number, worker);
        }
    }

    void end_strand(int number, virtual_worker& worker) {
        --left_;
        ++result_.strands;
        if (worker.strand < depth_) {
            worker.children.push_back(worker.strand + 1);
            with_work_.set(number);
            ++worker.strand;
        } else if (!worker.children.empty()) {
            worker.strand = worker.children.back();
            worker.children.pop_back();
            clear_if_empty(number);
        } else {
            worker.strand = nothing;
            look(number, worker);
            return;
        }
        at(now_ + costs_.strand, number);
    }

    void look(int number, virtual_worker& worker) {
        ++result_.looks;
        worker.victim = draw(number);
        at(now_ + (worker.victim == nothing ? costs_.look : costs_.steal[distance(number, worker)]),
           number);
    }

    void arrive(int number, virtual_worker& worker) {
        const int from = worker.victim;
        const std::size_t far = distance(number, worker);
        virtual_worker& victim = workers_[static_cast<std::size_t>(from)];
        worker.victim = nothing;
        if (victim.children.empty()) {
            ++result_.failed;
            look(number, worker);
            return;
        }
        ++result_.steals;
        result_.far_steals += far == static_cast<std::size_t>(level::far) ? 1 : 0;
        worker.strand = victim.children.front();
        victim.children.pop_front();
        clear_if_empty(from);
        at(now_ + costs_.strand, number);
    }

    int draw(int number) {
        if (rule_ != spread_rule::nearest) {
            return policy_.draw(number, with_work_, random_);
        }
        for (const level which : {level::near, level::middle, level::far}) {
            const int victim = policy_.draw_on(which, number, with_work_, random_);
            if (victim != victim_policy::nobody) {
                return victim;
            }
        }
        return nothing;
    }

    [[nodiscard]] std::size_t distance(int number, const virtual_worker& worker) const {
        return static_cast<std::size_t>(policy_.between(number, worker.victim));
    }

    void clear_if_empty(int number) {
        if (workers_[static_cast<std::size_t>(number)].children.empty()) {
            with_work_.clear(number);
        }
    }

    /// Unit tasks in a tree: nothing is faster than level by level (Hu 1961).
    [[nodiscard]] double ideal() const {
        std::int64_t rounds = 0;
        for (int k = 0; k <= depth_; ++k) {
            const std::int64_t width = std::int64_t{1} << k;
            rounds += (width + policy_.workers() - 1) / policy_.workers();
        }
        return static_cast<double>(rounds * costs_.strand) / 1000;
    }

    victim_policy policy_;
    spread_rule rule_;
    int depth_;
    spread_costs costs_;
    numbers random_;
    worker_bits with_work_;
    std::vector<virtual_worker> workers_;
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::int64_t order_ = 0;
    std::int64_t now_ = 0;
    std::int64_t left_; ///< strands that have not ended
    spread_result result_;
};

} // namespace

spread_result spread_of(std::span<const topology::table_row> workers, spread_rule rule, int depth,
                        std::uint64_t seed, const spread_costs& costs) {
    return spread(workers, rule, depth, seed, costs).run();
}

} // namespace twill::testing_support
