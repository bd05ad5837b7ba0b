// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/folder.hpp"

#include <string>

namespace twill::testing_support {

/// A machine whose quota is what the test says.
class quota_of {
public:
    quota_of() {
        machine_.write("/proc/self/cgroup", "0::/\n");
        machine_.write("/proc/self/mountinfo",
                       "30 22 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n");
    }
    void set(const std::string& cpu_max) const {
        machine_.write("/sys/fs/cgroup/cpu.max", cpu_max);
    }
    [[nodiscard]] const char* root() const { return machine_.path().c_str(); }

private:
    folder machine_;
};

} // namespace twill::testing_support
