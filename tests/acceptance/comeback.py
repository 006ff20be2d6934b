#!/usr/bin/env python3
"""A ring is switched off as a whole and comes back without its first node; the first node never starts a second ring; rings that come apart become one."""

import argparse
import json
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from acceptance import Checks, Records, arguments, localnet, main_with, ring_of, say
from ring import Failure, Node, Ring

RECORDS = 100
# "a ring of 7 with `first` gone: whole within 30 s"
WHOLE_SECONDS = 30
ALONE_SECONDS = 20


def start_only(ring: Ring, nodes: list[Node]) -> None:
    for node in nodes:
        localnet.launch(ring, node)
    ring.save()


def state_of(ring: Ring, node: Node) -> str:
    status = ring.status(node)
    return status["state"] if status else "silent"


def health_of(node: Node) -> tuple[int, dict[str, Any]]:
    connection = node.commands()
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def whole_within(ring: Ring, seconds: float) -> tuple[bool, str]:
    began = time.monotonic()
    try:
        ring.wait_complete(localnet.Localnet.load(ring.directory).leaf_set, seconds)
    except Failure as failure:
        return False, str(failure)
    return True, f"{time.monotonic() - began:.1f} s"


def without_first(checks: Checks, ring: Ring, records: Records) -> None:
    first, *others = ring.nodes
    localnet.stop(ring, hard=True)
    start_only(ring, others)
    whole, how = whole_within(ring, WHOLE_SECONDS)
    checks.check(f"{len(others)} of {len(ring.nodes)} that were killed form the ring again without the first", whole, how)
    time.sleep(5)
    got = records.get_spread(others)
    checks.check("nothing is lost", not got.wrong and got.right == len(records.values), got.said())
    start_only(ring, [first])
    whole, how = whole_within(ring, WHOLE_SECONDS)
    checks.check("the first node joins the ring that there is", whole, how)


def too_few(checks: Checks, ring: Ring) -> None:
    few = ring.nodes[1:4]
    localnet.stop(ring)
    start_only(ring, few)
    time.sleep(ALONE_SECONDS)
    states = [state_of(ring, node) for node in few]
    checks.check("three of seven wait", states == ["joining"] * 3, ", ".join(states))
    end = time.monotonic() + 30  # an attempt to join takes so long, and says why it failed at its end
    while "of the 7 members" not in (told := health_of(few[0]))[1].get("reason", "") and time.monotonic() < end:
        time.sleep(1)
    code, report = told
    checks.check("health says for whom", code == 503 and "of the 7 members" in report.get("reason", ""), str(report))
    answer = ring.call(few[1], "overlay", "form")
    checks.check("they form the ring when they are told to", answer.exit_code == 0, answer.error)
    whole, how = whole_within(ring, WHOLE_SECONDS)
    checks.check("the three are a ring", whole, how)
    refused = ring.call(few[1], "overlay", "form")
    checks.check("who is in a ring forms none", refused.exit_code == 3, refused.error)
    start_only(ring, [node for node in ring.nodes if node not in few])
    whole, how = whole_within(ring, 2 * WHOLE_SECONDS)
    checks.check("the others join them", whole, how)


def first_alone(checks: Checks, ring: Ring, forget: list[str]) -> None:
    """The first node is started where nobody else is: stopped ones stand for a network that is not there yet."""
    first, *others = ring.nodes
    localnet.stop(ring)
    for name in forget:
        path = Path(first.data) / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    start_only(ring, [first])
    time.sleep(ALONE_SECONDS)
    lost = f" (it has lost {' and '.join(forget)})" if forget else ""
    checks.check(f"the first node starts no ring of its own{lost}", state_of(ring, first) == "joining", state_of(ring, first))
    start_only(ring, others)
    whole, how = whole_within(ring, 2 * WHOLE_SECONDS)
    checks.check(f"all are one ring when the others are there{lost}", whole, how)


def within_its_first_seconds(checks: Checks, ring: Ring) -> None:
    """Whom it was with it has kept at once: it may be stopped at any time."""
    first = ring.nodes[0]
    kept = Path(first.data) / "members"
    end = time.monotonic() + 5
    while time.monotonic() < end and not (kept.exists() and kept.read_text().strip()):
        time.sleep(0.1)
    uptime = (ring.status(first) or {}).get("uptime_s", 0)
    localnet.stop(ring, hard=True)
    start_only(ring, [first])
    time.sleep(ALONE_SECONDS / 2)
    checks.check(f"a first node that was killed after {uptime} s starts no second ring", state_of(ring, first) == "joining", state_of(ring, first))


def alone_in_the_end(checks: Checks, ring: Ring) -> None:
    first, *others = ring.nodes
    for node in others:
        localnet.kill(ring, node, hard=True)
    end = time.monotonic() + 60
    while time.monotonic() < end and not (ring.status(first) or {}).get("alone"):
        time.sleep(0.5)
    status = ring.status(first) or {}
    code, report = health_of(first)
    checks.check("a node that has lost all others says alone", bool(status.get("alone")) and bool(report.get("alone")), str(report))
    checks.check("and is not healthy", code == 503, str(code))


def run(checks: Checks, given: argparse.Namespace, dice: random.Random) -> None:
    with ring_of("comeback", given.nodes, given.binary) as (ring, _):
        records = Records(ring, dice)
        failed = records.add(RECORDS)
        checks.check(f"{RECORDS} records are added", not failed, "; ".join(failed[:2]))
        time.sleep(5)
        without_first(checks, ring, records)
        too_few(checks, ring)
        first_alone(checks, ring, [])
        first_alone(checks, ring, ["peers", "members"])
        got = records.get_spread(ring.living())
        checks.check("and still nothing is lost", not got.wrong and got.right == len(records.values), got.said())
        alone_in_the_end(checks, ring)
    with ring_of("comeback-young", 3, given.binary) as (ring, _):
        within_its_first_seconds(checks, ring)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, default=7)
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("comeback", given.results)
    return main_with(checks, lambda: run(checks, given, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
