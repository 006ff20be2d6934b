"""Reads and checks what Phyllo's nodes say, from the documents alone: RELOAD (RFC 6940, RFC 7851), pastry.md, storage.md, record.md, identity.md, links.md.

Each reader gives a structure as Python's plain types: bytes and names of 64 bits in hex, numbers in decimal, as tests/vectors tell them. Nothing here was taken
from the C++ sources; that is the point of it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import struct
from collections.abc import Callable
from typing import Any

Fields = dict[str, Any]

RELO_TOKEN = 0xD2454C4F
RESOURCE = 0xF0000001
# Data models of the Kinds (reload.md s.2).
SINGLE, ARRAY, DICTIONARY = "single", "array", "dictionary"
MODELS = {RESOURCE: DICTIONARY, 0x1: DICTIONARY, 0x2: SINGLE, 0x3: ARRAY, 0x10: ARRAY, 0x104: DICTIONARY}
RING = 1 << 128


class Malformed(Exception):
    """It is none of what it was taken for."""


class Reader:
    """Takes numbers and opaque vectors from the front of bytes (RFC 6940 s.6.2)."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise Malformed(f"{size} bytes wanted at {self.at} of {len(self.data)}")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def flag(self) -> bool:
        value = self.number(1)
        if value > 1:
            raise Malformed(f"a boolean of {value}")
        return value == 1

    def opaque(self, length_size: int) -> Reader:
        return Reader(self.take(self.number(length_size)))

    def hex(self, size: int) -> str:
        return self.take(size).hex()

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def more(self) -> bool:
        return self.at < len(self.data)

    def each(self, read: Callable[[Reader], Any]) -> list[Any]:
        """One after the other to the end."""
        found = []
        while self.more():
            found.append(read(self))
        return found

    def end(self) -> None:
        if self.more():
            raise Malformed(f"{len(self.data) - self.at} bytes are left over")


def whole(data: bytes, read: Callable[[Reader], Any]) -> Any:
    """Nothing may be left over."""
    reader = Reader(data)
    found = read(reader)
    reader.end()
    return found


def node(r: Reader) -> str:
    return r.hex(16)


def nodes(r: Reader) -> list[str]:
    return r.opaque(2).each(node)


def resource(r: Reader) -> str:
    inner = r.opaque(1)
    found = inner.hex(16)
    inner.end()
    return found


def destination(r: Reader) -> Fields:
    kind, content = r.number(1), r.opaque(1)
    if kind == 1:
        found = {"type": "node", "id": content.hex(16)}
    elif kind == 2:
        found = {"type": "resource", "id": resource(content)}
    else:
        raise Malformed(f"a destination of type {kind}")
    content.end()
    return found


def address_port(r: Reader) -> Fields:
    kind, content = r.number(1), r.opaque(1)
    if kind not in (1, 2):
        raise Malformed(f"an address of type {kind}")
    address = ipaddress.ip_address(content.take(4 if kind == 1 else 16))
    found = {"address": str(address), "port": content.number(2)}
    content.end()
    return found


# --- the forwarding header, MessageContents, SecurityBlock (RFC 6940 s.6.3)


def option(r: Reader) -> Fields:
    return {"type": r.number(1), "flags": r.number(1), "content": r.opaque(2).rest().hex()}


def header(r: Reader) -> Fields:
    if r.number(4) != RELO_TOKEN:
        raise Malformed("no RELOAD message")
    found: Fields = {"overlay": r.number(4), "configuration_sequence": r.number(2)}
    if r.number(1) != 0x0A:
        raise Malformed("of another version")
    found |= {"ttl": r.number(1), "fragment": r.number(4)}
    if r.number(4) != len(r.data):
        raise Malformed("of another length")
    found |= {"transaction_id": r.hex(8), "max_response_length": r.number(4)}
    sizes = [r.number(2) for _ in range(3)]
    readers: list[tuple[str, Callable[[Reader], Fields]]] = [("via", destination), ("destinations", destination), ("options", option)]
    for size, (name, read) in zip(sizes, readers):
        found[name] = Reader(r.take(size)).each(read)
    return found


def signature(r: Reader) -> Fields:
    found: Fields = {"hash": r.number(1), "algorithm": r.number(1), "identity_type": r.number(1)}
    return found | {"identity_value": r.opaque(2).rest().hex(), "value": r.opaque(2).rest().hex()}


def signer_identity(s: Fields) -> bytes:
    value = bytes.fromhex(s["identity_value"])
    return bytes([s["identity_type"]]) + struct.pack("!H", len(value)) + value


