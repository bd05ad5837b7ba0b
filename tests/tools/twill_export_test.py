# SPDX-License-Identifier: Apache-2.0
"""twill export: what others make of its formats; Perfetto's by protoc."""

import csv
import io
import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from twill import Test, run

SCHEMA = Path(__file__).with_name("perfetto.proto")


def packets(text):
    """The packets of a trace in protobuf's text form, each as its lines."""
    return [[line.strip() for line in body.splitlines()]
            for body in re.findall(r"^packet \{\n(.*?)^\}\n", text, re.M | re.S)]


class Export(Test):
    def export(self, form, path=None):
        target = self.folder / "out"
        code, out, err = run("export", path or self.profile("events"), f"--{form}", "-o", target)
        self.assertEqual((code, out, err), (0, "", ""))
        return target.read_bytes()

    @unittest.skipUnless(shutil.which("protoc"), "needs protoc")
    def test_perfetto_by_its_schema(self):
        trace = self.export("perfetto")
        decoded = subprocess.run(
            ["protoc", "--decode=perfetto.protos.Trace", f"-I{SCHEMA.parent}", SCHEMA.name],
            input=trace, capture_output=True, check=True).stdout.decode()
        # A number that the schema does not have would be shown as a number.
        self.assertFalse(re.search(r"^\s*\d+[:{ ]", decoded, re.M), decoded)
        all_packets = packets(decoded)
        tracks, names, order = {}, {}, {}
        for packet in all_packets:
            text = "\n".join(packet)
            sequence = re.search(r"trusted_packet_sequence_id: (\d+)", text).group(1)
            for iid, name in re.findall(r'event_names \{\niid: (\d+)\nname: "(.*?)"', text):
                names[sequence, iid] = name
            found = re.search(r"track_event \{\n(.*)\n\}", text, re.S)
            if found is None:
                continue
            fields = dict(re.findall(r"(\w+): (\w+)", found.group(1)))
            at = int(re.search(r"^timestamp: (\d+)", text, re.M).group(1))
            track = fields["track_uuid"]
            self.assertGreaterEqual(at, order.get(track, 0))
            order[track] = at
            name = names[sequence, fields["name_iid"]] if "name_iid" in fields else None
            tracks.setdefault(track, []).append((fields["type"], name, at))
        slices = {track: self.nested(events) for track, events in tracks.items()}
        self.assertEqual(sorted(slices.values()), sorted([
            [("load", 0, 53500), ("decode", 2000, 52000)],
            [("useful", 1000, 53000)],
            [("decode", 1710, 21710)],
            [("search", 0, 710), ("useful", 710, 21810), ("parked", 21810, 21820)]]))
        self.assertIn('thread_name: "twill 1"', decoded)
        self.assertIn('process_name: "program"', decoded)
        self.assertIn("timestamp: 1700000000000000000", decoded)
        flags = [line for packet in all_packets for line in packet if "sequence_flags" in line]
        self.assertEqual(flags.count("sequence_flags: 3"), 2)

    def nested(self, events):
        """Slices by their beginning, each with its name, its begin and its end."""
        stack, slices = [], []
        for kind, name, at in events:
            if kind == "TYPE_SLICE_BEGIN":
                stack.append([name, at, None])
                slices.append(stack[-1])
            elif kind == "TYPE_SLICE_END":
                stack.pop()[2] = at
            else:
                self.assertEqual(kind, "TYPE_INSTANT")
        self.assertEqual(stack, [])
        return [tuple(one) for one in slices]

    def test_chrome(self):
        made = json.loads(self.export("chrome"))
        begun = [(one["name"], one["ts"]) for one in made["traceEvents"] if one["ph"] == "B"]
        self.assertIn(("load", 0), begun)
        self.assertIn(("decode", 2), begun)
        self.assertEqual(len(begun), sum(one["ph"] == "E" for one in made["traceEvents"]))

    def test_folded(self):
        lines = dict(line.rsplit(" ", 1) for line in self.export("folded").decode().splitlines())
        self.assertEqual(lines["load;decode"], "50000")
        self.assertEqual(lines["load"], "2000")
        self.assertEqual(lines["load;[no worker]"], "1500")
        self.assertEqual(lines["decode"], "20000")
        self.assertEqual(lines["[search]"], "710")

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.export("csv").decode())))
        self.assertEqual(len(rows), 13)
        self.assertEqual(rows[2], {"thread": "0", "ns": "2000", "event": "kind_begin",
                                   "payload": "1", "second": "0", "runtime": "0"})

    def test_standard_output_and_dropped_events(self):
        code, out, err = run("export", self.profile("dropped"), "--csv", "-o", "-")
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("thread,ns,event"))
        self.assertIn("5 events were dropped", err)

    def test_mistakes(self):
        path = self.profile("serial")
        self.refused(f"{path}: has no events: record it with twill record --mode full", "export",
                     path, "--csv", "-o", "-")
        self.usage("--output is required", "export", path, "--csv")
        self.usage("1", "export", path, "-o", "-")
        self.usage("1", "export", path, "--csv", "--folded", "-o", "-")
        events = self.profile("events")
        self.refused("/nowhere/x: No such file or directory", "export", events, "--csv", "-o",
                     "/nowhere/x")
        self.refused("/dev/full: No space left on device", "export", events, "--perfetto", "-o",
                     "/dev/full")


if __name__ == "__main__":
    unittest.main()
