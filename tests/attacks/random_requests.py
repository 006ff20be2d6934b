#!/usr/bin/env python3
"""Random SIP requests made from all that was ever seen on the wire. Phones at several supernodes call one another and are called by strangers; all
tokens, Paths, Record-Routes, Contacts, tags, Vias, branches and Call-IDs that any of them saw, and those in records, are then mixed at random and sent
by strangers and by ordinary users, over UDP, TCP, TLS and WebSockets. No request may leave the ring for an address that is neither a registered
location of its callee nor the other end of a dialog of its sender, and no node may connect anywhere else. Needs a network namespace of its own."""

from __future__ import annotations

import html
import random
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Ring, arguments, main_with, ring_of, say  # noqa: E402
from packet_watch import Sent, Watch, within  # noqa: E402
from sip_agent import SDP, USER_AGENT, Agent, Message, token  # noqa: E402

# (user, transport, number of the supernode): where the phones are.
PHONES = [("alice", "udp", 1), ("bob", "udp", 2), ("carol", "tcp", 2), ("dave", "tls", 3), ("erin", "ws", 1), ("frank", "wss", 3), ("mallory", "udp", 3)]
STRANGERS = [("eve", "udp", 1), ("olga", "udp", 2), ("oscar", "udp", 3), ("ted", "tcp", 1), ("tom", "tls", 2), ("will", "ws", 3)]
CALLS = [("alice", "bob"), ("bob", "alice"), ("carol", "dave"), ("mallory", "bob"), ("mallory", "carol"), ("erin", "frank"), ("frank", "alice"), ("eve", "bob"), ("olga", "carol"), ("oscar", "alice"), ("ted", "dave"), ("tom", "erin"), ("will", "bob")]
VICTIMS = ["127.77.0.1", "127.77.0.2", "127.77.3.4", "192.0.2.10", "198.51.100.20", "[fd77::1]", "127.0.0.1", "victim.example.net", "localhost"]
OUTSIDE = ["127.77.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "fd77::/16", "127.0.0.1/32", "::1/128"]
RESOLVER = "127.77.0.53"
METHODS = ["INVITE", "INVITE", "MESSAGE", "BYE", "ACK", "CANCEL", "OPTIONS", "REFER", "SUBSCRIBE", "NOTIFY", "INFO", "UPDATE", "PRACK", "PUBLISH", "REGISTER", "GET", "EHLO", "X"]
PORTS = {5060, 5061, 6084, 443, 80, 3478}


@dataclass
class Dialog:
    """A call that was answered, as its two ends know it."""

    call_id: str
    caller: Agent
    callee: Agent
    answer: Message  # as the caller heard it
    invite: Message  # as the callee heard it

    def request(self, side: Agent) -> dict[str, object]:
        """The parts of a right request of this end."""
        if side is self.caller:
            return {"uri": in_angles(self.answer.get("contact")), "routes": self.answer.addresses("record-route")[::-1], "from": self.answer.get("from"), "to": self.answer.get("to"), "call_id": self.call_id}
        return {"uri": in_angles(self.invite.get("contact")), "routes": self.invite.addresses("record-route"), "from": self.answer.get("to"), "to": self.answer.get("from"), "call_id": self.call_id}


@dataclass
class Mark:
    """One request that was sent: whose it is, and whom it may reach."""

    sender: Agent
    callee: str
    call_id: str
    text: str


@dataclass
class Wire:
    """All that was seen."""

    uris: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # URIs with a user part that name a node: tokens
    tags: list[str] = field(default_factory=list)
    call_ids: list[str] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    vias: list[str] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)

    def take(self, text: str, nodes: list[str]) -> None:
        m = Message(text)
        self.tags += [t for t in (m.tag("from"), m.tag("to")) if t]
        self.call_ids.append(m.get("call-id"))
        self.vias += m.all("via")
        self.branches += [m.branch()]
        self.parties += [m.get("from"), m.get("to")]
        self.take_uris(text, nodes)

    def take_uris(self, text: str, nodes: list[str]) -> None:
        found = re.findall(r"sips?:[^\s>\"',]+", text)
        self.uris += found
        self.own += [uri for uri in found if "@" in uri and any(f"@{node}" in uri for node in nodes)]

    def finish(self) -> None:
        for name, values in vars(self).items():
            setattr(self, name, sorted({value for value in values if value}))


