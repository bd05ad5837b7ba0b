# SPDX-License-Identifier: Apache-2.0
"""The state file: a line of JSON for everything that is known so far, written when it is known. A
run that is interrupted, by Ctrl-C or by a machine that stops, goes on after its last whole line."""

import json
import os
import pathlib

FORMAT = "tools/bench 1"


class JournalError(Exception):
    """The file is no state of tools/bench, or of another run; the text says which."""


class Journal:
    """`head` is what was asked for and on what machine; the entries have a kind and a key. The last
    entry of a kind and key counts."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.head = None
        self.entries = {}
        self.file = None

    def read(self):
        """Reads what is there; a last line that was not finished is cut off."""
        text = self.path.read_text(encoding="utf-8", errors="replace")
        whole = text[:text.rfind("\n") + 1]
        try:
            first, *rest = [json.loads(line) for line in whole.splitlines()] or [{}]
            if first.get("format") != FORMAT:
                raise ValueError
            self.head = first["head"]
            for entry in rest:
                self.entries[entry["kind"], entry["key"]] = entry["value"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise JournalError(f"{self.path} is not a state file of tools/bench") from None
        return len(whole.encode("utf-8"))

    def begin(self, head):
        """Starts a new state; that of the run before is kept beside it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            os.replace(self.path, f"{self.path}.old")
        self.head = head
        self.entries = {}
        self.file = open(self.path, "w", encoding="utf-8")
        self.write({"format": FORMAT, "head": head})

    def resume(self):
        """Goes on with the state that is there."""
        length = self.read()
        os.truncate(self.path, length)
        self.file = open(self.path, "a", encoding="utf-8")

    def write(self, line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def add(self, kind, key, value):
        self.entries[kind, key] = value
        self.write({"kind": kind, "key": key, "value": value})

    def get(self, kind, key):
        return self.entries.get((kind, key))

    def runs(self, key):
        """The values of `run` entries of a cell, by round: key and round make the key of each."""
        found = []
        while (value := self.get("run", f"{key} {len(found)}")) is not None:
            found.append(value)
        return found

    def close(self):
        if self.file:
            self.file.close()
            self.file = None
