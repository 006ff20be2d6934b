"""A SIP speaker that says whatever it is told to, over UDP, TCP, TLS or phyllo-sip, and traps that notice whoever sends or connects to them.

    bob = Speaker("127.0.9.2", node.address, "bob", "secret")
    bob.register()
    eve = Speaker("127.0.9.3", node.address, "eve", domain="elsewhere.example")
    eve.send(eve.request("INVITE", "sip:bob@example.com"))
    invite = bob.hear_request("INVITE")
    bob.send(bob.response(invite, 180), to=invite.source)
    token = routes(eve.hear_response(180))
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import select
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Failure  # noqa: E402
from speakers import lax_tls  # noqa: E402

DOMAIN = "example.com"
Address = tuple[str, int]
# What phones say of themselves; a node answers strangers by the measure of what they send.
HABITS = (
    "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, MESSAGE, INFO, SUBSCRIBE, UPDATE, PRACK, PUBLISH",
    "Supported: replaces, outbound, path, timer, 100rel, gruu, norefersub, eventlist",
)
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "k": "supported"}


@dataclass
class Message:
    """A request or response as it came."""

    text: str
    source: Address
    start: str = field(init=False)
    fields: list[tuple[str, str]] = field(init=False)
    body: str = field(init=False)

    def __post_init__(self) -> None:
        head, _, self.body = self.text.partition("\r\n\r\n")
        self.start, *lines = head.split("\r\n")
        parted = [line.partition(":") for line in lines]
        self.fields = [(COMPACT.get(name.strip().lower(), name.strip().lower()), value.strip()) for name, _, value in parted]

    @property
    def status(self) -> int:
        """0: a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return self.start.split()[0] if not self.status else self.first("cseq").split()[-1]

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.fields if each == name]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def same_request(self, other: Message) -> bool:
        """Whether both are one client transaction's: of one top Via, with its branch, and one method."""
        return not other.status and self.start == other.start and self.all("via")[:1] == other.all("via")[:1]

    def tag(self, name: str) -> str:
        found = re.search(r";\s*tag=([^;,\s]+)", self.first(name))
        return found[1] if found else ""


def parted(values: Sequence[str]) -> list[str]:
    """Header fields of name-addr values, one each."""
    return [uri for value in values for uri in re.findall(r"<[^>]*>", value)]


def routes(message: Message) -> list[str]:
    """The route set that a message's Record-Route makes for its receiver: reversed for a caller (RFC 3261 s.12.1.2)."""
    recorded = parted(message.all("record-route"))
    return recorded[::-1] if message.status else recorded


def contact(message: Message) -> str:
    return next(iter(parted(message.all("contact"))), "<>")[1:-1]


@dataclass
class Request:
    """What is said; every part may be another than an honest phone would write."""

    method: str
    uri: str
    sender: str  # From, with its tag
    to: str
    call_id: str
    cseq: int
    via: str
    contact: str = ""
    routes: Sequence[str] = ()
    more: Sequence[str] = ()
    body: str = ""
    padding: int = 120

    def __str__(self) -> str:
        lines = [f"{self.method} {self.uri} SIP/2.0", f"Via: {self.via}", "Max-Forwards: 70", f"From: {self.sender}", f"To: {self.to}"]
        lines += [f"Call-ID: {self.call_id}", f"CSeq: {self.cseq} {self.method}"]
        lines += [f"Contact: <{self.contact}>"] if self.contact else []
        lines += [f"Route: {route}" for route in self.routes]
        return "\r\n".join([*lines, *self.more, *HABITS, f"User-Agent: Attack tests/1.0 ({'x' * self.padding})", f"Content-Length: {len(self.body)}"]) + "\r\n\r\n" + self.body


