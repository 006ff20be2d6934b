#!/usr/bin/env python3
"""What an operator's own tools read of a node: `promtool check metrics` finds nothing to complain of, logrotate may move the log away, and no file that
holds secrets or addresses can be read by others."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from acceptance import ROOT, Checks, Node, Ring, arguments, main_with, ring_of, say

SETTINGS = {"log.file": "node.log", "debug.keylog": "keys.log", "debug.overlay_pcap": "overlay.pcap"}


def check_metrics(checks: Checks, node: Node) -> None:
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=5) as answer:
        page = answer.read()
    for name in ("phyllo_build_info{", "phyllo_ready 1", 'phyllo_certificate_expires_seconds{certificate="node"}', "process_resident_memory_bytes "):
        checks.check(f"{node.name}: /metrics has {name}", name.encode() in page)
    promtool = shutil.which("promtool") or str(ROOT / "build/promtool")
    if not os.access(promtool, os.X_OK):
        return say("left out: there is no promtool (tools/setup test)")
    judged = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, check=False)
    said = (judged.stdout + judged.stderr).decode().strip()
    checks.check(f"{node.name}: promtool finds nothing", judged.returncode == 0 and not said, said[:300])


def has_line(file: Path, words: str, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (file.exists() and words in file.read_text()):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def rotate(checks: Checks, ring: Ring, node: Node) -> None:
    log, rotated = Path(node.data) / "node.log", Path(node.data) / "node.log.1"
    log.rename(rotated)
    node.signal(signal.SIGHUP)
    checks.check("after SIGHUP the log is a new file", has_line(log, "reloaded; changed:"))
    checks.check("with the mode of the old one", stat.S_IMODE(log.stat().st_mode) == 0o640, oct(log.stat().st_mode))
    log.rename(rotated)
    checks.check("so it is after supernode reload", ring.call(node, "reload").exit_code == 0 and has_line(log, "reloaded; changed:"))


def check_modes(checks: Checks, node: Node) -> None:
    files = [path for path in Path(node.data).rglob("*") if path.is_file()]
    open_ones = [f"{path.name} {stat.S_IMODE(path.stat().st_mode):o}" for path in files if path.stat().st_mode & 0o037]
    checks.check(f"{node.name}: none of its files is open to others", len(files) > 5 and not open_ones, ", ".join(open_ones))


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("logs and metrics", given.results)

    def all_of_it() -> None:
        os.umask(0)
        with ring_of("logs-and-metrics", 2, given.binary, SETTINGS) as (ring, _):
            for node in ring.nodes:
                check_metrics(checks, node)
                check_modes(checks, node)
            rotate(checks, ring, ring.nodes[1])

    return main_with(checks, all_of_it)


if __name__ == "__main__":
    sys.exit(main())
