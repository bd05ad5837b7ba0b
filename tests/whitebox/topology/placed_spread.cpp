// SPDX-License-Identifier: Apache-2.0
#include "topology/placed_spread.hpp"

#include "sched/place_set.hpp"
#include "sched/placed_parts.hpp"
#include "sched/search.hpp"
#include "topology/loop_elements.hpp"
#include "topology/loop_worker.hpp"
#include "topology/node_map.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

namespace twill::testing_support {
namespace {

using sched::placed_parts;
using topology::victim_policy;

constexpr int nothing = -1;
constexpr int launcher = 0;
/// A piece with fewer blocks left is not worth a steal.
constexpr std::int64_t least_blocks = 2;

class placed_spread {
public:
    placed_spread(std::span<const topology::table_row> rows, const loop_run& how,
                  const disturbance& by, sched::core_speeds* speeds, const loop_costs& costs)
        : speeds_(speeds), policy_(rows, policy_of(how.victims)), how_(how), costs_(costs),
          random_(how.seed), nodes_(rows), mail_(nodes_), with_public_(policy_), running_(policy_),
          seen_public_(with_public_), seen_running_(running_), places_(policy_),
          workers_(std::make_unique<loop_worker[]>(rows.size())),
          elements_(how.elements_a_worker * rows.size(), costs.element, by.uneven, nodes_, random_),
          count_(elements_.count()) {
        double all_speeds = 0;
        for (int k = 0; k < policy_.workers(); ++k) {
            loop_worker& one = at(k);
            one.speed = (nodes_.node_of(k) == by.node ? by.speed : 1) *
                        (nodes_.kind_of(k) == topology::core_kind::efficient ? by.efficient : 1);
            all_speeds += one.speed;
        }
        result_.ideal = static_cast<double>(elements_.cost(0, count_)) / all_speeds / 1000;
    }

    loop_result run() {
        for (int k = 1; k < policy_.workers(); ++k) {
            if (how_.others == at_first::asleep) {
                places_.sleep(k);
            } else if (at(k).speed > 0) {
                places_.add_searchers(+1);
                schedule(0, k, doing::looks);
            }
        }
        at(launcher).asked = true; // a guest enters with a request standing
        if (how_.loop == loop_rule::placed) {
            EXPECT_TRUE(
                parts_.divide({&elements_.where(), 0}, 0, count_, 1, nodes_, policy_.workers(),
                              speeds_ != nullptr ? speeds_->weights() : sched::core_weights{}));
            posts_.resize(static_cast<std::size_t>(policy_.workers()));
            running_.set(launcher);
            schedule(0, launcher, doing::posts);
        } else {
            begin_piece(launcher, 0, count_);
        }
        while (elements_.left() > 0) {
            const auto [time, order, worker, what, version] = events_.top();
            events_.pop();
            now_ = time;
            if (what == doing::answers) {
                answer(worker, version);
            } else if (at(worker).version == version) {
                step(worker, what);
            }
        }
        result_.makespan = static_cast<double>(now_) / 1000;
        result_.words = seen_public_.words_read() + seen_running_.words_read();
        result_.elements = static_cast<std::int64_t>(count_);
        result_.local = elements_.local();
        result_.at_home = elements_.at_home(parts_, policy_.workers());
        result_.ran_on = elements_.ran_on();
        if (speeds_ != nullptr) {
            speeds_->count(parts_.measured());
        }
        return std::move(result_);
    }

private:
    using event = std::tuple<std::int64_t, std::int64_t, int, doing, std::int64_t>;

    loop_worker& at(int number) { return workers_[static_cast<std::size_t>(number)]; }

    void schedule(std::int64_t time, int number, doing next) {
        events_.emplace(time, order_++, number, next, ++at(number).version);
    }

    void step(int number, doing what) {
        loop_worker& one = at(number);
        switch (what) {
        case doing::posts:
            post_next(number);
            break;
        case doing::looks:
            look(number);
            break;
        case doing::joins:
            begin_root(number);
            one.in_loop = true;
            claim_next(number);
            break;
        case doing::arrives:
            arrive(number, std::exchange(one.there, nothing));
            break;
        case doing::asks:
            ask(number, std::exchange(one.there, nothing));
            break;
        case doing::ends_piece:
            end_piece(number);
            break;
        case doing::answers:
            break;
        }
    }

