# SPDX-License-Identifier: Apache-2.0
"""The programs with a planted problem: what each plants, and how they and `twill report` run."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """A program and the causes that are right for it, as `twill report --json` names them."""

    program: str
    causes: tuple[str, ...]
    # What the subject must be: a region, a kind, or nothing in particular.
    names: str | None = None

    @property
    def healthy(self):
        return self.causes == ("nothing",)


PROBLEMS = (
    Problem("serial_region", ("serial_section",), "regions"),
    Problem("huge_task", ("huge_task",), "kinds"),
    Problem("fine_tasks", ("fine_tasks",), "kinds"),
    Problem("blocking_call", ("blocking",), "kinds"),
    Problem("competitor", ("preemption",)),
    Problem("healthy_tree", ("nothing",)),
    Problem("healthy_loop", ("nothing",)),
)
CAUSES = {"nothing", "serial_section", "huge_task", "coarse_tasks", "imbalance",
          "too_little_parallelism", "fine_tasks", "blocking", "preemption", "too_many_workers",
          "work_inflation"}
TIME_LIMIT = 120  # seconds, for programs that take less than one


class Broken(Exception):
    """A program or the report did not do what it must, whatever the verdict."""


class Runner:
    """Runs the programs that lie in one folder."""

    def __init__(self, twill, folder, scratch):
        self.twill = twill
        self.folder = Path(folder)
        self.scratch = Path(scratch)
        # Without what the caller has set for Twill.
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("TWILL_")}

    def path(self, program):
        return self.folder / f"planted_{program}"

    def run(self, program, seed, fixed=False, record=None, mode="kinds"):
        """What the program says of itself. `record`: the file to write."""
        command = [str(self.path(program)), "--seed", str(seed)] + ["--fixed"] * fixed
        environment = dict(self.environment)
        if record is not None:
            environment["TWILL_RECORD"] = f"{record}:{mode}"
        done = subprocess.run(command, capture_output=True, text=True, env=environment,
                              timeout=TIME_LIMIT, check=False)
        if done.returncode != 0 or done.stderr:
            raise Broken(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")
        told = json.loads(done.stdout)
        if not told["right"]:
            raise Broken(f"{' '.join(command)}: the result is wrong")
        return told

    def report(self, file):
        """The report on a file, as JSON."""
        done = subprocess.run([self.twill, "report", "--json", str(file)], capture_output=True,
                              text=True, env=self.environment, timeout=TIME_LIMIT, check=False)
        if done.returncode != 0:
            raise Broken(f"twill report --json {file}: exit code {done.returncode}: "
                         f"{done.stderr.strip()}")
        return json.loads(done.stdout)

    def recorded(self, program, seed, mode="kinds", keep=False):
        """What the program says of itself, and the report on its recording."""
        file = self.scratch / f"{program}-{seed}.twl"
        file.unlink(missing_ok=True)
        told = self.run(program, seed, record=file, mode=mode)
        report = self.report(file)
        if not keep:
            file.unlink()
        return told, report
