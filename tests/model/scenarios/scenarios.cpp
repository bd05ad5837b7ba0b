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
    {"counted_lock", "a lock, its count and its sleepers, 3 threads", &counted_lock_scenario},
    {"bag", "put, take the newest and take the oldest: 2 thieves", &bag_scenario},
    {"bag_seen", "2 who look for a task that its owner moves about", &bag_seen_scenario},
    {"group_wait", "a task puts another one in while its waiter sleeps, 2 places",
     &group_wait_scenario},
    {"group_relist", "a bag that empties and fills against a thief's walk", &group_relist_scenario},
    {"group_ticket", "a wait for a group and a ticket, one place", &group_ticket_scenario},
    {"group_outside", "the same as group_wait from outside, one place", &group_outside_scenario},
    {"group_waiters", "2 threads outside put tasks into one group and wait for it",
     &group_waiters_scenario},
    {"submit", "submissions: whoever awaits one against a thread that takes the oldest",
     &submit_scenario},
    {"submit_inside", "an await inside of a verb, one place", &submit_inside_scenario},
    {"shutdown_submit", "submissions against the end of the scheduler", &shutdown_submit_scenario},
    {"blocking", "a blocking section waits for a sibling, one place", &blocking_scenario},
    {"blocking_rest", "a section with more private jobs than the deque takes",
     &blocking_rest_scenario},
};

} // namespace

std::span<const scenario> scenarios() { return all; }

} // namespace twill::model
