#!/usr/bin/env python3
"""The main job: five supernodes, two phones, a call, the death of the node that knows the callee, and another call. See tools/quickstart."""

from __future__ import annotations

import argparse
import hashlib
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import localnet
from ring import ROOT, Failure, Node, Ring, binary_path, exclusive
from softphone import Softphone

DOMAIN = "example.com"
NODES = 5
ALICE = "127.0.2.1"
BOB = "127.0.2.2"
RECORD = f"user location:bob@{DOMAIN}"
ID_SPACE = 1 << 128


def say(text: str = "") -> None:
    print(text, flush=True)


def step(text: str) -> None:
    say(f"\n== {text}")


def distance(a: int, b: int) -> int:
    return min((a - b) % ID_SPACE, (b - a) % ID_SPACE)


def root_of(ring: Ring, name: str) -> Node:
    """Where a record lies: at the node whose id is nearest to the hash of its name."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16])
    return min(ring.living(), key=lambda node: (distance(int(node.node_id, 16), key), int(node.node_id, 16)))


def look_up(ring: Ring, at: Node) -> dict[str, Any]:
    answer = ring.call(at, "overlay", "get", RECORD, "--json")
    if answer.exit_code != 0:
        raise Failure(f"the record of bob is not found from {at.name}: {answer.out} {answer.error}")
    return answer.json()


def print_ring(ring: Ring, notes: dict[int, str]) -> None:
    for node in sorted(ring.nodes, key=lambda node: node.node_id):
        say(f"   node {node.index}  {node.node_id}  {node.address}  {notes.get(node.index, '')}".rstrip())


def server(node: Node) -> str:
    return f"{node.address}:{node.ports['sip']}"


def describe(ring: Ring, outcome: dict[str, Any]) -> str:
    path = [ring.by_id(node_id) for node_id in outcome["path"]]
    hops = "1 hop" if outcome["hops"] == 1 else f"{outcome['hops']} hops"
    return f"{hops} (" + " to ".join(f"node {node.index}" if node else "?" for node in path) + f") in {outcome['took_ms']:.1f} ms"


def names(ring: Ring, ids: list[str]) -> str:
    return ", ".join(f"node {node.index}" for node_id in ids if (node := ring.by_id(node_id)))


def call(alice: Softphone, at: Node) -> float:
    took = alice.call("bob", server(at))
    say(f"   alice at node {at.index} called bob: answered after {took:.0f} ms, heard her echo, hung up")
    return took


def bob_answers(ring: Ring, servers: list[Node], password: str) -> subprocess.Popen[bytes]:
    """A process of its own, which ends with the ring."""
    secret, log = ring.directory / "bob.password", ring.directory / "bob.log"
    secret.touch(mode=0o600)
    secret.write_text(password + "\n")
    command = [sys.executable, str(ROOT / "tools/lib/softphone.py"), "answer", "--user", "bob", "--domain", DOMAIN, "--password-file", str(secret)]
    command += ["--address", BOB, "--ring", str(ring.directory)]
    for node in servers:
        command += ["--server", server(node)]
    with log.open("w") as out:
        bob = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    end = time.monotonic() + 10
    while "registered at" not in log.read_text():
        if bob.poll() is not None or time.monotonic() > end:
            bob.kill()
            raise Failure(f"bob's phone does not register: {log.read_text().strip()}")
        time.sleep(0.05)
    return bob


def show(ring: Ring, password: dict[str, str]) -> tuple[list[str], subprocess.Popen[bytes]]:
    root = root_of(ring, RECORD)
    at_bob, at_alice, *others = [node for node in ring.nodes if node not in (root, ring.nodes[0])]
    notes = {1: "login and bootstrap server"}
    notes[at_bob.index] = "bob's phone registers here"
    notes[at_alice.index] = "alice's phone registers here"
    notes[root.index] = ", ".join(filter(None, [notes.get(root.index), "root of bob's record"]))
    print_ring(ring, notes)
    step("4 of 4: two calls")
    bob = bob_answers(ring, [at_bob, *others], password["bob"])
    say(f"   bob's phone at {BOB} is registered at node {at_bob.index}")
    try:
        return calls(ring, Softphone("alice", password["alice"], DOMAIN, ALICE), root, at_alice), bob
    except BaseException:
        bob.kill()
        raise


def calls(ring: Ring, alice: Softphone, root: Node, at_alice: Node) -> list[str]:
    alice.register(server(at_alice))
    say(f"   alice's phone at {ALICE} is registered at node {at_alice.index}")
    before = look_up(ring, at_alice)
    if before["root"] != root.node_id:
        raise Failure(f"bob's record lies at {before['root']}, not at {root.node_id}, whose id is nearest to its key")
    say(f"   bob's record has the key {before['key']}: its root is node {root.index}, replicas are at {names(ring, before['replicas'])}")
    say(f"   look-up from node {at_alice.index}: {describe(ring, before)}")
    first = call(alice, at_alice)
    say(f"   killing node {root.index} with SIGKILL, and calling again at once")
    localnet.kill(ring, root, hard=True)
    second = call(alice, at_alice)
    after = look_up(ring, at_alice)
    say(f"   bob's record is now answered by {names(ring, [after['root']])}: {describe(ring, after)}")
    alice.register(server(at_alice), expires=0)  # calls for alice are for the person's own phone now
    return [
        f"Two calls were completed. Set-up took {first:.0f} ms, and {second:.0f} ms just after the record's root was killed.",
        f"Look-up before: {describe(ring, before)}; after: {describe(ring, after)}.",
    ]


def own_phone(ring: Ring) -> list[str]:
    alice = next(user for user in ring.users if user["user"].startswith("alice@"))
    living = [node for node in ring.living() if node.index > 1]
    return [
        "Your own SIP phone, on this machine:",
        "   user            alice",
        f"   password        {alice['password']}",
        f"   domain          {ring.domain}",
        f"   outbound proxy  {server(living[0])} by UDP or TCP, or port {living[0].ports['sips']} by TLS; or one of " + ", ".join(node.address for node in living[1:]),
        f"                   (phones call it route too: calls go there as well, for no DNS knows {ring.domain})",
        f"   then call       sip:bob@{ring.domain}: he answers, and you hear yourself",
    ]


def accounts() -> list[dict[str, str]]:
    return [{"user": f"{name}@{DOMAIN}", "password": secrets.token_hex(8)} for name in ("alice", "bob")]


def stop_earlier(directory: Path) -> None:
    if not (directory / "localnet.json").exists():
        return
    earlier = Ring.load(directory)
    if any(node.runs() for node in earlier.nodes):
        say("   stopping the ring that an earlier quickstart left running")
        localnet.stop(earlier)


def run(keep: bool) -> None:
    directory = ROOT / "build/quickstart"
    directory.mkdir(parents=True, exist_ok=True)
    with exclusive(directory):
        stop_earlier(directory)
        step(f"3 of 4: a ring of {NODES} supernodes")
        ring = localnet.start(directory, NODES, accounts(), DOMAIN, {}, binary_path(), 120, lambda text: say("   " + text))
        bob = None
        kept = False
        try:
            summary, bob = show(ring, {user["user"].split("@")[0]: user["password"] for user in ring.users})
            step("summary")
            print_ring(ring, {node.index: "" if node.alive else "killed" for node in ring.nodes})
            say("\n".join(summary))
            kept = keep
        finally:
            if not kept:
                if bob:
                    bob.kill()
                localnet.stop(ring)
        if keep:
            say("\n" + "\n".join(own_phone(ring)))
            say(f"The ring stays: {directory}/localnet.json describes it; `tools/localnet stop --dir {directory}` stops it.")
        else:
            say("The ring is stopped. `tools/quickstart --keep` leaves it running and says how to use a SIP phone of your own with it.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the ring running")
    keep: bool = parser.parse_args().keep
    try:
        run(keep)
        return 0
    except Failure as failure:
        print(f"\nerror: {failure}", file=sys.stderr)
        return failure.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
