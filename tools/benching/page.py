# SPDX-License-Identifier: Apache-2.0
"""The page of --html: one file that needs nothing else, in the colours that the reader prefers."""

from html import escape

import chart
import text
from style import STYLE

LEGEND = ("useful", "dispatch", "search", "parked", "preempted")
COLUMNS = (("runtime", "runtime"), ("workers", "workers"), ("compiler", "compiler"),
           ("ms_median", "median, ms"), ("ms_min", "least, ms"), ("spread", "spread"),
           ("t1_over_ts", "T1/Ts"), ("speedup", "speedup"),
           ("ratio_to_best_peer", "best peer / own"), ("peak_rss_kib", "peak RSS, MiB"),
           ("cpu_ms", "CPU time, ms"), ("energy_j", "package energy, J"), ("settings", "settings"))
WORDS = {"compiler", "runtime", "settings", "kernel", "variant", "verdict"}
SHOWN = {
    "ms_median": text.milliseconds, "ms_min": text.milliseconds,
    "base_ms_median": text.milliseconds, "cpu_ms": text.milliseconds,
    "spread": lambda value: f"\u00b1{100 * value:.1f} %",
    "peak_rss_kib": lambda value: text.number(value / 1024, 1),
    "t1_over_ts": text.number, "speedup": text.number, "ratio_to_best_peer": text.number,
    "energy_j": text.number, "settings": text.settings,
    "ratio": lambda value: text.number(value, 3), "ratio_low": lambda value: text.number(value, 3),
    "ratio_high": lambda value: text.number(value, 3)}


def shown(key, value):
    return "" if value is None else escape(str(SHOWN.get(key, str)(value)))


def table(records, columns, caption):
    """An HTML table of some keys of the records."""
    lines = ['<div class="wide"><table>', f"<caption>{escape(caption)}</caption>", "<thead><tr>"]
    lines += [f'<th scope="col">{escape(title)}</th>' for _, title in columns]
    lines.append("</tr></thead><tbody>")
    for record in records:
        cells = []
        for i, (key, _) in enumerate(columns):
            kind = "" if key in WORDS else ' class="number"'
            if i == 0:
                cells.append(f'<th scope="row">{shown(key, record[key])}</th>')
            else:
                cells.append(f"<td{kind}>{shown(key, record[key])}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    lines.append("</tbody></table></div>")
    return "\n".join(lines)


def load_table(record):
    """Where the time of each worker went in one run, or a line that says that it is not known."""
    load = record["load"]
    title = f"{record['compiler']}, {record['workers']} worker{'s' * (record['workers'] > 1)}"
    if load is None:
        return f'<p class="note">No load table of Twill, {escape(title)}.</p>'
    names = [name for name in LEGEND if name in load["columns"]]
    columns = [(name, name) for name in load["columns"]]
    rows = table(load["rows"], columns, f"Load of Twill, {title}: per cent of the time of each "
                                        "worker, of the whole program with its input and its check")
    bars = "".join(f'<div class="worker"><span>{escape(row["worker"])}</span>'
                   f"{chart.shares(row, names)}</div>" for row in load["rows"])
    return f'{rows}\n{bars}\n<p class="verdict">{escape(load["remarks"])}</p>'


def name_of(records):
    return f"{records[0]['kernel']}-{records[0]['variant']}"


def section(records):
    """A kernel: bars for each compiler and number of workers, the figures, and the load tables."""
    first = records[0]
    title = f"{first['kernel']}, {first['variant']}"
    lines = [f'<section id="{escape(name_of(records))}">', f"<h2>{escape(title)}</h2>",
             f"<p>n = {first['n']:,}</p>", '<div class="charts">']
    groups = {}
    for record in sorted(records, key=text.sort_key):
        groups.setdefault((record["compiler"], record["workers"]), []).append(record)
    for i, ((compiler, workers), group) in enumerate(groups.items()):
        label = f"{compiler}, {workers} worker{'s' * (workers > 1)}"
        lines += ["<figure>", f"<figcaption>{escape(label)}</figcaption>",
                  chart.bars(group, f"{title}: {label}", f"{name_of(records)}-{i}"), "</figure>"]
    lines.append("</div>")
    columns = [one for one in COLUMNS
               if one[0] != "energy_j" or any(record["energy_j"] for record in records)]
    lines.append(table(sorted(records, key=text.sort_key), columns, f"{title}: all figures"))
    lines += [load_table(record) for record in records if record["runtime"] == "twill"]
    lines.append("</section>")
    return "\n".join(lines)


def document(title, about, remarks, body):
    facts = [("date", about["date"]), ("processor", f"{about['cpu']}, {about['cores']} cores"),
             ("kernel", about["kernel"]), ("commit", about["commit"]),
             *about["compilers"].items(), ("command", about["command"])]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
             '<meta name="viewport" content="width=device-width, initial-scale=1">',
             '<meta name="color-scheme" content="light dark">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", "</head>", "<body>",
             f"<header><h1>{escape(title)}</h1>", "<dl>"]
    lines += [f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>"
              for name, value in facts]
    lines.append("</dl>")
    lines += [f'<p class="result">{escape(line)}</p>' for line in remarks]
    lines += ["</header>", "<main>", body, "</main>", "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def contents(blocks):
    links = "".join(f'<li><a href="#{escape(name_of(records))}">'
                    f"{escape(name_of(records))}</a></li>" for records in blocks)
    return f'<nav aria-label="Kernels"><ul>{links}</ul></nav>'


READING = ("Bars are medians over the rounds, the line across a bar is its fastest round; shorter "
           "is better. The spread is half the distance of the quartiles. Best peer / own is above 1 "
           "where a runtime is ahead of the best of oneTBB and OpenMP.")


def results(blocks, about, remarks):
    parts = [contents(blocks), f"<p>{READING}</p>", *map(section, blocks)]
    legend = "".join(f'<li><span class="key {name}"></span>{name}</li>' for name in LEGEND)
    parts.insert(2, f'<ul class="legend" aria-label="Colours of the load bars">{legend}</ul>')
    return document("Twill beside its peers", about, remarks, "\n".join(parts))


COMPARED = (("kernel", "kernel"), ("variant", "variant"), ("compiler", "compiler"),
            ("runtime", "runtime"), ("workers", "workers"), ("ms_median", "median, ms"),
            ("base_ms_median", "base, ms"), ("ratio", "ratio"), ("ratio_low", "from"),
            ("ratio_high", "to"), ("verdict", "verdict"))


def comparison(records, about, remarks):
    body = table(records, COMPARED, "Medians of this tree over those of the base, with a 95 % "
                                    "bootstrap interval; below 1 this tree is faster")
    return document("Twill beside another commit", about, remarks, body)
