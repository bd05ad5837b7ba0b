# SPDX-License-Identifier: Apache-2.0
"""What a fork costs on the way where nobody wants work: fib, skynet, fine recursion."""

from suite import instructions
from suite.bar import Bar
from suite.runs import Command, interleave, ratio

LEAST_MS = 500


def padded_rounds(context):
    """At least two rounds at each place of the code."""
    return max(context.rounds, 2 if context.quick else 8)


def fork_instructions(context):
    bars = []
    for build in context.builds:
        build.build(["bench_fib_twill", "bench_fib_serial"])
        for variant in ("value", "reference"):
            forks = instructions.per_fork(build.bin / "fib_twill", variant)
            calls = instructions.per_fork(build.bin / "fib_serial", variant)
            note = f"serial {calls:.1f}"
            if variant == "value":
                bars.append(Bar("fib, instructions per fork, value form", "<=", 36, forks,
                                compiler=build.name, note=note))
            else:
                context.remark(f"fib, instructions per fork, [&] form, {build.name}: "
                               f"{forks:.1f}, {note}")
        context.remark(f"fib, instructions per fork, context form, {build.name}: "
                       f"{instructions.per_fork(build.bin / 'fib_twill', 'context'):.1f}")
    return bars


def fib_limits(compiler):
    return {"value": 1.30 if compiler == "clang" else 1.20,
            "reference": 2.0 if compiler == "clang" else 1.9,
            "context": 1.20 if compiler == "clang" else 1.10}


def fib(context):
    bars = []
    written = {"value": "value form", "reference": "[&] form", "context": "context form"}
    for build in context.builds:
        programs = ("fib_serial", "fib_twill", "fib_twill_shared")
        context.build(build, programs, padded=True)
        context.build(build, ["fib_tbb"])
        commands = {}
        for variant in written:
            options = ("--variant", variant, "--least-ms", LEAST_MS)
            if variant != "context":  # which is compared with the serial value form
                commands[variant, "serial"] = Command(build.programs("fib_serial", True), *options,
                                                      alone=True)
            for linked in ("fib_twill", "fib_twill_shared"):
                for workers in (1, 2):
                    commands[variant, linked, workers] = Command(
                        build.programs(linked, True), *options, "--workers", workers,
                        alone=workers == 1)
        series = interleave(commands, padded_rounds(context), f"fib, {build.name}")
        peers = interleave(
            {workers: Command(build.programs("fib_tbb"), "--variant", "value", "--workers",
                              workers, alone=workers == 1) for workers in (1, 2)},
            2 if context.quick else 5, f"fib, oneTBB, {build.name}")
        for (variant, *names), runs in series.items():
            context.keep("fib", build, names, runs, variant)
        for workers, runs in peers.items():
            context.keep("fib", build, ["fib_tbb", workers], runs, "value")
        for variant, form in written.items():
            serial = series["value" if variant == "context" else variant, "serial"]
            one = series[variant, "fib_twill", 1]
            two = series[variant, "fib_twill", 2]
            shared = series[variant, "fib_twill_shared", 1]
            shared_two = series[variant, "fib_twill_shared", 2]
            limit = fib_limits(build.name)[variant]
            spread = f"serial {serial.median():.1f} ms ±{serial.spread():.1%}"
            bars += [
                Bar(f"fib(39), T1/serial, {form}", "<=", limit, ratio(one, serial),
                    compiler=build.name, note=f"{one.median():.1f} ms ±{one.spread():.1%}, "
                                              f"{spread}"),
                Bar(f"fib(39), T1/serial, {form}, libtwill.so", "<=", limit,
                    ratio(shared, serial), compiler=build.name,
                    note=f"{shared.median():.1f} ms"),
                Bar(f"fib(39), T1/T2, {form}", ">=", 1.95, ratio(one, two),
                    compiler=build.name, note=f"T2 {two.median():.1f} ms"),
                Bar(f"fib(39), T1/T2, {form}, libtwill.so", ">=", 1.95,
                    ratio(shared, shared_two), compiler=build.name),
            ]
            for workers, own in ((1, one), (2, two)):
                bars.append(Bar(f"fib(39), oneTBB/Twill, {form}, {workers} workers", ">=",
                                18 if variant == "reference" else 30, ratio(peers[workers], own),
                                compiler=build.name,
                                note=f"oneTBB {peers[workers].median():.0f} ms"))
    return bars


def skynet(context):
    bars = []
    for build in context.builds:
        context.build(build, ("skynet_serial", "skynet_twill"), padded=True)
        commands = {"serial": Command(build.programs("skynet_serial", True), "--variant", "loop",
                                      "--least-ms", LEAST_MS, alone=True)}
        for variant in ("loop", "two_way"):
            for workers in (1, 2):
                commands[variant, workers] = Command(
                    build.programs("skynet_twill", True), "--variant", variant, "--workers",
                    workers, "--least-ms", LEAST_MS, alone=workers == 1)
        series = interleave(commands, padded_rounds(context), f"skynet, {build.name}")
        for name, runs in series.items():
            variant, workers = ("loop", 1) if name == "serial" else name
            program = "skynet_serial" if name == "serial" else "skynet_twill"
            context.keep("skynet", build, [program, workers], runs, variant)
        serial = series["serial"]
        for variant, form, limit in (("loop", "n-way loop", 0.95), ("two_way", "two-way", 2.8)):
            one, two = series[variant, 1], series[variant, 2]
            bars += [
                Bar(f"skynet(1e8), T1/serial, {form}", "<=", limit, ratio(one, serial),
                    compiler=build.name,
                    note=f"{one.median():.1f} ms ±{one.spread():.1%}, serial "
                         f"{serial.median():.1f} ms"),
                Bar(f"skynet(1e8), T1/T2, {form}", ">=", 1.90, ratio(one, two),
                    compiler=build.name, note=f"T2 {two.median():.1f} ms"),
            ]
    return bars


def fine(context):
    bars = []
    variants = ("sum", "integrate", "walk")
    for build in context.builds:
        context.build(build, ("fine_serial", "fine_twill"), padded=True)
        commands = {}
        for variant in variants:
            options = ("--variant", variant, "--least-ms", 300)
            commands[variant, "fine_serial"] = Command(build.programs("fine_serial", True),
                                                       *options)
            commands[variant, "fine_twill"] = Command(build.programs("fine_twill", True),
                                                      *options, "--workers", 1)
        series = interleave(commands, padded_rounds(context), f"fine, {build.name}")
        for (variant, program), runs in series.items():
            context.keep("fine", build, [program, 1], runs, variant)
        for variant in variants:
            one, serial = series[variant, "fine_twill"], series[variant, "fine_serial"]
            bars.append(Bar(f"fine recursion with [&], {variant}, T1/serial", "<=", 1.8,
                            ratio(one, serial), compiler=build.name,
                            note=f"{one.median():.2f} ms ±{one.spread():.1%}, serial "
                                 f"{serial.median():.2f} ms"))
    return bars
