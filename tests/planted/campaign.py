# SPDX-License-Identifier: Apache-2.0
"""Judges the verdict of `twill report`: for each planted problem and seed, the program is recorded
and the verdict read; the program with and without the problem is timed in turn. Right is: the
cause first, the region or kind, and a gain within ten points of the one measured."""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

from programs import PROBLEMS, Broken, Runner
from sums import faults

MOST_OFF = 10     # points of gain
ENOUGH = 0.95     # of the trials of each problem
MOST_OTHERS = 0.03  # of the machine, for processes that are no part of a run
MOST_TRIES = 6    # of a run beside others


@dataclass
class Trial:
    seed: int
    parameters: str
    cause: str
    subject: str
    predicted: float  # in points
    measured: float
    in_that_run: float  # the gain against the very run that was recorded
    seconds: float    # of the program with the problem, not recorded
    cause_right: bool
    subject_right: bool

    @property
    def gain_right(self):
        return abs(self.predicted - self.measured) <= MOST_OFF

    @property
    def right(self):
        return self.cause_right and self.subject_right and self.gain_right

    def row(self):
        wrong = [what for what, good in (("cause", self.cause_right),
                                         ("subject", self.subject_right),
                                         ("gain", self.gain_right)) if not good]
        return (f"| {self.seed} | {self.parameters} | {self.seconds * 1000:.0f} | {self.cause} | "
                f"{self.subject} | {self.predicted:.1f} | {self.measured:.1f} | "
                f"{self.in_that_run:.1f} | "
                f"{'no: ' + ', '.join(wrong) if wrong else 'yes'} |")


class Alone:
    """Runs what nobody else may disturb, again if processes that are no part of it took much of the
    machine meanwhile."""

    def __init__(self):
        self.repeated = 0

    @staticmethod
    def cpu_seconds():
        """What all processes of the machine have had so far, but for those of this program."""
        with open("/proc/stat", encoding="ascii") as stat:
            user, nice, system, _idle, _wait, interrupts, soft, *_ = map(
                int, stat.readline().split()[1:])
        everybody = (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
        return everybody - sum(used.ru_utime + used.ru_stime for used in map(
            resource.getrusage, (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)))

    def __call__(self, what, *arguments, **options):
        """The result of the first run that is alone, or of that beside the least."""
        least, best = float("inf"), None
        for number in range(MOST_TRIES):
            self.repeated += number > 0
            began, others = time.monotonic(), self.cpu_seconds()
            result = what(*arguments, **options)
            took, others = time.monotonic() - began, self.cpu_seconds() - others
            share = others / (took * os.cpu_count())
            if share < least:
                least, best = share, result
            if share <= MOST_OTHERS:
                break
        return best


def measure(runner, alone, problem, seed, repeat):
    """Seconds with the problem and without, medians of runs in turn."""
    times = {False: [], True: []}
    for number in range(repeat):
        # Who goes first changes, so that a drift of the machine favours neither.
        for fixed in (False, True) if number % 2 == 0 else (True, False):
            times[fixed].append(alone(runner.run, problem.program, seed, fixed)["seconds"])
    return statistics.median(times[False]), statistics.median(times[True])


def judge(runner, alone, problem, seed, repeat, keep):
    told, report = alone(runner.recorded, problem.program, seed, keep=keep)
    wrong = faults(report)
    if wrong or not report["complete"]:
        raise Broken(f"{problem.program}, seed {seed}: " + ("; ".join(wrong) or "no end of file"))
    verdict = report["verdict"]
    # Without a problem there is nothing to fix, and no gain to measure.
    before, after = ((told["seconds"],) * 2 if problem.healthy
                     else measure(runner, alone, problem, seed, repeat))
    return Trial(
        seed=seed, parameters=told["parameters"], cause=verdict["cause"],
        subject=verdict["subject"],
        predicted=0 if verdict["cause"] == "nothing" else 100 * verdict["gain"],
        measured=100 * (1 - after / before), seconds=before,
        in_that_run=0 if problem.healthy else 100 * (1 - after / told["seconds"]),
        cause_right=verdict["cause"] in problem.causes,
        subject_right=problem.names is None or verdict["subject"] == told["subject"])


def arguments():
    parser = argparse.ArgumentParser(prog="campaign.py", description=__doc__)
    parser.add_argument("twill", help="the program twill")
    parser.add_argument("folder", help="where the planted programs lie")
    parser.add_argument("--problem", metavar="NAME", action="append",
                        choices=[one.program for one in PROBLEMS],
                        help="only this problem; may be repeated")
    parser.add_argument("--seeds", metavar="N", type=int, default=20, help="seeds a problem (20)")
    parser.add_argument("--first", metavar="SEED", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--repeat", metavar="N", type=int, default=3,
                        help="runs with and without the problem, of which the medians count (3)")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the recordings there")
    return parser.parse_args()


def main():
    options = arguments()
    if options.seeds < 1 or options.repeat < 1:
        sys.exit("campaign.py: --seeds and --repeat: expected at least 1")
    problems = [one for one in PROBLEMS
                if not options.problem or one.program in options.problem]
    totals = []
    alone = Alone()
    with tempfile.TemporaryDirectory() as scratch:
        runner = Runner(options.twill, options.folder, options.keep or scratch)
        for problem in problems:
            print(f"\n## {problem.program}\n\n"
                  "| seed | parameters | ms | cause | subject | predicted | measured | in that run | "
                  "right? |\n|-|-|-|-|-|-|-|-|-|", flush=True)
            trials = []
            for seed in range(options.first, options.first + options.seeds):
                trials.append(judge(runner, alone, problem, seed, options.repeat,
                                    bool(options.keep)))
                print(trials[-1].row(), flush=True)
            totals.append((problem, trials))

    print("\n## All\n\n| problem | cause | subject | gain | all three | gain off, median | worst |\n"
          "|-|-|-|-|-|-|-|")
    good = True
    for problem, trials in totals:
        count = len(trials)
        offs = [abs(one.predicted - one.measured) for one in trials]
        right = sum(one.right for one in trials)
        good = good and right >= ENOUGH * count
        print(f"| {problem.program} | {sum(one.cause_right for one in trials)}/{count} | "
              f"{sum(one.subject_right for one in trials)}/{count} | "
              f"{sum(one.gain_right for one in trials)}/{count} | {right}/{count} | "
              f"{statistics.median(offs):.1f} | {max(offs):.1f} |")
    print(f"\n{alone.repeated} runs were repeated since other processes took more than "
          f"{MOST_OTHERS:.0%} of the machine.")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as error:
        sys.exit(f"campaign.py: {error}")
