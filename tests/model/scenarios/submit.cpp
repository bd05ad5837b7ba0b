// SPDX-License-Identifier: Apache-2.0

/// \file
/// Submissions: a thread of the runtime takes the oldest, whoever awaits one takes that one, and
/// the end of the scheduler runs what is left. A submission is freed by the second owner that lets
/// go.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "sched/submission.hpp"

#include <array>

namespace twill::model {
namespace {

struct submit_world {
    std::array<int, 3> ran{};
    std::array<int, 3> freed{};
};

struct checked_submission : sched::submission {
    checked_submission(submit_world& in, std::size_t number)
        : submission(
              [](submission* one) noexcept {
                  auto& self = *static_cast<checked_submission*>(one);
                  MODEL_CHECK(++self.world.ran[self.id] == 1);
                  self.value.write(1);
              },
              [](submission* one) noexcept {
                  auto* self = static_cast<checked_submission*>(one);
                  MODEL_CHECK(++self->world.freed[self->id] == 1);
                  delete self;
              }),
          world(in), id(number) {}

    submit_world& world;
    std::size_t id;
    plain<int> value;
};

checked_submission* submit(sched::scheduler& to, submit_world& world, std::size_t id,
                           std::uint32_t level = sched::normal_level) {
    auto* one = new checked_submission(world, id);
    one->level = level;
    constexpr const char* names[] = {"first", "second", "third"};
    name_it(*one, names[id]);
    to.submit(*one);
    return one;
}

void take_value(sched::scheduler& from, checked_submission* one) {
    auto* self = static_cast<sched::thread_record*>(detail::hot().thread);
    from.await(self, *one);
    MODEL_CHECK(one->value.read() == 1);
    detail::release_slow(*one);
}

void check_all(const submit_world& world, int count) {
    for (int k = 0; k < count; ++k) {
        MODEL_CHECK(world.ran[static_cast<std::size_t>(k)] == 1);
        MODEL_CHECK(world.freed[static_cast<std::size_t>(k)] == 1);
    }
}

} // namespace

// Two threads submit to a runtime with one place, and await at once.
void submit_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new submit_world;
    for (std::size_t k = 0; k < 2; ++k) {
        spawn(k == 0 ? "submitter 1" : "submitter 2",
              [=, &runtime] { take_value(runtime, submit(runtime, *world, k)); });
    }
    finish();
    check_all(*world, 2);
    check_quiescent(runtime, 1);
}

// Three submissions of two levels: one submitter awaits its own at once, the other one the low one
// of its two first.
void submit_levels_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new submit_world;
    spawn("submitter 1",
          [=, &runtime] { take_value(runtime, submit(runtime, *world, 0, sched::low_level)); });
    spawn("submitter 2", [=, &runtime] {
        checked_submission* low = submit(runtime, *world, 1, sched::low_level);
        checked_submission* high = submit(runtime, *world, 2, sched::high_level);
        take_value(runtime, low);
        take_value(runtime, high);
    });
    finish();
    check_all(*world, 3);
    check_quiescent(runtime, 1);
}

// The await comes from a thread with a place, which it gives up for what has begun elsewhere.
void submit_inside_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* world = new submit_world;
    spawn("submitter", [=, &runtime] {
        checked_submission* first = submit(runtime, *world, 0);
        verb([=, &runtime] {
            checked_submission* second = submit(runtime, *world, 1);
            take_value(runtime, first);
            take_value(runtime, second);
        });
    });
    finish();
    check_all(*world, 2);
    check_quiescent(runtime, 1);
}

// Nobody awaits: whatever has not begun is run by the thread that ends the scheduler.
void shutdown_submit_scenario() {
    sched::scheduler* runtime = &make_world(1, 1);
    auto* world = new submit_world;
    spawn("ender", [=] {
        for (std::size_t k = 0; k < 2; ++k) {
            detail::release_slow(*submit(*runtime, *world, k));
        }
        runtime->shut_down();
        destroy_at_once(runtime);
    });
    finish();
    check_all(*world, 2);
    const runtime_threads threads = count_runtime_threads();
    MODEL_CHECK(threads.ended == threads.count);
}

} // namespace twill::model
