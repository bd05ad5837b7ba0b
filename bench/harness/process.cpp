// SPDX-License-Identifier: Apache-2.0
#include "harness/process.hpp"

#include <fstream>
#include <string>
#include <sys/resource.h>

namespace bench {

usage read_usage() {
    rusage value{};
    getrusage(RUSAGE_SELF, &value);
    const auto milliseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return {milliseconds(value.ru_utime) + milliseconds(value.ru_stime), value.ru_nivcsw};
}

long status_value(const char* name) {
    std::ifstream status("/proc/self/status");
    const std::string wanted = std::string(name) + ":";
    for (std::string word; status >> word;) {
        long value = -1;
        if (word == wanted && status >> value) {
            return value;
        }
    }
    return -1;
}

} // namespace bench
