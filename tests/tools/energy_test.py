# SPDX-License-Identifier: Apache-2.0
"""The energy counters, as the kernel lays them out."""

import pathlib
import tempfile
import unittest

import fake  # noqa: F401
from energy import Meter


class Energy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def zone(self, zone, name, used, most=10_000_000):
        folder = self.path / zone
        folder.mkdir(exist_ok=True)
        for file, value in (("name", name), ("energy_uj", used), ("max_energy_range_uj", most)):
            (folder / file).write_text(f"{value}\n", encoding="ascii")

    def test_packages_are_added_up_and_nothing_else(self):
        self.zone("intel-rapl:0", "package-0", 1_000_000)
        self.zone("intel-rapl:1", "package-1", 2_000_000)
        self.zone("intel-rapl:0:0", "core", 500_000)
        meter = Meter(self.path)
        before = meter.read()
        self.zone("intel-rapl:0", "package-0", 3_500_000)
        self.zone("intel-rapl:1", "package-1", 2_250_000)
        self.zone("intel-rapl:0:0", "core", 900_000)
        self.assertEqual(meter.joules_since(before), 2.75)

    def test_a_counter_that_starts_anew(self):
        self.zone("intel-rapl:0", "package-0", 9_000_000)
        meter = Meter(self.path)
        before = meter.read()
        self.zone("intel-rapl:0", "package-0", 1_000_000)
        self.assertEqual(meter.joules_since(before), 2.0)

    def test_a_machine_without_counters(self):
        meter = Meter(self.path / "absent")
        self.assertFalse(meter.readable)
        self.assertEqual(meter.read(), [])


if __name__ == "__main__":
    unittest.main()
