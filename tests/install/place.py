# SPDX-License-Identifier: Apache-2.0
"""Where things lie, and how programs are run. Every test is called with the root of the tree, the
build, a folder to work in, and the compilers."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CONSUMERS = Path(__file__).parent / "consumers"
PROGRAM = CONSUMERS / "program.cpp"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]


class Place:
    """The folders and compilers of one test."""

    def __init__(self, root, build, work, compilers):
        self.root, self.build, self.work = Path(root), Path(build), Path(work)
        self.compilers = compilers
        self.prefix = self.work / "prefix"

    def folder(self, name):
        """An empty folder for one test."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def library(self, name):
        """The path of an installed library."""
        (found,) = self.prefix.rglob(name)
        return found

    @property
    def abi(self):
        config = self.root / "include/twill/detail/config.hpp"
        return int(re.search(r"^#define TWILL_ABI (\d+)$", config.read_text(), re.M).group(1))


def run(*command, environment=(), timeout=120, check=True):
    """Runs a command; the test fails with its output if it does."""
    command = [str(part) for part in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=timeout, stdin=subprocess.DEVNULL,
                          env=os.environ | dict(environment))
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}exit status {done.returncode}")
    return done


def expect(holds, what):
    if not holds:
        sys.exit(f"wrong: {what}")


def main(tests):
    """Runs the test that the command line names."""
    name, root, build, work, *compilers = sys.argv[1:]
    tests[name](Place(root, build, work, compilers))
