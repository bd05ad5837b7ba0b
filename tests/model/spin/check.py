#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a Spin model in a folder of its own: the search must be complete and without an error, or,
with a mistake planted by a definition, must find it."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

# Deep enough for every model here; a search that cuts a path short says so and fails the check.
DEPTH = 1000000
MEMORY_MIB = 3000


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.returncode, done.stdout


def build(arguments, folder):
    definitions = [f"-D{one}" for one in arguments.definitions]
    code, output = run([arguments.spin, "-a", *definitions, arguments.model.resolve()], folder)
    if code != 0 or not (folder / "pan.c").exists():
        sys.exit(f"spin refuses {arguments.model.name}:\n{output}")
    # Unoptimised: compiling takes longer than searching otherwise.
    compiler = [arguments.compiler, "-x", "c", "-w", "-O0", "-DSAFETY", "-DCOLLAPSE",
                f"-DMEMLIM={MEMORY_MIB}", "-o", "pan", "pan.c"]
    code, output = run(compiler, folder)
    if code != 0:
        sys.exit(f"the verifier does not compile:\n{output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spin", default="spin")
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--expect", choices=["complete", "error"], default="complete")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("definitions", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build(arguments, folder)
        _, output = run(["./pan", f"-m{DEPTH}"], folder)
    errors = re.search(r"errors: (\d+)", output)
    states = re.search(r"(\d+) states, stored", output)
    if errors is None or states is None:
        sys.exit(f"no result:\n{output}")
    cut_short = re.search(r"not completed|too small|out of memory", output) is not None
    what = " ".join([arguments.model.stem, *arguments.definitions])
    print(f"{what}: {states.group(1)} states, {errors.group(1)} errors, "
          f"{'cut short' if cut_short else 'complete'}")
    if arguments.expect == "complete" and (errors.group(1) != "0" or cut_short):
        sys.exit(output)
    if arguments.expect == "error" and errors.group(1) == "0":
        sys.exit("the planted mistake was not found")


if __name__ == "__main__":
    main()