def signer_of(s: Fields) -> str:
    """SHA-256 of the signer's certificate; of nobody, empty."""
    value = bytes.fromhex(s["identity_value"])
    return value[2:].hex() if s["identity_type"] == 1 and value[:2] == b"\x04\x20" else ""


def certificate(r: Reader) -> bytes:
    if r.number(1) != 0:
        raise Malformed("no X.509")
    return r.opaque(2).rest()


def message(data: bytes) -> Fields:
    """A whole message in one fragment; `signed` is what its signature is over, but for SignerIdentity."""
    r = Reader(data)
    found: Fields = {"header": header(r)}
    contents = r.at
    found["code"] = r.number(2)
    body = r.opaque(4).rest()
    found["body"] = whole(body, lambda b: read_body(found["code"], b))
    found["extensions"] = r.opaque(4).each(extension)
    prefix = struct.pack("!I", found["header"]["overlay"]) + bytes.fromhex(found["header"]["transaction_id"])
    found["signed"] = prefix + data[contents : r.at]
    found["certificates"] = r.opaque(2).each(certificate)
    found["signature"] = signature(r)
    r.end()
    return found


# --- Pastry (pastry.md s.2)


def place(r: Reader) -> Fields:
    return {"overlay_link": r.number(1)} | address_port(r)


def places(r: Reader) -> list[Fields]:
    return r.opaque(1).each(place)


def named(r: Reader, count: int) -> list[list[Fields]]:
    found = r.opaque(2).each(places)
    if len(found) not in (0, count):
        raise Malformed("places of some only")
    return found


def grant(r: Reader) -> Fields:
    return {"granter": node(r), "signature": signature(r)}


def grant_text(overlay: int, joiner: str, incarnation: int, granter: str) -> bytes:
    return b"phyllo grant" + struct.pack("!I", overlay) + bytes.fromhex(joiner) + struct.pack("!I", incarnation) + bytes.fromhex(granter)


def leaf_set_state(r: Reader) -> Fields:
    found: Fields = {"version": r.number(1), "incarnation": r.number(4), "clock": r.number(8), "flags": r.number(1)}
    if found["version"] != 1:
        raise Malformed("a LeafSetState of another version")
    found |= {"own": places(r), "left": nodes(r), "right": nodes(r), "failed": nodes(r)}
    found["named"] = named(r, len(found["left"]) + len(found["right"]))
    return found | {"grants": r.opaque(2).each(grant)}


def row(r: Reader) -> Fields:
    found: Fields = {"row": r.number(1), "entries": nodes(r), "rtts": r.opaque(2).each(lambda one: one.number(4))}
    return found | {"named": named(r, len(found["entries"]))}


def rows(r: Reader) -> list[Fields]:
    return r.opaque(2).each(row)


def update(r: Reader) -> Fields:
    found: Fields = {"type": r.number(1)}
    if r.number(4) != 0:
        raise Malformed("an Update whose reserved octets are not 0")
    match found["type"]:
        case 1:
            found["state"] = leaf_set_state(r)
        case 2:
            found["rows"] = rows(r)
        case 3:
            found["supernodes"] = nodes(r)
        case 4:
            found |= {"arc": {"first": resource(r), "last": resource(r)}, "view": r.hex(8)}
        case 5:
            found |= {"head": r.opaque(2).rest().hex(), "share": r.number(1), "delta": r.opaque(2).rest().hex()}
        case kind:
            raise Malformed(f"an Update of type {kind}")
    return found


def route_query(r: Reader) -> Fields:
    found: Fields = {"send_update": r.flag(), "destination": destination(r)}
    data = r.opaque(2)
    found["type"] = data.number(1) if data.more() else 0
    match found["type"]:
        case 0:
            pass
        case 1:
            found["state"] = leaf_set_state(data)
        case 2:
            found |= {"first": data.number(1), "last": data.number(1)}
        case 3:
            found["sync"] = sync(data)
        case 4:
            found |= {"number": data.number(8), "sought": data.number(8), "share": data.number(1), "want": data.number(1)}
            found["leaves"] = data.opaque(2).each(lambda one: one.number(2))
        case 5:
            found["offset"] = data.number(4)
        case kind:
            raise Malformed(f"a RouteQuery of type {kind}")
    data.end()
    return found


def revocation_answer(r: Reader) -> Fields:
    found: Fields = {"number": r.number(8), "head": r.opaque(2).rest().hex(), "share": r.number(1), "gift": r.number(1)}
    if found["gift"] == 3:
        found["leaves"] = r.each(lambda one: {"index": one.number(2), "entries": one.opaque(2).rest().hex()})
    else:
        found["content"] = r.rest().hex()
    return found


