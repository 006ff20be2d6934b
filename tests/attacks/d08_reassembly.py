#!/usr/bin/env python3
"""Messages in pieces that never become whole: what they cost a node is bounded and counted, however small the pieces, however long their headers, and however many links
one certificate opens.
"""

from __future__ import annotations

import argparse
import random
import socket
import ssl
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, arguments, main_with, ring_of, say  # noqa: E402
from reload_node import DATA, HEADER, PING, RELO_TOKEN, Identity, Link, enrol, opaque  # noqa: E402

LINKS = 60
PRESENT = 0x80000000
GROWTH_MIB = 40  # 32 MiB for all links of a host, and what the links themselves take


def resident(node: Node) -> float:
    """MiB."""
    status = Path(f"/proc/{node.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def piece(me: Identity, transaction: int, offset: int, body: bytes, via: bytes = b"") -> bytes:
    length = HEADER.size + len(via) + len(body)
    return HEADER.pack(RELO_TOKEN, me.overlay_hash, 1, 0x0A, 30, PRESENT | offset, length, transaction, 0, len(via), 0, 0) + via + body


def framed(pieces: list[bytes]) -> bytes:
    return b"".join(bytes([DATA]) + struct.pack("!I", number) + opaque(3, message) for number, message in enumerate(pieces))


def links_of(me: Identity, node: Node, many: int) -> list[Link]:
    out = []
    for _ in range(many):
        try:
            out.append(Link(me, node.address))
        except (OSError, ssl.SSLError):
            break
    time.sleep(1)
    return out


def say_all(links: list[Link], data: bytes) -> None:
    for link in links:
        try:
            link.socket.settimeout(10)
            link.send_bytes(data)
        except OSError:
            link.dead = True


def check_one_byte_pieces(checks: Checks, node: Node, me: Identity) -> None:
    before = resident(node)
    links = links_of(me, node, LINKS)
    alive = sum(not link.dead for link in links)
    checks.check("one certificate keeps three links at most", alive <= 3, f"{alive} of {LINKS}")
    say_all(links, framed([piece(me, random.getrandbits(64), offset, b"x") for offset in range(0, 50_000, 2)]))
    time.sleep(2)
    grown = resident(node) - before
    checks.check(f"pieces of one byte cost it {GROWTH_MIB} MiB at most", grown <= GROWTH_MIB, f"{grown:.1f} MiB")
    for link in links:
        link.close()


def check_long_headers(checks: Checks, node: Node, me: Identity) -> None:
    before = resident(node)
    links = links_of(me, node, LINKS)
    via = bytes(60_000)
    for _ in range(4):
        say_all(links, framed([piece(me, random.getrandbits(64), 0, bytes(300), via) for _ in range(16)]))
    time.sleep(2)
    grown = resident(node) - before
    checks.check(f"pieces with lists of 60 kB cost it {GROWTH_MIB} MiB at most", grown <= GROWTH_MIB, f"{grown:.1f} MiB")
    for link in links:
        link.close()


def check_goes_on(checks: Checks, node: Node, me: Identity) -> None:
    time.sleep(1)
    answer = Link(me, node.address).ask(PING, bytes(2))
    checks.check(f"{node.name} still answers its certificate's owner", answer is not None and answer.code == PING + 1 and node.runs())


def run(checks: Checks, given: argparse.Namespace) -> None:
    random.seed(given.seed)
    users = [{"user": "mallory@example.com", "password": "wonderland"}]
    with ring_of("reassembly", 2, given.binary, {}, users) as (ring, _):
        me = enrol("mallory@example.com", "wonderland", "d0", server=ring.nodes[0].address)
        check_long_headers(checks, ring.nodes[0], me)
        check_one_byte_pieces(checks, ring.nodes[1], me)
        for node in ring.nodes:
            check_goes_on(checks, node, me)
            drops = (ring.status(node) or {}).get("drops", {})
            say(f"what was dropped by {node.name}: { {reason: count for reason, count in drops.items() if count} }")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("reassembly", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    socket.setdefaulttimeout(15)
    sys.exit(main())
