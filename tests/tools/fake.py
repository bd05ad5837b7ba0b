# SPDX-License-Identifier: Apache-2.0
"""A machine where nothing is compiled and every program only prints: cmake, git, compilers and
benchmark programs as small shell scripts in a folder of its own. A test names it first, so that the
modules of tools/bench are found too."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools" / "benching"), str(ROOT / "bench")]

COMMIT = "0123456789abcdef0123456789abcdef01234567"

CMAKE = """#!/bin/sh
# Configuring copies a build from the fixture of the machine; building does nothing.
echo "$@" >> "$FAKE/cmake.log"
case "$1" in
-S)
    mkdir -p "$4/bench"
    side=build
    case "$*" in *clang*) [ -e "$FAKE/clang" ] && side=clang ;; esac
    case "$4" in *bench-base*) side=base ;; esac
    cp -r "$FAKE/$side/." "$4/bench/" ;;
--build)
    case "$*" in
    *"--target help"*) for one in "$2"/bench/bin/*; do echo "bench_${one##*/}: phony"; done ;;
    *) echo "[1/1] Linking" ;;
    esac ;;
esac
"""

GIT = f"""#!/bin/sh
case "$*" in
*"rev-parse --verify"*nosuch*) exit 1 ;;
*rev-parse*) echo {COMMIT} ;;
*describe*) echo 0123456 ;;
*"worktree add"*) for folder; do last=$before; before=$folder; done; mkdir -p "$last/.git" ;;
esac
"""

# A benchmark program. Beside it may lie NAME.ms (the time that it prints), NAME.fail (its message);
# FAKE_STOP=N interrupts tools/bench at the Nth run, as Ctrl-C would.
PROGRAM = r"""#!/bin/sh
name=${0##*/}
kernel=${name%%_*}
case "$1" in
--variants)
    echo "{\"kernel\": \"$kernel\", \"variants\": [{\"name\": \"value\", \"n\": 39}, "\
"{\"name\": \"reference\", \"n\": 39}]}"
    exit ;;
--calibrate) echo '{"unit": 100.0}'; exit ;;
esac
echo "$name $* wait=$OMP_WAIT_POLICY partitioner=$BENCH_TBB_PARTITIONER" >> "$FAKE/runs.log"
if [ -n "$FAKE_STOP" ] && [ "$(wc -l < "$FAKE/runs.log")" -ge "$FAKE_STOP" ]; then
    kill -INT $PPID
    sleep 5
fi
if [ -e "$0.fail" ]; then cat "$0.fail" >&2; exit 1; fi
ms=100
[ -e "$0.ms" ] && ms=$(cat "$0.ms")
[ "$OMP_WAIT_POLICY" = active ] && ms=80
[ "$BENCH_TBB_PARTITIONER" = static ] && ms=70
if [ "$TWILL_REPORT" = 1 ]; then
    cat "$FAKE/report" >&2
fi
echo "{\"kernel\": \"$kernel\", \"batch\": 2, \"right\": true, \"ms\": [$ms], \"cpu_ms\": 300, "\
"\"energy_j\": 3, \"peak_kib\": 4096, \"counters\": {\"stolen\": 3}}"
"""

REPORT = """twill: 0.657 s on 2 workers, per cent of the time of each
worker   useful dispatch   search   parked preempted     taken    handed  #useful +dispatch .parked
     0     95.6      0.0      0.4      4.0       0.0         4         2  |#######################.|
     1     45.6      0.0      0.0     54.4       0.0         8         1  |###########.............|
   all     70.6      0.0      0.2     29.2       0.0        12         3
useful in all S = 1.257 s, on the busiest worker C = 0.629 s; imbalance 0.000, load balance 1.000
verdict: most of them <lost> in the serial part
"""


class Machine:
    """A folder with fake tools and a PATH that begins with it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.builds = self.path / "builds"
        for name, content in (("cmake", CMAKE), ("git", GIT), ("g++", "#!/bin/sh\necho g++ 12\n"),
                              ("clang++-19", "#!/bin/sh\necho clang 19\n")):
            self.script(self.path / "tools" / name, content)
        (self.path / "report").write_text(REPORT, encoding="utf-8")
        self.kernels = {}

    def close(self):
        self.folder.cleanup()

    def script(self, path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        path.chmod(0o755)

    def kernel(self, name, runtimes, flat=False, apart=False, side="build"):
        """Adds a kernel with a program for each runtime: {runtime: ms}. The side is "build", "base"
        for another commit, or "clang" for builds with clang that differ."""
        for runtime, ms in runtimes.items():
            program = self.path / side / "bin" / f"{name}_{runtime}"
            self.script(program, PROGRAM)
            program.with_name(program.name + ".ms").write_text(str(ms), encoding="utf-8")
        listed = self.kernels.setdefault(side, [])
        listed.append({"name": name, "flat": flat, "apart": apart,
                       "programs": {one: [f"{name}_{one}"] for one in runtimes}})
        (self.path / side / "kernels.json").write_text(json.dumps(listed), encoding="utf-8")

    def run(self, *arguments, **environment):
        """The finished process of tools/bench."""
        return subprocess.run(
            [str(ROOT / "tools" / "bench"), "--builds", str(self.builds), *arguments],
            capture_output=True, text=True, timeout=100, check=False, cwd=self.path,
            env={**os.environ, "PATH": f"{self.path / 'tools'}:{os.environ['PATH']}",
                 "FAKE": str(self.path), **environment})

    def runs(self):
        """What was run: a line for each process of a benchmark program."""
        log = self.path / "runs.log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def built(self):
        return (self.path / "cmake.log").exists()

    def json(self, name):
        return json.loads((self.path / name).read_text(encoding="utf-8"))
