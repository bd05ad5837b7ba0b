# SPDX-License-Identifier: Apache-2.0
"""The environment variables of the code are those of one table."""

import re
import sys
from pathlib import Path

import tree

TABLE = Path("include/twill/environment.md")
ROW = re.compile(r"^\|\s*`(TWILL_[A-Z_]+)`", re.MULTILINE)
READ = re.compile(r'"(TWILL_[A-Z_]+)"')
READERS = ("runtime", "apps", "tools")
# Their variables are made up, to see what becomes of bad ones.
INVENTORS = (("tests", "check"), ("tests", "whitebox", "os"))


def invents(path):
    return any(path.parts[:len(folder)] == folder for folder in INVENTORS)


def main():
    root = Path(sys.argv[1])
    if not (root / TABLE).is_file():
        tree.report([f"{TABLE}: is missing"])
    listed = set(ROW.findall(tree.read(root, TABLE)))
    findings, read = [], set()
    for path in tree.files(root):
        if path.suffix in tree.CPP | {".py"} and not invents(path):
            _, code = tree.split(tree.read(root, path), "hash" if path.suffix == ".py" else "cpp")
            for match in READ.finditer(code):
                if path.parts[0] in READERS:
                    read.add(match.group(1))
                if match.group(1) not in listed:
                    line = code.count("\n", 0, match.start()) + 1
                    findings.append(f"{path}:{line}: {match.group(1)} is not in {TABLE}")
        elif path.suffix == ".md" and path != TABLE:
            for name in listed & set(ROW.findall(tree.read(root, path))):
                findings.append(f"{path}: a second table of {name}; the one is {TABLE}")
    findings += [f"{TABLE}: nothing reads {name}" for name in sorted(listed - read)]
    tree.report(findings)


if __name__ == "__main__":
    main()
