# SPDX-License-Identifier: Apache-2.0
"""Runs programs in turn, one process a run, and keeps what they print."""

import json
import os
import statistics
import subprocess
import sys
import time

from suite.build import PADDINGS

# What the caller has set for a runtime is not what is measured.
OWN = ("TWILL_", "OMP_", "GOMP_", "KMP_", "TBB_", "BENCH_")


class Command:
    """A program with its arguments; with several paths, each round takes the next one. What it
    prints is a line of the harness, unless `read` makes a record of it. With `alone` it is kept to
    one CPU, the same for all commands of a round."""

    def __init__(self, paths, *arguments, read=None, alone=False, **environment):
        self.paths = list(paths)
        self.alone = alone
        self.read = read or (lambda output: json.loads(output.strip().splitlines()[-1]))
        self.arguments = [str(argument) for argument in arguments]
        self.environment = {key: str(value) for key, value in environment.items()}

    def path(self, turn):
        return self.paths[turn % len(self.paths)]

    def execute(self, turn, timeout=300):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(OWN)}
        environment.update(self.environment)
        place = (lambda: os.sched_setaffinity(0, {cpu_of(turn)})) if self.alone else None
        return subprocess.run([str(self.path(turn)), *self.arguments], capture_output=True,
                              text=True, env=environment, timeout=timeout, check=False,
                              preexec_fn=place)

    def run(self, turn, timeout=300):
        path = self.path(turn)
        result = self.execute(turn, timeout)
        if result.returncode != 0:
            sys.stderr.write(result.stdout + result.stderr)
            raise SystemExit(f"bench: {path} {' '.join(self.arguments)} ended with "
                             f"{result.returncode}")
        record = self.read(result.stdout)
        if not record.get("right", True):
            raise SystemExit(f"bench: {path} {' '.join(self.arguments)}: wrong result")
        return record


def cpu_of(turn):
    """Where the one-worker programs of a round run. CPUs are not alike, and neighbours not fair: left
    to the system, one program may have had the better one in most of its rounds. One further when all
    places of the code have had a turn, so that a place does not stay with the CPUs that it began on."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[(turn + turn // len(PADDINGS)) % len(cpus)]


def calibrated(build, kernel):
    """Steps a microsecond by the serial program of a kernel, for `--unit`: all runtimes do the same."""
    return Command(build.programs(f"{kernel}_serial"), "--calibrate").run(0)["unit"]


class Series:
    """The records of one command, of all rounds."""

    def __init__(self):
        self.records = []

    def times(self):
        return [statistics.median(record["ms"]) for record in self.records]

    def median(self):
        return statistics.median(self.times())

    def spread(self):
        """Half the distance of the quartiles, as a share of the median."""
        times = self.times()
        if len(times) < 4:
            return (max(times) - min(times)) / 2 / self.median()
        low, _, high = statistics.quantiles(times, n=4)
        return (high - low) / 2 / self.median()

    def field(self, *keys):
        values = []
        for record in self.records:
            for key in keys:
                record = record[key]
            values.append(record)
        return values

    def summary(self):
        return {"ms_median": round(self.median(), 4), "ms_min": round(min(self.times()), 4),
                "spread": round(self.spread(), 4), "ms": [round(t, 4) for t in self.times()]}


def order(names, turn):
    """Every other round backwards, so that a drift of the machine touches all alike."""
    return list(names) if turn % 2 == 0 else list(reversed(list(names)))


def interleave(commands, rounds, label):
    """Every command once a round. Returns a Series for each name."""
    series = {name: Series() for name in commands}
    start = said = time.monotonic()
    for turn in range(rounds):
        for name in order(commands, turn):
            series[name].records.append(commands[name].run(turn))
        now = time.monotonic()
        if now - said > 2:
            said = now
            left = (now - start) / (turn + 1) * (rounds - turn - 1)
            print(f"  {label}: round {turn + 1} of {rounds}, {left:.0f} s left", file=sys.stderr)
    return series


def ratio(above, below):
    return above.median() / below.median()
