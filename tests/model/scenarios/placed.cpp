// SPDX-License-Identifier: Apache-2.0

/// \file
/// Placed loops: posts in mailboxes, claims of parts, and the end of a loop whose posts somebody
/// has taken.

#include "sched/placed.hpp"
#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "sched/mailbox.hpp"

#include <array>
#include <vector>

namespace twill::model {
namespace {

constexpr std::size_t elements_max = 3;

/// A loop of a few elements, each of which is a part; a test's own side of the seam. It lies in the
/// frame of its launcher, as loops do.
struct checked_loop : detail::placed_loop {
    using action = void (*)(checked_loop& loop, std::size_t element);

    checked_loop(std::size_t elements, const detail::placement& all, event* signs,
                 action with) noexcept
        : placed_loop{&run_part,
                      &make_room,
                      &has_ended,
                      elements,
                      1,
                      true,
                      {{&all, 0}, nullptr, -1}},
          begun(signs), act(with) {}

    static void run_part(placed_loop& loop, std::size_t /*part*/, std::size_t begin,
                         std::size_t end) noexcept {
        auto& self = static_cast<checked_loop&>(loop);
        for (std::size_t k = begin; k < end; ++k) {
            MODEL_CHECK(++self.ran[k] == 1);
            MODEL_CHECK(self.input[k].read() == 1);
            self.act(self, k);
            self.result[k].write(1);
        }
    }
    static bool make_room(placed_loop& /*loop*/, std::size_t /*parts*/) noexcept { return true; }
    static bool has_ended(const placed_loop& /*loop*/) noexcept { return false; }

    event* begun;
    action act;
    std::array<int, elements_max> ran{};
    std::array<plain<int>, elements_max> input;
    std::array<plain<int>, elements_max> result;
};

/// One element for each node, and those before it.
struct one_a_node {
    explicit one_a_node(std::size_t elements) : all{stretches.data(), elements, nullptr, 1} {
        for (std::size_t k = 0; k < elements; ++k) {
            stretches[k] = {k + 1, static_cast<int>(k)};
        }
    }
    std::array<detail::stretch, elements_max> stretches{};
    detail::placement all;
};

sched::scheduler& make_placed_world(std::vector<int> node_of_place) {
    const auto places = static_cast<int>(node_of_place.size());
    sched::scheduler& made = make_world(places, places);
    made.known_nodes.set(topology::node_map(std::move(node_of_place)), places);
    name_it(made.known_nodes.get()->mail, "mail");
    return made;
}

/// Inside a verb: runs a loop, whose elements are seen by the launcher when all have ended.
void run_loop(std::size_t elements, event* begun, checked_loop::action act) {
    const one_a_node where(elements);
    checked_loop loop(elements, where.all, begun, act);
    for (std::size_t k = 0; k < elements; ++k) {
        loop.input[k].write(1);
    }
    sched::thread_record& self = own_record();
    MODEL_CHECK(sched::placing(self, *self.owner.known_nodes.get()).run(loop));
    for (std::size_t k = 0; k < elements; ++k) {
        MODEL_CHECK(loop.ran[k] == 1);
        MODEL_CHECK(loop.result[k].read() == 1);
    }
}

void check_at_end(sched::scheduler& runtime, int awake) {
    MODEL_CHECK(!runtime.known_nodes.has_post());
    check_quiescent(runtime, awake);
}

} // namespace

// One putter, who takes the first of two posts back, and a taker by place and one by bits. Each
// post goes to one of them or stays, and what stays is seen.
void mailbox_scenario() {
    auto* const nodes = new topology::node_map(std::vector<int>{0, 1});
    auto* const mail = new sched::mailboxes(*nodes);
    auto* const posts = new std::array<sched::post, 2>{};
    auto* const got = new std::array<int, 2>{};
    const auto note = [=](const sched::post* one) {
        if (one != nullptr) {
            const auto which = static_cast<std::size_t>(one - posts->data());
            MODEL_CHECK(which < 2 && ++(*got)[which] == 1);
        }
    };
    spawn("putter", [=] {
        const bool first = mail->put((*posts)[0]);
        MODEL_CHECK(first);
        if (mail->take_back((*posts)[0])) {
            note(&(*posts)[0]);
        }
        MODEL_CHECK(mail->put((*posts)[1]));
    });
    spawn("owner", [=] { note(mail->take(0)); });
    spawn("thief", [=] { note(mail->take_any(1, 0)); });
    finish();
    MODEL_CHECK((*got)[0] == 1);
    MODEL_CHECK(mail->any() == ((*got)[1] == 0));
    if ((*got)[1] == 0) {
        MODEL_CHECK(mail->take_any(1, 0) == &(*posts)[1]);
        MODEL_CHECK(!mail->any());
    }
}

// The post of a loop against its launcher, which takes it back or waits for who has taken it; then
// the next loop in the same frame.
void placed_scenario() {
    sched::scheduler& runtime = make_placed_world({0, 1});
    spawn("launcher", [] {
        verb([] {
            for (int round = 0; round < 2; ++round) {
                run_loop(2, nullptr, [](checked_loop&, std::size_t) {});
            }
        });
    });
    finish();
    check_at_end(runtime, 2);
}

// The launcher's element waits until the other one has begun elsewhere, and polls nothing: the post
// alone must bring somebody.
void placed_wake_scenario() {
    sched::scheduler& runtime = make_placed_world({0, 1});
    auto* begun = new event[elements_max];
    spawn("launcher", [=] {
        verb([=] {
            run_loop(2, begun, [](checked_loop& loop, std::size_t k) {
                loop.begun[k].set();
                loop.begun[1 - k].wait();
            });
        });
    });
    finish();
    check_at_end(runtime, 2);
}

// Two launchers, whose posts meet in one mailbox: the second element of each loop must begin
// elsewhere, that of the first loop goes on after that of the second one.
void placed_mailbox_scenario() {
    sched::scheduler& runtime = make_placed_world({0, 0, 1, 1});
    auto* begun = new event[4];
    for (int launcher = 0; launcher < 2; ++launcher) {
        spawn(launcher == 0 ? "launcher 1" : "launcher 2", [=] {
            verb([=] {
                run_loop(2, begun + launcher, [](checked_loop& loop, std::size_t k) {
                    if (k == 1) {
                        loop.begun[0].set();
                        return;
                    }
                    loop.begun[0].wait();
                });
            });
        });
    }
    finish();
    check_at_end(runtime, 4);
}

// With seats, two places on each node, and one part on each: a thief on the launcher's node that
// meets the other part leaves it to the place there that has no post yet, or finds it taken, or
// keeps it; the loop ends beside all that.
void placed_forward_scenario() {
    seats_from_the_start = true;
    sched::scheduler& runtime = make_placed_world({0, 0, 1, 1});
    spawn("launcher",
          [] { verb([] { run_loop(2, nullptr, [](checked_loop&, std::size_t) {}); }); });
    finish();
    check_at_end(runtime, 4);
}

// One place is free for whoever takes a post, and a guest waits for a place: who works for the loop
// gives way between parts, and the launcher goes on.
void placed_ticket_scenario() {
    sched::scheduler& runtime = make_placed_world({0, 1});
    spawn("launcher",
          [] { verb([] { run_loop(2, nullptr, [](checked_loop&, std::size_t) {}); }); });
    spawn("guest", [] { verb([] { run_loop(2, nullptr, [](checked_loop&, std::size_t) {}); }); });
    finish();
    check_at_end(runtime, 2);
}

} // namespace twill::model
