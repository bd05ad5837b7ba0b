# SPDX-License-Identifier: Apache-2.0
"""The files of the tree, and comments told apart from code."""

import re
import sys
from pathlib import Path

CPP = {".cpp", ".hpp"}
HASH = {".py", ".cmake", ".sh", ".txt"}


def files(root):
    """All files that belong to the project, as paths relative to the root, in order."""
    found = []
    pending = [Path()]
    while pending:
        folder = pending.pop()
        for entry in sorted((root / folder).iterdir()):
            path = folder / entry.name
            if entry.is_symlink() or entry.is_file():
                found.append(path)
            elif not ignored(path):
                pending.append(path)
    return sorted(found)


def ignored(folder):
    """Folders that .gitignore names, and git's own."""
    return folder.name in (".git", "__pycache__") or str(folder) in ("build", "install", ".cache")


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


def kind(root, path):
    """How comments look in a file: "cpp", "hash", "page" for Markdown, or None."""
    if path.suffix in CPP or path.suffix == ".pml":
        return "cpp"
    if path.suffix == ".md":
        return "page"
    if path.suffix in HASH and (path.suffix != ".txt" or path.name == "CMakeLists.txt"):
        return "hash"
    if not path.suffix and (root / path).read_bytes()[:2] == b"#!":
        return "hash"
    return None


TOKEN = {
    "cpp": re.compile(
        r'(?P<comment>//[^\n]*|/\*.*?\*/)|R"(?P<d>[^()\s]*)\(.*?\)(?P=d)"'
        r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])*\'', re.DOTALL),
    "hash": re.compile(
        r'(?P<comment>(?<![^\s])#[^\n]*|"""[^\n].*?""")|"(?:\\.|[^"\\\n])*"'
        r"|'(?:\\.|[^'\\\n])*'", re.DOTALL),
}


def split(text, form):
    """(comments, code): comments as pairs of line and text, code with comments blanked out."""
    comments = []

    def blank(match):
        if match.group("comment") is None:
            return match.group(0)
        first = text.count("\n", 0, match.start()) + 1
        for offset, line in enumerate(match.group(0).split("\n")):
            comments.append((first + offset, line))
        return re.sub(r"[^\n]", " ", match.group(0))

    code = TOKEN[form].sub(blank, text)
    return comments, code


def report(findings):
    """Ends the test: prints the findings, and fails if there are any."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
