// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace twill::os {

/// What the processor packages use, by the energy counters that the kernel shows below
/// /sys/class/powercap (RAPL; Linux, Documentation/power/powercap). One thread at a time.
class energy_meter {
public:
    /// As many packages are read; a machine with more has its energy reported absent.
    static constexpr std::size_t packages_max = 64;

    /// Looks which counters there are, and reads them for the first time.
    /// \param folder  where they are; outlives the meter.
    /// \param now     in nanoseconds, as in read()
    void open(const char* folder, std::int64_t now) noexcept;

    /// Whether there is anything to read.
    [[nodiscard]] bool readable() const noexcept { return count_ > 0; }

    /// Why there is not, or why the last reading failed, as a sentence without its end; nullptr if
    /// all is well.
    [[nodiscard]] const char* absent() const noexcept { return absent_; }

    /// Reads all counters: three system calls a package. False if one could not be read.
    bool read(std::int64_t now) noexcept;

    /// Of all packages together, counted since open().
    [[nodiscard]] double joules() const noexcept { return joules_; }

    /// The number of times that so much time lay between two readings that a counter may have
    /// passed its range more than once: what was used then is not in joules().
    [[nodiscard]] std::uint32_t gaps() const noexcept { return gaps_; }

private:
    struct package {
        std::uint32_t zone;  // the number in its folder's name
        std::uint64_t range; // microjoules after which the counter begins at 0 again
        std::uint64_t last;  // microjoules
    };
    bool add(std::uint32_t zone) noexcept;
    bool read_file(std::uint32_t zone, const char* file, std::uint64_t& value) noexcept;

    const char* folder_ = nullptr;
    const char* absent_ = "it is counted from the start of the default runtime on";
    package packages_[packages_max]{};
    std::size_t count_ = 0;
    std::int64_t read_at_ = 0;
    double joules_ = 0;
    std::uint32_t gaps_ = 0;
};

} // namespace twill::os
