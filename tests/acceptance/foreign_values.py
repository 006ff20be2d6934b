"""What a foreign node stores: values with their signers' certificates, their digests and their encoding (storage.md, S)."""

from __future__ import annotations

import hashlib
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

import reload_wire as wire
from reload_wire import Fields

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attacks"))

from cryptography import x509  # noqa: E402
from reload_node import opaque  # noqa: E402
from signing_keys import verified  # noqa: E402

Place = tuple[str, int, bytes]  # resource, kind, entry


def extension(kind: int, content: bytes, critical: bool = False) -> bytes:
    return struct.pack("!HB", kind, critical) + opaque(4, content)


def error_body(code: int, info: str = "") -> bytes:
    return struct.pack("!H", code) + opaque(2, info.encode())


def signature_bytes(s: Fields) -> bytes:
    return bytes([s["hash"], s["algorithm"]]) + wire.signer_identity(s) + opaque(2, bytes.fromhex(s["value"]))


def stored_bytes(d: Fields) -> bytes:
    return opaque(4, struct.pack("!QI", d["storage_time"], d["lifetime"]) + wire.value_bytes(d) + signature_bytes(d["signature"]))


def resource_bytes(key: str) -> bytes:
    return opaque(1, bytes.fromhex(key))


def node_bytes(nodes: list[str]) -> bytes:
    return opaque(2, b"".join(bytes.fromhex(n) for n in nodes))


@dataclass
class Held:
    generation: int
    data: Fields

    @property
    def version(self) -> tuple[int, bytes]:
        return self.data["storage_time"], wire.version_hash(self.data)


class Values:
    """What a node stores, and the certificates of those who signed it."""

    def __init__(self) -> None:
        self.held: dict[Place, Held] = {}
        self.certificates: dict[str, bytes] = {}

    def learn(self, certificates: list[bytes]) -> None:
        for der in certificates:
            self.certificates[hashlib.sha256(der).hexdigest()] = der

    def signed(self, resource: str, kind: int, d: Fields) -> bool:
        """By a certificate that is at hand; whose it is, is for the caller to ask."""
        der = self.certificates.get(wire.signer_of(d["signature"]))
        if der is None:
            return False
        signature = d["signature"]
        data = wire.value_signed(resource, kind, d) + wire.signer_identity(signature)
        return verified(x509.load_der_x509_certificate(der).public_key(), bytes.fromhex(signature["value"]), data)

    def put(self, resource: str, kind: int, generation: int, d: Fields) -> bool:
        """False: its signature does not hold, or a newer one is here."""
        at = (resource, kind, wire.entry_of(d))
        new = Held(generation, d)
        if not self.signed(resource, kind, d) or (at in self.held and self.held[at].version > new.version):
            return False
        self.held[at] = new
        return True

    def inside(self, first: int, last: int) -> list[Place]:
        return sorted(at for at in self.held if first <= wire.number(at[0]) <= last)

    def digest(self, first: int, last: int) -> bytes:
        text = b"".join(wire.item_digest(at[0], at[1], self.held[at].data) for at in self.inside(first, last))
        return hashlib.sha256(text).digest()[:16]

    def signers_of(self, places: list[Place]) -> list[bytes]:
        return [self.certificates[one] for one in sorted({wire.signer_of(self.held[at].data["signature"]) for at in places})]

    def encoded(self, places: list[Place]) -> bytes:
        """Values of a Sync."""
        certificates = opaque(3, b"".join(opaque(2, der) for der in self.signers_of(places)))
        values = [(at, self.held[at]) for at in places]
        return certificates + b"".join(resource_bytes(at[0]) + struct.pack("!IQ", at[1], h.generation) + stored_bytes(h.data) for at, h in values)

    def take(self, values: Fields) -> int:
        self.learn([bytes.fromhex(der) for der in values["certificates"]])
        return sum(self.put(v["resource"], v["kind"], v["generation"], v["data"]) for v in values["values"])
