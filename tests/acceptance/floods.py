#!/usr/bin/env python3
"""What strangers can do to a node. Answers to addresses that have not shown that they receive: no more bytes than bounds allow, and ten in any second. And calls
while ClientHellos come from 100,000 spoofed addresses, 10,000 connections are half-open in TLS and 5,000 say one byte a second: they are set up at most
twice as slowly as when all is quiet. The attackers are other machines in earnest: they have the last core here, and the node with its phones the others.

It binds many addresses of 127/8: run it in a network namespace of its own, as tools/test does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import secrets
import select
import socket
import statistics
import struct
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from acceptance import Checks, Ring, arguments, main_with, ring_of, say
from speakers import Phone, binding_request, udp

PORT = 443
SIP_PORT = 5060
CALLS = 200
SPOOFED = 100_000
HALF_OPEN = 10_000
SLOW = 5_000
SETTINGS = {"sip.authenticate_calls": False}
ARRIVED = 35  # SO_TIMESTAMPNS
CORES = sorted(os.sched_getaffinity(0))

# A DTLS 1.2 ClientHello's record and handshake headers, and the rest as zeros: whoever answers it has not looked for a proof.
CLIENT_HELLO = bytes.fromhex("16fefd000000000000000000c8010000bc0000000000000000bcfefd") + bytes(185)
TLS_BEGINNING = bytes.fromhex("16030102000100")


def reach_request() -> bytes:
    """A Binding request with REACH: 100 zero bytes (the links specification)."""
    request = bytearray(binding_request() + struct.pack("!HH", 0xC0F1, 100) + bytes(100))
    request[2:4] = struct.pack("!H", 104)
    return bytes(request)


def sip(method: str, source: str, more: str = "") -> bytes:
    target = "sip:bob@example.com" if method == "INVITE" else "sip:example.com"
    call_id = secrets.token_hex(8)
    return (
        f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {source}:9;branch=z9hG4bK{secrets.token_hex(8)};rport\r\nMax-Forwards: 70\r\nFrom: <sip:eve@elsewhere.example>;tag=1\r\n"
        f"To: <sip:bob@example.com>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\nContact: <sip:eve@{source}:9>\r\n{more}Content-Length: 0\r\n\r\n"
    ).encode()


class Spoofer:
    """One UDP socket that sends from any address of 127/8, and hears what comes back to any of them."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO: whom an answer was for
        self.socket.setsockopt(socket.SOL_SOCKET, ARRIVED, 1)  # and when the kernel had it
        self.socket.bind(("0.0.0.0", 0))
        self.socket.setblocking(False)

    def send(self, source: str, to: tuple[str, int], data: bytes) -> None:
        info = struct.pack("=i4s4s", 0, socket.inet_aton(source), bytes(4))
        try:
            self.socket.sendmsg([data], [(socket.IPPROTO_IP, 8, info)], 0, to)
        except BlockingIOError:
            time.sleep(0.001)

    def heard(self, seconds: float) -> dict[str, list[tuple[float, int]]]:
        """When what came, and its size, by whom it was for."""
        found: dict[str, list[tuple[float, int]]] = defaultdict(list)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                break
            data, ancillary, _, _ = self.socket.recvmsg(65536, 256)
            arrived, whom = time.time(), ""
            for _, kind, value in ancillary:
                if kind == ARRIVED:
                    seconds_part, nanoseconds = struct.unpack("=qq", value)
                    arrived = seconds_part + nanoseconds / 1e9
                elif kind == 8:
                    whom = socket.inet_ntoa(value[8:12])
            found[whom].append((arrived, len(data)))
        return found


@dataclass
class Kind:
    """One kind of datagram, and how many times its bytes may be answered."""

    name: str
    port: int
    make: object
    most: float
    counts: bool = True  # answers a second are bounded too
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def most_in_a_second(times: list[float]) -> int:
    return max((sum(first <= other < first + 1 for other in times) for first in times), default=0)


