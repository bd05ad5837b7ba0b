// SPDX-License-Identifier: Apache-2.0
#include "scenarios/scenarios.hpp"

#include "simulator/scenario.hpp"

namespace twill::model {
namespace {

constexpr scenario all[] = {
    {"deque", "publish, take back and steal: 2 thieves with 3 tries each", &deque_scenario},
    {"deque_epochs", "two roots at the same addresses, a thief of one only",
     &deque_epochs_scenario},
    {"request", "2 askers against the polls of an owner", &request_scenario},
    {"public_bit", "the bit of a thread with public jobs, cleaned by 2 thieves",
     &public_bit_scenario},
    {"spare", "the stack of spare threads, 3 threads", &spare_scenario},
    {"place", "places and their numbers, 3 threads", &place_scenario},
    {"join", "the end of a stolen child against its join", &join_scenario},
    {"leapfrog", "leapfrog, take back and steal below a child that ends", &leapfrog_scenario},
    {"views", "a reducer's views below a child that ends", &views_scenario},
    {"chain", "a leapfrog down a chain whose end begins another root", &chain_scenario},
    {"park", "2 sleepers and 2 producers", &park_scenario},
    {"recheck", "a producer against a thread that goes to sleep", &recheck_scenario},
    {"request_stands", "a producer that pauses is asked by then", &request_stands_scenario},
    {"hand_over", "a blocked join gives its place to a ticket and resumes", &hand_over_scenario},
    {"borrowed_place", "a ticket that comes while a waker borrows a place",
     &borrowed_place_scenario},
    {"ticket", "3 guests and one place", &ticket_scenario},
    {"active", "the number of active workers changes under a producer", &active_scenario},
    {"active_ticket", "a ticket waits for the number of active workers to grow",
     &active_ticket_scenario},
    {"shutdown_ticket", "tickets against the end of the scheduler, one place",
     &shutdown_ticket_scenario},
    {"shutdown", "guests and threads against the end of the scheduler, 2 places",
     &shutdown_scenario},
};

} // namespace

std::span<const scenario> scenarios() { return all; }

} // namespace twill::model
