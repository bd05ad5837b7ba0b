# SPDX-License-Identifier: Apache-2.0
"""How a block is run: first runs, settings, rounds, and what is too slow or fails."""

import io
import unittest
from unittest import mock

import fake
import measure
import records
from journal import Journal
from plan import Cell
from progress import Progress


class Blocks(unittest.TestCase):
    def setUp(self):
        self.machine = fake.Machine()
        self.addCleanup(self.machine.close)
        environment = mock.patch.dict("os.environ", FAKE=str(self.machine.path))
        environment.start()
        self.addCleanup(environment.stop)
        self.said = io.StringIO()
        self.journal = Journal(self.machine.path / "state.jsonl")
        self.journal.begin({})
        self.addCleanup(self.journal.close)

    def cells(self, **runtimes):
        self.machine.kernel("fib", runtimes)
        return [Cell("fib", "value", runtime, 2, "g++", 39,
                     (str(self.machine.path / "build" / "bin" / f"fib_{runtime}"),))
                for runtime in runtimes]

    def measure(self, cells, repeat=3, **options):
        measurement = measure.Measurement(self.journal, repeat, Progress(self.said), **options)
        with mock.patch("sys.stderr", io.StringIO()):
            measurement.run([cells])
        return measurement

    def programs(self):
        return [line.split()[0] for line in self.machine.runs()]

    def test_rounds_alternate_after_a_first_run_of_each(self):
        self.measure(self.cells(serial=100, twill=50), loads=False)
        self.assertEqual(self.programs(), [
            "fib_serial", "fib_twill", "fib_serial", "fib_twill", "fib_twill", "fib_serial",
            "fib_serial", "fib_twill"])
        self.assertIn("--least-ms", self.machine.runs()[2])
        self.assertNotIn("--least-ms", self.machine.runs()[0])

    def test_a_twill_program_runs_once_more_for_its_load_table(self):
        cell = self.cells(twill=50)[0]
        self.measure([cell], repeat=1)
        self.assertEqual(self.journal.get("load", cell.key), fake.REPORT)
        self.assertEqual(len(self.programs()), 3)

    def test_peers_are_measured_with_the_best_settings_that_were_found(self):
        tbb, omp = self.cells(tbb=100, omp=100)
        self.measure([tbb, omp], repeat=2)
        self.assertEqual(self.journal.get("settings", tbb.key)["settings"],
                         {"BENCH_TBB_PARTITIONER": "static"})
        self.assertEqual(self.journal.get("settings", omp.key)["settings"],
                         {"BENCH_OPENMP_TASKS": "1", "OMP_WAIT_POLICY": "active"})
        self.assertEqual([run["ms"] for run in self.journal.runs(tbb.key)], [[70], [70]])
        self.assertEqual([run["ms"] for run in self.journal.runs(omp.key)], [[80], [80]])

    def test_untuned_peers_run_with_their_defaults(self):
        tbb, = self.cells(tbb=100)
        self.measure([tbb], repeat=2, tuned=False)
        self.assertEqual(len(self.programs()), 3)
        self.assertIn("partitioner=auto", self.machine.runs()[0])

    def test_what_is_slow_and_far_behind_runs_twice_or_once(self):
        cells = self.cells(twill=100, tbb=6000, omp=40000)
        self.measure(cells, repeat=5, loads=False)
        self.assertEqual([len(self.journal.runs(cell.key)) for cell in cells], [5, 2, 1])
        self.assertEqual(self.journal.get("settings", cells[2].key)["tried"], [])

    def test_what_is_slow_for_all_is_measured_in_full(self):
        cells = self.cells(twill=6000, tbb=9000)
        self.measure(cells, repeat=3, loads=False, tuned=False)
        self.assertEqual([len(self.journal.runs(cell.key)) for cell in cells], [3, 3])

    def test_a_program_that_fails_is_left_out_and_the_others_go_on(self):
        twill, tbb = self.cells(twill=100, tbb=100)
        (self.machine.path / "build" / "bin" / "fib_tbb.fail").write_text("wrong\n",
                                                                          encoding="utf-8")
        self.measure([twill, tbb], repeat=2)
        self.assertEqual(len(self.journal.runs(twill.key)), 2)
        self.assertIn("ended with 1", self.journal.get("lost", tbb.key))
        self.assertIn("is left out", self.said.getvalue())
        self.assertEqual([cell.runtime for cell in records.Block([twill, tbb], self.journal).runs],
                         ["twill"])

    def test_a_run_that_takes_too_long_ends(self):
        cell, = self.cells(tbb=100)
        self.machine.script(self.machine.path / "build" / "bin" / "fib_tbb",
                            "#!/bin/sh\nexec sleep 60\n")
        with mock.patch.object(measure, "MOST_SECONDS", 0.2):
            self.measure([cell])
        self.assertIn("took more than", self.journal.get("lost", cell.key))

    def test_what_is_known_is_not_run_again(self):
        cells = self.cells(serial=100, twill=50, tbb=100)
        self.measure(cells)
        before = len(self.programs())
        self.measure(cells)
        self.assertEqual(len(self.programs()), before)


class Left(unittest.TestCase):
    def test_the_time_left_is_that_of_the_runs_to_come(self):
        twill, serial = (Cell("fib", "value", runtime, 1, "g++", 39, ("p",))
                         for runtime in ("twill", "serial"))
        said = io.StringIO()
        progress = Progress(said, clock=lambda: 0.0)
        progress.expect(twill, 3)
        progress.expect(serial, 2)
        self.assertIsNone(progress.left())
        progress.finish(twill, 10.0)
        self.assertEqual(progress.left(), 2 * 10.0 + 2 * 10.0)
        progress.finish(serial, 4.0)
        self.assertEqual(progress.left(), 2 * 10.0 + 4.0)
        progress.say("fib value: round 1 of 3")
        progress.say("not yet")
        self.assertEqual(said.getvalue(),
                         "  fib value: round 1 of 3; 2 of 5 runs, about 24 s left\n")


if __name__ == "__main__":
    unittest.main()
