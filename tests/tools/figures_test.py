# SPDX-License-Identifier: Apache-2.0
"""Medians, spreads, means and the bootstrap interval, on numbers that can be checked by hand."""

import random
import unittest

import fake  # noqa: F401
import figures


class Figures(unittest.TestCase):
    def test_a_series_has_the_median_over_rounds_the_least_and_half_the_distance_of_quartiles(self):
        series = figures.series([{"ms": [one]} for one in (30.0, 10.0, 20.0, 40.0, 50.0)])
        summary = series.summary()
        self.assertEqual(summary["ms_median"], 30.0)
        self.assertEqual(summary["ms_min"], 10.0)
        self.assertAlmostEqual(summary["spread"], (45 - 15) / 2 / 30)
        self.assertEqual(summary["ms"], [30.0, 10.0, 20.0, 40.0, 50.0])

    def test_a_round_with_several_times_counts_by_its_median(self):
        self.assertEqual(figures.series([{"ms": [1.0, 2.0, 9.0]}]).median(), 2.0)

    def test_the_geometric_mean_of_a_ratio_and_its_inverse_is_one(self):
        self.assertAlmostEqual(figures.geometric_mean([4.0, 0.25]), 1.0)
        self.assertAlmostEqual(figures.geometric_mean(iter([2.0, 8.0])), 4.0)
        self.assertIsNone(figures.geometric_mean([]))

    def test_a_mean_leaves_out_what_is_not_known(self):
        self.assertEqual(figures.mean([1.0, None, 3.0]), 2.0)
        self.assertIsNone(figures.mean([None]))


class Interval(unittest.TestCase):
    def test_times_that_do_not_vary_leave_nothing_open(self):
        self.assertEqual(figures.ratio_interval([3.0] * 5, [2.0] * 5), (1.5, 1.5, 1.5))

    def test_the_interval_holds_the_ratio_and_narrows_with_rounds(self):
        draw = random.Random(7)

        def width(rounds):
            head = [draw.gauss(110, 5) for _ in range(rounds)]
            base = [draw.gauss(100, 5) for _ in range(rounds)]
            ratio, low, high = figures.ratio_interval(head, base, draws=2000)
            self.assertLessEqual(low, ratio)
            self.assertLessEqual(ratio, high)
            return high - low

        self.assertLess(width(200), width(8) / 2)

    def test_it_covers_the_true_ratio_about_as_often_as_it_says(self):
        draw = random.Random(1)
        covered = 0
        for _ in range(200):
            head = [draw.gauss(100, 3) for _ in range(15)]
            base = [draw.gauss(100, 3) for _ in range(15)]
            _, low, high = figures.ratio_interval(head, base, draws=400)
            covered += low <= 1.0 <= high
        self.assertGreaterEqual(covered, 180)

    def test_what_a_round_does_to_both_sides_cancels(self):
        drift = [100.0, 150.0, 90.0, 200.0, 120.0]
        head = [1.1 * one for one in drift]
        ratio, low, high = figures.ratio_interval(head, drift)
        for value in (ratio, low, high):
            self.assertAlmostEqual(value, 1.1)

    def test_it_is_the_same_every_time(self):
        times = [3.0, 5.0, 4.0, 9.0], [2.0, 6.0, 4.0, 3.0]
        self.assertEqual(figures.ratio_interval(*times), figures.ratio_interval(*times))


if __name__ == "__main__":
    unittest.main()