def in_angles(value: str) -> str:
    found = re.search(r"<([^>]*)>", value)
    return found[1] if found else value.split(";")[0].strip()


class Stage:
    """The ring, its phones and the strangers, each at an address of its own."""

    def __init__(self, ring: Ring, dice: random.Random) -> None:
        self.ring, self.dice = ring, dice
        self.nodes = [node.address for node in ring.nodes]
        self.wire = Wire()
        self.users = [user for user, _, _ in PHONES]
        self.phones = {user: self.agent(user, transport, number, f"127.20.0.{i + 1}", f"{user}-secret") for i, (user, transport, number) in enumerate(PHONES)}
        self.strangers = {user: self.agent(user, transport, number, f"127.30.0.{i + 1}") for i, (user, transport, number) in enumerate(STRANGERS)}
        self.dialogs: list[Dialog] = []
        self.nonces: dict[str, list[object]] = {}

    def agent(self, user: str, transport: str, number: int, address: str, password: str = "") -> Agent:
        return Agent(user, transport, address, self.nodes[number - 1], password, "example.com" if password else "example.net")

    def everybody(self) -> list[Agent]:
        return [*self.phones.values(), *self.strangers.values()]

    # --- What is seen

    def register(self) -> None:
        for phone in self.phones.values():
            answer = phone.register()
            assert answer and answer.status == 200, f"{phone.user} can not register: {answer and answer.start}"
            self.wire.take(phone.sent, self.nodes)

    def call(self, caller: Agent, callee: Agent) -> None:
        heard: list[Message] = []

        def react(message: Message) -> bool:
            if message.method == "INVITE" and not message.status:
                heard.append(message)
                callee.respond(message, 180)
                callee.respond(message, 200, body=SDP)
                return True
            return False

        callee.react = react
        answer = caller.ask("INVITE", f"sip:{callee.user}@example.com", body=SDP)
        assert answer and answer.status == 200 and heard, f"{caller.user} can not call {callee.user}: {answer.start if answer else 'no answer'}"
        dialog = Dialog(answer.get("call-id"), caller, callee, answer, heard[-1])
        self.dialogs.append(dialog)
        self.wire.take(caller.sent, self.nodes)
        parts = dialog.request(caller)
        caller.send(assemble("ACK", parts, caller, int(answer.get("cseq").split(" ")[0])))
        assert callee.next_request("ACK"), f"no ACK of {caller.user} came to {callee.user}"

    def observe(self) -> None:
        self.register()
        for caller, callee in CALLS:
            self.call(self.phones.get(caller) or self.strangers[caller], self.phones[callee])
        for agent in self.everybody():
            for message in agent.log:
                self.wire.take(message.text, self.nodes)
        for user in self.users:
            record = self.ring.call(self.ring.nodes[0], "overlay", "get", f"user location:{user}@example.com", "--json")
            self.wire.take_uris(html.unescape(record.out.replace("\\", " ")), self.nodes)
        self.wire.finish()

    # --- What is made of it

    def credentials(self, sender: Agent, method: str, uri: str) -> list[str]:
        """A right answer to a challenge of the sender's supernode, which stays good for many requests."""
        if not sender.password:
            return []
        if sender.user not in self.nonces:
            challenge = sender.answer_to(sender.build("MESSAGE", "sip:nobody@example.com", sender=f"<{sender.aor}>;tag={token(4)}"))
            assert challenge and challenge.status == 407, f"{sender.user} is not challenged"
            self.nonces[sender.user] = [challenge, 0]
        state = self.nonces[sender.user]
        state[1] += 1  # type: ignore[operator]
        return [sender.credentials(state[0], method, uri, state[1])]  # type: ignore[arg-type]

    def victim(self) -> str:
        port = self.dice.choice(["", "", ":5060", ":25", ":80", ":6089", ":8080"])
        parameters = self.dice.choice(["", "", ";transport=tcp", ";transport=udp", ";transport=tls", ";transport=ws", ";lr", ";lr;transport=tcp", ";maddr=127.77.0.2"])
        return f"{self.dice.choice(['sip', 'sip', 'sips'])}:{self.dice.choice(['', 'x@', 'bob@', 'alice@'])}{self.dice.choice(VICTIMS)}{port}{parameters}"

    def changed(self, uri: str) -> str:
        """A seen URI, with something about it changed."""
        d = self.dice
        what = d.randrange(7)
        if what == 0 and "@" in uri:  # the user part is kept and the host is another
            return uri.split("@")[0] + "@" + d.choice([*VICTIMS, *self.nodes])
        if what == 1 and "@" in uri and len(uri.split("@")[0]) > 8:  # a token with one character changed
            at = d.randrange(5, len(uri.split("@")[0]))
            return uri[:at] + d.choice("0123456789abcdefZ_-") + uri[at + 1:]
        if what == 2:
            return uri + d.choice([";transport=tcp", ";transport=tls", ";maddr=127.77.0.1", ";lr", ";ob", ";direct"])
        if what == 3:
            return re.sub(r":\d+(?=$|;)", d.choice(["", ":5061", ":80", ":6089"]), uri)
        if what == 4:
            return uri.replace(";lr", "")
        if what == 5:
            return ("sips:" if uri.startswith("sip:") else "sip:") + uri.split(":", 1)[1]
        return uri.split("@")[-1] if "@" not in uri else "sip:" + uri.split("@")[1]

    def uri(self) -> str:
        d = self.dice
        kind = d.randrange(8)
        if kind < 2:
            return f"sip:{d.choice(self.users)}@{d.choice(['example.com', 'example.com', 'EXAMPLE.com.', d.choice(self.nodes)])}"
        if kind == 2:
            return self.victim()
        if kind == 3:
            return self.changed(d.choice(self.wire.uris))
        if kind < 6:
            return d.choice(self.wire.uris)
        return d.choice(self.wire.own)

    def route(self) -> str:
        d = self.dice
        kind = d.randrange(6)
        uri = self.victim() if kind == 0 else self.changed(d.choice(self.wire.own)) if kind == 1 else d.choice(self.wire.own)
        return f"<{uri}{'' if ';lr' in uri or d.randrange(4) == 0 else ';lr'}>"

    def party(self, tagged: bool) -> str:
        d = self.dice
        kind = d.randrange(4)
        base = d.choice(self.wire.parties) if kind < 2 else f"<{self.uri()}>" if kind == 2 else f"<sip:{d.choice([*self.users, 'eve'])}@{d.choice(['example.com', 'example.com.', 'example.net', *self.nodes])}>"
        base = re.sub(r";\s*tag=[^;,\s]*", "", base)
        return base + (f";tag={d.choice([d.choice(self.wire.tags), token(4)])}" if tagged else "")

    def parts(self, sender: Agent) -> dict[str, object]:
        """Of a right request within a dialog of the sender's, or of anybody's, or of none."""
        d = self.dice
        mine = [one for one in self.dialogs if sender in (one.caller, one.callee)]
        kind = d.randrange(4)
        if kind == 0 and mine:
            return d.choice(mine).request(sender)
        if kind < 3:
            one = d.choice(self.dialogs)
            return one.request(d.choice([one.caller, one.callee]))
        return {"uri": self.uri(), "routes": [self.route() for _ in range(d.randrange(3))], "from": f"<{sender.aor}>;tag={token(4)}", "to": self.party(d.randrange(2) == 0), "call_id": token()}

    def mixed(self, sender: Agent) -> dict[str, object]:
        d = self.dice
        parts = dict(self.parts(sender))
        for _ in range(d.choice([0, 1, 1, 2, 2, 3, 5])):
            what = d.choice(["uri", "uri", "routes", "routes", "more routes", "from", "to", "call_id", "own from"])
            if what == "uri":
                parts["uri"] = self.uri()
            elif what == "routes":
                parts["routes"] = [self.route() for _ in range(d.randrange(4))]
            elif what == "more routes":
                parts["routes"] = d.sample([*parts["routes"], self.route()], len(parts["routes"]) + 1)  # type: ignore[misc, arg-type]
            elif what == "own from":
                parts["from"] = f"<{sender.aor}>;tag={d.choice([token(4), d.choice(self.wire.tags)])}"
            elif what == "call_id":
                parts["call_id"] = d.choice([token(), d.choice(self.wire.call_ids)])
            else:
                parts[what] = self.party(d.randrange(4) != 0)
        return parts

    def headers(self, sender: Agent) -> list[str]:
        d = self.dice
        out = []
        if d.randrange(5) == 0:
            out.append("Via: " + d.choice([d.choice(self.wire.vias), f"SIP/2.0/UDP {d.choice(VICTIMS)};branch={d.choice(self.wire.branches)}"]))
        if d.randrange(6) == 0:
            out.append(f"Record-Route: {self.route()}")
        if d.randrange(8) == 0:
            out.append(f"Path: {self.route()}")
        if d.randrange(8) == 0:
            out.append(f"Refer-To: <{self.uri()}>")
        if d.randrange(8) == 0:
            out.append(f"P-Asserted-Identity: <sip:{d.choice(self.users)}@example.com>")
        return out

    def via(self, sender: Agent) -> str:
        d = self.dice
        branch = d.choice([f"z9hG4bK{token()}"] * 5 + [d.choice(self.wire.branches)])
        host = d.choice([sender.at] * 6 + [f"{d.choice(VICTIMS)}:{d.choice([5060, 80])}"])
        extra = d.choice([";rport"] * 5 + ["", f";maddr={d.choice(VICTIMS)}", f";received={d.choice(VICTIMS)};rport=80"])
        transport = d.choice([sender.transport.upper()] * 8 + ["TCP", "UDP", "TLS"])
        return f"Via: SIP/2.0/{transport} {host};branch={branch}{extra}"

    def make(self, sender: Agent, number: int) -> Mark:
        d = self.dice
        method = d.choice(METHODS) if d.randrange(6) else "".join(d.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(d.randrange(1, 9)))
        parts = self.mixed(sender)
        headers = [f"X-Mark: {number}", *self.headers(sender)]
        # A registration with credentials would make whatever it names a registered location.
        if d.randrange(2) and method != "REGISTER":
            headers += self.credentials(sender, method, str(parts["uri"]))
        contact = d.choice([sender.contact] * 3 + [f"<{self.uri()}>"])
        cseq = d.choice([d.randrange(1, 20000)] * 3 + [sender.cseq])
        text = assemble(method, parts, sender, cseq, headers, self.via(sender), contact)
        return Mark(sender, callee_of(str(parts["uri"]), self.users, self.nodes), str(parts["call_id"]), text)