    // --- pieces

    void begin_piece(int number, std::size_t begin, std::size_t end) {
        loop_worker& one = at(number);
        one.begin = begin;
        one.end = end;
        one.began = now_;
        one.alone = nullptr;
        ++one.pieces;
        running_.set(number);
        schedule(now_ + elements_.time(begin, end, one.speed), number, doing::ends_piece);
        if (one.asked) {
            answer_later(number);
        }
    }

    // At the end of the block that it is in.
    void answer_later(int number) {
        const loop_worker& one = at(number);
        const std::int64_t blocks = (now_ - one.began) / costs_.block + 1;
        events_.emplace(one.began + blocks * costs_.block, order_++, number, doing::answers,
                        one.pieces);
    }

    void answer(int number, std::int64_t piece) {
        loop_worker& one = at(number);
        if (one.pieces != piece || one.begin == one.end) {
            return; // the request stands until the next piece
        }
        one.asked = false;
        const std::size_t next = elements_.reached(one.begin, one.end, one.speed, now_ - one.began);
        if (!one.deque.empty() ||
            elements_.time(next, one.end, one.speed) < least_blocks * costs_.block) {
            return;
        }
        const std::size_t middle = next + (one.end - next + 1) / 2;
        one.halves.push_back(std::make_unique<half>(middle, one.end));
        one.end = middle;
        one.alone = nullptr;
        detail::job* const newest = &one.halves.back()->one;
        one.deque.publish({&newest, 1});
        with_public_.set(number);
        const std::int64_t spent = places_.idle() ? wake_one(number) : 0;
        schedule(one.began + spent + elements_.time(one.begin, middle, one.speed), number,
                 doing::ends_piece);
    }

    void end_piece(int number) {
        loop_worker& one = at(number);
        elements_.note(number, nodes_.node_of(number), one.begin, one.end);
        if (one.alone != nullptr) {
            one.alone->took = static_cast<std::uint64_t>(now_ - one.began);
            one.alone->on = nodes_.kind_of(number);
        }
        one.begin = one.end;
        while (!one.halves.empty()) {
            const std::unique_ptr<half> newest = std::move(one.halves.back());
            one.halves.pop_back();
            if (one.deque.take_back(&newest->one)) {
                begin_piece(number, newest->begin, newest->end);
                return;
            }
            one.halves.clear(); // it is stolen, and so is everything older
        }
        if (one.in_loop) {
            claim_next(number);
        } else {
            end_root(number);
        }
    }

    // --- the launcher, and who claims

    void post_next(int number) {
        while (posted_ < policy_.workers() && (posted_ == launcher || !parts_.has_home(posted_))) {
            ++posted_;
        }
        if (posted_ == policy_.workers()) {
            const int post = mail_.full_near(number);
            now_ += post != nothing && places_.idle() ? wake_one(post) : 0;
            at(number).in_loop = true;
            claim_next(number);
            return;
        }
        sched::post& one = posts_[static_cast<std::size_t>(posted_)];
        one.place = static_cast<std::uint32_t>(posted_++);
        EXPECT_TRUE(mail_.put(one));
        schedule(now_ + costs_.post, number, doing::posts);
    }

    void claim_next(int number) {
        loop_worker& one = at(number);
        const int part = parts_.claim(number);
        if (part == placed_parts::nothing) {
            one.in_loop = false;
            // The launcher waits, and somebody else gets its place.
            now_ += number == launcher ? costs_.hand_over : 0;
            end_root(number);
            return;
        }
        now_ += costs_.claim; // of this event alone: the piece begins then
        sched::placed_part& claimed = parts_[static_cast<std::size_t>(part)];
        begin_piece(number, claimed.begin, claimed.end);
        if (parts_.is_home(static_cast<std::size_t>(part), number)) {
            one.alone = &claimed;
        }
    }

    // --- roots, and who is awake

    void begin_root(int number) {
        loop_worker& one = at(number);
        one.deque.begin_root(++one.epoch);
        running_.set(number);
        places_.add_searchers(-1);
        now_ += settle(number);
    }

