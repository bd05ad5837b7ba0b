# SPDX-License-Identifier: Apache-2.0
"""refuse.py CASE HEADERS INCLUDE_DIR COMPILER...: the case must be refused by every compiler with the
message that it names, and must compile with RIGHT defined. HEADERS is what headers.py has filled."""

import re
import subprocess
import sys
from pathlib import Path

import headers


def marked(source, mark):
    return re.findall(rf"^// {mark}: (.*)$", source, re.MULTILINE)


def main():
    case, folder, include_dir, *compilers = sys.argv[1:]
    source = Path(case).read_text(encoding="utf-8")
    (message,) = marked(source, "expect")
    flags = [flag for line in marked(source, "flags") for flag in line.split()]
    faults = []
    for compiler in compilers:
        other_language = any(flag.startswith("-std") for flag in flags)
        command = [compiler, "-fsyntax-only", *headers.FLAGS, f"-I{include_dir}", *flags,
                   *([] if other_language else headers.use(folder, compiler)), case]
        wrong = subprocess.run(command, capture_output=True, text=True, errors="replace")
        errors = [line for line in wrong.stderr.splitlines() if "error: " in line]
        if wrong.returncode == 0:
            faults.append(f"{compiler} accepts it")
        elif not errors or message not in errors[0]:
            faults.append(f"the first error of {compiler} is another one:\n{wrong.stderr}")
        right = [*command[:-1], "-DRIGHT", "-Werror", case]
        if "-std=c++17" in right:
            right.remove("-std=c++17")
        done = subprocess.run(right, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            faults.append(f"{compiler} refuses the right form:\n{done.stderr}")
    if faults:
        sys.exit(f"{case}: expected \"{message}\"\n" + "\n".join(faults))


if __name__ == "__main__":
    main()
