# SPDX-License-Identifier: Apache-2.0
"""Results as text: tables that read well in a terminal and as Markdown."""

from suite.bar import markdown


def number(value, digits=2):
    return "" if value is None else f"{value:.{digits}f}"


def milliseconds(value):
    """Three to five digits, whatever the size."""
    if value >= 1000:
        return f"{value:.0f}"
    if value >= 1:
        return f"{value:.2f}"
    return f"{value:.3g}"


def settings(chosen):
    return " ".join(f"{name}={value}" for name, value in chosen.items())


def table(head, rows):
    """Markdown; the first columns are words, those from `head`'s first "ms" on are numbers."""
    left = {name for name in head[:list(head).index("ms")]} | {"settings", "verdict"}
    return markdown([list(map(str, row)) for row in [head, *rows]],
                    [i for i, name in enumerate(head) if name not in left])


HEAD = ("kernel", "variant", "compiler", "workers", "runtime", "ms", "least", "+-%", "T1/Ts",
        "speedup", "peer/own", "RSS MiB", "CPU ms", "settings")


def row(record):
    return (record["kernel"], record["variant"], record["compiler"], record["workers"],
            record["runtime"], milliseconds(record["ms_median"]), milliseconds(record["ms_min"]),
            number(100 * record["spread"], 1), number(record["t1_over_ts"]),
            number(record["speedup"]), number(record["ratio_to_best_peer"]),
            number(record["peak_rss_kib"] / 1024, 1), milliseconds(record["cpu_ms"]),
            settings(record["settings"]))


def sort_key(record):
    serial_first = record["runtime"] not in ("serial", "serial-best")
    return record["compiler"], record["workers"], serial_first


def results(blocks):
    """One table for all; what is compared with each other stands together."""
    head = HEAD
    rows = [row(record) for records in blocks for record in sorted(records, key=sort_key)]
    energy = [number(record["energy_j"]) for records in blocks
              for record in sorted(records, key=sort_key)]
    if any(energy):
        head = (*HEAD[:-1], "J", HEAD[-1])
        rows = [(*line[:-1], joules, line[-1]) for line, joules in zip(rows, energy)]
    return table(head, rows)


def machine(about):
    lines = [f"{key}: {about[key]}" for key in ("date", "cpu", "cores", "kernel", "commit",
                                                "command")]
    lines += [f"{name}: {version}" for name, version in about["compilers"].items()]
    if about["busy_before"] > 0.05:
        lines.append(f"the machine was not quiet: {about['busy_before']:.0%} of it was in use "
                     "before")
    return "\n".join(lines)


def means(ahead):
    return [f"best peer / Twill, {compiler}: geometric mean {mean:.3f} over {count} "
            "kernels and numbers of workers" for compiler, (mean, count) in ahead.items()]
