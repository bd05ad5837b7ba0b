# SPDX-License-Identifier: Apache-2.0
"""Says on stderr how far a run has come, and how long the rest will take."""

import sys
import time

EVERY_SECONDS = 5.0


def span(seconds):
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Progress:
    """Knows how many runs of which cells are still to come. A run of a cell takes what its last
    one took; before the first, what those of the same runtime took on average, or all."""

    def __init__(self, stream=None, clock=time.monotonic):
        self.stream = stream or sys.stderr
        self.clock = clock
        self.pending = {}
        self.last = {}
        self.of_runtime = {}
        self.all = []
        self.done = 0
        self.said = None

    def expect(self, cell, runs):
        self.pending[cell.key] = (cell.runtime, runs)

    def finish(self, cell, seconds):
        self.last[cell.key] = seconds
        self.of_runtime.setdefault(cell.runtime, []).append(seconds)
        self.all.append(seconds)
        self.done += 1
        runtime, runs = self.pending.get(cell.key, (cell.runtime, 1))
        self.pending[cell.key] = (runtime, max(runs - 1, 0))

    def estimate(self, key, runtime):
        if key in self.last:
            return self.last[key]
        known = self.of_runtime.get(runtime) or self.all
        return sum(known) / len(known)

    def left(self):
        """Seconds, or None as long as nothing has run."""
        if not self.all:
            return None
        return sum(runs * self.estimate(key, runtime)
                   for key, (runtime, runs) in self.pending.items() if runs)

    def say(self, what, at_once=False):
        """At most one line in some seconds; the first at once."""
        now = self.clock()
        if not at_once and self.said is not None and now - self.said < EVERY_SECONDS:
            return
        self.said = now
        total = self.done + sum(runs for _, runs in self.pending.values())
        left = self.left()
        rest = "" if left is None else f", about {span(left)} left"
        self.tell(f"{what}; {self.done} of {total} runs{rest}")

    def tell(self, text):
        print(f"  {text}", file=self.stream, flush=True)
