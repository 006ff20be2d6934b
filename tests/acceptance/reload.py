#!/usr/bin/env python3
"""A node of a ring takes 200 new certificates into use under load: no connection ends, no operation fails, and no memory is kept."""

import argparse
import hashlib
import http.client
import json
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from acceptance import Checks, Failure, Node, Ring, arguments, main_with, ring_of, say
from speakers import lax_tls

NODES = 4
PHONES = 100
# Of each kind, at the node that reloads and at another one.
WORKERS = 2
SETTLED_AFTER = 20
# What a node remembers of requests for a while (15 s) is as much then as it will be.
WARMED_UP_SECONDS = 18
# What the heap moves by itself under this load; a certificate and its key kept at every reload are 20 times as much.
GROWTH_MAX_KIB = 256


class Load(threading.Thread):
    """Does one thing so many times a second until it is stopped; counts, and keeps what failed."""

    def __init__(self, what: str, rate: float, once: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.what = what
        self.every = 1 / rate
        self.once = once
        self.stopped = threading.Event()
        self.done = 0
        self.failed: list[str] = []
        self.start()

    def run(self) -> None:
        due = time.monotonic()
        while not self.stopped.wait(max(0.0, due - time.monotonic())):
            due = max(due, time.monotonic() - 1) + self.every
            try:
                self.once()
                self.done += 1
            except (OSError, AssertionError, http.client.HTTPException, ValueError) as error:
                self.failed.append(f"{self.what}: {error!r}")

    def end(self) -> None:
        self.stopped.set()
        self.join(30)


class Phones:
    """SIP over TLS: connections that stay open, each asked in turn whether it lives (RFC 5626 s.3.5.1)."""

    def __init__(self, node: Node, count: int) -> None:
        self.turn = 0
        self.open: list[ssl.SSLSocket] = []
        for turn in range(count):
            self.open.append(lax_tls().wrap_socket(socket.create_connection((node.address, node.ports["sips"]), 10)))
            self.ask(turn)  # at once: who says nothing is not waited for

    def ping(self) -> None:
        self.turn = (self.turn + 1) % len(self.open)
        self.ask(self.turn)

    def ask(self, turn: int) -> None:
        phone = self.open[turn]
        phone.sendall(b"\r\n\r\n")
        answer = phone.recv(16)
        assert answer == b"\r\n", f"connection {turn} answered {answer!r}"


class Records:
    """Reads and updates of a few records by a node's admin socket, over one connection."""

    def __init__(self, ring: Ring, node: Node, tag: str) -> None:
        self.admin = node.commands()
        self.names = [f"note:reload-{tag}-{i}@{ring.domain}" for i in range(10)]
        self.turn = 0

    def ask(self, verb: str, body: dict[str, str]) -> dict[str, object]:
        self.admin.request("POST", f"/overlay/{verb}", json.dumps(body), {"Content-Type": "application/json"})
        answer = self.admin.getresponse()
        text = answer.read()
        assert answer.status == 200, text[:200]
        found: dict[str, object] = json.loads(text)
        return found

    def write_and_read(self) -> None:
        self.turn += 1
        name, value = self.names[self.turn % len(self.names)], f"value {self.turn}"
        self.ask("update", {"name": name, "value": value})
        values = self.ask("get", {"name": name})["values"]
        assert isinstance(values, list) and values[0]["value"] == value, values


def served_certificate(node: Node) -> str:
    """What a new connection is shown: a hash, and the connection serves."""
    with lax_tls().wrap_socket(socket.create_connection((node.address, node.ports["https"]), 10)) as s:
        s.sendall(f"GET /.well-known/reload-config HTTP/1.1\r\nHost: {node.address}\r\nConnection: close\r\n\r\n".encode())
        answer = s.recv(16)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        return hashlib.sha256(s.getpeercert(True) or b"").hexdigest()


def new_certificate(directory: Path, node: Node) -> str:
    """Written as an ACME client would: files of the same names, replaced. Its hash."""
    chain, key = directory / "web.pem", directory / "web.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=reload"]
    command += ["-addext", f"subjectAltName=IP:{node.address}", "-keyout", f"{key}.new", "-out", f"{chain}.new"]
    subprocess.run(command, check=True, capture_output=True)
    Path(f"{key}.new").replace(key)
    Path(f"{chain}.new").replace(chain)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(chain.read_text())).hexdigest()


def add_settings(node: Node, table: str) -> None:
    """One more table in its configuration."""
    with Path(node.config).open("a") as file:
        file.write(table)


def memory_kib(node: Node) -> int:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{node.pid}/smaps_rollup").read_text(), re.M)
    assert found
    return int(found[1])


def metric(node: Node, line: str) -> int:
    admin = http.client.HTTPConnection(node.admin.removeprefix("http://"), timeout=20)
    admin.request("GET", "/metrics")
    found = re.search(f"^{re.escape(line)} ([0-9]+)$", admin.getresponse().read().decode(), re.M)
    admin.close()
    return int(found[1]) if found else 0


