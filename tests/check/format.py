# SPDX-License-Identifier: Apache-2.0
"""clang-format would change nothing. Skips where it is missing."""

import shutil
import subprocess
import sys
from pathlib import Path

import tree


def main():
    root = Path(sys.argv[1])
    tool = shutil.which("clang-format-19")
    if tool is None:
        print("clang-format-19 not found")
        sys.exit(77)
    sources = [str(path) for path in tree.files(root) if path.suffix in tree.CPP]
    done = subprocess.run([tool, "--dry-run", "-Werror", *sources], cwd=root,
                          capture_output=True, text=True)
    print(done.stderr)
    sys.exit(1 if done.returncode else 0)


if __name__ == "__main__":
    main()
