// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace bench {

/// What the processor packages use, by the counters of the kernel's powercap interface. Most
/// systems let only root read them, and virtual machines have none.
class energy_meter {
public:
    explicit energy_meter(const std::filesystem::path& folder = "/sys/class/powercap");

    /// Begins anew.
    void restart();

    /// Joules of all packages together since the meter was made or restarted. Nothing where no
    /// counter can be read, or where none has moved: they are brought up to date once a
    /// millisecond.
    std::optional<double> joules() const;

private:
    struct package {
        std::filesystem::path counter;
        std::uint64_t range; ///< microjoules after which the counter begins at 0 again
        std::uint64_t start;
    };

    std::vector<package> packages_;
};

} // namespace bench
