# SPDX-License-Identifier: Apache-2.0
"""The results: one record for each cell, and what is compared within a block."""

import figures
import load_report
from options import PEERS
from plan import SERIAL

DIGITS = 5


def rounded(value):
    return None if value is None else float(f"{value:.{DIGITS}g}")


class Block:
    """The measured cells of one kernel and variant."""

    def __init__(self, cells, journal):
        self.journal = journal
        self.runs = {}
        for cell in cells:
            runs = journal.runs(cell.key)
            if runs and journal.get("lost", cell.key) is None:
                self.runs[cell] = figures.series(runs)

    def ms(self, cell):
        return self.runs[cell].median() if cell else None

    def find(self, runtime, workers, compiler):
        """The cell of the same compiler; gomp is built with g++ only, and compared with all."""
        found = [cell for cell in self.runs
                 if cell.runtime == runtime and cell.workers == workers
                 and (cell.compiler == compiler or runtime == "gomp")]
        return found[0] if found else None

    def serial(self, cell):
        """What the cell is compared with: serial code of its compiler, or of the only one there is."""
        own = self.find("serial", 1, cell.compiler)
        others = [one for one in self.runs if one.runtime == "serial"]
        return own or (others[0] if others else None)

    def best_peer(self, cell):
        peers = [self.find(peer, cell.workers, cell.compiler) for peer in PEERS]
        return min(filter(None, peers), key=self.ms, default=None)

    def over(self, above, below):
        return rounded(self.ms(above) / self.ms(below)) if above and below else None

    def settings(self, cell):
        found = self.journal.get("settings", cell.key)
        return found["settings"] if found else {}

    def load(self, cell):
        text = self.journal.get("load", cell.key)
        return load_report.parse(text) if text else None

    def record(self, cell, machine):
        runs = self.runs[cell]
        one = cell if cell.runtime in SERIAL else self.find(cell.runtime, 1, cell.compiler)
        serial = self.serial(cell)
        best = self.best_peer(cell)
        summary = {key: [rounded(one) for one in value] if key == "ms" else rounded(value)
                   for key, value in runs.summary().items()}
        return {
            "kernel": cell.kernel, "variant": cell.variant, "runtime": cell.runtime,
            "workers": cell.workers, "compiler": cell.compiler, "n": cell.n, **summary,
            "repeat": len(runs.records),
            "t1_over_ts": self.over(one, serial), "speedup": self.over(one, cell),
            "speedup_over_serial": self.over(serial, cell),
            "best_peer": best and best.runtime, "ratio_to_best_peer": self.over(best, cell),
            "peak_rss_kib": max(runs.field("peak_kib")),
            "cpu_ms": rounded(figures.mean(runs.field("cpu_ms"))),
            "energy_j": rounded(figures.mean(runs.field("energy_j"))),
            "settings": self.settings(cell), "places": len(cell.programs),
            "counters": runs.records[-1]["counters"], "load": self.load(cell),
            "compiler_version": machine["compilers"].get(cell.compiler),
            "commit": machine["commit"], "date": machine["date"], "cpu": machine["cpu"],
            "cores": machine["cores"],
        }


def make(blocks, journal):
    """The records of all blocks, a list of lists."""
    machine = journal.head["machine"]
    result = []
    for cells in blocks:
        block = Block(cells, journal)
        result.append([block.record(cell, machine) for cell in block.runs if not cell.stand_in])
    return [records for records in result if records]


def ahead(records):
    """{compiler: geometric mean of (best peer / Twill)} over what has a peer."""
    ratios = {}
    for record in records:
        if record["runtime"] == "twill" and record["ratio_to_best_peer"] is not None:
            ratios.setdefault(record["compiler"], []).append(record["ratio_to_best_peer"])
    return {compiler: (figures.geometric_mean(found), len(found))
            for compiler, found in ratios.items()}
