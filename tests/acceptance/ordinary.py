#!/usr/bin/env python3
"""Ordinary nodes of a ring without SIP: they use the API through supernodes that are killed, one after the other and all at
once, watch a record, and move to another address."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from acceptance import Checks, Failure, Node, Ring, arguments, localnet, main_with, ring_of, say

SUPERNODES = 8
# A node that hangs on three supernodes loses nothing when one dies; what is asked meanwhile may wait for the failure to be found.
OPERATION_MAX_S = 5.0
ATTACHED_MAX_S = 15.0
BACK_MAX_S = 30.0
PRIVATE_NETWORK = "10.9.1"
# Of a node that binds all addresses, where others have bound theirs.
MOVING_PORTS = {f"ports.{name}": 0 for name in localnet.PORTS} | {"ports.reload": 7084}


class Watch:
    """`supernode overlay watch --json` in the background, and when it said what."""

    def __init__(self, ring: Ring, node: Node, name: str) -> None:
        self.file = Path(node.log).with_name("watch.json")
        command = [str(ring.binary), "overlay", "watch", name, "--json", "--config", node.config]
        self.process = subprocess.Popen(command, stdout=self.file.open("w"), stderr=subprocess.STDOUT)

    def states(self) -> list[str | None]:
        """The values it has been told of; None: there is no record."""
        lines = [json.loads(line) for line in self.file.read_text().splitlines() if line.endswith("}")]
        return [line["values"][0]["value"] if line["values"] else None for line in lines if "values" in line]

    def wait(self, last: str | None, seconds: float) -> float:
        """Until it says so; how long that took. More than `seconds`: it has not."""
        began = time.monotonic()
        while time.monotonic() - began <= seconds:
            states = self.states()
            if states and states[-1] == last:
                break
            time.sleep(0.01)
        return time.monotonic() - began

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def timed(ring: Ring, node: Node, *arguments: str) -> tuple[int, str, float]:
    began = time.monotonic()
    answer = ring.call(node, "overlay", *arguments)
    return answer.exit_code, answer.out.strip() or answer.error, time.monotonic() - began


def living_attachments(ring: Ring, node: Node) -> list[Node]:
    status: dict[str, Any] = ring.status(node) or {}
    found = [ring.by_id(node_id) for node_id in status.get("attachments", [])]
    return [there for there in found if there is not None and there.runs()]


def until_attached(ring: Ring, node: Node, least: int, seconds: float) -> float:
    began = time.monotonic()
    while len(living_attachments(ring, node)) < least and time.monotonic() - began <= seconds:
        time.sleep(0.1)
    return time.monotonic() - began


def check_use(checks: Checks, ring: Ring, node: Node, other: Node) -> None:
    name = f"note:node{node.index}@{ring.domain}"
    for verb, more in (("add", ["one"]), ("update", ["two"])):
        code, said, took = timed(ring, node, verb, name, *more)
        checks.check(f"an ordinary node's {verb} is done", code == 0, f"{took:.2f} s {said}")
    code, said, _ = timed(ring, other, "get", name)
    checks.check("a supernode gets what it stored", code == 0 and said.split("\t")[0] == "two", said)
    code, _, _ = timed(ring, node, "add", name, "three")
    checks.check("a second add is refused, with exit code 3", code == 3, str(code))
    code, _, _ = timed(ring, node, "remove", name)
    checks.check("its remove is done", code == 0)
    code, _, _ = timed(ring, node, "get", name)
    checks.check("and what is removed is not found, with exit code 1", code == 1, str(code))


def check_watch(checks: Checks, ring: Ring, writer: Node, watcher: Node) -> Watch:
    name = f"watched:node{writer.index}@{ring.domain}"
    watch = Watch(ring, watcher, name)
    took = watch.wait(None, 5)
    checks.check("a watch says at once that there is no record", took < 5, f"{took:.2f} s")
    for value in ("one", "two"):
        timed(ring, writer, "update", name, value)
        took = watch.wait(value, 5)
        checks.check(f"an ordinary node is told of a change ({value}) at once", took < 0.5, f"{took * 1000:.0f} ms after the answer to the writer")
    timed(ring, writer, "remove", name)
    checks.check("and of a removal", (took := watch.wait(None, 5)) < 0.5, f"{took * 1000:.0f} ms")
    timed(ring, writer, "update", name, "short", "--lifetime", "3")
    watch.wait("short", 5)
    checks.check("and of an expiry", 0.5 < (took := watch.wait(None, 10)) < 6, f"{took:.1f} s")
    return watch


def check_root_killed(checks: Checks, ring: Ring, writer: Node, watch: Watch) -> None:
    name = f"watched:node{writer.index}@{ring.domain}"
    timed(ring, writer, "update", name, "before")
    watch.wait("before", 5)
    root_id = json.loads(timed(ring, writer, "get", name, "--json")[1])["root"]
    root = ring.by_id(root_id)
    if root is None or root.index == 1:
        say("the record's root is the login server's node, which stays")
        return
    localnet.kill(ring, root, hard=True)
    code, said, took = timed(ring, writer, "update", name, "after")
    checks.check("a store goes on after the record's root was killed", code == 0, f"{took:.2f} s {said}")
    took = watch.wait("after", 20)
    checks.check("the watch survives it and is told of the next change", took < 10, f"{took:.2f} s after the answer to the writer")


def check_failover(checks: Checks, ring: Ring, node: Node) -> None:
    name = f"kept:node{node.index}@{ring.domain}"
    timed(ring, node, "add", name, "kept")
    for _ in range(2):
        until_attached(ring, node, 2, ATTACHED_MAX_S)
        victims = [there for there in living_attachments(ring, node) if there.index != 1]
        say(f"killing {victims[0].name}, which {node.name} is attached to")
        localnet.kill(ring, victims[0], hard=True)
        slowest, wrong = 0.0, []
        began = time.monotonic()
        while time.monotonic() - began < 4:
            code, said, took = timed(ring, node, "get", name)
            slowest = max(slowest, took)
            if code != 0 or said.split("\t")[0] != "kept":
                wrong.append(f"{code} {said}")
        checks.check("the API goes on when a supernode that it is attached to is killed", not wrong and slowest < OPERATION_MAX_S, f"slowest {slowest:.2f} s; {wrong[:2] or 'none wrong'}")
        until_attached(ring, node, 2, ATTACHED_MAX_S)
        took = time.monotonic() - began
        checks.check("and it is attached to two or more living ones again", took < ATTACHED_MAX_S, f"{took:.1f} s after the kill at the latest")


class Observer:
    """Asks a node again and again whether it is attached and what its health is, in a thread of its own."""

    def __init__(self, ring: Ring, node: Node) -> None:
        self.ring, self.node = ring, node
        self.unattached: list[int] = []  # its health, each time that it was attached to none
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Observer:
        self.thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.over.set()
        self.thread.join()

    def _ask(self, page: str) -> tuple[int, Any]:
        connection = self.node.commands()
        connection.request("GET", page)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def _run(self) -> None:
        while not self.over.wait(0.02):
            before, health, after = self._ask("/status"), self._ask("/healthz"), self._ask("/status")
            if not before[1]["attachments"] and not after[1]["attachments"]:
                self.unattached.append(health[0])


def attached_to_first(ring: Ring) -> Node:
    """An ordinary node that is attached to the document's bootstrap node, among others; more are begun until one is."""
    for _ in range(12):
        node = localnet.begin(ring, "ordinary")
        until_attached(ring, node, 3, ATTACHED_MAX_S)
        if ring.nodes[0] in living_attachments(ring, node):
            return node
    raise Failure("none of 12 ordinary nodes is attached to the bootstrap node")


