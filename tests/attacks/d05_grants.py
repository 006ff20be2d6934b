#!/usr/bin/env python3
"""One user asks to join for ever, at every node and of every neighbour: only the root of its Node-ID listens, it holds a grant for a fixed time and then waits,
and honest nodes join meanwhile."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reload_node import ASKS, FORBIDDEN, JOIN, ROUTE_QUERY, Identity, Link, Message, enrol, join_body, leaf_set_state, route_query_probe, time  # noqa: E402
from acceptance import Checks, Ring, arguments, localnet, main_with, ring_of, say  # noqa: E402

# More than a minute.
SLOW = True

USER, PASSWORD = "mallory@example.com", "evil12345"
SECONDS = 75
REQUESTS = 100
# The first one may find its root held by the attacker, for six seconds, and asks again within 1.5.
JOINED_WITHIN = 15.0


class Attacker(threading.Thread):
    """Asks each node for admission and for a grant, a hundred times in all."""

    def __init__(self, me: Identity, ring: Ring) -> None:
        super().__init__(daemon=True)
        self.addresses = [node.address for node in ring.nodes]
        self.links = [Link(me, address) for address in self.addresses]
        self.me = me
        self.granted: list[float] = []
        self.refused_elsewhere = 0
        self.began = time.monotonic()

    def run(self) -> None:
        pause = SECONDS * len(self.links) / REQUESTS
        while time.monotonic() - self.began < SECONDS:
            for i in range(len(self.links)):
                try:
                    self._ask(i)
                except OSError:
                    pass
            time.sleep(pause)

    def _ask(self, i: int) -> None:
        if self.links[i].dead:  # it answers nobody's probes, so its links are closed from time to time
            self.links[i] = Link(self.me, self.addresses[i])
        link = self.links[i]
        self._note(link.ask(JOIN, join_body(self.me.node_id, leaf_set_state(0)), seconds=1))
        link.request(ROUTE_QUERY, route_query_probe(link.peer, leaf_set_state(ASKS)))

    def _note(self, answer: Message | None) -> None:
        if answer is None:
            return
        if answer.code == JOIN + 1:
            self.granted.append(time.monotonic() - self.began)
        self.refused_elsewhere += answer.error == FORBIDDEN


def attack(checks: Checks, ring: Ring) -> None:
    attacker = Attacker(enrol(USER, PASSWORD, "d0", server=ring.nodes[0].address, role="peer"), ring)
    attacker.start()
    time.sleep(3)
    took = []
    for _ in range(3):
        began = time.monotonic()
        node = localnet.begin(ring)
        localnet.wait_ready(ring, node, 60)
        took.append(time.monotonic() - began)
        say(f"{node.name} joined in {took[-1]:.1f} s")
        time.sleep(2)
    checks.check(f"honest nodes join within {JOINED_WITHIN:g} s meanwhile", max(took) < JOINED_WITHIN, ", ".join(f"{one:.1f} s" for one in took))
    attacker.join()
    nodes = len(attacker.links)
    checks.check("only the root of its Node-ID admits it", attacker.refused_elsewhere > 0, f"{attacker.refused_elsewhere} refusals as from no root")
    longest = longest_hold(attacker.granted)
    checks.check("asking again does not prolong what was granted", longest < 10, f"held for {longest:.1f} s in one piece, {len(attacker.granted)} times of {REQUESTS // nodes}")


def longest_hold(times: list[float]) -> float:
    """The longest row of grants without a pause in which others could have had their turn."""
    longest = start = last = 0.0
    for at in times:
        if at - last > 5:
            start = at
        last = at
        longest = max(longest, at - start)
    return longest


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("attack d05", given.results)

    def run() -> None:
        with ring_of("attack-d05", 5, given.binary, users=[{"user": USER, "password": PASSWORD}]) as (ring, _):
            attack(checks, ring)

    return main_with(checks, run)


if __name__ == "__main__":
    sys.exit(main())
