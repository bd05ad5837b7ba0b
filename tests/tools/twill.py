# SPDX-License-Identifier: Apache-2.0
"""What the tests of the program twill share: how it is run, and profiles to run it on."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WRITE_PROFILE = sys.argv.pop()
TWILL = sys.argv.pop()


def run(*arguments, **options):
    """Exit code, standard output and standard error."""
    done = subprocess.run([TWILL, *map(str, arguments)], capture_output=True, timeout=60,
                          check=False, stdin=subprocess.DEVNULL, **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Test(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def profile(self, case, milliseconds=1000, name=None):
        """A profile file, made at its first use."""
        path = self.folder / (name or f"{case}{milliseconds}.twl")
        if path.exists():
            return path
        subprocess.run([WRITE_PROFILE, path, case, str(milliseconds)], check=True)
        return path

    def refused(self, message, *arguments):
        """One line on standard error, exit code 2, nothing on standard output."""
        with self.subTest(arguments=arguments):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (2, ""))
            self.assertEqual(err, message + "\n")

    def usage(self, words, *arguments):
        """Wrong usage: exit code 2, and the words on standard error."""
        with self.subTest(arguments=arguments):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(words, err)
