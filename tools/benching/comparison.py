# SPDX-License-Identifier: Apache-2.0
"""Two commits: the ratio of their medians with a bootstrap interval, and what follows from it."""

import dataclasses

import figures
import text
from commits import BASE, SHOWN
from records import rounded

HEAD = ("kernel", "variant", "compiler", "workers", "runtime", "ms", "base ms", "ratio", "from",
        "to", "verdict")


def verdict(low, high, tolerance):
    """Only an interval that lies wholly beyond the tolerance decides."""
    if low > 1 + tolerance:
        return "slower"
    if high < 1 - tolerance:
        return "faster"
    return "same" if low >= 1 - tolerance and high <= 1 + tolerance else "undecided"


def record(cell, journal, given):
    """None where a side could not be measured."""
    twin = dataclasses.replace(cell, side=BASE)
    if any(journal.get("lost", one.key) is not None for one in (cell, twin)):
        return None
    own, other = (figures.series(journal.runs(one.key)) for one in (cell, twin))
    ratio, low, high = figures.ratio_interval(own.times(), other.times())
    return {"kernel": cell.kernel, "variant": cell.variant, "runtime": cell.runtime,
            "workers": cell.workers, "compiler": cell.compiler, "n": cell.n,
            "commit": journal.head["machine"]["commit"], "base": given["compare"],
            "repeat": len(own.records), "ms_median": rounded(own.median()),
            "ms_min": rounded(min(own.times())), "base_ms_median": rounded(other.median()),
            "base_ms_min": rounded(min(other.times())), "ratio": rounded(ratio),
            "ratio_low": rounded(low), "ratio_high": rounded(high),
            "tolerance": given["tolerance"], "verdict": verdict(low, high, given["tolerance"])}


def make(blocks, journal):
    found = [record(cell, journal, journal.head["options"])
             for cells in blocks for cell in cells if not cell.side]
    return [one for one in found if one]


def row(one):
    return (one["kernel"], one["variant"], one["compiler"], one["workers"], one["runtime"],
            text.milliseconds(one["ms_median"]), text.milliseconds(one["base_ms_median"]),
            text.number(one["ratio"], 3), text.number(one["ratio_low"], 3),
            text.number(one["ratio_high"], 3), one["verdict"])


def table(records):
    return text.table(HEAD, [row(one) for one in records])


def summary(records, given):
    """A line that says what came of it."""
    slower = [one for one in records if one["verdict"] == "slower"]
    ratios = figures.geometric_mean(one["ratio"] for one in records)
    mean = "" if ratios is None else f"; geometric mean of the ratios {ratios:.3f}"
    return (f"{len(slower)} of {len(records)} slower than {given['compare'][:SHOWN]} by more than "
            f"{given['tolerance']:.1%} (95 % interval){mean}")


def regressed(records):
    return any(one["verdict"] == "slower" for one in records)
