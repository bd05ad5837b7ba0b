# SPDX-License-Identifier: Apache-2.0
"""The command line, and what can be said about it before anything is built."""

import argparse
import os
import pathlib
import shutil
import subprocess

from suite.build import ROOT, is_there

RUNTIMES = ("serial", "serial-best", "twill", "tbb", "gomp", "omp")
PEERS = ("tbb", "gomp", "omp")
USUAL_COMPILERS = ("clang++-19", "g++")
USUAL_REPEAT = 5
USUAL_REPEAT_TO_COMPARE = 15
MOST_WORKERS = 4096
MOST_REPEAT = 1000

# What decides on what is measured; a run that is resumed has these from its state file.
MEASURED = ("kernels", "runtimes", "workers", "repeat", "compilers", "variants", "untuned",
            "compare", "tolerance")


class UsageError(Exception):
    """A mistake in the command line, in one line that says what is expected."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"{message} (tools/bench --help lists the options)")


def parser():
    result = Parser(prog="tools/bench", allow_abbrev=False, description=(
        "Measures Twill's kernels beside serial code, oneTBB and OpenMP, one process a run, in "
        "turn; or, with --compare, beside another commit of Twill."), epilog=(
        "Exit code: 0; 1 for a regression (--compare); 2 for a mistake in the command line; 3 when "
        "something could not be built or run, or had a wrong result; 130 after an interrupt."))
    add = result.add_argument
    add("--kernels", metavar="A,B", help="which; all that are not only for bench/bars, unless told")
    add("--runtimes", metavar="A,B", help=f"of {','.join(RUNTIMES)}; all unless told")
    add("--workers", metavar="1,2", help="numbers of workers; 1,2 unless told")
    add("--repeat", metavar="COUNT", help=f"rounds; {USUAL_REPEAT} unless told, "
        f"{USUAL_REPEAT_TO_COMPARE} with --compare")
    add("--compiler", metavar="A,B", dest="compilers",
        help=f"{USUAL_COMPILERS[0]} unless told, or {USUAL_COMPILERS[1]} where there is none")
    add("--variants", action="store_true", default=None,
        help="all variants of every kernel, not only the first")
    add("--untuned", action="store_true", default=None,
        help="peers with their defaults, not with the best of their settings")
    add("--json", metavar="FILE", help="write the results")
    add("--html", metavar="FILE", help="write a page with bars and load tables")
    add("--resume", metavar="FILE", nargs="?", const="",
        help="go on where an interrupted run has stopped; with FILE its state is kept there, and "
             "a run is begun where there is no such file")
    add("--compare", metavar="BASE", help="build that commit too and compare Twill with it")
    add("--tolerance", metavar="PERCENT", help="what counts as a regression; 3 unless told")
    add("--builds", metavar="FOLDER", default=str(ROOT / "build"),
        help="where the builds are made (build)")
    add("--built", action="store_true",
        help="run the programs that are there already, and build nothing: for a machine without "
             "compilers, to which the builds were copied")
    return result


def words(option, text):
    found = list(dict.fromkeys(word.strip() for word in text.split(",")))
    if not all(found):
        raise UsageError(f"{option}: expected names with commas between them, got \"{text}\"")
    return found


def integer(option, text, most):
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
        raise UsageError(f"{option}: expected an integer from 1 to {most}, got \"{text}\"")
    return int(text)


def kernels_of(root):
    """One folder, one kernel: what there is can be told before CMake has run."""
    folder = root / "bench" / "kernels"
    return sorted(path.parent.name for path in folder.glob("*/CMakeLists.txt"))


def one_of(option, names, known):
    for name in names:
        if name not in known:
            raise UsageError(f"{option}: no \"{name}\"; there are: {' '.join(known)}")
    return names


def built_with(builds):
    """The usual compilers that there is a build of."""
    found = [name for name in USUAL_COMPILERS if is_there(builds, name)]
    if not found:
        raise UsageError(f"--built: no builds in {builds}; without --built they are made")
    return found[:1]


def check_compilers(names):
    for name in names:
        if shutil.which(name) is None:
            raise UsageError(f"--compiler: no \"{name}\" on this machine; tools/setup installs "
                             f"{' and '.join(USUAL_COMPILERS)}")
    return names


def usual_compilers():
    found = [name for name in USUAL_COMPILERS if shutil.which(name)]
    if not found:
        raise UsageError(f"--compiler: neither {' nor '.join(USUAL_COMPILERS)} on this machine; "
                         "tools/setup installs them")
    return found[:1]


def check_writable(option, name):
    """Opens the file as it will be opened when everything is measured, and leaves it as it was."""
    path = pathlib.Path(name)
    existed = path.exists()
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(f"{option}: cannot write \"{name}\": {error.strerror}") from None
    if not existed:
        path.unlink()


def check_tolerance(text):
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise UsageError(f"--tolerance: expected per cent from 0 to 100, got \"{text}\"")
    return value / 100


def commit(name):
    """The full name of a commit."""
    done = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--verify", "--quiet",
                           "--end-of-options", name + "^{commit}"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UsageError(f"--compare: no commit \"{name}\" in {ROOT}")
    return done.stdout.strip()


def chosen_compilers(given):
    names = given.compilers and words("--compiler", given.compilers)
    if given.built:
        return names or built_with(given.builds)
    return check_compilers(names) if names else usual_compilers()


def measured(given):
    """The options that decide on what is measured, checked, as they stand in the state file."""
    compare = given.compare
    usual_runtimes = ["twill"] if compare else list(RUNTIMES)
    if given.tolerance is not None and not compare:
        raise UsageError("--tolerance: only with --compare")
    runtimes = usual_runtimes if given.runtimes is None else one_of(
        "--runtimes", words("--runtimes", given.runtimes), RUNTIMES)
    if "serial" in runtimes and "serial-best" not in runtimes and not compare:
        runtimes.append("serial-best")
    usual = USUAL_REPEAT_TO_COMPARE if compare else USUAL_REPEAT
    return {
        "kernels": given.kernels and one_of("--kernels", words("--kernels", given.kernels),
                                            kernels_of(ROOT)),
        "runtimes": sorted(runtimes, key=RUNTIMES.index),
        "workers": [1, 2] if given.workers is None else sorted(
            {integer("--workers", word, MOST_WORKERS)
             for word in words("--workers", given.workers)}),
        "repeat": usual if given.repeat is None else integer("--repeat", given.repeat,
                                                              MOST_REPEAT),
        "compilers": chosen_compilers(given),
        "variants": bool(given.variants),
        "untuned": bool(given.untuned),
        "compare": compare and commit(compare),
        "tolerance": check_tolerance("3" if given.tolerance is None else given.tolerance),
    }


def parse(arguments):
    """(options that decide on what is measured, the rest). The first is None where an interrupted
    run is resumed and nothing of the kind was given."""
    given = parser().parse_args(arguments)
    for name in ("kernels", "runtimes", "workers", "compilers", "compare"):
        if getattr(given, name) == "":
            option = "compiler" if name == "compilers" else name
            raise UsageError(f"--{option}: expected a value, got \"\"")
    for option, name in (("--json", given.json), ("--html", given.html)):
        if name is not None:
            check_writable(option, name)
    given.builds = pathlib.Path(os.path.abspath(given.builds))
    silent = all(getattr(given, name) is None for name in MEASURED)
    kept = given.resume is not None and (not given.resume or os.path.exists(given.resume))
    chosen = None if kept and silent else measured(given)
    return chosen, given
