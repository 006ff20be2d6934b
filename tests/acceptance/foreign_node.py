"""A peer of the overlay in Python, from the documents alone (reload_wire.py reads, tests/attacks/reload_node.py makes and signs): it joins by pastry.md s.5, answers its
neighbours, and leaves. It knows rings that fit into a leaf set; nobody dials it."""

from __future__ import annotations

import contextlib
import random
import struct
import sys
import threading
import time
from pathlib import Path

import reload_wire as wire
from foreign_storage import SET_SIZE, Storage
from foreign_values import error_body, extension, signature_bytes
from reload_wire import Fields

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attacks"))

from acceptance import Failure  # noqa: E402
from reload_node import (  # noqa: E402
    ACTIVE, ASKS, ATTACH, BUSY, ERROR, FETCH, HEADER, IN_PROGRESS, JOIN, LEAVE, LEAVING, PING, PROBE, ROUTE_QUERY, STORE, UPDATE, USES, Identity, Link, Message, attach_body, join_body, leaf_set_state,
    opaque, route_query_probe, to_node, to_resource, update_active,
)

GRANTED_SECONDS = 6
UNSYNCED = 0x08
FORBIDDEN, NOT_FOUND = 0x02, 0x03


class PeerLink(Link):
    """A link whose requests are answered."""

    def __init__(self, peer: ForeignPeer, host: str, port: int) -> None:
        self.owner = peer
        super().__init__(peer.me, host, port)

    def _keep(self, data: bytes) -> None:
        try:
            self.owner.on_message(self, data)
        except wire.Malformed as wrong:
            self.owner.unread.append(f"{data[:400].hex()}: {wrong}")
        super()._keep(data)

    def answer(self, m: Fields, code: int, body: bytes, extensions: bytes = b"", certificates: list[bytes] | None = None) -> None:
        """To whom it came from, by the way it came: the hop before, then the via list reversed."""
        way = [self.peer.hex()] + [one["id"] for one in reversed(m["header"]["via"])]
        transaction = wire.number(m["header"]["transaction_id"])
        payload = self.me.payload(code, body, transaction, extensions, certificates or [])
        self.send_message(self.message(payload, transaction, b"".join(to_node(bytes.fromhex(one)) for one in way)))


