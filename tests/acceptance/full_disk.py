#!/usr/bin/env python3
"""A disk runs full under a ring with its login server: health, status, metrics, log and enrollment say so, and say when it is over. Root: the disk is a
small tmpfs in a mount namespace."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attacks"))

from acceptance import ROOT, Checks, Failure, Node, Ring, arguments, main_with, ring_of, say  # noqa: E402
from login_kit import log_in  # noqa: E402

NAME = "full-disk"
DISK_MIB = 48
SEEN_WITHIN = 15


def health(node: Node) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{node.admin}/healthz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as gone:
        return 0, str(gone)


def metric(node: Node, name: str) -> float | None:
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name + " ")), None)


def health_becomes(node: Node, status: int) -> str | None:
    """What it says then; nothing: it did not come to that in time."""
    end = time.monotonic() + SEEN_WITHIN
    while time.monotonic() < end:
        code, said = health(node)
        if code == status:
            return said
        time.sleep(0.2)
    return None


def fill(file: Path) -> None:
    """All but room for a few lines of the logs, which stand there as well."""
    try:
        with file.open("wb", buffering=0) as out:
            while True:
                out.write(bytes(4096))
    except OSError:
        os.truncate(file, file.stat().st_size - 32 * 1024)


def full_and_free(checks: Checks, ring: Ring, filler: Path) -> None:
    for node in ring.nodes:
        if health_becomes(node, 200) is None:
            raise Failure(f"{node.name} is not healthy to begin with: {health(node)[1]}")
    login = ring.nodes[0]
    fill(filler)
    for node in ring.nodes:
        said = health_becomes(node, 503)
        checks.check(f"{node.name}: health is 503 and says why", said is not None and "No space left on device" in said, said or health(node)[1])
        checks.check(f"{node.name}: the metric says it", metric(node, "phyllo_disk_writable") == 0)
        status = ring.call(node, "status").out
        checks.check(f"{node.name}: status says it", "nothing is kept" in status and "No space left on device" in status)
    refused = log_in(login.address, f"alice@{ring.domain}", "wonderland")
    checks.check("an enrollment is answered 503, with what is wrong", refused.status == 503 and b"No space left on device" in refused.body, f"{refused.status} {refused.body[:100]!r}")
    filler.unlink()
    for node in ring.nodes:
        checks.check(f"{node.name}: health is 200 again", health_becomes(node, 200) is not None, health(node)[1])
        checks.check(f"{node.name}: so is the metric", metric(node, "phyllo_disk_writable") == 1)
        log = Path(node.log).read_text()
        checks.check(f"{node.name}: the log says the beginning and the end, once each", log.count("are not kept; make room") == 1 and log.count("can be written again") == 1, str([line for line in log.splitlines() if " disk: " in line]))
    checks.check("and an enrollment is taken", log_in(login.address, f"alice@{ring.domain}", "wonderland").status == 200)


def main() -> int:
    given = arguments(__doc__).parse_args()
    if os.environ.get("PHYLLO_OWN_MOUNTS") != "1":
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
            say("left out: only root can make a disk of its own")
            return 0
        os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], os.environ | {"PHYLLO_OWN_MOUNTS": "1"})
    directory = ROOT / "build/acceptance" / NAME
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(directory.parent)], check=True)
    checks = Checks("full disk", given.results)

    def all_of_it() -> None:
        users = [{"user": "alice@example.com", "password": "wonderland"}]
        with ring_of(NAME, 3, given.binary, users=users) as (ring, _):
            full_and_free(checks, ring, directory.parent / "filler")

    return main_with(checks, all_of_it)


if __name__ == "__main__":
    sys.exit(main())
