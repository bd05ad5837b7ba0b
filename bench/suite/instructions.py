# SPDX-License-Identifier: Apache-2.0
"""Instructions per operation, by callgrind: the same on every machine, however busy.

A program is run with two sizes; the instructions that only the larger run has are divided by the
operations that only it has. All instructions of the program count, and its start drops out."""

import dataclasses
import os
import pathlib
import re
import subprocess
import tempfile
from typing import Callable


def forks(n):
    """fib(n) forks once in every call that is no leaf: fib(n + 1) - 1 times."""
    a, b = 0, 1
    for _ in range(n + 1):
        a, b = b, a + b
    return a - 1


def loops(n):
    """skynet of n leaves, a power of ten, has a loop in every inner node of its tree."""
    return (n - 1) // 9


def rows(n, columns=0, left=0, right=0, row=0):
    """Rows that nqueens looks at: one for each way to place no to n queens."""
    if row == n:
        return 1
    below = 0
    for bit in (1 << k for k in range(n)):
        if not (columns | left | right) & bit:
            below += rows(n, columns | bit, (left | bit) << 1, (right | bit) >> 1, row + 1)
    return 1 + below


@dataclasses.dataclass
class Operation:
    arguments: tuple  # of the program, before the size
    small: int
    large: int
    count: Callable  # the operations of a run with a size


OPERATIONS = {
    "fib-value": Operation(("--variant", "value", "--n"), 20, 28, forks),
    "fib-reference": Operation(("--variant", "reference", "--n"), 20, 28, forks),
    "fib-context": Operation(("--variant", "context", "--n"), 20, 28, forks),
    "skynet-loop": Operation(("--variant", "loop", "--n"), 1_000, 1_000_000, loops),
    "nqueens-board": Operation(("--variant", "board", "--n"), 6, 10, rows),
    # A subtree below the root, of which no two are of one size.
    "uts-t3": Operation(("--variant", "t3", "--n"), 8, 128, int),
    "launch-outside": Operation(("outside",), 1_000, 21_000, int),
    "launch-inside": Operation(("inside",), 1_000, 21_000, int),
}


def executed(program, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        environment = dict(os.environ, TWILL_WORKERS="1")
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                        str(program), *map(str, arguments)],
                       check=True, capture_output=True, env=environment)
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(encoding="utf-8"), re.M)
    if not found:
        raise SystemExit(f"callgrind gave no total for {program}")
    return int(found.group(1))


def per_operation(program, name):
    operation = OPERATIONS[name]
    runs = [executed(program, *operation.arguments, size)
            for size in (operation.small, operation.large)]
    return (runs[1] - runs[0]) / (operation.count(operation.large) - operation.count(operation.small))


def per_fork(program, variant):
    """Leaves included."""
    return per_operation(program, f"fib-{variant}")
