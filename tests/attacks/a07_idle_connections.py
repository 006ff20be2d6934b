#!/usr/bin/env python3
"""Connections that say nothing worth a place keep nobody out: nine addresses hold all that they may and send empty lines for ever, and phones that have registered stay,
newcomers come in, the other supernode finds its links, and commands are taken. Nor does one account take all places by registering over each. And the pages of the admin
address are told while others hold its connections, or send their requests a byte a second.

    a07_idle_connections.py          a node with 256 places
    a07_idle_connections.py --full   a node as it comes: 18,000 connections
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import resource
import socket
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Failure, Node, Ring, arguments, localnet, main_with, ring_of, say  # noqa: E402
from sip_stranger import Speaker, connected, secured  # noqa: E402

PLACES, OF_SOURCE = 256, 40
FULL_PLACES, FULL_OF_SOURCE = 18_000, 2_000
SOURCES = 9
SECRETS = {name: f"{name}'s secret" for name in ("alice", "bob", "carol", "mallory")}


class Crowd:
    """Idle strangers: whoever is thrown out comes again at once, and all send an empty line now and then."""

    def __init__(self, node: str, of_source: int) -> None:
        self.node, self.of_source = node, of_source
        self.places: dict[str, list[socket.socket]] = {f"127.0.8.{i + 1}": [] for i in range(SOURCES)}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Crowd:
        for source in self.places:
            self._fill(source)
        self.thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.over.set()
        self.thread.join()
        for sockets in self.places.values():
            for each in sockets:
                each.close()

    def held(self) -> int:
        return sum(len(sockets) for sockets in self.places.values())

    def _fill(self, source: str) -> None:
        sockets = self.places[source]
        while len(sockets) < self.of_source and not self.over.is_set():
            try:
                sockets.append(connected(source, self.node))
                sockets[-1].sendall(b"\r\n\r\n")
                sockets[-1].setblocking(False)
            except OSError:
                return

    def _run(self) -> None:
        while not self.over.wait(0.5):
            for source, sockets in self.places.items():
                self.places[source] = [each for each in sockets if self._lives(each)]
                self._fill(source)

    @staticmethod
    def _lives(one: socket.socket) -> bool:
        with contextlib.suppress(BlockingIOError):
            try:
                one.sendall(b"\r\n\r\n")
                if not one.recv(4096):
                    raise ConnectionResetError
            except ConnectionError:
                one.close()
                return False
        return True


def phone(address: str, node: Node, user: str, secure: bool = False) -> Speaker:
    over = connected(address, node.address, 5061 if secure else 5060)
    return Speaker(address, node.address, user, SECRETS[user], over=secured(over) if secure else over)


def invited(caller: Speaker, callee: Speaker) -> bool:
    """A call reaches the callee's phone, by the connection that it has registered over."""
    invite = caller.request("INVITE", callee.address)
    status = caller.ask(invite)
    if status == 407 and caller.answer:
        caller.send(caller.authorized(invite, caller.answer))
    heard = callee.hear(lambda m: m.method == "INVITE" and not m.status, 5)
    if heard:
        callee.send(callee.response(heard, 486))
    return heard is not None


def newcomer(checks: Checks, what: str, node: Node, address: str, user: str, secure: bool) -> None:
    begun = time.monotonic()
    status = ""
    try:
        phone(address, node, user, secure).register()
    except (OSError, Exception) as error:  # noqa: BLE001: whatever kept it out is told
        status = f"{type(error).__name__}: {error}, "
    took = time.monotonic() - begun
    checks.check(f"a phone that comes {what} registers at once", not status and took < 3, f"{status}{took:.2f} s")


def served(node: Node) -> bool:
    """The web site answers a newcomer."""
    with contextlib.suppress(OSError), connected("127.0.9.9", node.address, 80) as web:
        web.settimeout(3)
        web.sendall(f"GET / HTTP/1.1\r\nHost: {node.address}\r\nConnection: close\r\n\r\n".encode())
        return web.recv(4096).startswith(b"HTTP/1.1 ")
    return False


