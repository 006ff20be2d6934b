#!/usr/bin/env python3
"""TCP port 443 and UDP port 443 of one node serve everything at the same time: SIP over TLS and over secure WebSocket, overlay links, enrollment,
/healthz, STUN over UDP, TCP and TLS, with ALPN and without; and the same behind a load balancer that speaks the PROXY protocol.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import subprocess
import sys

from acceptance import Checks, Node, arguments, main_with, ring_of
from speakers import TIMEOUT, WebSocket, http, own_name, stream_phone, stun, tcp, tls, udp, websocket_phone

PORT = 443
BALANCER = "127.77.0.1"
# Object identifiers as DER has them.
ED25519 = bytes.fromhex("06032b6570")
P256 = bytes.fromhex("06082a8648ce3d030107")


def check_stun(checks: Checks, at: tuple[str, int]) -> None:
    with udp(at[0]) as s:
        s.bind(("127.0.0.1", 0))
        checks.check("STUN over UDP", (seen := stun(s, at)) == own_name(s), seen)
    with tcp(at) as s:
        checks.check("STUN over TCP", (seen := stun(s)) == own_name(s), seen)
    for alpn in (None, ["stun.turn"], ["stun.nat-discovery"]):
        with tls(at, alpn) as s:
            checks.check(f"STUN over TLS, ALPN {alpn[0] if alpn else 'none'}", (seen := stun(s)) == own_name(s), seen)
    client = shutil.which("turnutils_stunclient")
    ran = subprocess.run([client or "false", "-p", str(at[1]), at[0]], capture_output=True, text=True, timeout=30, check=False)
    checks.check("coturn's client is answered", "UDP reflexive addr" in ran.stdout + ran.stderr, (ran.stdout + ran.stderr).strip()[-120:] if client else "turnutils_stunclient is missing")


def check_sip(checks: Checks, at: tuple[str, int]) -> None:
    for alpn in (["sip/2"], None):
        with tls(at, alpn) as s:
            answer = stream_phone(s, "TLS").options()
            checks.check(f"SIP over TLS, ALPN {alpn[0] if alpn else 'none'}", answer == "SIP/2.0 200 OK", answer)
    for alpn in (["http/1.1"], None):
        with tls(at, alpn) as s:
            w = WebSocket(s, origin="https://phone.example.com")
            answer = websocket_phone(w, "WSS").register() if w.open else w.head
            checks.check(f"a phone registers over secure WebSocket, ALPN {alpn[0] if alpn else 'none'}", answer == "SIP/2.0 200 OK", answer)
    with tcp(at) as s:
        answer = websocket_phone(WebSocket(s), "WS").register()
        checks.check("and over plain WebSocket", answer == "SIP/2.0 200 OK", answer)
    with udp(at[0]) as s:
        phone = stream_phone(s, "UDP")
        phone.send = lambda text: s.sendto(text.encode(), at)
        checks.check("SIP over UDP", (answer := phone.options()) == "SIP/2.0 200 OK", answer)


def check_web(checks: Checks, at: tuple[str, int]) -> None:
    for alpn in (["http/1.1"], ["h2", "http/1.1"], None):
        with tls(at, alpn) as s:
            status, text = http(s, "GET", "/.well-known/reload-config")
            checks.check(f"the configuration document over HTTPS, ALPN {alpn[0] if alpn else 'none'}", status == 200 and "<overlay" in text, f"{status}, {len(text)} bytes")
    with tls(at) as s:
        status, _ = http(s, "POST", "/.well-known/reload-enroll", "username=nobody&password=wrong")
        checks.check("the enrollment server over HTTPS refuses a wrong password", status in (400, 401, 403), str(status))
    with tls(at) as s:
        status, text = http(s, "GET", "/healthz")
        checks.check("/healthz", status in (200, 503) and "state" in text, f"{status} {text.strip()[:100]}")


def check_identities(checks: Checks, at: tuple[str, int]) -> None:
    """F2 of the links specification: overlay ALPNs get the overlay's certificate, all others the web certificate."""
    with tls(at) as s:
        certificate = s.getpeercert(binary_form=True) or b""
        checks.check("without ALPN the certificate is the web's (P-256)", P256 in certificate and ED25519 not in certificate)
    try:
        with tls(at, ["phyllo-reload"]) as s:
            certificate = s.getpeercert(binary_form=True) or b""
            checks.check("ALPN phyllo-reload gets the overlay's certificate (Ed25519)", ED25519 in certificate and s.selected_alpn_protocol() == "phyllo-reload")
            s.recv(1)
        refused = "closed"
    except (ssl.SSLError, ConnectionError) as error:
        refused = str(error)
    checks.check("and is refused without one of its own", "certificate" in refused.lower(), refused)


def check_balancer(checks: Checks, at: tuple[str, int]) -> None:
    header = bytes.fromhex("0d0a0d0a000d0a515549540a2111000c") + socket.inet_aton("192.0.2.1") + socket.inet_aton(at[0]) + struct.pack("!HH", 4711, at[1])
    with tcp(at, BALANCER) as s:
        s.sendall(header)
        checks.check("behind a load balancer, STUN sees whom it speaks for", (seen := stun(s)) == "192.0.2.1:4711", seen)
    with tls(at, ["sip/2"], BALANCER, header) as s:
        answer = stream_phone(s, "TLS").options()
        checks.check("and SIP over TLS works through it", answer == "SIP/2.0 200 OK" , answer)
    with tcp(at, "127.77.1.1") as s:
        s.sendall(header)
        s.settimeout(TIMEOUT)
        try:
            seen = stun(s)
        except (OSError, IndexError):
            seen = ""
        checks.check("a stranger may not name another", seen != "192.0.2.1:4711", seen)


def at_of(node: Node) -> tuple[str, int]:
    return node.address, PORT


def run(checks: Checks, binary: str | None) -> None:
    settings = {"admin.public_health": True, "limits.proxies": [f"{BALANCER}/32"], "sip.websocket_origins": ["https://phone.example.com"]}
    users = [{"user": "alice@example.com", "password": "wonderland"}]
    with ring_of("one-port", 1, binary, settings, users) as (ring, _):
        at = at_of(ring.nodes[0])
        check_stun(checks, at)
        check_sip(checks, at)
        check_web(checks, at)
        check_identities(checks, at)
        check_balancer(checks, at)
        with tls(at) as s:
            w = WebSocket(s, origin="https://evil.example.net")
            checks.check("a page of another origin gets no WebSocket", not w.open and "403" in w.head.split("\r\n")[0], w.head.split("\r\n")[0])
        checks.check("the node still runs", ring.nodes[0].runs())


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("ports", given.results)
    return main_with(checks, lambda: run(checks, given.binary))


if __name__ == "__main__":
    sys.exit(main())