def route_query_answer(r: Reader) -> Fields:
    found: Fields = {"next_peer": node(r), "type": r.number(1)}
    match found["type"]:
        case 0:
            pass
        case 1:
            found |= {"state": leaf_set_state(r), "granted": r.opaque(2).each(grant)}
        case 2:
            found |= {"rows": rows(r), "state": leaf_set_state(r)}
        case 3:
            found["sync"] = sync_answer(r)
        case 4:
            found |= revocation_answer(r)
        case 5:
            found |= {"sequence": r.number(2), "size": r.number(4), "piece": r.rest().hex()}
        case kind:
            raise Malformed(f"an answer to a RouteQuery of type {kind}")
    return found


# --- storage (RFC 6940 s.7, storage.md)


def stored_value(r: Reader, model: str) -> Fields:
    found: Fields = {}
    if model == ARRAY:
        found["index"] = r.number(4)
    if model == DICTIONARY:
        found["key"] = r.opaque(2).rest().hex()
    return found | {"exists": r.flag(), "value": r.opaque(4).rest().hex()}


def value_bytes(d: Fields, index: int | None = None) -> bytes:
    """StoredDataValue, as it is signed and hashed."""
    head = b""
    if "index" in d:
        head = struct.pack("!I", d["index"] if index is None else index)
    if "key" in d:
        key = bytes.fromhex(d["key"])
        head = struct.pack("!H", len(key)) + key
    value = bytes.fromhex(d["value"])
    return head + bytes([d["exists"]]) + struct.pack("!I", len(value)) + value


def stored_data(r: Reader, model: str) -> Fields:
    inner = r.opaque(4)
    found: Fields = {"storage_time": inner.number(8), "lifetime": inner.number(4)} | stored_value(inner, model)
    found["signature"] = signature(inner)
    inner.end()
    return found


def value_signed(at: str, kind: int, d: Fields) -> bytes:
    """What the signature of a value is over, but for SignerIdentity; the index of an array counts as zero."""
    return b"\x10" + bytes.fromhex(at) + struct.pack("!IQ", kind, d["storage_time"]) + value_bytes(d, index=0)


def entry_of(d: Fields) -> bytes:
    if "index" in d:
        return struct.pack("!I", d["index"])
    return bytes.fromhex(d.get("key", ""))


def version_hash(d: Fields) -> bytes:
    return hashlib.sha256(value_bytes(d)).digest()


def item_digest(at: str, kind: int, d: Fields) -> bytes:
    entry = entry_of(d)
    text = bytes.fromhex(at) + struct.pack("!IH", kind, len(entry)) + entry + struct.pack("!Q", d["storage_time"]) + version_hash(d)
    return hashlib.sha256(text).digest()[:16]


def kind_values(r: Reader) -> Fields:
    kind, generation = r.number(4), r.number(8)
    values = r.opaque(4).each(lambda one: stored_data(one, MODELS[kind]))
    return {"kind": kind, "generation": generation, "values": values}


def store(r: Reader) -> Fields:
    return {"resource": resource(r), "replica_number": r.number(1), "kinds": r.opaque(4).each(kind_values)}


def store_answer(r: Reader) -> Fields:
    return {"kinds": r.opaque(2).each(lambda one: {"kind": one.number(4), "generation": one.number(8), "replicas": nodes(one)})}


def specifier(r: Reader) -> Fields:
    found: Fields = {"kind": r.number(4), "generation": r.number(8)}
    rest = r.opaque(2)
    if MODELS[found["kind"]] == ARRAY:
        found["ranges"] = rest.opaque(2).each(lambda one: [one.number(4), one.number(4)])
    if MODELS[found["kind"]] == DICTIONARY:
        found["keys"] = rest.opaque(2).each(lambda one: one.opaque(2).rest().hex())
    rest.end()
    return found


def fetch(r: Reader) -> Fields:
    return {"resource": resource(r), "specifiers": r.opaque(2).each(specifier)}


def fetch_answer(r: Reader) -> Fields:
    return {"kinds": r.opaque(4).each(kind_values)}


def metadata(r: Reader, model: str) -> Fields:
    inner = r.opaque(4)
    found: Fields = {"storage_time": inner.number(8), "lifetime": inner.number(4)}
    if model == ARRAY:
        found["index"] = inner.number(4)
    if model == DICTIONARY:
        found["key"] = inner.opaque(2).rest().hex()
    found |= {"exists": inner.flag(), "value_length": inner.number(4), "hash_algorithm": inner.number(1), "hash": inner.opaque(1).rest().hex()}
    inner.end()
    return found


