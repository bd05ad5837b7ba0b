# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of a full recording: whatever the time, the file opens in `twill report`,
and its sums hold up to the last chunk."""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

from programs import Broken, Runner
from sums import faults

LONGEST = 1.5  # seconds of recording before a kill


def killed_once(runner, file, after):
    """Records the endless program into the file and kills it `after` seconds from its start."""
    environment = dict(runner.environment, TWILL_RECORD=f"{file}:full")
    with subprocess.Popen([str(runner.path("endless"))], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment) as program:
        time.sleep(after)
        ended = program.poll()
        program.kill()
        _, errors = program.communicate()
    if ended is not None or program.returncode != -signal.SIGKILL:
        raise Broken(f"the program ended by itself: {program.returncode}, {errors.decode()}")
    if errors:
        raise Broken(f"the program complains: {errors.decode()}")


def main():
    parser = argparse.ArgumentParser(prog="kill.py", description=__doc__)
    parser.add_argument("twill", help="the program twill")
    parser.add_argument("folder", help="where the program planted_endless lies")
    parser.add_argument("--kills", metavar="N", type=int, default=5, help="how often (5)")
    parser.add_argument("--seed", metavar="N", type=int, help="of the times (drawn)")
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}")
    draw = random.Random(seed)
    none_yet = 0
    events = []
    with tempfile.TemporaryDirectory() as scratch:
        runner = Runner(options.twill, options.folder, scratch)
        for number in range(options.kills):
            # Half of them within the first moments, where the file begins.
            after = draw.uniform(0, 0.1 if number % 2 else LONGEST)
            file = os.path.join(scratch, f"{number}.twl")
            killed_once(runner, file, after)
            if not os.path.exists(file):
                none_yet += 1  # killed before the first verb
                continue
            report = runner.report(file)
            wrong = faults(report)
            if report["complete"]:
                wrong.append("the file claims to be complete")
            if wrong:
                raise Broken(f"killed after {after:.4f} s: " + "; ".join(wrong))
            events.append(report["events"])
            os.unlink(file)
    print(f"{options.kills} kills: {len(events)} files, {none_yet} before there was one; "
          f"{sum(events)} events, {max(events, default=0)} at the most")
    if not any(events):
        raise Broken("no file has an event: nothing was tested")


if __name__ == "__main__":
    try:
        main()
    except Broken as error:
        sys.exit(f"kill.py: {error}")
