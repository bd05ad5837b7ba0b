// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"
#include "sched/search.hpp"
#include "topology/affinity.hpp"

#include <utility>

namespace twill::sched {

using load_model::counter;

// Who holds a place at this moment sits down at its next poll, at the end of its root, or when it
// takes its next place. Until then its own bits count, as those of everybody without a seat.
// seq_cst: seats, then flags, against flags (or the table) and then seats, in enter_with_place()
// and bind().
void scheduler::seat_by(std::unique_ptr<seating> all) noexcept {
    seats_.attach(std::move(all));
    ask_to_sit();
}

void scheduler::ask_to_sit() noexcept {
    const std::uint32_t count = table_.size_for_all();
    for (std::uint32_t id = 0; id < count; ++id) {
        ask(table_[id], take_a_seat);
    }
}

// Who has looked for running threads while it moved has missed it, so it settles.
void scheduler::sit_in_mid_task(thread_record& self) noexcept {
    if (seats_.sit_in_mid_task(self)) {
        settle(self);
    }
}

// A search: from the own seat what an earlier root has left, then from victims by the policy, then
// from threads without a seat. Of levels apart each bit that is set is looked at, as those are few;
// and by a thread that was woken: who has set a bit may not have come to its summary yet, and a
// thread that finds nothing where others see something would go round in sleeping and waking up.
bool scheduler::steal_seated(thread_record& self, seating& all, std::uint64_t start,
                             std::uint32_t levels) noexcept {
    const auto steal = [&](thread_record& victim) { return steal_from(self, victim, levels); };
    const auto steal_at = [&](int place) {
        thread_record* const holder = all.holder(place).load(detail::seq_cst);
        if (holder == nullptr) {
            seats::clean_seat(all, place);
            return false;
        }
        return steal(*holder);
    };
    const int own = self.seat.load(detail::relaxed);
    if (levels == all_levels && own >= 0) {
        const auto random = [&self] { return self.next_random(); };
        const auto steal_stray = [&](thread_record& one) {
            if (steal(one)) {
                return true;
            }
            if (one.seat.load(detail::relaxed) >= 0 && !one.may_be_public()) {
                table_.clean_public(one.id);
            }
            return false;
        };
        if (visit_victims(all.policy(), own, all.with_public(), random, steal_at) ||
            visit_strays(all.strays(), table_, start, steal_stray)) {
            return true;
        }
        if (!std::exchange(self.looks_closely, false)) {
            return false;
        }
    }
    return all.with_public().for_each(start, steal_at) || table_.for_each_public(start, steal);
}

// One whose request stands answers it at its next poll, whenever that is; then one on the next
// level is asked. Without that, work that is far away stays private: its neighbours are busy, and
// thieves elsewhere ask the few that run beside them, over and over.
bool scheduler::ask_nearest(thread_record& self, seating& all) noexcept {
    constexpr int nobody = topology::victim_policy::nobody;
    const int own = self.seat.load(detail::relaxed);
    if (own < 0) {
        return false;
    }
    const topology::victim_policy& policy = all.policy();
    const auto random = [&self] { return self.next_random(); };
    int place = draw_running(policy, own, all.running(), random, 0);
    const bool somebody_runs = place != nobody;
    for (; place != nobody; place = draw_running(policy, own, all.running(), random,
                                                 level_behind(policy, own, place))) {
        thread_record* const holder = all.holder(place).load(detail::seq_cst);
        if (holder != nullptr && (holder->requests.load(detail::seq_cst) & want_work) == 0) {
            arm(*holder);
            break;
        }
    }
    return somebody_runs;
}

// A searcher has taken a job, tasks or a post from whoever sits on the place `from`, or if that is
// -1 from nobody in particular. Near is what is not known to be farther: without seats there is one
// group of cores, as far as anybody knows, and a victim that has no seat is at no place.
void scheduler::count_stolen(thread_record& self, std::int32_t from) noexcept {
    self.account.add(counter::stolen);
    const int own = detail::hot().place;
    seating* const all = from >= 0 ? seats_.all() : nullptr;
    if (all == nullptr || own < 0) {
        return;
    }
    const topology::level how_far = all->policy().between(own, from);
    if (how_far != topology::level::near) {
        self.account.add(how_far == topology::level::middle ? counter::stolen_middle
                                                            : counter::stolen_far);
    }
    if (known_nodes.node_of(own) != known_nodes.node_of(from)) { // -1 where it does not matter
        self.account.add(counter::stolen_remote);
    }
}

// A free number, or -1 if none was seen: the one that the thread had, or a near one. A thread from
// outside sits near where it runs, which is nobody's choice but its own; one that has never sat,
// near who has woken it. One of the runtime's takes a place on a CPU that is kept from it by now
// only where there is no other: it would run somewhere else, and what is meant for that node too.
std::int32_t scheduler::free_number(const thread_record& self) noexcept {
    seating* const all = seats_.all();
    if (__builtin_expect(all == nullptr, 1)) {
        return numbers_.try_take();
    }
    int wanted = self.guest ? all->place_of_cpu(topology::current_cpu()) : -1;
    wanted = wanted < 0 ? self.home : wanted;
    wanted = wanted < 0 ? self.waker_place.load(detail::relaxed) : wanted;
    return numbers_.try_take_least([all, wanted, guest = self.guest](int number) {
        const int far = wanted < 0 ? 0 : all->distance(wanted, number);
        return far + (guest || all->allowed(number) ? 0 : seating::farthest + 1);
    });
}

} // namespace twill::sched
