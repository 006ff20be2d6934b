#!/usr/bin/env python3
"""A ring is switched off as a whole and on again: in good order nothing is lost; killed at once, at most what was stored in the last 5 s.

    restart.py --records 100000      instead: one node of a ring with so many records is started again (some minutes)
"""

import argparse
import random
import sys
import time

from acceptance import Checks, Records, arguments, localnet, main_with, ring_of, say
from restart_full import run_full

RECORDS = 300
# Values stored this long before a kill are on disk.
KEPT_AFTER_SECONDS = 5
# Until every value has found its way to the nodes that are responsible now.
SETTLED_SECONDS = 30


def run(checks: Checks, given: argparse.Namespace, dice: random.Random) -> None:
    with ring_of("restart", given.nodes, given.binary) as (ring, _):
        records = Records(ring, dice)
        for how in ("stopped in good order", "killed at once"):
            failed = records.add(RECORDS)
            checks.check(f"{RECORDS} records are added", not failed, "; ".join(failed[:2]))
            hard = how == "killed at once"
            if hard:
                time.sleep(KEPT_AFTER_SECONDS)
            say(f"all nodes are {how}")
            stubborn = localnet.stop(ring, hard=hard)
            checks.check("they stop in time", hard or not stubborn, ", ".join(stubborn))
            localnet.start_again(ring, 120, say)
            time.sleep(SETTLED_SECONDS)
            got = records.get_spread(ring.living())
            checks.check(f"all nodes {how} and started again: every record is got", not got.wrong and got.right == len(records.values), got.said())
        dead = [node.name for node in ring.living() if not node.runs()]
        checks.check("no node died by itself", not dead, ", ".join(dead))


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, default=8)
    parser.add_argument("--records", type=int, help="how many records the ring has when one of its nodes is killed and started again")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("restart", given.results)
    if given.records:
        return main_with(checks, lambda: run_full(checks, given.binary, given.records, random.Random(given.seed)))
    return main_with(checks, lambda: run(checks, given, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
