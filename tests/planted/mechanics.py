# SPDX-License-Identifier: Apache-2.0
"""The campaign's machinery, on any machine and under any load: every program does its work with
and without its problem, its recording is complete, all sums hold, and what the problem is planted
under is in the tables. What the verdict says depends on what else the machine does, so of that only
the form is tested; campaign.py judges it."""

import sys
import tempfile
import unittest

from programs import CAUSES, PROBLEMS, Runner
from sums import faults

FOLDER = sys.argv.pop()
TWILL = sys.argv.pop()


class Mechanics(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.runner = Runner(TWILL, FOLDER, scratch.name)

    def test_every_program(self):
        for problem in PROBLEMS:
            with self.subTest(problem.program):
                self.runner.run(problem.program, 1, fixed=True)
                told, report = self.runner.recorded(problem.program, 1)
                self.assertTrue(report["complete"])
                self.assertEqual(report["mode"], "kinds")
                self.assertEqual(faults(report), [])
                verdict = report["verdict"]
                for finding in [verdict, *verdict["others"]]:
                    self.assertIn(finding["cause"], CAUSES)
                    self.assertTrue(0 <= finding["gain"] < 1, finding)
                    self.assertTrue(finding["text"] and finding["change"], finding)
                gains = [one["gain"] for one in verdict["others"]]
                self.assertEqual(gains, sorted(gains, reverse=True))
                if problem.names:
                    self.assertIn(told["subject"], [one["name"] for one in report[problem.names]])
                # What the program has timed is in the recording, and little else.
                self.assertGreater(report["total"]["wall"], told["seconds"] * 0.99e9)

    def test_a_seed_says_what_is_planted(self):
        for problem in PROBLEMS:
            one = self.runner.run(problem.program, 2)
            again = self.runner.run(problem.program, 2, fixed=True)
            other = self.runner.run(problem.program, 3)
            self.assertEqual(one["subject"], again["subject"])
            self.assertNotEqual(one["parameters"], other["parameters"])


if __name__ == "__main__":
    unittest.main()
