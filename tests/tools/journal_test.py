# SPDX-License-Identifier: Apache-2.0
"""The state file: what is written is read again, whatever happens in between."""

import pathlib
import tempfile
import unittest

import fake  # noqa: F401
from journal import Journal, JournalError


class State(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "deep" / "state.jsonl"

    def begun(self):
        journal = Journal(self.path)
        journal.begin({"options": {"repeat": 3}})
        journal.add("run", "fib 0", {"ms": [1.5]})
        journal.add("run", "fib 1", {"ms": [1.25]})
        journal.close()

    def test_what_was_written_is_there(self):
        self.begun()
        journal = Journal(self.path)
        journal.read()
        self.assertEqual(journal.head, {"options": {"repeat": 3}})
        self.assertEqual(journal.runs("fib"), [{"ms": [1.5]}, {"ms": [1.25]}])
        self.assertIsNone(journal.get("run", "uts 0"))

    def test_a_line_that_was_cut_off_is_written_again(self):
        self.begun()
        text = self.path.read_bytes()
        self.path.write_bytes(text[:-5])
        journal = Journal(self.path)
        journal.resume()
        self.assertEqual(len(journal.runs("fib")), 1)
        journal.add("run", "fib 1", {"ms": [2.0]})
        journal.close()
        again = Journal(self.path)
        again.read()
        self.assertEqual(again.runs("fib"), [{"ms": [1.5]}, {"ms": [2.0]}])

    def test_the_last_entry_counts(self):
        self.begun()
        journal = Journal(self.path)
        journal.resume()
        journal.add("run", "fib 0", {"ms": [9.0]})
        journal.close()
        again = Journal(self.path)
        again.read()
        self.assertEqual(again.get("run", "fib 0"), {"ms": [9.0]})

    def test_the_state_of_the_run_before_is_kept_beside(self):
        self.begun()
        self.begun()
        self.assertTrue(pathlib.Path(f"{self.path}.old").exists())

    def test_other_files_are_refused(self):
        self.path.parent.mkdir()
        for text in ("", "root:x:0\n", "[1]\n", '{"format": "other"}\n', '{"format": 1, "head"\n',
                     '{"format": "tools/bench 1", "head": {}}\n{"kind": "run"}\n'):
            self.path.write_text(text, encoding="utf-8")
            with self.assertRaises(JournalError, msg=text):
                Journal(self.path).read()


if __name__ == "__main__":
    unittest.main()
