# SPDX-License-Identifier: Apache-2.0
"""What the installed libraries show of themselves."""

import re
import shutil

import place
from place import PROGRAM, expect, run


def defined(library, *options):
    """The names that a library defines for others, demangled: pairs of kind and name."""
    listing = run("nm", "-C", "--defined-only", "--extern-only", *options, library).stdout
    return re.findall(r"^[0-9a-f]+ (\w) (.+)$", listing, re.MULTILINE)


def symbols(here):
    """Twill's own names are exported, and nothing of the libraries that it is built from."""
    ours = re.compile(rf"^(?:(?:typeinfo|typeinfo name|vtable) for )?twill::abi_{here.abi}::"
                      rf"|^twill_abi_{here.abi}$")
    shared = here.library(f"libtwill.so.{here.abi}")
    exported = defined(shared, "-D")
    names = {name for _, name in exported}
    expect(f"twill_abi_{here.abi}" in names, "the ABI symbol is exported")
    expect(f"twill::abi_{here.abi}::detail::this_thread" in names, "the hot state is exported")
    expect(all(map(ours.match, names)), f"exported: {sorted(n for n in names if not ours.match(n))}")

    dynamic = run("readelf", "-d", shared).stdout
    expect(f"Library soname: [libtwill.so.{here.abi}]" in dynamic, f"SONAME:\n{dynamic}")
    expect("NODELETE" in dynamic, "the library is never unloaded")

    # In the archive a strong name of anybody else could clash with a user's.
    strong = {name for kind, name in defined(here.library("libtwill.a")) if kind in "TDBR"}
    foreign = sorted(n for n in strong if not n.startswith(("twill::", "twill_abi_")))
    expect(strong and not foreign, f"libtwill.a defines {foreign}")


def abi(here):
    """A program whose headers have another ABI number does not link."""
    work = here.folder("abi")
    other = here.abi + 1
    headers = work / "include"
    shutil.copytree(here.prefix / "include", headers)
    for header in headers.rglob("*.hpp"):
        text = header.read_text(encoding="utf-8")
        text = text.replace(f"abi_{here.abi}", f"abi_{other}")
        header.write_text(text.replace(f"TWILL_ABI {here.abi}", f"TWILL_ABI {other}"),
                          encoding="utf-8")
    library = here.library("libtwill.so")
    for compiler in here.compilers:
        link = [compiler, "-std=c++20", PROGRAM, "-pthread", "-o", work / "program", library]
        run(*link, f"-I{here.prefix / 'include'}")
        done = run(*link, f"-I{headers}", check=False)
        expect(done.returncode != 0 and f"undefined reference to `twill_abi_{other}'" in done.stdout,
               f"{compiler} links headers of ABI {other} to a library of ABI {here.abi}")


if __name__ == "__main__":
    place.main({"symbols": symbols, "abi": abi})
