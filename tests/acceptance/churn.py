#!/usr/bin/env python3
"""Sixty-four processes under churn: every ten seconds a random node is killed and another is started, while 200 look-ups a
second are asked at nodes that live throughout. Right is the value that was stored, within the limit of time."""

import argparse
import http.client
import json
import queue
import random
import sys
import threading
import time
from dataclasses import dataclass, field

from acceptance import Checks, Node, Records, Ring, arguments, localnet, main_with, ring_of, say

RECORDS = 1000
ASKERS = 8  # nodes that live throughout, the login server among them
WORKERS = 32
RIGHT_MIN = 0.9999
P99_MAX_MS = 100.0
LOOKUP_SECONDS = 8  # what a look-up may take before it counts as wrong
REPORT_SECONDS = 30


@dataclass
class Tally:
    """What the look-ups found. A look-up's time runs from when it was due, so that a queue of them counts against us."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    took_ms: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def note(self, took_ms: float, why: str | None) -> None:
        with self.lock:
            self.took_ms.append(took_ms)
            if why:
                self.wrong.append(why)

    def said(self) -> str:
        with self.lock:
            took = sorted(self.took_ms)
            wrong = len(self.wrong)
        if not took:
            return "no look-up yet"
        at = {share: took[min(len(took) - 1, int(len(took) * share))] for share in (0.5, 0.99, 0.999)}
        return f"{len(took)} look-ups, {wrong} wrong, p50 {at[0.5]:.1f} ms, p99 {at[0.99]:.1f} ms, p99.9 {at[0.999]:.1f} ms, slowest {took[-1]:.0f} ms"

    def quantile(self, share: float) -> float:
        with self.lock:
            took = sorted(self.took_ms)
        return took[min(len(took) - 1, int(len(took) * share))] if took else float("inf")


class Asker:
    """One connection to a node's admin socket, kept open from look-up to look-up."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.connection = node.commands(LOOKUP_SECONDS + 2)

    def get(self, name: str, expected: str) -> str | None:
        """Why the answer is wrong, or nothing."""
        body = json.dumps({"name": name, "timeout_s": LOOKUP_SECONDS})
        try:
            self.connection.request("POST", "/overlay/get", body, {"content-type": "application/json"})
            answer = json.loads(self.connection.getresponse().read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            self.connection.close()
            return f"{name} from {self.node.name}: {error!r}"
        values = [value["value"] for value in answer.get("values", [])]
        return None if values == [expected] else f"{name} from {self.node.name}: {answer.get('message') or values}"


def ask(due: "queue.Queue[tuple[float, int, str] | None]", askers: list[Node], values: dict[str, str], tally: Tally) -> None:
    connections = [Asker(node) for node in askers]
    while (item := due.get()) is not None:  # ends with the run's last item
        at, who, name = item
        why = connections[who].get(name, values[name])
        tally.note((time.monotonic() - at) * 1000, why)


def look_up(askers: list[Node], values: dict[str, str], rate: float, until: float, seed: int, tally: Tally) -> None:
    """Asks at a steady pace from when it is called until `until`, whatever the answers do."""
    dice = random.Random(seed)
    due: queue.Queue[tuple[float, int, str] | None] = queue.Queue()
    workers = [threading.Thread(target=ask, args=(due, askers, values, tally)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    names = list(values)
    at = time.monotonic()
    while at < until:
        time.sleep(max(0.0, at - time.monotonic()))
        due.put((at, dice.randrange(len(askers)), dice.choice(names)))
        at += 1 / rate
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join()


def change(ring: Ring, spared: list[Node], dice: random.Random) -> None:
    victim = dice.choice([node for node in ring.living() if node not in spared])
    localnet.kill(ring, victim, hard=True)
    localnet.begin(ring)


def churn(ring: Ring, spared: list[Node], every: float, until: float, dice: random.Random, tally: Tally) -> int:
    changes, report, at = 0, time.monotonic() + REPORT_SECONDS, time.monotonic()
    while (at := at + every) < until:
        time.sleep(max(0.0, at - time.monotonic()))
        change(ring, spared, dice)
        changes += 1
        if time.monotonic() > report:
            report += REPORT_SECONDS
            say(f"{changes} killed and started; {tally.said()}")
    time.sleep(max(0.0, until - time.monotonic()))
    return changes


def run(checks: Checks, given: argparse.Namespace, dice: random.Random) -> None:
    with ring_of("churn", given.nodes, given.binary) as (ring, _):
        records = Records(ring, dice)
        failed = records.add(RECORDS)
        checks.check(f"{RECORDS} records are added", not failed, "; ".join(failed[:2]))
        spared = ring.nodes[:ASKERS]
        tally = Tally()
        until = time.monotonic() + given.seconds
        asking = threading.Thread(target=look_up, args=(spared, records.values, given.rate, until, given.seed, tally))
        asking.start()
        changes = churn(ring, spared, given.every, until, dice, tally)
        asking.join()
        asked, wrong = len(tally.took_ms), tally.wrong
        checks.check(
            f">= {RIGHT_MIN:.2%} of the look-ups are answered right while {changes} nodes are killed and as many are started",
            asked > 0 and len(wrong) <= asked * (1 - RIGHT_MIN), tally.said() + "".join(f"; {why}" for why in wrong[:3]),
        )
        checks.check(f"p99 <= {P99_MAX_MS:g} ms", tally.quantile(0.99) <= P99_MAX_MS, f"{tally.quantile(0.99):.1f} ms")
        dead = [node.name for node in ring.living() if not node.runs()]
        checks.check("no node died by itself", not dead, ", ".join(dead))
        took = ring.wait_complete(localnet.Localnet.load(ring.directory).leaf_set, 60)
        checks.check("the ring is whole at the end", True, f"{took:.1f} s after the last change")


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--nodes", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--every", type=float, default=10, help="seconds between two changes (default: 10)")
    parser.add_argument("--rate", type=float, default=200, help="look-ups a second (default: 200)")
    given = parser.parse_args()
    if not ASKERS + 2 <= given.nodes or given.seconds / given.every + given.nodes > localnet.NODES_MAX:
        parser.error(f"expected more than {ASKERS + 1} nodes, and {localnet.NODES_MAX} at most with those started later")
    say(f"seed {given.seed}")
    checks = Checks("churn", given.results)
    return main_with(checks, lambda: run(checks, given, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
