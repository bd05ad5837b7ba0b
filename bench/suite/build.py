# SPDX-License-Identifier: Apache-2.0
"""One build folder for each compiler, and in it only the programs that are asked for."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = re.compile(r"(bench_[\w-]+)(?::| |$)")
PADDINGS = (0, 16, 32, 48)
LIST = "bench/kernels.json"  # in a build: its kernels, written by CMake


def short_name(compiler):
    return "clang" if "clang" in compiler else "gcc"


def folder_name(compiler):
    """Where the builds of a compiler lie: another version of it has a folder of its own."""
    usual = {"g++": "gcc", "clang++-19": "clang"}
    return "bench-" + usual.get(compiler, pathlib.Path(compiler).name)


def is_there(builds, compiler):
    """Has a build with that compiler been configured there?"""
    return (builds / folder_name(compiler) / LIST).exists()


class Build:
    def __init__(self, compiler, folder, source=ROOT, options=()):
        self.compiler = compiler
        self.options = options
        self.source = source
        self.name = short_name(compiler)
        self.folder = pathlib.Path(folder)
        self.bin = self.folder / "bench" / "bin"

    def run(self, *command, follow=None):
        """Runs a command and returns what it prints; `follow` is given every line at once."""
        lines = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace") as process:
            for line in process.stdout:
                lines.append(line)
                if follow:
                    follow(line)
        if process.returncode != 0:
            sys.stderr.write("".join(lines)[-8000:])
            raise SystemExit(f"bench: failed: {' '.join(map(str, command))}")
        return lines

    def configure(self):
        generator = [] if (self.folder / "CMakeCache.txt").exists() else ["-G", "Ninja"]
        self.run("cmake", "-S", self.source, "-B", self.folder, *generator,
                 f"-DCMAKE_CXX_COMPILER={self.compiler}", "-DCMAKE_BUILD_TYPE=Release",
                 "-DTWILL_BUILD_BENCH=ON", "-DTWILL_BUILD_TESTS=OFF", "-DTWILL_BUILD_APPS=ON",
                 "-DTWILL_BUILD_TOOLS=OFF", *self.options)

    def targets(self):
        """The benchmark programs that it can make: not those whose peer's library is missing."""
        lines = self.run("cmake", "--build", self.folder, "--target", "help")
        return {found.group(1) for line in lines for found in [TARGET.search(line)] if found}

    def build(self, targets, follow=None):
        jobs = str(len(os.sched_getaffinity(0)))
        self.run("cmake", "--build", self.folder, "-j", jobs, "--target", *sorted(set(targets)),
                 follow=follow)

    def programs(self, name, padded=False):
        """Paths of a program, one for each place of its code if it is built at several."""
        names = [name if not padding else f"{name}-{padding}"
                 for padding in (PADDINGS if padded else (0,))]
        return [self.bin / one for one in names]


def targets_of(program, padded=False):
    names = [program if not padding else f"{program}-{padding}"
             for padding in (PADDINGS if padded else (0,))]
    return [f"bench_{name}" for name in names]
