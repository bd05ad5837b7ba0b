// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Twill, a work-stealing task runtime: all of its public headers.

#include "twill/blocking.hpp"
#include "twill/deadline.hpp"
#include "twill/future.hpp"
#include "twill/load.hpp"
#include "twill/options.hpp"
#include "twill/parallel_for.hpp"
#include "twill/parallel_invoke.hpp"
#include "twill/parallel_reduce.hpp"
#include "twill/per_thread.hpp"
#include "twill/priority.hpp"
#include "twill/reducer.hpp"
#include "twill/runtime.hpp"
#include "twill/task_group.hpp"
#include "twill/worker.hpp"
