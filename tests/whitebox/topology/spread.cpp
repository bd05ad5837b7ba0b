// SPDX-License-Identifier: Apache-2.0
#include "topology/spread.hpp"

#include "sched/deque.hpp"
#include "sched/place_set.hpp"
#include "sched/search.hpp"

#include <algorithm>
#include <memory>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

namespace twill::testing_support {
namespace {

using topology::level;
using topology::victim_policy;

constexpr int nothing = -1;

/// A forked child: the job that lies in deques, and its strand.
struct child {
    detail::job one{};
    int depth = 0;
};

struct virtual_worker {
    int strand = nothing; ///< how deep the node is that it works at
    int goes_to = nothing;
    bool asks = false; ///< when it is there; else it takes
    int draws = 0;     ///< of this search
    bool asked = false;
    std::uint32_t epoch = 0;
    sched::public_deque deque;
    std::vector<child*> children; ///< oldest first; the first `shared` ones have been published
    std::size_t shared = 0;
};

class spread {
public:
    spread(std::span<const topology::table_row> workers, spread_rule rule, int depth,
           std::uint64_t seed, const spread_costs& costs)
        : policy_(workers, policy_of(rule)), rule_(rule), depth_(depth), costs_(costs),
          random_(seed), with_public_(policy_), running_(policy_), seen_(with_public_),
          workers_(std::make_unique<virtual_worker[]>(workers.size())),
          left_((std::int64_t{2} << depth) - 1) {}

    spread_result run() {
        // Worker 0 begins with the root, the others look for work.
        begin_strand(0, 0);
        for (int number = 1; number < policy_.workers(); ++number) {
            at(0, number);
        }
        while (left_ > 0) {
            const auto [time, order, number] = events_.top();
            events_.pop();
            now_ = time;
            step(number);
        }
        result_.makespan = static_cast<double>(now_) / 1000;
        result_.ideal = ideal();
        result_.words = seen_.words_read();
        return result_;
    }

private:
    using event = std::tuple<std::int64_t, std::int64_t, int>; ///< time, order, worker

    virtual_worker& of(int number) { return workers_[static_cast<std::size_t>(number)]; }
    void at(std::int64_t time, int number) { events_.emplace(time, order_++, number); }

    void step(int number) {
        virtual_worker& worker = of(number);
        if (worker.strand != nothing) {
            end_strand(number, worker);
        } else if (worker.goes_to == nothing) {
            worker.draws = 0;
            look(number, worker);
        } else if (const int there = std::exchange(worker.goes_to, nothing); worker.asks) {
            ask(number, worker, there);
        } else {
            arrive(number, worker, there);
        }
    }

    void begin_strand(int number, int depth) {
        of(number).strand = depth;
        running_.set(number);
        at(now_ + costs_.strand, number);
    }

    void end_strand(int number, virtual_worker& worker) {
        --left_;
        ++result_.strands;
        if (worker.strand < depth_) {
            worker.children.push_back(fork(worker.strand + 1));
            if (worker.asked) { // the poll of a fork
                worker.asked = false;
                publish(number, worker);
            }
            begin_strand(number, worker.strand + 1);
        } else if (child* const newest = take_back(worker); newest != nullptr) {
            begin_strand(number, newest->depth);
            free_.push_back(newest);
        } else {
            worker.strand = nothing;
            worker.asked = false;
            running_.clear(number);
            worker.draws = 0;
            look(number, worker);
        }
    }

    child* fork(int depth) {
        if (free_.empty()) {
            made_.push_back(std::make_unique<child>());
            free_.push_back(made_.back().get());
        }
        child* const one = free_.back();
        free_.pop_back();
        one->depth = depth;
        return one;
    }

    void publish(int number, virtual_worker& worker) {
        std::vector<detail::job*> newest_first;
        while (worker.shared + newest_first.size() < worker.children.size()) {
            newest_first.push_back(
                &worker.children[worker.children.size() - 1 - newest_first.size()]->one);
        }
        worker.deque.publish(newest_first);
        worker.shared = worker.children.size();
        with_public_.set(number);
    }

    // Its newest child: a private one, or a public one that nobody has stolen. Null: there is none.
    static child* take_back(virtual_worker& worker) {
        if (worker.children.empty()) {
            return nullptr;
        }
        child* const newest = worker.children.back();
        if (worker.children.size() == worker.shared) {
            if (!worker.deque.take_back(&newest->one)) {
                worker.children.clear(); // and so has everything older
                worker.shared = 0;
                return nullptr;
            }
            --worker.shared;
        }
        worker.children.pop_back();
        return newest;
    }

    void look(int number, virtual_worker& worker) {
        if (worker.draws < sched::draws_a_look) {
            ++worker.draws;
            ++result_.looks;
            if (const int victim = draw_by(rule_, policy_, number, seen_, random_);
                victim != nothing) {
                go(number, worker, victim, false);
                return;
            }
        }
        go_to_ask(number, worker, 0);
    }

    void go_to_ask(int number, virtual_worker& worker, int from) {
        const int running = sched::draw_running(policy_, number, running_, random_, from);
        if (running == nothing) {
            at(now_ + costs_.look, number);
        } else {
            ++result_.asks;
            go(number, worker, running, true);
        }
    }

    void ask(int number, virtual_worker& worker, int there) {
        if (std::exchange(of(there).asked, true)) { // by others: the next level
            go_to_ask(number, worker, sched::level_behind(policy_, number, there));
        } else {
            at(now_ + costs_.look, number);
        }
    }

    void go(int number, virtual_worker& worker, int there, bool asks) {
        worker.goes_to = there;
        worker.asks = asks;
        at(now_ + costs_.steal[static_cast<std::size_t>(policy_.between(number, there))], number);
    }

    void arrive(int number, virtual_worker& worker, int there) {
        virtual_worker& victim = of(there);
        const sched::deque_word seen = victim.deque.read(detail::acquire);
        if (seen.count() == 0) {
            with_public_.clear(there);
            ++result_.failed;
            look(number, worker);
            return;
        }
        ++result_.steals;
        result_.far_steals += policy_.between(number, there) == level::far ? 1 : 0;
        auto* const stolen = reinterpret_cast<child*>(victim.deque.oldest(seen).one());
        static_cast<void>(victim.deque.take(seen)); // nobody else is at it
        worker.deque.begin_root(++worker.epoch);
        begin_strand(number, stolen->depth);
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
    sched::place_set with_public_;
    sched::place_set running_;
    counted<sched::place_set> seen_;
    std::unique_ptr<virtual_worker[]> workers_;
    std::vector<std::unique_ptr<child>> made_;
    std::vector<child*> free_;
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