def assemble(method: str, parts: dict[str, object], sender: Agent, cseq: int, headers: list[str] | None = None, via: str = "", contact: str = "") -> str:
    routes = [f"Route: {route}" for route in parts["routes"]]  # type: ignore[attr-defined]
    via = via or f"Via: SIP/2.0/{sender.transport.upper()} {sender.at};branch=z9hG4bK{token()};rport"
    lines = [f"{method} {parts['uri']} SIP/2.0", via, "Max-Forwards: 20", *routes, f"From: {parts['from']}", f"To: {parts['to']}", f"Call-ID: {parts['call_id']}", f"CSeq: {cseq} {method}", f"Contact: {contact or sender.contact}"]
    return "\r\n".join([*lines, USER_AGENT, *(headers or []), "Content-Length: 0", "", ""])


def callee_of(uri: str, users: list[str], nodes: list[str]) -> str:
    """The user of the domain that the Request-URI names, if it names one."""
    found = re.fullmatch(r"sips?:(\w+)@([^;:?]+)(:\d+)?(;.*)?", uri, re.IGNORECASE)
    if not found or found[1] not in users:
        return ""
    host = found[2].lower().rstrip(".")
    return found[1] if host == "example.com" or host in nodes else ""


# --- The run


def open_outside() -> None:
    """Addresses of others, which packets reach here, so that they are seen."""
    for family, network in (("-4", "192.0.2.0/24"), ("-4", "198.51.100.0/24"), ("-6", "fd77::/16")):
        subprocess.run(["ip", family, "route", "replace", "local", network, "dev", "lo"], check=False, capture_output=True)


