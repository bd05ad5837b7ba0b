// SPDX-License-Identifier: Apache-2.0
// The meter over a folder made like the kernel's.
#include "harness/energy.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

int failures = 0;

void expect(bool right, const char* what) {
    if (!right) {
        std::printf("wrong: %s\n", what);
        ++failures;
    }
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text << '\n'; }

void make_zone(const fs::path& zone, const std::string& name, const std::string& microjoules) {
    fs::create_directories(zone);
    write(zone / "name", name);
    write(zone / "max_energy_range_uj", "262143328850");
    write(zone / "energy_uj", microjoules);
}

bool is(std::optional<double> joules, double wanted) {
    return joules && std::abs(*joules - wanted) < 1e-9;
}

} // namespace

int main() {
    const fs::path folder =
        fs::temp_directory_path() / ("bench-energy-" + std::to_string(getpid()));
    expect(!bench::energy_meter(folder).joules(), "no folder, no energy");
    fs::create_directories(folder);
    expect(!bench::energy_meter(folder).joules(), "no zone, no energy");

    make_zone(folder / "intel-rapl:0", "package-0", "1000000");
    make_zone(folder / "intel-rapl:0:0", "core", "500000");
    make_zone(folder / "intel-rapl:1", "package-1", "262143328000");
    make_zone(folder / "intel-rapl:2", "psys", "7");
    bench::energy_meter meter(folder);
    expect(!meter.joules(), "counters that stand still say nothing");

    write(folder / "intel-rapl:0/energy_uj", "3500000");
    write(folder / "intel-rapl:0:0/energy_uj", "2500000");
    write(folder / "intel-rapl:2/energy_uj", "9000000");
    expect(is(meter.joules(), 2.5), "only packages count");

    write(folder / "intel-rapl:1/energy_uj", "1499150");
    expect(is(meter.joules(), 4.0), "a counter goes on after its range");

    meter.restart();
    expect(!meter.joules(), "restart begins anew");
    write(folder / "intel-rapl:0/energy_uj", "3600000");
    expect(is(meter.joules(), 0.1), "what is used after restart");

    fs::remove(folder / "intel-rapl:0/energy_uj");
    expect(!meter.joules(), "a counter that is gone leaves nothing to say");
    fs::remove_all(folder);
    return failures == 0 ? 0 : 1;
}