def check_amplification(checks: Checks, address: str) -> None:
    kinds = [
        Kind("a plain STUN Binding request", PORT, lambda source: binding_request(), 1.6),
        Kind("REACH", PORT, lambda source: reach_request(), 1.0),
        Kind("a ClientHello without proof", PORT, lambda source: CLIENT_HELLO, 0.0),
        Kind("noise", PORT, lambda source: os.urandom(100), 1.0),
        Kind("SIP OPTIONS", SIP_PORT, lambda source: sip("OPTIONS", source), 1.5),
        Kind("SIP REGISTER", SIP_PORT, lambda source: sip("REGISTER", source), 1.5),
        Kind("SIP INVITE", SIP_PORT, lambda source: sip("INVITE", source), 1.5),
    ]
    for number, kind in enumerate(kinds):
        spoofer = Spoofer()
        for _ in range(50):
            for i in range(10):
                source = f"127.120.{number}.{i + 1}"
                data = kind.make(source)
                kind.sent[source] += len(data)
                spoofer.send(source, (address, kind.port), data)
            time.sleep(0.02)
        # Retransmissions of final answers (s.17.2.1) come in these seconds.
        answers = spoofer.heard(4.0)
        ratio = max((sum(size for _, size in came) / kind.sent[source] for source, came in answers.items()), default=0.0)
        most = max((most_in_a_second([when for when, _ in came]) for came in answers.values()), default=0)
        checks.check(f"{kind.name}: answers are at most {kind.most} times its bytes", ratio <= kind.most, f"{ratio:.2f} times")
        checks.check(f"{kind.name}: at most ten answers to one address in any second", most <= 10, str(most))


# --- calls


