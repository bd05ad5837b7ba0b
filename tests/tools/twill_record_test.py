# SPDX-License-Identifier: Apache-2.0
"""twill record: the program runs as it would alone, and its profile is told afterwards."""

import os
import signal
import subprocess
import unittest

from twill import TWILL, WRITE_PROFILE, Test, run

# What a program with Twill does: makes the file that TWILL_RECORD names.
RECORDED = f'"{WRITE_PROFILE}" "${{TWILL_RECORD%:*}}" serial 1000'


class Record(Test):
    def record(self, *arguments):
        return run("record", *arguments, cwd=self.folder)

    def test_tells_the_file_and_the_verdict(self):
        code, out, err = self.record("-o", "x.twl", "--", "sh", "-c", f"echo mine; {RECORDED}")
        self.assertEqual((code, out), (0, "mine\n"))
        self.assertIn("twill record: x.twl (0.0 MB)", err)
        self.assertIn('verdict: a serial section: region "load"', err)
        self.assertIn("Predicted gain: 30 % of the wall time", err)
        _, _, err = self.record("-o", "y.twl", "--quiet", "--", "sh", "-c", RECORDED)
        self.assertEqual(err, "")
        self.assertTrue((self.folder / "y.twl").exists())

    def test_passes_its_variable_arguments_and_exit_code(self):
        code, out, err = self.record("--mode", "full", "-o", "a%p:b.twl", "--", "sh", "-c",
                                     'echo "$TWILL_RECORD"; echo "$@"; exit 7', "sh", "--mode",
                                     "-o", "--", "[a,b]", "")
        self.assertEqual(code, 7)
        self.assertEqual(out, f"{self.folder.resolve()}/a%%p:b.twl:full\n--mode -o -- [a,b] \n")
        self.assertIn("a%p:b.twl: was not written", err)

    def test_keeps_files(self):
        old = self.folder / "x.twl"
        old.write_text("old", encoding="utf-8")
        code, out, err = self.record("-o", "x.twl", "--", "echo", "ran")
        self.assertEqual((code, out), (2, ""))
        self.assertEqual(err, "x.twl: exists; --force replaces it\n")
        self.assertEqual(old.read_text(encoding="utf-8"), "old")
        code, _, _ = self.record("-o", "x.twl", "--force", "--", "sh", "-c", RECORDED)
        self.assertEqual(code, 0)
        self.assertGreater(old.stat().st_size, 100)
        self.assertEqual(old.stat().st_mode & 0o777, 0o600)
        code, _, err = self.record("-o", ".", "--force", "--", "echo", "ran")
        self.assertEqual((code, err), (2, ".: is no regular file, and is not replaced\n"))

    def test_finds_a_free_name(self):
        for expected in ("sh.twl", "sh.2.twl", "sh.3.twl"):
            code, _, err = self.record("--", "sh", "-c", RECORDED)
            self.assertEqual(code, 0)
            self.assertIn(f"twill record: {expected} (", err)
            self.assertTrue((self.folder / expected).exists())

    def test_ends_as_the_program_ends(self):
        code, _, _ = self.record("--", "sh", "-c", "kill -KILL $$")
        self.assertEqual(code, -signal.SIGKILL)
        code, _, _ = self.record("--", "sh", "-c", "kill -SEGV $$")
        self.assertEqual(code, -signal.SIGSEGV)
        self.assertEqual(list(self.folder.glob("core*")), [])

    def test_passes_signals_on(self):
        for number, name in ((signal.SIGTERM, "TERM"), (signal.SIGINT, "INT"),
                             (signal.SIGUSR1, "USR1"), (signal.SIGHUP, "HUP")):
            script = f"trap 'echo got; exit 9' {name}; echo ready; while :; do sleep 0.02; done"
            # In a session of its own: nothing else sends it a signal.
            with subprocess.Popen([TWILL, "record", "--", "sh", "-c", script],
                                  cwd=self.folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True,
                                  start_new_session=True) as running:
                self.assertEqual(running.stdout.readline(), "ready\n")
                os.kill(running.pid, number)
                self.assertEqual(running.stdout.read(), "got\n")
            self.assertEqual(running.returncode, 9)

    def test_signals_that_are_ignored_stay_so(self):
        done = subprocess.run(["sh", "-c", f"trap '' HUP; exec {TWILL} record -- sh -c "
                               "'kill -HUP $$; echo alive'"], cwd=self.folder, check=False,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "alive\n"))

    def test_mistakes(self):
        self.usage("PROG is required", "record")
        self.usage("PROG is required", "record", "--")
        self.usage("--mode", "record", "--mode", "some", "--", "true")
        self.refused("no_such_program: No such file or directory", "record", "--",
                     "no_such_program")
        self.usage("--colour", "record", "--colour", "red", "--", "true")
        self.usage("not expected: true", "record", "true")


if __name__ == "__main__":
    unittest.main()
