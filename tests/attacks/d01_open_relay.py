#!/usr/bin/env python3
"""A token in a Record-Route is seen by both ends of a dialog and by everybody on the way. It relays nothing for anybody but these two ends, and from them only to the other."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of
from sip_stranger import Message, Request, Speaker, Trap, routes

USERS = [{"user": f"{name}@example.com", "password": f"{name}'s secret"} for name in ("alice", "bob", "carol")]
FOREIGN = "elsewhere.example"
# Where no phone of the test is.
BEHIND_NAT = "sip:bob@127.0.9.200:5070"
METHODS = ("MESSAGE", "INVITE", "BYE", "REFER", "GOSSIP")


def phone(address: str, node: Node, name: str) -> Speaker:
    return Speaker(address, node.address, name, f"{name}'s secret")


def stranger(address: str, node: Node, name: str) -> Speaker:
    """At an address that has answered a challenge, for another port: so that a node answers it as often as it is asked."""
    carol = phone(address, node, "carol")
    carol.register()
    carol.close()
    return Speaker(address, node.address, name, domain=FOREIGN)


def ringing(caller: Speaker, bob: Speaker) -> tuple[Message, Message]:
    """A call that rings: what the callee heard, and the 180."""
    call = caller.request("INVITE", "sip:bob@example.com")
    caller.send(call)
    answer = caller.hear(lambda m: m.status in (180, 407), 0.5)
    if answer and answer.status == 407:
        caller.send(caller.authorized(call, answer))
    invite = bob.hear_request("INVITE")
    bob.send(bob.response(invite, 180), invite.source)
    return invite, caller.hear_response(180)


def answered(caller: Speaker, bob: Speaker) -> Message:
    invite, _ = ringing(caller, bob)
    bob.send(bob.response(invite, 200), invite.source)
    ok = caller.hear_response(200)
    caller.send(caller.within("ACK", ok, cseq=int(ok.first("cseq").split()[0])))
    bob.hear_request("ACK")
    return ok


def stolen(thief: Speaker, method: str, uri: str, seen: Message, token: list[str], to_tag: str, claims: str) -> Request:
    """What the thief makes of a dialog that he has seen."""
    sender = {"caller": seen.first("from"), "callee": f"{seen.first('to').split(';')[0]};tag={seen.tag('to')}", "user": "<sip:alice@example.com>;tag=xyz", "himself": f"<{thief.address}>;tag=t"}[claims]
    to = seen.first("from") if claims == "callee" else f"<sip:bob@example.com>;tag={to_tag}"
    return thief.request(method, uri, sender=sender, to=to, call_id=seen.first("call-id"), routes=token)


def refused(status: int) -> bool:
    return status in (400, 403, 404, 407, 481)


def check_thief(checks: Checks, what: str, thief: Speaker, seen: Message, bob: Speaker, trap: Trap) -> None:
    """Every way to use somebody else's dialog, from an address that is no end of it."""
    token = routes(seen)
    targets = {"any address": f"sip:x@{trap.place}", "a TCP service": f"sip:x@{trap.place};transport=tcp", "the callee's phone": f"sip:bob@{bob.place}"}
    for name, uri in targets.items():
        codes = []
        for method in METHODS:
            for claims in ("caller", "callee", "user", "himself"):
                for tag in (seen.tag("to"), "made-up"):
                    codes.append(thief.ask(stolen(thief, method, uri, seen, token, tag, claims), seconds=0.5))
        thief.send(stolen(thief, "ACK", uri, seen, token, seen.tag("to"), "caller"))
        checks.check(f"{what} sends nothing to {name}, by any method, tag or From", not (caught := trap.caught()), caught)
        checks.check(f"and is refused each time ({name})", all(refused(code) for code in codes), " ".join(map(str, sorted(set(codes)))))
    further = [*token, f"<sip:{trap.place};lr>"]
    code = thief.ask(stolen(thief, "MESSAGE", f"sip:bob@{bob.place}", seen, further, seen.tag("to"), "caller"), seconds=1)
    checks.check(f"{what} with a further Route sends nothing there", refused(code) and not trap.caught(), str(code))
    checks.check(f"the callee hears nothing of {what}", bob.silent(), bob.came())


