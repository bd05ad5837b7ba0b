// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before the library's header of the same name on the include path: runtime/sched/inbox.cpp
/// then gets a queue whose operations are one step of a virtual thread each.

#include "simulator/shared.hpp"

namespace oneapi::tbb {

template <class T, class Allocator>
using concurrent_queue = twill::model::atomic_queue<T>;

} // namespace oneapi::tbb
