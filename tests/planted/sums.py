# SPDX-License-Identifier: Apache-2.0
"""What holds in every report, however the program ended and whatever else ran."""

COLUMNS = ("useful", "dispatch", "search", "parked")
MOST_OFF = 0.001  # of the open time


def off(worker):
    """How much of a worker's open time its columns do not explain."""
    told = sum(worker[name] for name in COLUMNS) + (worker["preempted"] or 0)
    return abs(worker["open"] - told) / worker["open"] if worker["open"] else float(told != 0)


def faults(report):
    """The sums that do not hold, a line each."""
    found = []
    for when, accounts in [("in the end", report["total"]),
                           *((f"in reading {number}", one)
                             for number, one in enumerate(report["series"]))]:
        for number, worker in enumerate(accounts["workers"]):
            if off(worker) > MOST_OFF:
                found.append(f"worker {number}, {when}: open is not the sum of the columns: "
                             f"{worker}")
            if worker["open"] > accounts["wall"] * (1 + MOST_OFF):
                found.append(f"worker {number}, {when}: open longer than the wall time")
    for before, after in zip(report["series"], report["series"][1:]):
        if after["wall"] < before["wall"]:
            found.append("the readings go back in time")
    for region in report["regions"]:
        if off(region["workers"]) > MOST_OFF:
            found.append(f"region {region['name']}: open is not the sum of the columns")
    for kind in report["kinds"]:
        if sum(worker["count"] for worker in kind["workers"]) != kind["count"]:
            found.append(f"kind {kind['name']}: the workers' counts do not add up")
        if sum(worker["total"] for worker in kind["workers"]) != kind["total"]:
            found.append(f"kind {kind['name']}: the workers' totals do not add up")
    where = report["verdict"]["accounts"]
    parts = sum(value or 0 for name, value in where.items() if name != "capacity")
    if abs(where["capacity"] - parts) > MOST_OFF * where["capacity"]:
        found.append(f"the verdict's accounts do not add up: {where}")
    if report["strands"] is not None:
        work, span = report["strands"]["work"], report["strands"]["span"]
        if not 0 <= span <= work * (1 + MOST_OFF):
            found.append(f"a span of {span} with a work of {work}")
    return found
