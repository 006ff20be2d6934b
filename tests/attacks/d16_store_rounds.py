#!/usr/bin/env python3
"""A store with a Kind and no values, and others of its like, as an ordinary user: they are refused at once and make the ring send nothing."""

from __future__ import annotations

import struct
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reload_node import FETCH, INVALID_MESSAGE, STAT, STORE, Link, enrol, key_of, opaque, time, to_resource  # noqa: E402
from acceptance import Checks, Ring, arguments, main_with, ring_of  # noqa: E402

USER, PASSWORD = "mallory@example.com", "evil12345"
RESOURCE_KIND = 0xF0000001
SENT_MAX = 6
CODES = ("store_req", "store_ans", "fetch_req", "fetch_ans", "stat_req", "stat_ans", "error")


def store(key: bytes, *kinds: bytes) -> bytes:
    return opaque(1, key) + b"\x00" + opaque(4, b"".join(kinds))


def kind(number: int, generation: int, *values: bytes) -> bytes:
    return struct.pack("!IQ", number, generation) + opaque(4, b"".join(values))


def messages_sent(ring: Ring) -> int:
    """RELOAD messages that came to nodes of the ring, all together: Store requests and the errors that answer them."""
    total = 0
    for node in ring.nodes:
        with urllib.request.urlopen(f"{node.admin}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        counted = [line for line in lines if line.startswith("phyllo_reload_messages_total") and any(f'"{code}"' in line for code in CODES)]
        total += sum(int(float(line.rsplit(" ", 1)[1])) for line in counted)
    return total


def costs(ring: Ring, link: Link, code: int, body: bytes, key: bytes) -> tuple[int | None, float, int]:
    """The error of the answer, how long it took, and what it made the ring send."""
    before = messages_sent(ring)
    began = time.monotonic()
    answer = link.ask(code, body, destinations=to_resource(key), seconds=6)
    took = time.monotonic() - began
    time.sleep(1)
    return answer.error if answer else None, took, messages_sent(ring) - before


def come_to_rest(ring: Ring) -> None:
    """A ring that has just formed speaks of its records for some seconds more."""
    deadline, calm = time.monotonic() + 30, 0
    while calm < 3 and time.monotonic() < deadline:
        before = messages_sent(ring)
        time.sleep(1)
        calm = calm + 1 if messages_sent(ring) - before <= 2 else 0


def attack(checks: Checks, ring: Ring) -> None:
    come_to_rest(ring)
    link = Link(enrol(USER, PASSWORD, "d0", server=ring.nodes[0].address), ring.nodes[1].address)
    key = key_of("data:" + USER)
    requests = {
        "a store of a Kind without values": (STORE, store(key, kind(RESOURCE_KIND, 0)), INVALID_MESSAGE),
        "a store of two Kinds without values": (STORE, store(key, kind(RESOURCE_KIND, 0), kind(1, 0)), INVALID_MESSAGE),
        "a store without values that expects a generation": (STORE, store(key, kind(RESOURCE_KIND, 7)), INVALID_MESSAGE),
        "a store without Kinds": (STORE, store(key), INVALID_MESSAGE),
        "a store of noise": (STORE, b"noise", INVALID_MESSAGE),
        "a fetch of nothing": (FETCH, opaque(1, key) + opaque(2, b""), None),
        "a stat of nothing": (STAT, opaque(1, key) + opaque(2, b""), None),
    }
    for what, (code, body, expected) in requests.items():
        error, took, sent = costs(ring, link, code, body, key)
        for _ in range(20):  # the nodes' own probes of their health come in between: a few dozen messages a second, for some seconds in ten
            if sent > SENT_MAX:
                error, took, sent = costs(ring, link, code, body, key)
        checks.check(f"{what} is answered at once and makes the ring send next to nothing", took < 1 and sent <= SENT_MAX and (expected is None or error == expected), f"error {error}, {took:.2f} s, {sent} messages")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("attack d16", given.results)

    def run() -> None:
        with ring_of("attack-d16", 5, given.binary, users=[{"user": USER, "password": PASSWORD}]) as (ring, _):
            attack(checks, ring)

    return main_with(checks, run)


if __name__ == "__main__":
    sys.exit(main())
