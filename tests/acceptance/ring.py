#!/usr/bin/env python3
"""A ring of supernode processes for a minute: records are written and read all the time, while nodes are killed and one is added."""

import random
import sys
import time

from acceptance import Checks, Records, Ring, arguments, localnet, main_with, ring_of, say
from overlay_pcap import check_pcaps


def run(checks: Checks, nodes: int, seconds: float, binary: str | None, dice: random.Random) -> None:
    with ring_of("ring", nodes, binary, {"debug.overlay_pcap": "overlay.pcap"}) as (ring, took):
        checks.check(f"{nodes} nodes show one ring within 20 s of their start", took < 20, f"{took:.1f} s")
        records = Records(ring, dice)
        failed = records.add(200)
        checks.check("200 records are added at random nodes", not failed, "; ".join(failed[:2]))
        exercise(checks, ring, records, seconds, dice)
        localnet.kill(ring, dice.choice(ring.living()[1:]), hard=False)
        ring.wait_complete(32, 60)
        checks.check("after a node left in good order, every record is got", not (got := records.get_spread(ring.living())).wrong, got.said())
        living = [node.name for node in ring.living() if not node.runs()]
        checks.check("no node died by itself", not living, ", ".join(living))
    check_pcaps(checks, ring)


def exercise(checks: Checks, ring: Ring, records: Records, seconds: float, dice: random.Random) -> None:
    """Reads and writes for so long; a third into it a node is killed, two thirds into it one more, and a new one joins."""
    began = time.monotonic()
    events = [("kill", began + seconds / 4), ("kill", began + seconds / 2), ("add", began + seconds * 5 / 8)]
    rounds, wrong, slowest = 0, [], 0.0
    while time.monotonic() < began + seconds or events:
        if events and time.monotonic() > events[0][1]:
            what, _ = events.pop(0)
            if what == "kill":
                victim = dice.choice(ring.living()[1:])
                say(f"killing {victim.name}")
                localnet.kill(ring, victim, hard=True)
            else:
                localnet.add(ring, 60, say)
        got = records.get_spread(ring.living())
        wrong += got.wrong + [f"not added: {name}" for name in records.add(5)]
        slowest = max(slowest, got.slowest_ms)
        rounds += 1
    checks.check("every record is got all the time, while two nodes are killed and one joins", not wrong, f"{rounds} rounds; " + ("; ".join(wrong[:3]) or "none wrong"))
    checks.check("no read waits longer than 5 s", slowest <= 5000, f"slowest {slowest:.0f} ms")


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("ring", given.results)
    return main_with(checks, lambda: run(checks, given.nodes, given.seconds, given.binary, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
