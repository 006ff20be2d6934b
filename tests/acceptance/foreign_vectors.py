#!/usr/bin/env python3
"""Reads tests/vectors with code that shares nothing with ours (reload_wire.py): every field told is the one read, every signature holds, and what is reckoned over a
ring comes out the same. Exit code 77 where there is no python3-cryptography, or no tshark to read the messages too (all else is checked first)."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
except ImportError:
    print("no python3-cryptography here: tools/setup test installs it")
    sys.exit(77)

import reload_wire as wire
from overlay_pcap import BAD, message_codes, tshark
from reload_wire import Fields, Reader

DRAFT = Path(__file__).resolve().parents[2] / "docs/draft-phyllo-p2psip-pastry.md"
VECTORS = Path(__file__).resolve().parents[1] / "vectors"
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
PEER = "2.25.4039175612053041324797558368087345811"
AUTHORITY = "2.25.164986153339372976589263473758649997841"
# What Wireshark 4.0 can not read (dissect.py says how): keys of a Fetch or Stat, a value that does not exist.
BEYOND_TSHARK = ("Fetch of a key, that watches (F005)", "Stat", "Fetch's answer: a value, and one that does not exist")

Findings = Iterator[str]


def load(name: str) -> Fields:
    found: Fields = json.loads((VECTORS / name).read_text())
    return found


class People:
    """The vectors' certificates by the SHA-256 of their DER, and by name."""

    def __init__(self) -> None:
        self.told = load("certificates.json")
        self.credentials: dict[str, Fields] = {one["name"]: one for one in self.told["credentials"]}
        self.keys: dict[str, Ed25519PublicKey] = {}
        for one in self.told["credentials"]:
            key = x509.load_der_x509_certificate(bytes.fromhex(one["certificate"])).public_key()
            assert isinstance(key, Ed25519PublicKey)
            self.keys[hashlib.sha256(bytes.fromhex(one["certificate"])).hexdigest()] = key

    def signed(self, s: Fields, data: bytes, by: str) -> bool:
        """Whether this is that one's signature over the data and the signer's identity."""
        signer = wire.signer_of(s)
        if signer not in self.keys or signer != self.credentials[by]["fingerprint"] or (s["hash"], s["algorithm"]) != (8, 7):
            return False
        try:
            self.keys[signer].verify(bytes.fromhex(s["value"]), data + wire.signer_identity(s))
        except InvalidSignature:
            return False
        return True


def same(what: str, read: Any, told: Any) -> Findings:
    if read != told:
        yield f"{what}: read {str(read)[:300]}, told {str(told)[:300]}"


def check_certificate(one: Fields, issuer: x509.Certificate, overlay: str) -> Findings:
    name = one["name"]
    certificate = x509.load_der_x509_certificate(bytes.fromhex(one["certificate"]))
    seed = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(one["seed"]))
    key = certificate.public_key()
    assert isinstance(key, Ed25519PublicKey)
    yield from same(f"{name}'s key", key.public_bytes(*RAW), seed.public_key().public_bytes(*RAW))
    certificate.verify_directly_issued_by(issuer)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    yield from same(f"{name}'s names are critical", names.critical, True)
    uri = f"reload://0110{one['node_id']}@{overlay}/"
    yield from same(f"{name}'s URI", names.value.get_values_for_type(x509.UniformResourceIdentifier), [uri])
    yield from same(f"{name}'s user", names.value.get_values_for_type(x509.RFC822Name), [one["user"]])
    yield from same(f"{name}'s start", int(certificate.not_valid_before_utc.timestamp()), one["not_before"])
    yield from same(f"{name}'s end", int(certificate.not_valid_after_utc.timestamp()), one["not_after"])
    policies: dict[str, list[Any]] = {}
    if one["peer"] or one["domains"]:
        found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
        policies = {p.policy_identifier.dotted_string: p.policy_qualifiers or [] for p in found.value}
    yield from same(f"{name}'s right to be a peer", PEER in policies, one["peer"])
    yield from same(f"{name}'s domains", policies.get(AUTHORITY, []), [f"sip:{domain}" for domain in one["domains"]])


def check_certificates(people: People) -> Findings:
    told = people.told
    yield from same("the overlay's hash", int.from_bytes(hashlib.sha1(told["overlay"].encode()).digest()[-4:]), told["overlay_hash"])
    issuer = x509.load_der_x509_certificate(bytes.fromhex(told["authority"]["certificate"]))
    issuer.verify_directly_issued_by(issuer)
    for one in told["credentials"]:
        yield from check_certificate(one, issuer, told["overlay"])


