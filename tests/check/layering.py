# SPDX-License-Identifier: Apache-2.0
"""Includes point down, and nothing includes itself by a detour."""

import os
import re
import sys
from pathlib import Path

import tree

# What each folder may include, by the beginning of the include's path; the first match counts.
SHIPPED = ("twill/",)
ALLOWED = (
    ("include/twill/detail", ("twill/detail/", "twill/options.hpp", "twill/worker.hpp")),
    ("include/twill", SHIPPED),
    ("runtime/os", ("os/", "twill/detail/")),
    ("runtime/topology", ("topology/", "os/", "twill/detail/")),
    ("runtime/load", ("load/", "os/", "twill/detail/", "twill/bounds.hpp", "twill/load.hpp",
                      "twill/plan.hpp", "twill/region.hpp")),
    ("runtime/trace", ("trace/", "load/", "os/", "twill/detail/")),
    ("runtime/sched", ("sched/", "topology/", "load/", "trace/", "os/", "twill/")),
    ("apps", SHIPPED + ("apps/", "")),
)
SEAM = "twill/detail/slow_path.hpp"
MAY_USE_SEAM = ("include/twill/detail", "runtime/sched", "tests")
# Other libraries, and who may include them: behind a seam each, never in a public header.
LIBRARIES = (
    (re.compile(r"^(?:oneapi/)?tbb/"), ("bench", "tests")),
    (re.compile(r"^hwloc"), ("runtime/topology", "tests")),
    (re.compile(r"^fmt/"), ("runtime/load", "apps", "tools", "tests")),
    (re.compile(r"^(?:functional|iostream|regex|iomanip)$"), ("apps", "bench", "tests", "tools")),
)
INCLUDE = re.compile(r'^[ \t]*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def below(path, folders):
    return any(str(path) == folder or str(path).startswith(folder + "/") for folder in folders)


def includes(root, path):
    _, code = tree.split(tree.read(root, path), "cpp")
    for match in INCLUDE.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match.group(2)


def resolve(root, path, target):
    for base in (Path("include"), Path("runtime"), path.parent, Path()):
        if (root / base / target).is_file():
            return Path(os.path.normpath(base / target))
    return None


def check_file(root, path, findings):
    """Judges the includes of one file and returns those that lie in the tree."""
    allowed = next((prefixes for folder, prefixes in ALLOWED if below(path, (folder,))), None)
    edges = []
    for line, target in includes(root, path):
        found = resolve(root, path, target)
        if found is not None:
            edges.append(found)
            inside = below(found, ("include", "runtime"))
            if allowed is not None and inside and not target.startswith(allowed):
                findings.append(f"{path}:{line}: must not include {target}")
            if below(found, ("runtime",)) and below(path, ("include", "apps", "bench")):
                findings.append(f"{path}:{line}: includes {target} of runtime/")
        if target == SEAM and not below(path, MAY_USE_SEAM):
            findings.append(f"{path}:{line}: {SEAM} is for the fast paths and runtime/sched only")
        for library, users in LIBRARIES:
            if library.search(target) and not below(path, users):
                findings.append(f"{path}:{line}: must not include <{target}>")
    return edges


def cycle(graph):
    """A cycle of the graph as a list of nodes, or None."""
    done, trail = set(), []

    def visit(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        for following in graph.get(node, ()):
            found = visit(following)
            if found:
                return found
        trail.pop()
        done.add(node)
        return None

    return next(filter(None, map(visit, graph)), None)


def main():
    root = Path(sys.argv[1])
    findings = []
    graph = {path: check_file(root, path, findings)
             for path in tree.files(root) if path.suffix in tree.CPP}
    found = cycle(graph)
    if found:
        findings.append("a cycle of includes: " + " -> ".join(map(str, found)))
    tree.report(findings)


if __name__ == "__main__":
    main()
