# SPDX-License-Identifier: Apache-2.0
"""One hot state: an executable, libtwill.so and two plug-ins that are opened with RTLD_LOCAL; and
plug-ins that are closed again."""

import place
from place import CONSUMERS, WARNINGS, run

SOURCES = CONSUMERS / "plugins"


def build(here, compiler, source, output, *options):
    library = here.library("libtwill.so")
    run(compiler, "-std=c++20", "-O2", *WARNINGS, f"-I{here.prefix / 'include'}", SOURCES / source,
        "-o", output, "-pthread", *options, library, f"-Wl,-rpath,{library.parent}")
    return output


def plugins(here):
    """Plug-ins of each compiler under a host of each: two of one kind, and one of each."""
    work = here.folder("plugins")
    built = [build(here, compiler, "plugin.cpp", work / f"plugin_{k}_{copy}.so", "-fPIC", "-shared",
                   "-fvisibility=hidden")
             for k, compiler in enumerate(here.compilers) for copy in range(2)]
    pairs = [built[:2], built[-2:], [built[0], built[-1]]]
    for k, compiler in enumerate(here.compilers):
        hosts = [build(here, compiler, "host.cpp", work / f"host_{k}", "-fPIE", "-pie"),
                 build(here, compiler, "host.cpp", work / f"fixed_{k}", "-fno-pie", "-no-pie"),
                 build(here, compiler, "stranger.cpp", work / f"stranger_{k}", "-Wl,--as-needed"),
                 build(here, compiler, "closer.cpp", work / f"closer_{k}", "-Wl,--as-needed")]
        for host in hosts:
            for pair in pairs:
                run(host, *pair, environment={"TWILL_WORKERS": "2"})


if __name__ == "__main__":
    place.main({"plugins": plugins})
