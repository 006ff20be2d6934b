#!/usr/bin/env python3
"""Nodes made to dial others: by Attach, which says where its sender lives, over and over; by an Attach that was made long ago; by one that names a node's own port. And a list
of supernodes that a node fills with somebody else's address.
"""

from __future__ import annotations

import argparse
import selectors
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, main_with, ring_of, say  # noqa: E402
from reload_node import ACTIVE, ATTACH, FORBIDDEN, UPDATE, Identity, Link, Message, attach_body, attach_stamp, enrol, leaf_set_state, place, to_node, update_active  # noqa: E402
from speakers import http, tls  # noqa: E402

VICTIM = "127.99.0.1"
UDP, TCP = 3, 4
PORTS = range(7001, 7017)
ATTACHES = 20
MESSAGE_EXPIRED = 0x17


@dataclass
class Victim(threading.Thread):
    """Listens on many ports, and counts what comes."""

    address: str
    datagrams: int = 0
    octets: int = 0
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    __hash__ = threading.Thread.__hash__

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.selector = selectors.DefaultSelector()
        for port in (*PORTS, 443, 80):
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                s = socket.socket(socket.AF_INET, kind)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((self.address, port))
                s.setblocking(False)
                if kind == socket.SOCK_STREAM:
                    s.listen(64)
                self.selector.register(s, selectors.EVENT_READ, kind)

    def run(self) -> None:
        while not self.over.is_set():
            for key, _ in self.selector.select(0.2):
                if key.data == socket.SOCK_DGRAM:
                    self.octets += len(key.fileobj.recv(65536))  # type: ignore[union-attr]
                    self.datagrams += 1
                else:
                    key.fileobj.accept()[0].close()  # type: ignore[union-attr]
                    self.connections += 1

    def clear(self) -> None:
        self.datagrams = self.octets = self.connections = 0

    @property
    def packets(self) -> int:
        return self.datagrams + self.connections

    def said(self) -> str:
        return f"{self.datagrams} datagrams of {self.octets} bytes, {self.connections} connections"


def attach(link: Link, to: Node, candidates: list[tuple[str, int, int]], made: float | None = None) -> int:
    """By way of the link's node: one that has a fresh link to the sender dials no second one."""
    target = to_node(bytes.fromhex(to.node_id))
    return link.request(ATTACH, attach_body(candidates), target, extensions=attach_stamp(target, made))


def said(answer: Message | None) -> str:
    return "no answer" if answer is None else f"code {answer.code}, error {answer.error}"


def drops_of(ring: Ring, node: Node, reason: str) -> int:
    return int((ring.status(node) or {}).get("drops", {}).get(reason, 0))


def check_budget(checks: Checks, ring: Ring, me: Identity, victim: Victim) -> None:
    """Many Attaches, each naming as many ports of the victim's as it can."""
    candidates = [(VICTIM, port, UDP) for port in PORTS]
    link = Link(me, ring.nodes[0].address)
    victim.clear()
    began = time.monotonic()
    for _ in range(ATTACHES):
        for node in ring.nodes[1:]:
            attach(link, node, candidates)
        time.sleep(0.5)
    time.sleep(6)
    took = time.monotonic() - began
    asked = len(ring.nodes) - 1
    most = int(asked * (24 + took + 1))
    detail = f"{victim.said()} in {took:.0f} s"
    checks.check(f"{ATTACHES} Attaches make {asked} nodes send {most} packets at most, whatever they name", victim.packets <= most, detail)
    dropped = sum(drops_of(ring, node, "dial_budget") for node in ring.nodes)
    checks.check("what is beyond the budget is counted", dropped > 0, str(dropped))
    link.close()


def check_first_attach(checks: Checks, ring: Ring, me: Identity, victim: Victim) -> None:
    """One Attach of sixteen candidates: four of them count."""
    link = Link(me, ring.nodes[0].address)
    victim.clear()
    attach(link, ring.nodes[1], [(VICTIM, port, TCP) for port in PORTS])
    time.sleep(6)
    checks.check("of sixteen candidates of an Attach four are dialled, and its host's ports 443 and 80", victim.connections <= 6, victim.said())
    link.close()


def check_replay(checks: Checks, ring: Ring, me: Identity, victim: Victim) -> None:
    link = Link(me, ring.nodes[0].address)
    target = to_node(bytes.fromhex(ring.nodes[1].node_id))
    victim.clear()
    old = link.answer_to(attach(link, ring.nodes[1], [(VICTIM, 7001, TCP)], time.time() - 120))
    checks.check("an Attach of two minutes ago is refused", old is not None and old.error == MESSAGE_EXPIRED, said(old))
    other = link.answer_to(link.request(ATTACH, attach_body([(VICTIM, 7001, TCP)]), target, extensions=attach_stamp(to_node(bytes(15) + b"x"))))
    checks.check("an Attach that was made for another node is refused", other is not None and other.error == FORBIDDEN, said(other))
    bare = link.answer_to(link.request(ATTACH, attach_body([(VICTIM, 7001, TCP)]), target))
    checks.check("an Attach without its time is refused", bare is not None and bare.error == FORBIDDEN, said(bare))
    time.sleep(2)
    checks.check("and nobody is dialled for any of them", victim.packets == 0, victim.said())
    link.close()


def check_own_port(checks: Checks, ring: Ring, me: Identity) -> None:
    node = ring.nodes[2]
    link = Link(me, ring.nodes[0].address)
    handshakes = drops_of(ring, node, "dial_address")
    attach(link, node, [(node.address, port, TCP) for port in (443, 80, 5060, 6084)])
    time.sleep(3)
    refused = drops_of(ring, node, "dial_address") - handshakes
    checks.check("a node dials no port of its own", refused >= 4, f"{refused} refused")
    link.close()


def check_list(checks: Checks, ring: Ring, me: Identity) -> None:
    """It says that it is active, and lives at eight ports of somebody else's."""
    own = b"".join(place(VICTIM, port) for port in range(7001, 7009))
    links = [Link(me, node.address) for node in ring.nodes]
    for link in links:
        link.ask(UPDATE, update_active(leaf_set_state(ACTIVE, own=own)))
    time.sleep(11)  # a list is kept for ten seconds
    with tls((ring.nodes[0].address, 443)) as s:
        status, body = http(s, "GET", "/.well-known/phyllo-supernodes")
    checks.check("the list of supernodes has nobody's address but those where nodes were heard", status == 200 and VICTIM not in body, f"{status}, {body.count(VICTIM)} times")
    for link in links:
        link.close()


def run(checks: Checks, given: argparse.Namespace) -> None:
    users = [{"user": "mallory@example.com", "password": "wonderland"}]
    with ring_of("dial-victims", 3, given.binary, {}, users) as (ring, _):
        victim = Victim(VICTIM)
        victim.start()
        me = enrol("mallory@example.com", "wonderland", "d0", server=ring.nodes[0].address)
        check_first_attach(checks, ring, me, victim)
        check_replay(checks, ring, me, victim)
        check_own_port(checks, ring, me)
        check_budget(checks, ring, me, victim)
        check_list(checks, ring, me)
        for node in ring.nodes:
            checks.check(f"{node.name} runs", node.runs())
        say(f"of the victim: {victim.said()}")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("dial victims", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
