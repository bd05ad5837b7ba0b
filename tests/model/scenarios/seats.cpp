// SPDX-License-Identifier: Apache-2.0

/// \file
/// Seats: the bit of a place against those who sit down on it, stand up and clean it; seats that
/// come while threads run; and other scenarios with a group of cores for each place.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "scenarios/task_tree.hpp"
#include "simulator/virtual_os.hpp"

#include <array>

namespace twill::model {

// One place: a thread publishes and takes back there, and stands up; the next sits down, publishes
// and stays. Two thieves clean meanwhile. Of what is left there is a bit: of the seat, or its own.
void seat_bit_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    give_seats(runtime);
    sched::thread_record* first = runtime.table().add(runtime, true);
    sched::thread_record* second = runtime.table().add(runtime, true);
    spawn("owners", [=, &runtime] {
        std::array<detail::job, 2> frame;
        const auto publish = [&](sched::thread_record& self, detail::job& one) {
            detail::hot().place = 0;
            inside::sit(runtime, self);
            const std::array<detail::job*, 1> newest = {&one};
            self.deque.publish(newest);
            inside::set_public(runtime, self);
        };
        publish(*first, frame[0]);
        static_cast<void>(first->deque.take_back(&frame[0]));
        inside::stand_up(runtime, *first);
        publish(*second, frame[1]);
        detail::hot().place = -1;
        wait_until_quiet(); // what was published last is still there, or it was taken
    });
    for (const char* name : {"thief 1", "thief 2"}) {
        spawn(name, [=, &runtime] {
            sched::thread_record* const holder = inside::holder(runtime, 0);
            if (holder == nullptr || !holder->may_be_public()) {
                inside::clean_seat(runtime, 0);
            }
        });
    }
    finish();
    MODEL_CHECK(second->deque.empty() || inside::has_public_bit(runtime, *second));
}

// Seats come under a producer whose forks wait for somebody else to run their second half.
void seats_come_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* tree = new task_tree{task_tree::root, 0, 0, 0, 0};
    spawn_producer(*tree);
    spawn("seats", [=, &runtime] { give_seats(runtime); });
    finish();
    tree->check_all_ran();
    check_quiescent(runtime, 2);
}

} // namespace twill::model
