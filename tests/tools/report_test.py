# SPDX-License-Identifier: Apache-2.0
"""The load table of a program, read."""

import unittest

from fake import REPORT
import load_report


class Report(unittest.TestCase):
    def test_columns_rows_and_remarks(self):
        load = load_report.parse(REPORT)
        self.assertEqual(load["columns"], ["worker", "useful", "dispatch", "search", "parked",
                                           "preempted", "taken", "handed"])
        self.assertEqual([row["worker"] for row in load["rows"]], ["0", "1", "all"])
        self.assertEqual(load["rows"][1]["useful"], 45.6)
        self.assertEqual(load["rows"][2]["handed"], 3)
        self.assertTrue(load["title"].startswith("twill: 0.657 s on 2 workers"))
        self.assertIn("verdict: most of them <lost>", load["remarks"])

    def test_a_kernel_that_does_not_count_run_delay_has_no_such_column(self):
        lines = [line.replace(" preempted", "").replace("       0.0  ", "  ")
                 for line in REPORT.splitlines()]
        load = load_report.parse("\n".join(lines))
        self.assertNotIn("preempted", load["columns"])
        self.assertEqual(load["rows"][0]["taken"], 4)

    def test_other_output_before_it(self):
        load = load_report.parse("TWILL_WORKERS: expected an integer\n" + REPORT)
        self.assertEqual(len(load["rows"]), 3)

    def test_no_table(self):
        self.assertIsNone(load_report.parse(""))
        self.assertIsNone(load_report.parse("worker bees\nof no runtime\n"))


if __name__ == "__main__":
    unittest.main()
