#!/usr/bin/env python3
"""A ring lives through a long time of churn: every minute a node is killed and one is added; records stay, memory and files do not grow."""

import random
import sys
import time
from pathlib import Path

from acceptance import Checks, Node, Records, Ring, arguments, localnet, main_with, ring_of, say

NODES = 16
CHURN_SECONDS = 60
# What a node may grow by once it has run for a while: memory in parts of what it had then, and open files.
GROWTH_MAX = 1.3
FILES_MAX = 64


def resident_kib(node: Node) -> int:
    for line in Path(f"/proc/{node.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def open_files(node: Node) -> int:
    return len(list(Path(f"/proc/{node.pid}/fd").iterdir()))


def churn(ring: Ring, dice: random.Random) -> None:
    """The login server stays, since a ring without one admits nobody; the oldest others stay too, to be measured."""
    localnet.kill(ring, dice.choice(ring.living()[4:]), hard=dice.random() < 0.8)
    localnet.add(ring, 120, say)


def run(checks: Checks, seconds: float, binary: str | None, dice: random.Random) -> None:
    with ring_of("soak", NODES, binary) as (ring, _):
        records = Records(ring, dice)
        failed = records.add(500)
        checks.check("500 records are added", not failed, "; ".join(failed[:2]))
        began, wrong, rounds = time.monotonic(), [], 0
        baseline: dict[int, tuple[int, int]] = {}
        while time.monotonic() - began < seconds:
            at = time.monotonic()
            churn(ring, dice)
            wrong += records.get_spread(ring.living()).wrong
            rounds += 1
            if not baseline and time.monotonic() - began > seconds / 4:
                baseline = {node.index: (resident_kib(node), open_files(node)) for node in ring.living()[:4]}
            say(f"round {rounds}: {len(wrong)} wrong so far; " + ", ".join(f"node {node.index} {resident_kib(node) // 1024} MiB" for node in ring.living()[:4]))
            time.sleep(max(0.0, at + CHURN_SECONDS - time.monotonic()))
        checks.check(f"every record is got after each of {rounds} changes", not wrong, "; ".join(wrong[:3]))
        for index, (kib, files) in baseline.items():
            node = ring.node(index)
            checks.check(f"node {index} does not grow", resident_kib(node) < kib * GROWTH_MAX, f"{kib // 1024} to {resident_kib(node) // 1024} MiB")
            checks.check(f"node {index} leaks no files", open_files(node) < files + FILES_MAX, f"{files} to {open_files(node)}")


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("soak", given.results)
    return main_with(checks, lambda: run(checks, given.seconds, given.binary, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
