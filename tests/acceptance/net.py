#!/usr/bin/env python3
"""A ring of 16 processes keeps 1,000 records through killed and joining nodes; then tshark reads what they said to each other."""

import random
import sys
import time

from acceptance import Checks, Got, Node, Records, Ring, arguments, localnet, main_with, ring_of, root_of, say
from overlay_pcap import check_pcaps

RECORDS = 1000
WAIT_MAX_MS = 5000
# Between two losses of nodes: the time that repair has.
BETWEEN_SECONDS = 30


def kill_two(ring: Ring, dice: random.Random) -> None:
    victims = dice.sample(ring.living()[1:], 2)
    say(f"killing {victims[0].name} and {victims[1].name} at once")
    for victim in victims:
        localnet.kill(ring, victim, hard=True)


def check_reads(checks: Checks, name: str, got: Got, expected: int) -> None:
    checks.check(name, not got.wrong and got.right == expected, got.said())


def check_joined(checks: Checks, ring: Ring, records: Records, joined: Node) -> None:
    ids = [node.node_id for node in ring.living()]
    share = sum(root_of(f"data:{name}", ids) == joined.node_id for name in records.values)
    end = time.monotonic() + 60
    while True:
        status = ring.status(joined)
        primary = status["storage"]["primary"] if status else 0
        if primary >= share or time.monotonic() > end:
            break
        time.sleep(1)
    checks.check("a node that joins takes its share over", primary >= share, f"it is the root of {primary} records, {share} of ours")
    check_reads(checks, "and every record is got from it", records.get(joined), len(records.values))


def run(checks: Checks, nodes: int, binary: str | None, dice: random.Random) -> None:
    with ring_of("net", nodes, binary, {"debug.overlay_pcap": "overlay.pcap"}) as (ring, took):
        checks.check(f"{nodes} nodes show one ring within 20 s", took < 20, f"{took:.1f} s")
        records = Records(ring, dice)
        failed = records.add(RECORDS)
        checks.check(f"{RECORDS} records are added at random nodes", not failed, f"{len(failed)} failed: {'; '.join(failed[:2])}" if failed else "")
        check_reads(checks, "all are got from every node", records.get_everywhere(ring.living()), RECORDS * nodes)
        for round_name in ("two nodes killed at once", "two more, 30 s later"):
            kill_two(ring, dice)
            began = time.monotonic()
            got = records.get_spread(ring.living())
            check_reads(checks, f"{round_name}: all are still got at once", got, RECORDS)
            checks.check(f"{round_name}: no wait longer than 5 s", got.slowest_ms <= WAIT_MAX_MS, f"{got.slowest_ms:.0f} ms")
            survivors = dice.sample(ring.living(), 3)
            check_reads(checks, f"{round_name}: and from three survivors each", records.get_everywhere(survivors), RECORDS * len(survivors))
            time.sleep(max(0.0, began + BETWEEN_SECONDS - time.monotonic()))
        took = ring.wait_complete(32, 60)
        say(f"the ring is whole again ({took:.1f} s)")
        check_joined(checks, ring, records, localnet.add(ring, 60, say))
        localnet.kill(ring, ring.living()[-2], hard=False)
        checks.check("a node that leaves drains and goes", True)
        check_reads(checks, "all are got after it", records.get_spread(ring.living()), RECORDS)
        dead = [node.name for node in ring.living() if not node.runs()]
        checks.check("no node died by itself", not dead, ", ".join(dead))
    check_pcaps(checks, ring)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, default=16)
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("net", given.results)
    return main_with(checks, lambda: run(checks, given.nodes, given.binary, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
