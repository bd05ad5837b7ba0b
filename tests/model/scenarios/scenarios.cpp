// SPDX-License-Identifier: Apache-2.0
#include "scenarios/scenarios.hpp"

#include "scenarios/inside.hpp"
#include "simulator/scenario.hpp"

namespace twill::model {
namespace {

// The same with seats from the beginning, and a group of cores for each place but one.
template <void (*Scenario)()>
void seated() {
    seats_from_the_start = true;
    Scenario();
}

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
    {"wanted", "a loop wakes several at once, a place is borrowed, and a guest comes",
     &wanted_scenario},
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
    {"group_levels", "a high task waits for a low one, 2 places", &group_levels_scenario},
    {"group_levels_outside", "2 threads outside put tasks of 2 levels into one group",
     &group_levels_outside_scenario},
    {"submit_levels", "submissions of 2 levels, and whoever awaits the lower ones",
     &submit_levels_scenario},
    {"submit", "submissions: whoever awaits one against a thread that takes the oldest",
     &submit_scenario},
    {"submit_inside", "an await inside of a verb, one place", &submit_inside_scenario},
    {"shutdown_submit", "submissions against the end of the scheduler", &shutdown_submit_scenario},
    {"blocking", "a blocking section waits for a sibling, one place", &blocking_scenario},
    {"blocking_rest", "a section with more private jobs than the deque takes",
     &blocking_rest_scenario},
    {"recorded", "recordings begin and end under an owner and an asker", &recorded_scenario},
    {"recorded_off", "the same, and none goes on at the end", &recorded_off_scenario},
    {"seat_bit", "the bit of a place with 2 holders in turn, cleaned by 2 thieves",
     &seat_bit_scenario},
    {"seats_come", "seats come under a producer", &seats_come_scenario},
    {"seated_park", "park, with seats", &seated<park_scenario>},
    {"seated_recheck", "recheck, with seats", &seated<recheck_scenario>},
    {"seated_hand_over", "hand_over, with seats", &seated<hand_over_scenario>},
    {"seated_active", "active, with seats", &seated<active_scenario>},
    {"seated_group_wait", "group_wait, with seats", &seated<group_wait_scenario>},
    {"seated_blocking_rest", "blocking_rest, with seats", &seated<blocking_rest_scenario>},
    {"seated_shutdown", "shutdown, with seats", &seated<shutdown_scenario>},
    {"mailbox", "a mailbox: 2 takers against whoever puts in and takes back", &mailbox_scenario},
    {"placed", "the post of a placed loop against its launcher, twice", &placed_scenario},
    {"placed_wake", "an element waits for one that is posted", &placed_wake_scenario},
    {"placed_mailbox", "2 launchers whose posts meet in one mailbox", &placed_mailbox_scenario},
    {"placed_forward", "a part that a thief leaves to its node", &placed_forward_scenario},
    {"placed_ticket", "2 placed loops, a ticket, 2 places", &placed_ticket_scenario},
};

} // namespace

std::span<const scenario> scenarios() { return all; }

} // namespace twill::model