class Speaker:
    """One party at an address of its own. `node`: whom it speaks to if nothing else is said."""

    def __init__(self, address: str, node: str, user: str, password: str = "", domain: str = DOMAIN, port: int = 0, over: socket.socket | None = None) -> None:
        self.user, self.password, self.domain = user, password, domain
        self.node: Address = (node, 5060)
        self.stream = over
        self.transport = "UDP" if over is None else "TLS" if isinstance(over, ssl.SSLSocket) else "TCP"
        self.socket = over or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if over is None:
            self.socket.bind((address, port))
        self.at: Address = self.socket.getsockname()[:2]
        self.cseq = secrets.randbelow(1000) + 1
        self.padding = 120  # letters in each request: who has proved nothing hears no more than half as much before the final answer
        self.heard: list[Message] = []  # everything, in order
        self._unread: list[Message] = []
        self._buffer = ""

    @property
    def place(self) -> str:
        return f"{self.at[0]}:{self.at[1]}"

    @property
    def address(self) -> str:
        return f"sip:{self.user}@{self.domain}"

    @property
    def contact(self) -> str:
        return f"sip:{self.user}@{self.place}" + (f";transport={self.transport.lower()}" if self.stream else "")

    def via(self) -> str:
        return f"SIP/2.0/{self.transport} {self.place};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def request(self, method: str, uri: str, **other: object) -> Request:
        """An honest request of this phone, but for what is told otherwise."""
        self.cseq += 1
        made = Request(method, uri, f"<{self.address}>;tag={secrets.token_hex(4)}", f"<{uri}>", secrets.token_hex(8), self.cseq, self.via(), self.contact, padding=self.padding)
        for name, value in other.items():
            setattr(made, name, value)
        return made

    def send(self, what: Request | str, to: Address | None = None) -> None:
        data = str(what).encode()
        if self.stream:
            self.stream.sendall(data)
        else:
            self.socket.sendto(data, to or self.node)

    def _receive(self, seconds: float) -> bool:
        if isinstance(self.stream, ssl.SSLSocket) and self.stream.pending():
            seconds = 0
        elif not select.select([self.socket], [], [], max(0.0, seconds))[0]:
            return False
        if self.stream is None:
            data, source = self.socket.recvfrom(65536)
            self._keep(data.decode(errors="replace"), source[:2])
            return True
        data = self.stream.recv(65536)
        if not data:
            return False
        self._buffer += data.decode(errors="replace")
        while "\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition("\r\n\r\n")
            found = re.search(r"^(?:content-length|l)\s*:\s*(\d+)", head, re.MULTILINE | re.IGNORECASE)
            size = int(found[1]) if found else 0
            if len(rest) < size:
                break
            self._keep(head + "\r\n\r\n" + rest[:size], self.stream.getpeername()[:2])
            self._buffer = rest[size:]
        return True

    def _keep(self, text: str, source: Address) -> None:
        """A request that is sent again, since its answer was late, is heard once, as a transaction would (RFC 3261 s.17.2)."""
        if not text.strip():
            return
        message = Message(text, source)
        if message.status or not any(message.same_request(each) for each in self.heard):
            self.heard.append(message)
            self._unread.append(message)

    def hear(self, wanted: object, seconds: float = 3) -> Message | None:
        """The next message that `wanted`, a predicate, is true of; those before it are passed over."""
        end = time.monotonic() + seconds
        while True:
            while self._unread:
                message = self._unread.pop(0)
                if wanted(message):  # type: ignore[operator]
                    return message
            left = end - time.monotonic()
            if not self._receive(left) and left <= 0:
                return None

    def hear_request(self, method: str, seconds: float = 3) -> Message:
        heard = self.hear(lambda m: not m.status and m.method == method, seconds)
        if not heard:
            raise Failure(f"{self.user} heard no {method}")
        return heard

    def hear_response(self, status: int, seconds: float = 3) -> Message:
        heard = self.hear(lambda m: m.status >= 180, seconds)
        if not heard or heard.status != status:
            raise Failure(f"{self.user} waited for {status} and heard {heard.start if heard else 'nothing'}")
        return heard

    def ask(self, request: Request, to: Address | None = None, seconds: float = 3) -> int:
        """The final status; 0: none came. A refused INVITE is acknowledged."""
        self.send(request, to)
        heard = self.hear(lambda m: m.status >= 200 and m.first("call-id") == request.call_id and m.first("cseq") == f"{request.cseq} {request.method}", seconds)
        self.answer = heard
        if heard and request.method == "INVITE" and heard.status >= 300:
            self.send(Request("ACK", request.uri, request.sender, heard.first("to"), request.call_id, request.cseq, request.via, routes=request.routes), to)
        return heard.status if heard else 0

    def authorized(self, request: Request, challenge: Message) -> Request:
        """The request again, with the answer to a 401 or 407."""
        proxy = challenge.status == 407
        offers = challenge.all("proxy-authenticate" if proxy else "www-authenticate")
        offer = next((o for o in offers if "SHA-256" in o), offers[0])
        sha256 = "SHA-256" in offer
        nonce, realm = (re.search(f'{name}="([^"]*)"', offer)[1] for name in ("nonce", "realm"))  # type: ignore[index]

        def hashed(text: str) -> str:
            return (hashlib.sha256 if sha256 else hashlib.md5)(text.encode()).hexdigest()

        secret = hashed(f"{self.user}:{realm}:{self.password}")
        answer = hashed(f"{secret}:{nonce}:00000001:c0ffee:auth:{hashed(f'{request.method}:{request.uri}')}")
        self.cseq += 1
        line = (
            f'{"Proxy-" if proxy else ""}Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{request.uri}", response="{answer}", '
            f'algorithm={"SHA-256" if sha256 else "MD5"}, qop=auth, cnonce="c0ffee", nc=00000001'
        )
        return Request(
            request.method, request.uri, request.sender, request.to, request.call_id, self.cseq, self.via(), request.contact, request.routes, [*request.more, line], request.body, request.padding
        )

    def transact(self, request: Request, seconds: float = 4) -> int:
        """As an honest phone: a challenge is answered. The final status."""
        status = self.ask(request, seconds=seconds)
        if status in (401, 407) and self.answer:
            status = self.ask(self.authorized(request, self.answer), seconds=seconds)
        return status

    def register(self, contact: str = "", seconds: int = 600) -> None:
        request = self.request("REGISTER", f"sip:{self.domain}", to=f"<{self.address}>", more=[f"Expires: {seconds}"], contact=contact or self.contact)
        if (status := self.transact(request)) != 200:
            raise Failure(f"{self.user} is not registered: {status}")

    def response(self, request: Message, status: int, tag: str = "", with_contact: bool = True) -> str:
        to = request.first("to")
        to += f";tag={tag or self.user + '-tag'}" if "tag=" not in to else ""
        lines = [f"SIP/2.0 {status} Said By Hand", *(f"Via: {v}" for v in request.all("via")), *(f"Record-Route: {r}" for r in request.all("record-route"))]
        lines += [f"From: {request.first('from')}", f"To: {to}", f"Call-ID: {request.first('call-id')}", f"CSeq: {request.first('cseq')}"]
        lines += [f"Contact: <{self.contact}>"] if with_contact else []
        return "\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n"

    def within(self, method: str, response: Message, **other: object) -> Request:
        """A request of the caller within the dialog that `response` made."""
        honest: dict[str, object] = {"sender": response.first("from"), "to": response.first("to"), "call_id": response.first("call-id"), "routes": routes(response)}
        uri = other.pop("uri", contact(response))
        return self.request(method, str(uri), **(honest | other))

    def silent(self, seconds: float = 0.3) -> bool:
        """Nothing but what was read has come, nor comes in that time."""
        while self._receive(seconds):
            seconds = 0
        return not self._unread

    def came(self) -> str:
        """The first lines of what has come and was not read."""
        return ", ".join(f"{message.start} of {dict(message.fields).get('from')} to {dict(message.fields).get('to')}" for message in self._unread)

    def close(self) -> None:
        self.socket.close()


