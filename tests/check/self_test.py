# SPDX-License-Identifier: Apache-2.0
"""Every check finds a fault that is planted, and nothing in a small tree that is right."""

import subprocess
import sys
import tempfile
from pathlib import Path

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"
PAGE = "include/twill/environment.md"
RIGHT = {
    "README.md": "`runtime/os/clock.cpp`\n",
    "include/twill/README.md": "",
    PAGE: "| `TWILL_WORKERS` | 1 to 4096 |\n",
    "include/twill/detail/README.md": "",
    "include/twill/detail/slow_path.hpp": HEAD + "void wake_slow();\n",
    "include/twill/detail/fork.hpp": HEAD + "#include \"twill/detail/slow_path.hpp\"\n",
    "include/twill/twill.hpp": HEAD + "#include \"twill/detail/fork.hpp\"\n",
    "runtime/README.md": "",
    "runtime/os/README.md": "",
    "runtime/os/clock.hpp": HEAD + "int ticks_now();\n",
    "runtime/os/clock.cpp": HEAD + "#include \"os/clock.hpp\"\n// Calls ticks_now().\n"
                                   "const char* name = \"TWILL_WORKERS\";\n",
    "runtime/sched/README.md": "",
    "runtime/sched/steal.hpp": HEAD + "#include \"os/clock.hpp\"\n",
}
# A check, the file that is changed, what it becomes, and what the finding must contain.
PLANTED = (
    ("layout", "notes.txt", "", "notes.txt: does not belong"),
    ("layout", "runtime/load/bare.map", HEAD, "runtime/load: has no README.md"),
    ("layout", "runtime/os/clock.hpp", "int x;\n", "clock.hpp:1: no SPDX"),
    ("layout", "runtime/os/clock.hpp", HEAD + "int x;\n" * 400, "clock.hpp: 401 lines"),
    ("layout", "README.md", "cd /ho" "me/someone\n", "README.md:1: names one machine"),
    ("layering", "runtime/os/clock.hpp", HEAD + "#include \"sched/steal.hpp\"\n",
     "clock.hpp:2: must not include sched/steal.hpp"),
    ("layering", "runtime/os/clock.hpp", HEAD + "#include \"sched/steal.hpp\"\n", "a cycle"),
    ("layering", "include/twill/twill.hpp", "#include \"../../runtime/os/clock.hpp\"\n",
     "of runtime/"),
    ("layering", "include/twill/twill.hpp", "#include <functional>\n", "must not include <func"),
    ("layering", "runtime/os/clock.hpp", "#include \"twill/detail/slow_path.hpp\"\n",
     "for the fast paths"),
    ("references", "README.md", "`runtime/os/watch.cpp`\n", "README.md:1: no file"),
    ("references", "README.md", "`ticks_then`\n", "README.md:1: no name ticks_then"),
    ("references", "README.md", "`runtime/watch/`\n", "README.md:1: no path"),
    ("references", "runtime/os/clock.hpp", HEAD + "/* a\n ticks_then() */\nint ticks_now();\n",
     "clock.hpp:3: no function ticks_then()"),
    ("references", "runtime/os/clock.hpp", HEAD + "int ticks_now(); // TWILL_PLAYERS\n",
     "clock.hpp:2: no constant TWILL_PLAYERS"),
    ("environment", "runtime/os/clock.hpp", "auto x = read(\"TWILL_PLAYERS\");\n",
     "clock.hpp:1: TWILL_PLAYERS is not in"),
    ("environment", PAGE, "| `TWILL_WORKERS` | |\n| `TWILL_PLAYERS` | |\n",
     "nothing reads TWILL_PLAYERS"),
    ("environment", "README.md", "| `TWILL_WORKERS` | |\n", "a second table"),
)


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def run(check, files):
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        script = Path(__file__).with_name(f"{check}.py")
        done = subprocess.run([sys.executable, "-B", script, folder], capture_output=True,
                              text=True)
        return done.returncode, done.stdout + done.stderr


def main():
    faults = []
    for check in dict.fromkeys(check for check, *_ in PLANTED):
        status, output = run(check, RIGHT)
        if status != 0:
            faults.append(f"{check} finds fault with the right tree:\n{output}")
    for check, name, text, expected in PLANTED:
        status, output = run(check, {**RIGHT, name: text})
        if status != 1 or expected not in output:
            faults.append(f"{check} does not say \"{expected}\" of {name}:\n{output}")
    sys.exit("\n".join(faults) if faults else 0)


if __name__ == "__main__":
    main()
