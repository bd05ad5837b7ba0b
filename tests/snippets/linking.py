#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Links the first program of README.md in the ways that README.md tells, from a fresh install."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import extract  # noqa: E402

PROJECT = "cmake_minimum_required(VERSION 3.25)\nproject(first LANGUAGES CXX)\n"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(printed, wanted):
    if printed != wanted:
        sys.exit(f"printed\n{printed}instead of\n{wanted}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="where Twill is built")
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", required=True)
    given = parser.parse_args()
    given.root, given.work = given.root.resolve(), given.work.resolve()

    page = (given.root / "README.md").read_text(encoding="utf-8")
    found, tree = blocks(page, "cmake")
    (shell,) = blocks(page, "sh")
    program = next(one for one in extract.from_page(given.root / "README.md") if one.program)

    shutil.rmtree(given.work, ignore_errors=True)
    prefix = given.work / "prefix"
    run(["cmake", "--install", str(given.build), "--prefix", str(prefix)])

    def project(name, text):
        folder = given.work / name
        folder.mkdir(parents=True)
        (folder / "first.cpp").write_text(program.text + "\n", encoding="utf-8")
        (folder / "CMakeLists.txt").write_text(PROJECT + text, encoding="utf-8")
        return folder

    def configure(folder, *options):
        run(["cmake", "-S", str(folder), "-B", str(folder / "build"), "-G", "Ninja",
             f"-DCMAKE_CXX_COMPILER={given.compiler}", *options])

    folder = project("found", found)
    configure(folder, f"-DCMAKE_PREFIX_PATH={prefix}")
    run(["cmake", "--build", str(folder / "build")])
    expect(run([str(folder / "build" / "first")]), program.output)

    # Configured only: that the target exists and what it brings. Compiling it would be compiling
    # the library once more.
    folder = project("tree", tree + found.split("\n", 1)[1])
    (folder / "twill").symlink_to(given.root)
    configure(folder)

    folder = project("shell", "")
    library = next(prefix.rglob("libtwill.so")).parent
    environment = dict(os.environ, PKG_CONFIG_PATH=str(library / "pkgconfig"))
    run(shell, shell=True, cwd=folder, env=environment)
    expect(run([str(folder / "first")], env=dict(os.environ, LD_LIBRARY_PATH=str(library))),
           program.output)
    print("find_package, add_subdirectory and pkg-config: as README.md says")


if __name__ == "__main__":
    main()
