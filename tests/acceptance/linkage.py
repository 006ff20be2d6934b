#!/usr/bin/env python3
"""No OpenSSL beside BoringSSL: what the built and the installed supernode load, and that every library is found.

    linkage.py BUILD-DIRECTORY
"""

import subprocess
import sys
import tempfile
from pathlib import Path

FOREIGN = ("libssl.so.3", "libcrypto.so.3", "libssl.so.1", "libcrypto.so.1", "libgnutls", "libsofia-sip-ua.so")


def findings(binary: Path) -> list[str]:
    ran = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        return [f"{binary}: ldd: {ran.stderr.strip()}"]
    return [f"{binary}: {line.strip()}" for line in ran.stdout.splitlines() if "not found" in line or any(name in line for name in FOREIGN)]


def main(build: Path) -> int:
    found = findings(build / "supernode")
    with tempfile.TemporaryDirectory() as place:
        installing = ["meson", "install", "-C", str(build), "--no-rebuild", "--quiet", "--destdir", place]
        subprocess.run(installing, check=True, stdin=subprocess.DEVNULL)
        installed = list(Path(place).rglob("bin/supernode"))
        found += [f"{build}: nothing was installed"] if not installed else []
        for binary in installed:
            found += findings(binary)
            found += [f"{binary}: does not run"] if subprocess.run([str(binary), "version"], capture_output=True, check=False).returncode else []
    print("\n".join(found) or "no foreign TLS library, none missing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
