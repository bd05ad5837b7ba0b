# SPDX-License-Identifier: Apache-2.0
"""Two workers and sixty-four on the same cores: hand-overs, threads, and what too many cost."""

import json

from suite.bar import Bar
from suite.runs import Command, calibrated, interleave, ratio

LEAST_MS = 300
KERNELS = (("fib", "value"), ("skynet", "loop"), ("nqueens", "bits"), ("uts", "binomial"))
MANY = 64


def rounds_of(context):
    return max(context.rounds, 3 if context.quick else 7)


def command(build, kernel, variant, workers, **environment):
    return Command(build.programs(f"{kernel}_twill"), "--variant", variant, "--workers", workers,
                   "--least-ms", LEAST_MS, **environment)


def triangles(build, workers, **environment):
    """Triangle counting as the application does it, without its input and its graph."""

    def read(output):
        return {"ms": [json.loads(output)["twill_ms"]["triangles"]]}

    return Command([build.folder / "apps" / "social" / "social"], "run", "--rmat", 18, "--json",
                   "--quiet", "--workers", workers, read=read, **environment)


def handovers(context):
    """Hand-overs for each job that was taken from another thread, by an idle one or by a blocked join
    (leapfrogging), over all runs together."""
    bars = []
    for build in context.builds:
        context.build(build, [f"{kernel}_twill" for kernel, _ in KERNELS])
        series = interleave({kernel: command(build, kernel, variant, 2)
                             for kernel, variant in KERNELS}, rounds_of(context),
                            f"hand-overs, {build.name}")
        for kernel, variant in KERNELS:
            runs = series[kernel]
            context.keep(kernel, build, ["hand-overs", 2], runs, variant)
            stolen = sum(runs.field("counters", "stolen")) + sum(
                runs.field("counters", "leapfrogged"))
            handed = sum(runs.field("counters", "handed_over"))
            bars.append(Bar(f"hand-overs per steal, {kernel}, 2 workers", "<=", 3,
                            100 * handed / stolen if stolen else 0.0, " %", build.name,
                            f"{handed} of {stolen} steals"))
    return bars


def parents(context):
    bars = []
    for build in context.builds:
        context.build(build, ("parents_serial", "parents_twill"))
        unit = calibrated(build, "parents")
        series = interleave(
            {"serial": Command(build.programs("parents_serial"), "--unit", unit),
             "twill": Command(build.programs("parents_twill"), "--unit", unit, "--workers", 2)},
            rounds_of(context), f"parents, {build.name}")
        for name, runs in series.items():
            context.keep("parents", build, [name, 1 if name == "serial" else 2], runs, "leaves")
        bars.append(Bar("8 parents with serial 20 us leaves, T2/ideal", "<=", 1.1,
                        ratio(series["twill"], series["serial"]) * 2, compiler=build.name,
                        note=f"{series['twill'].median():.1f} ms, ideal "
                             f"{series['serial'].median() / 2:.1f} ms"))
    return bars


def crowd(context):
    bars = []
    settings = (("2", {"workers": 2}),
                (f"{MANY}", {"workers": MANY}),
                (f"{MANY}, cap lifted", {"workers": MANY, "TWILL_OVERSUBSCRIBE": 1}))
    for build in context.builds:
        context.build(build, [f"{kernel}_twill" for kernel, _ in KERNELS])
        build.build(["social"])
        commands = {}
        for name, setting in settings:
            for kernel, variant in KERNELS:
                commands[kernel, name] = command(build, kernel, variant, **setting)
            commands["triangles", name] = triangles(build, **setting)
        series = interleave(commands, rounds_of(context), f"{MANY} workers, {build.name}")
        threads = 0
        for (kernel, name), runs in series.items():
            context.keep(kernel, build, ["crowd", name], runs, "")
            if name != "2" and kernel != "triangles":
                threads = max(threads, *runs.field("counters", "threads_created"),
                              *runs.field("threads"))
        for kernel in [*(kernel for kernel, _ in KERNELS), "triangles"]:
            two = series[kernel, "2"]
            for (name, _), limit in zip(settings[1:], (1.05, 1.20)):
                bars.append(Bar(f"{kernel}, {name} workers over 2", "<=", limit,
                                ratio(series[kernel, name], two), compiler=build.name,
                                note=f"{series[kernel, name].median():.1f} ms, 2 workers "
                                     f"{two.median():.1f} ms ±{two.spread():.1%}"))
        bars.append(Bar(f"threads created with {MANY} workers", "<=", 4 * MANY + 16, threads,
                        compiler=build.name))
    return bars