class ForeignPeer:
    def __init__(self, me: Identity) -> None:
        self.me = me
        self.id = me.node_id.hex()
        self.incarnation = int(time.time())
        self.links: dict[str, PeerLink] = {}
        self.states: dict[str, Fields] = {}  # the last LeafSetState of each
        self.places: dict[str, list[Fields]] = {}
        self.grants: dict[str, bytes] = {}
        self.storage = Storage(self)
        self.active = False
        self.dialling = threading.Lock()
        self.granted: dict[str, float] = {}  # the joiner that holds its grant, and since when
        self.asked: dict[int, int] = {}  # requests that were answered, by code
        self.reminders = 0
        self.unread: list[str] = []

    # --- what it knows

    @property
    def members(self) -> dict[str, int]:
        """Active peers that are linked, and itself: their incarnations."""
        found = {n: s["incarnation"] for n, s in self.states.items() if s["flags"] & ACTIVE and n in self.links and not self.links[n].dead}
        return found | {self.id: self.incarnation}

    def set_of(self, key: str) -> list[str]:
        return wire.nearest(key, list(self.members), SET_SIZE)

    def view_of(self, key: str) -> str:
        members = self.members
        return wire.view({m: members[m] for m in self.set_of(key)})

    def around(self, nodes: set[str]) -> list[str]:
        """By rising Node-IDs, from its own on."""
        return sorted(nodes - {self.id}, key=lambda n: (wire.number(n) - wire.number(self.id)) % wire.RING)

    def sides(self) -> tuple[list[bytes], list[bytes]]:
        """Left by falling, right by rising Node-IDs: in a small ring everybody stands on both sides. Who holds its grant is among them."""
        others = self.around({*self.members, *self.granted})
        right = [bytes.fromhex(n) for n in others[:16]]
        return [bytes.fromhex(n) for n in reversed(others[-16:])], right

    def state(self, flags: int = 0) -> bytes:
        left, right = self.sides() if self.active or flags & ACTIVE else ([], [])
        grants = b"".join(self.grants.values()) if flags & ACTIVE else b""
        return leaf_set_state(flags | (ACTIVE if self.active else 0), b"", left, right, incarnation=self.incarnation, grants=grants)

    def learn(self, teller: str, state: Fields) -> None:
        self.states[teller] = state
        if state["own"]:
            self.places[teller] = state["own"]
        for n, at in zip(state["left"] + state["right"], state["named"]):
            if at and n not in self.places:
                self.places[n] = at

    # --- joining

    def link_to(self, n: str) -> PeerLink:
        if n not in self.links or self.links[n].dead:
            at = next(one for one in self.places[n] if one["overlay_link"] == 4)
            self.dial(at["address"], at["port"])
        return self.links[n]

    def dial(self, host: str, port: int = 6084) -> str:
        link = PeerLink(self, host, port)
        self.links[link.peer.hex()] = link
        return link.peer.hex()

    def ask(self, n: str, code: int, body: bytes, destinations: bytes | None = None, seconds: float = 3) -> Fields:
        answer = self.links[n].ask(code, body, destinations, seconds)
        if answer is None:
            raise Failure(f"{n} does not answer a request of code {code:#x}")
        if answer.code == ERROR:
            raise Failure(f"{n} answers a request of code {code:#x} with error {answer.error:#x} {answer.body[4:].decode(errors='replace')}")
        read: Fields = wire.whole(answer.body, lambda r: wire.read_body(answer.code, r))
        return read

    def ask_rows(self, first: str, way: list[str]) -> Fields:
        body = b"\x00" + to_resource(self.me.node_id) + opaque(2, b"\x02\x00\xff")
        return self.ask(first, ROUTE_QUERY, body, b"".join(to_node(bytes.fromhex(n)) for n in way))

    def find_root(self, first: str) -> str:
        """Z of pastry.md s.5: each answer names the next hop, the root names itself."""
        at, way = first, [first]
        for _ in range(30):
            told = self.ask_rows(first, way)
            self.learn(at, told["state"])
            for row in told["rows"]:
                self.places |= {n: p for n, p in zip(row["entries"], row["named"]) if p}
            if told["next_peer"] == at:
                return at
            at = told["next_peer"]
            way = [first, at]
        raise Failure("RouteQuery comes to no end")

    def probe(self, n: str, flags: int = 0) -> Fields:
        self.link_to(n)
        told = self.ask(n, ROUTE_QUERY, route_query_probe(bytes.fromhex(n), self.state(flags)))
        self.learn(n, told["state"])
        return told

    def admitted(self, root: str) -> None:
        end = time.monotonic() + 30
        while True:
            answer = self.links[root].ask(JOIN, join_body(self.me.node_id, self.state()))
            if answer is not None and answer.code == JOIN + 1:
                return self.learn(root, wire.whole(answer.body, lambda r: wire.read_body(JOIN + 1, r))["state"])
            if answer is None or answer.error != IN_PROGRESS or time.monotonic() > end:
                raise Failure(f"JoinReq is answered {answer and answer.body!r}")
            time.sleep(random.uniform(0.5, 1.5))

    def meet(self) -> None:
        """Links and probes everybody that anybody names."""
        while unknown := {n for s in list(self.states.values()) for n in s["left"] + s["right"]} - set(self.states) - {self.id}:
            for n in sorted(unknown):
                self.probe(n)
        for n in [n for n in self.states if n not in self.links]:
            self.probe(n)

    def neighbours(self) -> list[str]:
        """Those beside its place, the smaller Node-ID first."""
        others = self.around(set(self.members))
        return sorted({others[-1], others[0]})

    def get_grant(self, n: str) -> None:
        end = time.monotonic() + 30
        while True:
            told = self.probe(n, ASKS)
            if told["granted"]:
                one = told["granted"][0]
                self.grants[n] = bytes.fromhex(one["granter"]) + signature_bytes(one["signature"])
                return
            if time.monotonic() > end:
                raise Failure(f"{n} gives no grant")
            time.sleep(random.uniform(0.5, 1.5))

    def join(self, host: str) -> None:
        root = self.find_root(self.dial(host))
        self.link_to(root)
        self.admitted(root)
        self.meet()
        for n in self.neighbours():
            self.get_grant(n)
        self.active = True
        self.tell_all(UPDATE, update_active(self.state(USES)))

    def tell_all(self, code: int, body: bytes, extensions: bytes = b"") -> dict[str, Message | None]:
        """One request to each link; the answers."""
        sent = {n: link.request(code, body, extensions=extensions) for n, link in self.links.items() if not link.dead}
        return {n: self.links[n].answer_to(transaction, 3) for n, transaction in sent.items()}

    def leave(self) -> dict[str, Message | None]:
        """What it holds goes to those who take its place; then it says so, and closes."""
        self.storage.sync_all()
        self.active = False
        answers = self.tell_all(LEAVE, self.me.node_id + opaque(2, b""), extension(0xF007, self.state()))
        time.sleep(0.3)
        for link in self.links.values():
            link.close()
        return answers

    # --- requests of others

    def on_message(self, link: PeerLink, data: bytes) -> None:
        m = wire.message(data)
        if len(m["header"]["destinations"]) > 1 and m["header"]["destinations"][0]["id"] == self.id:
            return self.forward(link, data, m["header"]["destinations"][1]["id"])
        if m["code"] == ERROR or m["code"] % 2 == 0:
            return
        self.storage.values.learn(m["certificates"])
        to = m["header"]["destinations"][0]
        if to["type"] == "node" and to["id"] != self.id:
            return
        self.asked[m["code"]] = self.asked.get(m["code"], 0) + 1
        answer = {PING: self.on_ping, PROBE: self.on_probe, UPDATE: self.on_update, LEAVE: self.on_leave, ROUTE_QUERY: self.on_query, JOIN: self.on_join, 0x21: self.on_nothing, FETCH: self.storage.on_fetch}
        if m["code"] in (STORE, ATTACH):  # these ask others
            threading.Thread(target=self.storage.on_store if m["code"] == STORE else self.on_attach, args=(link, m), daemon=True).start()
        elif m["code"] in answer:
            answer[m["code"]](link, m)
        else:
            link.answer(m, ERROR, error_body(NOT_FOUND))

    def forward(self, link: PeerLink, data: bytes, to: str) -> None:
        """The next of a destination list (RFC 6940 s.6.1.2): a joiner meets by way of it those whom it has named."""
        *_, transaction, _, via, destinations, options = HEADER.unpack(data[: HEADER.size])
        lists, own = data[HEADER.size :], to_node(self.me.node_id)
        rest, end = lists[via + len(own) : via + destinations], via + destinations
        n = to if to in self.links else wire.nearest(to, [n for n in self.members if n != self.id], 1)[0]
        out = self.links[n]
        out.send_message(out.message(lists[end + options :], transaction, rest, lists[:via] + to_node(link.peer), lists[end : end + options]))

    def on_ping(self, link: PeerLink, m: Fields) -> None:
        link.answer(m, PING + 1, struct.pack("!QQ", random.getrandbits(64), int(1000 * time.time())))

    def on_probe(self, link: PeerLink, m: Fields) -> None:
        told = {1: 10**9 // len(self.members), 2: len(self.storage.values.held), 3: int(time.time()) - self.incarnation}
        values = b"".join(bytes([kind, 4]) + struct.pack("!I", told[kind]) for kind in m["body"]["requested"] if kind in told)
        link.answer(m, PROBE + 1, opaque(2, values))

    def on_attach(self, link: PeerLink, m: Fields) -> None:
        """Dials who asks, if that was meant for it, and now (pastry.md s.8)."""
        stamp = next((e for e in m["extensions"] if e["type"] == 0xF006), None)
        if stamp is None or stamp["target"] != m["header"]["destinations"][-1] or abs(stamp["unix_ms"] / 1000 - time.time()) > 60:
            return link.answer(m, ERROR, error_body(FORBIDDEN))
        link.answer(m, ATTACH + 1, attach_body([], b"active"))
        at = next(one for one in m["body"]["candidates"] if one["overlay_link"] == 4)
        asker = next((n for n, places in self.places.items() if any(p["address"] == at["address"] for p in places)), "")
        with self.dialling:  # who is linked already is not dialled again
            if asker in self.links and not self.links[asker].dead:
                return
            asker = self.dial(at["address"], at["port"])
            self.places[asker] = [at]
        with contextlib.suppress(Failure):  # the other end may be about to leave
            self.probe(asker, USES)

    def on_nothing(self, link: PeerLink, m: Fields) -> None:
        link.answer(m, m["code"] + 1, b"")

    def on_update(self, link: PeerLink, m: Fields) -> None:
        if m["body"]["type"] == 1:
            self.learn(link.peer.hex(), m["body"]["state"])
            self.granted.pop(link.peer.hex(), None)
        self.on_nothing(link, m)

    def on_join(self, link: PeerLink, m: Fields) -> None:
        """Admits whom it is root for."""
        joiner = m["body"]["joining_peer_id"]
        if joiner != link.peer.hex() or self.set_of(joiner)[0] != self.id:
            return link.answer(m, ERROR, error_body(FORBIDDEN))
        link.answer(m, JOIN + 1, opaque(2, self.state()))

    def grant_for(self, n: str, state: Fields) -> tuple[int, bytes]:
        """To one joiner at a time, six seconds long, that will stand beside it (pastry.md s.5): a flag, and the Grant."""
        now = time.monotonic()
        self.granted = {held: since for held, since in self.granted.items() if now - since < GRANTED_SECONDS and held in self.links and not self.links[held].dead}
        if state["flags"] & LEAVING:
            self.granted.pop(n, None)
        if not state["flags"] & ASKS or not self.active:
            return 0, b""
        if self.granted.keys() - {n}:
            return BUSY, b""
        if n not in (*self.around({*self.members, n})[:1], *self.around({*self.members, n})[-1:]):
            return 0, b""
        self.granted.setdefault(n, now)
        return 0, self.me.node_id + self.me.sign(wire.grant_text(self.me.overlay_hash, n, state["incarnation"], self.id))

    def on_leave(self, link: PeerLink, m: Fields) -> None:
        self.states.pop(link.peer.hex(), None)
        self.on_nothing(link, m)

    def on_query(self, link: PeerLink, m: Fields) -> None:
        q = m["body"]
        target = q["destination"]["id"]
        answer = bytes.fromhex(wire.nearest(target, list(self.members), 1)[0]) + bytes([q["type"]])
        match q["type"]:
            case 1:
                self.learn(link.peer.hex(), q["state"])
                self.reminders += bool(q["state"]["flags"] & UNSYNCED)
                flag, grant = self.grant_for(link.peer.hex(), q["state"])
                answer += self.state(USES | flag) + opaque(2, grant)
            case 2:
                answer += opaque(2, b"") + self.state()
            case 3:
                answer += self.storage.answer(q["sync"])
            case 4:
                answer += struct.pack("!Q", 0) + opaque(2, b"") + bytes(2)
            case 5:
                return link.answer(m, ERROR, error_body(NOT_FOUND))
        link.answer(m, ROUTE_QUERY + 1, answer)
