// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/thread_record.hpp"

namespace twill::sched {

/// A recording of the calling thread's events begins, in this record of its: so do the regions that
/// the thread is in.
void record_open_regions(thread_record& self) noexcept;

} // namespace twill::sched
