# SPDX-License-Identifier: Apache-2.0
"""What a first program costs to compile, beside its oneTBB twin."""

import pathlib
import statistics
import subprocess
import tempfile
import time

from suite.bar import Bar
from suite.build import ROOT

SOURCES = {"twill": ROOT / "bench" / "compile" / "first_twill.cpp",
           "tbb": ROOT / "bench" / "compile" / "first_tbb.cpp"}


def compile_time(context):
    bars = []
    for build in context.builds:
        base = [build.compiler, "-std=c++20", "-O2", "-I", str(ROOT / "include")]
        times = {name: [] for name in SOURCES}
        with tempfile.TemporaryDirectory() as folder:
            for turn in range(max(context.rounds, 7) + 1):
                for name, source in SOURCES.items():
                    start = time.monotonic()
                    subprocess.run([*base, "-c", str(source), "-o",
                                    str(pathlib.Path(folder) / name)], check=True)
                    if turn > 0:  # the first reads the headers from the disk
                        times[name].append(time.monotonic() - start)
        twill, tbb = (statistics.median(times[name]) for name in ("twill", "tbb"))
        lines = subprocess.run([*base, "-E", "-x", "c++", "-"], input="#include "
                               "<twill/twill.hpp>\n", capture_output=True, text=True,
                               check=True).stdout.count("\n")
        bars += [
            Bar("compile time of a first program over its oneTBB twin", "<=", 1 / 3, twill / tbb,
                compiler=build.name, note=f"{twill:.2f} s, oneTBB {tbb:.2f} s"),
            Bar("preprocessed lines of <twill/twill.hpp>", "<", 60000, lines,
                compiler=build.name),
        ]
    return bars
