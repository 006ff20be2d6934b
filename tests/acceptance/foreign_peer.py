#!/usr/bin/env python3
"""A foreign implementation meets a ring: made from the documents, with no code of ours. It reads the test vectors; enrols, links by TLS, fetches, stores, watches and removes as a
client; then joins as a peer, answers its neighbours, compares its share with theirs until views and digests agree, serves what falls to it, and leaves in good order."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import socket
import ssl
import struct
import sys
import time
from typing import Any
from xml.sax.saxutils import escape

import foreign_vectors
import reload_wire as wire
from acceptance import Checks, Failure, Node, Ring, arguments, localnet, main_with, ring_of
from cryptography import x509
from foreign_node import ForeignPeer
from foreign_values import extension, stored_bytes
from foreign_vectors import block_of
from reload_node import ATTACH, ERROR, FETCH, FIND, PING, PROBE, STAT, STORE, UPDATE, Identity, Link, Message, Refused, enrol, opaque, to_node, to_resource
from reload_wire import RESOURCE, Fields
from signing_keys import SigningKey, p256_key, p384_key, rsa_key
from speakers import lax_tls

NODES = 5
CLIENT, PEER, PASSWORD = "stranger@example.com", "newcomer@example.com", "from elsewhere"
TOO_OLD = 0x09
# Every node's own probe of its health writes a record every 10 s, some of them where the foreign peer is root.
STAYS_SECONDS = 8


def said(m: Message) -> Fields:
    found: Fields = wire.whole(m.body, lambda r: wire.read_body(m.code, r))
    return found


class Document:
    """The configuration document, believed for its signature alone."""

    def __init__(self, node: Node) -> None:
        connection = http.client.HTTPSConnection(node.address, 443, context=lax_tls(), timeout=15)
        connection.request("GET", "/.well-known/reload-config")
        self.text = connection.getresponse().read().decode()
        signed = self.text[self.text.index("<configuration") : self.text.index("</configuration>") + len("</configuration>")]
        certificates, self.signature = block_of(self.text.rpartition("<signature>")[2].partition("</signature>")[0])
        self.root = x509.load_der_x509_certificate(block_in(signed, "root-cert"))
        signer = x509.load_der_x509_certificate(certificates[0])
        signer.verify_directly_issued_by(self.root)
        key: Any = signer.public_key()
        key.verify(bytes.fromhex(self.signature["value"]), signed.encode() + wire.signer_identity(self.signature))
        self.sequence = int(signed.partition('sequence="')[2].partition('"')[0])

    def issued(self, der: bytes) -> bool:
        try:
            x509.load_der_x509_certificate(der).verify_directly_issued_by(self.root)
        except Exception:  # whatever is wrong with it
            return False
        return True


def block_in(text: str, element: str) -> bytes:
    return base64.b64decode(text.partition(f"<{element}>")[2].partition(f"</{element}>")[0])


def record_value(me: Identity, name: str, text: str | None, now_ms: int, lifetime: int = 600) -> tuple[str, bytes]:
    """Resource-ID and StoredData of a record under form 1, the owner's; None removes it (record.md)."""
    kind, _, user = name.partition(":")
    resource = wire.resource_id(name)
    key = b"\x01" + me.node_id + opaque(1, kind.encode()) + opaque(2, user.encode())
    xml = "" if text is None else (
        f"<resource><version>1.0</version><type>{kind}</type><key>{resource}</key><lifetime>{lifetime}</lifetime>"
        f"<timestamp>{now_ms}</timestamp><user_uri>{user}</user_uri><value>{escape(text)}</value></resource>"
    )
    d: Fields = {"storage_time": now_ms, "lifetime": lifetime if text is not None else 86400, "key": key.hex(), "exists": text is not None, "value": xml.encode().hex()}
    signature = me.sign(wire.value_signed(resource, RESOURCE, d))
    d["signature"] = wire.whole(signature, wire.signature)
    return resource, stored_bytes(d)