def check_all_at_once(checks: Checks, ring: Ring, node: Node, what: str) -> None:
    """All that it is attached to die in the same moment, of those that are killed none is told before another."""
    name = f"kept:node{node.index}@{ring.domain}"
    timed(ring, node, "update", name, "kept")
    until_attached(ring, node, 3, ATTACHED_MAX_S)
    victims = living_attachments(ring, node)
    left = [there for there in ring.living() if there not in victims and (ring.status(there) or {}).get("role") == "supernode"]
    checks.check(f"{what}: it is attached to three, and five others live", len(victims) >= 3 and len(left) >= 5, f"{len(victims)} and {len(left)}")
    with Observer(ring, node) as observer:
        for victim in victims:
            victim.signal(signal.SIGKILL)
        began = time.monotonic()
        for victim in victims:
            localnet.forget(ring, victim)
        until_attached(ring, node, 2, BACK_MAX_S + 5)
        took = time.monotonic() - began
        said = (1, "", 0.0)
        while said[0] != 0 and time.monotonic() - began < BACK_MAX_S + 5:
            said = timed(ring, node, "get", name)
        back = time.monotonic() - began
    checks.check(f"{what}: it is attached to others within {BACK_MAX_S:.0f} s", took < BACK_MAX_S, f"{took:.1f} s after {', '.join(v.name for v in victims)} were killed at once")
    checks.check(f"{what}: and its API answers", back < BACK_MAX_S and said[1].split("\t")[0] == "kept", f"{back:.1f} s {said[1]}")
    checks.check(f"{what}: it is never healthy while attached to none", 200 not in observer.unattached, f"asked {len(observer.unattached)} times meanwhile")


def check_none_left(checks: Checks, ring: Ring, node: Node) -> None:
    """Nobody is left to attach to: the node says so; and it comes back when they do."""
    others = [there for there in ring.living() if there is not node]
    for there in others:
        there.signal(signal.SIGKILL)
    for there in others:
        localnet.forget(ring, there)
    with Observer(ring, node) as observer:
        end = time.monotonic() + BACK_MAX_S
        while not observer.unattached and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(1)
    seen = observer.unattached
    checks.check("while it is attached to none an ordinary node's health is 503", bool(seen) and set(seen) == {503}, f"{len(seen)} times, {sorted(set(seen))}")
    status = ring.status(node) or {}
    checks.check("and its state is not ready, with the reason", status.get("state") == "joining" and "attached to no supernode" in status.get("reason", ""), f"{status.get('state')}: {status.get('reason')}")
    for there in ring.nodes:  # a ring forms again by most of its members
        if not there.runs():
            localnet.launch(ring, there)
    took = until_attached(ring, node, 2, BACK_MAX_S)
    checks.check("it is attached again when they are back", took < BACK_MAX_S, f"{took:.1f} s")


