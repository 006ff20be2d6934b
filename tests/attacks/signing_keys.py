"""The keys that certificates of the overlay may hold, and how each of them signs (RFC 6940 s.6.3.4)."""

from __future__ import annotations

from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SigningKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# Hash and signature algorithm.
ED25519, RSA_SHA256, ECDSA_SHA256 = b"\x08\x07", b"\x04\x01", b"\x04\x03"


def rsa_key(bits: int) -> SigningKey:
    return rsa.generate_private_key(65537, bits)


def p256_key() -> SigningKey:
    return ec.generate_private_key(ec.SECP256R1())


def p384_key() -> SigningKey:
    return ec.generate_private_key(ec.SECP384R1())


def request_hash(key: SigningKey) -> hashes.SHA256 | None:
    """What a certificate request by this key is signed with."""
    return None if isinstance(key, Ed25519PrivateKey) else hashes.SHA256()


def sign_with(key: SigningKey, data: bytes) -> tuple[bytes, bytes]:
    """The pair of algorithms, and the signature."""
    if isinstance(key, Ed25519PrivateKey):
        return ED25519, key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        return RSA_SHA256, key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return ECDSA_SHA256, key.sign(data, ec.ECDSA(hashes.SHA256()))


def verified(public: object, value: bytes, data: bytes) -> bool:
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(value, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(value, data, ec.ECDSA(hashes.SHA256()))
        else:
            public.verify(value, data)  # type: ignore[attr-defined]  # Ed25519
    except InvalidSignature:
        return False
    return True
