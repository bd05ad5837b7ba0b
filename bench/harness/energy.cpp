// SPDX-License-Identifier: Apache-2.0
#include "harness/energy.hpp"

#include <fstream>
#include <string>
#include <system_error>

namespace bench {
namespace {

template <class Value>
std::optional<Value> first_word(const std::filesystem::path& path) {
    std::ifstream file(path);
    Value value{};
    if (file >> value) {
        return value;
    }
    return std::nullopt;
}

} // namespace

energy_meter::energy_meter(const std::filesystem::path& folder) {
    std::error_code absent;
    for (const auto& zone : std::filesystem::directory_iterator(folder, absent)) {
        // A package's own zones, its cores among them, are listed beside it and are part of it.
        const auto name = first_word<std::string>(zone.path() / "name");
        if (!name || !name->starts_with("package")) {
            continue;
        }
        const auto range = first_word<std::uint64_t>(zone.path() / "max_energy_range_uj");
        const auto now = first_word<std::uint64_t>(zone.path() / "energy_uj");
        if (range && now) {
            packages_.push_back({zone.path() / "energy_uj", *range, *now});
        }
    }
}

void energy_meter::restart() {
    for (package& one : packages_) {
        one.start = first_word<std::uint64_t>(one.counter).value_or(one.start);
    }
}

std::optional<double> energy_meter::joules() const {
    std::uint64_t sum = 0;
    for (const package& one : packages_) {
        const auto now = first_word<std::uint64_t>(one.counter);
        if (!now) {
            return std::nullopt;
        }
        sum += *now >= one.start ? *now - one.start : *now + one.range - one.start;
    }
    if (sum == 0) {
        return std::nullopt;
    }
    return static_cast<double>(sum) / 1e6;
}

} // namespace bench
