# SPDX-License-Identifier: Apache-2.0
"""Comments and pages name only files, functions and constants that exist.

Three forms are looked at: a file name with an ending (`steal.cpp`, runtime/os/futex.cpp), a
function with its parentheses (join_slow()), and in comments and pages a constant in capitals
(TWILL_API). In pages, and between backquotes in comments, also a name with an underscore."""

import re
import sys
from pathlib import Path

import tree

ENDINGS = "hpp|cpp|md|py|cmake|pml|json|in|map"
FILE = re.compile(rf"(?<![\w./<*-])((?:[\w.-]+/)*[\w-]+\.(?:{ENDINGS}))\b(?![\w/*]|\.\w)")
FUNCTION = re.compile(r"(?<![\w.:>])((?:\w+(?:::|\.))*)(~?[A-Za-z_]\w*)\(\)")
CONSTANT = re.compile(r"(?<![\w$])([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])\b(?!\()")
QUOTED = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"^(?:twill::)?(?:\w+::)*([a-z]\w*_\w*)$")
PATH = re.compile(r"^(?:[\w.-]+/)+[\w.-]*$")
FENCE = re.compile(r"^\s*(?:///\s*)?```")
WORD = re.compile(r"[A-Za-z_]\w*")
# Stands for any name: NOUN_test.cpp.
PLACEHOLDER = re.compile(r"(?<![A-Za-z])[A-Z]{3,}(?![A-Za-z.])")
# The tree's own folders: a path that begins with one of them is ours.
OURS = ("runtime", "include", "apps", "bench", "tests", "tools")


class Known:
    """What exists: files, and every word of the code."""

    def __init__(self, root, paths):
        self.root = root
        self.files = set(map(str, paths)) | {str(parent) for path in paths
                                             for parent in path.parents}
        self.endings = {"/".join(Path(name).parts[k:])
                        for name in self.files for k in range(len(Path(name).parts))}
        here = Path(__file__).parent
        external = tree.read(here, "external_names.txt").splitlines()
        self.words = {line.strip() for line in external if line and not line.startswith("#")}
        self.external = set(self.words)
        for path in paths:
            form = tree.kind(root, path)
            if form in tree.TOKEN:
                _, code = tree.split(tree.read(root, path), form)
                self.words.update(WORD.findall(code))
            self.words.update(path.parts)
            self.words.add(path.stem)

    def has_file(self, near, name):
        clean = name.removeprefix("./").rstrip("/")
        return (clean in self.endings or clean in self.external
                or str(near.parent / clean) in self.files
                or (self.root / near.parent / clean).resolve().is_relative_to(self.root)
                and (self.root / near.parent / clean).exists())

    def has_word(self, name):
        return name in self.words


def judge(known, path, text, page):
    """The names in a line of prose that do not exist."""
    for match in FILE.finditer(text):
        if not known.has_file(path, match.group(1)) and not PLACEHOLDER.search(match.group(1)):
            yield f"no file {match.group(1)}"
    for match in FUNCTION.finditer(text):
        if not match.group(1).startswith("std::") and not known.has_word(match.group(2)):
            yield f"no function {match.group(2)}()"
    for match in CONSTANT.finditer(text):
        if not known.has_word(match.group(1)):
            yield f"no constant {match.group(1)}"
    for quoted in QUOTED.findall(text):
        name = NAME.match(quoted)
        if name and not quoted.startswith("std::") and not known.has_word(name.group(1)):
            yield f"no name {quoted}"
        elif PATH.match(quoted) and quoted.split("/")[0] in OURS and \
                not known.has_file(path, quoted):
            yield f"no path {quoted}"


def prose(root, path, form):
    """The lines of a file that people read, without its examples."""
    text = tree.read(root, path)
    lines = enumerate(text.split("\n"), 1) if form == "page" else tree.split(text, form)[0]
    fenced = False
    for number, line in lines:
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and "SPDX" not in line and "NOLINT" not in line and line[:2] != "#!":
            yield number, line


def main():
    root = Path(sys.argv[1]).resolve()
    paths = tree.files(root)
    known = Known(root, paths)
    findings = []
    for path in paths:
        form = tree.kind(root, path)
        if form is None or path.parts[:2] == ("tests", "check"):
            continue
        for number, line in prose(root, path, form):
            findings += [f"{path}:{number}: {fault}"
                         for fault in judge(known, path, line, form == "page")]
    tree.report(findings)


if __name__ == "__main__":
    main()
