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
void ticket_scenario();
void active_scenario();
void active_ticket_scenario();
void shutdown_ticket_scenario();
void shutdown_scenario();

} // namespace twill::model
