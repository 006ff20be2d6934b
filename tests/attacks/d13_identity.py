#!/usr/bin/env python3
"""Who somebody is, in SIP: what strangers may claim, say and find out, and what sips promises."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Ring, arguments, main_with, ring_of  # noqa: E402
from sip_agent import SDP, Agent, Message, token  # noqa: E402

USERS = [{"user": f"{name}@example.com", "password": f"{name}-secret"} for name in ("alice", "bob", "carol", "dave")]
BOB = "sip:bob@example.com"
# Seconds; of the quickest of several answers, so that a busy machine does not tell them apart.
TELLING = 0.05
WORDS = ["P-Asserted-Identity: <sip:boss@example.com>", "P-Preferred-Identity: <sip:boss@example.net>", "Remote-Party-ID: <sip:boss@example.com>;screen=yes", "Identity: abc;info=<https://x>",
         "Alert-Info: <http://example.net/siren.wav>", "Call-Info: <http://example.net>;answer-after=0", "P-Charging-Vector: icid-value=1", "History-Info: <sip:boss@example.com>;index=1", "Diversion: <sip:boss@example.com>"]


class Stage:
    """The ring's actors; a phone answers as it is told to."""

    def __init__(self, ring: Ring) -> None:
        self.one, self.two = ring.nodes[0].address, ring.nodes[1].address
        self.network = self.one.rpartition(".")[0]
        self.bob = self.phone("bob", "udp", 102, self.one)
        self.eve = Agent("eve", "udp", self.place(66), self.one, domain="example.net")

    def place(self, last: int) -> str:
        return f"{self.network}.{last}"

    def phone(self, user: str, transport: str, last: int, node: str) -> Agent:
        agent = Agent(user, transport, self.place(last), node, f"{user}-secret")
        answer = agent.register()
        assert answer and answer.status == 200, f"{user} can not register: {answer and answer.start}"
        return agent


def answers(phone: Agent, status: int, ringing: bool = False, headers: tuple[str, ...] = ()) -> list[Message]:
    """Lets the phone answer every call so from now on; what it hears."""
    seen: list[Message] = []

    def react(message: Message) -> bool:
        if message.status:
            return False
        if message.method == "ACK":
            return True
        seen.append(message)
        if message.method == "INVITE" and ringing:
            phone.respond(message, 180, headers)
        phone.respond(message, status if message.method == "INVITE" else 200, headers)
        return True

    phone.react = react
    return seen


def foreign(agent: Agent, method: str, uri: str, headers: list[str] | None = None, sender: str = "<sip:eve@example.net>", seconds: float = 6) -> Message | None:
    return agent.ask(method, uri, headers or [], seconds, sender=f"{sender};tag={token(4)}", body=SDP if method == "INVITE" else "")


def code(answer: Message | None) -> int:
    return answer.status if answer else 0


# --- What strangers say


def words(checks: Checks, stage: Stage) -> None:
    seen = answers(stage.bob, 486)
    foreign(stage.eve, "INVITE", BOB, [*WORDS, "Privacy: id"])
    lines = seen[-1].headers if seen else [("no call", "")]
    heard = [name for name, _ in lines if name in {word.split(":")[0].lower() for word in WORDS} | {"privacy", "no call"}]
    checks.check("no phone hears a stranger say who he is or how it is to ring", not heard, ", ".join(heard))
    for node in (stage.one, stage.two):
        alice = Agent("alice", "udp", stage.place(101), node, "alice-secret")
        where = "through the callee's own supernode" if node == stage.one else "through another supernode"
        count = len(seen)
        alice.ask("INVITE", BOB, WORDS, body=SDP)
        asserted = seen[-1].all("p-asserted-identity") if len(seen) > count else ["no call"]
        checks.check(f"a user who has shown his credentials is asserted by them alone, {where}", asserted == ["<sip:alice@example.com>"], str(asserted))
        count = len(seen)
        alice.ask("INVITE", BOB, ["Privacy: id", "P-Preferred-Identity: <sip:alice@example.com>"], sender='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', body=SDP)
        told = [value for _, value in seen[-1].headers if "alice" in value and f"{stage.network}." not in value] if len(seen) > count else ["no call"]
        checks.check(f"who asks for privacy is not asserted to the phone, {where}", not told, "; ".join(told))
    refused = foreign(stage.eve, "INVITE", BOB, ["Privacy: session;critical"])
    checks.check("privacy that is critical and can not be had refuses the call with 500", code(refused) == 500, refused.start if refused else "no answer")


# --- Whom they claim to be


