"""Replicated storage of a foreign peer (storage.md): it compares its share with others, keeps copies, and is root of what falls to it."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

import reload_wire as wire
from acceptance import Failure
from foreign_values import Held, Values, error_body, extension, node_bytes, resource_bytes, stored_bytes
from reload_node import ERROR, FETCH, ROUTE_QUERY, STORE, UPDATE, opaque, to_node, update_synced
from reload_wire import Fields

if TYPE_CHECKING:
    from foreign_node import ForeignPeer, PeerLink

FORBIDDEN, TIMEOUT, TOO_OLD = 0x02, 0x04, 0x09
SET_SIZE = 5  # k of storage.md
COMPARE, ASK_FETCH, ASK_STORE = 1, 2, 3
APPEND = 0xFFFFFFFF
SAME, CHILDREN, ITEMS, STRANGER, VALUES, TAKEN = range(6)


class Storage:
    def __init__(self, ring: ForeignPeer) -> None:
        self.ring = ring
        self.values = Values()

    def share(self) -> list[tuple[int, int]]:
        return [a for a in wire.arcs(list(self.ring.members), SET_SIZE) if self.ring.id in self.ring.set_of(f"{a[0]:032x}")]

    def sync(self, n: str, first: int, last: int, ask: int, content: bytes) -> Fields:
        ends = resource_bytes(f"{first:032x}") + resource_bytes(f"{last:032x}")
        body = ends + bytes.fromhex(self.ring.view_of(f"{first:032x}")) + bytes([ask]) + opaque(3, content)
        told = self.ring.ask(n, ROUTE_QUERY, b"\x00" + to_node(bytes.fromhex(n)) + opaque(2, b"\x03" + body))
        answer: Fields = told["sync"]
        return answer

    def compare(self, n: str, first: int, last: int) -> str:
        """Makes an arc the same here and there; the view of the other over it."""
        told = self.sync(n, first, last, COMPARE, self.values.digest(first, last))
        if told["kind"] == CHILDREN:
            for (a, b), digest in zip(wire.parts(first, last), told["digests"]):
                if digest != self.values.digest(a, b).hex():
                    self.compare(n, a, b)
        if told["kind"] == ITEMS:
            self.exchange(n, first, last, told["items"])
        if told["kind"] == STRANGER:
            raise Failure(f"{n} takes it for a stranger")
        return str(told["view"])

    def exchange(self, n: str, first: int, last: int, items: list[Fields]) -> None:
        theirs = {(i["key"]["resource"], i["key"]["kind"], bytes.fromhex(i["key"]["entry"])): (i["storage_time"], bytes.fromhex(i["hash"])) for i in items}
        held = self.values.held
        wanted = [at for at, version in theirs.items() if at not in held or held[at].version < version]
        offered = [at for at in self.values.inside(first, last) if at not in theirs or theirs[at] < held[at].version]
        for start in range(0, len(wanted), 8):
            keys = b"".join(resource_bytes(r) + struct.pack("!I", kind) + opaque(2, entry) for r, kind, entry in wanted[start : start + 8])
            self.values.take(self.sync(n, first, last, ASK_FETCH, keys))
        if offered:
            self.sync(n, first, last, ASK_STORE, self.values.encoded(offered))

    def sync_all(self) -> list[str]:
        """Compares its share with everybody, twice where something was exchanged; says so to all. Whose view differed."""
        wrong = []
        for first, last in self.share():
            own = self.ring.view_of(f"{first:032x}")
            views = {n: self.compare(n, first, last) for n in self.ring.members if n != self.ring.id}
            wrong += [f"{n} has view {v} from {first:032x}, here it is {own}" for n, v in views.items() if v != own]
            body = update_synced(resource_bytes(f"{first:032x}"), resource_bytes(f"{last:032x}"), bytes.fromhex(own))
            self.ring.tell_all(UPDATE, body)
        return wrong

    def disagreeing(self, seconds: float) -> list[str]:
        """Who has not once had the same digest of an arc in that time: values are written all the while, so it compares again and again."""
        end = time.monotonic() + seconds
        open_pairs = [(a, n) for a in self.share() for n in self.ring.members if n != self.ring.id]
        while open_pairs and time.monotonic() < end:
            open_pairs = [((first, last), n) for (first, last), n in open_pairs if not self.same(n, first, last)]
        return [f"{n} from {first:032x}: {self.differing(n, first, last)}" for (first, last), n in open_pairs]

    def differing(self, n: str, first: int, last: int) -> str:
        """What is held here alone, there alone, and in two versions, where the arc is small enough to be listed."""
        told = self.sync(n, first, last, COMPARE, bytes(16))
        if told["kind"] != ITEMS:
            return f"an answer of kind {told['kind']}"
        theirs = {(i["key"]["resource"], i["key"]["kind"], bytes.fromhex(i["key"]["entry"])): i["storage_time"] for i in told["items"]}
        own = {at: self.values.held[at].version[0] for at in self.values.inside(first, last)}
        return f"here {own.keys() - theirs.keys()}, there {theirs.keys() - own.keys()}, other {[(at, own[at], theirs[at]) for at in own.keys() & theirs.keys() if own[at] != theirs[at]]}"

    def same(self, n: str, first: int, last: int) -> bool:
        self.compare(n, first, last)
        return bool(self.sync(n, first, last, COMPARE, self.values.digest(first, last))["kind"] == SAME)

    def answer(self, s: Fields) -> bytes:
        first, last = wire.number(s["arc"]["first"]), wire.number(s["arc"]["last"])
        view = self.ring.view_of(s["arc"]["first"])
        head = bytes.fromhex(view if view == self.ring.view_of(s["arc"]["last"]) else "0" * 16)
        if s["ask"] == ASK_STORE:
            self.values.take(s)
            return head + bytes([TAKEN]) + opaque(3, b"")
        if s["ask"] == ASK_FETCH:
            places = [(k["resource"], k["kind"], bytes.fromhex(k["entry"])) for k in s["keys"]]
            return head + bytes([VALUES]) + opaque(3, self.values.encoded([at for at in places if at in self.values.held]))
        if self.values.digest(first, last).hex() == s["digest"]:
            return head + bytes([SAME]) + opaque(3, b"")
        items = b""
        for at in self.values.inside(first, last):
            time_ms, digest = self.values.held[at].version
            items += resource_bytes(at[0]) + struct.pack("!I", at[1]) + opaque(2, at[2]) + struct.pack("!Q", time_ms) + digest
        return head + bytes([ITEMS]) + opaque(3, items)

    # --- as one of a replica set, and as its root (storage.md, W and R)

    def replica_state(self, key: str, holders: int = 0) -> bytes:
        return extension(0xF004, bytes.fromhex(self.ring.view_of(key)) + bytes([holders]) + node_bytes(self.ring.set_of(key)) + node_bytes([]))

    def on_store(self, link: PeerLink, m: Fields) -> None:
        key = m["body"]["resource"]
        told_view = next((e["view"] for e in m["extensions"] if e["type"] == 0xF001), None)
        if told_view is not None and told_view != self.ring.view_of(key):
            return link.answer(m, ERROR, error_body(FORBIDDEN, "view"), self.replica_state(key))
        root = m["body"]["replica_number"] == 0
        if root and self.ring.set_of(key)[0] != self.ring.id:
            return link.answer(m, ERROR, error_body(TIMEOUT))
        if (wrong := self.judge(m)) is not None:
            return link.answer(m, ERROR, wrong, self.replica_state(key))
        if root:
            self.place_appended(key, m)
        kept = self.keep(m, root)
        holders = [self.ring.id, *self.replicate(key, kept)] if root else []
        if root and len(holders) < len(self.ring.set_of(key)) // 2 + 1:
            return link.answer(m, ERROR, error_body(TIMEOUT))
        copies = [n for n in self.ring.set_of(key) if n != self.ring.id] if root else []
        kinds = b"".join(struct.pack("!IQ", kind, generation) + node_bytes(copies) for kind, (generation, _) in kept.items())
        link.answer(m, STORE + 1, opaque(2, kinds), self.replica_state(key, len(holders)))

    def judge(self, m: Fields) -> bytes | None:
        """What is wrong with a store: a signature, an older version, a live value where there must be none."""
        key = m["body"]["resource"]
        absent = any(e["type"] == 0xF003 for e in m["extensions"])
        for k in m["body"]["kinds"]:
            for d in k["values"]:
                held = self.values.held.get((key, k["kind"], wire.entry_of(d)))
                if not self.values.signed(key, k["kind"], d):
                    return error_body(FORBIDDEN, "signature")
                if held and absent and held.data["exists"]:
                    return error_body(TOO_OLD, "exists")
                if held and held.version > Held(0, d).version:
                    return error_body(TOO_OLD, f"stored {held.data['storage_time']}")
        return None

    def place_appended(self, key: str, m: Fields) -> None:
        """What is to stand at an array's end gets its index; the same value, stored again, the one that it has (storage.md, W)."""
        for k in m["body"]["kinds"]:
            held = [h.data for at, h in self.values.held.items() if at[:2] == (key, k["kind"])]
            after = max([d["index"] + 1 for d in held if "index" in d], default=0)
            for d in k["values"]:
                if d.get("index") == APPEND:
                    d["index"] = next((h["index"] for h in held if h["signature"] == d["signature"]), after)
                    after = max(after, d["index"] + 1)

    def keep(self, m: Fields, root: bool) -> dict[int, tuple[int, list[Fields]]]:
        """By Kind its generation now, and what was stored."""
        key = m["body"]["resource"]
        kept = {}
        for k in m["body"]["kinds"]:
            held = [h.generation for at, h in self.values.held.items() if at[:2] == (key, k["kind"])]
            generation = max([*held, 0]) + 1 if root else k["generation"]
            for d in k["values"]:
                self.values.put(key, k["kind"], generation, d)
            kept[k["kind"]] = (generation, k["values"])
        return kept

    def replicate(self, key: str, kept: dict[int, tuple[int, list[Fields]]]) -> list[str]:
        """Who of the set has confirmed under this view."""
        kinds = b"".join(struct.pack("!IQ", kind, g) + opaque(4, b"".join(map(stored_bytes, values))) for kind, (g, values) in kept.items())
        body = resource_bytes(key) + b"\x01" + opaque(4, kinds)
        signers = [self.values.certificates[wire.signer_of(d["signature"])] for _, values in kept.values() for d in values]
        view = extension(0xF001, bytes.fromhex(self.ring.view_of(key)), critical=True)
        others = [n for n in self.ring.set_of(key) if n != self.ring.id]
        sent = {n: self.ring.links[n].request(STORE, body, extensions=view, certificates=signers) for n in others}
        answers = {n: self.ring.links[n].answer_to(transaction, 1) for n, transaction in sent.items()}
        return [n for n, answer in answers.items() if answer is not None and answer.code == STORE + 1]

    def on_fetch(self, link: PeerLink, m: Fields) -> None:
        key, kinds, signers = m["body"]["resource"], b"", []
        for s in m["body"]["specifiers"]:
            places = [at for at in self.values.held if at[:2] == (key, s["kind"]) and (not s.get("keys") or at[2].hex() in s["keys"])]
            generation = max([self.values.held[at].generation for at in places] or [0])
            kinds += struct.pack("!IQ", s["kind"], generation) + opaque(4, b"".join(stored_bytes(self.values.held[at].data) for at in sorted(places)))
            signers += self.values.signers_of(places)
        link.answer(m, FETCH + 1, opaque(4, kinds), self.replica_state(key), signers)
