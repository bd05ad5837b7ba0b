// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twill::model {

void deque_scenario();
void deque_epochs_scenario();
void request_scenario();
void public_bit_scenario();
void spare_scenario();
void place_scenario();
void join_scenario();
void leapfrog_scenario();
void views_scenario();
void chain_scenario();
void park_scenario();
void request_stands_scenario();
void recheck_scenario();
void hand_over_scenario();
void borrowed_place_scenario();
void wanted_scenario();
void ticket_scenario();
void active_scenario();
void active_ticket_scenario();
void shutdown_ticket_scenario();
void shutdown_scenario();
void counted_lock_scenario();
void bag_scenario();
void bag_seen_scenario();
void group_wait_scenario();
void group_relist_scenario();
void group_ticket_scenario();
void group_outside_scenario();
void group_waiters_scenario();
void group_levels_scenario();
void group_levels_outside_scenario();
void submit_scenario();
void submit_levels_scenario();
void submit_inside_scenario();
void shutdown_submit_scenario();
void blocking_scenario();
void blocking_rest_scenario();
void recorded_scenario();
void recorded_off_scenario();
void seat_bit_scenario();
void seats_come_scenario();
void mailbox_scenario();
void placed_scenario();
void placed_wake_scenario();
void placed_mailbox_scenario();
void placed_forward_scenario();
void placed_ticket_scenario();

} // namespace twill::model
