#!/usr/bin/env python3
"""An ordinary node reaches a ring through every kind of obstacle: firewalls, a proxy, lossy and narrow paths, IPv6 alone, and UDP that comes and goes. Root."""

from __future__ import annotations

import datetime
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance import Checks, Got, Node, Records, Ring, arguments, localnet, main_with, ring_of, say
from network import CORE_V4, CORE_V6, Core, Edge, connect_proxy, core_network, edge_network

SUPERNODES = 4
RECORDS = 100
PROXY = f"{CORE_V4}.250"
PROXY_PORT = 3128
# Until the node has its certificate and its first link, and until it hangs on two supernodes.
ATTACHED_MAX_S = 60.0
CLIMB_S = 3

UDP_BLOCKED = ["meta l4proto udp drop"]


def only_tcp(port: int) -> list[str]:
    return [f"tcp PEER {port} accept", "ip6 nexthdr icmpv6 accept", "drop"]


@dataclass
class Condition:
    """What stands between, and by which rung the node is to come through; None: any, where chance decides."""

    name: str
    rung: str | None
    rules: list[str] = field(default_factory=list)
    wire: list[str] | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def lossy(percent: int) -> Condition:
    faults = ["--delay-ms", "20", "--jitter-ms", "10", "--loss", str(percent / 100), "--duplicate", "0.02", "--reorder", "0.05"]
    return Condition(f"{percent} % loss, 20 to 30 ms each way, reordering, duplication", "dtls" if percent < 10 else None, wire=faults)


CONDITIONS = [
    Condition("nothing in the way", "dtls"),
    Condition("UDP blocked", "tls", UDP_BLOCKED),
    Condition("only TCP 443", "https", only_tcp(443)),
    Condition("only TCP 80", "upgrade", only_tcp(80)),
    Condition("only an HTTP proxy that lets 443 through", "proxy-https", only_tcp(PROXY_PORT), settings={"transport.proxy": f"http://{PROXY}:{PROXY_PORT}"}),
    Condition("MTU 1280, and no ICMP says so, UDP", "dtls", wire=["--delay-ms", "5", "--mtu", "1280"]),
    Condition("MTU 1280, and no ICMP says so, TCP", "tls", UDP_BLOCKED, wire=["--delay-ms", "5", "--mtu", "1280"]),
    lossy(2),
    lossy(10),
    lossy(30),
]


def begin(ring: Ring, edge: Edge, settings: dict[str, Any]) -> Node:
    own = {"node.address": edge.address, "node.advertised_address": "", "admin.address": "127.0.0.1", "transport.climb_s": CLIMB_S, "log.level": "debug", **settings}
    node = localnet.begin(ring, "ordinary", own, edge.name)
    node.admin = f"http://127.0.0.1:{localnet.ADMIN_PORT}"
    return node


def rungs(ring: Ring, node: Node) -> list[str]:
    status = ring.status(node) or {}
    attached = status.get("attachments", [])
    return [link["rung"] for link in status.get("links", []) if link["node_id"] in attached]


def wait_for(done: Callable[[], bool], seconds: float) -> float | None:
    """How long it took; None: it has not come."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.1)
    return time.monotonic() - began


def first_link_ms(node: Node) -> float | None:
    """From its certificate to its first link, by the node's own log."""
    times: dict[str, datetime.datetime] = {}
    for line in Path(node.log).read_text(errors="replace").splitlines():
        for what in ("enrolled as node", "attached to"):
            if what in line and what not in times and (stamp := re.search(r"\d{4}-\d\d-\d\dT[\d:.]+", line)):
                times[what] = datetime.datetime.fromisoformat(stamp.group())
    return (times["attached to"] - times["enrolled as node"]).total_seconds() * 1000 if len(times) == 2 else None


def check_attached(checks: Checks, ring: Ring, node: Node, name: str, rung: str | None) -> bool:
    took = wait_for(lambda: len(rungs(ring, node)) >= 2, ATTACHED_MAX_S)
    first = first_link_ms(node)
    found = sorted(set(rungs(ring, node)))
    detail = f"{took:.1f} s from its start; the first link took {first or -1:.0f} ms; by {', '.join(found)}" if took is not None else f"its log ends with\n{node.log_tail(30)}"
    return checks.check(f"{name}: an ordinary node associates" + (f" by {rung}" if rung else ""), took is not None and (rung is None or rung in found), detail)


def check_records(checks: Checks, records: Records, node: Node, name: str) -> None:
    ring = records.ring
    known = len(records.values)
    began = time.monotonic()
    failed = records.add(RECORDS, [node])
    fresh = list(records.values)[known:]
    added = time.monotonic() - began
    checks.check(f"{name}: it stores {RECORDS} records", not failed, f"{added:.1f} s" + (f"; {len(failed)} failed: {failed[0]}" if failed else ""))
    for reader in (node, ring.nodes[1]):
        got: Got = records.get(reader, fresh)
        checks.check(f"{name}: {'it' if reader is node else 'a supernode'} gets them", got.right == RECORDS, got.said())


def end(ring: Ring, node: Node) -> None:
    localnet.kill(ring, node, hard=True)
    ring.nodes.remove(node)
    ring.save()


