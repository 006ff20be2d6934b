#!/usr/bin/env python3
"""One ordinary account asks for many Node-IDs, and its nodes say that they are peers: a client's is nobody's peer whatever it says, and a peer's enters no
leaf set before it has been granted its place."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reload_node import ACTIVE, ASKS, ERROR, FORBIDDEN, JOIN, PING, ROUTE_QUERY, UPDATE, Identity, Link, Refused, enrol, join_body, leaf_set_state, place, route_query_probe, time, update_active  # noqa: E402
from acceptance import Checks, Ring, arguments, main_with, ring_of  # noqa: E402

USERS = ("mallory@example.com", "trudy@example.com")
PASSWORD = "evil12345"
DEVICES = 64


def enrol_many(user: str, server: str, **role: str) -> list[Identity]:
    """As many devices as the login server lets one account have."""
    got = []
    for i in range(DEVICES):
        try:
            got.append(enrol(user, PASSWORD, f"{role.get('role', 'device')}{i}", server=server, **role))
        except Refused:
            pass
    return got


def tables_with(ring: Ring, who: list[Identity]) -> list[str]:
    """The nodes in whose leaf set or routing table one of these stands, by what they say of themselves."""
    ids = [one.node_id.hex() for one in who]
    tables = {ring.node(index).name: f"{status['leaf_set']} {status.get('routing_table')}" for index, status in ring.statuses().items() if status}
    return [name for name, text in tables.items() if any(one in text for one in ids)]


class Claimant:
    """A node of the attacker, linked to all of the ring."""

    def __init__(self, me: Identity, ring: Ring) -> None:
        self.me = me
        self.own = place("127.0.9.9", 6084)
        self.links = [Link(me, node.address) for node in ring.nodes]

    def claims(self) -> list[int | None]:
        """It says to every node in every way that it is an active peer, or will be one; the errors that it is answered with."""
        active, asks, joins = (leaf_set_state(flags, self.own) for flags in (ACTIVE, ASKS, 0))
        answers = []
        for link in self.links:
            said = ((UPDATE, update_active(active)), (ROUTE_QUERY, route_query_probe(link.peer, active)), (ROUTE_QUERY, route_query_probe(link.peer, asks)), (JOIN, join_body(self.me.node_id, joins)))
            answers += [answer.error if (answer := link.ask(code, body)) else -1 for code, body in said]
        return answers

    def says_active(self) -> None:
        """Update(active) to every node, without a word of joining."""
        for link in self.links:
            link.ask(UPDATE, update_active(leaf_set_state(ACTIVE, self.own)))

    def entered(self) -> int:
        """How many nodes name it in their leaf sets."""
        return sum(1 for link in self.links if (sets := link.leaf_sets()) and self.me.node_id in sets.members)


def attack(checks: Checks, ring: Ring) -> None:
    server = ring.nodes[0].address
    clients = enrol_many(USERS[0], server)
    checks.check("an ordinary account holds ten client Node-IDs at most", 0 < len(clients) <= 10, f"{len(clients)} of {DEVICES}")
    claimants = [Claimant(one, ring) for one in clients[:3]]
    answers = [error for one in claimants for error in one.claims()]
    checks.check("whatever a client says of being a peer is refused", bool(answers) and all(error == FORBIDDEN for error in answers), str(set(answers)))
    time.sleep(2)
    checks.check("no client stands in a leaf set or a routing table", not tables_with(ring, clients), ", ".join(tables_with(ring, clients)))
    served = Link(clients[0], ring.nodes[1].address).ask(PING, bytes(2))
    checks.check("as a client it is served", served is not None and served.code == PING + 1)
    peers = enrol_many(USERS[1], server, role="peer")
    checks.check("an ordinary account holds one peer Node-ID at most", len(peers) == 1, f"{len(peers)} of {DEVICES}")
    sayers = [Claimant(one, ring) for one in peers[:3]]
    entered = 0
    for one in sayers:
        one.says_active()
        entered += one.entered()
    time.sleep(1)
    entered += sum(one.entered() for one in sayers)
    checks.check("a peer that says it is active without a grant enters no leaf set", bool(sayers) and entered == 0, f"{entered} times in {len(ring.nodes)} nodes")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("attack d04", given.results)

    def run() -> None:
        with ring_of("attack-d04", 5, given.binary, users=[{"user": user, "password": PASSWORD} for user in USERS]) as (ring, _):
            attack(checks, ring)

    return main_with(checks, run)


if __name__ == "__main__":
    sys.exit(main())
