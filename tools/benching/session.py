# SPDX-License-Identifier: Apache-2.0
"""From the options to measured cells: configure, build, plan, and run or go on running."""

import hashlib
import pathlib
import shlex
import shutil
import sys
import time

import commits
import plan
from catalogue import Catalogue
from journal import Journal, JournalError
from measure import Measurement
from options import ROOT, UsageError
from progress import EVERY_SECONDS, Progress
from suite import machine
from suite.build import Build, folder_name, is_there

GCC = "g++"


def say(text):
    print(f"tools/bench: {text}", file=sys.stderr, flush=True)


class Follower:
    """Passes on what Ninja says about how far it is, "[12/130] ...", a line in some seconds."""

    def __init__(self, what):
        self.what = what
        self.said = time.monotonic()

    def __call__(self, line):
        if line.startswith("[") and time.monotonic() - self.said >= EVERY_SECONDS:
            self.said = time.monotonic()
            say(f"{self.what}: {line[1:line.find(']')]}")


def configured(compiler, folder, source=ROOT):
    build = Build(compiler, folder, source)
    say(f"configuring for {compiler} in {build.folder}")
    build.configure()
    return build


def built(build, targets, what=""):
    title = f"building {len(targets)} programs with {build.compiler}{what}"
    say(title)
    build.build(targets, Follower(title))


def chosen_kernels(given, catalogue):
    named = given["kernels"] or catalogue.usual()
    for name in named:
        if name not in catalogue.kernels:
            raise SystemExit(f"bench: {name} is not in {catalogue.build.folder}: its CMakeLists "
                             "does not call twill_bench_kernel() for it here")
    return named


def found_catalogues(given, builds):
    """Of each compiler what there is, and of g++ where gomp is wanted. A resumed run comes here with
    its options from the state file, so what they ask for is checked here."""
    if given["compare"]:
        raise UsageError("--built: not with --compare, which builds another commit")
    for compiler in given["compilers"]:
        if not is_there(builds, compiler):
            raise UsageError(f"--built: no build with {compiler} in "
                             f"{builds / folder_name(compiler)}")
    result = {}
    for compiler in dict.fromkeys([*given["compilers"], GCC]):
        wanted = compiler in given["compilers"] or "gomp" in given["runtimes"]
        if wanted and is_there(builds, compiler):
            result[compiler] = Catalogue(Build(compiler, builds / folder_name(compiler)))
            result[compiler].leave_out_absent()
    return result


def catalogues_of(given, builds):
    """A catalogue for each compiler, and one of g++ where gomp is wanted and has no other."""
    compilers = list(given["compilers"])
    result = {}
    for compiler in compilers:
        result[compiler] = Catalogue(configured(compiler, builds / folder_name(compiler)))
    if "gomp" in given["runtimes"] and not given["compare"]:
        kernels = chosen_kernels(given, result[compilers[0]])
        if not any(one.names(kernel, "gomp") for one in result.values() for kernel in kernels):
            if shutil.which(GCC) and GCC not in result:
                result[GCC] = Catalogue(configured(GCC, builds / folder_name(GCC)))
    return result


def build_all(given, catalogues, kernels):
    for compiler, catalogue in catalogues.items():
        runtimes = given["runtimes"] if compiler in given["compilers"] else ["gomp"]
        targets = catalogue.targets(kernels, runtimes)
        if targets:
            built(catalogue.build, targets)


def tell_lacking(given, catalogues, kernels):
    for runtime in given["runtimes"]:
        lacking = [kernel for kernel in kernels
                   if not any(one.names(kernel, runtime) for one in catalogues.values())]
        if lacking and runtime != "serial-best":
            say(f"{runtime} is left out for {', '.join(lacking)}: the build has no such programs "
                "(its CMake says what it did not find)")


def fingerprint(blocks):
    """A hash of every program: a run may go on only with the programs that it began with."""
    return {path: hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
            for cells in blocks for cell in cells for path in cell.programs}


