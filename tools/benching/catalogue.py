# SPDX-License-Identifier: Apache-2.0
"""What a build has: kernels and programs by CMake's list, variants by the programs themselves."""

import json

from suite.build import LIST
from suite.runs import Command


class Catalogue:
    def __init__(self, build):
        self.build = build
        text = (build.folder / LIST).read_text(encoding="utf-8")
        self.kernels = {kernel["name"]: kernel for kernel in json.loads(text)}
        self.known_variants = {}

    def usual(self):
        """The kernels that are measured unless others are named."""
        return [name for name, kernel in self.kernels.items() if not kernel["apart"]]

    def names(self, kernel, runtime):
        """The programs of a kernel for a runtime, as they are called."""
        programs = self.kernels.get(kernel, {"programs": {}})["programs"]
        return sorted(programs.get(runtime.replace("-", "_"), []))

    def programs(self, kernel, runtime):
        return [self.build.bin / name for name in self.names(kernel, runtime)]

    def leave_out_absent(self):
        """Forgets the programs that are not there: for builds that are taken as they are."""
        for kernel in self.kernels.values():
            kernel["programs"] = {
                runtime: [name for name in names if (self.build.bin / name).exists()]
                for runtime, names in kernel["programs"].items()}

    def targets(self, kernels, runtimes):
        return [f"bench_{name}" for kernel in kernels for runtime in runtimes
                for name in self.names(kernel, runtime)]

    def variants(self, kernel, runtime):
        """{name: n} of what the built program offers, the first one first."""
        programs = self.programs(kernel, runtime)
        if not programs:
            return {}
        if programs[0] not in self.known_variants:
            self.known_variants[programs[0]] = {
                one["name"]: one["n"] for one in Command(programs, "--variants").run(0)["variants"]}
        return self.known_variants[programs[0]]

    def calibrate(self, kernels, runtimes):
        """Steps a microsecond, for `--unit`: all programs that are compared do the same work."""
        programs = (program for kernel in kernels for runtime in runtimes
                    for program in self.programs(kernel, runtime))
        program = next(programs, None)
        if program is None:
            raise SystemExit(f"bench: nothing to measure: no program of {', '.join(kernels)} for "
                             f"{', '.join(runtimes)} in {self.build.bin}")
        return Command([program], "--calibrate").run(0)["unit"]
