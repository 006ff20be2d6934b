#!/usr/bin/env python3
"""Twelve processes under random faults, judged by the promise of src/overlay/storage.md. Root, for networks and nftables.

Steps follow one another; each begins when the ring is whole, in one piece and synced after the last. Every second step holds two faults that
overlap, each at nodes of its own: SIGKILL and a start, SIGTERM and a start, a kill with a start at once, a process held up, a clock set wrong
and right again, one way from a node to another cut, a pair that can not reach each other. No more than two, because storage answers with three
of five: it promises to lose nothing while fewer than a majority fail between repairs. The steps between stand alone: a partition and a minute of
healing, the whole ring killed, or stopped, and back without its first node for a while, and the login server restored from a backup.

Meanwhile records are updated, removed and looked up. What was told written has to be found, or what was tried later: 5 s after it was told; in a
partition on the writer's side; and 60 s after it everywhere. What was told in the last 5 s before the whole ring was killed may be lost; until
all but one are back in the ring, and 5 s longer, look-ups may find less. An operation without an answer is unavailability: it is counted by
cause."""

import argparse
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from acceptance import Checks, arguments, main_with, ring_of, say
from fault_load import Load
from fault_oracle import HEALED_SECONDS, Oracle, Read, Record
from fault_ring import FaultRing, Journal
from fault_schedule import schedule
from fault_steps import Steps
from network import CORE_V4, core_network

NODES = 12
RECORDS = 500
WRITERS, READERS = 4, 6
WHOLE_SECONDS = 60
# Of operations that are asked of nodes which are under no fault themselves, whatever befalls others.
ANSWERED_MIN = 0.98


def begin(checks: Checks, ring: FaultRing) -> None:
    """Again, each process with a clock of its own, and with a backup of the login server."""
    everyone = [node.index for node in ring.ring.nodes]
    ring.end(*everyone, hard=False)
    ring.back_up_login()
    ring.start(*everyone)
    why, took = ring.wait_repaired(WHOLE_SECONDS)
    checks.check("the ring is whole after a stop in good order", why is None, why or f"{took:.1f} s")


def fill(checks: Checks, load: Load) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(load.write, load.records))
    failed = [one for one in done if one.told is None]
    checks.check(f"{len(load.records)} records are written", not failed, f"{len(failed)} failed: {failed[0].refused}" if failed else "")


def read_everywhere(checks: Checks, load: Load) -> None:
    """At the end every node finds the same, and it is right."""
    nodes = [node.index for node in load.ring.ring.nodes]

    def values(record: Record) -> list[Read | None]:
        return [load.read(record, index) for index in nodes]

    before = len(load.broken)
    with ThreadPoolExecutor(6) as pool:
        reads = list(pool.map(values, load.records))
    unanswered = sum(read is None for each in reads for read in each)
    differ = sum(len({read.value for read in each if read}) > 1 for each in reads)
    broken = load.broken[before:]
    checks.check("every record is right at every node at the end", not (broken or unanswered or differ), f"{len(broken)} wrong, {unanswered} unanswered, {differ} differ" + (f"; {broken[0]}" if broken else ""))


def judge(checks: Checks, ring: FaultRing, load: Load, steps: Steps) -> None:
    checks.check("what was told written is found, or what was tried later", not load.broken, f"{len(load.broken)} broken" + "".join(f"; {one}" for one in load.broken[:3]))
    say(f"{load.oracle.early} look-ups found less than was told while the whole ring came back")
    for cause, count in sorted(load.tally.causes.items(), key=lambda item: -item[1]):
        say(f"unanswered {count:5} {cause}")
    share = load.tally.share("node without fault")
    checks.check(f">= {ANSWERED_MIN:.0%} of what nodes without a fault of their own are asked is answered", share >= ANSWERED_MIN, load.tally.said())
    checks.check("the ring is whole and repaired within a minute after every step", not steps.failed, "; ".join(steps.failed[:3]))
    checks.check("nodes that are stopped drain in time", not ring.stubborn, ", ".join(ring.stubborn))
    statuses = [ring.ask(node.index, "/status")[1] for node in ring.ring.nodes]
    known = {(status["document"]["sequence"], status["revocations"]["number"], status["revocations"]["entries"]) for status in statuses if status}
    checks.check("all know the same document and the same revocations", len(known) == 1 and {one[2] for one in known} == {steps.removed}, f"{known}, {steps.removed} accounts were removed")
    end = time.monotonic() + 40  # a health probe comes every 10 s
    while time.monotonic() < end and any(ring.ask(node.index, "/healthz")[0] != 200 for node in ring.ring.nodes):
        time.sleep(1)
    ill = [f"node {node.index}: {report}" for node in ring.ring.nodes for code, report in [ring.ask(node.index, "/healthz")] if code != 200]
    checks.check("all are healthy at the end", not ill, "; ".join(ill))


def run(checks: Checks, given: argparse.Namespace) -> None:
    with core_network() as core, ring_of("faults", NODES, given.binary, network=CORE_V4) as (started, _):
        journal = Journal(started.directory / "schedule.log")
        say(f"the schedule, with times: {journal.file}")
        journal.note(f"seed {given.seed}, {given.seconds:g} s, nodes {' '.join(f'{node.index}={node.node_id}' for node in started.nodes)}")
        ring = FaultRing(started, core, journal)
        begin(checks, ring)
        oracle = Oracle()
        indices = [node.index for node in started.nodes]
        dice = random.Random(given.seed)
        load = Load(ring, oracle, [Record(f"fault{i}@{started.domain}", dice.choice(indices)) for i in range(RECORDS)])
        fill(checks, load)
        load.start(WRITERS, READERS, given.seed)
        steps = Steps(ring, oracle)
        try:
            until = time.monotonic() + given.seconds
            for step in schedule(random.Random(given.seed), indices):
                if time.monotonic() >= until:
                    break
                steps.perform(step)
        finally:
            load.stop()
        say(f"{steps.performed} steps; {load.tally.said()}")
        if oracle.partitions:
            time.sleep(max(0.0, oracle.partitions[-1].healed + HEALED_SECONDS - time.monotonic()))
        time.sleep(6)
        read_everywhere(checks, load)
        judge(checks, ring, load, steps)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of faults; 75 is a smoke test (default: 600)")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("faults", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
