# SPDX-License-Identifier: Apache-2.0
"""tools/bench by its command line: what it writes, how it goes on, and what it refuses."""

import json
import unittest

import fake

KEYS = {"kernel", "variant", "runtime", "workers", "compiler", "ms_median", "ms_min", "spread",
        "ratio_to_best_peer", "t1_over_ts", "speedup", "peak_rss_kib", "cpu_ms", "energy_j",
        "settings", "n", "repeat", "load"}


class Command(unittest.TestCase):
    def setUp(self):
        self.machine = fake.Machine()
        self.addCleanup(self.machine.close)
        self.machine.kernel("fib", {"serial": 100, "serial_best": 90, "twill": 110, "tbb": 220,
                                    "gomp": 330, "omp": 440})
        self.machine.kernel("uts", {"serial": 100, "twill": 50})
        self.machine.kernel("tasks", {"serial": 100, "twill": 50}, apart=True)

    def run_bench(self, *arguments, code=0, **environment):
        done = self.machine.run(*arguments, **environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done


class Results(Command):
    def test_a_list_with_one_record_for_each_runtime_and_number_of_workers(self):
        done = self.run_bench("--kernels", "fib", "--untuned", "--repeat", "2", "--json", "o.json",
                              "--compiler", "g++")
        records = self.machine.json("o.json")
        self.assertIsInstance(records, list)
        cells = [(one["runtime"], one["workers"]) for one in records]
        self.assertEqual(sorted(cells), sorted(
            [("serial", 1), ("serial-best", 1)]
            + [(runtime, workers) for runtime in ("twill", "tbb", "gomp", "omp")
               for workers in (1, 2)]))
        for one in records:
            self.assertLessEqual(KEYS, set(one))
            self.assertEqual((one["kernel"], one["variant"], one["compiler"]),
                             ("fib", "value", "g++"))
            self.assertIs(type(one["workers"]), int)
        self.assertIn("| fib", done.stdout)
        self.assertIn("left", done.stderr)

    def test_ratios(self):
        self.run_bench("--kernels", "fib", "--untuned", "--repeat", "1", "--json", "o.json")
        found = {(one["runtime"], one["workers"]): one for one in self.machine.json("o.json")}
        twill = found["twill", 2]
        self.assertEqual(twill["ms_median"], 110)
        self.assertEqual(twill["t1_over_ts"], 1.1)
        self.assertEqual(twill["speedup"], 1)
        self.assertEqual((twill["best_peer"], twill["ratio_to_best_peer"]), ("tbb", 2.0))
        self.assertEqual(found["tbb", 2]["ratio_to_best_peer"], 1.0)
        self.assertEqual(found["omp", 1]["ratio_to_best_peer"], 0.5)
        self.assertEqual(twill["cpu_ms"], 150)
        self.assertEqual(twill["energy_j"], 1.5)
        self.assertEqual(twill["peak_rss_kib"], 4096)
        self.assertEqual(len(twill["load"]["rows"]), 3)

    def test_gomp_is_built_by_gcc_also_for_clang(self):
        self.machine.kernel("fib", {"twill": 110, "omp": 440}, side="clang")
        self.run_bench("--kernels", "fib", "--untuned", "--repeat", "1", "--json", "o.json",
                       "--runtimes", "twill,gomp,omp", "--workers", "2", "--compiler", "clang++-19")
        found = {one["runtime"]: one for one in self.machine.json("o.json")}
        self.assertEqual({runtime: one["compiler"] for runtime, one in found.items()},
                         {"twill": "clang++-19", "omp": "clang++-19", "gomp": "g++"})
        self.assertEqual(found["gomp"]["compiler_version"], "g++ 12")
        self.assertEqual((found["twill"]["best_peer"], found["twill"]["ratio_to_best_peer"]),
                         ("gomp", 3.0))

    def test_several_compilers_have_a_record_each(self):
        self.machine.kernel("fib", {"twill": 50, "tbb": 200}, side="clang")
        self.run_bench("--kernels", "fib", "--untuned", "--repeat", "1", "--json", "o.json",
                       "--runtimes", "twill,tbb", "--workers", "2", "--compiler",
                       "clang++-19,g++")
        self.assertEqual({one["compiler"]: one["ratio_to_best_peer"]
                          for one in self.machine.json("o.json") if one["runtime"] == "twill"},
                         {"clang++-19": 4.0, "g++": 2.0})

    def test_the_default_is_all_kernels_but_those_apart(self):
        self.run_bench("--runtimes", "twill", "--repeat", "1", "--json", "o.json")
        self.assertEqual({one["kernel"] for one in self.machine.json("o.json")}, {"fib", "uts"})
        self.run_bench("--kernels", "tasks", "--runtimes", "twill", "--repeat", "1", "--json",
                       "o.json")
        self.assertEqual({one["kernel"] for one in self.machine.json("o.json")}, {"tasks"})

    def test_variants(self):
        self.run_bench("--kernels", "uts", "--runtimes", "twill", "--repeat", "1", "--variants",
                       "--workers", "2", "--json", "o.json")
        self.assertEqual([one["variant"] for one in self.machine.json("o.json")],
                         ["value", "reference"])

    def test_settings_are_stated(self):
        done = self.run_bench("--kernels", "fib", "--runtimes", "tbb", "--workers", "2",
                              "--repeat", "1", "--json", "o.json")
        record, = self.machine.json("o.json")
        self.assertEqual(record["settings"], {"BENCH_TBB_PARTITIONER": "static"})
        self.assertIn("BENCH_TBB_PARTITIONER=static", done.stdout)

    def test_what_the_caller_has_set_for_a_runtime_is_not_passed_on(self):
        self.run_bench("--kernels", "fib", "--runtimes", "omp", "--workers", "1", "--repeat", "1",
                       "--untuned", OMP_WAIT_POLICY="active")
        self.assertNotIn("wait=active", "\n".join(self.machine.runs()))

    def test_a_page(self):
        self.run_bench("--kernels", "uts", "--repeat", "1", "--html", "o.html")
        text = (self.machine.path / "o.html").read_text(encoding="utf-8")
        self.assertTrue(text.startswith("<!DOCTYPE html>"))
        self.assertIn("Load of Twill", text)

    def test_a_wrong_result_is_an_error_and_the_rest_is_shown(self):
        (self.machine.path / "build" / "bin" / "fib_tbb.fail").write_text("wrong\n",
                                                                          encoding="utf-8")
        done = self.run_bench("--kernels", "fib", "--untuned", "--repeat", "1", "--json", "o.json",
                              code=3)
        self.assertNotIn("tbb", {one["runtime"] for one in self.machine.json("o.json")})
        self.assertIn("not measured: fib/value/tbb/2/", done.stderr)


class Resume(Command):
    ASKED = ("--kernels", "uts", "--repeat", "4", "--runtimes", "serial,twill", "--workers", "2")

    def test_an_interrupted_run_goes_on_where_it_stopped(self):
        done = self.run_bench(*self.ASKED, code=130, FAKE_STOP="6")
        self.assertIn("--resume", done.stderr)
        before = len(self.machine.runs())
        self.assertEqual(before, 6)
        self.run_bench("--resume", "--json", "o.json")
        # Two first runs, four rounds of two, and a load table; the one that was stopped twice.
        self.assertEqual(len(self.machine.runs()), 2 + 4 * 2 + 1 + 1)
        self.assertEqual([one["repeat"] for one in self.machine.json("o.json")], [4, 4])

    def test_a_finished_run_is_shown_again_and_nothing_runs(self):
        self.run_bench(*self.ASKED, "--json", "one.json")
        before = self.machine.runs()
        self.run_bench("--resume", "--json", "other.json", *self.ASKED)
        self.assertEqual(self.machine.runs(), before)
        self.assertEqual(self.machine.json("one.json"), self.machine.json("other.json"))

    def test_a_state_file_of_ones_own(self):
        self.run_bench(*self.ASKED, "--resume", "mine.jsonl", code=130, FAKE_STOP="5")
        self.run_bench(*self.ASKED, "--resume", "mine.jsonl")
        self.assertEqual(len(self.machine.runs()), 12)

    def test_other_options_or_other_programs_are_refused(self):
        self.run_bench(*self.ASKED, code=130, FAKE_STOP="6")
        done = self.run_bench(*self.ASKED[:2], "--repeat", "9", "--resume", code=2)
        self.assertIn("repeat", done.stderr)
        program = self.machine.path / "build" / "bin" / "uts_twill"
        program.write_text(program.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
        done = self.run_bench("--resume", code=2)
        self.assertIn("begin anew", done.stderr)


class Built(Command):
    """Programs that were built before, perhaps on another machine."""

    ASKED = ("--kernels", "fib", "--untuned", "--repeat", "1", "--workers", "2", "--json", "o.json")

    def setUp(self):
        super().setUp()
        self.run_bench(*self.ASKED, "--compiler", "g++")
        self.log = self.machine.path / "cmake.log"
        self.log.unlink()
        for name in ("cmake", "g++", "clang++-19"):
            self.machine.script(self.machine.path / "tools" / name, "#!/bin/sh\nexit 1\n")

    def test_nothing_is_built(self):
        self.run_bench(*self.ASKED, "--built")
        self.assertFalse(self.log.exists())
        records = self.machine.json("o.json")
        self.assertEqual({one["compiler"] for one in records}, {"g++"})
        self.assertEqual({one["runtime"] for one in records},
                         {"serial", "serial-best", "twill", "tbb", "gomp", "omp"})
        self.run_bench("--resume", "--built", "--json", "again.json")
        self.assertEqual(self.machine.json("again.json"), records)

    def test_a_program_that_is_not_there_is_left_out(self):
        (self.machine.builds / "bench-gcc" / "bench" / "bin" / "fib_tbb").unlink()
        done = self.run_bench(*self.ASKED, "--built")
        self.assertIn("tbb is left out for fib", done.stderr)
        self.assertNotIn("tbb", {one["runtime"] for one in self.machine.json("o.json")})

    def test_refused_in_one_line(self):
        for arguments, word in ((("--compiler", "clang++-19"), "bench-clang"),
                                (("--compare", "HEAD"), "--compare"),
                                (("--builds", "absent"), "absent")):
            done = self.run_bench("--built", *arguments, code=2)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn(word, done.stderr)
        state = self.machine.builds / "bench-state.jsonl"
        state.write_text("".join(line for line in state.read_text(encoding="utf-8").splitlines(True)
                                 if '"finished"' not in line), encoding="utf-8")
        done = self.run_bench("--resume", str(state), "--built", "--builds", "absent", code=2)
        self.assertIn("no build with g++", done.stderr)
        done = self.run_bench("--built", "--kernels", "uts", "--runtimes", "tbb", code=3)
        self.assertIn("nothing to measure", done.stderr)


class Refused(Command):
    def test_mistakes_are_one_line_and_nothing_is_built(self):
        (self.machine.path / "file").write_text("{}\n", encoding="utf-8")
        for arguments, word in (
                (("--kernels", "nosuch"), "nosuch"), (("--kernels", "fib,,uts"), "fib,,uts"),
                (("--kernels", ""), "--kernels"), (("--runtimes", "cilk"), "cilk"),
                (("--workers", "0"), "1 to 4096"), (("--workers", "1.5"), "1.5"),
                (("--workers", "5000"), "5000"), (("--workers", "-1"), "--workers"),
                (("--repeat", "0"), "--repeat"), (("--repeat", "x"), "x"),
                (("--compiler", "nosuch++"), "nosuch++"), (("--compare", "nosuch"), "nosuch"),
                (("--json", "absent/o.json"), "absent/o.json"), (("--html", "."), "--html"),
                (("--tolerance", "3"), "--compare"), (("--wrong",), "--wrong"),
                (("--compare", "HEAD", "--tolerance", "nan"), "nan"),
                (("extra",), "extra"), (("--resume",), "cannot read"),
                (("--resume", "file"), "not a state file")):
            done = self.run_bench(*arguments, code=2)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn(word, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertFalse(self.machine.built())

    def test_a_file_that_was_there_is_as_it_was(self):
        path = self.machine.path / "kept.json"
        path.write_text(json.dumps([1]), encoding="utf-8")
        self.run_bench("--json", "kept.json", "--html", "new.html", "--kernels", "nosuch", code=2)
        self.assertEqual(self.machine.json("kept.json"), [1])
        self.assertFalse((self.machine.path / "new.html").exists())

    def test_a_build_that_fails(self):
        self.machine.script(self.machine.path / "tools" / "cmake",
                            "#!/bin/sh\necho no such generator\nexit 1\n")
        done = self.run_bench("--kernels", "fib", code=3)
        self.assertIn("no such generator", done.stderr)

    def test_help(self):
        done = self.run_bench("--help")
        self.assertIn("--compare", done.stdout)


if __name__ == "__main__":
    unittest.main()
