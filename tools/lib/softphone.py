#!/usr/bin/env python3
"""A SIP phone over UDP in plain Python (RFC 3261, RFC 7616), for tools/quickstart: it registers, calls, and answers with an echo of what it hears.

    softphone.py answer --user bob --domain example.com --password-file FILE --address 127.0.2.2 --server 127.0.1.3:5060 --ring DIR

answers calls for as long as a node of the ring in DIR lives, registering again at another of the servers when one is gone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import secrets
import select
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ring import Failure

EXPIRES = 120
RTP_PORT = 40000
T1 = 0.5
# 20 ms of G.711 silence.
SILENCE = b"\xff" * 160


def at(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host, int(port)


class Message:
    """A SIP message as it came; header fields by their lower-case names."""

    def __init__(self, text: str) -> None:
        head, _, self.body = text.partition("\r\n\r\n")
        self.start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        self.status = int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def uris(self, name: str) -> list[str]:
        """Of the addresses of a list field, in order."""
        return [uri for value in self.all(name) for uri in re.findall(r"<([^>]*)>", value)]


@dataclass
class Dialog:
    """What each request of one call bears."""

    call_id: str
    sender: str
    to: str
    target: str
    routes: list[str]
    cseq: int


class Softphone:
    def __init__(self, user: str, password: str, domain: str, address: str, port: int = 5060) -> None:
        self.user, self.password, self.domain, self.address = user, password, domain, address
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for each, number in ((self.sip, port), (self.rtp, RTP_PORT)):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind((address, number))
        self.here = f"{address}:{port}"
        self.contact = f"<sip:{user}@{self.here}>"
        self.cseq = secrets.randbelow(1000)

    def sdp(self) -> str:
        return f"v=0\r\no=- 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\nm=audio {RTP_PORT} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"

    # --- As a client

    def send(self, server: str, method: str, uri: str, dialog: Dialog, more: list[str], body: str = "", branch: str = "") -> None:
        lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {self.here};branch=z9hG4bK{branch or secrets.token_hex(8)};rport", "Max-Forwards: 70"]
        lines += [f"From: {dialog.sender}", f"To: {dialog.to}", f"Call-ID: {dialog.call_id}", f"CSeq: {dialog.cseq} {method}", f"Contact: {self.contact}"]
        lines += [f"Route: <{route}>" for route in dialog.routes] + more + (["Content-Type: application/sdp"] if body else [])
        self.sip.sendto("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode(), at(server))

    def begin(self, to: str, target: str) -> Dialog:
        self.cseq += 1
        return Dialog(secrets.token_hex(8), f"<sip:{self.user}@{self.domain}>;tag={secrets.token_hex(4)}", to, target, [], self.cseq)

    def final(self, dialog: Dialog, method: str, again: float, seconds: float, repeat: Callable[[], None]) -> Message:
        """The final answer to a request, which is sent again until something is heard of it."""
        end, due, pause = time.monotonic() + seconds, time.monotonic() + again, again
        while (now := time.monotonic()) < end:
            if not select.select([self.sip], [], [], max(0.01, min(due, end) - now))[0]:
                if time.monotonic() >= due:
                    pause, due = pause * 2, time.monotonic() + pause * 2
                    repeat()
                continue
            answer = Message(self.sip.recv(65536).decode(errors="replace"))
            if answer.get("call-id") != dialog.call_id or answer.get("cseq") != f"{dialog.cseq} {method}":
                continue
            due = end
            if answer.status >= 200:
                return answer
        raise Failure(f"{self.user}'s phone: {method} was not answered within {seconds:g} s")

    def ask(self, server: str, method: str, dialog: Dialog, more: list[str], body: str = "", seconds: float = 10) -> Message:
        """The final answer; a challenge is met once."""
        authorization: list[str] = []
        for _ in range(2):
            branch = secrets.token_hex(8)
            fields = [*more, *authorization]
            send = partial(self.send, server, method, dialog.target, dialog, fields, body, branch)
            send()
            answer = self.final(dialog, method, T1, seconds, send)
            if method == "INVITE" and answer.status >= 300:
                refused = Dialog(dialog.call_id, dialog.sender, answer.get("to"), dialog.target, dialog.routes, dialog.cseq)
                self.send(server, "ACK", dialog.target, refused, [], "", branch)
            if answer.status not in (401, 407) or authorization:
                return answer
            authorization = [self.credentials(answer, method, dialog.target)]
            self.cseq += 1
            dialog.cseq = self.cseq
        return answer

    def credentials(self, challenge: Message, method: str, uri: str) -> str:
        """RFC 7616, by the best algorithm that is offered."""
        offers = challenge.all("www-authenticate") + challenge.all("proxy-authenticate")
        offer = next((one for one in offers if re.search(r"algorithm=\"?SHA-256\b", one)), offers[0])
        algorithm = "SHA-256" if "SHA-256" in offer else "MD5"
        realm, nonce = (found[1] if (found := re.search(rf'{name}="([^"]*)"', offer)) else "" for name in ("realm", "nonce"))

        def h(text: str) -> str:
            return (hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5)(text.encode()).hexdigest()

        cnonce = secrets.token_hex(4)
        response = h(f"{h(f'{self.user}:{realm}:{self.password}')}:{nonce}:00000001:{cnonce}:auth:{h(f'{method}:{uri}')}")
        name = "Proxy-Authorization" if challenge.status == 407 else "Authorization"
        return f'{name}: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm={algorithm}, qop=auth, cnonce="{cnonce}", nc=00000001'

    def register(self, server: str, expires: int = EXPIRES, seconds: float = 10) -> None:
        aor = f"<sip:{self.user}@{self.domain}>"
        answer = self.ask(server, "REGISTER", self.begin(aor, f"sip:{self.domain}"), [f"Expires: {expires}"], seconds=seconds)
        if answer.status != 200:
            raise Failure(f"{self.user}'s phone: REGISTER at {server} was answered {answer.start}")

    def call(self, callee: str, server: str) -> float:
        """Calls, says something and hears it come back, hangs up; how many milliseconds the set-up took, from INVITE to 200."""
        uri = f"sip:{callee}@{self.domain}"
        dialog = self.begin(f"<{uri}>", uri)
        began = time.monotonic()
        answer = self.ask(server, "INVITE", dialog, [], self.sdp(), seconds=20)
        took = (time.monotonic() - began) * 1000
        if answer.status != 200:
            raise Failure(f"{self.user}'s phone: the call was answered {answer.start}")
        dialog.to, dialog.routes = answer.get("to"), answer.uris("record-route")[::-1]
        dialog.target = (answer.uris("contact") or [uri])[0]
        self.send(server, "ACK", dialog.target, dialog, [])
        self.hear_echo(answer.body)
        self.cseq += 1
        dialog.cseq = self.cseq
        if (ended := self.ask(server, "BYE", dialog, [])).status != 200:
            raise Failure(f"{self.user}'s phone: BYE was answered {ended.start}")
        return took

    def hear_echo(self, sdp: str) -> None:
        address, port = re.search(r"c=IN IP4 (\S+)", sdp), re.search(r"m=audio (\d+)", sdp)
        if not address or not port:
            raise Failure(f"{self.user}'s phone: the answer says no place for audio")
        for number in range(50):
            head = b"\x80\x00" + number.to_bytes(2) + (number * 160).to_bytes(4) + b"echo"
            self.rtp.sendto(head + SILENCE, (address[1], int(port[1])))
            if select.select([self.rtp], [], [], 0.02)[0] and self.rtp.recv(2048).startswith(b"\x80\x00"):
                return
        raise Failure(f"{self.user}'s phone: no echo was heard")

    # --- As a server

    def respond(self, request: Message, source: tuple[str, int], status: str, body: str = "") -> None:
        to = request.get("to")
        if "tag=" not in to:
            to += f";tag={hashlib.sha256(request.get('call-id').encode()).hexdigest()[:8]}"
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.all("via")), *(f"Record-Route: {route}" for route in request.all("record-route"))]
        lines += [f"From: {request.get('from')}", f"To: {to}", f"Call-ID: {request.get('call-id')}", f"CSeq: {request.get('cseq')}", f"Contact: {self.contact}"]
        lines += ["Content-Type: application/sdp"] if body else []
        self.sip.sendto("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode(), source)

    def serve(self, seconds: float) -> None:
        """Answers calls, and sends audio back to where it comes from."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for ready in select.select([self.sip, self.rtp], [], [], left)[0]:
                data, source = ready.recvfrom(65536)
                if ready is self.rtp:
                    self.rtp.sendto(data, source)
                elif data.strip():
                    self.answer(Message(data.decode(errors="replace")), source)

    def answer(self, request: Message, source: tuple[str, int]) -> None:
        method = request.start.split(" ")[0]
        if method == "INVITE":
            self.respond(request, source, "180 Ringing")
            self.respond(request, source, "200 OK", self.sdp())
        elif not request.status and method != "ACK":
            self.respond(request, source, "200 OK" if method in ("BYE", "CANCEL", "OPTIONS") else "405 Method Not Allowed")


def ring_lives(directory: Path) -> bool:
    try:
        return any(node["alive"] for node in json.loads((directory / "localnet.json").read_text())["nodes"])
    except (OSError, ValueError):
        return False


def keep_answering(phone: Softphone, servers: list[str], directory: Path) -> None:
    due = 0.0
    while ring_lives(directory):
        for server in servers if time.monotonic() >= due else ():
            try:
                phone.register(server, seconds=3)
            except (Failure, OSError) as why:
                print(why, file=sys.stderr, flush=True)
                continue
            print(f"registered at {server}", flush=True)
            due = time.monotonic() + EXPIRES / 2
            break
        phone.serve(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["answer"])
    for name in ("--user", "--domain", "--address", "--password-file", "--ring"):
        parser.add_argument(name, required=True)
    parser.add_argument("--server", action="append", required=True, help="ADDRESS:PORT; may be repeated")
    given = parser.parse_args()
    phone = Softphone(given.user, Path(given.password_file).read_text().strip(), given.domain, given.address)
    keep_answering(phone, given.server, Path(given.ring))
    return 0


if __name__ == "__main__":
    sys.exit(main())
