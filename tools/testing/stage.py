# SPDX-License-Identifier: Apache-2.0
"""Configures, builds and tests one configuration."""

import os
import subprocess
import time
from pathlib import Path

import results

SHOWN_LINES = 60


class StageError(Exception):
    """A step before the tests failed; the text says which, and has its output."""


def run_quietly(what, command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace")
    if done.returncode != 0:
        raise StageError(f"{what} failed: {' '.join(command)}\n{done.stdout.rstrip()}")


def build(configuration):
    """Configures and builds, and returns the seconds that it took."""
    began = time.monotonic()
    run_quietly("configure", ["cmake", "--preset", configuration.preset])
    targets = [f"tests_{label}" for label in configuration.labels] or ["all"]
    run_quietly("build", ["cmake", "--build", f"build/{configuration.preset}",
                          "--target", *targets])
    return time.monotonic() - began


def test(configuration, long, pattern):
    """Runs the tests; returns their results and the seconds that they took."""
    began = time.monotonic()
    junit = Path("build", configuration.preset, "tests.xml").absolute()
    junit.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", f"build/{configuration.preset}", "--output-junit",
               str(junit), "-j", str(len(os.sched_getaffinity(0))), "--no-tests=ignore",
               "--test-output-size-failed", "1000000"]
    if configuration.labels:
        command += ["-L", f"^({'|'.join(configuration.labels)})$"]
    if not long:
        command += ["-LE", "^long"]
    if pattern:
        command += ["-R", pattern]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace")
    if not junit.exists():
        raise StageError(f"ctest failed: {' '.join(command)}\n{done.stdout.rstrip()}")
    return results.read(junit), time.monotonic() - began


def shown(failure):
    """What a failed test printed: its end, if it is long."""
    lines = failure.output.splitlines()
    if len(lines) > SHOWN_LINES:
        lines = [f"... {len(lines) - SHOWN_LINES} lines left out", *lines[-SHOWN_LINES:]]
    return "\n".join([f"--- {failure.name}", *(f"    {line}" for line in lines)])
