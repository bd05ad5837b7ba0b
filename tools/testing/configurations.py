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
# What a short run has under no sanitizer.
PARTS = ("fault", "whitebox")

SHORT = (
    Configuration("release", "release"),
    Configuration("asan", "asan", SANITIZED),
    Configuration("tsan", "tsan", SANITIZED + ("sample",)),
)

# The campaigns, and what the time of a short run does not allow.
LONG = (
    Configuration("release", "release", ("long",)),
    Configuration("clang", "release-clang", ("conformance",)),
    Configuration("asan", "asan", PARTS),
    Configuration("tsan", "tsan", PARTS + ("long_tsan",)),
    Configuration("fuzz", "fuzz", ("long_fuzz",)),
)
