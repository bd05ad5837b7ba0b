# SPDX-License-Identifier: Apache-2.0
"""What recordings cost: an event of the full mode, the accounts, and what is left afterwards."""

import pathlib
import statistics
import tempfile

from suite.bar import Bar
from suite.runs import Command, interleave


def recording(context):
    """Medians over processes; the ratios are of medians within one process."""
    bars = []
    for build in context.builds:
        build.build(["bench_recording"])
        with tempfile.TemporaryDirectory() as folder:
            command = Command(build.programs("recording"), pathlib.Path(folder) / "x.twl",
                              1000 if context.quick else 5000)
            runs = interleave({"recording": command}, max(5, context.rounds),
                              f"recording, {build.name}")["recording"].records
        context.keep_records("recording", build, runs)

        def median(name):
            return statistics.median(run[name] for run in runs)

        bars += [
            Bar("recording: an event in full mode", "<=", 20, median("event"), " ns", build.name),
            Bar("recording: the slowest of 1000 events", "<=", 200, median("event_p999"), " ns",
                build.name),
            Bar("recording: bytes of the file an event", "<=", 8.5, median("bytes_per_event"), "",
                build.name, "below 8: some were lost"),
            Bar("recording: fib with counters recorded", "<=", 1, (median("counters_ratio") - 1) * 100,
                " %", build.name),
            Bar("recording: fib after recordings", "<=", 0.5, (median("after_ratio") - 1) * 100,
                " %", build.name),
        ]
    return bars
