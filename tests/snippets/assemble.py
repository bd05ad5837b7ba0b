# SPDX-License-Identifier: Apache-2.0
"""Puts snippets together into sources that a compiler takes."""

import itertools
import re

from extract import with_checks

# What a fragment may use without saying so. Programs name what they include.
INCLUDES = ["twill/twill.hpp", "algorithm", "array", "atomic", "chrono", "cmath", "cstdio",
            "cstdlib", "functional", "future", "iterator", "memory", "mutex", "numeric", "optional",
            "stdexcept", "stop_token", "string", "thread", "tuple", "utility", "vector"]


def line_mark(snippet, offset=0):
    return f'#line {snippet.line + offset} "{snippet.file}"\n'


def program(snippet):
    """The source of a complete program, and how many checks are in it."""
    code, checks = with_checks(snippet.text)
    return f'#include "check.hpp"\n{line_mark(snippet)}{code}\n', checks


def fragments(snippets, root):
    """One source of all fragments: a namespace for each page, a function for each fragment."""
    hoisted, body, calls, total = [], [], [], 0
    for path, group in itertools.groupby(snippets, key=lambda one: one.file):
        name = str(path.relative_to(root))
        body.append("namespace page_" + re.sub(r"\W", "_", name) + " {\n")
        for one in group:
            code, checks = with_checks(one.text)
            total += checks
            hoisted += re.findall(r"^#include .*$", code, re.MULTILINE)
            code = re.sub(r"^#include .*$", "", code, flags=re.MULTILINE)
            if one.declarations:
                body.append(f"{line_mark(one)}{code}\n")
                continue
            function = f"snippet_{one.line}"
            body.append(f"void {function}() {{\n{one.given}\n{line_mark(one)}{code}\n}}\n")
            calls.append((f"{name}:{one.line}", f"page_{re.sub(r'[^A-Za-z0-9_]', '_', name)}"
                                                f"::{function}"))
        body.append("}\n")
    includes = [f"#include <{name}>" for name in INCLUDES] + hoisted + ['#include "check.hpp"']
    main = ["int main() {\n"] + [f'    snippets::run("{where}", {function});\n'
                                 for where, function in calls] + ["}\n"]
    return "\n".join(includes) + "\n" + "".join(body) + "".join(main), total
