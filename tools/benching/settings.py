# SPDX-License-Identifier: Apache-2.0
"""What the manuals of the peers let their users set, and the search for the best of it.

OpenMP: where threads stay, how they wait, and the schedule of flat loops or the number of tasks of
the others. oneTBB: the partitioner of loops. What is an argument or a clause in the source, the
adapter takes from a variable (bench/adapters/README.md)."""

PARTITIONER = "BENCH_TBB_PARTITIONER"
SCHEDULE = "OMP_SCHEDULE"
TASKS = "BENCH_OPENMP_TASKS"
# A setting has to be this much better than the best so far: between equals the earlier one stays.
MARGIN = 0.99


def start(cell):
    """The settings that a search starts with: what the manual calls the default."""
    if cell.runtime == "tbb":
        return {PARTITIONER: "auto"}
    if cell.runtime in ("gomp", "omp"):
        return {SCHEDULE: "static"} if cell.flat else {TASKS: "1"}
    return {}


def choices(cell, cores):
    """(variable, its other values), in the order in which they are tried."""
    if cell.runtime == "tbb":
        others = ("simple", "static", "affinity") if cell.flat else ("simple", "static")
        return [(PARTITIONER, others)]
    if cell.runtime not in ("gomp", "omp"):
        return []
    found = []
    if cell.flat:
        found.append((SCHEDULE, ("guided", "dynamic", "dynamic,64")))
    else:
        found.append((TASKS, ("4", "10", "64")))
    # Close and spread differ only where there are fewer threads than cores.
    room = 1 < cell.workers < cores
    found.append(("OMP_PROC_BIND", ("close", "spread") if room else ("close",)))
    if cell.workers > 1:
        found.append(("OMP_WAIT_POLICY", ("active", "passive")))
    return found


def count(cell, cores):
    return 1 + sum(len(values) for _, values in choices(cell, cores))


def search(cell, cores, trial):
    """The best settings, one variable after the other. `trial(settings, limit)` gives (ms, seconds)
    of a run, or None where it took longer than `limit` seconds. Returns (settings, what was tried)."""
    best = start(cell)
    ms, seconds = trial(best, None)
    tried = [{"settings": best, "ms": ms}]
    for name, values in choices(cell, cores):
        for value in values:
            candidate = {**best, name: value}
            found = trial(candidate, 2 * seconds + 1)
            tried.append({"settings": candidate, "ms": found and found[0]})
            if found and found[0] < ms * MARGIN:
                best, (ms, seconds) = candidate, found
    return best, tried
