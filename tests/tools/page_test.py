# SPDX-License-Identifier: Apache-2.0
"""The page: well-formed, whole without a network, and readable without its pictures."""

import re
import unittest
from html.parser import HTMLParser

from fake import REPORT
import load_report
import page

VOID = {"meta", "rect", "line", "path", "br"}
ABOUT = {"date": "2026-01-02", "cpu": "A & B", "cores": 2, "kernel": "Linux", "commit": "0123456",
         "command": "tools/bench --kernels <fib>", "compilers": {"g++": "g++ 12"}}


class Reader(HTMLParser):
    """Checks that tags match, and keeps tags, ids, references and text."""

    def __init__(self, content):
        super().__init__()
        self.open, self.tags, self.ids, self.references, self.text = [], [], [], [], ""
        self.feed(content)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.references += attributes.get("aria-labelledby", "").split()
        self.references += [attributes["href"].removeprefix("#")] if "href" in attributes else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.text += data

    def count(self, tag, **attributes):
        return sum(found == tag and all(has.get(key) == value for key, value in attributes.items())
                   for found, has in self.tags)


def record(runtime, ms, workers=1, **changes):
    return {"kernel": "fib", "variant": "value", "runtime": runtime, "workers": workers,
            "compiler": "g++", "n": 39, "ms_median": ms, "ms_min": 0.9 * ms, "spread": 0.01,
            "t1_over_ts": 1.5, "speedup": 1.0, "ratio_to_best_peer": None, "peak_rss_kib": 4096,
            "cpu_ms": ms, "energy_j": None, "settings": {"OMP_WAIT_POLICY": "active"},
            "load": load_report.parse(REPORT) if runtime == "twill" else None, **changes}


class Results(unittest.TestCase):
    def setUp(self):
        self.blocks = [[record("serial", 100.0), record("twill", 120.0),
                        record("twill", 60.0, 2, load=None), record("gomp", 900.0, 2)]]
        self.content = page.results(self.blocks, ABOUT, ["mean 1.5"])
        self.page = Reader(self.content)

    def test_every_reference_has_its_target_and_every_id_is_there_once(self):
        self.assertEqual(sorted(set(self.page.ids)), sorted(self.page.ids))
        self.assertTrue(set(self.page.references))
        self.assertLessEqual(set(self.page.references), set(self.page.ids))

    def test_nothing_comes_from_elsewhere(self):
        self.assertIsNone(re.search(r"https?:|@import|url\(|<script|<link|<img", self.content))

    def test_both_colour_schemes(self):
        self.assertIn("prefers-color-scheme: dark", self.content)
        self.assertEqual(self.page.count("html", lang="en"), 1)

    def test_a_picture_for_each_number_of_workers_with_a_title_and_a_description(self):
        self.assertEqual(self.page.count("svg", role="img"), 2)
        self.assertEqual(self.page.count("desc"), 2)
        self.assertIn("serial 100.00 ms; twill 120.00 ms", self.page.text)
        self.assertEqual(self.page.count("rect", **{"class": "bar gomp"}), 1)

    def test_bars_are_as_long_as_their_times_and_a_long_one_is_cut(self):
        width = {has["class"]: float(has["width"]) for tag, has in self.page.tags
                 if tag == "rect" and has["class"] in ("bar serial", "bar gomp")}
        twill = [float(has["width"]) for tag, has in self.page.tags
                 if tag == "rect" and has["class"] == "bar twill"]
        self.assertAlmostEqual(width["bar serial"] / twill[0], 100 / 120, places=3)
        self.assertAlmostEqual(width["bar gomp"] / twill[1], 4, places=3)
        self.assertIn("Bars longer than 4 times the shortest are cut.", self.page.text)

    def test_the_figures_stand_in_a_table_too(self):
        self.assertIn("900.00", self.page.text)
        self.assertIn("OMP_WAIT_POLICY=active", self.page.text)
        self.assertEqual(self.page.count("caption"), 2)
        self.assertGreater(self.page.count("th", scope="row"), 0)

    def test_the_load_of_each_twill_run(self):
        self.assertIn("Load of Twill, g++, 1 worker:", self.page.text)
        self.assertIn("most of them <lost> in the serial part", self.page.text)
        self.assertIn("No load table of Twill, g++, 2 workers.", self.page.text)

    def test_machine_and_command_are_text_and_not_markup(self):
        self.assertIn("tools/bench --kernels <fib>", self.page.text)
        self.assertIn("A & B, 2 cores", self.page.text)
        self.assertIn("mean 1.5", self.page.text)


class Comparison(unittest.TestCase):
    def test_a_row_for_each_comparison(self):
        one = {"kernel": "fib", "variant": "value", "compiler": "g++", "runtime": "twill",
               "workers": 2, "ms_median": 90.0, "base_ms_median": 100.0, "ratio": 0.9,
               "ratio_low": 0.88, "ratio_high": 0.93, "verdict": "faster"}
        found = Reader(page.comparison([one], ABOUT, ["0 of 1 slower"]))
        for word in ("90.00", "100.00", "0.880", "faster", "0 of 1 slower"):
            self.assertIn(word, found.text)


if __name__ == "__main__":
    unittest.main()
