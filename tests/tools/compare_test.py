# SPDX-License-Identifier: Apache-2.0
"""--compare: two commits in turn, and what decides."""

import unittest

import fake
import comparison


class Verdict(unittest.TestCase):
    def test_only_an_interval_wholly_beyond_the_tolerance_decides(self):
        for low, high, expected in ((1.04, 1.2, "slower"), (1.02, 1.2, "undecided"),
                                    (0.98, 1.02, "same"), (0.8, 0.96, "faster"),
                                    (0.8, 0.98, "undecided"), (1.03, 1.2, "undecided")):
            self.assertEqual(comparison.verdict(low, high, 0.03), expected, (low, high))


class Command(unittest.TestCase):
    def setUp(self):
        self.machine = fake.Machine()
        self.addCleanup(self.machine.close)

    def compare(self, own, base, *arguments, code=0):
        self.machine.kernel("fib", {"serial": 100, "twill": own})
        self.machine.kernel("uts", {"serial": 100, "twill": 100})
        self.machine.kernel("fib", {"twill": base}, side="base")
        done = self.machine.run("--compare", "HEAD~1", "--kernels", "fib,uts", "--workers", "2",
                                "--repeat", "3", "--json", "o.json", "--html", "o.html",
                                *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_slower_than_the_base(self):
        done = self.compare(120, 100, code=1)
        record, = self.machine.json("o.json")
        self.assertEqual((record["ratio"], record["ratio_low"], record["ratio_high"]),
                         (1.2, 1.2, 1.2))
        self.assertEqual(record["verdict"], "slower")
        self.assertEqual((record["runtime"], record["workers"], record["base"]),
                         ("twill", 2, fake.COMMIT))
        self.assertIn("1 of 1 slower", done.stdout)

    def test_within_the_tolerance_and_beyond_another(self):
        self.compare(102, 100)
        self.compare(102, 100, "--tolerance", "1", code=1)

    def test_faster(self):
        self.compare(80, 100)
        self.assertEqual(self.machine.json("o.json")[0]["verdict"], "faster")

    def test_both_sides_run_in_turn_and_only_twill(self):
        self.compare(100, 100)
        self.assertEqual([line.split()[0] for line in self.machine.runs()], ["fib_twill"] * 8)

    def test_a_kernel_that_the_base_has_not_is_left_out_and_said(self):
        self.assertIn("uts: not in 0123456789ab, left out", self.compare(100, 100).stderr)

    def test_a_page(self):
        self.compare(120, 100, code=1)
        text = (self.machine.path / "o.html").read_text(encoding="utf-8")
        self.assertIn("slower", text)


if __name__ == "__main__":
    unittest.main()
