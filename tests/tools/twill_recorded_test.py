# SPDX-License-Identifier: Apache-2.0
"""From a program by `twill record` to `twill report --json`: what it did is what is told."""

import collections
import json
import os
import sys
import unittest

PROGRAM = sys.argv.pop()

from twill import Test, run  # pylint: disable=wrong-import-position


def by(key, rows):
    return {row[key]: row for row in rows}


class Recorded(Test):
    def told(self, mode, **environment):
        path = self.folder / f"{mode}{len(environment)}.twl"
        path.unlink(missing_ok=True)
        code, _, err = run("record", "--quiet", "--mode", mode, "-o", path, "--", PROGRAM,
                           env=dict(os.environ, **environment))
        self.assertEqual((code, err), (0, ""))
        code, out, err = run("report", "--json", path)
        self.assertEqual((code, err), (0, ""))
        return json.loads(out)

    def test_responses_by_level(self):
        for mode in ("counters", "kinds", "full"):
            levels = by("priority", self.told(mode)["responses"])
            self.assertEqual({name: (row["count"], row["late"]) for name, row in levels.items()},
                             {"high": (2, 0), "normal": (3, 0), "low": (4, 4)})
            for row in levels.values():
                self.assertGreaterEqual(row["longest"], 100_000)

    def test_other_runtimes(self):
        for mode in ("counters", "full"):
            told = self.told(mode)
            (beside,) = told["runtimes"]
            self.assertEqual((beside["number"], beside["name"]), (1, "twill"))
            (worker,) = beside["total"]["workers"]
            self.assertGreaterEqual(worker["useful"] + (worker["preempted"] or 0), 900_000)
            self.assertEqual(worker["counts"]["tasks"], 9)

    def test_blocked_threads(self):
        for mode in ("counters", "full"):
            threads = self.told(mode)["threads"]
            numbers = [one["number"] for one in threads]
            self.assertEqual(numbers, sorted(set(numbers)))
            main = max(threads, key=lambda one: one["blocked"] if one["from_outside"] else 0)
            self.assertGreaterEqual(main["blocked"], 5_000_000)
            self.assertGreaterEqual(main["blocks"], 1)

    def test_a_program_with_a_runtime_of_its_own_alone(self):
        path = self.folder / "own.twl"
        code, _, err = run("record", "-o", path, "--", PROGRAM, "own")
        self.assertEqual(code, 0)
        self.assertIn('verdict on runtime 1, "pool": ', err)
        code, out, err = run("report", "--json", path)
        self.assertEqual((code, err), (0, ""))
        told = json.loads(out)
        self.assertEqual(told["verdict"]["runtime"], 1)
        self.assertEqual([one["name"] for one in told["runtimes"]], ["pool"])
        busy = sum(one["useful"] + (one["preempted"] or 0)
                   for one in told["runtimes"][0]["total"]["workers"])
        self.assertGreaterEqual(busy, 100_000_000)
        self.assertLessEqual(abs(told["figures"]["total_load"]
                                 - told["verdict"]["accounts"]["useful"]), 1)
        _, out, _ = run("report", path)
        self.assertIn('figures of runtime 1, "pool"', out)
        self.assertIn('all of runtime 1, "pool"', out)

    def test_strands_of_a_runtime_of_its_own(self):
        path = self.folder / "own.twl"
        code, _, err = run("record", "--quiet", "--mode", "full", "-o", path, "--", PROGRAM, "own")
        self.assertEqual((code, err), (0, ""))
        _, out, _ = run("report", "--json", path)
        told = json.loads(out)
        self.assertIsNone(told["strands"])
        (pool,) = told["runtimes"]
        self.assertEqual(pool["no_dag"], "")
        self.assertEqual((pool["dropped"], pool["events"]), (0, told["events"]))
        useful = sum(one["useful"] + (one["preempted"] or 0) for one in pool["total"]["workers"])
        strands = pool["strands"]
        self.assertGreaterEqual(strands["work"], 100_000_000)
        self.assertLessEqual(strands["work"], 1.02 * useful)
        # Fifty loops, one after the other, of one block at least each.
        self.assertGreaterEqual(strands["span"], 50 * 20_000)
        self.assertLessEqual(strands["span"], strands["work"])
        self.assertGreaterEqual(strands["strands"], 50)
        self.assertGreater(told["figures"]["parallelism"], 0)
        _, out, _ = run("report", "--only", "runtimes", path)
        self.assertIn("work T1 = ", out)
        _, out, _ = run("export", path, "--csv", "-o", "-")
        self.assertEqual({line.rsplit(",", 1)[1] for line in out.splitlines()[1:]}, {"1"})

    def test_kinds_and_regions(self):
        for mode in ("kinds", "full"):
            told = self.told(mode)
            kinds = by("name", told["kinds"])
            self.assertEqual(kinds["heavy"]["count"], 10)
            self.assertGreaterEqual(kinds["heavy"]["longest"], 450_000)
            self.assertEqual((kinds["bad"]["count"], kinds["bad"]["errors"]), (10, 10))
            self.assertGreaterEqual(kinds["light"]["total"], 5_000_000)
            self.assertEqual(by("name", told["regions"])["all/step"]["count"], 10)
            self.assertEqual(by("name", told["regions"])["all"]["count"], 1)
            self.assertEqual(by("name", told["regions"])["all/step"]["late"], 10)
            self.assertGreaterEqual(by("name", told["regions"])["all/step"]["late_sum"], 5_000_000)
            self.assertEqual(by("name", told["regions"])["all"]["late"], 0)
        self.assertEqual(self.told("counters")["kinds"], [])

    def test_kinds_and_regions_as_slices(self):
        path, made = self.folder / "full.twl", self.folder / "full.json"
        code, _, err = run("record", "--quiet", "--mode", "full", "-o", path, "--", PROGRAM)
        self.assertEqual((code, err), (0, ""))
        code, _, err = run("export", path, "--chrome", "-o", made)
        self.assertEqual((code, err), (0, ""))  # every begin has its end
        events = json.loads(made.read_text())["traceEvents"]
        begun = collections.Counter((one["cat"], one["name"]) for one in events
                                    if one["ph"] == "B")
        self.assertEqual(begun["kind", "heavy"], 10)
        self.assertEqual(begun["kind", "bad"], 10)
        self.assertGreaterEqual(begun["kind", "light"], 10)
        self.assertGreaterEqual(begun["region", "step"], 10)
        self.assertEqual({name for category, name in begun if category in ("kind", "region")},
                         {"heavy", "bad", "light", "all", "step"})
        code, out, _ = run("export", path, "--folded", "-o", "-")
        self.assertEqual(code, 0)
        folded = dict(line.rsplit(" ", 1) for line in out.splitlines())
        self.assertGreaterEqual(int(folded["all;step;light"]), 5_000_000)
        # Whoever takes a task that was put in outside of verbs does not know of the region.
        heavy = sum(int(time) for stack, time in folded.items()
                    if stack in ("heavy", "all;step;heavy"))
        self.assertGreaterEqual(heavy, 4_500_000)

    def test_energy_is_absent_or_some(self):
        told = self.told("kinds")
        self.assertTrue(told["joules"] is None or told["joules"] > 0)
        self.assertEqual(told["joules"] is None, told["hardware"]["joules_absent"] is not None)

    def test_counts_of_the_processor_or_why_not(self):
        told = self.told("counters")
        self.assertEqual(told["hardware"]["counters_absent"], "TWILL_COUNTERS=1 was not set")
        self.assertEqual(len(told["hardware"]["workers"]), len(told["total"]["workers"]))
        told = self.told("counters", TWILL_COUNTERS="1")["hardware"]
        counted = [one["instructions"] for one in told["workers"]]
        if told["counters_absent"] is None:
            self.assertGreater(sum(counted), 100_000)
        else:
            self.assertNotIn("was not set", told["counters_absent"])

    def test_program_and_places(self):
        told = self.told("counters")
        machine = told["machine"]
        self.assertEqual(machine["build_id"] is None, machine["no_build_id"] is not None)
        self.assertEqual(len(machine["workers"]) == 0, machine["no_places"] is not None)
        described = self.told("counters", TWILL_WORKERS="4",
                              TWILL_TOPOLOGY="synthetic:pack:2 [numa] l3:1 core:2 pu:1")["machine"]
        self.assertEqual(described["build_id"], machine["build_id"])
        if described["no_places"] is None:  # there is hwloc
            self.assertEqual(sorted(one["pu"] for one in described["workers"]), [0, 1, 2, 3])
            self.assertEqual({one["node"] for one in described["workers"]}, {0, 1})
            self.assertEqual({one["l3"] for one in described["workers"]}, {0, 1})

    def test_rates_and_errors(self):
        figures = self.told("counters")["figures"]
        self.assertGreaterEqual(figures["tasks"], 20)
        self.assertGreater(figures["throughput"], 0)
        self.assertAlmostEqual(figures["error_rate"], 10 / figures["tasks"], places=6)
        self.assertTrue(0 < figures["utilisation"] <= 1)
        for row in self.told("kinds")["responses"]:
            self.assertGreaterEqual(row["mean"], 100_000)
            self.assertLessEqual(row["mean"], row["longest"])
            self.assertEqual(row["errors"], 0)
            self.assertEqual(row["late_sum"] > 0, row["late"] > 0)

    def test_the_text_has_them(self):
        path = self.folder / "text.twl"
        code, _, _ = run("record", "--quiet", "-o", path, "--", PROGRAM)
        self.assertEqual(code, 0)
        _, out, _ = run("report", path)
        for words in ("thread  system id", "the program's", "responses ", "high ", "normal ", "low ", "all/step", "heavy", "1, twill: ",
                      "beside the default one"):
            self.assertIn(words, out)


if __name__ == "__main__":
    unittest.main()
