# SPDX-License-Identifier: Apache-2.0
"""Runs the cells of a plan, each run a process of its own, and writes down what they print.

A block begins with one short run of each cell, which shows whether it works and how long it takes;
then the peers' settings are searched; then come the rounds; then a run of each Twill cell for its
load table, which is not timed."""

import os
import statistics
import subprocess
import sys
import time

import settings
from suite.runs import Command, order

LEAST_MS = 100
MOST_SECONDS = 900
# What is so slow, and so far behind the fastest of its block, is run twice or once, untuned.
SLOW_MS = 5000
VERY_SLOW_MS = 30000
SLOW_FACTOR = 4


class Lost(Exception):
    """A cell that cannot be measured; the text says why."""


class Measurement:
    def __init__(self, journal, repeat, progress, tuned=True, loads=True):
        self.journal = journal
        self.repeat = repeat
        self.tuned = tuned
        self.loads = loads
        self.progress = progress
        self.cores = len(os.sched_getaffinity(0))

    # One run.

    def process(self, cell, turn, options, environment, limit=None):
        """(the record that the program prints, seconds that it took)."""
        command = Command(cell.programs, *cell.arguments(), *options, alone=cell.workers == 1,
                          **environment)
        start = time.monotonic()
        try:
            record = command.run(turn, limit or MOST_SECONDS)
        except subprocess.TimeoutExpired:
            raise Lost(f"took more than {limit or MOST_SECONDS:.0f} s") from None
        except SystemExit as error:
            raise Lost(str(error)) from None
        seconds = time.monotonic() - start
        self.progress.finish(cell, seconds)
        return record, seconds

    @staticmethod
    def kept(record, seconds):
        """What of a record the results are made of. CPU time and energy are for one call, as the
        time is."""
        operations = record["batch"] * len(record["ms"]) * record.get("calls", 1)
        joules = record.get("energy_j")
        return {"ms": record["ms"], "cpu_ms": record["cpu_ms"] / operations,
                "peak_kib": record["peak_kib"], "energy_j": joules and joules / operations,
                "counters": record["counters"], "seconds": seconds}

    def lose(self, cell, error):
        self.journal.add("lost", cell.key, str(error))
        self.progress.tell(f"{cell.key} is left out: {error}")
        self.progress.expect(cell, 0)

    def alive(self, cells):
        return [cell for cell in cells if self.journal.get("lost", cell.key) is None]

    # The parts of a block.

    def probe(self, cells):
        for cell in self.alive(cells):
            if self.journal.get("probe", cell.key) is None:
                self.progress.say(f"{cell.kernel} {cell.variant}: first runs")
                try:
                    found = self.kept(*self.process(cell, 0, [], settings.start(cell)))
                    self.journal.add("probe", cell.key, found)
                except Lost as error:
                    self.lose(cell, error)

    def probed_ms(self, cell):
        found = self.journal.get("probe", cell.key)
        return found and statistics.median(found["ms"])

    def slow(self, cell, cells):
        ms = self.probed_ms(cell)
        known = [self.probed_ms(other) for other in self.alive(cells)]
        return ms > SLOW_MS and ms > SLOW_FACTOR * min(filter(None, known))

    def rounds(self, cell, cells):
        if not self.slow(cell, cells):
            return self.repeat
        return 1 if self.probed_ms(cell) > VERY_SLOW_MS else min(2, self.repeat)

    def searched(self, cell, cells):
        return self.tuned and cell.peer and not self.slow(cell, cells)

    def tune(self, cell, cells):
        if not cell.peer or self.journal.get("settings", cell.key) is not None:
            return
        best, tried = settings.start(cell), []
        if self.searched(cell, cells):
            def trial(candidate, limit):
                self.progress.say(f"{cell.key}: settings")
                try:
                    record, seconds = self.process(
                        cell, 0, ["--least-ms", LEAST_MS, "--repeat", 2], candidate, limit)
                except Lost:
                    if limit is None:
                        raise
                    return None
                return min(record["ms"]), seconds

            try:
                best, tried = settings.search(cell, self.cores, trial)
            except Lost as error:
                self.lose(cell, error)
                return
        self.journal.add("settings", cell.key, {"settings": best, "tried": tried})

    def settings_of(self, cell):
        found = self.journal.get("settings", cell.key)
        return found["settings"] if found else {}

    def one_round(self, cell, turn, cells):
        key = f"{cell.key} {turn}"
        if turn >= self.rounds(cell, cells) or self.journal.get("run", key) is not None:
            return
        slow = self.slow(cell, cells)
        if slow and turn == 0:
            # Its first run was an operation like any other, and long enough to count.
            self.journal.add("run", key, self.journal.get("probe", cell.key))
            return
        options = [] if slow else ["--least-ms", LEAST_MS]
        self.journal.add("run", key, self.kept(
            *self.process(cell, turn, options, self.settings_of(cell))))

    def reported(self, cell):
        """Is a load table of this cell still wanted?"""
        return (self.loads and cell.runtime == "twill"
                and self.journal.get("load", cell.key) is None)

    def load(self, cell):
        """The load table that Twill prints at the end of a program."""
        if not self.reported(cell):
            return
        command = Command(cell.programs, *cell.arguments(), TWILL_REPORT=1)
        start = time.monotonic()
        done = command.execute(0, MOST_SECONDS)
        if done.returncode != 0:
            sys.stderr.write(done.stderr)
            self.lose(cell, f"{cell.programs[0]} ended with {done.returncode}")
            return
        self.progress.finish(cell, time.monotonic() - start)
        self.journal.add("load", cell.key, done.stderr)

    # All of it.

    def expect(self, cells):
        for cell in cells:
            known = self.journal.get("probe", cell.key) is not None
            if self.journal.get("lost", cell.key) is not None:
                continue
            rounds = self.rounds(cell, cells) if known else self.repeat
            runs = 1 - known + rounds - len(self.journal.runs(cell.key))
            if self.tuned and cell.peer and self.journal.get("settings", cell.key) is None and (
                    not known or self.searched(cell, cells)):
                runs += settings.count(cell, self.cores)
            self.progress.expect(cell, runs + self.reported(cell))

    def block(self, cells):
        self.probe(cells)
        self.expect(cells)
        for cell in self.alive(cells):
            self.tune(cell, cells)
        self.expect(cells)
        self.progress.say(f"{cells[0].kernel} {cells[0].variant}: {self.repeat} rounds", True)
        for turn in range(self.repeat):
            for cell in order(self.alive(cells), turn):
                self.progress.say(f"{cell.kernel} {cell.variant}: round {turn + 1} of "
                                  f"{self.repeat}")
                try:
                    self.one_round(cell, turn, cells)
                except Lost as error:
                    self.lose(cell, error)
        for cell in self.alive(cells):
            self.load(cell)

    def run(self, blocks):
        for cells in blocks:
            self.expect(cells)
        for cells in blocks:
            self.block(cells)
