#!/usr/bin/env python3
"""One stranger calls one silent phone, then many phones, as fast as he can, over UDP and over TCP: the phone gets few datagrams a second, the overlay few
look-ups, and others still reach the phone and the node."""

from __future__ import annotations

import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, main_with, ring_of  # noqa: E402
from sip_agent import Agent, Message, token  # noqa: E402

SLOW = True  # three minutes
USERS = ["alice", "bob", "carol", *(f"user{number}" for number in range(40))]
PASSWORD = "wonderland"
RATE = 870
SECONDS = 6
PHONE_MAX_A_SECOND = 40
FOREIGN = "elsewhere.example"


def phone(user: str, transport: str, address: str, node: Node) -> Agent:
    return Agent(user, transport, address, node.address, PASSWORD)


def stranger(transport: str, address: str, node: Node, domain: str = FOREIGN) -> Agent:
    """At an address that has answered a challenge, so that the node answers it as often as it is asked."""
    known = phone("carol", "udp", address, node)
    known.register(contact="")
    known.close()
    return Agent("eve", transport, address, node.address, domain=domain)


def drops(ring: Ring, node: Node, reason: str) -> int:
    return int((ring.status(node) or {}).get("drops", {}).get(reason, 0))


def look_ups(node: Node) -> float:
    """Messages of the overlay that the node has sent and taken, more than it looks up."""
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("phyllo_reload_messages_total"))


def invite(caller: Agent, callee: str, domain: str) -> str:
    return caller.build("INVITE", f"sip:{callee}@example.com", sender=f"<sip:{token(3)}@{domain}>;tag={token(4)}")


class Flood:
    """INVITEs at RATE a second until it is left; `targets` in turn."""

    def __init__(self, caller: Agent, targets: list[str], domain: str = FOREIGN) -> None:
        self.caller, self.targets, self.domain, self.sent, self.over = caller, targets, domain, 0, False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        began = time.monotonic()
        while not self.over:
            self.caller.send(invite(self.caller, self.targets[self.sent % len(self.targets)], self.domain))
            self.sent += 1
            time.sleep(max(0.0, began + self.sent / RATE - time.monotonic()))

    def __enter__(self) -> Flood:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over = True
        self.thread.join()

    def finals(self) -> Counter[int]:
        return Counter(message.status for message in self.caller.log if message.status >= 200 and message.method == "INVITE")


def rings(caller: Agent, callee: Agent, sender: str = "") -> tuple[bool, float]:
    """Whether his call reaches the phone, and after how many seconds."""
    seen = len(callee.log)
    call_id, began = token(), time.monotonic()
    more = {"sender": sender} if sender else {}
    threading.Thread(target=caller.ask, args=("INVITE", f"sip:{callee.user}@example.com"), kwargs={"call_id": call_id, **more}, daemon=True).start()
    while time.monotonic() < began + 4:
        for message in callee.log[seen:]:
            if not message.status and message.get("call-id") == call_id:
                callee.respond(message, 486)
                return True, time.monotonic() - began
        time.sleep(0.02)
    return False, time.monotonic() - began


def a_second(heard: list[Message]) -> float:
    return len(heard) / SECONDS


def one_phone(checks: Checks, ring: Ring, transport: str, number: int) -> None:
    first, second = ring.nodes[:2]
    bob = phone("bob", transport, f"127.0.11.{number}", second)
    bob.register()
    eve = stranger(transport, f"127.0.11.{number + 1}", first)
    began, busy, looked = len(bob.log), drops(ring, first, "sip_callee_calls"), look_ups(first)
    with Flood(eve, ["bob"]) as flood:
        time.sleep(SECONDS)
        heard, sent = bob.log[began:], flood.sent
        asked = look_ups(first) - looked
        # Not before: a connection that says nothing for five seconds is closed.
        alice = phone("alice", transport, f"127.0.11.{number + 2}", first)
        other = stranger(transport, f"127.0.11.{number + 3}", first, "another.example")
        of_user, of_stranger = rings(alice, bob), rings(other, bob)
    finals = flood.finals()
    checks.check(f"{transport}: a silent phone that is called {RATE} times a second hears little", a_second(heard) <= PHONE_MAX_A_SECOND, f"{a_second(heard):.0f} messages a second of {sent / SECONDS:.0f} INVITEs")
    checks.check(f"{transport}: but it is called", len(heard) > 0)
    checks.check(f"{transport}: the others are answered 486 and counted", finals[486] > flood.sent * 0.8 and drops(ring, first, "sip_callee_calls") > busy, str(dict(finals)))
    checks.check(f"{transport}: none fails for want of look-ups", finals[504] + finals[503] + finals[500] == 0, str(dict(finals)))
    checks.check(f"{transport}: the overlay hears little of it", asked < sent / 4, f"{asked:.0f} messages")
    checks.check(f"{transport}: a user's call rings meanwhile", of_user[0] and of_user[1] < 2, f"{of_user[1]:.2f} s")
    checks.check(f"{transport}: and so does another stranger's", of_stranger[0] and of_stranger[1] < 2, f"{of_stranger[1]:.2f} s")
    for each in (bob, eve, alice, other):
        each.close()


def many_phones(checks: Checks, ring: Ring, transport: str, number: int) -> None:
    first, second = ring.nodes[:2]
    names = USERS[3:]
    phones = [phone(name, "udp", f"127.0.12.{index + 1}", second) for index, name in enumerate(names)]
    for each in phones:
        each.register()
    bob = phone("bob", transport, f"127.0.11.{number}", second)
    bob.register()
    eve = stranger(transport, f"127.0.11.{number + 1}", first)
    busy = drops(ring, first, "sip_caller_calls")
    with Flood(eve, names) as flood:
        time.sleep(SECONDS)
        alice = phone("alice", transport, f"127.0.11.{number + 2}", first)
        of_user = rings(alice, bob)
    finals = flood.finals()
    checks.check(f"{transport}: a domain that calls everybody is answered 503 and counted", finals[503] > 0 and drops(ring, first, "sip_caller_calls") > busy, str(dict(finals)))
    refused = next((message for message in eve.log if message.status == 503), None)
    checks.check(f"{transport}: with Retry-After", refused is not None and refused.get("retry-after") != "")
    checks.check(f"{transport}: users call each other meanwhile", of_user[0] and of_user[1] < 2, f"{of_user[1]:.2f} s")
    for each in (*phones, bob, eve, alice):
        each.close()


def run(checks: Checks, given: object) -> None:
    users = [{"user": f"{name}@example.com", "password": PASSWORD} for name in USERS]
    with ring_of("a06", 3, getattr(given, "binary", None), {"login.sip_secret": "account"}, users) as (ring, _):
        for number, transport in enumerate(("udp", "tcp")):
            one_phone(checks, ring, transport, 10 + 10 * number)
            time.sleep(33)  # what rang in vain ends by Timers B and F
        for number, transport in enumerate(("udp", "tcp")):
            many_phones(checks, ring, transport, 50 + 10 * number)
            time.sleep(33)
        checks.check("all nodes run", all(node.runs() for node in ring.nodes))


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("a06", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
