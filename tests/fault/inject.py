# SPDX-License-Identifier: Apache-2.0
"""inject.py PROGRAM FOLDER [--long]: runs fault_program under strace, which makes system calls fail.

strace attaches when the program has started: what the loader and the C library do before that is
spared, and each thread's calls are counted from there. (strace counts a thread at a time, so
"each third" is each third of a thread; refuse.py counts over all.) Exit status 77 where no process
may be traced.

Not injected, since the C library itself would end the program or sleep for ever: munmap for all of
it, which glibc answers with abort() when it frees a thread's stack, and futex, where a wake that
does not happen is lost. refuse.py does these for the library's calls alone."""

import re
import subprocess
import sys
import time
from pathlib import Path

from outcome import (CORES, NEEDS_A_THREAD, SCENARIOS, THREADS, TIME_LIMIT, check, environment,
                     fail)

ALL = SCENARIOS + NEEDS_A_THREAD
SKIPPED = 77

# The calls, the error and which of them; the scenarios; the lines that must come.
SHORT = (
    ("clone3,clone", "EAGAIN", "1+", SCENARIOS, [THREADS]),
    ("clone3,clone", "EAGAIN", "1", ALL, [THREADS]),
    ("clone3,clone", "EAGAIN", "3+", SCENARIOS, []),
    ("clone3,clone", "EAGAIN", "2+2", ALL, []),
    ("clone3,clone", "EAGAIN", "3+3", ALL, []),
    ("clone3,clone", "EAGAIN", "5+5", ALL, []),
    ("mmap", "ENOMEM", "1+", SCENARIOS, [THREADS]),
    ("mmap", "ENOMEM", "2+2", ALL, []),
    ("mmap", "ENOMEM", "3+3", ALL, []),
    ("mprotect", "ENOMEM", "1+", SCENARIOS, [THREADS]),
    ("mprotect", "ENOMEM", "2+2", ALL, []),
    ("madvise", "ENOMEM", "1+", ALL, []),
    ("sigaltstack", "ENOMEM", "1+", ALL, []),
    ("prctl", "EPERM", "1+", ALL, []),
    ("sched_setaffinity", "EPERM", "1+", ["placed"], [CORES]),
    ("sched_getaffinity", "EPERM", "1+", ALL, []),
    ("openat", "ENOENT", "1+", ALL, []),
    ("openat", "EMFILE", "2+2", ALL, []),
    ("pread64", "EIO", "1+", ALL, []),
    ("read", "EIO", "3+", ALL, []),
)
LONG = SHORT * 10 + tuple(
    (calls, error, f"{k}+", ALL if calls == "mmap" and k > 200 else SCENARIOS, [])
    for calls, error in (("mmap", "ENOMEM"), ("mprotect", "ENOMEM"), ("clone3,clone", "EAGAIN"))
    for k in range(2, 30))


def may_trace():
    """None, or why not."""
    try:
        done = subprocess.run(["strace", "-q", "-e", "trace=clone3", "true"], timeout=TIME_LIMIT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        return "strace is not installed (tools/setup installs it)"
    return None if done.returncode == 0 else done.stderr.strip()


class Attached:
    """fault_program, held before its first verb with strace attached to it."""

    def __init__(self, program, scenarios, calls, rule, log):
        self.program = subprocess.Popen([program, "--wait", *scenarios], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env=environment())
        first = self.program.stdout.readline()
        if first != b"ready\n":
            sys.exit(f"not ready: {first}")
        self.strace = subprocess.Popen(
            ["strace", "-f", "-o", log, "-e", f"trace={calls}", "-e", f"inject={calls}:{rule}",
             "-p", str(self.program.pid)], stderr=subprocess.PIPE, text=True)

    def refusal(self):
        """Waits until strace is attached. None, or why it is not."""
        line = self.strace.stderr.readline()
        if "attached" in line:
            return None
        self.program.kill()
        return (line + self.strace.stderr.read()).strip()

    def go(self):
        """The exit status, or None if there is no end, and what came out."""
        try:
            output, _ = self.program.communicate(b"\n", timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            self.program.kill()
            output, _ = self.program.communicate()
        self.strace.stderr.read()
        self.strace.wait()
        return self.program.returncode, output.decode()


def run(program, folder, calls, error, which, scenarios, says):
    log = folder / "calls.txt"
    fault = [calls, error, f"when={which}", *scenarios]
    held = Attached(program, scenarios, calls, f"error={error}:when={which}", log)
    refusal = held.refusal()
    if refusal is not None:
        print(f"a process may not be attached to: {refusal}")
        sys.exit(SKIPPED)
    status, output = held.go()
    check(fault, status, output, says)
    injected = len(re.findall(r"\(INJECTED\)", log.read_text(errors="replace")))
    if which == "1+" and injected == 0:
        fail("nothing was injected", fault, output)
    return injected


def main():
    program, folder, long = sys.argv[1], Path(sys.argv[2]), "--long" in sys.argv[3:]
    reason = may_trace()
    if reason is not None:
        print(f"no process may be traced: {reason}")
        sys.exit(SKIPPED)
    folder.mkdir(parents=True, exist_ok=True)
    for calls, error, which, scenarios, says in LONG if long else SHORT:
        began = time.monotonic()
        injected = run(program, folder, calls, error, which, scenarios, says)
        print(f"{calls} {error} {which}: {injected} times, {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
