# SPDX-License-Identifier: Apache-2.0
"""twill report: the verdict comes first, JSON has everything, and mistakes are one line."""

import json
import unittest

from twill import Test, run


class Report(Test):
    def test_the_verdict_comes_first(self):
        code, out, err = run("report", self.profile("serial"))
        self.assertEqual((code, err), (0, ""))
        lines = out.splitlines()
        self.assertEqual(lines[0], "VERDICT: a serial section: load")
        self.assertIn("where   of 4.00 s core time (4 workers x 1.00 s wall) 60 % went into tasks",
                      lines[1])
        self.assertIn("  gain    30 % of the wall time, 1.00 s -> 700 ms", out)
        self.assertIn("decode", out)
        _, out, _ = run("report", self.profile("healthy"))
        self.assertTrue(out.startswith("VERDICT: nothing to change\n"), out)

    def test_json(self):
        path = self.profile("serial")
        code, out, _ = run("report", "--json", "-", path)
        self.assertEqual(code, 0)
        made = json.loads(out)
        self.assertEqual(made["verdict"]["cause"], "serial_section")
        self.assertEqual(made["verdict"]["subject"], "load")
        self.assertAlmostEqual(made["verdict"]["gain"], 0.3, places=6)
        self.assertEqual(made["total"]["wall"], 10**9)
        self.assertEqual(made["total"]["workers"][3]["counts"], {"forks": 1000, "steals": 10})
        self.assertEqual([kind["name"] for kind in made["kinds"]], ["decode"])
        self.assertEqual([region["wall"] for region in made["regions"]], [4 * 10**8, 6 * 10**8])
        self.assertEqual([(region["late"], region["late_sum"]) for region in made["regions"]],
                         [(2, 1500000), (0, 0)])
        self.assertIs(made["complete"], True)
        self.assertIsNone(made["strands"])
        self.assertTrue(made["no_dag"])
        self.assertEqual(made["mode"], "kinds")
        for arguments in ([path, "--json"], ["--json", path], ["--json", "-", path]):
            self.assertEqual(run("report", *arguments), (0, out, ""))
        file = self.folder / "report.json"
        code, text, _ = run("report", "--json", file, path)
        self.assertEqual(code, 0)
        self.assertTrue(text.startswith("VERDICT"))
        self.assertEqual(json.loads(file.read_text(encoding="utf-8")), made)

    def test_sections_and_rows(self):
        path = self.profile("serial")
        code, out, _ = run("report", "--only", "kinds,regions", "--rows", 1, path)
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("kind "), out)
        self.assertIn("and 1 more regions; --rows 0 shows all", out)
        self.assertNotIn("VERDICT", out)

    def test_base(self):
        code, out, _ = run("report", "--base", self.profile("healthy", 1000),
                           self.profile("healthy", 1500))
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("VERDICT: work inflation: decode\n"), out)

    def test_what_is_missing_is_said(self):
        _, out, _ = run("report", self.profile("killed"))
        self.assertIn("the file has no end", out)
        _, out, _ = run("report", self.profile("dropped"))
        self.assertIn("5 of 18 events were dropped", out)
        cut = self.folder / "cut.twl"
        cut.write_bytes(self.profile("events").read_bytes()[:-40])
        code, out, _ = run("report", cut)
        self.assertEqual(code, 0)
        self.assertIn("notes\n", out)

    def test_mistakes(self):
        missing = self.folder / "missing.twl"
        code, out, err = run("report", missing)
        self.assertEqual((code, out), (2, ""))
        self.assertTrue(err.startswith(f"{missing}:"), err)
        self.assertIn("No such file or directory", err)
        self.assertEqual(err.count("\n"), 1)
        text = self.folder / "text.twl"
        text.write_text("no profile\n", encoding="utf-8")
        self.refused(f"{text}:0: no profile file of Twill", "report", text)
        self.usage("FILE is required", "report")
        self.usage("--only", "report", "--only", "colours", text)
        self.usage("--rows", "report", "--rows", "-1", text)
        self.usage("A subcommand is required")
        path = self.profile("serial")
        self.refused("/nowhere/x.json: No such file or directory", "report", "--json",
                     "/nowhere/x.json", path)

    def test_help(self):
        for command in ("report", "compare", "export", "record"):
            code, out, err = run(command, "--help")
            self.assertEqual((code, err), (0, ""))
            self.assertIn("Examples:", out)
            self.assertIn(f"twill {command} ", out)


if __name__ == "__main__":
    unittest.main()
