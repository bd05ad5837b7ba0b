# SPDX-License-Identifier: Apache-2.0
"""What is to be run: blocks of cells. The cells of a block are compared with each other, and run in
turn."""

import dataclasses

from options import PEERS

SERIAL = ("serial", "serial-best")


@dataclasses.dataclass(frozen=True)
class Cell:
    """One program with one number of workers, run once a round."""

    kernel: str
    variant: str
    runtime: str
    workers: int
    compiler: str
    n: int
    programs: tuple  # one for each place of the code; the rounds go over them
    told: str = ""  # the variant that the program is told, where it is not `variant`
    flat: bool = False
    side: str = ""  # "base" for the other commit
    unit: float = 0.0

    @property
    def key(self):
        parts = (self.kernel, self.variant, self.runtime, self.workers, self.compiler, self.side)
        return "/".join(str(part) for part in parts if part)

    @property
    def peer(self):
        return self.runtime in PEERS

    @property
    def stand_in(self):
        """Is this the serial form of another variant, which has none of its own?"""
        return bool(self.told)

    def arguments(self):
        return ["--variant", self.told or self.variant, "--n", self.n, "--workers", self.workers,
                "--unit", self.unit]

    def record(self):
        return {**dataclasses.asdict(self), "programs": list(self.programs)}

    @staticmethod
    def of(record):
        return Cell(**{**record, "programs": tuple(record["programs"])})


def worker_counts(runtime, workers):
    return [1] if runtime in SERIAL else workers


def offered(catalogue, kernel, runtimes):
    """The variants of a kernel in the order of its programs: {name: n}. What only some of them
    offer comes last."""
    found = {}
    for runtime in runtimes:
        for name, size in catalogue.variants(kernel, runtime).items():
            found.setdefault(name, size)
    return found


def variant_told(catalogue, kernel, runtime, variant):
    """What a runtime's program is told to run for a variant: itself, or, where only the serial form
    is missing, the first one, which computes the same. None if there is nothing to run."""
    variants = catalogue.variants(kernel, runtime)
    if variant in variants:
        return variant
    return next(iter(variants), None) if runtime in SERIAL else None


def cells_of(catalogues, kernel, variant, size, given, unit):
    """The cells of a block, all compilers together. gomp needs g++: it comes from the first
    catalogue that has it, also where g++ was not asked for."""
    cells = []
    taken = set()
    for compiler, catalogue in catalogues.items():
        for runtime in given["runtimes"]:
            extra = compiler not in given["compilers"]
            if runtime in taken or (extra and runtime != "gomp"):
                continue
            programs = catalogue.programs(kernel, runtime)
            told = programs and variant_told(catalogue, kernel, runtime, variant)
            if not told:
                continue
            if runtime == "gomp":
                taken.add(runtime)
            for workers in worker_counts(runtime, given["workers"]):
                cells.append(Cell(kernel, variant, runtime, workers, compiler, size,
                                  tuple(map(str, programs)), "" if told == variant else told,
                                  catalogue.kernels[kernel]["flat"], unit=unit))
    return cells


def blocks(catalogues, kernels, given, unit):
    result = []
    first = next(iter(catalogues.values()))
    for kernel in kernels:
        variants = offered(first, kernel, given["runtimes"])
        for variant, size in list(variants.items())[:None if given["variants"] else 1]:
            cells = cells_of(catalogues, kernel, variant, size, given, unit)
            if any(not cell.stand_in for cell in cells):
                result.append(cells)
    return result
