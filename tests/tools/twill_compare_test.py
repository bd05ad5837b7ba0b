# SPDX-License-Identifier: Apache-2.0
"""twill compare: exit code 1 on a regression, and which account moved."""

import json
import unittest

from twill import Test, run


class Compare(Test):
    def side(self, *times):
        return ",".join(str(self.profile("healthy", time)) for time in times)

    def test_exit_codes(self):
        for after, gate, expected in ((1000, "5%", 0), (1040, "5%", 0), (1100, "5%", 1),
                                      (1100, "15", 0), (900, "0%", 0), (1001, "0%", 1)):
            with self.subTest(after=after, gate=gate):
                code, out, err = run("compare", "--gate", gate, self.side(1000), self.side(after))
                self.assertEqual((code, err), (expected, ""))
                self.assertEqual(out.startswith("REGRESSION"), expected == 1)

    def test_several_a_side(self):
        before = self.side(1000, 1010, 990, 1005)
        code, out, _ = run("compare", "--json", "-", before, self.side(1200, 1210, 1190))
        self.assertEqual(code, 1)
        made = json.loads(out)
        self.assertEqual(made["profiles"], {"before": 4, "after": 3})
        low, high = made["interval"]
        self.assertTrue(1.17 < low <= made["ratio"] <= high < 1.23, out)
        self.assertEqual(made["account"], "useful")
        self.assertEqual(made["verdict_after"]["cause"], "work_inflation")
        self.assertEqual(made["verdict_after"]["subject"], "decode")
        self.assertEqual(run("compare", "--json", "-", before, self.side(1200, 1210, 1190))[1], out)
        # Within the noise of both sides there is no regression, however large the ratio.
        code, out, _ = run("compare", self.side(1000, 1300, 800), self.side(1100, 850, 1400))
        self.assertEqual(code, 0)
        self.assertIn("the interval contains 1", out)

    def test_files_by_options(self):
        odd = self.profile("healthy", 1000, "a,b.twl")
        code, out, _ = run("compare", "--before", odd, "--before", odd, "--after", odd)
        self.assertEqual(code, 0)
        self.assertIn("2 before, 1 after", out)

    def test_mistakes(self):
        one = self.side(1000)
        self.usage("a profile before and one after", "compare", one)
        self.usage('--gate: expected 0% to 1000%, got "five"', "compare", "--gate", "five", one,
                   one)
        self.usage("--gate", "compare", "--gate=-1%", one, one)
        self.usage("--gate", "compare", "--gate", "nan", one, one)
        missing = self.folder / "missing.twl"
        code, out, err = run("compare", one, missing)
        self.assertEqual((code, out), (2, ""))
        self.assertTrue(err.startswith(f"{missing}:"), err)


if __name__ == "__main__":
    unittest.main()
