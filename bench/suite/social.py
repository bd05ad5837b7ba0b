# SPDX-License-Identifier: Apache-2.0
"""The loops of apps/social on every runtime: a power-law graph of 2^20 vertices."""

from suite.bar import Bar
from suite.runs import Command, interleave, ratio

SCALE = 20
QUICK_SCALE = 16
WORKERS = 2
SCHEDULES = ("static", "dynamic,64", "guided")


def social(context):
    """OpenMP with the best of its schedules, for each kernel."""
    bars = []
    scale = QUICK_SCALE if context.quick else SCALE
    for build in context.builds:
        targets = build.targets()
        libraries = [name for name in ("gomp", "omp") if f"bench_triangles_{name}" in targets]
        for kernel in ("triangles", "pagerank"):
            context.build(build, [f"{kernel}_{name}" for name in ("serial", "twill", *libraries)])

            def command(runtime, workers, **environment):
                return Command(build.programs(f"{kernel}_{runtime}"), "--n", scale, "--workers",
                               workers, "--repeat", 3, alone=workers == 1, **environment)

            commands = {"serial": command("serial", 1), "twill, 1": command("twill", 1),
                        "twill": command("twill", WORKERS)}
            for library in libraries:
                for schedule in SCHEDULES:
                    commands[f"{library} {schedule}"] = command(library, WORKERS,
                                                                OMP_SCHEDULE=schedule)
            series = interleave(commands, max(context.rounds, 2 if context.quick else 5),
                                f"{kernel}, {build.name}")
            for name, runs in series.items():
                context.keep(kernel, build, [name, WORKERS], runs, f"rmat {scale}")
            note = (f"serial {series['serial'].median():.0f} ms, Twill "
                    f"{series['twill, 1'].median():.0f} and {series['twill'].median():.0f} ms "
                    f"±{series['twill'].spread():.1%}")
            bars.append(Bar(f"{kernel}, R-MAT scale {scale}, serial over Twill", ">=", 1.9,
                            ratio(series["serial"], series["twill"]), "", build.name, note))
            openmp = [name for name in commands if name.split()[0] in libraries]
            if openmp:
                best = min(openmp, key=lambda name: series[name].median())
                bars.append(Bar(f"{kernel}, Twill over the best OpenMP", "<=", 1.05,
                                ratio(series["twill"], series[best]), "", build.name,
                                f"{best} {series[best].median():.0f} ms"))
    return bars
