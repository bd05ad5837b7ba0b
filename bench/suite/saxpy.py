# SPDX-License-Identifier: Apache-2.0
"""A loop that does next to nothing for each element, from 1e3 elements to 1e7."""

from suite.bar import Bar
from suite.fork import padded_rounds
from suite.runs import Command, interleave, ratio

WORKERS = 2
SIZES = (1_000, 10_000, 100_000, 10_000_000)
IDLE_RUNS = 40
PEERS = ("tbb", "gomp", "omp")
PADDED = ("serial", "twill")  # an inner loop across a line of the cache takes 1.7 times as long


def nanoseconds(runs):
    return runs.median() * 1e6


def note(series, size, names):
    """The medians in ns, or in us where they are long."""
    unit, scale, digits = ("ns", 1, 0) if size < 100_000 else ("us", 1e-3, 2)
    return f"{unit}: " + ", ".join(f"{name} {nanoseconds(series[name, size]) * scale:.{digits}f}"
                                   for name in names)


def saxpy(context):
    """Calls back to back are made in one task, as by a program that runs its serial parts inside;
    `outside` is the same from a thread that enters the runtime for each of them."""
    bars = []
    for build in context.builds:
        targets = build.targets()
        peers = [peer for peer in PEERS if f"bench_saxpy_{peer}" in targets]
        context.build(build, [f"saxpy_{name}" for name in PADDED], padded=True)
        context.build(build, [f"saxpy_{name}" for name in peers])
        commands = {}
        for size in SIZES:
            def command(runtime, workers, variant="back_to_back", n=size):
                return Command(build.programs(f"saxpy_{runtime}", padded=runtime in PADDED),
                               "--variant", variant, "--n", n, "--repeat", 3, "--workers", workers,
                               alone=workers == 1)

            commands["serial", size] = command("serial", 1)
            commands["twill, 1 worker", size] = command("twill", 1)
            for runtime in ("twill", *peers):
                commands[runtime, size] = command(runtime, WORKERS)
            commands["outside", size] = command("twill", WORKERS, "from_outside")
        for runtime in ("serial", "twill"):
            commands[f"{runtime}, after idleness", 100_000] = Command(
                build.programs(f"saxpy_{runtime}", padded=True), "--variant", "after_idle",
                "--n", 100_000, "--repeat", IDLE_RUNS, "--workers", 1 if runtime == "serial" else WORKERS)
        series = interleave(commands, padded_rounds(context), f"saxpy, {build.name}")
        for (name, size), runs in series.items():
            context.keep("saxpy", build, [name, WORKERS], runs, f"n={size}")

        short, fitting, longer, longest = SIZES
        shown = ("serial", "twill, 1 worker", "twill", "outside", *peers)
        for name in ("twill, 1 worker", "twill"):
            label = f"{WORKERS} workers" if name == "twill" else "1 worker"
            bars += [
                Bar(f"saxpy, n = 1e3, {label}, above serial", "<=", 60,
                    nanoseconds(series[name, short]) - nanoseconds(series["serial", short]),
                    " ns", build.name, note(series, short, shown)),
                Bar(f"saxpy, n = 1e4, {label}, over serial", "<=", 1.1,
                    ratio(series[name, fitting], series["serial", fitting]), "", build.name,
                    note(series, fitting, shown)),
            ]
        fixed = "gomp" if "gomp" in peers else "omp"
        if fixed in peers:
            bars.append(Bar(f"saxpy, n = 1e5, over {fixed} with a static schedule", "<=", 1.1,
                            ratio(series["twill", longer], series[fixed, longer]), "",
                            build.name, note(series, longer, shown)))
        if peers:
            best = min(peers, key=lambda peer: series[peer, longest].median())
            bars.append(Bar("saxpy, n = 1e7, over the best peer", "<=", 1.03,
                            ratio(series["twill", longest], series[best, longest]), "",
                            build.name, note(series, longest, shown)))
        idle = ("serial, after idleness", "twill, after idleness")
        bars.append(Bar("saxpy, n = 1e5 after 5 ms of idleness, over serial", "<=", 1.2,
                        ratio(series[idle[1], longer], series[idle[0], longer]), "", build.name,
                        note(series, longer, idle)))
    return bars
