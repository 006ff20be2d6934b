"""A small ring of instrumented supernodes, and what happens in it while one of them is traced: the walks of tools/measure-walks."""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import localnet
from first_call import root_of
from ring import ROOT, Failure, Node, Ring
from softphone import Softphone
from walk_trace import Process, Program, Walk

sys.path.insert(0, str(ROOT / "tests/acceptance"))

from speakers import WebSocket, stream_phone, tls, udp, websocket_phone  # noqa: E402

DOMAIN = "example.com"
NETWORK = "127.0.6"
SUPERNODES = 5
SECONDS = 120
# What is begun by the answer that ends a walk, such as copies to replicas, comes in this time.
SETTLING_SECONDS = 0.3
# Longer than the timers of a node at rest, but for those of minutes.
IDLE_SECONDS = 5.0
ALICE, BOB = "127.0.7.1", "127.0.7.2"
PASSWORD = "wonderland"


@dataclass
class Scene:
    ring: Ring
    program: Program
    traces: Path
    caller: Node  # alice's
    callee: Node  # bob's
    times: int

    def traced(self, node: Node, happen: Callable[[], object], before: Callable[[], object] = bool) -> Walk:
        """Of several times the walk with the fewest returns, without what an idle node does as well. What must be done before is not traced."""
        process = Process(self.traces, node.pid)

        def trace(what: Callable[[], object]) -> list[list[int]]:
            process.begin()
            what()
            return process.end()

        def once() -> Walk:
            before()
            time.sleep(SETTLING_SECONDS)
            return self.program.walk(trace(settled), idle)

        def settled() -> None:
            happen()
            time.sleep(SETTLING_SECONDS)

        before()
        settled()
        idle = self.program.idle(trace(lambda: time.sleep(IDLE_SECONDS)))
        return least([once() for _ in range(self.times)])


def least(walks: list[Walk]) -> Walk:
    return min(walks, key=lambda walk: (walk.returns, walk.functions))


@contextmanager
def scene_of(program: Program, times: int) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory(prefix="phyllo-walks-") as place:
        traces = Path(place) / "traces"
        traces.mkdir()
        os.environ["PHYLLO_WALKS"] = str(traces)
        users = [{"user": f"{name}@{DOMAIN}", "password": PASSWORD} for name in ("alice", "bob")]
        ring = localnet.start(Path(place) / "ring", SUPERNODES, users, DOMAIN, {}, program.binary, SECONDS, lambda _: None, NETWORK, 1)
        try:
            roots = [root_of_user(ring, name) for name in ("alice", "bob")]
            caller, callee, *_ = [node for node in ring.nodes if "supernode" in node.roles and node not in (*roots, ring.nodes[0])]
            yield Scene(ring, program, traces, caller, callee, times)
        finally:
            localnet.stop(ring)


def root_of_user(ring: Ring, name: str) -> Node:
    peers = replace(ring, nodes=[node for node in ring.nodes if "supernode" in node.roles])
    return root_of(peers, f"user location:{name}@{DOMAIN}")


def expect(answer: str) -> None:
    if answer != "SIP/2.0 200 OK":
        raise Failure(f"a phone heard {answer!r}")


def register(scene: Scene) -> Walk:
    """At the phone's node. The phone has left before, so that its record is written each time."""
    at = (scene.caller.address, scene.caller.ports["sip"])
    with udp(ALICE) as s:
        s.bind((ALICE, 5060))
        s.connect(at)
        phone, leaving = stream_phone(s, "UDP"), stream_phone(s, "UDP")
        leaving.lifetime = 0
        return scene.traced(scene.caller, lambda: expect(phone.register()), lambda: expect(leaving.register()))


def store(scene: Scene) -> Walk:
    """At the root of a record to which another node gives a new value."""
    values = itertools.count()

    def update(name: str) -> Node | None:
        return scene.ring.by_id(answer_of(scene.ring, scene.caller, "update", name, f"value {next(values)}")["root"])

    for number in range(64):
        name = f"store{number}@{DOMAIN}"
        root = update(name)
        if root and root is not scene.caller:
            return scene.traced(root, partial(update, name))
    raise Failure("no name was found whose root is another node")


def answer_of(ring: Ring, node: Node, *words: str) -> dict[str, Any]:
    answer = ring.call(node, "overlay", *words, "--json")
    if answer.exit_code:
        raise Failure(f"overlay {' '.join(words)} at {node.name} failed: {answer.out} {answer.error}")
    found: dict[str, Any] = answer.json()
    return found


def websocket(scene: Scene) -> Walk:
    def happen() -> None:
        with tls((scene.caller.address, scene.caller.ports["https"]), ["http/1.1"]) as s:
            expect(websocket_phone(WebSocket(s), "WSS").register())

    return scene.traced(scene.caller, happen)


def invite(scene: Scene) -> Walk:
    """At the caller's node, from the INVITE to the ACK; the calls end with the ring."""
    alice, bob = Softphone("alice", PASSWORD, DOMAIN, ALICE), Softphone("bob", PASSWORD, DOMAIN, BOB)
    server = f"{scene.caller.address}:{scene.caller.ports['sip']}"
    alice.register(server)
    bob.register(f"{scene.callee.address}:{scene.callee.ports['sip']}")
    threading.Thread(target=bob.serve, args=(SECONDS,), daemon=True).start()

    def happen() -> None:
        uri = f"sip:bob@{DOMAIN}"
        dialog = alice.begin(f"<{uri}>", uri)
        answer = alice.ask(server, "INVITE", dialog, [], alice.sdp(), seconds=20)
        if answer.status != 200:
            raise Failure(f"the call was answered {answer.start}")
        dialog.to, dialog.routes, dialog.target = answer.get("to"), answer.uris("record-route")[::-1], answer.uris("contact")[0]
        alice.send(server, "ACK", dialog.target, dialog, [])

    return scene.traced(scene.caller, happen)


def forward(scene: Scene) -> Walk:
    """At the node in between, by which an ordinary node's question goes to the root, and its answer back."""
    asking = next(node for node in scene.ring.nodes if node.roles == ["ordinary"])

    for number in range(64):
        name = f"forward{number}@{DOMAIN}"
        path = answer_of(scene.ring, asking, "update", name, "hello")["path"]
        if len(path) == 3 and (between := scene.ring.by_id(path[1])):
            return scene.traced(between, partial(answer_of, scene.ring, asking, "get", name))
    raise Failure("no name was found whose root is asked through another node")


def join(scene: Scene) -> Walk:
    """What the overlay does from the start of a process until its node is ready."""
    walks = []
    for _ in range(scene.times):
        node = localnet.prepare(scene.ring)
        localnet.launch(scene.ring, node, {"PHYLLO_WALKS_ON": "1"})
        scene.ring.nodes.append(node)
        scene.ring.save()
        end = time.monotonic() + SECONDS
        while not any(line.endswith(" ready") for line in Path(node.log).read_text().splitlines()):
            if time.monotonic() > end or not node.runs():
                raise Failure(f"{node.name} does not join; its log ends with\n{node.log_tail()}")
            time.sleep(0.02)
        walk = scene.program.walk(Process(scene.traces, node.pid).end(), set())
        walks.append(walk.only(lambda step: step.file.startswith(("src/overlay/", "include/overlay/"))))
    return least(walks)