def prove_watch(checks: Checks, watch: Watch, node: str) -> None:
    """A datagram and a connection from a node's address to somebody else are seen; so the run can fail."""
    import socket

    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as s:
            s.bind((node, 0))
            try:
                s.connect((VICTIMS[0], 25))
                s.send(b"MESSAGE sip:x SIP/2.0\r\n\r\n")
            except OSError:
                pass
    watch.settle()
    seen = [sent for sent in watch.seen if sent.target == VICTIMS[0] and sent.source == node]
    checks.check("what leaves a node's address for somebody else is seen", {sent.connects for sent in seen} == {True, False}, f"{len(seen)} packets")
    watch.seen.clear()


def wanted_by(stage_nodes: list[str], actors: set[str]) -> object:
    """What could be a fault: to an address outside, or from a node to no actor, or SIP in the clear."""

    def wanted(sent: Sent) -> bool:
        if within(sent.target, *OUTSIDE) and not (sent.target == "127.0.0.1" and sent.source not in stage_nodes):
            return True
        if sent.source not in stage_nodes:
            return False
        if sent.target in stage_nodes:
            return (sent.connects and sent.port not in PORTS) or (not sent.connects and b"SIP/2.0" in sent.head)
        return sent.target not in actors or sent.connects

    return wanted


