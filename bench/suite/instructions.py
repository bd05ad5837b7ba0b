# SPDX-License-Identifier: Apache-2.0
"""Instructions per fork of fib, by callgrind: the same on every machine, however busy."""

import os
import pathlib
import re
import subprocess
import tempfile

SMALL, LARGE = 20, 28


def forks(n):
    """fib(n) forks once in every call that is no leaf: fib(n + 1) - 1 times."""
    a, b = 0, 1
    for _ in range(n + 1):
        a, b = b, a + b
    return a - 1


def executed(program, variant, n):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        environment = dict(os.environ, TWILL_WORKERS="1")
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                        str(program), "--variant", variant, "--n", str(n)],
                       check=True, capture_output=True, env=environment)
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(encoding="utf-8"), re.M)
    if not found:
        raise SystemExit(f"callgrind gave no total for {program}")
    return int(found.group(1))


def per_fork(program, variant):
    """All instructions of the larger run that the smaller one does not have, leaves included."""
    extra = executed(program, variant, LARGE) - executed(program, variant, SMALL)
    return extra / (forks(LARGE) - forks(SMALL))
