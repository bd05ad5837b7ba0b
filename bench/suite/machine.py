# SPDX-License-Identifier: Apache-2.0
"""What a result was measured on."""

import os
import platform
import re
import subprocess
import time


def first_line(command):
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return output.splitlines()[0] if output else "unknown"


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r"(?:model name|CPU part)\s*:\s*(.+)", line)
            if match:
                return match.group(1)
    return platform.machine()


def busy_share(seconds=1.0):
    """The share of all cores that is in use just now: what the measurement has to live with."""

    def read():
        with open("/proc/stat", encoding="utf-8") as stat:
            times = [int(word) for word in stat.readline().split()[1:9]]
        return sum(times), times[3] + times[4]

    total, idle = read()
    time.sleep(seconds)
    total_after, idle_after = read()
    passed = total_after - total
    return 1 - (idle_after - idle) / passed if passed else 0.0


def describe(root, compilers):
    git = ["git", "-C", str(root)]
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": f"{platform.system()} {platform.release()}",
        "compilers": {name: first_line([name, "--version"]) for name in compilers},
        "commit": first_line(git + ["describe", "--always", "--dirty"]),
        "busy_before": round(busy_share(), 3),
    }
