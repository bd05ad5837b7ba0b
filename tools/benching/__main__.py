# SPDX-License-Identifier: Apache-2.0
"""tools/bench: Twill beside serial code and its peers, or beside another commit of itself."""

import json
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
sys.dont_write_bytecode = True

import comparison  # noqa: E402
import options  # noqa: E402
import page  # noqa: E402
import records  # noqa: E402
import text  # noqa: E402
from session import Session, say  # noqa: E402

FINE, REGRESSION, MISUSE, FAILED, INTERRUPTED = 0, 1, 2, 3, 130


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def write(name, content):
    with open(name, "w", encoding="utf-8") as file:
        file.write(content)


def show(session, blocks, rest):
    """Prints and writes the results; returns the exit code that they ask for."""
    about = session.head["machine"]
    print(text.machine(about) + "\n")
    code = FINE
    if session.given["compare"]:
        found = comparison.make(blocks, session.journal)
        lines = [comparison.summary(found, session.given)]
        print(comparison.table(found))
        html = page.comparison(found, about, lines)
        code = REGRESSION if comparison.regressed(found) else FINE
    else:
        grouped = records.make(blocks, session.journal)
        found = [record for group in grouped for record in group]
        lines = text.means(records.ahead(found))
        print(text.results(grouped))
        html = page.results(grouped, about, lines)
    print("\n" + "\n".join(lines))
    if rest.json is not None:
        write(rest.json, json.dumps(found, indent=1) + "\n")
    if rest.html is not None:
        write(rest.html, html)
    for key, why in session.lost().items():
        say(f"not measured: {key}: {why}")
    return code or (FAILED if session.lost() else FINE)


def main(arguments):
    signal.signal(signal.SIGTERM, interrupt)
    session = None
    try:
        chosen, rest = options.parse(arguments)
        session = Session(chosen, rest, arguments)
        return show(session, session.run(), rest)
    except options.UsageError as error:
        print(f"tools/bench: {error}", file=sys.stderr)
        return MISUSE
    except KeyboardInterrupt:
        known = session is not None and session.journal.get("plan", "") is not None
        how = f": tools/bench --resume {session.journal.path} goes on" if known else ""
        print(f"\ntools/bench: interrupted{how}", file=sys.stderr)
        return INTERRUPTED
    except SystemExit as error:
        if not isinstance(error.code, str):
            raise
        print(f"tools/bench: {error.code.removeprefix('bench: ')}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
