# SPDX-License-Identifier: Apache-2.0
"""A CPU quota: the number of workers, and how much of what is granted becomes work.

The share of a quota is that part of what the same program does with as many workers and no quota.
How that stands to independent copies of the program with one worker, as many as workers, under the
same quota, is said in the note: they lose to the quota whatever programs lose to one, but they are
never asked for work, and a processor that takes branches which were never taken for none runs them
faster than any worker of several: fib by 9 % with clang 19 on Zen 4, as long as the processor knows.
"""

import json
import math
import os
import pathlib
import statistics

from suite.bar import Bar
from suite.runs import Command, interleave

QUOTAS = (0.5, 1.5)
KERNELS = (("fib", "value"), ("nqueens", "bits"))
LEAST_MS = 2000  # twenty periods of the quota
PERIOD_US = 100000


class ControlGroup:
    """A group with a quota in the machine's own hierarchy, version 1 or 2; `path` is None where
    nobody may make one."""

    def __init__(self, quota):
        self.path = None
        limit = str(int(quota * PERIOD_US))
        for hierarchy in ("cpu", "cpu,cpuacct", ""):
            path = pathlib.Path("/sys/fs/cgroup", hierarchy, f"twill-bench-{os.getpid()}")
            files = ({"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": limit} if hierarchy
                     else {"cpu.max": f"{limit} {PERIOD_US}"})
            try:
                path.mkdir()
            except OSError:
                continue
            try:
                for name, text in files.items():
                    with open(path / name, "r+", encoding="utf-8") as file:
                        file.write(text)
            except OSError:
                path.rmdir()
                continue
            self.path = path
            return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.path is not None:
            self.path.rmdir()

    def command(self, program, *arguments):
        """The program, moved into the group before it begins."""
        return Command(["/bin/sh"], "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', self.path,
                       *program, *arguments)

    def copies(self, number, program, *arguments):
        """So many of them at the same time; the record has the time a unit of work of all takes."""
        script = ('echo $$ > "$0/cgroup.procs" || exit 1; n=$1; shift; '
                  'while [ $n -gt 0 ]; do "$@" & n=$((n - 1)); done; wait')

        def together(output):
            records = [json.loads(line) for line in output.strip().splitlines()]
            rate = sum(1 / mean_of(record) for record in records)
            return {"right": len(records) == number and all(r["right"] for r in records),
                    "ms": [1 / rate]}

        return Command(["/bin/sh"], "-c", script, self.path, number, *program, *arguments,
                       read=together)


def mean_of(record):
    """Of all repetitions: a median would not see the throttled ones."""
    return statistics.mean(record["ms"])


def median(series):
    return statistics.median(mean_of(record) for record in series.records)


def quota(context):
    bars = []
    cores = len(os.sched_getaffinity(0))
    for granted in QUOTAS:
        if granted > cores:
            continue
        with ControlGroup(granted) as group:
            if group.path is None:
                context.remark("quota: this machine lets nobody make a control group with a quota")
                return bars
            for build in context.builds:
                bars += measure(context, build, group, granted, min(math.ceil(granted), cores))
    return bars


def measure(context, build, group, granted, workers):
    bars = []
    context.build(build, [f"{kernel}_twill" for kernel, _ in KERNELS])
    commands = {}
    for kernel, variant in KERNELS:
        options = ("--variant", variant, "--least-ms", LEAST_MS)
        program = build.programs(f"{kernel}_twill")
        commands[kernel, "free"] = Command(program, *options, "--workers", workers)
        commands[kernel, "quota"] = group.command(program, *options)
        commands[kernel, "copies"] = group.copies(workers, program, *options, "--workers", 1)
    series = interleave(commands, context.rounds, f"quota of {granted}, {build.name}")
    right = [found == workers for kernel, _ in KERNELS
             for found in series[kernel, "quota"].field("workers")]
    bars.append(Bar(f"quota of {granted}: runs with {workers} worker{'s' * (workers > 1)}", ">=",
                    100, 100 * sum(right) / len(right), " %", build.name))
    for kernel, variant in KERNELS:
        limited = series[kernel, "quota"]
        free, quota_ms, copies = (median(series[kernel, way]) for way in ("free", "quota", "copies"))
        context.keep(kernel, build, [f"quota of {granted}", workers], limited, variant)
        bars.append(Bar(f"{kernel} under a quota of {granted}, work over the quota's share", ">=",
                        0.95, free * workers / (granted * quota_ms), compiler=build.name,
                        note=f"{quota_ms:.1f} ms, {free:.1f} without; {copies / quota_ms:.3f} of "
                             f"{workers} independent program{'s' * (workers > 1)}"))
    return bars
