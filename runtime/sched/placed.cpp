// SPDX-License-Identifier: Apache-2.0
#include "sched/placed.hpp"

#include "os/numa_memory.hpp"
#include "sched/away.hpp"
#include "sched/root.hpp"
#include "sched/scheduler.hpp"
#include "sched/views.hpp"
#include "twill/detail/range.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace twill::inline abi_1::detail {

/// The launcher's loop, as others see it: each element runs parts until none is left, whichever its
/// thread claims. So whoever is idle finds them as it finds the rest of any loop, and the launcher
/// waits for nobody while there are parts that nobody has claimed.
struct claims_kernel {
    struct accumulator {};
    static constexpr bool by_element = true;

    sched::placed_run& run;
    loop_control control;

    explicit claims_kernel(sched::placed_run& all) noexcept : run(all) {}

    [[nodiscard]] bool ended() const noexcept {
        return !run.parts.left() || run.loop.ended(run.loop);
    }
    [[nodiscard]] static constexpr std::size_t grain() noexcept { return 1; }
    [[nodiscard]] static constexpr accumulator start() noexcept { return {}; }
    static void merge(accumulator& /*into*/, accumulator&& /*later*/) noexcept {}
    void run_one(accumulator& /*total*/, std::size_t /*which*/) const noexcept {
        hot_state& self = hot();
        while (run.run_next()) {
            // The poll. What there is to give away is older than this frame: the other elements.
            if (poll_below(this, self.limit) && self.tail != nullptr) {
                poll_slow(self.tail);
            }
        }
    }
};

template <>
inline constexpr bool large_elements<claims_kernel> = true;

} // namespace twill::inline abi_1::detail

