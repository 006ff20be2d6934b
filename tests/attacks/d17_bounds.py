#!/usr/bin/env python3
"""Bounds that were judged for the usual writer only: a value of a time to come, a message of the link's own peer with a bad signature, and errors that a
node signs for whatever it is sent."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reload_node import FORBIDDEN, PING, STORE, TTL_EXCEEDED, Identity, Link, Message, enrol, key_of, opaque, random, time, to_node, to_resource  # noqa: E402
from acceptance import Checks, Ring, arguments, main_with, ring_of  # noqa: E402

USER, PASSWORD = "mallory@example.com", "evil12345"
NAME = "data:" + USER
RESOURCE_KIND = 0xF0000001
LIFETIME = 3600
TTL_TOO_HIGH = 31
MESSAGE_TOO_LARGE = 0x0B
DEVICES = 8  # each link is bounded by itself
FLOOD = 300
# 200 at once, and 100 a second.
SIGNED_MAX = 500


def record(me: Identity, milliseconds: int, text: str) -> bytes:
    """StoredData of the user's own record (record.md), stored at that time."""
    kind, _, subject = NAME.partition(":")
    key = b"\x01" + me.node_id + opaque(1, kind.encode()) + opaque(2, subject.encode())
    xml = f"<resource><version>1.0</version><type>{kind}</type><key>{key_of(NAME).hex()}</key><lifetime>{LIFETIME}</lifetime><timestamp>{milliseconds}</timestamp><user_uri>{subject}</user_uri><value>{text}</value></resource>"
    value = opaque(2, key) + b"\x01" + opaque(4, xml.encode())
    signature = me.sign(opaque(1, key_of(NAME)) + struct.pack("!IQ", RESOURCE_KIND, milliseconds) + value)
    return opaque(4, struct.pack("!QI", milliseconds, LIFETIME) + value + signature)


def store(link: Link, value: bytes) -> int | None:
    """The error of the answer; 0 for none, nothing for no answer."""
    body = opaque(1, key_of(NAME)) + b"\x00" + opaque(4, struct.pack("!IQ", RESOURCE_KIND, 0) + opaque(4, value))
    answer = link.ask(STORE, body, destinations=to_resource(key_of(NAME)), seconds=6)
    return None if answer is None else answer.error or 0


def times(checks: Checks, link: Link) -> None:
    now = int(time.time() * 1000)
    for what, ahead in (("two minutes", 120_000), ("a day", 86_000_000), ("for ever", (1 << 64) - 1 - now)):
        error = store(link, record(link.me, now + ahead, "later"))
        checks.check(f"a value of {what} to come is refused", error == FORBIDDEN, f"error {error}")
    error = store(link, record(link.me, now, "now"))
    checks.check("its owner stores, overwrites and so can remove what is of now", error == 0, f"error {error}")


def signatures(checks: Checks, link: Link) -> None:
    good = link.ask(PING, bytes(2))
    checks.check("a signed message is answered", good is not None and good.code == PING + 1)
    bad = link.ask(PING, bytes(2), signature=bytes(64))
    checks.check("a message of the link's own peer with a bad signature is not", bad is None)


def too_long(checks: Checks, link: Link) -> None:
    transaction = random.getrandbits(64)
    link.send_message(link.message(link.me.payload(PING, bytes(2) + bytes(200_000), transaction), transaction, to_node(link.peer)))
    answer = link.answer_to(transaction)
    checks.check("a message larger than any link takes is refused with an error", answer is not None and answer.error == MESSAGE_TOO_LARGE, str(answer and answer.error))
    after = link.ask(PING, bytes(2))
    checks.check("and its link goes on", after is not None and after.code == PING + 1)


def refused(message: Message) -> bool:
    return message.error == TTL_EXCEEDED


def refusals(checks: Checks, links: list[Link]) -> None:
    """Requests whose TTL is too high, with a bad signature: each was answered by a signed error."""
    for _ in range(FLOOD):
        for link in links:
            transaction = random.getrandbits(64)
            payload = link.me.payload(PING, bytes(2), transaction, signature=bytes(64))
            link.send_message(link.message(payload, transaction, to_node(link.peer), ttl=TTL_TOO_HIGH))
    time.sleep(1)
    answers = sum(sum(map(refused, link.messages)) for link in links)
    checks.check("errors that nobody has verified are signed at a bounded rate", answers < SIGNED_MAX, f"{answers} for {FLOOD * len(links)}")
    time.sleep(3)
    still = links[0].ask(PING, bytes(2))
    checks.check("and the node goes on serving", still is not None and still.code == PING + 1)


def attack(checks: Checks, ring: Ring) -> None:
    server = ring.nodes[0].address
    me, *more = [enrol(USER, PASSWORD, f"d{i}", server=server) for i in range(DEVICES)]
    times(checks, Link(me, ring.nodes[1].address))
    signatures(checks, Link(me, ring.nodes[2].address))
    too_long(checks, Link(me, ring.nodes[4].address))
    refusals(checks, [Link(one, ring.nodes[3].address) for one in (me, *more)])


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("attack d17", given.results)

    def run() -> None:
        with ring_of("attack-d17", 5, given.binary, users=[{"user": USER, "password": PASSWORD}]) as (ring, _):
            attack(checks, ring)

    return main_with(checks, run)


if __name__ == "__main__":
    sys.exit(main())