def block_of(encoded: str) -> tuple[list[bytes], Fields]:
    """A SecurityBlock in base64."""
    r = Reader(base64.b64decode(encoded))
    certificates, s = r.opaque(2).each(wire.certificate), wire.signature(r)
    r.end()
    return certificates, s


def check_document(people: People) -> Findings:
    told = load("configuration.json")
    text: str = told["text"]
    signed = text[text.index("<configuration") : text.index("</configuration>") + len("</configuration>")]
    certificates, s = block_of(re.findall(r"<signature>(.*?)</signature>", text)[-1])
    if not people.signed(s, signed.encode(), told["signer"]):
        yield "the document's signature does not hold"
    yield from same("the document brings its signer's certificate", hashlib.sha256(certificates[0]).hexdigest(), wire.signer_of(s))
    for kind, signature in re.findall(r"(<kind .*?</kind>)\s*<kind-signature>(.*?)</kind-signature>", signed, re.S):
        if not people.signed(block_of(signature)[1], kind.encode(), told["signer"]):
            yield f"a kind-signature does not hold: {kind[:60]}"
    fields = told["fields"]
    for name in ("topology-plugin", "initial-ttl", "max-message-size", "configuration-signer"):
        yield from same(name, re.findall(f"<{name}>(.*?)</{name}>", signed), [str(fields[name.replace("-", "_")])])
    yield from same("its head", f'instance-name="{fields["instance_name"]}" sequence="{fields["sequence"]}"' in signed, True)


def check_revocations(people: People) -> Findings:
    told = load("revocations.json")
    head = told["head"]
    r = Reader(bytes.fromhex(head["hex"]))
    yield from same("the head's version", r.number(1), 1)
    read = {"overlay": wire.text(r), "number": r.number(8), "entries": r.number(4), "bits": r.number(1), "root": r.hex(32)}
    yield from same("the head", read, {name: head[name] for name in read})
    signed = r.data[: r.at]
    if not people.signed(wire.signature(r), b"phyllo revocations" + signed, told["signer"]):
        yield "the head's signature does not hold"
    d = Reader(bytes.fromhex(told["delta"]["hex"]))
    read = {"from": d.number(8), "to": d.number(8), "put": d.opaque(4).each(lambda one: {"key": one.hex(16), "before": one.number(4)})}
    yield from same("the change", read, {name: told["delta"][name] for name in read})
    yield from same("and removes nothing", d.opaque(4).rest(), b"")
    user = hashlib.sha256(f"phyllo user:{told['user']}".encode()).digest()[:16].hex()
    yield from same("the user's key", user in [one["key"] for one in told["delta"]["put"]], True)
    leaf = b"".join(bytes.fromhex(one["key"]) + struct.pack("!I", one["before"]) for one in sorted(told["delta"]["put"], key=lambda one: one["key"]))
    yield from same("the only leaf", leaf.hex(), told["leaf"])
    yield from same("its digest", hashlib.sha256(leaf).digest()[:16].hex(), told["digests"])
    yield from same("the root", hashlib.sha256(bytes.fromhex(told["digests"])).hexdigest(), head["root"])