def check_crowd(checks: Checks, ring: Ring, places: int, of_source: int) -> None:
    node, other = ring.nodes
    alice = phone("127.0.9.1", node, "alice")
    alice.register()
    caller = Speaker("127.0.9.2", node.address, "bob", SECRETS["bob"])
    with Crowd(node.address, of_source) as crowd:
        say(f"{crowd.held()} idle connections from {SOURCES} addresses, of {places} places")
        checks.check("the idle ones are more than have room", crowd.held() > places * 7 // 8, str(crowd.held()))
        newcomer(checks, "by TCP from another address", node, "127.0.9.3", "carol", secure=False)
        newcomer(checks, "by TLS from another address", node, "127.0.9.4", "carol", secure=True)
        newcomer(checks, "from an address that idle ones hold all places of", node, "127.0.8.1", "carol", secure=False)
        checks.check("a call reaches the phone that had registered before, by its connection", invited(caller, alice))
        checks.check("the web site answers a newcomer", served(node))
        localnet.kill(ring, other, hard=True)
        begun = time.monotonic()
        localnet.add(ring, 60, say)
        checks.check("a supernode that comes finds its links", True, f"{time.monotonic() - begun:.1f} s")
        checks.check("the phone that had registered before is still there", alice.transact(alice.request("OPTIONS", f"sip:{node.address}")) == 200)
    checks.check("the node runs", node.runs())


def check_account(checks: Checks, ring: Ring, places: int) -> None:
    """Each connection registers in its turn, in the place of the one before."""
    node = ring.nodes[0]
    phones, registered = [], 0
    for i in range(places * 2):
        with contextlib.suppress(OSError, Failure):
            phones.append(phone(f"127.0.10.{i % 200 + 1}", node, "mallory"))
            phones[-1].register(seconds=600)
            registered += 1
            phones[-1].register(seconds=0)
    checks.check("one account registers over as many connections as there are places", registered > places * 7 // 8, f"{registered} of {len(phones)}")
    newcomer(checks, "after that", node, "127.0.9.5", "carol", secure=False)
    for each in phones:
        each.close()


class Loungers:
    """Connections to the admin address: idle ones, or slow ones that send a byte a second of a request that never ends and come again."""

    def __init__(self, at: tuple[str, int], count: int, slow: bool) -> None:
        self.at, self.slow = at, slow
        self.held = [self._come() for _ in range(count)]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._drip)

    def __enter__(self) -> Loungers:
        self.thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.over.set()
        self.thread.join()
        for each in self.held:
            each.close()

    def _come(self) -> socket.socket:
        one = socket.create_connection(self.at, 10)
        if self.slow:
            one.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
        return one

    def _drip(self) -> None:
        while self.slow and not self.over.wait(1):
            for i, each in enumerate(self.held):
                try:
                    each.sendall(b"x")
                except OSError:  # thrown out, and told so by a reset
                    each.close()
                    self.held[i] = self._come()


def page_took(at: tuple[str, int], page: str) -> float:
    """Seconds until a newcomer has that page; infinite: he was turned away."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection(*at, timeout=5)
    try:
        connection.request("GET", page)
        good = connection.getresponse().read() and True
    except (OSError, http.client.HTTPException):
        good = False
    finally:
        connection.close()
    return time.monotonic() - begun if good else float("inf")


def check_admin(checks: Checks, node: Node) -> None:
    host, _, port = node.admin.removeprefix("http://").rpartition(":")
    at = (host, int(port))
    for count, slow in ((129, False), (500, False), (500, True)):
        with Loungers(at, count, slow):
            time.sleep(2.5 if slow else 0)  # slow ones have dripped meanwhile
            took = {page: [page_took(at, page) for _ in range(9)] for page in ("/healthz", "/metrics", "/status")}
        middle = {page: statistics.median(each) for page, each in took.items()}
        every = max(max(each) for each in took.values())
        said = ", ".join(f"{page} {1000 * each:.0f} ms" for page, each in middle.items()) + f", slowest {1000 * every:.0f} ms"
        checks.check(f"{count} {'slow' if slow else 'idle'} connections keep nobody from the admin address' pages", max(middle.values()) < 0.1 and every < 2, said)


def run(checks: Checks, given: argparse.Namespace) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    places, of_source = (FULL_PLACES, FULL_OF_SOURCE) if given.full else (PLACES, OF_SOURCE)
    settings = {} if given.full else {"limits.connections": places, "limits.source_connections": of_source}
    users = [{"user": f"{name}@example.com", "password": secret} for name, secret in SECRETS.items()]
    with ring_of("a07", 2, given.binary, settings, users) as (ring, _):
        if not given.full:
            check_account(checks, ring, places)
        check_crowd(checks, ring, places, of_source)
        check_admin(checks, ring.nodes[0])


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--full", action="store_true", help="a node's own limits: 18,000 connections")
    given = parser.parse_args()
    checks = Checks("idle connections", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