def spellings(checks: Checks, stage: Stage) -> None:
    seen = answers(stage.bob, 486)
    mapped = "[::ffff:{}]"
    hosts = ["example.com", "example.com.", "EXAMPLE.Com", "example.com:5060", "example.com:9", stage.one, f"{stage.one}:9", stage.two, f"{stage.two}:9", mapped.format(stage.one), mapped.format(stage.two)]
    claims = [f"<sip:alice@{host}>" for host in hosts] + ["<sip:%61lice@example.com>", "<sips:alice@example.com>", "<SIP:alice@example.com>", '"Eve <sip:eve@example.net>" <sip:alice@example.com>', "<tel:+4930123>"]
    for claim in claims:
        answer = foreign(stage.eve, "INVITE", BOB, sender=claim)
        checks.check(f"who calls as {claim} is asked for credentials", code(answer) == 407, answer.start if answer else "no answer")
    answer = foreign(stage.eve, "INVITE", BOB, ["P-Preferred-Identity: <sip:alice@Example.com.>"], sender="<sip:anonymous@anonymous.invalid>")
    checks.check("who prefers an identity of the domain is asked for credentials", code(answer) == 407, answer.start if answer else "no answer")
    broken = ["<sip:alice@example.com..>", "<sip:alice@example.com@example.net>", "<mailto:alice@example.com>", "<sip:eve@example.net>, <sip:alice@example.com>", "<sip:alice@127.1>"]
    for claim in broken:
        answer = foreign(stage.eve, "INVITE", BOB, sender=claim)
        checks.check(f"a From that is no name is refused: {claim}", code(answer) in (400, 403), answer.start if answer else "no answer")
    checks.check("none of them rang", not seen, seen[0].get("from") if seen else "")
    alice = Agent("alice", "udp", stage.place(101), stage.one, "alice-secret")
    for uri in (f"sip:bob@{stage.one}", f"sip:bob@{stage.two}", f"sip:bob@{mapped.format(stage.two)}", "sip:b%6fb@EXAMPLE.com.:5060"):
        count = len(seen)
        answer = alice.ask("INVITE", uri, body=SDP)
        checks.check(f"a callee is found in every spelling: {uri}", code(answer) == 486 and len(seen) > count, answer.start if answer else "no answer")
    carol = Agent("carol", "udp", stage.place(103), stage.one, "carol-secret")
    carol.register()
    again = carol.register(to="<sip:%63arol@EXAMPLE.com.>", uri=f"sip:{stage.two}", contact=carol.contact)
    checks.check("an address-of-record has one record, however it is spelled", code(again) == 200 and len(again.all("contact")) == 1 if again else False, again.start if again else "no answer")
    carol.ask("REGISTER", "sip:example.com", ["Expires: 0"], to="<sip:carol@example.com>", contact="*")
    for contact in ("<sip:carol@example.com>", "<sip:%63arol@Example.com.>", "<sip:Example.com.>", f"<sip:bob@{stage.two}>", f"<sip:bob@{mapped.format(stage.one)}:5060>"):
        answer = carol.register(contact=contact)
        checks.check(f"a contact that is no phone is refused: {contact}", code(answer) == 403, answer.start if answer else "no answer")


# --- What they find out


def timed(agent: Agent, method: str, uri: str, rounds: int) -> tuple[set[str], list[float]]:
    """The answers but for what differs between any two, and their times."""
    told, times = set(), []
    for _ in range(rounds):
        began = time.monotonic()
        answer = foreign(agent, method, uri, seconds=8)
        times.append(time.monotonic() - began)
        told.add("\n".join([answer.start, *(f"{name}: {value}" for name, value in answer.headers if name not in ("via", "from", "to", "call-id", "cseq"))]) if answer else "no answer")
    return told, times