def run_at_once(checks: Checks, binary: str | None) -> None:
    with ring_of("ordinary-at-once", SUPERNODES + 3, binary, {"sip.enabled": False}) as (ring, _):
        node = attached_to_first(ring)
        check_all_at_once(checks, ring, node, "the document's bootstrap node among the three")
        check_all_at_once(checks, ring, node, "three others, later")
        check_none_left(checks, ring, node)


def check_example(checks: Checks, ring: Ring) -> None:
    """The example program is a node of its own."""
    node = localnet.prepare(ring, "ordinary")
    command = [str(ring.binary.with_name("phyllo-example")), f"note:node{node.index}@{ring.domain}", "hello", "--config", node.config]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    told = [line.strip() for line in ran.stdout.splitlines() if "hello" in line]
    checks.check("the example program takes part, and does all five operations", ran.returncode == 0 and len(told) >= 3, f"{ran.returncode}: {ran.stdout!r} {ran.stderr!r}")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def own_network() -> bool:
    """Whether the addresses of this network are ours to change: in a network namespace made for the test."""
    return os.environ.get("PHYLLO_OWN_NETWORK") == "1"


def network() -> str:
    """Where the ring lives. A node whose own addresses are private dials no loopback, so it is private too where we may make it so."""
    if not own_network():
        return localnet.NETWORK
    ip("addr", "add", f"{PRIVATE_NETWORK}.254/24", "dev", "lo")
    return PRIVATE_NETWORK


def source(address: str) -> None:
    ip("addr", "add", f"{address}/32", "dev", "lo")
    ip("route", "replace", "local", f"{PRIVATE_NETWORK}.0/24", "dev", "lo", "table", "local", "src", address)


def check_moves(checks: Checks, ring: Ring) -> None:
    """A node that binds no address of its own; what it sends from is changed under it."""
    source("10.9.0.1")
    node = localnet.begin(ring, "ordinary", {"node.address": "0.0.0.0", "admin.address": "127.0.9.9", **MOVING_PORTS})
    node.admin = f"http://127.0.9.9:{localnet.ADMIN_PORT}"
    took = until_attached(ring, node, 2, 20)
    checks.check("an ordinary node without an address of its own attaches", took < 20, f"{took:.1f} s")
    name = f"moved:node{node.index}@{ring.domain}"
    timed(ring, node, "add", name, "here")
    began = time.monotonic()
    source("10.9.0.2")
    ip("addr", "del", "10.9.0.1/32", "dev", "lo")
    while (done := timed(ring, node, "update", name, "there", "--timeout", "3"))[0] != 0 and time.monotonic() - began < 40:
        time.sleep(0.2)
    took = time.monotonic() - began
    checks.check("the API goes on within seconds after its address changed", done[0] == 0 and took < 20, f"{took:.1f} s {done[1]}")
    until_attached(ring, node, 2, 20)
    checks.check("and it is attached to two or more again", len(living_attachments(ring, node)) >= 2, f"{time.monotonic() - began:.1f} s")


def run(checks: Checks, binary: str | None) -> None:
    with ring_of("ordinary", SUPERNODES, binary, {"sip.enabled": False}, ordinary=2, network=network()) as (ring, took):
        checks.check(f"{SUPERNODES} supernodes and 2 ordinary nodes, all without SIP, are up within 30 s", took < 30, f"{took:.1f} s")
        first, second = ring.nodes[-2:]
        for node in (first, second):
            status = ring.status(node) or {}
            checks.check(f"{node.name} is ordinary, attached to two or more, and holds nothing", status["role"] == "ordinary" and len(status["attachments"]) >= 2 and status["storage"]["records"] == 0)
        check_use(checks, ring, first, ring.nodes[1])
        check_example(checks, ring)
        watch = check_watch(checks, ring, first, second)
        try:
            check_failover(checks, ring, first)
            check_root_killed(checks, ring, first, watch)
        finally:
            watch.stop()
        if own_network():
            check_moves(checks, ring)
        else:
            say("not in a network of its own (PHYLLO_OWN_NETWORK=1): no address is changed")
        dead = [node.name for node in ring.living() if not node.runs()]
        checks.check("no node died by itself", not dead, ", ".join(dead))


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("ordinary", given.results)

    def all_of_it() -> None:
        run_at_once(checks, given.binary)
        run(checks, given.binary)

    return main_with(checks, all_of_it)


if __name__ == "__main__":
    sys.exit(main())
