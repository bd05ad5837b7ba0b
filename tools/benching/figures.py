# SPDX-License-Identifier: Apache-2.0
"""The statistics: over the rounds of a cell, over cells, and of two commits."""

import math
import random
import statistics

from suite.runs import Series

DRAWS = 10_000
LEVEL = 0.95


def series(runs):
    """The runs of a cell as a Series, which has their median, least and spread."""
    result = Series()
    result.records = list(runs)
    return result


def geometric_mean(values):
    values = list(values)
    return math.exp(statistics.fmean(map(math.log, values))) if values else None


def mean(values):
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def ratio_interval(head, base, draws=DRAWS, level=LEVEL, seed=1):
    """(ratio of the medians, its lower and its upper bound) of two lists of times. Rounds are drawn
    with replacement, the same for both: the two runs of a round were neighbours in time and had
    their code at the same place, so what a round adds to both of them cancels."""
    rounds = min(len(head), len(base))
    draw = random.Random(seed)
    ratios = []
    for _ in range(draws):
        chosen = draw.choices(range(rounds), k=rounds)
        ratios.append(statistics.median([head[i] for i in chosen])
                      / statistics.median([base[i] for i in chosen]))
    ratios.sort()
    tail = (1 - level) / 2
    low = ratios[math.floor(tail * (draws - 1))]
    high = ratios[math.ceil((1 - tail) * (draws - 1))]
    return (statistics.median(head[:rounds]) / statistics.median(base[:rounds]), low, high)
