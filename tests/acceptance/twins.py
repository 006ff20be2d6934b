#!/usr/bin/env python3
"""A node's data directory is copied and started elsewhere: the later process ends by itself and says why, the earlier one says so and is well again."""

from __future__ import annotations

import argparse
import dataclasses
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from acceptance import Checks, Records, arguments, localnet, main_with, ring_of, say
from comeback import health_of
from ring import Node, Ring

NODES, COPY = 5, 9
NOTICED_SECONDS = 180
WELL_SECONDS = 60
SAID = "another process runs with this node's key and Node-ID"


def copy_of(node: Node, address: str) -> Node:
    """The same node at another address, as an operator would make it who copies a directory to a new host."""
    home = Path(node.config).parent
    copied = home.with_name("copy")
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(home, copied, ignore=shutil.ignore_patterns("admin.sock", "lock", "*.log"))
    config = copied / "supernode.toml"
    config.write_text(config.read_text().replace(f'"{node.address}"', f'"{address}"').replace(str(home), str(copied)))
    return dataclasses.replace(node, index=COPY, address=address, config=str(config), log=str(copied / "supernode.log"), data=str(copied / "data"), pid=0)


def ended_within(node: Node, seconds: float) -> float | None:
    began = time.monotonic()
    return time.monotonic() - began if node.wait_gone(seconds) else None


def good_within(node: Node, seconds: float) -> tuple[bool, str]:
    end = time.monotonic() + seconds
    while True:
        status, report = health_of(node)
        if status == 200 or time.monotonic() > end:
            return status == 200, str(report)
        time.sleep(1)


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("twins", NODES, given.binary, {"sip.enabled": False}) as (ring, _):
        original = ring.nodes[2]
        time.sleep(12)  # a node's first probe of its health has been
        twin = copy_of(original, f"127.0.1.{COPY}")
        localnet.launch(ring, twin)
        took = ended_within(twin, NOTICED_SECONDS)
        twin_log = Path(twin.log).read_text()
        if not checks.check("the later of two processes with one key ends by itself", took is not None, f"{took or NOTICED_SECONDS:.0f} s"):
            twin.signal(signal.SIGKILL)
        checks.check("and says why, and what to do", SAID in twin_log and "which ends" in twin_log and "data directory" in twin_log, "\n".join(twin_log.splitlines()[-3:]))
        told = Path(original.log).read_text()
        checks.check("the earlier one is told as well: its log names the other and that it is the later one", SAID in told and "it is the later one" in told, "\n".join(told.splitlines()[-2:]))
        checks.check("the earlier one goes on", original.runs())
        good, report = good_within(original, WELL_SECONDS)
        checks.check("and is well again", good, report)
        checks.check("and its log says that, too", "no other process has this node's key any more" in Path(original.log).read_text())
        check_records(checks, ring)
        say("a node that is started again is no twin of its earlier self")
        localnet.kill(ring, original, hard=False)
        localnet.launch(ring, original)
        time.sleep(45)
        checks.check("it runs, and nobody says otherwise", original.runs() and good_within(original, WELL_SECONDS)[0] and SAID not in Path(original.log).read_text().rpartition("drained")[2])


def check_records(checks: Checks, ring: Ring) -> None:
    records = Records(ring, random.Random(1))
    failed = records.add(100)
    got = records.get_spread(ring.living())
    checks.check("records are stored and read afterwards", not failed and not got.wrong, "; ".join(failed[:2]) or got.said())


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("twins", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
