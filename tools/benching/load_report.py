# SPDX-License-Identifier: Apache-2.0
"""Reads the table that TWILL_REPORT=1 prints: a line of column names, one for each worker, one for
all, then sentences."""

import re

ROW = re.compile(r"\s*(\d+|all)((?:\s+-?\d+(?:\.\d+)?)+)\s*(\|.*)?$")
NAME = re.compile(r"[a-z]+")


def names_of(line):
    """The column names; the legend of the bars, whose words begin with a sign, ends them."""
    names = []
    for word in line.split():
        if not NAME.fullmatch(word):
            break
        names.append(word)
    return names


def parse(text):
    """{"title", "columns", "rows", "remarks"}, or None where there is no such table."""
    lines = [line for line in text.splitlines() if line.strip()]
    for start, line in enumerate(lines[:-1]):
        if line.startswith("worker ") and start > 0:
            break
    else:
        return None
    columns = names_of(line)
    rows = []
    for rest, line in enumerate(lines[start + 1:], start + 1):
        found = ROW.match(line)
        if not found:
            break
        numbers = [float(word) for word in found.group(2).split()]
        rows.append({"worker": found.group(1), **dict(zip(columns[1:], numbers))})
    else:
        rest = len(lines)
    return {"title": lines[start - 1], "columns": columns, "rows": rows,
            "remarks": " ".join(lines[rest:])}
