# SPDX-License-Identifier: Apache-2.0
"""headers.py FOLDER INCLUDE_DIR COMPILER...: precompiles what nearly every case includes, once for each
compiler, so that a case takes a sixth of the time."""

import subprocess
import sys
from pathlib import Path

FLAGS = ["-std=c++20", "-Wall", "-Wextra"]


def folder_of(folder, compiler):
    return Path(folder) / Path(compiler).name


def use(folder, compiler):
    """The options that take the header from there; clang and g++ look for it by different names."""
    return ["-Winvalid-pch", "-include", str(folder_of(folder, compiler) / "all.hpp")]


def main():
    folder, include_dir, *compilers = sys.argv[1:]
    for compiler in compilers:
        place = folder_of(folder, compiler)
        place.mkdir(parents=True, exist_ok=True)
        header = place / "all.hpp"
        header.write_text("#include <twill/twill.hpp>\n", encoding="utf-8")
        subprocess.run([compiler, *FLAGS, f"-I{include_dir}", "-x", "c++-header", str(header), "-o",
                        str(place / "all.hpp.gch")], check=True)


if __name__ == "__main__":
    main()