def arrived(highest: int, seen: bytes) -> list[int]:
    """Bit k of `seen`, lowest bit of the first octet first: highest - k has come."""
    return sorted(highest - k for k in range(8 * len(seen)) if seen[k // 8] >> k % 8 & 1)


def read_frame(r: Reader) -> Fields:
    kind = r.number(1)
    if kind == 128:
        return {"type": kind, "sequence": r.number(4), "message": r.opaque(3).rest().hex()}
    if kind == 129:
        return {"type": kind, "ack_sequence": r.number(4), "received": r.number(4)}
    found: Fields = {"type": kind} | ({"token": r.hex(16)} if kind == 130 else {"accepted": r.number(1)})
    found["highest"] = r.number(4)
    return found | {"arrived": arrived(found["highest"], r.take(128))}


def read_stun(r: Reader) -> Fields:
    found: Fields = {"method": r.number(2)}
    length, cookie = r.number(2), r.number(4)
    found["transaction"] = r.hex(12)
    if cookie != 0x2112A442 or length != len(r.data) - 20:
        raise wire.Malformed("no STUN message")
    while r.more():
        kind, content = r.number(2), r.opaque(2)
        if kind == 0xC0F1:
            found["reach"] = len(content.data)
        elif kind == 0x0020:
            content.take(2)
            found["port"] = content.number(2) ^ 0x2112
            found["address"] = str(ipaddress.ip_address(content.number(4) ^ 0x2112A442))
    return found


def check_frames(_: People) -> Findings:
    told = load("frames.json")
    for one in told["frames"] + told["moves"]:
        yield from same(one["what"], wire.whole(bytes.fromhex(one["hex"]), read_frame), {k: v for k, v in one.items() if k not in ("what", "hex")})
    for one in told["reach"]:
        yield from same(one["what"], wire.whole(bytes.fromhex(one["hex"]), read_stun), {k: v for k, v in one.items() if k not in ("what", "hex")})


def check_value(people: People, one: Fields) -> Findings:
    what, at, kind = one["what"], one["resource"], one["kind"]
    read = wire.whole(bytes.fromhex(one["hex"]), lambda r: wire.stored_data(r, wire.MODELS[kind]))
    yield from same(what, read, one["fields"])
    signed = wire.value_signed(at, kind, read)
    yield from same(f"{what}: what is signed", signed.hex(), one["signature_input"])
    if not people.signed(read["signature"], signed, one["signer"]):
        yield f"{what}: its signature does not hold"
    yield from same(f"{what}: the hash of its version", wire.version_hash(read).hex(), one["version_hash"])
    if "dictionary_key" in one:
        yield from same(f"{what}: its key", wire.dictionary_key(bytes.fromhex(read["key"])), one["dictionary_key"])
        yield from same(f"{what}: its Resource-ID", wire.resource_id(one["name"]), at)
    if "xml" in one:
        yield from same(f"{what}: its text", bytes.fromhex(read["value"]).decode(), one["xml"])


def check_binding(one: Fields) -> Findings:
    """Of a user location under form 2: of the phone's instance and reg-id (record.md)."""
    xml: str = one.get("xml", "")
    if one.get("dictionary_key", {}).get("form") == 2 and xml:
        instance, reg = re.findall("<instance>(.*?)</instance>", xml)[0], re.findall("<reg_id>(.*?)</reg_id>", xml)[0]
        expected = hashlib.sha256(f"{instance};reg-id={reg}".encode()).digest()[:16].hex()
        yield from same(f"{one['what']}: its binding", one["dictionary_key"]["binding"], expected)


def check_values(people: People) -> Findings:
    told = load("values.json")
    for one in told["names"]:
        yield from same(f"the Resource-ID of {one['text']}", wire.resource_id(f"{one['type']}:{one['subject']}"), one["resource_id"])
    for one in told["values"]:
        yield from check_value(people, one)
        yield from check_binding(one)


def check_watch(_: People) -> Findings:
    told = load("watch.json")
    state = hashlib.sha256()
    for one in told["values"]:
        d = wire.whole(bytes.fromhex(one), lambda r: wire.stored_data(r, wire.DICTIONARY))
        if d["exists"]:
            entry = wire.entry_of(d)
            state.update(struct.pack("!IH", told["kind"], len(entry)) + entry + struct.pack("!Q", d["storage_time"]) + wire.version_hash(d))
    yield from same("the state of a name", state.digest()[:16].hex(), told["state"])
    yield from same("the state of nothing", hashlib.sha256().digest()[:16].hex(), told["state_of_nothing"])


def check_digests(_: People) -> Findings:
    told = load("digests.json")
    values = {(v["resource"], v["kind"], wire.entry_of(v["fields"]).hex()): v["fields"] for v in load("values.json")["values"]}
    digests = {key: wire.item_digest(key[0], key[1], d) for key, d in values.items()}
    for one in told["items"]:
        key = (one["key"]["resource"], one["key"]["kind"], one["key"]["entry"])
        yield from same(f"the digest of {key}", digests[key].hex(), one["digest"])
    yield from same("items", len(told["items"]), len(values))
    ends = [(wire.number(c["arc"]["first"]), wire.number(c["arc"]["last"])) for c in told["children"]]
    yield from same("the ring's sixteen parts", ends, wire.parts(0, wire.RING - 1))
    for one in [told["whole"], *told["children"]]:
        first, last = one["arc"]["first"], one["arc"]["last"]
        inside = b"".join(digests[key] for key in sorted(digests) if first <= key[0] <= last)
        yield from same(f"the digest from {first}", hashlib.sha256(inside).digest()[:16].hex(), one["digest"])
    ends = [(wire.number(c["first"]), wire.number(c["last"])) for c in told["parts_of_5_to_40"]]
    yield from same("the parts of 36 points", ends, wire.parts(5, 40))


def check_rings(_: People) -> Findings:
    for ring in load("rings.json")["rings"]:
        members = {m["node"]: m["incarnation"] for m in ring["members"]}
        k = ring["k"]
        for one in ring["keys"]:
            near = wire.nearest(one["key"], list(members), k)
            yield from same(f"the set of {one['key']}", near, one["set"])
            yield from same(f"the root of {one['key']}", near[0], one["root"])
            yield from same(f"the view of {one['key']}", wire.view({m: members[m] for m in near}), one["view"])
        told = [(wire.number(a["first"]), wire.number(a["last"])) for a in ring["arcs"]]
        yield from same(f"arcs: {ring['what']}", wire.arcs(list(members), k), told)
        for a in ring["arcs"]:
            for end in ("first", "last"):
                near = wire.nearest(a[end], list(members), k)
                yield from same(f"the view at {a[end]}", wire.view({m: members[m] for m in near}), a["view"])


def check_grants(people: People, what: str, body: Fields) -> Findings:
    """Alice's, by bob, for the incarnation that she tells."""
    alice = people.credentials["alice"]["node_id"]
    granted = body.get("granted", []) + body.get("state", {}).get("grants", [])
    for one in granted:
        text = wire.grant_text(people.told["overlay_hash"], alice, 1767225600, one["granter"])
        if not people.signed(one["signature"], text, "bob"):
            yield f"{what}: the grant's signature does not hold"


def check_messages(people: People) -> Findings:
    for one in load("messages.json")["messages"]:
        what = one["what"]
        read = wire.message(bytes.fromhex(one["hex"]))
        for field in ("code", "header", "body", "extensions", "signature"):
            yield from same(f"{what}: {field}", read[field], one[field])
        yield from same(f"{what}: certificates", [hashlib.sha256(der).hexdigest() for der in read["certificates"]], one["certificates"])
        if not people.signed(read["signature"], read["signed"], one["signer"]):
            yield f"{what}: its signature does not hold"
        yield from check_grants(people, what, read["body"])


def capture(messages: list[Fields], directory: Path) -> Path:
    """The messages as data frames of a TCP connection on RELOAD's port, as text that text2pcap knows."""
    lines = []
    for sequence, one in enumerate(messages):
        message = bytes.fromhex(one["hex"])
        frame = b"\x80" + struct.pack("!I", sequence) + len(message).to_bytes(3, "big") + message
        lines += [f"{at:06x} " + frame[at : at + 16].hex(" ") for at in range(0, len(frame), 16)] + [f"{len(frame):06x}"]
    text = directory / "vectors.txt"
    text.write_text("\n".join(lines) + "\n")
    file = directory / "vectors.pcap"
    subprocess.run(["text2pcap", "-q", "-u", "6084,6084", str(text), str(file)], check=True, capture_output=True)
    return file


def check_by_tshark() -> Findings:
    messages = load("messages.json")["messages"]
    readable = [one for one in messages if one["what"] not in BEYOND_TSHARK]
    with tempfile.TemporaryDirectory() as directory:
        file = capture(readable, Path(directory))
        for line in tshark(file, "-Y", BAD):
            yield f"tshark: {line.strip()[:300]}"
        read = message_codes(file)
        yield from same("codes that tshark reads", sum(read.values()), len(readable))
    print(f"tshark reads {sum(read.values())} of {len(messages)} messages")


def rows_of_the_draft() -> dict[str, tuple[str, str]]:
    """The table of constants: value and scope by name."""
    found = {}
    for line in DRAFT.read_text().partition("# 8. Constants")[2].partition("\n# 9.")[0].splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3:
            found[cells[0]] = (cells[1], cells[2])
    return found


def check_constants(_: People) -> Findings:
    """The draft has each with the numbers that the code has, in this order."""
    rows = rows_of_the_draft()
    for one in load("constants.json")["constants"]:
        value, scope = rows.get(one["name"], ("", ""))
        yield from same(f"{one['name']}: who must agree", scope, one["scope"])
        told = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", value.replace("2^24 - 1", str(2**24 - 1)))]
        for number in one["values"]:
            if number not in told:
                yield f"{one['name']}: the code has {number}, the draft says {value or 'nothing'}"
            told = told[told.index(number) + 1 :] if number in told else told


CHECKS = {
    "constants": check_constants,
    "certificates": check_certificates,
    "the configuration document": check_document,
    "the revocation list": check_revocations,
    "frames": check_frames,
    "values": check_values,
    "a watch's state": check_watch,
    "digests": check_digests,
    "rings": check_rings,
    "messages": check_messages,
}


def findings_of(check: Any, people: People) -> list[str]:
    try:
        return list(check(people))
    except wire.Malformed as wrong:
        return [f"not read: {wrong}"]


def findings() -> dict[str, list[str]]:
    """What is wrong, by what was checked."""
    people = People()
    return {what: findings_of(check, people) for what, check in CHECKS.items()}


def main() -> int:
    wrong = 0
    for what, found in findings().items():
        print(f"{what}: {'as told' if not found else f'{len(found)} differences'}")
        for one in found[:10]:
            print(f"   {one}")
        wrong += len(found)
    if shutil.which("tshark") is None:
        print("no tshark here: tools/setup test installs it")
        return 1 if wrong else 77
    for one in check_by_tshark():
        print(f"   {one}")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
