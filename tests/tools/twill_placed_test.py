# SPDX-License-Identifier: Apache-2.0
"""Local and remote steals and placed work, from a program by `twill record` to `twill report`."""

import json
import os
import sys
import unittest

PROGRAM = sys.argv.pop()

from twill import Test, run  # pylint: disable=wrong-import-position

COUNTS = ("stolen", "stolen_remote", "placed", "displaced", "stolen_middle", "stolen_far")


class Placed(Test):
    def recorded(self, topology, rounds):
        """The report of the program on this machine, as text and as JSON."""
        path = self.folder / "placed.twl"
        code, _, err = run("record", "--quiet", "-o", path, "--", PROGRAM, rounds,
                           env={**os.environ, "TWILL_TOPOLOGY": topology})
        self.assertEqual((code, err), (0, ""))
        code, text, err = run("report", path)
        self.assertEqual((code, err), (0, ""))
        code, out, err = run("report", "--json", path)
        self.assertEqual((code, err), (0, ""))
        return text, json.loads(out)

    def test_a_machine_with_two_nodes(self):
        text, told = self.recorded("synthetic:pack:2 [numa] l3:1 core:2 pu:1", 200)
        workers = told["total"]["workers"]
        self.assertEqual(len(workers), 4)
        sums = {name: sum(one["counts"][name] for one in workers) for name in COUNTS}
        self.assertGreater(sums["placed"], 0)
        self.assertEqual(told["figures"]["parts_of_placed_loops"],
                         {"placed": sums["placed"], "displaced": sums["displaced"]})
        self.assertEqual(sums["stolen_middle"], 0)  # an L3 cache for each node
        remote = min(sums["stolen_remote"], sums["stolen"])
        far = min(sums["stolen_far"], sums["stolen"])
        self.assertEqual(told["figures"]["steals"],
                         {"local": sums["stolen"] - remote, "remote": remote,
                          "near": sums["stolen"] - far, "middle": 0, "far": far})
        rows = text[text.index("worker        local"):].splitlines()[1:6]
        self.assertEqual([row.split()[0] for row in rows], ["0", "1", "2", "3", "all"])
        self.assertEqual(sum(int(row[40:53]) for row in rows[:4]), sums["placed"])
        self.assertEqual(int(rows[4][40:53]), sums["placed"])

    def test_a_machine_with_one_node(self):
        text, told = self.recorded("synthetic:l3:1 core:2 pu:1", 2)
        self.assertEqual(told["figures"]["parts_of_placed_loops"], {"placed": 0, "displaced": 0})
        steals = told["figures"]["steals"]
        self.assertEqual((steals["remote"], steals["middle"], steals["far"]), (0, 0, 0))
        self.assertEqual(steals["near"], steals["local"])
        self.assertNotIn("remote", text)


if __name__ == "__main__":
    unittest.main()
