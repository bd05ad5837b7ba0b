// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace twill::topology {

/// The CPUs of the calling process' cpuset, version 1 or 2, ascending; none if no file tells,
/// or without memory. A thread's mask is within them, and does not change where it was before.
/// `root` as of cpu_quota(). Some small files.
std::vector<int> cpuset_cpus(const char* root = "") noexcept;

} // namespace twill::topology
