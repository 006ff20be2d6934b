"""Talks to a login server by hand: forms, requests by certificate, and what it seals (enrollment.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Node, Ring  # noqa: E402
from reload_node import Identity, enrol  # noqa: E402
from speakers import lax_tls  # noqa: E402

__all__ = ["Answer", "Keys", "any_csr", "by_certificate", "domain_keys", "enrol", "log_in", "open_credential", "record_of"]

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    took: float


def post(server: str, path: str, fields: dict[str, str], source: str | None = None, seconds: float = 30) -> Answer:
    boundary = "b0undary"
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    began = time.monotonic()
    connection = http.client.HTTPSConnection(server, 443, context=lax_tls(), timeout=seconds, source_address=(source, 0) if source else None)
    try:
        connection.request("POST", path, f"{parts}--{boundary}--\r\n", {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        answer = connection.getresponse()
        body = answer.read()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body, time.monotonic() - began)
    finally:
        connection.close()


def csr_for(user: str, key: Ed25519PrivateKey) -> bytes:
    names = x509.SubjectAlternativeName([x509.RFC822Name(user)])
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(names, critical=True).sign(key, None)
    return request.public_bytes(serialization.Encoding.DER)


def any_csr(user: str) -> bytes:
    """For a key that nobody keeps."""
    return csr_for(user, Ed25519PrivateKey.generate())


def log_in(server: str, user: str, password: str, source: str | None = None, csr: bytes | None = None, device: str = "phone") -> Answer:
    encoded = base64.b64encode(csr or any_csr(user)).decode()
    return post(server, "/.well-known/reload-enroll", {"username": user, "password": password, "device": device, "csr": encoded}, source)


def by_certificate(me: Identity, server: str, path: str, payload: bytes, source: str | None = None) -> Answer:
    """A request that a certificate authorises (enrollment.md, "Requests by certificate")."""
    now, encoded = str(int(1000 * time.time())), base64.b64encode(payload).decode()
    signature = me.sign(f"{path}\n{me.overlay}\n{now}\n{encoded}\n".encode())
    fields = {"certificate": base64.b64encode(me.der).decode(), "time_ms": now, "payload": encoded, "signature": base64.b64encode(signature).decode()}
    return post(server, path, fields, source)


def extract(salt: bytes, key: bytes) -> bytes:
    return hmac.new(salt or bytes(32), key, hashlib.sha256).digest()


def expand(key: bytes, info: bytes, size: int) -> bytes:
    out, block, count = b"", b"", 1
    while len(out) < size:
        block = hmac.new(key, block + info + bytes([count]), hashlib.sha256).digest()
        out, count = out + block, count + 1
    return out[:size]


def open_sealed(private: bytes, info: bytes, sealed: bytes) -> bytes | None:
    """HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305."""
    enc, text = sealed[:32], sealed[32:]
    secret = X25519PrivateKey.from_private_bytes(private)
    kem = b"KEM" + (0x20).to_bytes(2, "big")
    suite = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (0x20, 1, 3))
    shared = secret.exchange(X25519PublicKey.from_public_bytes(enc))
    prk = extract(b"", b"HPKE-v1" + kem + b"eae_prk" + shared)
    context = enc + secret.public_key().public_bytes(*RAW)
    shared = expand(prk, (32).to_bytes(2, "big") + b"HPKE-v1" + kem + b"shared_secret" + context, 32)
    schedule = b"\0" + extract(b"", b"HPKE-v1" + suite + b"psk_id_hash") + extract(b"", b"HPKE-v1" + suite + b"info_hash" + info)
    key_prk = extract(shared, b"HPKE-v1" + suite + b"secret")
    key = expand(key_prk, (32).to_bytes(2, "big") + b"HPKE-v1" + suite + b"key" + schedule, 32)
    nonce = expand(key_prk, (12).to_bytes(2, "big") + b"HPKE-v1" + suite + b"base_nonce" + schedule, 12)
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, text, b"")
    except InvalidTag:
        return None


# Domain and generation, and the private key.
Keys = dict[tuple[str, int], bytes]


def domain_keys(user: str, password: str, server: str, me: Identity | None = None) -> Keys:
    """Every key that an account comes by: with its log-in, as once was, and by its certificate."""
    keys: Keys = {}
    secret = X25519PrivateKey.generate()
    public = secret.public_key().public_bytes(*RAW)
    private = secret.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    if me is None:
        me = enrol(user, password, "attack", server)
        key = Ed25519PrivateKey.generate()
        fields = {"username": user, "password": password, "device": "attack", "csr": base64.b64encode(csr_for(user, key)).decode(), "seal_key": base64.b64encode(public).decode()}
        sealed = post(server, "/.well-known/reload-enroll", fields).headers.get("phyllo-domain-key")
        opened = sealed and open_sealed(private, f"phyllo domain key:{me.node_id.hex()}".encode(), base64.b64decode(sealed))
        if opened:
            keys["*", 0] = opened[:32]
    answer = by_certificate(me, server, "/.well-known/phyllo-domain-keys", public)
    if answer.status == 200:
        for line in (open_sealed(private, f"phyllo domain keys:{me.node_id.hex()}".encode(), answer.body) or b"").decode().splitlines():
            domain, generation, key_hex, _ = line.split(" ")
            keys[domain, int(generation)] = bytes.fromhex(key_hex)
    return keys


def record_of(ring: Ring, node: Node, user: str) -> str:
    """The credential record of a user, as every node may read it; empty: none."""
    answer = ring.call(node, "overlay", "get", f"credential:{user}", "--json")
    found: list[dict[str, Any]] = [json.loads(line) for line in answer.out.splitlines()] if answer.exit_code == 0 else []
    values = [value["value"] for one in found for value in one.get("values", [])]
    return str(values[0]) if values else ""


def open_credential(keys: Keys, user: str, record: str) -> str | None:
    """The secret in a record, if any of these keys opens it."""
    sealed = base64.b64decode(record.rpartition(":")[2])
    for private in keys.values():
        plain = open_sealed(private, f"phyllo credential:{user}".encode(), sealed)
        if plain:
            return plain.decode()
    return None
