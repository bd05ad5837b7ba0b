# SPDX-License-Identifier: Apache-2.0
"""The configurations that are tested, in this order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Configuration:
    """A preset of CMakePresets.json and the tests that it runs."""

    name: str
    preset: str
    # The labels whose tests run; none means all. Their targets tests_LABEL are built.
    labels: tuple[str, ...] = ()


SANITIZED = ("conformance",)

SHORT = (
    Configuration("release", "release"),
    Configuration("clang", "release-clang", ("conformance",)),
    Configuration("asan", "asan", SANITIZED),
    Configuration("tsan", "tsan", SANITIZED + ("sample",)),
)

# The campaigns: what carries the label `long`, and nothing else.
LONG = (
    Configuration("release", "release", ("long",)),
    Configuration("tsan", "tsan", ("long_tsan",)),
)
