#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles and runs every C++ example of the documentation with one compiler and one level."""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import assemble  # noqa: E402
import extract  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
# The default, and the counts that leave nobody to steal or too many.
WORKERS = [None, "1", "5"]
RUN_SECONDS = 60


class Job:
    """One source: compiled, linked, and run once for each number of workers."""

    def __init__(self, name, source, output):
        self.name = name
        self.source = source
        self.output = output

    def run(self, given, work):
        source, binary = work / f"{self.name}.cpp", work / self.name
        source.write_text(self.source, encoding="utf-8")
        command = [given.compiler, "-std=c++20", given.level, *WARNINGS, "-pthread",
                   f"-I{HERE}", f"-I{given.root / 'include'}", str(source), *given.link,
                   "-o", str(binary)]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            return f"{' '.join(command)}\n{built.stderr}"
        for workers in WORKERS:
            environment = {key: value for key, value in os.environ.items()
                           if not key.startswith("TWILL_")}
            if workers is not None:
                environment["TWILL_WORKERS"] = workers
            try:
                ran = subprocess.run([str(binary)], capture_output=True, text=True, check=False,
                                     env=environment, timeout=RUN_SECONDS)
            except subprocess.TimeoutExpired as late:
                return f"{self.name}: did not end; {(late.stderr or b'').decode()[-400:]}"
            if ran.returncode != 0:
                return f"{self.name}, TWILL_WORKERS={workers}: exit code {ran.returncode}\n" \
                       f"{ran.stderr}"
            if self.output is not None and ran.stdout != self.output:
                return f"{self.name}: printed\n{ran.stdout}instead of\n{self.output}"
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--level", required=True, help="-O0, -O2")
    parser.add_argument("link", nargs="*", help="libraries, in this order")
    given = parser.parse_args()
    given.root = given.root.resolve()

    snippets = extract.all_snippets(given.root)
    programs = [one for one in snippets if one.program]
    source, checks = assemble.fragments([one for one in snippets if not one.program], given.root)
    jobs = [Job("fragments", source, None)]
    for one in programs:
        source, more = assemble.program(one)
        checks += more
        jobs.append(Job(f"{one.file.stem}_{one.line}", source, one.output))

    shutil.rmtree(given.work, ignore_errors=True)
    given.work.mkdir(parents=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failures = [told for told in pool.map(lambda job: job.run(given, given.work), jobs)
                    if told is not None]
    for told in failures:
        print(told)
    print(f"{len(snippets)} examples, {len(programs)} of them programs, with {checks} checks: "
          f"{len(failures)} of {len(jobs)} sources failed")
    return 1 if failures or not snippets or checks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
