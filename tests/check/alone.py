# SPDX-License-Identifier: Apache-2.0
"""Every header of include/ compiles alone and twice, with all warnings, with each compiler."""

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree

FLAGS = ["-fsyntax-only", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow",
         "-Wconversion", "-Werror", "-x", "c++"]


def main():
    root, compilers = Path(sys.argv[1]), sys.argv[2:]
    headers = [path for path in tree.files(root)
               if path.parts[0] == "include" and path.suffix == ".hpp"]
    assert headers and compilers

    def compile_alone(job):
        compiler, header = job
        line = f'#include "{header.relative_to("include")}"\n'
        done = subprocess.run([compiler, *FLAGS, f"-I{root / 'include'}", "-"], input=2 * line,
                              capture_output=True, text=True, errors="replace")
        return f"{header}: {compiler}:\n{done.stderr}" if done.returncode else None

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs = itertools.product(compilers, headers)
        tree.report(list(filter(None, pool.map(compile_alone, jobs))))


if __name__ == "__main__":
    main()