def stat_kind(r: Reader) -> Fields:
    kind, generation = r.number(4), r.number(8)
    return {"kind": kind, "generation": generation, "values": r.opaque(4).each(lambda one: metadata(one, MODELS[kind]))}


def item_key(r: Reader) -> Fields:
    return {"resource": resource(r), "kind": r.number(4), "entry": r.opaque(2).rest().hex()}


def item(r: Reader) -> Fields:
    return {"key": item_key(r), "storage_time": r.number(8), "hash": r.hex(32)}


def sync_value(r: Reader) -> Fields:
    found: Fields = {"resource": resource(r), "kind": r.number(4), "generation": r.number(8)}
    return found | {"data": stored_data(r, MODELS[found["kind"]])}


def sync_values(r: Reader) -> Fields:
    certificates = r.opaque(3).each(lambda one: one.opaque(2).rest().hex())
    return {"certificates": certificates, "values": r.each(sync_value)}


def sync(r: Reader) -> Fields:
    found: Fields = {"arc": {"first": resource(r), "last": resource(r)}, "view": r.hex(8), "ask": r.number(1)}
    content = r.opaque(3)
    match found["ask"]:
        case 1:
            found["digest"] = content.hex(16)
        case 2:
            found["keys"] = content.each(item_key)
        case 3:
            found |= sync_values(content)
        case ask:
            raise Malformed(f"a Sync that asks {ask}")
    content.end()
    return found


def sync_answer(r: Reader) -> Fields:
    found: Fields = {"view": r.hex(8), "kind": r.number(1)}
    content = r.opaque(3)
    if found["kind"] == 1:
        found["digests"] = content.each(lambda one: one.hex(16))
    if found["kind"] == 2:
        found["items"] = content.each(item)
    if found["kind"] == 4:
        found |= sync_values(content)
    content.end()
    return found


# --- the other methods


def candidate(r: Reader) -> Fields:
    found = address_port(r)
    found |= {"overlay_link": r.number(1), "foundation": r.opaque(1).rest().decode(), "priority": r.number(4), "type": r.number(1)}
    if found["type"] != 1:
        found["related"] = address_port(r)
    r.opaque(2)  # extensions
    return found


def candidates(r: Reader) -> list[Fields]:
    return r.opaque(2).each(candidate)


def text(r: Reader) -> str:
    return r.opaque(1).rest().decode()


def attach(r: Reader) -> Fields:
    return {"ufrag": text(r), "password": text(r), "role": text(r), "candidates": candidates(r), "send_update": r.flag()}


def app_attach(r: Reader) -> Fields:
    found: Fields = {"ufrag": text(r), "password": text(r), "application": r.number(2)}
    return found | {"role": text(r), "candidates": candidates(r)}


def config_update(r: Reader) -> Fields:
    kind, rest = r.number(1), r.opaque(4)
    if kind == 1:
        found = {"type": kind, "document": rest.opaque(3).rest().decode()}
    else:
        found = {"type": kind, "kinds": rest.opaque(3).each(lambda one: one.opaque(2).rest().decode())}
    rest.end()
    return found


def diagnostics(r: Reader, length_size: int) -> list[Fields]:
    """A list that says its length twice (RFC 7851 s.5)."""
    size, content = r.number(4), r.opaque(4)
    if size != len(content.data):
        raise Malformed("two lengths that differ")
    return content.each(lambda one: {"kind": one.number(2), "content": one.opaque(length_size).rest().hex()})


def diagnostics_request(r: Reader) -> Fields:
    found: Fields = {"expiration": r.number(8), "timestamp_initiated": r.number(8), "dMFlags": r.hex(8)}
    return found | {"extensions": diagnostics(r, 4)}


def diagnostics_response(r: Reader) -> Fields:
    found: Fields = {"expiration": r.number(8), "timestamp_initiated": r.number(8), "timestamp_received": r.number(8), "hop_counter": r.number(1)}
    return found | {"infos": diagnostics(r, 2)}


def probe_value(r: Reader) -> Fields:
    kind, content = r.number(1), r.opaque(1)
    found = {"type": kind, "value": content.number(4)}
    content.end()
    return found


