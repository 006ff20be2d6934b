#!/usr/bin/env python3
"""Four connections that send as fast as they can take nobody's turn: of each kind four at a time (empty lines, SIP requests, HTTP requests, WebSocket pings, STUN), and
beside them a phone's OPTIONS are answered within 20 ms in 95 of 100 cases, and the health page within 50 ms.

    a02_greedy_streams.py                 three seconds of each kind
    a02_greedy_streams.py --seconds 20    longer
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import multiprocessing
import os
import select
import sys
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, arguments, main_with, ring_of  # noqa: E402
from sip_stranger import Speaker, connected  # noqa: E402

CONNECTIONS = 4
OPTIONS_P95_MS, HEALTH_P95_MS = 20.0, 50.0
WEBSOCKET = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"


def options(node: str) -> bytes:
    return "".join(
        f"OPTIONS sip:{node} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.8.1;branch=z9hG4bK{os.urandom(6).hex()}\r\nMax-Forwards: 70\r\nFrom: <sip:x@y.org>;tag=1\r\nTo: <sip:{node}>\r\n"
        f"Call-ID: {os.urandom(6).hex()}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        for _ in range(100)
    ).encode()


Kind = tuple[int, bytes, Callable[[str], bytes]]  # the port, what is said first, and what is said for ever
KINDS: dict[str, Kind] = {
    "empty lines": (5060, b"", lambda node: b"\r\n" * 20_000),
    "SIP requests": (5060, b"", options),
    "HTTP requests": (80, b"", lambda node: f"GET / HTTP/1.1\r\nHost: {node}\r\n\r\n".encode() * 500),
    "WebSocket pings": (80, WEBSOCKET, lambda node: b"\x89\x80\0\0\0\0" * 5_000),
    "STUN requests": (3478, b"", lambda node: bytes.fromhex("000100002112a442") + os.urandom(12) + b"".join(bytes.fromhex("000100002112a442") + os.urandom(12) for _ in range(1_000))),
}


def shout(node: str, kind: str, number: int, over: Event) -> None:
    """One connection of a kind, made anew when it is closed. What comes back is read and forgotten."""
    os.nice(10)  # it plays other machines
    port, first, make = KINDS[kind]
    text = make(node)
    while not over.is_set():
        with contextlib.suppress(OSError), connected(f"127.0.8.{number + 1}", node, port) as s:
            s.sendall(first)
            s.setblocking(False)
            rest = text
            while not over.is_set():
                readable, writable, _ = select.select([s], [s], [], 0.2)
                if readable and not s.recv(1 << 16):
                    break
                if writable:
                    rest = rest[s.send(rest) :] or text


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else float("inf")


def health_ms(node: Node) -> float:
    host, _, port = node.admin.removeprefix("http://").rpartition(":")
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except OSError:
        return 5000.0
    finally:
        connection.close()
    return (time.perf_counter() - begun) * 1e3


def options_ms(phone: Speaker, node: Node) -> float:
    begun = time.perf_counter()
    status = phone.ask(phone.request("OPTIONS", f"sip:{node.address}"), seconds=2)
    return (time.perf_counter() - begun) * 1e3 if status == 200 else 2000.0


def measure(checks: Checks, node: Node, phone: Speaker, kind: str, seconds: float) -> None:
    over = multiprocessing.Event()
    shouters = [multiprocessing.Process(target=shout, args=(node.address, kind, i, over)) for i in range(CONNECTIONS)]
    for each in shouters:
        each.start()
    time.sleep(0.5)
    asked: list[float] = []
    health: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        asked.append(options_ms(phone, node))
        if len(asked) % 5 == 0:
            health.append(health_ms(node))
        time.sleep(0.005)
    over.set()
    for each in shouters:
        each.join()
    good = p95(asked) <= OPTIONS_P95_MS and p95(health) <= HEALTH_P95_MS
    checks.check(f"beside four connections of {kind} others are served", good, f"p95 of {len(asked)} OPTIONS {p95(asked):.1f} ms, of {len(health)} of health {p95(health):.1f} ms")


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("a02", 1, given.binary, {}, [{"user": "alice@example.com", "password": "alice's secret"}]) as (ring, _):
        node = ring.nodes[0]
        phone = Speaker("127.0.9.1", node.address, "alice", "alice's secret")
        phone.register()
        for kind in KINDS:
            if not given.only or given.only in kind:
                measure(checks, node, phone, kind, given.seconds)
        checks.check("the node runs", node.runs())


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of each kind")
    parser.add_argument("--only", help="kinds with these words")
    given = parser.parse_args()
    checks = Checks("greedy streams", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