def head_of(given, command):
    about = machine.describe(ROOT, given["compilers"])
    if "gomp" in given["runtimes"] and GCC not in about["compilers"]:
        about["compilers"][GCC] = machine.first_line([GCC, "--version"])
    about["command"] = shlex.join(["tools/bench", *command])
    return {"options": given, "machine": about}


class Session:
    """One measurement and its state file."""

    def __init__(self, chosen, rest, command):
        self.builds = rest.builds
        self.built = rest.built
        usual = rest.builds / "bench-state.jsonl"
        self.journal = Journal(rest.resume or usual)
        self.resumed = rest.resume is not None and (self.journal.path.exists() or not rest.resume)
        if self.resumed:
            self.check_resumed(chosen)
        else:
            self.head = head_of(chosen, command)
        self.given = self.head["options"]

    def check_resumed(self, chosen):
        try:
            self.journal.read()
        except OSError as error:
            raise UsageError(f"--resume: cannot read \"{self.journal.path}\": "
                             f"{error.strerror}") from None
        except JournalError as error:
            raise UsageError(f"--resume: {error}") from None
        self.head = self.journal.head
        if chosen is not None and chosen != self.head["options"]:
            differ = [name for name, value in chosen.items()
                      if value != self.head["options"].get(name)]
            raise UsageError(f"--resume: {self.journal.path} was begun with other values of "
                             f"{', '.join(differ)}")

    @property
    def finished(self):
        return self.resumed and self.journal.get("finished", "") is not None

    def planned(self):
        """Builds what is needed; returns the blocks of cells."""
        find = found_catalogues if self.built else catalogues_of
        catalogues = find(self.given, self.builds)
        first = next(iter(catalogues.values()))
        kernels = chosen_kernels(self.given, first)
        if not self.built:
            build_all(self.given, catalogues, kernels)
        tell_lacking(self.given, catalogues, kernels)
        known = self.journal.get("unit", "") if self.resumed else None
        unit = known or first.calibrate(kernels, self.given["runtimes"])
        blocks = plan.blocks(catalogues, kernels, self.given, unit)
        if self.given["compare"]:
            blocks = commits.both_sides(blocks, self.given, self.builds, say)
        if not blocks:
            raise SystemExit("bench: nothing to measure: no kernel has programs for "
                             f"{', '.join(self.given['runtimes'])}")
        return blocks, unit

    def begin(self, blocks, unit):
        programs = fingerprint(blocks)
        if self.resumed:
            kept = self.journal.get("plan", "")
            same = kept is None or kept == [[cell.record() for cell in cells] for cells in blocks]
            if not same or (kept and self.journal.get("programs", "") != programs):
                raise UsageError(f"--resume: the programs are not those that {self.journal.path} "
                                 "was begun with: begin anew")
            self.journal.resume()
            for kind, key in list(self.journal.entries):
                if kind == "lost":  # they get another chance
                    del self.journal.entries[kind, key]
            return
        self.journal.begin(self.head)
        self.journal.add("unit", "", unit)
        self.journal.add("programs", "", programs)
        self.journal.add("plan", "", [[cell.record() for cell in cells] for cells in blocks])

    def run(self):
        """Measures what is not measured yet; returns the blocks of cells."""
        if self.finished:
            return [[plan.Cell.of(one) for one in cells] for cells in self.journal.get("plan", "")]
        blocks, unit = self.planned()
        self.begin(blocks, unit)
        try:
            Measurement(self.journal, self.given["repeat"], Progress(),
                        tuned=not self.given["untuned"],
                        loads=not self.given["compare"]).run(blocks)
            if not self.lost():
                self.journal.add("finished", "", True)
        finally:
            self.journal.close()
        return blocks

    def lost(self):
        return {key: why for (kind, key), why in self.journal.entries.items() if kind == "lost"}
