# SPDX-License-Identifier: Apache-2.0
"""What a run of fault_program must come to, whatever the system refused."""

import collections
import os
import re
import signal
import sys

# The lines that the library may write, each once a runtime; the first group is its name.
THREADS = r"(\S+): the system gives no more threads \(.+\); going on with \d+ beside the callers'"
CORES = r"(\S+): none of the given cores may be used \(.+\); its threads run anywhere"
BLOCKED = (r"(\S+): 4 threads are in blocking sections \(TWILL_MAX_BLOCKED\): further ones keep "
           r"their workers")
NO_MEMORY = r"(twill): no memory for a thread that enters the runtime"
KINDS = (THREADS, CORES, BLOCKED)

SCENARIOS = ("verbs", "groups", "values", "guests", "blocking", "runtimes", "placed")
# These need a second thread at last.
NEEDS_A_THREAD = ("dependent", "polled")

TIME_LIMIT = 100


def environment(**more):
    # The program has some of the operators new and delete, AddressSanitizer the others.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TWILL_")}
    return clean | {"TWILL_WORKERS": "3", "ASAN_OPTIONS": "alloc_dealloc_mismatch=0"} | more


def fail(what, fault, output):
    sys.exit(f"{' '.join(fault)}: {what}\n{output}")


def refused(output):
    """How many calls the program itself has refused."""
    found = re.search(r"^refused (\d+)$", output, re.MULTILINE)
    return int(found.group(1)) if found else 0


def check_lines(fault, lines, says, output):
    """Each line is one of the library's, none comes twice, and those that must come do."""
    told = collections.Counter()
    for line in lines:
        kind, name = next(((kind, match.group(1)) for kind in KINDS
                           if (match := re.fullmatch(kind, line))), (None, None))
        if kind is None:
            fail(f"an unexpected line: {line}", fault, output)
        told[kind, name] += 1
    for (_, name), count in told.items():
        if count > 1:
            fail(f"{name} says the same {count} times", fault, output)
    for kind in says:
        if not any(key == kind for key, _ in told):
            fail(f"nothing says {kind}", fault, output)


def check(fault, status, output, says=(), may_end=False):
    """`fault`: the words that name it. `says`: kinds of lines that must come. `may_end`: the program
    may also end with the line that there is no memory to go on with."""
    lines = [line for line in output.splitlines()
             if line not in ("ready", "ok") and not line.startswith("refused ")]
    if may_end and status == -signal.SIGABRT:
        if sum(re.fullmatch(NO_MEMORY, line) is not None for line in lines) != 1:
            fail("ends without the line that says why", fault, output)
        return
    if status != 0:
        fail(f"exit status {status}", fault, output)
    if "ok" not in output.splitlines():
        fail("does not say ok", fault, output)
    check_lines(fault, lines, says, output)
