# SPDX-License-Identifier: Apache-2.0
"""refuse.py PROGRAM [--long] [--sanitized]: runs fault_program with calls refused inside of it
(refusals.hpp)."""

import subprocess
import sys

from outcome import (BLOCKED, CORES, NEEDS_A_THREAD, SCENARIOS, THREADS, TIME_LIMIT, check,
                     environment, fail, refused)

ALL = SCENARIOS + NEEDS_A_THREAD
NO_THREAD = "pthread_create:EAGAIN:1:1"

# The rule, the scenarios, and the lines that must come.
SHORT = (
    (NO_THREAD, SCENARIOS, [THREADS]),
    (NO_THREAD, ["alone"], [THREADS]),
    ("pthread_create:EAGAIN:1:0", ALL, [THREADS]),
    ("pthread_create:EAGAIN:1:0", ["dependent"], [THREADS]),
    ("pthread_create:EAGAIN:1:0", ["polled"], [THREADS]),
    ("pthread_create:EAGAIN:2:2", ALL, [THREADS]),
    ("pthread_create:EAGAIN:3:3", ALL, []),
    ("pthread_create:EAGAIN:5:5", ALL, []),
    ("pthread_create:EAGAIN:3:1", SCENARIOS, []),
    ("mmap:ENOMEM:1:1", ALL, []),
    ("mmap:ENOMEM:2:3", ALL, []),
    ("munmap:ENOMEM:1:1", ALL, []),
    ("futex_wait:EAGAIN:2:2", ALL, []),
    ("futex_wait:EINTR:1:2", ALL, []),
    ("sched_getaffinity:EPERM:1:1", ALL, []),
    ("pthread_attr_setaffinity_np:EPERM:1:1", ["placed"], [CORES]),
)
LONG = SHORT * 20 + (
    ("futex_wait:EAGAIN:1:1", ALL, []),
    ("futex_wait:EINTR:3:3", ALL, []),
    ("sched_getaffinity:EPERM:2:2", ALL, []),
    *((f"mmap:ENOMEM:{k}:0", ALL, []) for k in range(1, 20)),
    *((f"pthread_create:EAGAIN:{k}:0", ALL, []) for k in range(1, 20)),
    *((f"pthread_create:EAGAIN:{k}:1", SCENARIOS, []) for k in range(1, 20)),
)
# Two threads with places and four without may be in sections.
CAPPED = {"TWILL_WORKERS": "2", "TWILL_MAX_BLOCKED": "4"}


def run(program, rule, scenarios, **variables):
    """The exit status and what came out."""
    try:
        done = subprocess.run([program, *(["--refuse", rule] if rule else []), *scenarios],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL, timeout=TIME_LIMIT,
                              env=environment(**variables))
    except subprocess.TimeoutExpired as late:
        fail("does not end", [rule, *scenarios], (late.stdout or b"").decode())
    return done.returncode, done.stdout


def allocations(program, scenario, step):
    """Each `step`-th allocation fails alone, up to the last that there is. A verb cannot say that
    there is no memory to start the runtime or to enter it, so there the program ends with a line."""
    number = 1
    while True:
        rule = f"new:ENOMEM:{number}:0"
        status, output = run(program, rule, [scenario])
        check([rule, scenario], status, output, may_end=True)
        if status == 0 and refused(output) == 0:
            return number
        number += step


def main():
    program, long = sys.argv[1], "--long" in sys.argv[2:]
    # Sanitizers give threads the alternate stacks that the library would map and unmap.
    may_do_without = ("munmap",) if "--sanitized" in sys.argv[2:] else ()
    for rule, scenarios, says in LONG if long else SHORT:
        status, output = run(program, rule, scenarios)
        check([rule, *scenarios], status, output, says)
        # Which thread comes third need not come at all.
        certain = rule.endswith((":1:1", ":1:0", ":1:2", ":2:2"))
        if certain and not rule.startswith(may_do_without) and refused(output) == 0:
            fail("nothing was refused", [rule], output)
    for rule in ("", NO_THREAD, "pthread_create:EAGAIN:2:2"):
        status, output = run(program, rule, ["capped"], **CAPPED)
        check([rule, "capped"], status, output, [BLOCKED])
    for scenario in ("verbs", "runtimes", *(("groups", "values", "guests") if long else ())):
        tried = allocations(program, scenario, 1 if long or scenario == "verbs" else 3)
        print(f"{scenario}: {tried} allocations")


if __name__ == "__main__":
    main()
