# SPDX-License-Identifier: Apache-2.0
"""twill plan: what it prints in its three forms, and every mistake in one line with exit code 2."""

import itertools
import json
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

WRITE_PROFILE = sys.argv.pop()
TWILL = sys.argv.pop()
SVG = "{http://www.w3.org/2000/svg}"
ARTICLE = "b,2\na,3\nc,1\n"
EVEN = "task,time\n" + "".join(f"part {k},3.3333333333333335\n" for k in range(3))


def run(*arguments, text=""):
    """Exit code, standard output and standard error."""
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run([TWILL, *map(str, arguments)], input=data, capture_output=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def plan(text, *arguments):
    """What `twill plan` makes of a text, as JSON."""
    code, out, err = run("plan", "--json", *arguments, "-", text=text)
    assert code == 0, err
    return json.loads(out)


class Output(unittest.TestCase):
    def test_the_articles_cases(self):
        code, out, err = run("plan", "--cores", 3, "-", text=ARTICLE)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("makespan C = 3\n", out)
        self.assertIn("S = 6,", out)
        code, out, _ = run("plan", "--cores", 3, "--strategy", "rr", "-", text=EVEN)
        self.assertEqual(code, 0)
        self.assertIn("makespan C = 3.333\n", out)
        self.assertIn("S = 10,", out)
        self.assertIn("core   2: part 2 3.333\n", out)

    def test_text_has_a_bar_and_a_list_for_each_core(self):
        _, out, _ = run("plan", "--cores", 2, "-", text="a,2\nb,1\nc,3\nd,1.5\n")
        lines = out.splitlines()
        bars = [line.split()[-1] for line in lines if line.startswith("   ")]
        self.assertEqual([len(bar) for bar in bars], [60, 60])
        self.assertEqual(bars[0], "#" * 45 + "=" * 15)
        self.assertEqual(bars[1], "#" * 30 + "=" * 23 + "." * 7)
        self.assertEqual(lines[-2:], ["core   0: c 3, b 1", "core   1: a 2, d 1.5"])

    def test_every_strategy(self):
        text = "".join(f"t{k},{k * 7919 % 97 + 1}\n" for k in range(40))
        makespans = {}
        for strategy in ("rr", "list", "lpt", "multifit", "exact"):
            made = plan(text, "--cores", 6, "--strategy", strategy)
            self.assertEqual(made["strategy"], strategy)
            ran = sorted(task for core in made["cores"] for task in core["tasks"])
            self.assertEqual(ran, list(range(40)))
            self.assertEqual(made["makespan"], max(core["load"] for core in made["cores"]))
            self.assertAlmostEqual(made["gap"], made["makespan"] / made["lower_bound"] - 1)
            makespans[strategy] = made["makespan"]
            if made["promised_ratio"] is not None:
                self.assertLessEqual(made["makespan"],
                                     made["promised_ratio"] * made["lower_bound"] * 1.2)
        self.assertEqual(min(makespans.values()), makespans["exact"])
        self.assertTrue(plan(text, "--cores", 6, "--strategy", "exact")["optimal"])
        self.assertIsNone(plan(text, "--cores", 6, "--strategy", "rr")["promised_ratio"])

    def test_json_can_be_read_again(self):
        first = plan('kind,priority,time,task\nk,2,1.5,"x, ""y"" &\nz"\n,,2,\n', "--cores", 2)
        self.assertEqual([task["task"] for task in first["tasks"]], ['x, "y" &\nz', "2"])
        self.assertEqual(plan(json.dumps(first), "--cores", 2), first)

    def test_speeds(self):
        made = plan("".join(f"t{k},1\n" for k in range(6)), "--speeds", "2,1", "--strategy",
                    "exact")
        self.assertEqual([core["load"] for core in made["cores"]], [2, 2])
        self.assertEqual(made["lower_bound"], 2)

    def test_priority_and_kind_order_a_core(self):
        made = plan("a,1,x\nb,1,y\nc,1,x\nd,1,y,5\n", "--cores", 1, "--strategy", "list")
        self.assertEqual(made["cores"][0]["tasks"], [3, 0, 2, 1])
        self.assertEqual([task["begin"] for task in made["tasks"]], [1, 3, 2, 0])

    def test_times_by_kind(self):
        made = plan("a,,x\nb,2,x\nc,,y=z\n", "--cores", 1, "--kind", "x=0.5", "--kind", "y=z=4")
        self.assertEqual([task["time"] for task in made["tasks"]], [0.5, 2, 4])
        made = plan('[{"kind": "x"}, {"kind": "x", "time": null}]', "--cores", 1, "--kind", "x=3")
        self.assertEqual(made["makespan"], 6)

    def test_times_by_kind_from_a_profile(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.twl"
            # 1000 tasks "decode" of 2.4 ms, on four workers.
            subprocess.run([WRITE_PROFILE, path, "serial", "1000"], check=True)
            text = "a,,decode\nb,2,decode\nc,,other\n"
            made = plan(text, "--cores", 1, "--profile", path, "--kind", "other=4")
            self.assertAlmostEqual(made["tasks"][0]["time"], 0.0024, places=12)
            self.assertEqual([task["time"] for task in made["tasks"]][1:], [2, 4])
            made = plan(text, "--cores", 1, "--kind", "decode=7", "--profile", path, "--kind",
                        "other=4")
            self.assertEqual(made["tasks"][0]["time"], 7)  # what is given wins
            for words, arguments in (
                    (f"{path.parent}/none.twl:0: No such file", ["--profile", path.parent / "none.twl"]),
                    ('standard input:3: task "c" has no time', ["--profile", path])):
                code, out, err = run("plan", "--cores", 1, *arguments, "-", text=text)
                self.assertEqual((code, out, err.count("\n")), (2, "", 1))
                self.assertTrue(err.startswith(words), err)
            (path.parent / "text.twl").write_text("a,1\n", encoding="utf-8")
            code, _, err = run("plan", "--cores", 1, "--profile", path.parent / "text.twl", "-",
                               text="a,1\n")
            self.assertEqual((code, err),
                             (2, f"{path.parent}/text.twl:0: no profile file of Twill\n"))

    def test_the_examples_of_the_help(self):
        _, text, _ = run("plan", "--help")
        commands = [line.strip() for line in text.splitlines() if line.startswith("    printf")]
        ends = []
        for command in commands:
            done = subprocess.run(["sh", "-c", command.replace("twill plan", f"'{TWILL}' plan")],
                                  capture_output=True, text=True, timeout=60, check=True)
            ends.append(next(line for line in done.stdout.splitlines() if "makespan" in line))
        self.assertEqual(ends, ["makespan C = 3.333", "makespan C = 3"])

    def test_forms_of_csv(self):
        for text in ("# a comment\n\n  a , 2 \n\nb,1\n", "a,2\r\nb,1\r\n", "a,2\nb,1",
                     '"a",2\n"b" ,"1"\n', "\ufeffTask,TIME\na,2\nb,1\n",
                     "time,task\n2,a\n1,b\n", "a,2,,\nb,1,,0\n"):
            with self.subTest(text=text):
                tasks = plan(text, "--cores", 1)["tasks"]
                self.assertEqual([(one["task"], one["time"]) for one in tasks],
                                 [("a", 2), ("b", 1)])

    def test_forms_of_json(self):
        for text in ('[{"task":"a","time":2},{"task":"b","time":1}]',
                     '\n{"x":[[{}]],"tasks":[{"task":"a","time":2,"y":{"time":9}},'
                     '{"time":1e0,"task":"b"}]}'):
            tasks = plan(text, "--cores", 1)["tasks"]
            self.assertEqual([(one["task"], one["time"]) for one in tasks], [("a", 2), ("b", 1)])

    def test_help_and_where_it_goes(self):
        for arguments in (["--help"], ["plan", "--help"]):
            code, out, err = run(*arguments)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("Usage: twill", out)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([TWILL, "plan", "--cores", "1", "-"], input=b"a,1\n",
                                  stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, b"standard output: No space left on device\n")


class Picture(unittest.TestCase):
    TEXT = 'a<b>&"c",2,k\n"long name of a task",3\nshort,0.01\nz,0\nesc\u00e9,1,l\n'.replace(
        'a<b>&"c"', '"a<b>&""c"""')

    def draw(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "plan.svg")
            code, out, err = run("plan", *arguments, "--svg", path, "-", text=self.TEXT)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("makespan C = ", out)
            return ElementTree.parse(path).getroot()

    def test_blocks_are_labelled_and_do_not_overlap(self):
        for cores in (1, 2, 7):
            root = self.draw("--cores", cores)
            rows = {}
            width = float(root.get("width"))
            for group in root.iter(f"{SVG}g"):
                rect = group.find(f"{SVG}rect")
                x, length = float(rect.get("x")), float(rect.get("width"))
                self.assertGreaterEqual(x, 0)
                self.assertLessEqual(x + length, width)
                rows.setdefault(rect.get("y"), []).append((x, length))
            self.assertEqual(sum(map(len, rows.values())), 5)
            self.assertEqual(len(rows), min(cores, 5))
            for blocks in rows.values():
                for (x, length), (following, _) in itertools.pairwise(sorted(blocks)):
                    self.assertLessEqual(x + length, following + 1e-6)
            titles = {group.find(f"{SVG}title").text for group in root.iter(f"{SVG}g")}
            self.assertIn('a<b>&"c", k: 2', titles)
            self.assertIn("long name of a task: 3", titles)
            labels = [text.text for text in root.iter(f"{SVG}text")]
            self.assertIn("core 0", labels)
            self.assertTrue(any(label.startswith("long name") for label in labels))

    def test_picture_alone(self):
        code, out, _ = run("plan", "--cores", 1, "--svg", "-", "-", text="a\tb,1\n")
        self.assertEqual(code, 0)
        ElementTree.fromstring(out.encode())

    def test_control_characters_do_not_break_it(self):
        text = json.dumps([{"task": "\x00\x1b[31m\ufffe", "time": 1}])
        _, out, _ = run("plan", "--cores", 1, "--svg", "-", "-", text=text)
        ElementTree.fromstring(out.encode())
        _, out, _ = run("plan", "--cores", 1, "-", text=text)
        self.assertIn("\\x00\\x1b[31m", out)


class Mistakes(unittest.TestCase):
    def refused(self, text, message, *arguments):
        with self.subTest(text=text):
            code, out, err = run("plan", "--cores", 2, *arguments, "-", text=text)
            self.assertEqual((code, out), (2, ""))
            self.assertEqual(err, f"standard input:{message}\n")

    def test_csv(self):
        columns = "task,time[,kind,priority]"
        self.refused("", "1: has no tasks")
        self.refused("# nothing\n\n", "1: has no tasks")
        self.refused("task,time\n", "1: has no tasks")
        self.refused("a,1\nb\n", f"2: expected {columns}, found one field")
        self.refused("a,1,k,2,3\n", f"1: expected {columns}, found more fields")
        self.refused("a,1\n\n# x\nb,one\n", '4: time: expected a number, found "one"')
        self.refused('"a\nb",1\nc,x\n', '3: time: expected a number, found "x"')
        self.refused("a,1 2\n", '1: time: expected a number, found "1 2"')
        self.refused("a,-1\n", "1: time: expected 0 to 1000000000000000, found -1")
        self.refused("a,nan\n", "1: time: expected 0 to 1000000000000000, found nan")
        self.refused("a,inf\n", "1: time: expected 0 to 1000000000000000, found inf")
        self.refused("a,1e999\n", '1: time: "1e999" is out of range')
        self.refused("a,1,k,9999999999\n",
                     '1: priority: expected an integer of 32 bits, found "9999999999"')
        self.refused('x,1\n"a,1\n', "2: a quote is not closed")
        self.refused('"a"b,1\n', '1: expected a comma after a closing quote, found "b"')
        self.refused('a"b,1\n', "1: a quote within a field: put the field into quotes, and write "
                     "the quote twice")
        self.refused(b"a\xff,1\n", '1: expected UTF-8, found "a\\xff"')
        self.refused(b"a\x00,1\n", '1: a control character: "a\\x00"')
        self.refused("task,time,cost\na,1,2\n", f'1: the header has "cost", expected {columns}')
        self.refused("a" * 1001 + ",1\n", "1: a name of 1001 bytes is longer than 1000")
        self.refused("a,\n", '1: task "a" has neither a time nor a kind')
        self.refused("a,1\nb,,k\n",
                     '2: task "b" has no time; give its kind one: --kind k=TIME, or a --profile '
                     "with tasks of it", "--kind", "other=1")

    def test_json(self):
        self.refused("[]", "1: has no tasks")
        self.refused("{}", "1: has no tasks")
        self.refused('[{"time":1},\n 7]', "2: expected a task in braces, found a number")
        self.refused('{"tasks":\n7}', "2: tasks: expected a list, found a number")
        self.refused('{"tasks":{}}', "1: tasks: expected a list, found an object")
        self.refused('{"tasks":[],\n"tasks":[]}', '2: "tasks" comes twice')
        self.refused('[{\n"time":"1"}]', "2: time: expected a number, found a string")
        self.refused('[{\n"time":\n[]}]', "3: time: expected a number, found a list")
        self.refused('[{"task":1}]', "1: task: expected a string, found a number")
        self.refused('[{"kind":null}, {"kind":true}]',
                     "1: kind: expected a string, found true or false")
        self.refused('[{"time":-0.5}]', "1: time: expected 0 to 1000000000000000, found -0.5")
        self.refused('[\n{"time":1e999}]', "2: number overflow parsing '1e999'")
        self.refused('[{"time":1,"priority":1.5}]',
                     "1: priority: expected an integer of 32 bits, found a number")
        self.refused("[" * 1_000_000, "1: expected a task in braces, found a list")
        nested = '[{"x":' + "[" * 1_000_000
        code, _, err = run("plan", "--cores", 2, "-", text=nested)
        self.assertEqual(code, 2)
        self.assertTrue(err.startswith("standard input:1: syntax error"), err)
        code, _, err = run("plan", "--cores", 2, "-", text='[{"time":1},\n\n{"time":2}\n')
        self.assertEqual(code, 2)
        self.assertRegex(err, r"^standard input:\d+: syntax error .*\n$")

    def test_too_much(self):
        self.refused("a,1\n" * 1_000_001, "1000001: has more than 1000000 tasks")
        self.refused(b"#" * ((32 << 20) + 1), "1: is larger than 32 MiB")

    def test_files(self):
        for path, reason in (("/nowhere/plan.csv", "No such file or directory"),
                             ("/", "Is a directory")):
            code, out, err = run("plan", "--cores", 1, path)
            self.assertEqual((code, out, err), (2, "", f"{path}: {reason}\n"))
        code, out, err = run("plan", "--cores", 1, "--svg", "/nowhere/a.svg", "-", text="a,1\n")
        self.assertEqual((code, out), (2, ""))
        self.assertEqual(err, "/nowhere/a.svg: No such file or directory\n")

    def test_usage(self):
        for arguments in ([], ["nonsense"], ["plan"], ["plan", "-"], ["plan", "--cores", "2"],
                          ["plan", "--cores", "0", "-"], ["plan", "--cores", "4097", "-"],
                          ["plan", "--cores", "x", "-"], ["plan", "--cores", "2", "-", "more"],
                          ["plan", "--cores", "2", "--strategy", "best", "-"],
                          ["plan", "--cores", "2", "--speeds", "1,2,3", "-"],
                          ["plan", "--speeds", "1,0", "-"], ["plan", "--speeds", "1,x", "-"],
                          ["plan", "--cores", "2", "--kind", "x", "-"],
                          ["plan", "--cores", "2", "--kind", "x=-1", "-"],
                          ["plan", "--cores", "2", "--time-limit", "-1", "-"],
                          ["plan", "--cores", "2", "--json", "--svg", "x", "-"],
                          ["plan", "--cores", "2", "--nonsense", "-"]):
            with self.subTest(arguments=arguments):
                code, out, err = run(*arguments, text="a,1\n")
                self.assertEqual((code, out), (2, ""))
                self.assertTrue(err.endswith("Run with --help for more information.\n"), err)


if __name__ == "__main__":
    unittest.main()