def oracles(checks: Checks, stage: Stage, rounds: int) -> None:
    # Asked by TCP: of datagrams a stranger gets no more than he sends, and the rest comes when he asks again.
    answers(stage.bob, 603)
    users = {"unknown": "sip:nobody@example.com", "offline": "sip:dave@example.com", "refusing": BOB}
    for method in ("INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE", "REFER", "GUESS"):
        # All at once, so that a busy machine is as busy for each.
        with ThreadPoolExecutor(len(users)) as pool:
            asked = {kind: pool.submit(timed, Agent("eve", "tcp", stage.place(68), stage.one, domain="example.net"), method, uri, rounds) for kind, uri in users.items()}
        found = {kind: one.result() for kind, one in asked.items()}
        told = {kind: "; ".join(sorted(texts)) for kind, (texts, _) in found.items()}
        checks.check(f"{method}: a stranger hears the same of unknown, offline and refusing users", len(set(told.values())) == 1, str({kind: text.split(chr(10))[0] for kind, text in told.items()}))
        soonest = {kind: min(times) for kind, (_, times) in found.items()}
        spread = max(soonest.values()) - min(soonest.values())
        checks.check(f"{method}: and at the same time", spread < TELLING, ", ".join(f"{kind} {1000 * t:.1f} ms" for kind, t in soonest.items()))
        if method == "INVITE":
            checks.check("INVITE: when all that there is to find out is long known", min(soonest.values()) >= 0.99, f"{min(soonest.values()):.3f} s")
    seen = answers(stage.bob, 200)
    foreign(stage.eve, "OPTIONS", BOB)
    checks.check("a stranger's OPTIONS does not reach the phone", not seen)
    answers(stage.bob, 603, ringing=True)
    answer = foreign(stage.eve, "INVITE", BOB)
    checks.check("a stranger hears not how a phone declines that rang", code(answer) == 480, answer.start if answer else "no answer")
    times = {}
    for user in ("alice", "nobody"):
        guesser = Agent(user, "tcp", stage.place(67), stage.one, "wrong")
        taken = []
        for _ in range(rounds):
            began = time.monotonic()
            guesser.register()
            taken.append(time.monotonic() - began)
        times[user] = min(taken)
    checks.check("a wrong password and an unknown user take the same time", abs(times["alice"] - times["nobody"]) < TELLING and times["alice"] >= 0.99, str({user: f"{1000 * t:.1f} ms" for user, t in times.items()}))


# --- What sips promises


def secure(checks: Checks, stage: Stage) -> None:
    seen = answers(stage.bob, 486)
    alice = Agent("alice", "udp", stage.place(101), stage.one, "alice-secret")
    answer = alice.ask("INVITE", "sips:bob@example.com", body=SDP)
    checks.check("a sips request that comes in the clear is refused with 480", code(answer) == 480, answer.start if answer else "no answer")
    for transport, node in (("tls", stage.one), ("tls", stage.two), ("wss", stage.two)):
        caller = Agent("alice", transport, stage.place(101), node, "alice-secret")
        answer = caller.ask("INVITE", "sips:bob@example.com", body=SDP)
        warned = answer is not None and answer.get("warning").startswith("380 ")
        checks.check(f"a sips request by {transport} to a phone on UDP is refused with 480 and the reason", code(answer) == 480 and warned, f"{answer.start}, Warning: {answer.get('warning')}" if answer else "no answer")
        caller.close()
    checks.check("none of them came to the phone by UDP", not seen, seen[0].start if seen else "")
    dave = stage.phone("dave", "tls", 104, stage.two)
    heard = answers(dave, 486)
    for node in (stage.one, stage.two):
        caller = Agent("alice", "tls", stage.place(101), node, "alice-secret")
        count = len(heard)
        answer = caller.ask("INVITE", "sips:dave@example.com", body=SDP)
        where = "on its own supernode" if node == stage.two else "on another supernode"
        come = heard[-1] if len(heard) > count else None
        checks.check(f"a sips request comes to a phone on TLS as sips, {where}", code(answer) == 486 and come is not None and come.start.startswith("INVITE sips:"), come.start if come else (answer.start if answer else "no answer"))
        vias = come.all("via") if come else ["none"]
        checks.check(f"and has been on TLS at each hop, {where}", all(via.startswith("SIP/2.0/TLS") for via in vias), "; ".join(via.split(";")[0] for via in vias))
        caller.close()
    answer = stage.bob.register(contact=f"<sips:bob@{stage.bob.at}>")
    checks.check("a sips contact is not taken by UDP", code(answer) == 403, answer.start if answer else "no answer")


def run(checks: Checks, binary: str | None, rounds: int) -> None:
    with ring_of("d13_identity", 2, binary, users=USERS) as (ring, _):
        stage = Stage(ring)
        for part in (words, spellings, lambda c, s: oracles(c, s, rounds), secure):
            part(checks, stage)
        dead = [node.name for node in ring.nodes if not node.runs()]
        checks.check("no node died of it", not dead, ", ".join(dead))


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="requests a kind whose times are compared (default 3)")
    given = parser.parse_args()
    checks = Checks("d13_identity", given.results)
    return main_with(checks, lambda: run(checks, given.binary, given.rounds))


if __name__ == "__main__":
    sys.exit(main())
