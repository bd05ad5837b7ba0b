# SPDX-License-Identifier: Apache-2.0
"""Which cells a plan has, and in which order they run."""

import pathlib
import unittest

import fake  # noqa: F401
import plan
from suite.runs import order


class Listed:
    """A catalogue without a build: {runtime: variants} for a kernel."""

    def __init__(self, **kernels):
        self.offers = kernels
        self.kernels = {name: {"flat": name == "saxpy", "apart": False} for name in kernels}

    def programs(self, kernel, runtime):
        known = runtime in self.offers.get(kernel, {})
        return [pathlib.Path(f"/b/{kernel}_{runtime}")] if known else []

    def variants(self, kernel, runtime):
        return dict.fromkeys(self.offers[kernel].get(runtime, []), 39)


def given(**changes):
    return {"compilers": ["clang++-19"], "workers": [1, 2], "variants": False,
            "runtimes": ["serial", "serial-best", "twill", "tbb", "gomp", "omp"], **changes}


BOTH = ["value", "reference"]


class Blocks(unittest.TestCase):
    def keys(self, catalogues, kernels=("fib",), **changes):
        blocks = plan.blocks(catalogues, kernels, given(**changes), 100.0)
        return [[cell.key for cell in cells] for cells in blocks]

    def test_serial_programs_run_with_one_worker_the_others_with_each_number(self):
        catalogue = Listed(fib={"serial": BOTH, "serial-best": BOTH, "twill": BOTH, "tbb": BOTH})
        self.assertEqual(self.keys({"clang++-19": catalogue}), [[
            "fib/value/serial/1/clang++-19", "fib/value/serial-best/1/clang++-19",
            "fib/value/twill/1/clang++-19", "fib/value/twill/2/clang++-19",
            "fib/value/tbb/1/clang++-19", "fib/value/tbb/2/clang++-19"]])

    def test_all_variants_only_where_asked_for(self):
        catalogue = Listed(fib={"serial": BOTH, "twill": BOTH})
        self.assertEqual(len(self.keys({"clang++-19": catalogue})), 1)
        self.assertEqual([cells[0] for cells in self.keys({"clang++-19": catalogue},
                                                          variants=True)],
                         ["fib/value/serial/1/clang++-19", "fib/reference/serial/1/clang++-19"])

    def test_gomp_comes_from_gcc_and_once(self):
        clang = Listed(fib={"twill": BOTH, "omp": BOTH})
        gcc = Listed(fib={"twill": BOTH, "omp": BOTH, "gomp": BOTH})
        catalogues = {"clang++-19": clang, "g++": gcc}
        self.assertEqual(self.keys(catalogues, workers=[2]), [[
            "fib/value/twill/2/clang++-19", "fib/value/omp/2/clang++-19",
            "fib/value/gomp/2/g++"]])
        both = self.keys(catalogues, workers=[2], compilers=["clang++-19", "g++"])[0]
        self.assertEqual(sum("gomp" in key for key in both), 1)
        self.assertEqual(sum("omp/2" in key for key in both), 3)

    def test_a_form_without_serial_code_is_compared_with_that_of_the_first(self):
        catalogue = Listed(fib={"serial": ["value"], "twill": ["value", "context"],
                                "tbb": ["value"]})
        cells = plan.blocks({"clang++-19": catalogue}, ["fib"], given(variants=True), 1.0)[1]
        self.assertEqual([cell.key for cell in cells], [
            "fib/context/serial/1/clang++-19", "fib/context/twill/1/clang++-19",
            "fib/context/twill/2/clang++-19"])
        self.assertTrue(cells[0].stand_in)
        self.assertIn("value", cells[0].arguments())
        self.assertFalse(cells[1].stand_in)

    def test_a_block_of_stand_ins_alone_is_none(self):
        catalogue = Listed(fib={"serial": ["value"], "twill": ["value", "context"]})
        self.assertEqual(len(self.keys({"clang++-19": catalogue}, variants=True,
                                       runtimes=["serial"])), 1)

    def test_cells_survive_the_state_file(self):
        catalogue = Listed(saxpy={"twill": ["loop"]})
        cell = plan.blocks({"g++": catalogue}, ["saxpy"], given(compilers=["g++"]), 2.5)[0][0]
        self.assertTrue(cell.flat)
        self.assertEqual(plan.Cell.of(cell.record()), cell)


class Order(unittest.TestCase):
    def test_every_other_round_runs_backwards(self):
        self.assertEqual([order("abc", turn) for turn in range(3)],
                         [list("abc"), list("cba"), list("abc")])


if __name__ == "__main__":
    unittest.main()
