"""Clients of a node's ports, written here by hand so that they are not our own code's: STUN, SIP, WebSocket, HTTP, over UDP, TCP and TLS."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass

COOKIE = 0x2112A442
TIMEOUT = 5.0


def udp(address: str) -> socket.socket:
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(TIMEOUT)
    return s


def tcp(at: tuple[str, int], source: str | None = None) -> socket.socket:
    s = socket.create_connection(at, TIMEOUT, (source, 0) if source else None)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def lax_tls() -> ssl.SSLContext:
    """Believes whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def tls(at: tuple[str, int], alpn: list[str] | None = None, source: str | None = None, before: bytes = b"") -> ssl.SSLSocket:
    """A TLS connection that checks no certificate; `before` goes ahead of it, in the clear."""
    context = lax_tls()
    if alpn:
        context.set_alpn_protocols(alpn)
    s = tcp(at, source)
    if before:
        s.sendall(before)
    return context.wrap_socket(s)


# --- STUN


def binding_request() -> bytes:
    return struct.pack("!HHI", 1, 0, COOKIE) + os.urandom(12)


def mapped_address(answer: bytes) -> str:
    """The XOR-MAPPED-ADDRESS of a Binding success response."""
    kind, length, cookie = struct.unpack("!HHI", answer[:8])
    if kind != 0x0101 or cookie != COOKIE:
        return ""
    rest = answer[20:20 + length]
    while len(rest) >= 4:
        attribute, size = struct.unpack("!HH", rest[:4])
        value = rest[4:4 + size]
        if attribute == 0x0020:
            port = struct.unpack("!H", value[2:4])[0] ^ (COOKIE >> 16)
            mask = struct.pack("!I", COOKIE) + answer[8:20]
            family = socket.AF_INET if value[1] == 1 else socket.AF_INET6
            octets = bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))
            return f"{socket.inet_ntop(family, octets)}:{port}"
        rest = rest[4 + (size + 3) // 4 * 4:]
    return ""


def stun(s: socket.socket, at: tuple[str, int] | None = None) -> str:
    """What the server sees of us, over a connected stream, or a datagram socket and `at`."""
    request = binding_request()
    if at:
        s.sendto(request, at)
        answer = s.recvfrom(2048)[0]
    else:
        s.sendall(request)
        answer = s.recv(2048)
    return mapped_address(answer) if answer[8:20] == request[8:] else ""


def own_name(s: socket.socket) -> str:
    host, port = s.getsockname()[:2]
    return f"{host}:{port}"


# --- WebSocket


class WebSocket:
    """The client's side of RFC 6455, as much as a SIP phone needs."""

    def __init__(self, s: socket.socket, origin: str | None = None, path: str = "/") -> None:
        self.socket = s
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", "Host: node", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: sip"]
        lines += [f"Origin: {origin}"] if origin else []
        s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.open = self.head.startswith("HTTP/1.1 101") and wanted in self.head

    def more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def send(self, text: str) -> None:
        data = text.encode()
        mask = os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + struct.pack("!H", len(data))
        self.socket.sendall(b"\x81" + size + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self) -> str:
        while True:
            if len(self.buffer) >= 4:
                size, header = self.buffer[1] & 0x7F, 2
                if size == 126:
                    size, header = struct.unpack("!H", self.buffer[2:4])[0], 4
                if len(self.buffer) >= header + size:
                    payload = self.buffer[header:header + size]
                    self.buffer = self.buffer[header + size:]
                    return payload.decode()
            self.buffer += self.more()


# --- SIP

# What phones say of themselves; a node answers strangers by the measure of what they send.
HABITS = (
    "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, MESSAGE, INFO, SUBSCRIBE, UPDATE, PRACK, PUBLISH\r\n"
    "Supported: replaces, outbound, path, timer, 100rel, gruu, norefersub, eventlist\r\n"
    "User-Agent: Telephone of the acceptance tests/1.0 (by hand; UDP, TCP, TLS, WebSocket; not our own code)\r\n"
)


@dataclass
class Phone:
    """A user agent that registers and asks for options, over whatever carries its messages."""

    user: str
    domain: str
    password: str
    transport: str
    send: Callable[[str], None]
    receive: Callable[[], str]
    lifetime: int = 120  # seconds of its registration

    def request(self, method: str, uri: str, cseq: int, call_id: str, more: str = "") -> str:
        branch = "z9hG4bK" + secrets.token_hex(8)
        address = f"sip:{self.user}@{self.domain}"
        self.send(
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{self.transport} client.invalid;branch={branch};rport\r\nMax-Forwards: 70\r\n"
            f"From: <{address}>;tag={call_id[:8]}\r\nTo: <{address}>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:{self.user}@client.invalid;transport={self.transport.lower()}>;expires={self.lifetime}\r\n{HABITS}{more}Content-Length: 0\r\n\r\n"
        )
        answer = self.receive()
        while answer.startswith("SIP/2.0 1"):
            answer = self.receive()
        return answer

    def options(self) -> str:
        return self.request("OPTIONS", f"sip:{self.domain}", 1, secrets.token_hex(8)).split("\r\n")[0]

    def register(self) -> str:
        call_id, uri = secrets.token_hex(8), f"sip:{self.domain}"
        challenge = self.request("REGISTER", uri, 1, call_id)
        found = re.search(r'^WWW-Authenticate: Digest (.*algorithm="?SHA-256"?.*)$', challenge, re.MULTILINE | re.IGNORECASE)
        if not found:
            return challenge.split("\r\n")[0]
        nonce, realm = (re.search(f'{name}="([^"]*)"', found[1])[1] for name in ("nonce", "realm"))

        def digest(text: str) -> str:
            return hashlib.sha256(text.encode()).hexdigest()

        secret = digest(f"{self.user}:{realm}:{self.password}")
        response = digest(f"{secret}:{nonce}:00000001:c0ffee:auth:{digest(f'REGISTER:{uri}')}")
        credentials = (
            f'Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", '
            f'algorithm=SHA-256, qop=auth, cnonce="c0ffee", nc=00000001\r\n'
        )
        return self.request("REGISTER", uri, 2, call_id, credentials).split("\r\n")[0]


def stream_phone(s: socket.socket, transport: str, user: str = "alice", domain: str = "example.com", password: str = "wonderland") -> Phone:
    return Phone(user, domain, password, transport, lambda text: s.sendall(text.encode()), lambda: s.recv(65536).decode())


def websocket_phone(w: WebSocket, transport: str, user: str = "alice", domain: str = "example.com", password: str = "wonderland") -> Phone:
    return Phone(user, domain, password, transport, w.send, w.receive)


# --- HTTP


def http(s: socket.socket, method: str, path: str, body: str = "", content_type: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
    s.sendall(f"{method} {path} HTTP/1.1\r\nHost: node\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
    data = b""
    while chunk := s.recv(65536):
        data += chunk
    head, _, text = data.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), text.decode(errors="replace")