namespace twill::sched {

using load_model::counter;

namespace {

/// An element of a loop for which nothing is known yet is a few nanoseconds, or a large task: of
/// the former some more are run before it is said what the loop takes.
constexpr std::size_t second_look = 63;

/// How often in a row a thief leaves a part to others before it keeps one, and at how many places
/// of a node it looks for that.
constexpr std::uint32_t offers_in_a_row = 2;
constexpr std::size_t places_looked_at = 16;

/// What the loop is told, as stretches; those of a node alone in `one`.
detail::placed_range range_of(const detail::placed_loop& loop, const topology::node_map& nodes,
                              detail::stretch& stretch, detail::placement& one) noexcept {
    const detail::place_hint& hint = loop.where;
    if (hint.range.of != nullptr) {
        return hint.range;
    }
    stretch = {loop.count, hint.pointer != nullptr ? os::node_of_address(hint.pointer) : hint.node};
    if (nodes.find(stretch.node) == nullptr) {
        return {};
    }
    one = {&stretch, 1, nullptr, 0};
    return {&one, 0};
}

} // namespace

bool placed_run::run_next() noexcept {
    if (loop.ended(loop)) {
        return false;
    }
    auto& self = *static_cast<thread_record*>(detail::hot().thread);
    if (self.id != launcher && placing(self, *self.owner.known_nodes.get()).forward(*this)) {
        return false;
    }
    const int part = parts.claim(detail::hot().place);
    if (part != placed_parts::nothing) {
        run_part(static_cast<std::size_t>(part));
    }
    return part != placed_parts::nothing;
}

// A strand of its own: parts are run in any order, and their views are merged in the order of their
// elements.
void placed_run::run_part(std::size_t part) noexcept {
    placed_part& one = parts[part];
    auto& self = *static_cast<thread_record*>(detail::hot().thread);
    const int place = detail::hot().place;
    const deque_word before = self.deque.read(detail::relaxed);
    const std::uint64_t began = timed ? detail::ticks() : 0;
    detail::view_map* const outer = views::begin_strand();
    loop.run(loop, detail::placed_loop::parts_before + part, one.begin, one.end);
    one.views = views::end_strand(outer);
    const bool home = parts.is_home(part, detail::hot().place);
    // With the same word nobody has taken a piece of it meanwhile, and this thread none of others.
    if (timed && home && detail::hot().place == place &&
        self.deque.read(detail::relaxed).bits == before.bits) {
        one.took = detail::ticks() - began;
        one.on = self.owner.known_nodes.get()->nodes.kind_of(place);
    }
    self.offers = 0;
    self.account.add(home ? counter::placed : counter::displaced);
}

placing::placing(thread_record& thread, known_places& known) noexcept
    : of_(thread.owner), self_(thread), known_(known) {}

// The first elements are run alone, to see what the loop takes: as with any loop, nobody is woken
// for less than a wake-up costs. Returns how many these were; all of them if no more is to be
// gained.
std::size_t placing::begin(detail::placed_loop& loop) noexcept {
    if (loop.few) {
        return 0;
    }
    std::size_t begun = 0;
    std::size_t counted = 0;
    std::uint64_t took = 0;
    const auto run_first = [&](std::size_t part, std::size_t elements) {
        const std::uint64_t began = detail::ticks();
        loop.run(loop, part, begun, begun + elements);
        took = detail::ticks() - began;
        begun += elements;
        counted = elements;
    };
    const auto can_be_shared = [&] { return loop.count - begun >= 2 * loop.grain; };
    if (can_be_shared()) {
        run_first(0, loop.grain);
    }
    if (took < of_.worth_a_steal_ && can_be_shared()) {
        // What is left is no smaller than the grain.
        run_first(1, std::min(std::max(loop.grain, second_look), loop.count - begun - loop.grain));
    }
    if (counted > 0 && can_be_shared()) {
        const auto takes = static_cast<std::uint64_t>(static_cast<double>(took) *
                                                      static_cast<double>(loop.count - begun) /
                                                      static_cast<double>(counted));
        const std::uint64_t price =
            of_.places_.glance().searchers > 0 ? of_.worth_a_steal_ : of_.wake_price();
        if (takes >= price) {
            return begun;
        }
    }
    if (begun < loop.count) {
        loop.run(loop, 2, begun, loop.count);
    }
    return loop.count;
}

// Once for each place in a loop. The loop is pinned before the post can be taken: who has taken it
// counts itself out. The caller is the launcher, or runs within the loop: it holds a pin, or a
// piece that the launcher joins before it ends the loop.
bool placing::invite(placed_run& run, int place, bool pins) noexcept {
    invitation& one = run.invitations[static_cast<std::size_t>(place)];
    std::uint32_t now = invitation::none;
    if (one.state.load(detail::relaxed) != invitation::none ||
        !one.state.compare_exchange_strong(now, invitation::made, detail::relaxed,
                                           detail::relaxed)) {
        return false;
    }
    one.content = {&run, static_cast<std::uint32_t>(place), run.launcher, run.from};
    if (pins) {
        run.working.pin();
    }
    // seq_cst: slot, then state, against end(), which writes the state and then looks at the slot:
    // one of the two takes out what nobody else has.
    if (known_.mail.put(one.content) && (one.state.load(detail::seq_cst) == invitation::made ||
                                         !known_.mail.take_back(one.content))) {
        return true;
    }
    of_.unpin(self_.account, run.working); // its mailbox is full, or the loop ends
    return false;
}

// An invitation to each place that has parts of its own, and is not this thread's.
void placing::post_all(placed_run& run) noexcept {
    const int own = detail::hot().place;
    const int places = known_.nodes.places();
    run.invitations.reset(new (std::nothrow) invitation[static_cast<std::size_t>(places)]);
    if (run.invitations == nullptr) {
        return; // then others find the parts as they find those of any loop
    }
    const detail::kind_frame* const kind = self_.account.kind();
    run.from = {kind != nullptr ? kind->number : 0, self_.account.root_region()};
    std::size_t posted = 0;
    for (int place = 0; place < places; ++place) {
        // Whose mailbox is full finds the loop all the same.
        posted += place != own && run.parts.has_home(place) && invite(run, place) ? 1 : 0;
    }
    if (posted > 0) {
        self_.account.add(counter::posted, posted);
        if (of_.places_.read().idle()) {
            of_.wake_one(self_.account, known_.mail.full_near(own));
        }
    }
}

// No parallelism is lost: the launcher never comes here, and claims until no part is left; a thief
// leaves no part of its own node, none that no idle place was found for, and keeps one after
// offers_in_a_row of them. What it leaves is not claimed, so whoever comes first runs it. An idle
// place has nobody, with a place free and nobody who searches, or somebody who searches.
bool placing::forward(placed_run& run) noexcept {
    const int own = detail::hot().place;
    seating* const all = of_.seats_.all();
    if (all == nullptr || own < 0 || run.invitations == nullptr ||
        self_.offers >= offers_in_a_row) {
        return false;
    }
    const topology::node_map::share* const there = known_.nodes.find(run.parts.next_elsewhere(own));
    if (there == nullptr) {
        return false;
    }
    const std::size_t count = there->places.size();
    const std::uint64_t start = self_.next_random();
    for (std::size_t k = 0; k < std::min(count, places_looked_at); ++k) {
        const int place = there->places[(start + k) % count];
        if (run.invitations[static_cast<std::size_t>(place)].state.load(detail::relaxed) !=
                invitation::none ||
            all->running().has(place) ||
            (all->holder(place).load(detail::seq_cst) == nullptr && !of_.places_.read().idle()) ||
            !invite(run, place, !planted(fault::unpinned_forward))) {
            continue;
        }
        ++self_.offers;
        self_.account.add(counter::posted);
        self_.account.add(counter::forwarded);
        if (of_.places_.read().idle()) {
            of_.wake_one(self_.account, place);
        }
        return true;
    }
    return false;
}

// No part is left that nobody has claimed. What nobody has taken out of the mailboxes comes back,
// and whoever has taken a post or runs a part is waited for.
void placing::end(placed_run& run) noexcept {
    group& working = run.working;
    const int places = run.invitations != nullptr ? known_.nodes.places() : 0;
    for (int place = 0; place < places; ++place) {
        invitation& one = run.invitations[static_cast<std::size_t>(place)];
        // seq_cst: the other side is in invite(). Of one that is being made, the maker has a pin.
        if (one.state.exchange(invitation::no_more, detail::seq_cst) == invitation::made &&
            (known_.mail.take_back(place, one.content) || planted(fault::unawaited_post))) {
            of_.unpin(self_.account, working);
        }
    }
    if (!working.done()) {
        of_.wait_noted(self_, working);
    }
    if (working.slept.load(detail::relaxed) != 0) {
        working.lock.lock(); // whoever woke this thread has left
        working.lock.unlock();
    }
    for (std::size_t k = 0; k < run.parts.size(); ++k) {
        views::merge(run.parts[k].views);
    }
    if (run.timed && !run.loop.ended(run.loop)) { // an early end leaves elements out
        known_.speeds.count(run.parts.measured());
    }
}

bool placing::run(detail::placed_loop& loop) noexcept {
    check_not_forked(self_);
    detail::stretch stretch{};
    detail::placement one{};
    const detail::placed_range where = range_of(loop, known_.nodes, stretch, one);
    if (where.of == nullptr) {
        return false;
    }
    const std::size_t begun = begin(loop);
    if (begun == loop.count) {
        return true;
    }
    placed_run run(loop);
    run.launcher = self_.id;
    run.timed = known_.nodes.mixed();
    if (!run.parts.divide(where, begun, loop.count, loop.grain, known_.nodes, known_.nodes.places(),
                          known_.speeds.weights()) ||
        !loop.reserve(loop, run.parts.size())) {
        loop.run(loop, 2, begun, loop.count);
        return true;
    }
    if (self_.recorder.on()) {
        of_.note_spawn(self_, run.working);
    }
    post_all(run);
    const detail::claims_kernel kernel(run);
    detail::run_piece(kernel, 0,
                      std::min(static_cast<std::size_t>(of_.active()), run.parts.size()));
    end(run);
    return true;
}

bool placing::run_own_post() noexcept {
    return run_post(known_.mail.take(static_cast<std::uint32_t>(detail::hot().place)));
}

bool placing::run_other_post(std::uint64_t start) noexcept {
    const auto own = static_cast<std::uint32_t>(detail::hot().place);
    post* const taken = known_.mail.take_any(own, start);
    if (taken != nullptr && taken->place != own) { // its own may have come meanwhile
        of_.count_stolen(self_, static_cast<std::int32_t>(taken->place));
    }
    return run_post(taken);
}

// A root of its own.
bool placing::run_post(post* taken) noexcept {
    if (taken == nullptr) {
        return false;
    }
    placed_run& run = *taken->run;
    self_.account.enter(load_model::activity::dispatch, detail::ticks());
    self_.account.add(counter::tasks);
    self_.begin_root(self_.fresh_epoch());
    of_.begin_running(self_);
    of_.run_root(self_, {trace::root_why::group, taken->launcher}, taken->from,
                 [this, &run] { work_for(run); });
    of_.unpin(self_.account, run.working);
    return true;
}

// Until no part is left that nobody has claimed, or it is left to another node, or others want the
// place: what is left is found with the launcher.
void placing::work_for(placed_run& run) noexcept {
    group& working = run.working;
    const std::uint32_t began =
        self_.recorder.on() ? of_.note_begin(self_, trace::event_type::task_begin, working) : 0;
    while (run.run_next() && !of_.places_.above_limit() && !of_.inbox_.waiting()) {
    }
    if (began != 0) {
        self_.recorder.record_end(began, trace::event_type::task_end, of_.number_of(working));
    }
}

} // namespace twill::sched

namespace twill::inline abi_1::detail {

bool run_placed_slow(placed_loop& loop) noexcept {
    sched::thread_record& self = *static_cast<sched::thread_record*>(hot().thread);
    sched::known_places* const known = self.owner.known_nodes.get();
    return known != nullptr && sched::placing(self, *known).run(loop);
}

} // namespace twill::inline abi_1::detail
