#!/usr/bin/env python3
"""A Path stands in records that every certificate of the overlay may read. It opens nothing but to a supernode with authority for the domain, on a connection that shows its certificate."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, main_with, ring_of
from reload_node import enrol
from sip_stranger import Speaker, Trap, connected, secured

NAMES = ("alice", "bob", "mallory")
USERS = [{"user": f"{name}@example.com", "password": f"{name}'s secret"} for name in NAMES]
BEHIND_NAT = "sip:bob@127.0.9.200:5070"
METHODS = ("INVITE", "MESSAGE", "GOSSIP")


def phone(address: str, node: Node, name: str) -> Speaker:
    return Speaker(address, node.address, name, f"{name}'s secret")


def path_of(ring: Ring, user: str, node: Node) -> str:
    """As everybody in the overlay reads it."""
    answer = ring.call(ring.nodes[0], "overlay", "get", f"user location:{user}@example.com", "--json")
    found = re.search(rf"sip:[A-Za-z0-9_-]+@{re.escape(node.address)}:\d+;lr(;direct)?", answer.out)
    return f"<{found[0]}>" if found else ""


def refused(code: int) -> bool:
    return code in (400, 403, 404, 407, 430, 481)


def attacked(speaker: Speaker, path: str, uri: str, senders: list[str]) -> list[int]:
    """The answers to every method from every From."""
    codes = []
    for method in METHODS:
        for sender in senders:
            codes.append(speaker.ask(speaker.request(method, uri, sender=f"<{sender}>;tag=x", routes=[path]), seconds=0.7))
    return codes


def said(codes: list[int]) -> str:
    return " ".join(map(str, sorted(set(codes))))


def check_anothers(checks: Checks, node: Node, path: str, bob: Speaker) -> None:
    """The path of bob's record, by UDP from where no node is, by TCP, and by TLS that shows no certificate of the overlay."""
    senders = ["sip:alice@example.com", "sip:eve@elsewhere.example", "sip:bob@example.com"]
    known = phone("127.0.9.4", node, "mallory")  # an address that has answered a challenge hears every answer
    known.register()
    known.close()
    ways = {
        "bare UDP": lambda: Speaker("127.0.9.4", node.address, "eve", domain="elsewhere.example"),
        "TCP": lambda: Speaker("", node.address, "eve", domain="elsewhere.example", over=connected("127.0.9.4", node.address)),
        "TLS without a name": lambda: Speaker("", node.address, "eve", domain="elsewhere.example", over=secured(connected("127.0.9.4", node.address, 5061))),
    }
    for name, make in ways.items():
        eve = make()
        codes = attacked(eve, path, BEHIND_NAT, senders)
        checks.check(f"the path of another's record is refused by {name}, whoever it says to be from", all(map(refused, codes)), said(codes))
        checks.check(f"and his phone does not ring ({name})", bob.silent())
        eve.close()


def check_own(checks: Checks, node: Node, path: str, mallory: Speaker, trap: Trap) -> None:
    """The path of one's own record, from the very phone that it leads to: the node would pass the request on by its Request-URI."""
    for uri in (f"sip:x@{trap.place}", f"sip:x@{trap.place};transport=tcp"):
        codes = attacked(mallory, path, uri, ["sip:alice@example.com", "sip:eve@elsewhere.example"])
        checks.check(f"one's own path leads to no other address ({uri.rpartition(';')[2]})", not (caught := trap.caught()), caught or said(codes))
    request = mallory.request("INVITE", f"sip:x@{trap.place}", sender=f"<{mallory.address}>;tag=m", routes=[path])
    code = mallory.transact(request)
    checks.check("nor with one's own credentials", refused(code) and not trap.caught(), str(code))
    further = mallory.request("INVITE", f"sip:x@{trap.place}", sender="<sip:eve@elsewhere.example>;tag=m", routes=[path, f"<sip:{trap.place};transport=tcp;lr>"])
    code = mallory.ask(further)
    checks.check("nor with a further Route", refused(code) and not trap.caught(), str(code))


def check_certificates(checks: Checks, ring: Ring, node: Node, path: str, bob: Speaker) -> None:
    """An ordinary account of the overlay has a certificate, and so a connection with a name; it has no authority for the domain."""
    mallory = enrol("mallory@example.com", "mallory's secret", "attack", server=ring.nodes[0].address)
    over = secured(connected("127.0.9.5", node.address, 5061), "phyllo-sip", mallory.pem, ring.overlay)
    speaker = Speaker("", node.address, "mallory", over=over)
    codes = attacked(speaker, path, BEHIND_NAT, ["sip:alice@example.com", "sip:mallory@example.com", "sip:eve@elsewhere.example"])
    checks.check("a certificate without authority for the domain opens no path, on its own connection neither", all(map(refused, codes)), said(codes))
    checks.check("and the phone does not ring (an account's certificate)", bob.silent())
    speaker.close()


def check_honest(checks: Checks, node: Node, bob: Speaker) -> None:
    """What the path is for."""
    alice = phone("127.0.9.1", node, "alice")
    invite = alice.request("INVITE", "sip:bob@example.com")
    code = alice.ask(invite)
    checks.check("a caller is challenged", code == 407, str(code))
    if alice.answer and code == 407:
        alice.send(alice.authorized(invite, alice.answer))
        heard = bob.hear_request("INVITE")
        bob.send(bob.response(heard, 200), heard.source)
        checks.check("and reaches the phone behind NAT through its supernode", (end := alice.hear(lambda m: m.status >= 200)) is not None and end.status == 200)
        tops = [v for v in heard.all("via") if "TLS" in v]
        checks.check("by TLS between the two supernodes", bool(tops), "; ".join(heard.all("via")))
    alice.close()


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d02", 3, given.binary, {}, USERS) as (ring, _):
        trap = Trap("127.0.9.66")
        first, second = ring.nodes[:2]
        bob = phone("127.0.9.2", second, "bob")
        bob.register(contact=BEHIND_NAT)
        path = path_of(ring, "bob", second)
        checks.check("everybody reads the path in the record", path != "", path)
        check_honest(checks, first, bob)
        check_anothers(checks, second, path, bob)
        check_certificates(checks, ring, second, path, bob)
        mallory = phone("127.0.9.3", second, "mallory")
        mallory.register()
        check_own(checks, second, path_of(ring, "mallory", second), mallory, trap)
        checks.check("at the end nothing has come where nothing may", not (caught := trap.caught()), caught)
        for each in (trap, bob, mallory):
            each.close()


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d02", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