def links(ring: Ring) -> dict[str, list[str]]:
    """Who is linked to whom, by which address."""
    return {ring.node(i).name: sorted(f"{link['node_id']} {link['address']}" for link in (s or {}).get("links", [])) for i, s in ring.statuses().items()}


def reload_once(ring: Ring, node: Node, turn: int) -> None:
    """By the command, or by the signal, which tells nothing: then the count of reloads does."""
    if turn % 2 == 0:
        answer = ring.call(node, "reload")
        if answer.exit_code != 0:
            raise Failure(f"reload {turn} ended with {answer.exit_code}: {answer.error}")
        return
    line = 'phyllo_reloads_total{code="ok"}'
    before = metric(node, line)
    node.signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while metric(node, line) == before:
        if time.monotonic() > end:
            raise Failure(f"SIGHUP {turn} reloaded nothing within 10 s")
        time.sleep(0.01)


def reload_many(checks: Checks, ring: Ring, node: Node, turns: int) -> None:
    memory: list[int] = []
    wrong: list[str] = []
    for turn in range(turns):
        expected = new_certificate(Path(node.config).parent, node)
        reload_once(ring, node, turn)
        if served_certificate(node) != expected:
            wrong.append(f"after reload {turn}")
        memory.append(memory_kib(node))
    checks.check(f"each of {turns} reloads shows its certificate to the next connection", not wrong, ", ".join(wrong[:3]))
    window = max(1, turns // 10)
    early, late = statistics.median(memory[SETTLED_AFTER : SETTLED_AFTER + window]), statistics.median(memory[-window:])
    checks.check(f"no memory is kept after the first {SETTLED_AFTER}", late - early <= GROWTH_MAX_KIB, f"{early:.0f} KiB, then {late:.0f} KiB")


def refuse(checks: Checks, ring: Ring, node: Node) -> None:
    """What is wrong changes nothing, and is told."""
    home = Path(node.config).parent
    before = served_certificate(node)
    (home / "web.key").write_text("no key\n")
    answer = ring.call(node, "reload")
    checks.check("a key that is none is refused with exit code 2 and named", answer.exit_code == 2 and "tls.certificate" in answer.error, answer.error)
    checks.check("and the certificate stays", served_certificate(node) == before)
    new_certificate(home, node)
    add_settings(node, "[sip]\nsource_messages_per_second = 900\ncontacts_max = 9\n")
    told = ring.call(node, "reload", "--json")
    expected = {"changed": ["sip.source_messages_per_second"], "need_start": ["sip.contacts_max"]}
    checks.check("what changed, and what waits for a start, is told", told.exit_code == 0 and told.json() == expected, told.out or told.error)


def revoke(checks: Checks, ring: Ring, victim: Node) -> None:
    """The login server revokes a node by a reload of the configuration: its neighbours drop it."""
    login = ring.nodes[0]
    config = Path(login.config)
    config.write_text(config.read_text().replace("[overlay]\n", f'[overlay]\nbad_nodes = ["{victim.node_id}"]\n', 1))
    answer = ring.call(login, "reload")
    checks.check("a node is revoked by a reload", answer.exit_code == 0, answer.error)
    others = [node for node in ring.living() if node is not victim]
    end = time.monotonic() + 20
    while True:
        linked = [node.name for node in others if any(link["node_id"] == victim.node_id for link in (ring.status(node) or {}).get("links", []))]
        if not linked or time.monotonic() > end:
            break
        time.sleep(0.2)
    checks.check("and nobody is linked to it any more", not linked, ", ".join(linked))


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("reload", NODES, given.binary) as (ring, _):
        node, other, victim = ring.nodes[1:4]
        home = Path(node.config).parent
        add_settings(node, f'[tls]\ncertificate = "{home}/web.pem"\nkey = "{home}/web.key"\n')
        new_certificate(home, node)
        reload_once(ring, node, 0)
        phones = Phones(node, PHONES)
        loads = [Load("pings of phones", 200, phones.ping)]
        for at in (node, other):
            loads += [Load(f"records at {at.name}", 20, Records(ring, at, f"{at.index}-{i}").write_and_read) for i in range(WORKERS)]
        loads.append(Load("new connections", 10, lambda: served_certificate(node)))
        time.sleep(WARMED_UP_SECONDS)
        linked, dialled = links(ring), sum(metric(n, 'phyllo_handshakes_total{code="ok",transport="dtls"}') for n in ring.nodes)
        reload_many(checks, ring, node, given.reloads)
        for load in loads:
            load.end()
        failed = [why for load in loads for why in load.failed]
        done = ", ".join(f"{load.done} {load.what}" for load in loads)
        checks.check("no connection of a phone and no operation failed", not failed, f"{len(failed)} failed: {failed[0]}" if failed else done)
        checks.check("every load did something", all(load.done > 0 for load in loads), done)
        again = sum(metric(n, 'phyllo_handshakes_total{code="ok",transport="dtls"}') for n in ring.nodes)
        checks.check("the links of the overlay are those of before", links(ring) == linked and again == dialled, f"{dialled} handshakes, then {again}")
        refuse(checks, ring, node)
        revoke(checks, ring, victim)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--reloads", type=int, default=200)
    given = parser.parse_args()
    checks = Checks("reload", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
