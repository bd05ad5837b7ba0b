# SPDX-License-Identifier: Apache-2.0
"""What the accounts cost that are always kept: against a build without them."""

from suite import instructions
from suite.bar import Bar
from suite.build import Build, targets_of
from suite.runs import Command, interleave, ratio

LEAST_MS = 300
ROUNDS = 9

# Kernel, its variant, and whether it is built at several places of its code.
KERNELS = (("fib", "value", True), ("skynet", "loop", True), ("nqueens", "board", False),
           ("uts", "t3", False))
MOST = 1.01
# Counted by callgrind, on smaller inputs: under a minute each.
COUNTED = (("fib", "fib-value"), ("skynet", "skynet-loop"), ("nqueens", "nqueens-board"),
           ("uts", "uts-t3"))


def without_accounts(build):
    """Beside it, with the same compiler."""
    other = Build(build.compiler, build.folder.with_name(build.folder.name + "-without-accounts"),
                  build.source, options=("-DTWILL_WITHOUT_ACCOUNTS=ON", "-DTWILL_INSTALL=OFF"))
    other.configure()
    return other


def accounts(context):
    bars = []
    rounds = 2 if context.quick else max(context.rounds, ROUNDS)
    for build in context.builds:
        both = {"with": build, "without": without_accounts(build)}
        for one in both.values():
            one.build([target for kernel, _, padded in KERNELS
                       for target in targets_of(f"{kernel}_twill", padded)])
        for kernel, variant, padded in KERNELS:
            commands = {
                (which, workers): Command(one.programs(f"{kernel}_twill", padded), "--variant",
                                          variant, "--least-ms", LEAST_MS, "--workers", workers,
                                          alone=workers == 1)
                for which, one in both.items() for workers in (1, 2)}
            series = interleave(commands, rounds, f"{kernel}, {build.name}")
            for (which, workers), runs in series.items():
                context.keep(kernel, both[which], [f"{kernel}_twill {which} accounts", workers],
                             runs, variant)
            for workers in (1, 2):
                kept, none = series["with", workers], series["without", workers]
                bars.append(Bar(f"{kernel}, accounts kept/not kept, {workers} workers", "<=", MOST,
                                ratio(kept, none), compiler=build.name,
                                note=f"{kept.median():.2f} ms ±{kept.spread():.1%}, without "
                                     f"{none.median():.2f} ms ±{none.spread():.1%}"))
        for kernel, operation in COUNTED:
            counts = {which: instructions.per_operation(one.bin / f"{kernel}_twill", operation)
                      for which, one in both.items()}
            bars.append(Bar(f"{operation}, instructions, accounts kept/not kept", "<=", MOST,
                            counts["with"] / counts["without"], compiler=build.name,
                            note=f"{counts['with']:.2f} against {counts['without']:.2f}"))
    return bars
