# SPDX-License-Identifier: Apache-2.0
"""Reads the JUnit file that ctest writes."""

import xml.etree.ElementTree as xml
from dataclasses import dataclass, field


@dataclass
class Failure:
    name: str
    output: str


@dataclass
class Results:
    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def failed(self):
        return len(self.failures)

    def add(self, other):
        self.passed += other.passed
        self.skipped += other.skipped
        self.failures += other.failures

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def read(path):
    """The results in a JUnit file. A test that could not run counts as failed: only what says of
    itself that it skips (SKIP_RETURN_CODE and the like), or is disabled, counts as skipped."""
    results = Results()
    for case in xml.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        note = case.find("skipped")
        reason = "" if note is None else note.get("message", "")
        if status == "run":
            results.passed += 1
        elif status == "disabled" or (status == "notrun" and reason.startswith("SKIP_")):
            results.skipped += 1
        else:
            failure = case.find("failure")
            if failure is not None:
                reason = failure.get("message", "")
            output = case.findtext("system-out", default="").strip()
            results.failures.append(Failure(case.get("name"), f"{output}\n{reason}".strip()))
    return results
