# SPDX-License-Identifier: Apache-2.0
"""What the processor packages use, where the kernel tells (powercap, usually root only)."""

import pathlib

FOLDER = pathlib.Path("/sys/class/powercap")


def number(path):
    return int(path.read_text(encoding="ascii"))


class Meter:
    """The energy counters of all packages; `readable` is false where there are none."""

    def __init__(self, folder=FOLDER):
        self.zones = []
        for zone in sorted(pathlib.Path(folder).glob("intel-rapl:*")):
            try:
                if (zone / "name").read_text(encoding="ascii").startswith("package"):
                    number(zone / "energy_uj")
                    self.zones.append((zone / "energy_uj", number(zone / "max_energy_range_uj")))
            except (OSError, ValueError):
                continue

    @property
    def readable(self):
        return bool(self.zones)

    def read(self):
        return [number(counter) for counter, _ in self.zones]

    def joules_since(self, before):
        """What was used since read() gave `before`. A counter starts anew at its range."""
        total = 0
        for (_, most), old, new in zip(self.zones, before, self.read()):
            total += new - old if new >= old else new - old + most
        return total / 1e6