    void end_root(int number) {
        running_.clear(number);
        at(number).asked = false;
        places_.add_searchers(+1);
        schedule(now_, number, doing::looks);
    }

    /// As scheduler::settle(); the time that it takes.
    std::int64_t settle(int number) {
        if (!places_.idle()) {
            return 0;
        }
        if (const int post = mail_.full_near(number); post != nothing) {
            return wake_one(post);
        }
        if (with_public_.for_each(0, [this](int place) { return !at(place).deque.empty(); })) {
            return wake_one(number);
        }
        running_.for_each(0, [this](int place) {
            request(place);
            return false;
        });
        return 0;
    }

    /// What it costs the caller.
    std::int64_t wake_one(int near) {
        const int woken = places_.wake_one(near, random_);
        if (woken == nothing) {
            return 0;
        }
        result_.woken.push_back(woken);
        schedule(now_ + costs_.wake, woken, doing::looks);
        return costs_.wake_call;
    }

    // --- a search, in the order of scheduler::find_work()

    void look(int number) {
        ++result_.looks;
        if (how_.loop == loop_rule::placed) {
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
        const int victim = draw_by(how_.victims, policy_, number, seen_public_, random_);
        victim != nothing ? go(number, victim, doing::arrives) : look_elsewhere(number);
    }

    void arrive(int number, int from) {
        loop_worker& victim = at(from);
        const sched::deque_word seen = victim.deque.read(detail::acquire);
        if (seen.count() == 0) {
            with_public_.clear(from);
            ++result_.failed;
            static_assert(sched::draws_a_look == 1);
            look_elsewhere(number);
            return;
        }
        ++result_.steals;
        const auto& stolen = *reinterpret_cast<half*>(victim.deque.oldest(seen).one());
        EXPECT_TRUE(victim.deque.take(seen));
        begin_root(number);
        begin_piece(number, stolen.begin, stolen.end);
    }

    void look_elsewhere(int number) {
        if (how_.loop == loop_rule::placed) {
            if (const sched::post* const other =
                    mail_.take_any(static_cast<std::uint32_t>(number), random_());
                other != nullptr) {
                schedule(now_ + steal_cost(number, static_cast<int>(other->place)), number,
                         doing::joins);
                return;
            }
        }
        go_to_ask(number, 0);
    }

    void go_to_ask(int number, int from) {
        if (const int running = sched::draw_running(policy_, number, seen_running_, random_, from);
            running != nothing) {
            go(number, running, doing::asks);
        } else {
            schedule(now_ + costs_.look, number, doing::looks);
        }
    }

    void ask(int number, int there) {
        if (at(there).asked) { // by others: the next level
            go_to_ask(number, sched::level_behind(policy_, number, there));
            return;
        }
        request(there);
        schedule(now_ + costs_.look, number, doing::looks);
    }

    void request(int there) {
        loop_worker& one = at(there);
        if (!std::exchange(one.asked, true) && one.begin != one.end) {
            answer_later(there);
        }
    }

    void go(int number, int there, doing what) {
        at(number).there = there;
        schedule(now_ + steal_cost(number, there), number, what);
    }

    [[nodiscard]] std::int64_t steal_cost(int thief, int victim) const {
        return costs_.steal[static_cast<std::size_t>(policy_.between(thief, victim))];
    }

    sched::core_speeds* speeds_;
    victim_policy policy_;
    loop_run how_;
    loop_costs costs_;
    numbers random_;
    topology::node_map nodes_;
    sched::mailboxes mail_;
    sched::place_set with_public_;
    sched::place_set running_;
    counted<sched::place_set> seen_public_;
    counted<sched::place_set> seen_running_;
    loop_places places_;
    std::unique_ptr<loop_worker[]> workers_;
    loop_elements elements_;
    std::size_t count_;
    placed_parts parts_;
    std::vector<sched::post> posts_;
    int posted_ = 0;
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::int64_t order_ = 0;
    std::int64_t now_ = 0;
    loop_result result_;
};

} // namespace

loop_result loop_over(std::span<const topology::table_row> workers, const loop_run& how,
                      const disturbance& by, sched::core_speeds* speeds, const loop_costs& costs) {
    return placed_spread(workers, how, by, speeds, costs).run();
}

} // namespace twill::testing_support
