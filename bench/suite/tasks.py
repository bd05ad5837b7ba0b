# SPDX-License-Identifier: Apache-2.0
"""Groups of tasks: what a task costs, beside oneTBB, with too many workers, and in memory."""

import statistics

from suite.bar import Bar
from suite.crowd import MANY, rounds_of
from suite.runs import Command, calibrated, interleave, ratio

SIZE = {"small": 100_000, "small-outside": 100_000, "small-tree": 100_000,
        "1us": 50_000, "1us-outside": 50_000, "1us-tree": 50_000}
LEAST_MS = 100
MIB = 1 << 20


def command(build, runtime, variant, unit, **environment):
    workers = environment.pop("workers")
    return Command(build.programs(f"tasks_{runtime}"), "--variant", variant, "--n", SIZE[variant],
                   "--unit", unit, "--workers", workers, "--least-ms", LEAST_MS, **environment)


def tasks(context):
    bars = []
    for build in context.builds:
        context.build(build, ("tasks_serial", "tasks_twill", "tasks_tbb"))
        unit = calibrated(build, "tasks")
        commands = {}
        for variant in SIZE:
            commands["serial", variant, 1] = command(build, "serial", variant, unit, workers=1)
            for workers in (1, 2):
                for runtime in ("twill", "tbb"):
                    commands[runtime, variant, workers] = command(build, runtime, variant, unit,
                                                                  workers=workers)
        series = interleave(commands, rounds_of(context), f"tasks, {build.name}")
        for (runtime, variant, workers), runs in series.items():
            context.keep("tasks", build, [runtime, workers], runs, variant)

        def each(runtime, variant, workers):
            return series[runtime, variant, workers].median() * 1e6 / SIZE[variant]

        bars.append(Bar("group: run and execute a small task, 1 worker", "<=", 60,
                        each("twill", "small", 1), " ns", build.name,
                        f"oneTBB {each('tbb', 'small', 1):.0f} ns"))
        for variant in SIZE:
            for workers in (1, 2):
                ideal = each("serial", variant, 1) / workers
                ours, theirs = (each(runtime, variant, workers) for runtime in ("twill", "tbb"))
                bars.append(Bar(f"group: oneTBB over Twill, {variant}, {workers} worker(s)", ">=",
                                2, theirs / ours, "", build.name,
                                f"{ours:.0f} and {theirs:.0f} ns a task, ideal {ideal:.0f}: "
                                f"overheads {ours - ideal:.0f} and {theirs - ideal:.0f}"))
    return bars


def task_crowd(context):
    bars = []
    for build in context.builds:
        context.build(build, ("tasks_serial", "tasks_twill"))
        unit = calibrated(build, "tasks")
        variants = ("small", "small-tree", "1us", "1us-tree")
        series = interleave({(variant, workers): command(build, "twill", variant, unit,
                                                         workers=workers)
                             for variant in variants for workers in (2, MANY)},
                            rounds_of(context), f"tasks with {MANY} workers, {build.name}")
        for (variant, workers), runs in series.items():
            context.keep("tasks", build, ["crowd", workers], runs, variant)
        for variant in variants:
            bars.append(Bar(f"group: {variant}, {MANY} workers over 2", "<=", 1.05,
                            ratio(series[variant, MANY], series[variant, 2]), "", build.name,
                            f"{series[variant, 2].median():.2f} ms, "
                            f"±{series[variant, 2].spread():.1%}"))
    return bars


def task_memory(context):
    bars = []
    for build in context.builds:
        build.build(["bench_task_memory"])
        runs = [Command(build.programs("task_memory"), 10_000_000, TWILL_WORKERS=workers).run(0)
                for workers in (1, 2)]
        context.keep_records("task_memory", build, runs)
        bars.append(Bar("group: memory left after 1e7 tasks of one thread", "<=", 8,
                        max(run["left_bytes"] for run in runs) / MIB, " MiB", build.name,
                        f"while they were pending {runs[0]['pending_bytes'] / MIB:.0f} MiB"))
        bars.append(Bar("group: memory of a pending small task", "<=", 96,
                        statistics.mean(run["pending_bytes"] / run["tasks"] for run in runs[:1]),
                        " bytes", build.name))
    return bars
