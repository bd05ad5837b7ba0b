# SPDX-License-Identifier: Apache-2.0
"""What lies where, how long files are, and how they begin."""

import re
import sys
from pathlib import Path

import tree

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE",
             "runtime", "include", "apps", "bench", "tests", "tools"}
MOST_LINES = 400
# Folders that the page of the folder above speaks for.
SPOKEN_FOR = {".", ".ci", "include"}
SPOKEN_FOR_NAMES = {"data"}
HEADED = {".cpp", ".hpp", ".py", ".cmake", ".in", ".pml", ".map", ".sh"}
# What would tie the tree to one machine.
TIED = re.compile(r"/work/|/home/\w|/root/|https?://(?:localhost|127\.|10\.|192\.168\.)|"
                  r"\b(?:pypi|npmjs|crates)\.\w+\b|proxy\.golang|registry\.\w+\.\w+")


def speaks_for_itself(folder):
    # A folder of tests has one page for all that lies in it.
    deep = folder.parts[:1] == ("tests",) and len(folder.parts) > 2
    return not (deep or str(folder) in SPOKEN_FOR or folder.name in SPOKEN_FOR_NAMES)


def main():
    root = Path(sys.argv[1])
    paths = tree.files(root)
    findings = []
    for name in sorted({path.parts[0] for path in paths}):
        if name not in TOP_LEVEL and not name.startswith("."):
            findings.append(f"{name}: does not belong to the top level")
    for folder in sorted({parent for path in paths for parent in path.parents}):
        if speaks_for_itself(folder) and not (root / folder / "README.md").is_file():
            findings.append(f"{folder}: has no README.md")
    for path in paths:
        form = tree.kind(root, path)
        if form is None and path.suffix not in HEADED:
            continue
        text = tree.read(root, path)
        lines = text.split("\n")
        if text.count("\n") > MOST_LINES:
            findings.append(f"{path}: {text.count(chr(10))} lines, {MOST_LINES} at the most")
        if form != "page" and "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:3]):
            findings.append(f"{path}:1: no SPDX-License-Identifier")
        for number, line in enumerate(lines, 1):
            if path.name != "layout.py" and TIED.search(line):
                findings.append(f"{path}:{number}: names one machine: {line.strip()}")
    tree.report(findings)


if __name__ == "__main__":
    main()
