# SPDX-License-Identifier: Apache-2.0
"""tools/test: builds and tests every configuration."""

import argparse
import sys

import configurations
import stage
from results import Results


def arguments():
    parser = argparse.ArgumentParser(prog="tools/test", description=(
        "Builds Twill and runs its tests; the last line says how many passed and failed."))
    parser.add_argument("--long", action="store_true",
                        help="run the long campaigns instead of the tests")
    names = list(dict.fromkeys(c.name for c in configurations.SHORT + configurations.LONG))
    parser.add_argument("--only", metavar="NAME", action="append", choices=names,
                        help=f"only this configuration: {', '.join(names)}; may be repeated")
    parser.add_argument("-R", "--tests", metavar="REGEX", help="only tests whose name matches")
    return parser.parse_args()


def main():
    options = arguments()
    chosen = configurations.LONG if options.long else configurations.SHORT
    if options.only:
        chosen = [one for one in chosen if one.name in options.only]

    total = Results()
    broken = 0
    for configuration in chosen:
        print(f"{configuration.name}: ", end="", flush=True)
        try:
            built = stage.build(configuration)
            print(f"built in {built:.0f} s, ", end="", flush=True)
            found, took = stage.test(configuration, options.long, options.tests)
        except stage.StageError as error:
            print(error, flush=True)
            broken += 1
            continue
        print(f"tested in {took:.0f} s: {found}", flush=True)
        for failure in found.failures:
            print(stage.shown(failure), flush=True)
        total.add(found)

    # A configuration that does not build has at least one test that fails.
    failed = total.failed + broken
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {failed} failed{skipped}")
    return 1 if failed or not total.passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