class Client:
    """Uses the overlay by one link."""

    def __init__(self, me: Identity, address: str) -> None:
        self.me = me
        self.link = Link(me, address)

    def store(self, name: str, text: str | None, if_absent: bool = False) -> Message:
        resource, value = record_value(self.me, name, text, int(1000 * time.time()))
        body = opaque(1, bytes.fromhex(resource)) + b"\x00" + opaque(4, struct.pack("!IQ", RESOURCE, 0) + opaque(4, value))
        return self.asked(STORE, body, resource, extension(0xF003, b"\x01", critical=True) if if_absent else b"")

    def fetch(self, name: str, extensions: bytes = b"", code: int = FETCH, seconds: float = 8) -> Message:
        resource = wire.resource_id(name)
        body = opaque(1, bytes.fromhex(resource)) + opaque(2, struct.pack("!IQ", RESOURCE, 0) + opaque(2, opaque(2, b"")))
        return self.asked(code, body, resource, extensions, seconds)

    def asked(self, code: int, body: bytes, resource: str, extensions: bytes = b"", seconds: float = 8) -> Message:
        transaction = self.link.request(code, body, to_resource(bytes.fromhex(resource)), extensions=extensions)
        answer = self.link.answer_to(transaction, seconds)
        if answer is None:
            raise Failure(f"no answer to a request of code {code:#x}")
        return answer

    def texts(self, answer: Message) -> list[str]:
        values = [d for k in said(answer)["kinds"] for d in k["values"] if d["exists"]]
        return [bytes.fromhex(d["value"]).decode().partition("<value>")[2].partition("</value>")[0] for d in values]


def state_of(answer: Message) -> bytes:
    """What a watch goes on from (storage.md, N)."""
    digest = hashlib.sha256()
    for k in said(answer)["kinds"]:
        for d in sorted(k["values"], key=wire.entry_of):
            if d["exists"]:
                entry = wire.entry_of(d)
                digest.update(struct.pack("!IH", k["kind"], len(entry)) + entry + struct.pack("!Q", d["storage_time"]) + wire.version_hash(d))
    return digest.digest()[:16]


def check_vectors(checks: Checks) -> None:
    for what, found in foreign_vectors.findings().items():
        checks.check(f"test vectors, {what}: read as told", not found, found[0] if found else "")


def overlay(ring: Ring, node: Node, *words: str) -> Any:
    answer = ring.call(node, "overlay", *words, "--json")
    return json.loads(answer.out) if answer.exit_code == 0 and answer.out else {"failed": answer.error or answer.out}


def values_at(ring: Ring, node: Node, name: str) -> list[str]:
    return [one["value"] for one in overlay(ring, node, "get", name).get("values", [])]


def check_watch(checks: Checks, client: Client, ring: Ring, name: str) -> None:
    seen = state_of(client.fetch(name))
    began = time.monotonic()
    same = client.fetch(name, extension(0xF005, struct.pack("!I", 700) + seen))
    took = time.monotonic() - began
    checks.check("a watch is held while its state is the one seen", took > 0.6 and client.texts(same) == [], f"{took:.2f} s")
    began = time.monotonic()
    other = client.fetch(name, extension(0xF005, struct.pack("!I", 4000) + bytes(16)))
    took = time.monotonic() - began
    checks.check("and answered at once where it is another", took < 0.6 and client.texts(other) == ["changed"], f"{took:.2f} s")


def cipher_suites(checks: Checks, me: Identity, node: Node) -> None:
    """TLS 1.2 with a suite that the profile has, and with one of CBC, which it has not."""
    for suite, wanted in (("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-AES128-SHA", False)):
        context = lax_tls()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suite)
        context.set_alpn_protocols(["phyllo-reload"])
        context.load_cert_chain(me.pem)
        try:
            with socket.create_connection((node.address, 6084), 5) as plain, context.wrap_socket(plain, server_hostname=me.overlay):
                taken = True
        except ssl.SSLError:
            taken = False
        checks.check(f"{suite} is {'taken' if wanted else 'refused'} for links", taken == wanted)


def use_as_client(checks: Checks, ring: Ring, document: Document) -> None:
    me = enrol(CLIENT, PASSWORD, "d0", server=ring.nodes[0].address)
    checks.check("a certificate that the document's root has issued", document.issued(me.der))
    cipher_suites(checks, me, ring.nodes[1])
    client = Client(me, ring.nodes[1].address)
    peer = client.link.socket.getpeercert(True)
    checks.check("the other end of the link shows one, too, by TLS", document.issued(peer) and client.link.peer.hex() == ring.nodes[1].node_id)
    client.link.configuration_sequence = document.sequence
    ping = client.link.ask(PING, opaque(2, bytes(3)))
    checks.check("Ping is answered", ping is not None and abs(said(ping)["time"] / 1000 - time.time()) < 60)
    probe = client.link.ask(PROBE, opaque(1, b"\x01\x02\x03"))
    checks.check("Probe is answered", probe is not None and len(said(probe)["values"]) == 3)
    overlay(ring, ring.nodes[2], "add", f"note:{CLIENT}", "of another writer")
    check_records(checks, client, ring, f"data:{CLIENT}")
    client.link.close()