def connected(address: str, node: str, port: int = 5060) -> socket.socket:
    """TCP, for a Speaker's `over`."""
    return socket.create_connection((node, port), 5, (address, 0))


def secured(plain: socket.socket, alpn: str = "sip/2", pem: Path | None = None, overlay: str | None = None) -> ssl.SSLSocket:
    """TLS that believes whoever answers; with ALPN phyllo-sip and the credential of an overlay node (reload_node.enrol), SIP between nodes."""
    context = lax_tls()
    context.set_alpn_protocols([alpn])
    if pem:
        context.load_cert_chain(pem)
    return context.wrap_socket(plain, server_hostname=overlay)


class Trap:
    """UDP and TCP on one port where nothing may ever arrive."""

    def __init__(self, address: str) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 0))
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, self.udp.getsockname()[1]))
        self.tcp.listen(50)
        self.place = f"{address}:{self.udp.getsockname()[1]}"

    def caught(self, seconds: float = 0.3) -> str:
        """What came; empty: nothing, nor in that time."""
        what = []
        while ready := select.select([self.udp, self.tcp], [], [], seconds)[0]:
            seconds = 0
            if self.udp in ready:
                data, source = self.udp.recvfrom(65536)
                what.append(f"datagram from {source[0]}: {data[:60]!r}")
            if self.tcp in ready:
                connection, source = self.tcp.accept()
                connection.settimeout(0.3)
                data = b""
                with contextlib.suppress(OSError):
                    data = connection.recv(4096)
                connection.close()
                what.append(f"connection from {source[0]}: {data[:60]!r}")
        return "; ".join(what)

    def close(self) -> None:
        self.udp.close()
        self.tcp.close()
