# SPDX-License-Identifier: Apache-2.0
"""The ways in which a program finds Twill."""

import re
import shutil

import place
from place import CONSUMERS, PROGRAM, WARNINGS, expect, run


def needed(program):
    """The shared libraries that a program asks for."""
    return re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", program).stdout)


def prefix(here):
    """Installs the build for the other tests."""
    shutil.rmtree(here.prefix, ignore_errors=True)
    run("cmake", "--install", here.build, "--prefix", here.prefix)
    headers = here.prefix / "include/twill"
    expect((headers / "twill.hpp").is_file(), "the headers are installed")
    expect({path.suffix for path in headers.rglob("*") if path.is_file()} == {".hpp"},
           "nothing but headers is installed beside them")
    expect("Usage: twill" in run(here.prefix / "bin/twill", "--help").stdout,
           "the program twill is installed, and runs")


def find_package(here):
    """find_package(twill): the shared library, and the static one as a component."""
    build = here.folder("packaged")
    run("cmake", "-S", CONSUMERS / "packaged", "-B", build, "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={here.prefix}", f"-DCMAKE_CXX_COMPILER={here.compilers[0]}")
    run("cmake", "--build", build)
    for kind in ("shared", "static"):
        program = build / f"with_{kind}"
        run(program)
        linked = f"libtwill.so.{here.abi}" in needed(program)
        expect(linked == (kind == "shared"), f"with_{kind} asks for {needed(program)}")


def configure_embedded(here, name, *options):
    build = here.folder(name)
    run("cmake", "-S", CONSUMERS / "embedded", "-B", build, "-G", "Ninja",
        f"-DTWILL_SOURCE={here.root}", f"-DCMAKE_CXX_COMPILER={here.compilers[0]}", *options)
    listed = run("cmake", "--build", build, "--target", "help").stdout
    for other in ("bench_", "tests_", "social", "gtest", "install/"):
        expect(not re.search(rf"^{other}", listed, re.M), f"a contained Twill brings {other}")
    return build


def embedded(here):
    """FetchContent and add_subdirectory: the library, and nothing else, as part of a project."""
    configure_embedded(here, "subdirectory")
    build = configure_embedded(here, "fetched", "-DFETCH=ON")
    run("cmake", "--build", build, timeout=300)
    run(build / "program")
    expect(list(build.rglob("libtwill.a")), "the static library is built")
    expect(not list(build.rglob("libtwill.so*")), "a library that nobody links is not built")


def pkg_config_flags(folder):
    """What pkg-config says of the twill.pc below a folder."""
    (file,) = folder.rglob("twill.pc")
    return run("pkg-config", "--cflags", "--libs", "twill",
               environment={"PKG_CONFIG_PATH": str(file.parent)}).stdout.split()


def pkg_config(here):
    """pkg-config, with each compiler, and for users without RTTI or without exceptions."""
    work = here.folder("pkg_config")
    flags = pkg_config_flags(here.prefix)
    expect("-lfmt" not in flags and "-ltbb" not in flags, "only libtwill is linked")
    library = here.library(f"libtwill.so.{here.abi}").parent
    for compiler in here.compilers:
        for option in ("-O2", "-fno-rtti", "-fno-exceptions", "-fno-pie"):
            program = work / f"program{option}"
            run(compiler, "-std=c++20", *WARNINGS, option, PROGRAM, *flags, "-o", program,
                *(["-no-pie"] if option == "-fno-pie" else []))
            run(program, environment={"LD_LIBRARY_PATH": str(library)})


def moved(here):
    """An installed tree that is moved, and a library folder that is given absolutely."""
    work = here.folder("moved")
    shutil.copytree(here.prefix, work / "elsewhere", symlinks=True)
    flags = pkg_config_flags(work / "elsewhere")
    for flag in flags:
        if flag.startswith(("-I", "-L")):
            expect((work / "elsewhere") in (work / flag[2:]).resolve().parents,
                   f"{flag} lies in the moved tree")
    run("cmake", "-S", here.root, "-B", work / "build", "-G", "Ninja", "-DTWILL_BUILD_TESTS=OFF",
        "-DTWILL_BUILD_BENCH=OFF", "-DTWILL_BUILD_APPS=OFF", "-DCMAKE_INSTALL_PREFIX=/opt/twill",
        "-DCMAKE_INSTALL_LIBDIR=/opt/lib64")
    flags = pkg_config_flags(work / "build")
    expect("-L/opt/lib64" in flags and "-I/opt/twill/include" in flags,
           f"an absolute library folder: {flags}")


if __name__ == "__main__":
    place.main({"prefix": prefix, "find_package": find_package, "embedded": embedded,
                "pkg_config": pkg_config, "moved": moved})