def shakes_hands(me: Identity, node: Node, version: ssl.TLSVersion) -> bool:
    context = lax_tls()
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["phyllo-reload"])
    context.load_cert_chain(me.pem)
    try:
        with socket.create_connection((node.address, 6084), 5) as plain, context.wrap_socket(plain, server_hostname=me.overlay) as link:
            link.settimeout(0.3)
            return link.recv(1) != b""
    except TimeoutError:
        return True  # a refusal would have come
    except OSError:
        return False


def check_keys(checks: Checks, ring: Ring) -> None:
    """Clients with the keys that RFC 6940 s.6.3.4 has beside ours enrol, link, sign; too weak or unknown ones do not."""
    for i, (name, key) in enumerate({"RSA-2048": rsa_key(2048), "RSA-4096": rsa_key(4096), "P-256": p256_key()}.items()):
        me = enrol(CLIENT, PASSWORD, f"k{i}", server=ring.nodes[0].address, key=key)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            checks.check(f"a client with {name} links by {version.name}", shakes_hands(me, ring.nodes[2], version))
        client = Client(me, ring.nodes[3].address)
        record = f"key{i}:{CLIENT}"
        stored = client.store(record, name)
        checks.check(f"and its record is stored, and read by others, who verify {name}", stored.code == STORE + 1 and values_at(ring, ring.nodes[1], record) == [name], str(said(stored))[:200])
        client.link.close()
    for name, key in {"RSA-1024": rsa_key(1024), "P-384": p384_key()}.items():
        checks.check(f"who has {name} is refused", why_not(ring, key) == "bad_CSR", why_not(ring, key))


def why_not(ring: Ring, key: SigningKey) -> str:
    try:
        enrol(CLIENT, PASSWORD, "weak", server=ring.nodes[0].address, key=key)
    except Refused as refused:
        return refused.text.strip()
    return "enrolled"


def check_records(checks: Checks, client: Client, ring: Ring, name: str) -> None:
    stored = client.store(name, "a < b", if_absent=True)
    checks.check("its record is stored, and a node reads it", stored.code == STORE + 1 and values_at(ring, ring.nodes[3], name) == ["a < b"], str(said(stored))[:200])
    again = client.store(name, "again", if_absent=True)
    checks.check("not a second time if absent", again.code == ERROR and again.error == TOO_OLD)
    changed = client.store(name, "changed")
    checks.check("it is changed, and fetched", changed.code == STORE + 1 and client.texts(client.fetch(name, extension(0xF002, b"", critical=True))) == ["changed"])
    check_watch(checks, client, ring, name)
    stat = said(client.fetch(name, code=STAT))
    checks.check("Stat tells of it", [v["exists"] for k in stat["kinds"] for v in k["values"]] == [True])
    find = said(client.asked(FIND, opaque(1, bytes.fromhex(wire.resource_id(name))) + opaque(1, struct.pack("!I", RESOURCE)), wire.resource_id(name)))
    checks.check("Find finds it", [one["closest"] for one in find["results"]] == [wire.resource_id(name)])
    removed = client.store(name, None)
    checks.check("it is removed, and gone", removed.code == STORE + 1 and values_at(ring, ring.nodes[4], name) == [])


def wait_for(seconds: float, good: Any) -> float | None:
    began = time.monotonic()
    while not good():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.1)
    return time.monotonic() - began


def leaf_sets(ring: Ring) -> list[set[str]]:
    return [set(s["leaf_set"]["left"]) | set(s["leaf_set"]["right"]) for s in ring.statuses().values() if s]


def join_as_peer(checks: Checks, ring: Ring, document: Document, names: list[str]) -> ForeignPeer:
    me = enrol(PEER, PASSWORD, "d0", server=ring.nodes[0].address, role="peer")
    peer = ForeignPeer(me)
    began = time.monotonic()
    peer.join(ring.nodes[2].address)
    checks.check("it joins as a peer, with two grants", len(peer.grants) == 2 and len(peer.members) == NODES + 1, f"{time.monotonic() - began:.1f} s")
    took = wait_for(5, lambda: all(peer.id in leaves for leaves in leaf_sets(ring)))
    checks.check("every node has it in its leaf set", took is not None)
    wrong = peer.storage.sync_all()
    checks.check("its arcs and views are its neighbours'", not wrong and len(peer.storage.share()) > 0, "; ".join(wrong[:2]) or f"{len(peer.storage.share())} arcs")
    held = {at[0] for at in peer.storage.values.held}
    expected = {wire.resource_id(name) for name in names if peer.id in peer.set_of(wire.resource_id(name))}
    checks.check("it has got what is stored in its share", expected <= held and bool(expected), f"{len(expected)} of {len(names)} records, {len(peer.storage.values.held)} values in all")
    disagreeing = peer.storage.disagreeing(15)
    checks.check("and its digests are theirs", not disagreeing, "; ".join(disagreeing[:2]))
    return peer


