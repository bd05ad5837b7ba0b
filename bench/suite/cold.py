# SPDX-License-Identifier: Apache-2.0
"""What happens beside the fork: steals, joins that wait, sleep, start and memory."""

import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import time

from suite.bar import Bar
from suite.runs import Command, interleave


SAMPLES_LEAST = 20


def cold(context):
    """Each latency as the median over the runs of the medians within a run; what is a multiple of
    a bare wake is divided by the bare wake of the same run first."""
    bars = []
    for build in context.builds:
        build.build(["bench_latency"])
        command = Command(build.programs("latency"), 100 if context.quick else 500)
        runs = interleave({"latency": command}, max(5, context.rounds),
                          f"latencies, {build.name}")["latency"].records
        context.keep_records("latency", build, runs)

        def median(name):
            if any(run[name]["count"] < SAMPLES_LEAST for run in runs):
                raise SystemExit(f"bench: too few samples of {name}: nobody stole")
            return statistics.median(run[name]["median"] for run in runs)

        def in_wakes(name):
            return statistics.median(run[name]["median"] / run["bare_wake"]["median"]
                                     for run in runs)

        def note(name):
            return (f"p10 {statistics.median(run[name]['p10'] for run in runs):.0f} "
                    f"p90 {statistics.median(run[name]['p90'] for run in runs):.0f} ns")

        bare = f"bare wake {median('bare_wake') / 1e3:.1f} us"
        for name, title, limit in (
                ("claim", "claim of a public job", 500),
                ("fork_to_begun_spinning", "fork to begun elsewhere, thief spinning", 1000),
                ("done_to_joined_spinning", "child done to joiner on, within the spin", 400)):
            bars.append(Bar(title, "<=", limit, median(name), " ns", build.name, note(name)))
        for name, title, limit in (
                ("done_to_joined_handed_over", "hand-over, in bare futex wakes", 1.25),
                ("fork_to_begun_parked", "wake of a parked thread, in bare futex wakes", 1.3)):
            bars.append(Bar(title, "<=", limit, in_wakes(name), "", build.name,
                            f"{median(name) / 1e3:.1f} us, {bare}"))
    return bars


IDLE_SECONDS = 10


class IdleProgram:
    """Runs micro/idle up to the point where it is idle, and then lets it go on."""

    def __init__(self, path, **environment):
        clean = {key: value for key, value in os.environ.items()
                 if not key.startswith("TWILL_")}
        self.process = subprocess.Popen([str(path)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env={**clean, **environment})
        if self.process.stdout.readline() != "idle\n":
            raise SystemExit(f"bench: {path} did not come to rest")

    def finish(self):
        output, _ = self.process.communicate("\n", timeout=60)
        if self.process.returncode != 0:
            raise SystemExit("bench: the idle program failed")
        return json.loads(output)


def traced_calls(pid, seconds):
    """System calls of the process that end while strace counts them. Attaching itself interrupts
    every sleeping thread once; those calls are restarted and are told apart by their error."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "calls"
        tracer = subprocess.Popen(["strace", "-f", "-c", "-p", str(pid), "-o", str(out)],
                                  stderr=subprocess.PIPE, text=True)
        time.sleep(seconds)
        tracer.send_signal(signal.SIGINT)
        _, said = tracer.communicate(timeout=20)
        if "attached" not in said:
            raise SystemExit(f"bench: strace could not attach: {said}")
        text = out.read_text(encoding="utf-8")
    calls = 0
    for line in text.splitlines():
        found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(\d+)?\s+(\w+)$", line)
        if found and found.group(3) != "total":
            calls += int(found.group(1)) - int(found.group(2) or 0)
    return calls, text


def idle(context):
    bars = []
    for build in context.builds:
        build.build(["bench_idle"])
        program = build.programs("idle")[0]
        quiet = IdleProgram(program)
        time.sleep(IDLE_SECONDS)
        seen = quiet.finish()
        traced = IdleProgram(program)
        calls, text = traced_calls(traced.process.pid, IDLE_SECONDS)
        again = traced.finish()
        context.keep_records("idle", build, [seen, again, {"strace": text}])
        spin = statistics.median(run["last_spin"]["median"] for run in (seen, again)) / 1e3
        share = seen["cpu_ms"] / seen["wall_ms"]
        bars += [
            Bar("idle: last spin after the last work", "<=", 200, spin, " us", build.name,
                f"p90 {max(r['last_spin']['p90'] for r in (seen, again)) / 1e3:.0f} us"),
            Bar(f"idle: CPU use over {IDLE_SECONDS} s", "<", 0.1, share * 100, " %", build.name,
                f"{seen['cpu_ms']:.2f} ms"),
            Bar("idle: wake-ups (threads switched out)", "<=", 0, seen["switches"], "",
                build.name, f"{seen['threads']} threads"),
            Bar("idle: wake-ups (calls that end under strace -c)", "<=", 0, calls, "",
                build.name),
        ]
    return bars


def first(context):
    bars = []
    for build in context.builds:
        build.build(["bench_first_verb"])
        runs = interleave({"first": Command(build.programs("first_verb"))}, 20,
                          f"first verb, {build.name}")["first"]
        times = runs.field("first_us")
        bars.append(Bar("first verb in a process", "<=", 2000, statistics.median(times), " us",
                        build.name, f"slowest of {len(times)}: {max(times):.0f} us"))
    return bars


def memory(context):
    bars = []
    for build in context.builds:
        context.build(build, ("fib_serial", "fib_twill"))
        series = interleave({name: Command(build.programs(name), "--workers", 2)
                             for name in ("fib_serial", "fib_twill")}, context.rounds,
                            f"memory, {build.name}")
        peak = {name: statistics.median(runs.field("peak_kib"))
                for name, runs in series.items()}
        bars.append(Bar("fib(39), peak RSS above serial", "<=", 4096,
                        peak["fib_twill"] - peak["fib_serial"], " KiB", build.name,
                        f"serial {peak['fib_serial']:.0f} KiB"))
    return bars