def check_condition(checks: Checks, records: Records, core: Core, number: int, condition: Condition) -> None:
    ring = records.ring
    with edge_network(core, number, wire=condition.wire, seed=records.dice.getrandbits(32)) as edge:
        if condition.rules:
            edge.filter(condition.rules)
        node = begin(ring, edge, condition.settings)
        try:
            if check_attached(checks, ring, node, condition.name, condition.rung):
                check_records(checks, records, node, condition.name)
        finally:
            end(ring, node)


class Traffic:
    """Writes and reads of one node all the time, each of which must be right."""

    def __init__(self, ring: Ring, node: Node) -> None:
        self.ring, self.node = ring, node
        self.done, self.slowest, self.wrong = 0, 0.0, list[str]()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.over.is_set():
            name, value = f"note:moving@{self.ring.domain}", str(self.done)
            began = time.monotonic()
            written = self.ring.call(self.node, "overlay", "update", name, value)
            read = self.ring.call(self.node, "overlay", "get", name)
            self.slowest = max(self.slowest, time.monotonic() - began)
            if written.exit_code != 0 or read.out.split("\t")[0] != value:
                self.wrong.append(f"{value}: {written.error} {read.out.strip()} {read.error}")
            self.done += 1

    def stop(self) -> str:
        self.over.set()
        self.thread.join()
        return f"{self.done} times, slowest {self.slowest:.2f} s, {len(self.wrong)} wrong" + (f": {self.wrong[0]}" if self.wrong else "")


def check_udp_cut(checks: Checks, ring: Ring, core: Core, number: int) -> None:
    name = "UDP cut in mid-session"
    with edge_network(core, number) as edge:
        node = begin(ring, edge, {})
        try:
            if not check_attached(checks, ring, node, name, "dtls"):
                return
            traffic = Traffic(ring, node)
            try:
                time.sleep(2)
                edge.filter(UDP_BLOCKED)
                fell = wait_for(lambda: (now := rungs(ring, node)) != [] and "dtls" not in now, 30)
                checks.check(f"{name}: its links go on by TLS", fell is not None, f"{fell or -1:.1f} s after the cut")
                time.sleep(2)
                edge.filter([])
                rose = wait_for(lambda: len(now := rungs(ring, node)) >= 2 and set(now) == {"dtls"}, 60)
                checks.check(f"{name}: they move back when UDP comes back", rose is not None, f"{rose or -1:.1f} s after it came back; now by {rungs(ring, node)}")
            finally:
                time.sleep(1)
                said = traffic.stop()
            checks.check(f"{name}: the record is written and read all the time", not traffic.wrong and traffic.done > 10, said)
        finally:
            end(ring, node)


def check_remembered(checks: Checks, ring: Ring, core: Core, number: int) -> None:
    name = "a second start where only TCP 80 is open"
    with edge_network(core, number) as edge:
        edge.filter(only_tcp(80))
        node = begin(ring, edge, {})
        try:
            if not check_attached(checks, ring, node, "only TCP 80, a first start", "upgrade"):
                return
            slow = first_link_ms(node) or 0
            localnet.kill(ring, node, hard=True)
            Path(node.log).unlink()
            localnet.launch(ring, node)
            if check_attached(checks, ring, node, name, "upgrade"):
                quick = first_link_ms(node) or 0
                checks.check(f"{name}: the rung that won is tried first", quick < slow - 300, f"{quick:.0f} ms, {slow:.0f} ms at the first start")
        finally:
            end(ring, node)


def run(checks: Checks, core: Core, binary: str | None, dice: random.Random, only: str | None) -> None:
    def wanted(name: str) -> bool:
        return only is None or re.search(only, name) is not None

    settings = {"sip.enabled": False}
    chosen = [(i + 1, c) for i, c in enumerate(CONDITIONS) if wanted(c.name)]
    if chosen or wanted("cut") or wanted("remembered"):
        with connect_proxy(PROXY, PROXY_PORT, 443), ring_of("ladder", SUPERNODES, binary, settings, network=CORE_V4) as (ring, _):
            records = Records(ring, dice)
            for number, condition in chosen:
                check_condition(checks, records, core, number, condition)
            if wanted("cut"):
                check_udp_cut(checks, ring, core, 40)
            if wanted("remembered"):
                check_remembered(checks, ring, core, 41)
    if wanted("IPv6"):
        with ring_of("ladder-ipv6", SUPERNODES, binary, settings, network=CORE_V6) as (ring, _), edge_network(core, 42, ipv6=True) as edge:
            edge.filter(["meta nfproto ipv4 drop"])
            node = begin(ring, edge, {})
            try:
                if check_attached(checks, ring, node, "IPv6 alone", "dtls"):
                    check_records(checks, Records(ring, dice), node, "IPv6 alone")
            finally:
                end(ring, node)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--only", help="runs the conditions whose name this regular expression finds, such as TCP 80, loss, cut|remembered, IPv6")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("ladder", given.results)

    def in_networks() -> None:
        with core_network() as core:
            run(checks, core, given.binary, random.Random(given.seed), given.only)

    return main_with(checks, in_networks)


if __name__ == "__main__":
    sys.exit(main())