def meet_newcomer(checks: Checks, ring: Ring, peer: ForeignPeer) -> None:
    """A node that joins can not dial it, so it asks by Attach; and arcs are narrower then."""
    node = localnet.begin(ring)
    localnet.wait_ready(ring, node, 60)
    localnet.learn_ids(ring)
    took = wait_for(5, lambda: node.node_id in peer.members)
    told = peer.states.get(node.node_id, {"left": [], "right": []})
    checks.check("a node that joins beside it links to it, and names it", took is not None and peer.id in told["left"] + told["right"])
    checks.check("by Attach and Update", peer.asked.get(ATTACH, 0) > 0 and peer.asked.get(UPDATE, 0) > 0, str(peer.asked))
    wrong = peer.storage.sync_all()
    checks.check("arcs and views are all nodes' again", not wrong, "; ".join(wrong[:2]) or f"{len(peer.storage.share())} of {len(peer.members) + 1} arcs are its")
    me = enrol(CLIENT, PASSWORD, "d0", server=ring.nodes[0].address)
    link = Link(me, ring.nodes[0].address)
    ping = link.ask(PING, opaque(2, b""), to_node(peer.me.node_id))
    checks.check("a Ping that is routed to it is answered by the way it came", ping is not None and ping.code == PING + 1 and peer.asked.get(PING, 0) > 0)
    link.close()


def serve(checks: Checks, ring: Ring, peer: ForeignPeer) -> None:
    """As long as the nodes' probes of their health take to come to it, and a record of which it is root."""
    reminded = peer.reminders
    name = next(n for i in range(1000) if peer.set_of(wire.resource_id(n := f"data:own{i}@{ring.domain}"))[0] == peer.id)
    added = overlay(ring, ring.nodes[1], "add", name, "held abroad")
    checks.check("a record of which it is root is stored through it", added.get("root") == peer.id, str(added)[:200])
    checks.check("and read from there", values_at(ring, ring.nodes[3], name) == ["held abroad"])
    time.sleep(STAYS_SECONDS)
    asked = {code: count for code, count in sorted(peer.asked.items())}
    checks.check("it answers what its neighbours ask", not peer.unread and len(asked) >= 6, f"{asked} {peer.unread[:1]}")
    checks.check("nobody reminds it that it is behind", peer.reminders == reminded, f"{peer.reminders} reminders")
    checks.check("no link of it has ended", len([one for one in peer.links.values() if not one.dead]) == len(ring.nodes))
    checks.check("every node is well meanwhile", all(healthy(node) for node in ring.nodes))


def healthy(node: Node) -> bool:
    connection = http.client.HTTPConnection(node.admin.removeprefix("http://"), timeout=10)
    connection.request("GET", "/healthz")
    return connection.getresponse().status == 200


def leave(checks: Checks, ring: Ring, peer: ForeignPeer, names: list[str]) -> None:
    answers = peer.leave()
    checks.check("all of them answer its LeaveReq", len(answers) == len(ring.nodes) and all(a is not None and a.code != ERROR for a in answers.values()))
    took = wait_for(5, lambda: not any(peer.id in leaves for leaves in leaf_sets(ring)))
    checks.check("the ring is whole without it", took is not None and took < 3, f"{took or 5:.1f} s")
    wrong = [name for name in names if values_at(ring, ring.nodes[0], name) != ["something"]]
    checks.check("every record is read", not wrong, ", ".join(wrong[:3]))


def run(checks: Checks, binary: str | None) -> None:
    check_vectors(checks)
    users = [{"user": CLIENT, "password": PASSWORD}, {"user": PEER, "password": PASSWORD}]
    with ring_of("foreign-peer", NODES, binary, {"sip.enabled": False}, users=users) as (ring, _):
        document = Document(ring.nodes[0])
        use_as_client(checks, ring, document)
        check_keys(checks, ring)
        names = [f"data:name{i}@{ring.domain}" for i in range(12)]
        for i, name in enumerate(names):
            overlay(ring, ring.nodes[i % NODES], "add", name, "something")
        peer = join_as_peer(checks, ring, document, names)
        meet_newcomer(checks, ring, peer)
        serve(checks, ring, peer)
        leave(checks, ring, peer, names)
        dead = [node.name for node in ring.nodes if not node.runs()]
        checks.check("no node died by itself", not dead, ", ".join(dead))


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("foreign peer", given.results)
    return main_with(checks, lambda: run(checks, given.binary))


if __name__ == "__main__":
    sys.exit(main())