class Callee(threading.Thread):
    """Bob: registered, and busy."""

    def __init__(self, address: str, node: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self.socket = udp(address)
        self.socket.bind((address, 0))
        self.phone = phone_on(self.socket, node, "bob")
        answer = self.phone.register()
        assert answer == "SIP/2.0 200 OK", answer
        self.socket.settimeout(None)

    def run(self) -> None:
        while True:
            data, source = self.socket.recvfrom(65536)
            lines = data.decode().split("\r\n")
            if not lines[0].startswith("INVITE"):
                continue
            kept = [line for line in lines[1:] if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq")]
            to = next(line for line in lines if line.startswith("To:"))
            self.socket.sendto(("\r\n".join(["SIP/2.0 486 Busy Here", *kept, to + ";tag=bob", "Content-Length: 0"]) + "\r\n\r\n").encode(), source)


def phone_on(s: socket.socket, node: tuple[str, int], user: str) -> Phone:
    phone = Phone(user, "example.com", "wonderland", "UDP", lambda text: s.sendto(text.encode(), node), lambda: s.recv(65536).decode())
    phone.lifetime = 3600  # a flood of every kind takes longer than two minutes
    host, port = s.getsockname()[:2]
    sent = phone.send
    phone.send = lambda text: sent(text.replace("client.invalid", f"{host}:{port}").replace(";transport=udp", ""))
    return phone


def call(s: socket.socket, node: tuple[str, int], own: str) -> float:
    """Seconds from the INVITE to its final answer; retransmitted as phones do."""
    branch, call_id = "z9hG4bK" + secrets.token_hex(8), secrets.token_hex(8)

    def message(method: str, to: str) -> bytes:
        return (
            f"{method} sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch={branch};rport\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=a\r\n"
            f"To: {to}\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\nContact: <sip:alice@{own}>\r\nContent-Length: 0\r\n\r\n"
        ).encode()

    invite = message("INVITE", "<sip:bob@example.com>")
    began = time.monotonic()
    s.sendto(invite, node)
    again = began + 0.5
    while time.monotonic() < began + 8:
        s.settimeout(max(0.01, again - time.monotonic()))
        try:
            answer = s.recv(65536).decode()
        except TimeoutError:
            s.sendto(invite, node)
            again = time.monotonic() + 1
            continue
        if call_id not in answer or answer.startswith("SIP/2.0 1"):
            continue
        took = time.monotonic() - began
        to = next(line[4:] for line in answer.split("\r\n") if line.startswith("To: "))
        s.sendto(message("ACK", to), node)
        return took if answer.startswith("SIP/2.0 486") else 8.0
    return 8.0


def measure_calls(node: tuple[str, int], s: socket.socket) -> list[float]:
    own = "%s:%d" % s.getsockname()[:2]
    took = []
    for _ in range(CALLS):
        took.append(call(s, node, own))
        time.sleep(0.03)
    return took


def said(took: list[float]) -> str:
    ordered = sorted(took)
    return f"median {statistics.median(took) * 1000:.1f} ms, p95 {ordered[int(len(took) * 0.95)] * 1000:.1f} ms, slowest {ordered[-1] * 1000:.1f} ms"


# --- the attackers, each a process


def share_cores() -> None:
    """All but the last for this process and what it starts from now on."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[:-1])
    else:
        say("there is one core only: the attackers share it with the node")


def be_elsewhere() -> None:
    os.sched_setaffinity(0, CORES[-1:])


def hellos(address: str, ready: multiprocessing.synchronize.Event) -> None:
    be_elsewhere()
    spoofer = Spoofer()
    ready.set()
    number = 0
    while True:
        for _ in range(100):
            number = (number + 1) % SPOOFED
            source = f"127.{130 + number // 60000}.{number // 250 % 240 + 1}.{number % 250 + 1}"
            spoofer.send(source, (address, PORT), CLIENT_HELLO)
        time.sleep(0.01)


def connections(address: str, port: int, many: int, network: int, first: bytes, trickle: bytes, ready: multiprocessing.synchronize.Event) -> None:
    """So many connections from 100 addresses, opened anew as they are closed; each says `first`, then a byte of `trickle` a second."""
    be_elsewhere()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 20_000), most))
    poll = select.epoll()
    open_ones: dict[int, list] = {}
    counter = 0

    def open_one() -> None:
        nonlocal counter
        counter += 1
        s = socket.socket()
        s.setblocking(False)
        s.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        s.bind((f"127.{network}.0.{counter % 100 + 1}", 0))
        s.connect_ex((address, port))
        open_ones[s.fileno()] = [s, 0]
        poll.register(s, select.EPOLLOUT | select.EPOLLHUP)

    began = time.monotonic()
    tick = began
    while True:
        for _ in range(200):
            if len(open_ones) >= many:
                break
            open_one()
        if len(open_ones) >= many * 9 // 10 or time.monotonic() - began > 30:
            ready.set()
        for descriptor, what in poll.poll(0.02):
            one = open_ones[descriptor]
            try:
                if what & (select.EPOLLHUP | select.EPOLLERR) or (what & select.EPOLLIN and not one[0].recv(4096)):
                    raise ConnectionError
                if one[1] == 0:
                    one[0].send(first)
                    one[1] = 1
                    poll.modify(one[0], select.EPOLLIN | select.EPOLLHUP)
            except OSError:
                one[0].close()
                del open_ones[descriptor]
        if trickle and time.monotonic() - tick > 1:
            tick = time.monotonic()
            for one in list(open_ones.values()):
                try:
                    if one[1]:
                        one[0].send(trickle[one[1] % len(trickle):][:1])
                        one[1] += 1
                except OSError:
                    pass


def check_calls_under_attack(checks: Checks, ring: Ring) -> None:
    node = ring.nodes[0]
    at = (node.address, SIP_PORT)
    callee = Callee("127.88.0.2", at)
    callee.start()
    with udp("127.88.0.1") as s:
        s.bind(("127.88.0.1", 0))
        answer = phone_on(s, at, "alice").register()
        checks.check("alice registers", answer == "SIP/2.0 200 OK", answer)
        measure_calls(at, s)  # what is cold is warm after it
        quiet = measure_calls(at, s)
        say(f"quiet: {said(quiet)}")
        attackers = []
        for target, given in (
            (hellos, (node.address,)),
            (connections, (node.address, PORT, HALF_OPEN, 140, TLS_BEGINNING, b"")),
            (connections, (node.address, 80, SLOW, 141, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"slow")),
        ):
            ready = multiprocessing.Event()
            process = multiprocessing.Process(target=target, args=(*given, ready), daemon=True)
            process.start()
            attackers.append((process, ready))
        for _, ready in attackers:
            ready.wait(40)
        attacked = measure_calls(at, s)
        say(f"attacked: {said(attacked)}")
        alive = [process.is_alive() for process, _ in attackers]
        for process, _ in attackers:
            process.terminate()
            process.join()
        checks.check("all attackers were at it", all(alive))
        ratio = statistics.median(attacked) / statistics.median(quiet)
        checks.check("calls are set up within twice the time of quiet ones", ratio <= 2, f"{ratio:.2f} times; {said(attacked)}")
        checks.check("and none fails", max(attacked) < 8, said(attacked))
        time.sleep(6)
        after = measure_calls(at, s)
        checks.check("when the attack is over all is as before", statistics.median(after) <= 2 * statistics.median(quiet), said(after))
    status = ring.status(node) or {}
    drops = {reason: count for reason, count in status.get("drops", {}).items() if count}
    say(f"what was dropped: {drops}")
    for reason in ("dtls_unproven", "half_open_evicted"):
        checks.check(f"drops are counted ({reason})", drops.get(reason, 0) > 0, str(drops.get(reason, 0)))
    checks.check("the node still runs", node.runs())


def run(checks: Checks, given: argparse.Namespace) -> None:
    share_cores()
    users = [{"user": f"{name}@example.com", "password": "wonderland"} for name in ("alice", "bob")]
    with ring_of("floods", 1, given.binary, SETTINGS, users) as (ring, _):
        check_amplification(checks, ring.nodes[0].address)
        check_calls_under_attack(checks, ring)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("floods", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
