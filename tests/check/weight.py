# SPDX-License-Identifier: Apache-2.0
"""What a program pays that includes twill/twill.hpp: lines, and which other headers."""

import re
import subprocess
import sys
from pathlib import Path

import tree

MOST_LINES = 60_000
HEAVY = re.compile(r"/(functional|iostream|iomanip|regex|map|unordered_map|future|thread|"
                   r"format|hwloc[^/]*|tbb/.*|fmt/.*)$")


def main():
    root, compilers = Path(sys.argv[1]), sys.argv[2:]
    findings = []
    for compiler in compilers:
        done = subprocess.run([compiler, "-std=c++20", "-E", "-x", "c++", f"-I{root / 'include'}",
                               "-"], input="#include <twill/twill.hpp>\n", check=True,
                              capture_output=True, text=True)
        lines = done.stdout.count("\n")
        print(f"{compiler}: {lines} preprocessed lines")
        if lines >= MOST_LINES:
            findings.append(f"{compiler}: {lines} preprocessed lines, fewer than {MOST_LINES} "
                            "allowed")
        headers = set(re.findall(r'^# \d+ "([^"]+)"', done.stdout, re.MULTILINE))
        findings += [f"{compiler}: twill.hpp includes {header}"
                     for header in sorted(headers) if HEAVY.search(header)]
    tree.report(findings)


if __name__ == "__main__":
    main()
