# SPDX-License-Identifier: Apache-2.0
"""The search for the peers' settings."""

import unittest

import fake  # noqa: F401
import settings
from plan import Cell


def cell(runtime, workers=2, flat=False):
    return Cell("fib", "value", runtime, workers, "g++", 39, ("p",), flat=flat)


class Choices(unittest.TestCase):
    def test_twill_and_serial_code_have_nothing_to_set(self):
        for runtime in ("serial", "serial-best", "twill"):
            self.assertEqual(settings.choices(cell(runtime), 2), [])
            self.assertEqual(settings.start(cell(runtime)), {})

    def test_the_schedule_is_for_flat_loops(self):
        names = dict(settings.choices(cell("gomp", flat=True), 2))
        self.assertIn("OMP_SCHEDULE", names)
        self.assertNotIn("OMP_SCHEDULE", dict(settings.choices(cell("gomp"), 2)))
        self.assertEqual(settings.start(cell("omp", flat=True)), {"OMP_SCHEDULE": "static"})
        self.assertEqual(settings.start(cell("omp")), {"BENCH_OPENMP_TASKS": "1"})
        self.assertIn("BENCH_OPENMP_TASKS", dict(settings.choices(cell("omp"), 2)))

    def test_affinity_is_for_flat_loops(self):
        for flat in (False, True):
            partitioners, = dict(settings.choices(cell("tbb", flat=flat), 2)).values()
            self.assertEqual("affinity" in partitioners, flat)

    def test_one_thread_does_not_wait_and_spread_needs_room(self):
        self.assertNotIn("OMP_WAIT_POLICY", dict(settings.choices(cell("omp", 1), 2)))
        self.assertEqual(dict(settings.choices(cell("omp", 2), 2))["OMP_PROC_BIND"], ("close",))
        self.assertEqual(dict(settings.choices(cell("omp", 2), 8))["OMP_PROC_BIND"],
                         ("close", "spread"))

    def test_the_count_is_that_of_the_trials(self):
        for runtime in ("twill", "tbb", "gomp", "omp"):
            tried = settings.search(cell(runtime, flat=True), 8, lambda *_: (1.0, 1.0))[1]
            self.assertEqual(len(tried), settings.count(cell(runtime, flat=True), 8))


class Search(unittest.TestCase):
    def test_it_keeps_what_is_better_and_goes_on_from_there(self):
        def trial(candidate, _limit):
            ms = 100.0
            ms -= 30 * (candidate.get("OMP_SCHEDULE") == "guided")
            ms -= 20 * (candidate.get("OMP_WAIT_POLICY") == "active")
            ms += 50 * (candidate.get("OMP_PROC_BIND") == "close")
            return ms, 0.2

        best, tried = settings.search(cell("gomp", flat=True), 2, trial)
        self.assertEqual(best, {"OMP_SCHEDULE": "guided", "OMP_WAIT_POLICY": "active"})
        self.assertEqual(min(one["ms"] for one in tried), 50.0)

    def test_between_equals_the_default_stays(self):
        best, _ = settings.search(cell("tbb"), 2, lambda *_: (100.0, 0.1))
        self.assertEqual(best, {settings.PARTITIONER: "auto"})

    def test_what_takes_too_long_is_not_taken(self):
        limits = []

        def trial(candidate, limit):
            limits.append(limit)
            return None if candidate[settings.PARTITIONER] == "simple" else (100.0, 3.0)

        best, tried = settings.search(cell("tbb"), 2, trial)
        self.assertEqual(best, {settings.PARTITIONER: "auto"})
        self.assertEqual(limits, [None, 7.0, 7.0])
        self.assertIsNone(tried[1]["ms"])


if __name__ == "__main__":
    unittest.main()