BODIES: dict[int, Callable[[Reader], Fields]] = {
    0x01: lambda r: {"requested": list(r.opaque(1).rest())},
    0x02: lambda r: {"values": r.opaque(2).each(probe_value)},
    0x03: attach,
    0x04: attach,
    0x07: store,
    0x08: store_answer,
    0x09: fetch,
    0x0A: fetch_answer,
    0x0D: lambda r: {"resource": resource(r), "kinds": r.opaque(1).each(lambda one: one.number(4))},
    0x0E: lambda r: {"results": r.opaque(2).each(lambda one: {"kind": one.number(4), "closest": resource(one)})},
    0x0F: lambda r: {"joining_peer_id": node(r), "state": whole(r.opaque(2).rest(), leaf_set_state)},
    0x10: lambda r: {"state": whole(r.opaque(2).rest(), leaf_set_state)},
    0x11: lambda r: {"leaving_peer_id": node(r)} | ({} if r.number(2) == 0 else {"left over": True}),
    0x13: update,
    0x15: route_query,
    0x16: route_query_answer,
    0x17: lambda r: {"padding": len(r.opaque(2).rest())},
    0x18: lambda r: {"response_id": r.hex(8), "time": r.number(8)},
    0x19: fetch,
    0x1A: lambda r: {"kinds": r.opaque(4).each(stat_kind)},
    0x1D: app_attach,
    0x1E: app_attach,
    0x21: config_update,
    0x27: lambda r: {"destination": destination(r), "request": diagnostics_request(r)},
    0x28: lambda r: {"next_hop": destination(r), "response": diagnostics_response(r)},
    0xFFFF: lambda r: {"error_code": r.number(2), "error_info": r.opaque(2).rest().hex()},
}


def read_body(code: int, r: Reader) -> Fields:
    """Of a message of this code; answers to Leave, Update and ConfigUpdate are empty."""
    return BODIES[code](r) if code in BODIES else {}


def extension(r: Reader) -> Fields:
    kind, critical, content = r.number(2), r.flag(), r.opaque(4)
    found: Fields = {"type": kind, "critical": critical, "content": content.data.hex()}
    match kind:
        case 0xF001:
            found["view"] = content.hex(8)
        case 0xF003:
            found["condition"] = content.number(1)
        case 0xF004:
            found |= {"view": content.hex(8), "holders": content.number(1), "members": nodes(content), "unsynced": nodes(content)}
        case 0xF005 if content.more():
            found |= {"hold_ms": content.number(4), "seen": content.hex(16)}
        case 0xF006:
            found |= {"unix_ms": content.number(8), "target": destination(content)}
        case 0xF007:
            found["state"] = leaf_set_state(content)
        case _:
            content.rest()
    content.end()
    return found


# --- the ring (storage.md s.1)


def number(identifier: str) -> int:
    return int(identifier, 16)


def distance(a: int, b: int) -> int:
    return min((a - b) % RING, (b - a) % RING)


def nearest(key: str, members: list[str], count: int) -> list[str]:
    """By distance, ties to the smaller Node-ID."""
    return sorted(members, key=lambda m: (distance(number(m), number(key)), number(m)))[:count]


def view(members: dict[str, int]) -> str:
    """Of a replica set: Node-IDs and their incarnations."""
    data = b"".join(bytes.fromhex(m) + struct.pack("!I", members[m]) for m in sorted(members))
    return hashlib.sha256(data).digest()[:8].hex()


def arcs(members: list[str], k: int) -> list[tuple[int, int]]:
    """Where the replica set is one and the same: between the middles of each node and the k-th after it."""
    ring = sorted(number(m) for m in members)
    starts = {0}
    if len(ring) > k:
        for i, p in enumerate(ring):
            q = ring[(i + k) % len(ring)]
            span = (q - p) % RING
            # At the middle both are as near: it is the smaller's.
            to_q = span % 2 == 0 and q < p
            starts.add((p + span // 2 + (0 if to_q else 1)) % RING)
    ordered = sorted(starts)
    return list(zip(ordered, [start - 1 for start in ordered[1:]] + [RING - 1]))


def parts(first: int, last: int) -> list[tuple[int, int]]:
    """Sixteen of equal width, at least one point each, the last one to the end."""
    width = max(1, (last - first) // 16)
    found = []
    at = first
    while len(found) < 15 and last - at >= width:
        found.append((at, at + width - 1))
        at += width
    return [*found, (at, last)]


def dictionary_key(data: bytes) -> Fields:
    """Of a RESOURCE (record.md)."""
    r = Reader(data)
    found: Fields = {"form": r.number(1), "binding": r.hex(16), "type": r.opaque(1).rest().decode(), "subject": r.opaque(2).rest().decode()}
    r.end()
    return found


def resource_id(name: str) -> str:
    return hashlib.sha256(name.encode()).digest()[:16].hex()
