# SPDX-License-Identifier: Apache-2.0
"""Programs as they are first written, with nothing set, beside oneTBB."""

from suite.bar import Bar
from suite.runs import Command, calibrated, interleave, ratio


def beside_tbb(context, kernel, variants, *options):
    bars = []
    for build in context.builds:
        context.build(build, [f"{kernel}_{runtime}" for runtime in ("serial", "twill", "tbb")])
        commands = {(variant, runtime): Command(build.programs(f"{kernel}_{runtime}"),
                                                "--variant", variant, "--repeat", 3, *options)
                    for variant in variants for runtime in ("serial", "twill", "tbb")}
        series = interleave(commands, max(context.rounds, 3 if context.quick else 9),
                            f"{kernel}, {build.name}")
        for (variant, runtime), runs in series.items():
            context.keep(kernel, build, [runtime, 0], runs, variant)
        for variant in variants:
            own, peer = series[variant, "twill"], series[variant, "tbb"]
            bars.append(Bar(f"{kernel}, {variant}, Twill/oneTBB", "<=", 1.0, ratio(own, peer),
                            compiler=build.name,
                            note=f"{own.median():.1f} ms ±{own.spread():.1%}, oneTBB "
                                 f"{peer.median():.1f} ms ±{peer.spread():.1%}, serial "
                                 f"{series[variant, 'serial'].median():.1f} ms"))
    return bars


def uneven(context):
    """The steps of a loop body are the same for all: their number a microsecond is measured once."""
    build = context.builds[0]
    context.build(build, ["uneven_serial"])
    unit = calibrated(build, "uneven")
    return beside_tbb(context, "uneven", ("triangle", "spikes", "ranked", "cluster"), "--unit",
                      unit)


def sort(context):
    return beside_tbb(context, "mergesort", ("coarse", "fine"))
