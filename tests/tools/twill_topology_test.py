# SPDX-License-Identifier: Apache-2.0
"""twill topology: tables, pictures without overlap, and mistakes, over all listed machines."""

import collections
import itertools
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

LIBRARY = sys.argv.pop()
TWILL = sys.argv.pop()
SVG = "{http://www.w3.org/2000/svg}"
MACHINES = Path(__file__).parent.parent / "whitebox" / "topology" / "machines"
COLUMNS = ["worker", "pu", "core", "l2", "l3", "node", "package", "kind", "smt", "victims"]
# Thousandths of the size of a font that its letters take: DejaVu Sans, of the common ones the widest.
LETTERS = {278: "'ijl", 318: " ,.IJ", 337: "/:;\\|", 390: "()-[]f", 411: "!rt", 525: '"*_`sz',
           550: "?c", 592: "Lkvxy", 615: "FPTYaeo", 636: "$0123456789ESbdghnpqu{}",
           698: "ABCKRVXZ", 787: "&DGHNOQU", 838: "#+<=>^w~", 863: "M", 1000: "%@Wm"}
WIDTHS = {letter: width / 1000 for width, letters in LETTERS.items() for letter in letters}
FONT = 11
EDGE = 0.06  # what rounding in the file may come to


def run(*arguments, hwloc=None, **variables):
    """Exit code, standard output and standard error; without a value the machine is this one.
    `hwloc` has variables of that library."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("TWILL_", "HWLOC_"))}
    environment.update({f"TWILL_{name.upper()}": value for name, value in variables.items()})
    environment.update(hwloc or {})
    done = subprocess.run([TWILL, "topology", *map(str, arguments)], capture_output=True,
                          env=environment, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def machines():
    for line in (MACHINES / "list.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, value = line.split(None, 1)
            if value.startswith("xml:"):
                value = f"xml:{MACHINES / value[4:]}"
            yield name, value


def table_of(**variables):
    code, out, err = run("--json", **variables)
    assert (code, err) == (0, ""), err
    return json.loads(out)


class Json(unittest.TestCase):
    def test_workers_have_all_columns(self):
        count = 0
        for name, value in machines():
            with self.subTest(machine=name):
                made = table_of(topology=value)
                self.assertEqual(made["topology"], value)
                self.assertEqual(made["processors"], len(made["workers"]))
                self.assertIsNone(made["quota"])
                for number, worker in enumerate(made["workers"]):
                    self.assertEqual(list(worker), COLUMNS)
                    self.assertEqual(worker["worker"], number)
                    self.assertIn(worker["kind"], ("P", "E", "unknown"))
                    shares = [level["share"] for level in worker["victims"]]
                    seen = sum(level["count"] for level in worker["victims"])
                    self.assertEqual(seen, len(made["workers"]) - 1)
                    self.assertAlmostEqual(sum(shares), 1 if seen else 0)
                    self.assertEqual(shares, sorted(shares, reverse=True))
                count += 1
        self.assertGreaterEqual(count, 14)

    def test_some_cells(self):
        values = dict(machines())
        hybrid = table_of(topology=values["hybrid"])["workers"]
        self.assertEqual([worker["kind"] for worker in hybrid], ["P"] * 4 + ["E"] * 10 + ["P"] * 4)
        self.assertIsNone(hybrid[12]["l3"])
        restricted = table_of(topology=values["restricted"])
        self.assertEqual(restricted["allowed"], "2-7,12-19")
        self.assertEqual(restricted["excluded"], "0-1,8-11,20-31")
        victims = restricted["workers"][0]["victims"]
        self.assertEqual([(one["level"], one["share"], one["workers"]) for one in victims],
                         [("near", 0.7, "1-2,7-9"), ("middle", 0.24, "3-4,10-11"),
                          ("far", 0.06, "5-6,12-13")])
        self.assertEqual(table_of(topology=values["offline"])["offline"], "3-5")
        nodes = table_of(topology=values["hbm"])["nodes"]
        self.assertEqual([node["memory"] for node in nodes], ["ordinary", "special"] * 4)
        self.assertEqual(table_of(topology=values["no_l3"])["workers"][3]["l3"], None)

    def test_places_and_workers(self):
        values = dict(machines())
        made = table_of(topology=values["smt_on"], places="9,0-2", workers="3")
        self.assertEqual([worker["pu"] for worker in made["workers"]], [9, 0, 1])
        self.assertEqual(made["places"], "9,0,1,2")
        made = table_of(topology=values["cores_256"], places="nodes")
        self.assertEqual([worker["node"] for worker in made["workers"]], list(range(8)))

    def test_steal_as_the_environment_asks_for_it(self):
        restricted = dict(machines())["restricted"]
        self.assertEqual(table_of(topology=restricted)["steal"], "level")
        made = table_of(topology=restricted, steal="uniform")
        self.assertEqual(made["steal"], "uniform")
        for worker in made["workers"]:
            for level in worker["victims"]:
                self.assertAlmostEqual(level["share"], level["count"] / 13)
                self.assertIn("alike", level["why"])

    def test_the_machine_itself_under_a_mask(self):
        allowed = sorted(os.sched_getaffinity(0))
        made = table_of()
        self.assertEqual(made["topology"], "machine")
        self.assertEqual(made["processors"], len(allowed))
        os.sched_setaffinity(0, allowed[-1:])
        try:
            made = table_of()
        finally:
            os.sched_setaffinity(0, allowed)
        self.assertEqual([worker["pu"] for worker in made["workers"]], allowed[-1:])


class Text(unittest.TestCase):
    def test_all_that_it_is_to_say(self):
        for name, value in machines():
            with self.subTest(machine=name):
                code, out, err = run(topology=value)
                self.assertEqual((code, err), (0, ""))
                lines = out.splitlines()
                for word in ("topology", "machine", "allowed", "quota", "places", "steal",
                             "workers"):
                    self.assertTrue(any(line.startswith(word) for line in lines), word)
                head = lines.index("worker    pu  core    l2    l3  node  package  kind     smt")
                rows = [line.split() for line in lines[head + 1:lines.index("", head)]]
                made = table_of(topology=value)["workers"]
                shown = [["-" if worker[column] is None else str(worker[column])
                          for column in COLUMNS[:-1]] for worker in made]
                self.assertEqual(rows, shown)
        _, out, _ = run(topology=dict(machines())["cores_256"])
        self.assertIn("worker 8-15\n   70.0 % one of 7    that share L3 1 and node 0: ", out)


class Rectangle:
    def __init__(self, x, y, width, height):
        self.left, self.top, self.right, self.bottom = x, y, x + width, y + height

    def apart(self, other):
        return (self.right <= other.left + EDGE or other.right <= self.left + EDGE
                or self.bottom <= other.top + EDGE or other.bottom <= self.top + EDGE)

    def within(self, other):
        return (other.left <= self.left + EDGE and self.right <= other.right + EDGE
                and other.top <= self.top + EDGE and self.bottom <= other.bottom + EDGE)


def shapes(text):
    """Rectangles and texts of a picture, in the order in which they are drawn."""
    root = ElementTree.fromstring(text.encode())
    boxes, texts = [], []
    for element in root.iter():
        if element.tag == f"{SVG}rect":
            boxes.append(Rectangle(*(float(element.get(name))
                                     for name in ("x", "y", "width", "height"))))
        elif element.tag == f"{SVG}text":
            x, y = float(element.get("x")), float(element.get("y"))
            width = FONT * sum(WIDTHS[letter] for letter in element.text)
            texts.append((Rectangle(x, y - 0.8 * FONT, width, FONT), element.text))
    return boxes, texts


class Picture(unittest.TestCase):
    def check(self, text):
        """Boxes are in each other or apart; a text is in one box, and apart from all in that."""
        boxes, texts = shapes(text)
        for box in boxes[1:]:
            self.assertTrue(box.within(boxes[0]))
        # By top edge: what begins below the end of one is apart from it.
        boxes.sort(key=lambda box: box.top)
        for k, box in enumerate(boxes):
            for other in itertools.takewhile(lambda two: two.top < box.bottom, boxes[k + 1:]):
                self.assertTrue(box.apart(other) or box.within(other) or other.within(box))
        texts.sort(key=lambda pair: pair[0].top)
        for k, (place, label) in enumerate(texts):
            for other, second in itertools.takewhile(lambda two: two[0].top < place.bottom,
                                                     texts[k + 1:]):
                self.assertTrue(place.apart(other), (label, second))
        for place, label in texts:
            around = [box for box in boxes if not box.apart(place)]
            self.assertTrue(around, label)
            for box in around:
                self.assertTrue(place.within(box), label)
        return boxes, texts

    def test_no_machine_overlaps(self):
        for name, value in machines():
            with self.subTest(machine=name), tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "machine.svg")
                code, _, err = run("--svg", path, topology=value)
                self.assertEqual((code, err), (0, ""))
                _, texts = self.check(path.read_text(encoding="utf-8"))
                labels = {label for _, label in texts}
                made = table_of(topology=value)["workers"]
                for worker in made:
                    self.assertIn(f"w{worker['worker']}", labels)
                    self.assertIn(f"pu {worker['pu']}", labels)

    def picture_of(self, *arguments, **variables):
        code, out, _ = run("--svg", "-", *arguments, **variables)
        self.assertEqual(code, 0)
        _, texts = self.check(out)
        return [label for _, label in texts]

    def test_a_name_of_wide_letters_has_room(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "WM" * 40 + ".xml")
            text = (MACHINES / "hbm.xml").read_text(encoding="utf-8")
            path.write_text(text.replace('subtype="HBM"', f'subtype="&lt;{"@" * 200}"'),
                            encoding="utf-8")
            labels = self.picture_of(topology=f"xml:{path}")
        self.assertTrue(any("WMWM" in label for label in labels))
        self.assertTrue(any(label.startswith("node 1, <@@@@") for label in labels))

    def test_what_each_machine_is_to_show(self):
        values = dict(machines())
        count = collections.Counter(self.picture_of(topology=values["offline"]))
        for label in ("offline", "pu 3", "pu 4", "pu 5", "CPU that is switched off"):
            self.assertEqual(count[label], 1, label)
        count = collections.Counter(self.picture_of(topology=values["memoryless"]))
        for label in ("node 0, 8 GiB", "node 3, 8 GiB, 4 of its 12 CPUs",
                      "node 3, 8 GiB, 8 of its 12 CPUs", "node 1, no memory", "node 2, no memory",
                      "node that is no CPU's nearest ordinary memory"):
            self.assertEqual(count[label], 1, label)
        labels = self.picture_of(topology=values["hbm"])
        self.assertEqual(sum(label.endswith(", HBM, 16 GiB") for label in labels), 4)
        labels = self.picture_of(topology=values["hybrid"])
        self.assertEqual([sum(label.startswith("core") and label.endswith(kind)
                              for label in labels) for kind in ("P", "E")], [4, 10])
        labels = self.picture_of(topology=values["restricted"], places="nodes")
        self.assertIn("workers 2, CPUs 14, quota none, steal level, places nodes", labels)
        self.assertIn("CPU without a worker", labels)
        out = run("--json", topology=values["restricted"], places="nodes")[1]
        (far,) = json.loads(out)["workers"][0]["victims"]
        self.assertEqual((far["level"], far["share"]), ("far", 1))
        self.assertIn("drawn alike", far["why"])
        self.assertIn("CPU that this program may not use", labels)
        self.assertEqual(labels.count("-"), 32 - 2)

    def test_a_node_none_of_whose_processors_may_be_used_is_drawn_once(self):
        text = (MACHINES / "restricted.xml").read_text(encoding="utf-8")
        self.assertIn('allowed_cpuset="0x000ff0fc"', text)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "half.xml")
            path.write_text(text.replace('allowed_cpuset="0x000ff0fc"',
                                         'allowed_cpuset="0x0000fffc"'), encoding="utf-8")
            labels = self.picture_of(topology=f"xml:{path}")
            _, out, _ = run(topology=f"xml:{path}")
        self.assertEqual(labels.count("node 1, 15 GiB"), 1)
        self.assertNotIn("node that is no CPU's nearest ordinary memory", labels)
        self.assertIn("\nnode 1    15 GiB; CPUs 0, not for this program: 16\n", out)

    def test_a_machine_of_which_only_the_size_is_known(self):
        count = len(os.sched_getaffinity(0))
        labels = self.picture_of(workers=str(count), hwloc={"HWLOC_COMPONENTS": "stop"})
        self.assertEqual([label for label in labels if label.startswith("w") and " " not in label],
                         [f"w{worker}" for worker in range(count)])
        self.assertEqual(labels.count("pu"), count)
        self.assertNotIn("CPU without a worker", labels)

    def test_more_workers_than_processors_and_fewer(self):
        values = dict(machines())
        for workers in ("1", "5", "4096"):
            for name in ("hybrid", "one_core", "restricted"):
                code, out, err = run("--svg", "-", topology=values[name], workers=workers)
                self.assertEqual((code, err), (0, ""))
                self.check(out)

    def test_the_check_finds_what_overlaps(self):
        def picture(*shapes_of):
            return f'<svg xmlns="{SVG[1:-1]}"><rect x="0" y="0" width="200" height="200"/>' + \
                "".join(shapes_of) + "</svg>"
        box = '<rect x="{}" y="{}" width="50" height="20"/>'.format
        label = '<text x="{}" y="{}">abcdef</text>'.format
        self.check(picture(box(5, 5), box(60, 5), label(6, 20)))
        for bad in ((box(5, 5), box(50, 10)), (box(5, 5), label(30, 20)), (box(180, 5),),
                    (label(5, 20), label(20, 22)), (label(190, 20),)):
            with self.assertRaises(AssertionError):
                self.check(picture(*bad))


class Mistakes(unittest.TestCase):
    def test_bad_values_are_told_and_the_machine_is_shown(self):
        _, plain, _ = run()
        for value, reason in (("pu:2", "machine, synthetic:TEXT or xml:FILE"),
                              ("xml:/nowhere", "a topology (No such file or directory)"),
                              ("synthetic:x", "a topology (hwloc does not understand the "
                                              "description)")):
            code, out, err = run(topology=value)
            self.assertEqual((code, out), (0, plain))
            self.assertEqual(err, f'TWILL_TOPOLOGY: expected {reason}, got "{value}"; '
                                  "using machine\n")

    def test_files_and_usage(self):
        code, out, err = run("--svg", "/nowhere/a.svg")
        self.assertEqual((code, out, err), (2, "", "/nowhere/a.svg: No such file or directory\n"))
        for arguments in (["--json", "--svg", "-"], ["--nonsense"], ["more"]):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (2, ""))
            self.assertTrue(err.endswith("Run with --help for more information.\n"), err)
        code, out, err = run("--help")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("TWILL_PLACES", out)


class Library(unittest.TestCase):
    def test_libtwill_does_not_load_hwloc(self):
        done = subprocess.run(["readelf", "-d", LIBRARY], capture_output=True, check=True)
        self.assertIn(b"NEEDED", done.stdout)
        self.assertNotIn(b"hwloc", done.stdout)


if __name__ == "__main__":
    unittest.main()
