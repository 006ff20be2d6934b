"""User agents written by hand for the attacks: phones that register, call and answer over UDP, TCP, TLS and WebSockets, and strangers beside them."""

from __future__ import annotations

import hashlib
import queue
import re
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from secured import Secured  # noqa: E402
from speakers import WebSocket  # noqa: E402

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type", "k": "supported", "s": "subject"}
# As long as phones' requests are: strangers are answered by the measure of what they send.
USER_AGENT = "User-Agent: Telephone of the attacks/1.0 (" + "x" * 500 + ")"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"


def token(octets: int = 8) -> str:
    return secrets.token_hex(octets)


class Message:
    """One SIP message as it came."""

    def __init__(self, text: str, source: tuple[str, int] | None = None) -> None:
        self.text, self.source, self.at = text, source, time.monotonic()
        head, _, self.body = text.partition("\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.start = lines[0]
        pairs = (line.partition(":") for line in lines[1:])
        self.headers = [(COMPACT.get(name.strip().lower(), name.strip().lower()), value.strip()) for name, _, value in pairs]
        self.status = int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0
        self.method = self.get("cseq").split(" ")[-1] if self.status else self.start.split(" ")[0]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def addresses(self, name: str) -> list[str]:
        """The name-addrs of a list field, one each."""
        return [one for line in self.all(name) for one in re.findall(r"<[^>]*>[^,]*", line)]

    def tag(self, name: str) -> str:
        found = re.search(r";\s*tag=([^;,\s]+)", self.get(name))
        return found[1] if found else ""

    def branch(self) -> str:
        found = re.search(r"branch=([^;,\s]+)", self.get("via"))
        return found[1] if found else ""


class Agent:
    """One end: a socket or connection with an address of its own. Everything heard goes to `log`, and to `inbox` unless `react` takes it."""

    def __init__(self, user: str, transport: str, address: str, node: str, password: str = "", domain: str = "example.com") -> None:
        self.user, self.transport, self.node, self.password, self.domain = user, transport.lower(), node, password, domain
        self.inbox: queue.Queue[Message] = queue.Queue()
        self.log: list[Message] = []
        self.react: Callable[[Message], bool] | None = None
        self.closed = False
        self.prefers = "SHA-256"  # of the algorithms that it is offered
        self.cseq = secrets.randbelow(9000) + 1
        self.lock = threading.Lock()
        self.websocket: WebSocket | None = None
        self.open(address)
        self.address, self.port = self.socket.getsockname()[:2]
        self.at = f"{self.address}:{self.port}"
        self.aor = f"sip:{user}@{domain}"
        self.contact = f"<sip:{user}@{self.at}{'' if self.transport == 'udp' else ';transport=' + self.transport.replace('wss', 'ws')}>"
        threading.Thread(target=self.listen, daemon=True).start()

    def open(self, address: str) -> None:
        if self.transport == "udp":
            self.server = (self.node, 5060)
            self.socket: socket.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.socket.bind((address, 0))
            return
        self.server = (self.node, {"tcp": 5060, "tls": 5061, "ws": 80, "wss": 443}[self.transport])
        self.socket = socket.create_connection(self.server, 5, (address, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.transport in ("tls", "wss"):
            self.socket = Secured(self.socket)  # type: ignore[assignment]
        if self.transport in ("ws", "wss"):
            self.websocket = WebSocket(self.socket)
        self.socket.settimeout(None)

    def close(self) -> None:
        self.closed = True
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def send(self, text: str, to: tuple[str, int] | None = None) -> bool:
        """False: the node has closed the connection."""
        try:
            with self.lock:
                if self.transport == "udp":
                    self.socket.sendto(text.encode(), to or self.server)
                elif self.websocket:
                    self.websocket.send(text)
                else:
                    self.socket.sendall(text.encode())
        except OSError:
            self.closed = True
        return not self.closed

    def listen(self) -> None:
        try:
            for text, source in self.texts():
                if not text.strip():
                    continue
                message = Message(text, source)
                self.log.append(message)
                if not (self.react and self.react(message)):
                    self.inbox.put(message)
        except (OSError, ValueError, IndexError):
            pass
        self.closed = True

    def texts(self) -> Iterable[tuple[str, tuple[str, int]]]:
        if self.transport == "udp":
            while True:
                data, source = self.socket.recvfrom(65536)
                yield data.decode(errors="replace"), source
        if self.websocket:
            while True:
                yield self.websocket.receive(), self.server
        pending = b""
        while data := self.socket.recv(65536):
            pending = (pending + data).lstrip(b"\r\n")
            while (end := pending.find(b"\r\n\r\n")) >= 0:
                length = re.search(rb"\r\n(?:content-length|l)\s*:\s*(\d+)", pending[: end + 2], re.IGNORECASE)
                size = end + 4 + (int(length[1]) if length else 0)
                if len(pending) < size:
                    break
                yield pending[:size].decode(errors="replace"), self.server
                pending = pending[size:].lstrip(b"\r\n")

    # --- Requests

    def build(self, method: str, uri: str, headers: Iterable[str] = (), *, sender: str = "", to: str = "", call_id: str = "", cseq: int = 0, branch: str = "", body: str = "", contact: str | None = None) -> str:
        self.cseq += 1
        lines = [
            f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/{self.transport.upper()} {self.at};branch={branch or 'z9hG4bK' + token()};rport", "Max-Forwards: 70",
            f"From: {sender or f'<{self.aor}>;tag={token(4)}'}", f"To: {to or f'<{uri}>'}", f"Call-ID: {call_id or token()}", f"CSeq: {cseq or self.cseq} {method}",
            f"Contact: {self.contact if contact is None else contact}", USER_AGENT, *headers,
        ]
        lines += ["Content-Type: application/sdp"] if body else []
        return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])

    def answer_to(self, request: str, seconds: float = 6) -> Message | None:
        """Sends it, over UDP again until it is heard; the final answer, acknowledged where need be."""
        sent = Message(request)
        end, pause, next_send = time.monotonic() + seconds, 0.5, 0.0
        provisional = False
        while time.monotonic() < end:
            if time.monotonic() >= next_send and not provisional:
                self.send(request)
                pause, next_send = pause * 2, time.monotonic() + (pause if self.transport == "udp" else seconds)
            try:
                heard = self.inbox.get(timeout=max(0.01, min(next_send, end) - time.monotonic()))
            except queue.Empty:
                continue
            if not heard.status or heard.get("call-id") != sent.get("call-id") or heard.get("cseq") != sent.get("cseq"):
                continue
            provisional = True
            if heard.status < 200:
                continue
            if sent.method == "INVITE" and heard.status >= 300:
                self.acknowledge(sent, heard)
            return heard
        return None

    def acknowledge(self, invite: Message, answer: Message) -> None:
        """A final answer other than 2xx."""
        uri = invite.start.split(" ")[1]
        self.send(f"ACK {uri} SIP/2.0\r\nVia: {invite.get('via')}\r\nMax-Forwards: 70\r\nFrom: {invite.get('from')}\r\nTo: {answer.get('to')}\r\nCall-ID: {invite.get('call-id')}\r\nCSeq: {invite.get('cseq').split(' ')[0]} ACK\r\nContent-Length: 0\r\n\r\n")

    def credentials(self, challenge: Message, method: str, uri: str, count: int = 1) -> str:
        lines = challenge.all("www-authenticate") + challenge.all("proxy-authenticate")
        line = next((one for one in lines if self.prefers in one), lines[0])
        realm, nonce = (re.search(rf'{name}="([^"]*)"', line)[1] for name in ("realm", "nonce"))

        def h(text: str) -> str:
            return (hashlib.sha256 if "SHA-256" in line else hashlib.md5)(text.encode()).hexdigest()

        response = h(f"{h(f'{self.user}:{realm}:{self.password}')}:{nonce}:{count:08x}:c0ffee:auth:{h(f'{method}:{uri}')}")
        field = "Proxy-Authorization" if challenge.status == 407 else "Authorization"
        algorithm = "SHA-256" if "SHA-256" in line else "MD5"
        return f'{field}: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm={algorithm}, qop=auth, cnonce="c0ffee", nc={count:08x}'

    def ask(self, method: str, uri: str, headers: Iterable[str] = (), seconds: float = 6, **more: object) -> Message | None:
        """The final answer; a challenge is answered once if there is a password."""
        more.setdefault("sender", f"<{self.aor}>;tag={token(4)}")
        more.setdefault("call_id", token())
        self.sent = self.build(method, uri, headers, **more)  # type: ignore[arg-type]
        answer = self.answer_to(self.sent, seconds)
        if answer is None or answer.status not in (401, 407) or not self.password:
            return answer
        self.sent = self.build(method, uri, [*headers, self.credentials(answer, method, uri)], **more)  # type: ignore[arg-type]
        return self.answer_to(self.sent, seconds)

    def register(self, expires: int = 600, contact: str | None = None, to: str = "", uri: str = "", headers: Iterable[str] = ()) -> Message | None:
        to = to or f"<{self.aor}>"
        return self.ask("REGISTER", uri or f"sip:{self.domain}", [f"Expires: {expires}", *headers], to=to, sender=f"{to};tag={token(4)}", contact=contact)

    # --- Answers

    def respond(self, request: Message, status: int, headers: Iterable[str] = (), tag: str = "", body: str = "") -> None:
        to = request.get("to")
        if not request.tag("to") and status > 100:
            to += f";tag={tag or self.user + '-' + hashlib.md5(request.get('call-id').encode()).hexdigest()[:8]}"
        lines = [f"SIP/2.0 {status} Said", *(f"Via: {one}" for one in request.all("via")), *(f"Record-Route: {one}" for one in request.all("record-route"))]
        lines += [f"From: {request.get('from')}", f"To: {to}", f"Call-ID: {request.get('call-id')}", f"CSeq: {request.get('cseq')}", f"Contact: {self.contact}", *headers]
        lines += ["Content-Type: application/sdp"] if body else []
        self.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]), request.source if self.transport == "udp" else None)

    def next_request(self, method: str, seconds: float = 4) -> Message | None:
        """Others before it are passed over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                heard = self.inbox.get(timeout=left)
            except queue.Empty:
                return None
            if not heard.status and heard.method == method:
                return heard
        return None

    def silent(self, seconds: float = 0.3) -> bool:
        """No request came, and none comes for so long."""
        time.sleep(seconds)
        heard = []
        while not self.inbox.empty():
            heard.append(self.inbox.get())
        return not any(not message.status for message in heard)


