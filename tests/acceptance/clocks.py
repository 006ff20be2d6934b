#!/usr/bin/env python3
"""A node's clock is wrong, at its start and while it runs: the ring serves, and the node says what is wrong."""

import argparse
import json
import random
import re
import sys
import time
from pathlib import Path

from acceptance import Checks, Records, arguments, localnet, main_with, ring_of, say
from ring import Node, Ring
from wall_clock import Clock

RECORDS = 30
SLOW_READ_MS = 5000


def wait_for(seconds: float, good) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if good():
            return True
        time.sleep(0.5)
    return False


def status_of(ring: Ring, node: Node) -> dict:
    return ring.status(node) or {}


def serves(checks: Checks, ring: Ring, records: Records, wrong: Node, when: str) -> None:
    """What others get, and that they can write."""
    others = [node for node in ring.nodes if node is not wrong]
    got = records.get_everywhere(others)
    checks.check(f"{when}: others read every record", not got.wrong and got.slowest_ms < SLOW_READ_MS, got.said())
    failed = records.add(8, others[:2])
    checks.check(f"{when}: others write", not failed, "; ".join(failed[:2]))


def health_reason(node: Node) -> tuple[int, str]:
    connection = node.commands()
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    report = json.loads(answer.read())
    return answer.status, f"{report.get('reason', '')} {report.get('clock', '')}"


def slow_at_start(checks: Checks, ring: Ring, records: Records, node: Node, clock: Clock) -> None:
    localnet.kill(ring, node, hard=False)
    clock.set("-20m")
    localnet.launch(ring, node, clock.environment)
    checks.check("a node that is 20 minutes slow joins", wait_for(30, lambda: status_of(ring, node).get("state") == "ready"))
    told = wait_for(30, lambda: re.search("(19|20) min", status_of(ring, node).get("clock", "")))
    checks.check("it says by how much", told, status_of(ring, node).get("clock", ""))
    serves(checks, ring, records, node, "20 minutes slow")
    clock.set("+0s")
    checks.check("a clock put right is right", wait_for(120, lambda: not status_of(ring, node).get("clock", "?")))


def set_back(checks: Checks, ring: Ring, records: Records, node: Node, clock: Clock) -> None:
    clock.set("-2d")
    left = wait_for(60, lambda: status_of(ring, node).get("state") == "joining")
    checks.check("a node whose clock was set back by two days is not in the ring any more", left)
    code, reason = health_reason(node)
    checks.check("its health says why", code == 503 and "behind" in reason, reason)
    serves(checks, ring, records, node, "set back by two days")
    clock.set("+0s")
    back = wait_for(120, lambda: status_of(ring, node).get("state") == "ready")
    checks.check("it comes back when its clock is right", back)


def set_ahead(checks: Checks, ring: Ring, records: Records, node: Node, clock: Clock) -> None:
    """What it writes meanwhile must not stand above what it writes when its clock is right."""
    before = set(records.values)
    failed = records.add(6, [node])
    checks.check("names of its own are added", not failed, "; ".join(failed[:2]))
    own = [name for name in records.values if name not in before]
    clock.set("+3d")
    told = wait_for(60, lambda: re.search("7[12] h .* ahead", f"{status_of(ring, node).get('clock', '')} {health_reason(node)[1]}"))
    checks.check("a node whose clock is three days fast says so", told, f"{status_of(ring, node).get('clock', '')} {health_reason(node)}")
    say(f"written meanwhile: {len(own) - len(records.update(node, own))} of {len(own)}")
    serves(checks, ring, records, node, "three days fast")
    clock.set("+0s")
    right = wait_for(120, lambda: status_of(ring, node).get("state") == "ready" and not status_of(ring, node).get("clock", "?"))
    checks.check("it is in the ring when its clock is right", right)
    failed = records.update(node, own)
    checks.check("and its names are its own again at once", not failed, "; ".join(failed[:2]))
    got = records.get_everywhere(ring.nodes)
    checks.check("all read what it wrote last", not got.wrong, got.said())


def of_two(checks: Checks, ring: Ring, records: Records, clock: Clock) -> None:
    """Between two nodes nobody knows whose clock is wrong; the server that gives the document does."""
    first, node = ring.nodes
    failed = records.add(4, [node])
    checks.check("of two: names are added", not failed, "; ".join(failed[:2]))
    localnet.kill(ring, node, hard=False)
    clock.set("-20m")
    localnet.launch(ring, node, clock.environment)
    told = wait_for(30, lambda: re.search(r"(19|20) min .* behind that of the server \S+", status_of(ring, node).get("clock", "")))
    checks.check("of two: the slow one says which server its clock is behind", told, status_of(ring, node).get("clock", ""))
    said = "behind that of the server" in Path(node.log).read_text()
    checks.check("of two: and so does its log", said)
    clock.set("+3d")
    told = wait_for(60, lambda: re.search("7[12] h .* ahead of that of the server", f"{status_of(ring, node).get('clock', '')} {health_reason(node)[1]}"))
    checks.check("of two: set ahead while it runs, it says so", told, f"{health_reason(node)}")
    own = list(records.values)
    say(f"of two: written meanwhile: {len(own) - len(records.update(node, own))} of {len(own)}")
    clock.set("+0s")
    right = wait_for(120, lambda: status_of(ring, node).get("state") == "ready" and not status_of(ring, node).get("clock", "?"))
    checks.check("of two: it is in the ring when its clock is right", right)
    failed = records.update(node, own)
    checks.check("of two: its names are its own again at once", not failed, "; ".join(failed[:2]))
    got = records.get_everywhere(ring.nodes)
    checks.check("of two: both read what it wrote last", not got.wrong, got.said())


def run(checks: Checks, given: argparse.Namespace, dice: random.Random) -> None:
    with ring_of("clocks", given.nodes, given.binary) as (ring, _):
        records = Records(ring, dice)
        failed = records.add(RECORDS)
        checks.check(f"{RECORDS} records are added", not failed, "; ".join(failed[:2]))
        node = ring.nodes[-1]
        clock = Clock(ring.directory)
        slow_at_start(checks, ring, records, node, clock)
        set_back(checks, ring, records, node, clock)
        set_ahead(checks, ring, records, node, clock)
    with ring_of("clocks-of-two", 2, given.binary) as (ring, _):
        of_two(checks, ring, Records(ring, dice), Clock(ring.directory))


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, default=5)
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("clocks", given.results)
    return main_with(checks, lambda: run(checks, given, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
