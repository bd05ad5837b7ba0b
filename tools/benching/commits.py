# SPDX-License-Identifier: Apache-2.0
"""Another commit of the project, built beside the tree, and cells of both sides in one plan."""

import dataclasses
import pathlib
import subprocess

from options import ROOT
from suite.build import Build, folder_name

BASE = "base"
SHOWN = 12  # digits of a commit's name


def git(*arguments, folder=ROOT):
    return subprocess.run(["git", "-C", str(folder), *map(str, arguments)], capture_output=True,
                          text=True, check=False)


def checked_out(commit, folder):
    """A git worktree of the commit in the folder; one that is there already is used again."""
    if (folder / ".git").exists():
        there = git("rev-parse", "HEAD", folder=folder).stdout.strip()
        if there == commit and not git("status", "--porcelain", folder=folder).stdout.strip():
            return folder
        raise SystemExit(f"bench: {folder} is not a clean checkout of {commit[:SHOWN]}: remove it "
                         f"with git worktree remove --force {folder}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = git("worktree", "add", "--force", "--detach", folder, commit)
    if done.returncode != 0:
        raise SystemExit(f"bench: git worktree add failed: {done.stderr.strip()}")
    return folder


def base_folder(commit, builds):
    return pathlib.Path(builds) / "bench-base" / commit[:SHOWN]


def base_builds(given, builds):
    """A configured build of the base for each compiler."""
    folder = base_folder(given["compare"], builds)
    source = checked_out(given["compare"], folder / "source")
    result = {}
    for compiler in given["compilers"]:
        build = Build(compiler, folder / folder_name(compiler), source)
        build.configure()
        result[compiler] = build
    return result


def paired(cell, names):
    """(cell, its twin of the base), with the programs that both sides have, or None."""
    both = [path for path in cell.programs if f"bench_{pathlib.Path(path).name}" in names[0]]
    if not both:
        return None
    twins = tuple(str(names[1] / pathlib.Path(path).name) for path in both)
    return (dataclasses.replace(cell, programs=tuple(both)),
            dataclasses.replace(cell, programs=twins, side=BASE))


def pair_blocks(blocks, sides):
    """The cells that both sides have, each beside its twin. `sides` has for each compiler the
    targets and the folder of programs of the base."""
    result = []
    for cells in blocks:
        pairs = [paired(cell, sides[cell.compiler]) for cell in cells if cell.compiler in sides]
        found = [one for pair in pairs if pair for one in pair]
        if found:
            result.append(found)
    return result


def both_sides(blocks, given, builds, say=print):
    """Builds the base and returns the blocks with both sides in them."""
    base = base_builds(given, builds)
    sides = {compiler: (build.targets(), build.bin) for compiler, build in base.items()}
    result = pair_blocks(blocks, sides)
    lacking = {cells[0].kernel for cells in blocks} - {cells[0].kernel for cells in result}
    if lacking:
        say(f"{', '.join(sorted(lacking))}: not in {given['compare'][:SHOWN]}, left out")
    for compiler, build in base.items():
        targets = {f"bench_{pathlib.Path(path).name}" for cells in result for cell in cells
                   if cell.side and cell.compiler == compiler for path in cell.programs}
        if targets:
            say(f"building {len(targets)} programs of {given['compare'][:SHOWN]} with {compiler}")
            build.build(targets)
    return result
