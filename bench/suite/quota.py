# SPDX-License-Identifier: Apache-2.0
"""A CPU quota: the number of workers, and how much of what is granted becomes work."""

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


def mean(runs):
    """Of all repetitions of all runs: a median would not see the throttled ones."""
    return statistics.mean(time for record in runs.records for time in record["ms"])


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
        commands[kernel, "free"] = Command(program, *options, "--workers", 1)
        commands[kernel, "quota"] = group.command(program, *options)
    series = interleave(commands, context.rounds, f"quota of {granted}, {build.name}")
    right = [found == workers for kernel, _ in KERNELS
             for found in series[kernel, "quota"].field("workers")]
    bars.append(Bar(f"quota of {granted}: runs with {workers} worker{'s' * (workers > 1)}", ">=",
                    100, 100 * sum(right) / len(right), " %", build.name))
    for kernel, variant in KERNELS:
        alone, limited = series[kernel, "free"], series[kernel, "quota"]
        context.keep(kernel, build, [f"quota of {granted}", workers], limited, variant)
        bars.append(Bar(f"{kernel} under a quota of {granted}, work over what is granted", ">=",
                        0.95, mean(alone) / (granted * mean(limited)), compiler=build.name,
                        note=f"{mean(limited):.1f} ms, 1 worker without a quota "
                             f"{mean(alone):.1f} ms"))
    return bars