def check_strangers(checks: Checks, ring: Ring, trap: Trap) -> None:
    first, second = ring.nodes[:2]
    bob = phone("127.0.9.2", second, "bob")
    bob.register()
    eve, thief = stranger("127.0.9.3", first, "eve"), stranger("127.0.9.4", first, "thief")
    _, rang = ringing(eve, bob)
    check_thief(checks, "a stranger with the token of a 180", thief, rang, bob, trap)
    # The caller's own token: it leads to the callee, and to nobody else.
    for method in ("MESSAGE", "GOSSIP"):
        for uri in (f"sip:x@{trap.place}", f"sip:x@{trap.place};transport=tcp"):
            eve.send(eve.within(method, rang, uri=uri))
    own = eve.within("MESSAGE", rang, uri=f"sip:x@{trap.place}")
    own.routes = [*own.routes, f"<sip:{trap.place};lr>"]
    eve.send(own)
    eve.send(eve.within("ACK", rang, uri=f"sip:x@{trap.place}"))
    other_call = eve.within("MESSAGE", rang, uri=f"sip:x@{trap.place}", call_id="another")
    eve.send(other_call)
    checks.check("the caller's own token reaches nobody but the callee", not (caught := trap.caught(1)), caught)
    for each in (bob, eve, thief):
        each.close()


def check_between_nodes(checks: Checks, ring: Ring, trap: Trap) -> None:
    """A phone behind NAT: its node's token, sent to that node by bare UDP from where no node is."""
    first, second = ring.nodes[:2]
    bob = phone("127.0.9.12", second, "bob")
    bob.register(contact=BEHIND_NAT)
    alice, thief = phone("127.0.9.11", first, "alice"), stranger("127.0.9.14", second, "thief")
    ok = answered(alice, bob)
    token = [route for route in routes(ok) if second.address in route]
    codes = []
    for method in METHODS:
        for claims in ("caller", "user", "himself"):
            codes.append(thief.ask(stolen(thief, method, BEHIND_NAT, ok, token, ok.tag("to"), claims), seconds=1))
    thief.send(stolen(thief, "ACK", BEHIND_NAT, ok, token, ok.tag("to"), "caller"))
    checks.check("a node's token that comes by bare UDP is a stranger's", all(refused(code) for code in codes), " ".join(map(str, sorted(set(codes)))))
    checks.check("and the phone behind that node hears nothing", bob.silent())
    # The honest caller is understood, and after the end of the dialog its token is as good as nothing to others.
    bye = alice.within("BYE", ok)
    alice.send(bye)
    heard = bob.hear_request("BYE")
    bob.send(bob.response(heard, 200, with_contact=False), heard.source)
    checks.check("the caller ends the call", (end := alice.hear(lambda m: m.status >= 200)) is not None and end.status == 200)
    thief.close()
    thief = stranger("127.0.9.14", first, "thief")
    check_thief(checks, "a replay after the dialog's end", thief, ok, bob, trap)
    for each in (alice, bob, thief):
        each.close()


def check_another_node(checks: Checks, ring: Ring) -> None:
    """What makes the ends known survives the node that made the token."""
    second, third, fourth = ring.nodes[1:4]
    bob = phone("127.0.9.22", third, "bob")
    bob.register(contact=BEHIND_NAT)
    alice = phone("127.0.9.21", second, "alice")
    ok = answered(alice, bob)
    localnet.kill(ring, second, hard=True)
    alice.node = (fourth.address, 5060)
    thief = stranger("127.0.9.24", fourth, "thief")
    code = thief.ask(stolen(thief, "BYE", f"sip:bob@{bob.place}", ok, routes(ok), ok.tag("to"), "caller"), seconds=2)
    checks.check("when the caller's node is dead, a stranger ends the call through another node no more than before", refused(code) and bob.silent(), str(code))
    moved = phone("127.0.9.25", fourth, "alice")
    info = moved.within("INFO", ok)
    moved.send(info)
    challenge = moved.hear(lambda m: m.status >= 200)
    checks.check("the caller from a new address is asked to prove it", challenge is not None and challenge.status == 407, challenge.start if challenge else "no answer")
    if challenge and challenge.status == 407:
        moved.send(moved.authorized(info, challenge))
        heard = bob.hear_request("INFO")
        bob.send(bob.response(heard, 200, with_contact=False), heard.source)
        checks.check("and is understood then", (end := moved.hear(lambda m: m.status >= 200)) is not None and end.status == 200)
    alice.send(alice.within("BYE", ok))
    heard = bob.hear_request("BYE")
    bob.send(bob.response(heard, 200, with_contact=False), heard.source)
    checks.check("BYE through another node after the first has died ends the call", (end := alice.hear(lambda m: m.status >= 200)) is not None and end.status == 200)
    for each in (alice, bob, moved, thief):
        each.close()


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d01", 4, given.binary, {"log.level": "debug"}, USERS) as (ring, _):
        trap = Trap("127.0.9.66")
        check_strangers(checks, ring, trap)
        check_between_nodes(checks, ring, trap)
        check_another_node(checks, ring)
        checks.check("at the end nothing has come where nothing may", not (caught := trap.caught()), caught)
        trap.close()


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d01", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
