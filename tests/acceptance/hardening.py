#!/usr/bin/env python3
"""What the compilers and the linker did against attackers stands in the built supernode: its ELF file is read, and the compilers' arguments.

    hardening.py BUILD-DIRECTORY [--binary FILE] [--without-fortify]
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Of each source file, since nothing in the ELF file tells of them.
ARGUMENTS = ("-fstack-protector-strong", "-ftrivial-auto-var-init=zero", "-D_GLIBCXX_ASSERTIONS", "-DASIO_HAS_STD_ALIGNED_ALLOC=1")
ENDBR64 = bytes.fromhex("f30f1efa")


def readelf(binary: Path, *options: str) -> str:
    return subprocess.run(["readelf", "-W", *options, str(binary)], capture_output=True, check=True, text=True).stdout


def segment_flags(headers: str, name: str) -> str | None:
    """The R, W and E of a program header; None: there is none."""
    found = re.search(rf"^\s*{name}(?:\s+0x[0-9a-f]+){{5}}\s+([RWE ]+?)\s+(?:0x)?[0-9a-f]+$", headers, re.M)
    return found[1] if found else None


def is_bound_at_start(dynamic: str) -> bool:
    return bool(re.search(r"\((FLAGS_1)\).*\bNOW\b|\(FLAGS\).*\bBIND_NOW\b|\(BIND_NOW\)", dynamic))


def code_of(binary: Path, symbol: str) -> bytes:
    """The first bytes of a function of the binary; none: it has no such symbol."""
    found = re.search(rf"^\s*\d+:\s+([0-9a-f]+)\s+\d+\s+FUNC\s.*\s{symbol}$", readelf(binary, "-s"), re.M)
    if not found:
        return b""
    address = int(found[1], 16)
    for line in readelf(binary, "-l").splitlines():
        if load := re.match(r"\s*LOAD\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)", line):
            offset, start, size = (int(each, 16) for each in load.groups())
            if start <= address < start + size:
                return binary.read_bytes()[offset + address - start :][:4]
    return b""


def tiers_that_call(build: Path, function: str) -> set[str]:
    """Tiers with an object file that calls it: of the binary's own symbols some come with libraries that are linked statically."""
    objects = [str(each) for each in sorted(build.glob("src/*/lib*.a.p/*.o"))]
    read = subprocess.run(["readelf", "-sW", *objects], capture_output=True, check=True, text=True).stdout
    files = re.split(r"^File: ", read, flags=re.M)[1:]
    return {Path(each.split("\n", 1)[0]).parts[-3] for each in files if re.search(rf"\bUND {function}$", each, re.M)}


def checks_of(build: Path, binary: Path, with_fortify: bool) -> dict[str, Callable[[], bool]]:
    headers, dynamic, symbols = readelf(binary, "-l"), readelf(binary, "-d"), readelf(binary, "--dyn-syms")
    tiers = {each.parent.name for each in build.glob("src/*/lib*.a.p")}
    checks: dict[str, Callable[[], bool]] = {
        "it is position independent": lambda: "DYN (" in readelf(binary, "-h") and "PIE" in dynamic,
        "its stack can not be executed": lambda: segment_flags(headers, "GNU_STACK") == "RW",
        "no segment can be written and executed": lambda: not re.search(r"^\s*LOAD.*\sRWE\s", headers, re.M),
        "its relocations are read-only (relro)": lambda: segment_flags(headers, "GNU_RELRO") is not None,
        "all its symbols are bound at the start (now)": lambda: is_bound_at_start(dynamic),
        "the stack of every tier is protected": lambda: bool(tiers) and tiers_that_call(build, "__stack_chk_fail") == tiers,
        "the standard library's assertions are in it": lambda: "__glibcxx_assert_fail" in symbols,
    }
    if with_fortify:
        checks["calls of the C library are checked (_FORTIFY_SOURCE)"] = lambda: bool(tiers_that_call(build, r"__(?!stack)\w+_chk"))
    if "X86-64" in readelf(binary, "-h"):
        checks["its functions are marked for indirect branches (CET)"] = lambda: code_of(binary, "main") == ENDBR64
    return checks


def unhardened(build: Path, wanted: tuple[str, ...]) -> list[str]:
    """Our own sources that are compiled without one of these arguments."""
    entries = json.loads((build / "compile_commands.json").read_text())
    ours = [entry for entry in entries if re.match(r"(\.\./)*(src|tools|supernode\.p|phyllo-sim\.p)/.*\.cpp$", entry["file"])]
    if not ours:
        return ["no source of ours is compiled"]
    return [f"{entry['file']} is compiled without {argument}" for entry in ours for argument in wanted if argument not in shlex.split(entry["command"])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--binary", type=Path, help="default: BUILD-DIRECTORY/supernode")
    parser.add_argument("--without-fortify", action="store_true", help="of a build without optimisation, or for a sanitizer")
    given = parser.parse_args()
    binary = given.binary or given.build / "supernode"
    failed = [f"{binary}: not true: {name}" for name, holds in checks_of(given.build, binary, not given.without_fortify).items() if not holds()]
    failed += unhardened(given.build, ARGUMENTS + (() if given.without_fortify else ("-D_FORTIFY_SOURCE=3",)))[:10]
    print("\n".join(failed) or f"{binary}: all holds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
