"""A foreign RELOAD node (RFC 6940): enrols by HTTPS, links by TLS, and makes, signs and reads messages by hand, so that it can say anything.

Needs Debian's python3-cryptography (tools/setup test).

    mallory = enrol("mallory@example.com", "password", "a device", server="127.0.1.1")
    link = Link(mallory, "127.0.1.2")
    answer = link.ask(PING, bytes(2))
    assert answer and answer.code == PING + 1
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Failure  # noqa: E402
from secured import Secured  # noqa: E402
from signing_keys import SigningKey, request_hash, sign_with  # noqa: E402
from speakers import lax_tls  # noqa: E402

OVERLAY = "overlay.example.com"

# RFC 6940 s.14.8; an answer is its request's code plus one.
PROBE, ATTACH, STORE, FETCH, FIND = 0x01, 0x03, 0x07, 0x09, 0x0D
JOIN, LEAVE, UPDATE, ROUTE_QUERY, PING, STAT = 0x0F, 0x11, 0x13, 0x15, 0x17, 0x19
APP_ATTACH, CONFIG_UPDATE, PATH_TRACK = 0x1D, 0x21, 0x27
ERROR = 0xFFFF
FORBIDDEN, NOT_FOUND, TTL_EXCEEDED, IN_PROGRESS, INVALID_MESSAGE = 0x02, 0x03, 0x0A, 0x11, 0x14

# Flags of a LeafSetState (pastry.md s.2).
ACTIVE, LEAVING, BUSY, ASKS, USES = 0x01, 0x02, 0x04, 0x10, 0x20

HEADER = struct.Struct("!IIHBBIIQIHHH")
RELO_TOKEN = 0xD2454C4F
WHOLE = 0xC0000000
DATA, ACK = 0x80, 0x81


def opaque(length_bytes: int, content: bytes) -> bytes:
    """Its length, then the bytes."""
    return len(content).to_bytes(length_bytes, "big") + content


def to_node(node_id: bytes) -> bytes:
    return b"\x01\x10" + node_id


def to_resource(key: bytes) -> bytes:
    return b"\x02\x11" + opaque(1, key)


def key_of(name: str) -> bytes:
    """The Resource-ID of a record's name."""
    return hashlib.sha256(name.encode()).digest()[:16]


def place(ip: str, port: int, overlay_link: int = 4) -> bytes:
    """Where a node can be dialled over IPv4: 3 DTLS-UDP-SR-NO-ICE, 4 TLS-TCP-FH-NO-ICE."""
    return bytes([overlay_link, 1, 6]) + socket.inet_aton(ip) + struct.pack("!H", port)


def leaf_set_state(flags: int = 0, own: bytes = b"", left: Sequence[bytes] = (), right: Sequence[bytes] = (), failed: Sequence[bytes] = (), named: bytes = b"", incarnation: int | None = None, grants: bytes = b"") -> bytes:
    head = b"\x01" + struct.pack("!IQB", incarnation or int(time.time()), int(time.time() * 1000), flags) + opaque(1, own)
    return head + b"".join(opaque(2, b"".join(ids)) for ids in (left, right, failed)) + opaque(2, named) + opaque(2, grants)


def attach_body(candidates: Sequence[tuple[str, int, int]], role: bytes = b"passive") -> bytes:
    """AttachReqAns (RFC 6940 s.6.5.1) with host candidates: address, port and overlay link type."""
    listed = b""
    for number, (ip, port, overlay_link) in enumerate(candidates):
        at = b"\x01" + opaque(1, socket.inet_aton(ip) + struct.pack("!H", port))
        listed += at + bytes([overlay_link]) + opaque(1, str(number + 1).encode()) + struct.pack("!IB", 1 << 24, 1) + opaque(2, b"")
    return opaque(1, b"") + opaque(1, b"") + opaque(1, role) + opaque(2, listed) + b"\x00"


def attach_stamp(target: bytes, made: float | None = None) -> bytes:
    """The extension that says when an Attach was made, and for which destination (pastry.md s.8)."""
    made_ms = int(1000 * (time.time() if made is None else made))
    return struct.pack("!HB", 0xF006, 0) + opaque(4, struct.pack("!Q", made_ms) + target)


@dataclass
class LeafSets:
    """What a LeafSetState says of its teller."""

    incarnation: int
    flags: int
    left: list[bytes]
    right: list[bytes]

    @property
    def members(self) -> set[bytes]:
        return {*self.left, *self.right}

    @staticmethod
    def read(data: bytes) -> LeafSets:
        incarnation, _clock, flags = struct.unpack("!IQB", data[1:14])
        at = 15 + data[14]
        sides = []
        for _ in range(2):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            sides.append([data[i : i + 16] for i in range(at + 2, end, 16)])
            at = end
        return LeafSets(incarnation, flags, *sides)


