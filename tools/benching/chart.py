# SPDX-License-Identifier: Apache-2.0
"""Horizontal bars as SVG. What they show stands in a table of the page too."""

from html import escape

import text

LABEL = 104
PLOT = 420
VALUE = 150
BAR = 18
STEP = 24
TOP = 4
# A bar that would be longer than this many times the shortest is cut, and says so: or one slow
# runtime would make the others look alike.
CUT = 4


def scale(records):
    """(milliseconds at the full width, is any bar cut?)"""
    least = min(record["ms_median"] for record in records)
    most = max(record["ms_median"] * (1 + record["spread"]) for record in records)
    return (CUT * least, True) if most > CUT * least else (most, False)


def bar(record, y, full):
    """One runtime: its name, the bar, the least time as a line, and the median in figures."""
    ms = record["ms_median"]
    width = PLOT * min(ms / full, 1)
    middle = y + BAR / 2
    name = escape(record["runtime"])
    parts = [f'<text class="name" x="{LABEL - 8}" y="{middle:.1f}">{name}</text>',
             f'<rect class="bar {name}" x="{LABEL}" y="{y}" '
             f'width="{width:.1f}" height="{BAR}"/>']
    if ms > full:
        start = LABEL + PLOT - 16
        parts.append(f'<path class="cut" d="M{start} {y - 2} l-6 {BAR + 4}"/>')
    else:
        least = LABEL + PLOT * record["ms_min"] / full
        parts.append(f'<line class="least" x1="{least:.1f}" x2="{least:.1f}" y1="{y}" '
                     f'y2="{y + BAR}"/>')
    shown = f"{text.milliseconds(ms)} ms \u00b1{100 * record['spread']:.1f} %"
    parts.append(f'<text class="value" x="{LABEL + width + 6:.1f}" y="{middle:.1f}">{shown}</text>')
    return parts


def describe(records):
    return "; ".join(f"{record['runtime']} {text.milliseconds(record['ms_median'])} ms"
                     for record in records)


def bars(records, title, name):
    """An SVG of one bar for each record; `name` makes its ids unique in the page."""
    full, cut = scale(records)
    height = 2 * TOP + STEP * len(records)
    lines = [f'<svg viewBox="0 0 {LABEL + PLOT + VALUE} {height}" role="img" '
             f'aria-labelledby="{name}-t {name}-d">',
             f'<title id="{name}-t">{escape(title)}</title>',
             f'<desc id="{name}-d">{escape(describe(records))}</desc>']
    for i, record in enumerate(records):
        lines += bar(record, TOP + i * STEP, full)
    lines.append("</svg>")
    if cut:
        lines.append(f'<p class="note">Bars longer than {CUT} times the shortest are cut.</p>')
    return "\n".join(lines)


def shares(row, names):
    """The columns of a load table as one bar of a hundred per cent."""
    lines = ['<svg class="load" viewBox="0 0 300 14" preserveAspectRatio="none" '
             'aria-hidden="true">']
    x = 0.0
    for name in names:
        width = 3 * row[name]
        lines.append(f'<rect class="{escape(name)}" x="{x:.1f}" y="0" width="{width:.1f}" '
                     'height="14"/>')
        x += width
    lines.append("</svg>")
    return "".join(lines)
