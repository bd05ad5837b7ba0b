# SPDX-License-Identifier: Apache-2.0
"""What a build has: kernels and programs by CMake's list, variants by the programs themselves."""

import json

from suite.runs import Command

LIST = "bench/kernels.json"


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
        program = next(program for kernel in kernels for runtime in runtimes
                       for program in self.programs(kernel, runtime))
        return Command([program], "--calibrate").run(0)["unit"]