def route_query_probe(target: bytes, state: bytes) -> bytes:
    return b"\x00" + to_node(target) + opaque(2, b"\x01" + state)


def update(kind: int, rest: bytes) -> bytes:
    return bytes([kind]) + bytes(4) + rest


def update_active(state: bytes) -> bytes:
    return update(1, state)


def update_synced(first: bytes, last: bytes, view: bytes) -> bytes:
    return update(4, first + last + view)


def join_body(joining: bytes, state: bytes) -> bytes:
    return joining + opaque(2, state)


@dataclass
class Identity:
    """A certificate of the overlay and its key."""

    key: SigningKey
    der: bytes
    node_id: bytes
    overlay: str
    # For TLS: key and certificate in PEM.
    pem: Path = field(init=False)

    def __post_init__(self) -> None:
        certificate = x509.load_der_x509_certificate(self.der)
        self.pem = Path(tempfile.mkdtemp(prefix="reload-node-")) / "credential.pem"
        secret = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with os.fdopen(os.open(self.pem, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(secret + certificate.public_bytes(serialization.Encoding.PEM))

    @property
    def overlay_hash(self) -> int:
        return int.from_bytes(hashlib.sha1(self.overlay.encode()).digest()[-4:], "big")

    @property
    def signer_identity(self) -> bytes:
        return b"\x01" + opaque(2, b"\x04" + opaque(1, hashlib.sha256(self.der).digest()))

    def sign(self, data: bytes) -> bytes:
        """A Signature (identity.md) over the data and the signer's identity."""
        algorithms, value = sign_with(self.key, data + self.signer_identity)
        return algorithms + self.signer_identity + opaque(2, value)

    def payload(self, code: int, body: bytes, transaction: int, extensions: bytes = b"", certificates: Sequence[bytes] = (), signature: bytes | None = None) -> bytes:
        """MessageContents and SecurityBlock; with a wrong signature, if one is given."""
        contents = struct.pack("!H", code) + opaque(4, body) + opaque(4, extensions)
        known = b"".join(b"\x00" + opaque(2, der) for der in (self.der, *certificates))
        good = self.sign(struct.pack("!IQ", self.overlay_hash, transaction) + contents)
        return contents + opaque(2, known) + (good if signature is None else good[:-64] + signature)


def node_id_of(der: bytes) -> bytes:
    """The Node-ID in a certificate's reload URI."""
    start = der.index(b"reload://0110") + len(b"reload://0110")
    return bytes.fromhex(der[start : start + 32].decode())


class Refused(Failure):
    """The login server's answer to an enrollment that it refused."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"enrollment refused: {status} {text.strip()}")
        self.status = status
        self.text = text


def request_certificate(fields: dict[str, str], server: str, port: int, source: str | None) -> tuple[int, bytes]:
    boundary = "b0undary"
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    connection = http.client.HTTPSConnection(server, port, context=lax_tls(), timeout=15, source_address=(source, 0) if source else None)
    connection.request("POST", "/.well-known/reload-enroll", f"{parts}--{boundary}--\r\n", {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def enrol(user: str, password: str, device: str, server: str = "127.0.1.1", port: int = 443, source: str | None = None, overlay: str = OVERLAY, key: SigningKey | None = None, **more: str) -> Identity:
    """A certificate from the login server; `more` are further fields of its form; the key is Ed25519 unless one is given. Refused: the server says why."""
    key = key or Ed25519PrivateKey.generate()
    names = x509.SubjectAlternativeName([x509.RFC822Name(user)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(names, critical=True).sign(key, request_hash(key))
    encoded = base64.b64encode(csr.public_bytes(serialization.Encoding.DER)).decode()
    status, body = request_certificate({"username": user, "password": password, "device": device, "csr": encoded, **more}, server, port, source)
    if status != 200:
        raise Refused(status, body.decode(errors="replace"))
    return Identity(key, body, node_id_of(body), overlay)


@dataclass
class Message:
    """A message that came by a link."""

    transaction: int
    code: int
    body: bytes
    via: bytes
    destinations: bytes
    arrived: float

    @property
    def error(self) -> int | None:
        """The error code of an error response."""
        return int.from_bytes(self.body[:2], "big") if self.code == ERROR else None

    @staticmethod
    def read(data: bytes) -> Message | None:
        if len(data) < HEADER.size:
            return None
        transaction, via, destinations, options = (HEADER.unpack(data[: HEADER.size])[i] for i in (7, 9, 10, 11))
        lists = data[HEADER.size :]
        payload = lists[via + destinations + options :]
        if len(payload) < 6:
            return None
        code, length = struct.unpack("!HI", payload[:6])
        return Message(transaction, code, payload[6 : 6 + length], lists[:via], lists[via : via + destinations], time.monotonic())


class Link:
    """A TLS link of the overlay to one node. A thread reads: it acknowledges frames and keeps messages."""

    def __init__(self, me: Identity, host: str, port: int = 6084, source: str | None = None) -> None:
        context = lax_tls()
        context.set_alpn_protocols(["phyllo-reload"])
        context.load_cert_chain(me.pem)
        plain = socket.create_connection((host, port), 5, (source, 0) if source else None)
        self.socket = Secured(plain, context, me.overlay)
        self.socket.settimeout(5)
        self.me = me
        self.peer = node_id_of(self.socket.getpeercert(True))
        self.configuration_sequence = 1
        self.messages: list[Message] = []
        self.dead = False
        self._sequence = 0
        self._sending = threading.Lock()
        self._arrived = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send_bytes(self, data: bytes) -> None:
        with self._sending:
            self.socket.sendall(data)

    def send_message(self, message: bytes) -> None:
        """One message, in one frame (RFC 6940 s.6.6.1)."""
        with self._sending:
            self.socket.sendall(bytes([DATA]) + struct.pack("!I", self._sequence) + opaque(3, message))
            self._sequence += 1

    def message(self, payload: bytes, transaction: int, destinations: bytes, via: bytes = b"", options: bytes = b"", fragment: int = WHOLE, ttl: int = 30) -> bytes:
        length = HEADER.size + len(via) + len(destinations) + len(options) + len(payload)
        header = HEADER.pack(RELO_TOKEN, self.me.overlay_hash, self.configuration_sequence, 0x0A, ttl, fragment, length, transaction, 0, len(via), len(destinations), len(options))
        return header + via + destinations + options + payload

    def request(self, code: int, body: bytes, destinations: bytes | None = None, via: bytes = b"", extensions: bytes = b"", certificates: Sequence[bytes] = (), signature: bytes | None = None, transaction: int | None = None) -> int:
        """Sends a request, to the peer unless other destinations are given; its transaction id."""
        transaction = transaction or random.getrandbits(64)
        payload = self.me.payload(code, body, transaction, extensions, certificates, signature)
        self.send_message(self.message(payload, transaction, to_node(self.peer) if destinations is None else destinations, via))
        return transaction

    def answer_to(self, transaction: int, seconds: float = 3) -> Message | None:
        def found() -> Message | None:
            return next((m for m in self.messages if m.transaction == transaction and (m.code == ERROR or m.code % 2 == 0)), None)

        with self._arrived:
            self._arrived.wait_for(lambda: found() is not None or self.dead, seconds)
            return found()

    def ask(self, code: int, body: bytes, destinations: bytes | None = None, seconds: float = 3, **more: bytes) -> Message | None:
        return self.answer_to(self.request(code, body, destinations, **more), seconds)  # type: ignore[arg-type]

    def leaf_sets(self, seconds: float = 3) -> LeafSets | None:
        """What the peer says of its leaf set, to one that says nothing of its own."""
        answer = self.ask(ROUTE_QUERY, route_query_probe(self.peer, leaf_set_state()), seconds=seconds)
        if answer is None or answer.code != ROUTE_QUERY + 1:
            return None
        # next_peer (16), type (1), then the state.
        return LeafSets.read(answer.body[17:])

    def close(self) -> None:
        self.dead = True
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._reader.join(5)  # else it might read from the next socket of that number
        self.socket.close()

    def _read(self) -> None:
        held = b""
        try:
            while data := self.socket.recv(65536):
                held = self._take_frames(held + data)
        except (OSError, ValueError):
            pass
        with self._arrived:
            self.dead = True
            self._arrived.notify_all()

    def _take_frames(self, data: bytes) -> bytes:
        """Takes whole frames from the front; what is left."""
        while data:
            if data[0] not in (DATA, ACK):
                raise ValueError("neither data nor ack")
            need = 9 if data[0] == ACK else 8 + int.from_bytes(data[5:8], "big")
            if len(data) < 8 or len(data) < need:
                break
            if data[0] == DATA:
                self.send_bytes(bytes([ACK]) + data[1:5] + bytes(4))
                self._keep(data[8:need])
            data = data[need:]
        return data

    def _keep(self, data: bytes) -> None:
        if (message := Message.read(data)) is not None:
            with self._arrived:
                self.messages.append(message)
                self._arrived.notify_all()
