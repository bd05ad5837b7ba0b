# SPDX-License-Identifier: Apache-2.0
"""A bar: what is required, what was measured, and whether it is met."""

import dataclasses


@dataclasses.dataclass
class Bar:
    name: str
    sense: str  # "<=", "<" or ">="
    limit: float
    measured: float
    unit: str = ""
    compiler: str = ""
    note: str = ""

    @property
    def met(self):
        if self.sense == ">=":
            return self.measured >= self.limit
        if self.sense == "<":
            return self.measured < self.limit
        return self.measured <= self.limit

    def required(self):
        return f"{self.sense} {number(self.limit)}{self.unit}"

    def record(self):
        return {"bar": self.name, "compiler": self.compiler, "required": self.required(),
                "limit": self.limit, "sense": self.sense, "unit": self.unit.strip(),
                "measured": self.measured, "met": self.met, "note": self.note}


def number(value):
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:.0f}"
    if abs(value) >= 100:
        return f"{value:.1f}"
    if abs(value) >= 0.1:
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{value:.2g}"


def markdown(rows, right=()):
    """A table that reads well as plain text too; the first row is the head. `right`: the numbers of
    the columns that end at the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(word.rjust(width) if i in right else word.ljust(width)
                               for i, (word, width) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def table(bars):
    rows = [("bar", "compiler", "required", "measured", "met?", "note")]
    for bar in bars:
        rows.append((bar.name, bar.compiler, bar.required(), number(bar.measured) + bar.unit,
                     "yes" if bar.met else "NO", bar.note))
    return markdown(rows)
