#!/usr/bin/env python3
"""Eight processes of which two neighbours can not reach each other: every name can be written and read at each node, also when one of the two was away
meanwhile, and when all were held up at once. Others reach both, and so name them to each other. Root, for networks and nftables."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time

from acceptance import Checks, Records, arguments, main_with, ring_of, say
from fault_ring import FaultRing, Journal
from network import CORE_V4, core_network

NODES, NAMES = 8, 40
HELD_UP_SECONDS = 8
SETTLED_SECONDS = 90


def neighbours(ring: FaultRing) -> tuple[int, int]:
    """Two that follow one another on the ring, the first node not among them."""
    order = [node.index for node in sorted(ring.ring.nodes, key=lambda node: int(node.node_id, 16))]
    return next((a, b) for a, b in zip(order, order[1:]) if 1 not in (a, b))


def unwritable(ring: FaultRing, records: Records, seconds: float) -> list[str]:
    """What of new names can not be written at all nodes in turn, or not be read everywhere, for so long."""
    end = time.monotonic() + seconds
    while True:
        before = len(records.values)
        failed = records.add(NAMES)
        written = [name for name in list(records.values)[before:] if not any(one.startswith(f"{name} ") for one in failed)]
        for node in ring.ring.nodes:
            failed += records.get(node, written).wrong
        if not failed or time.monotonic() > end:
            return failed
        say(f"   {len(failed)} not yet: {failed[0]}")
        time.sleep(5)


def hold_up(ring: FaultRing, indices: list[int]) -> None:
    for index in indices:
        ring.node(index).signal(signal.SIGSTOP)
    time.sleep(HELD_UP_SECONDS)
    for index in indices:
        ring.node(index).signal(signal.SIGCONT)


def run(checks: Checks, given: argparse.Namespace) -> None:
    with core_network() as core, ring_of("parted_pair", NODES, given.binary, network=CORE_V4) as (started, _):
        ring = FaultRing(started, core, Journal(started.directory / "schedule.log"))
        records = Records(started, random.Random(given.seed))
        everyone = [node.index for node in started.nodes]
        a, b = neighbours(ring)

        def check(when: str) -> None:
            failed = unwritable(ring, records, SETTLED_SECONDS)
            checks.check(f"{NAMES} names are written and read at every node, {when}", not failed, f"{len(failed)} failed; first: {failed[0]}" if failed else "")

        ring.cut({(a, b), (b, a)})
        check(f"while nodes {a} and {b} can not reach each other")
        for time_of in ("first", "second"):
            hold_up(ring, everyone)
            check(f"after all were held up for {HELD_UP_SECONDS} s a {time_of} time")
        rest = [index for index in everyone if index != a]
        ring.cut({way for other in rest for way in ((a, other), (other, a))})
        time.sleep(60)
        ring.mend({way for other in rest if other != b for way in ((a, other), (other, a))})
        ring.wait_ready(a, SETTLED_SECONDS)
        check(f"after node {a} was away for a minute")
        ring.mend({(a, b), (b, a)})
        why, took = ring.wait_repaired(SETTLED_SECONDS)
        checks.check("the ring is whole when they reach each other again", why is None, why or f"{took:.1f} s")


def main() -> int:
    parser = arguments(__doc__)
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("parted pair", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