def send_all(stage: Stage, count: int, pace: float) -> dict[int, Mark]:
    marks: dict[int, Mark] = {}
    senders = stage.everybody()
    began = time.monotonic()
    for number in range(count):
        sender = stage.dice.choice(senders)
        if sender.closed:  # by what it sent before; a phone's connection was its location, so it registers anew
            sender = revive(stage, sender)
            senders = stage.everybody()
        marks[number] = stage.make(sender, number)
        sender.send(marks[number].text)
        if (ahead := number / pace - (time.monotonic() - began)) > 0.02:
            time.sleep(ahead)
    say(f"{count} requests in {time.monotonic() - began:.1f} s")
    return marks


def revive(stage: Stage, old: Agent) -> Agent:
    table = stage.phones if old.user in stage.phones else stage.strangers
    new = Agent(old.user, old.transport, old.address, old.node, old.password, old.domain)
    new.log = old.log
    new.react = None
    table[old.user] = new
    for dialog in stage.dialogs:
        dialog.caller = new if dialog.caller is old else dialog.caller
        dialog.callee = new if dialog.callee is old else dialog.callee
    if new.password:
        new.register()
    new.react = answering(new)
    return new


def answering(agent: Agent) -> object:
    def react(message: Message) -> bool:
        if message.status or message.method == "ACK":
            return True
        agent.respond(message, 486 if message.method == "INVITE" else 200)
        return True

    return react


def proven(mark: Mark, nodes: list[str]) -> bool:
    """Its From is nobody of the domain's, or its sender who has shown his credentials."""
    sent = Message(mark.text)
    hosts = "|".join(re.escape(host) for host in ("example.com", *nodes))
    claimed = re.search(rf"sips?:([^@\s>]+)@({hosts})\.?[:;>\s]", sent.get("from"), re.IGNORECASE)
    return not claimed or (bool(sent.get("proxy-authorization")) and claimed[1] == mark.sender.user)


