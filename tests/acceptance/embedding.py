#!/usr/bin/env python3
"""A program outside of the tree is built against what `meson install` puts in place, with pkg-config's words alone: embedding.py BUILD_DIRECTORY COMPILER

Every installed header is included, in the order of their names and the other way round; the example is built and asked for help; and no library
of OpenSSL's comes into the program.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*command: str, **more: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | more, check=False)
    if done.returncode != 0:
        sys.exit(f"FAILED: {shlex.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    build, compiler = Path(sys.argv[1]), shlex.split(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        run("meson", "install", "-C", str(build), "--no-rebuild", "--quiet", "--tags", "devel", "--destdir", name)
        [pc] = place.rglob("phyllo.pc")
        found = {"PKG_CONFIG_PATH": str(pc.parent), "PKG_CONFIG_SYSROOT_DIR": name, "PKG_CONFIG_SYSTEM_INCLUDE_PATH": f"{name}/usr/include"}
        cflags = shlex.split(run("pkg-config", "--cflags", "phyllo", **found))
        libs = shlex.split(run("pkg-config", "--libs", "phyllo", **found))
        # Of the libraries that Phyllo stands on the headers are the system's, not below the place where it was put.
        system = lambda flags: [flag.replace(f"{name}/usr/include", "/usr/include").replace(f"{name}/usr/lib", "/usr/lib") for flag in flags]  # noqa: E731
        cflags, libs = system(cflags), system(libs)
        include = next(place.rglob("phyllo/core")).parent.parent
        headers = sorted(str(path.relative_to(include)) for path in include.rglob("phyllo/*/*.hpp"))
        if len(headers) < 50:
            sys.exit(f"FAILED: only {len(headers)} headers are installed")
        for order in (headers, headers[::-1]):
            (place / "all.cpp").write_text("".join(f"#include <{header}>\n" for header in order) + "int main() {}\n")
            run(*compiler, *cflags, "-fsyntax-only", str(place / "all.cpp"))
        print(f"passed: {len(headers)} installed headers are complete, in any order")
        [example] = place.rglob("embed.cpp")
        program = str(place / "embed")
        run(*compiler, *cflags, "-O1", str(example), "-o", program, *libs)
        if "Takes part in" not in run(program, "--help"):
            sys.exit("FAILED: the example does not tell what it does")
        print("passed: the example is built against what is installed, and runs")
        foreign = [line for line in run("ldd", program).splitlines() if ("libssl" in line or "libcrypto" in line) and "android" not in line and "boringssl" not in line]
        if foreign:
            sys.exit(f"FAILED: OpenSSL comes with it: {foreign}")
        print("passed: no library of OpenSSL's is in it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
