// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"

#include <cstdint>
#include <string>

namespace twill::model {

/// Makes `runtime` the one that verbs of this execution use.
void enter_world(sched::scheduler& runtime);

/// For traces.
void name_record(sched::thread_record& record, const std::string& of);

/// The record that a virtual thread entered with; null if it never did.
sched::thread_record* guest_of(std::uint32_t number);

} // namespace twill::model