def judge(checks: Checks, stage: Stage, marks: dict[int, Mark]) -> None:
    """Of every request that came to anybody: whose it was, and whether it might."""
    leaks, posed, served = [], [], Counter()
    ends = {dialog.call_id: {dialog.caller.user, dialog.callee.user} for dialog in stage.dialogs}
    for agent in stage.everybody():
        for message in list(agent.log):
            number = message.get("x-mark")
            if message.status or not number:
                continue
            mark = marks[int(number)]
            sender = mark.sender
            by_location = mark.callee == agent.user and agent.user in stage.phones
            by_dialog = {sender.user, agent.user} == ends.get(mark.call_id) or (sender.user == agent.user and sender.user in ends.get(mark.call_id, ()))
            if not by_location and not by_dialog:
                leaks.append(f"{sender.user}'s to {agent.user}:\n{mark.text}\ncame as\n{message.text}")
            elif not by_dialog and not proven(mark, stage.nodes):
                posed.append(f"{sender.user} as {Message(mark.text).get('from')} to {agent.user}")
            served["along a dialog" if by_dialog else "to a location"] += 1
    checks.check("no request comes to anybody but its callee's phones and the other end of a dialog of its sender", not leaks, f"{len(leaks)}; first: {leaks[0]}" if leaks else f"{sum(served.values())} served")
    checks.check("no call rings as that of a user of the domain who has not proved it", not posed, f"{len(posed)}; first: {posed[0]}" if posed else "")
    checks.check("the mix holds requests that are served, so that it tries what matters", min(served["along a dialog"], served["to a location"]) > 0, ", ".join(f"{n} {how}" for how, n in served.items()))


def run(checks: Checks, binary: str | None, count: int, pace: float, dice: random.Random) -> None:
    open_outside()
    users = [{"user": f"{user}@example.com", "password": f"{user}-secret"} for user, _, _ in PHONES]
    settings = {"sip.dns_servers": [RESOLVER], "sip.expires_min_s": 60}
    with ring_of("random_requests", 3, binary, settings, users) as (ring, _):
        stage = Stage(ring, dice)
        actors = {agent.address for agent in stage.everybody()}
        watch = Watch(wanted_by(stage.nodes, actors))
        stage.observe()
        say(f"seen: {', '.join(f'{len(values)} {name}' for name, values in vars(stage.wire).items())}, {len(stage.dialogs)} dialogs")
        prove_watch(checks, watch, stage.nodes[0])
        for agent in stage.everybody():
            agent.react = None
            stage.credentials(agent, "MESSAGE", "sip:bob@example.com")
            agent.react = answering(agent)  # type: ignore[assignment]
        marks = send_all(stage, count, pace)
        time.sleep(4)
        watch.settle()
        judge(checks, stage, marks)
        judge_packets(checks, stage, watch, {agent.address for agent in stage.phones.values()})
        dead = [node.name for node in ring.nodes if not node.runs()]
        checks.check("no node died of it", not dead, ", ".join(dead))
        stage.phones["mallory"].react = None
        answer = stage.phones["mallory"].register()
        checks.check("phones are served after it", answer is not None and answer.status == 200, answer.start if answer else "no answer")


def judge_packets(checks: Checks, stage: Stage, watch: Watch, phones: set[str]) -> None:
    seen = watch.seen
    outside = [sent for sent in seen if within(sent.target, *OUTSIDE)]
    dialled = [sent for sent in seen if sent.connects and not within(sent.target, *OUTSIDE) and sent.target not in phones]
    in_clear = [sent for sent in seen if not sent.connects and sent.target in stage.nodes]

    def told(found: list[Sent]) -> str:
        return f"{len(found)}; first: {found[0].said()}" if found else f"of {watch.packets} packets"

    checks.check("nothing leaves the ring for an address of somebody else", not outside, told(outside))
    checks.check("no node connects to anything but nodes and registered phones", not dialled, told(dialled))
    checks.check("no SIP goes from node to node in the clear", not in_clear, told(in_clear))
    lost = watch.dropped()
    checks.check("every packet was looked at", lost == 0, f"{lost} lost")


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="requests (default 10000)")
    parser.add_argument("--pace", type=float, default=400, help="requests a second at most (default 400)")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("random_requests", given.results)
    return main_with(checks, lambda: run(checks, given.binary, given.count, given.pace, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
