#!/usr/bin/env python3
"""What strangers make a node hold is bounded over all of them, and given back within a minute of rest: messages that never end over TCP, TLS and WebSocket,
WebSocket messages in frames of one byte, and a crowd of calls.

    a08_memory.py               2,000 connections of each kind
    a08_memory.py --full        10,000
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import resource
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Failure, Node, arguments, main_with, ring_of, say  # noqa: E402
from sip_stranger import Speaker, connected, secured  # noqa: E402

SLOW = True  # two minutes, one of them of rest
CROWD, FULL_CROWD = 2_000, 10_000
HELD_MIB = 64  # limits.held_mib, as it comes
A_CONNECTION_KIB = 40  # what one costs beside, with TLS and before it is closed
REST_SECONDS = 65
HEADER = "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.8.1;branch=z9hG4bK1\r\nFrom: <sip:x@y.org>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"


def pss_mib(node: Node) -> float:
    return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{node.pid}/smaps_rollup").read_text(), re.MULTILINE)[1]) / 1024  # type: ignore[index]


def half_a_message() -> bytes:
    return (HEADER + "Content-Length: 60000\r\n\r\n").encode() + b"x" * 59_000


def frame(payload: bytes, opcode: int, last: bool) -> bytes:
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload)) if len(payload) < 65_536 else b"\xff" + struct.pack(">Q", len(payload))
    return bytes([last << 7 | opcode]) + size + bytes(4) + payload


def websocket(address: str, node: Node) -> socket.socket:
    s = connected(address, node.address, 80)
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n")
    s.settimeout(3)
    if b" 101 " not in s.recv(4096)[:20]:
        raise OSError("no WebSocket")
    return s


class Kind:
    """One way to make a node hold memory."""

    def __init__(self, name: str, open_one: Callable[[str, Node], socket.socket], says: Callable[[], bytes], share: float = 1.0) -> None:
        self.name, self.open_one, self.says, self.share = name, open_one, says, share


def kinds() -> list[Kind]:
    def plain(address: str, node: Node) -> socket.socket:
        return connected(address, node.address)

    def tls(address: str, node: Node) -> ssl.SSLSocket:
        return secured(connected(address, node.address, 5061))

    def crumbs() -> bytes:
        return frame(b"I", 1, False) + b"".join(frame(b"x", 0, False) for _ in range(40_000))

    return [
        Kind("messages over TCP that never end", plain, half_a_message),
        Kind("messages over TLS that never end", tls, half_a_message, 0.5),
        Kind("WebSocket messages that never end", websocket, lambda: frame(half_a_message(), 1, False)),
        Kind("WebSocket messages in frames of one byte", websocket, crumbs, 0.1),
    ]


def say_all(s: socket.socket, data: bytes, seconds: float = 0.5) -> None:
    """As much as the other side takes."""
    s.settimeout(seconds)
    with contextlib.suppress(OSError):
        s.sendall(data)


def attack(checks: Checks, node: Node, kind: Kind, count: int) -> None:
    count = int(count * kind.share)
    before = highest = pss_mib(node)
    sockets: list[socket.socket] = []
    for i in range(count):
        with contextlib.suppress(OSError):
            sockets.append(kind.open_one(f"127.0.8.{i % 8 + 1}", node))
    data = kind.says()
    for i, s in enumerate(sockets):
        say_all(s, data)
        if i % 50 == 0:
            highest = max(highest, pss_mib(node))
    highest = max(highest, pss_mib(node))
    for s in sockets:
        s.close()
    bound = HELD_MIB * 1.5 + count * A_CONNECTION_KIB / 1024
    checks.check(f"{kind.name}: all together are bounded", highest - before <= bound and len(sockets) > count // 2, f"{highest - before:.0f} MiB more with {len(sockets)}, of {bound:.0f}")


def at_the_node(address: str, node: Node) -> Speaker:
    """A phone that has registered; as any phone it asks again, since the node may have its hands full for a moment."""
    phone = Speaker(address, node.address, "alice", "alice's secret")
    for _ in range(3):
        with contextlib.suppress(Failure):
            phone.register()
            return phone
    phone.register()
    return phone


def crowd_of_calls(node: Node) -> None:
    """For unknown users, from a source that has proved itself: each takes its time."""
    caller = at_the_node("127.0.9.1", node)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for _ in range(20):
            caller.send(caller.request("INVITE", f"sip:{os.urandom(4).hex()}@example.com"))
        while select.select([caller.socket], [], [], 0.002)[0]:
            caller.socket.recv(65536)


def check_rest(checks: Checks, node: Node, before: float) -> None:
    at_once = pss_mib(node)
    end = time.monotonic() + REST_SECONDS
    while time.monotonic() < end and pss_mib(node) > before + 12:
        time.sleep(1)
    after = pss_mib(node)
    checks.check("after a minute of rest the memory is given back", after <= before + 12, f"{before:.0f} MiB before, {at_once:.0f} at the end of the attacks, {after:.0f} after rest")


def run(checks: Checks, given: argparse.Namespace) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    settings = {"sip.source_messages_per_second": 1_000_000, "sip.source_messages_burst": 1_000_000, "limits.source_connections": 20_000, "limits.source_handshakes_per_second": 2_000}
    with ring_of("a08", 1, given.binary, settings, [{"user": "alice@example.com", "password": "alice's secret"}]) as (ring, _):
        node = ring.nodes[0]
        crowd_of_calls(node)
        time.sleep(3)
        before = pss_mib(node)
        say(f"{before:.0f} MiB before")
        for kind in kinds():
            if not given.only or given.only in kind.name:
                attack(checks, node, kind, FULL_CROWD if given.full else CROWD)
        crowd_of_calls(node)
        check_rest(checks, node, before)
        at_the_node("127.0.9.2", node)
        checks.check("phones are served, and the node runs", node.runs())


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--full", action="store_true", help="10,000 connections of each kind")
    parser.add_argument("--only", help="kinds with these words")
    given = parser.parse_args()
    checks = Checks("memory", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
