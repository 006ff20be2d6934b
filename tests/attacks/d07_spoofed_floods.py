#!/usr/bin/env python3
"""Floods of datagrams, each from an address that nobody has heard of, to every UDP port of a node, kind by kind: one byte, SIP requests, CRLF, REACH, ClientHellos
without proof, STUN, noise. When all tables are full a datagram costs the node at most 1.5 times what it cost when they were empty, phones on every port are
answered all the while, calls reach them, and memory stays flat.

    d07_spoofed_floods.py                     a short form: 20,000 datagrams a second for 8 seconds of each kind
    d07_spoofed_floods.py --full              50,000 a second for 60 seconds of each kind
    d07_spoofed_floods.py --kinds byte,stun   some kinds only

It binds addresses of 127/8 and sends from others: run it in a network namespace of its own, as tools/test does. The flood has the last core, the node with its
phones the others: on a machine of one core they share it.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import ROOT, Checks, Node, arguments, main_with, ring_of, say  # noqa: E402
from floods import Callee, call, phone_on  # noqa: E402
from speakers import udp  # noqa: E402

SPOOFER = ROOT / "build/release/tests/attacks/spoofer"
SLOW = True
KINDS = ("byte", "sip", "crlf", "reach", "hello", "stun", "noise")
PORTS = (443, 5060, 6084, 3478)
CORES = sorted(os.sched_getaffinity(0))
USERS = ["alice", "bob", *(f"phone{port}" for port in PORTS)]
CALLED_AT = 443  # a port that is not SIP's: the node has to remember the way
RATIO = 1.5
GROWTH_MIB = 24
# A phone repeats what is not answered for so long (RFC 3261 s.17.1.2.2, timer F is 32 s).
PATIENCE = 16.0


@dataclass
class Sample:
    """Of the node, at one moment."""

    at: float
    cpu: float  # seconds
    received: int  # datagrams that it took from its sockets
    resident: int  # bytes


def taken_of(node: Node, sent: int) -> int:
    """Of those sent so many did not fall off its sockets' queues; what else came is little."""
    dropped = 0
    own = node.address.split(".")
    wanted = "".join(f"{int(octet):02X}" for octet in reversed(own))
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].split(":")[0] == wanted:
            dropped += int(fields[-1])
    return sent - dropped


def sample(node: Node, sent: int) -> Sample:
    tasks = Path(f"/proc/{node.pid}/task")
    cpu = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    status = Path(f"/proc/{node.pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) * 1024
    return Sample(time.monotonic(), cpu, taken_of(node, sent), resident)


def cost(first: Sample, last: Sample) -> float:
    """Microseconds of CPU for each datagram that was taken."""
    return (last.cpu - first.cpu) * 1e6 / max(1, last.received - first.received)


@dataclass
class Asker(threading.Thread):
    """A phone that asks the node for its options on one port, again and again, as long as the flood lasts."""

    node: Node
    port: int
    answered: int = 0
    failed: int = 0
    repeated: int = 0
    slowest: float = 0
    over: threading.Event = field(default_factory=threading.Event)

    # Threads are hashed by identity.
    __hash__ = threading.Thread.__hash__

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = udp("127.89.0.1")
        self.socket.bind((f"127.89.0.{PORTS.index(self.port) + 1}", 0))

    def registers(self) -> bool:
        try:
            return phone_on(self.socket, (self.node.address, self.port), f"phone{self.port}").register() == "SIP/2.0 200 OK"
        except TimeoutError:
            return False

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            took = self.ask(f"{self.port}-{number}-{time.monotonic_ns()}")
            self.slowest = max(self.slowest, took)
            self.answered += took < PATIENCE
            self.failed += took >= PATIENCE
            self.over.wait(0.1)

    def ask(self, number: str) -> float:
        """Seconds until the answer, whatever its code but 503."""
        own = "%s:%d" % self.socket.getsockname()[:2]
        text = (
            f"OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{number};rport\r\nMax-Forwards: 70\r\nFrom: <sip:phone{self.port}@example.com>;tag=p\r\n"
            f"To: <sip:example.com>\r\nCall-ID: {number}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        began, pause = time.monotonic(), 0.5
        while (passed := time.monotonic() - began) < PATIENCE:
            self.socket.sendto(text, (self.node.address, self.port))
            until = time.monotonic() + pause
            while (left := until - time.monotonic()) > 0:
                self.socket.settimeout(left)
                try:
                    answer = self.socket.recv(65536)
                except TimeoutError:
                    break
                if number.encode() in answer and not answer.startswith(b"SIP/2.0 503"):
                    return time.monotonic() - began
            self.repeated += 1
            pause = min(4.0, 2 * pause)
        return passed


class Flood:
    """The spoofer, and how many it has sent."""

    def __init__(self, kind: str, node: Node, rate: int, seconds: float) -> None:
        command = [str(SPOOFER), kind, node.address, ",".join(map(str, PORTS)), str(rate), str(seconds)]
        self.sent = 0
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, CORES[-1:]))
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.sent = int(line)

    def runs(self) -> bool:
        return self.process.poll() is None


def check_kind(checks: Checks, node: Node, kind: str, rate: int, seconds: float, callee_at: Callee, caller: socket.socket) -> None:
    askers = [Asker(node, port) for port in PORTS]
    for asker in askers:
        checks.check(f"{kind}: before it a phone registers by port {asker.port}", asker.registers())
        asker.start()
    before = sample(node, 0)
    flood = Flood(kind, node, rate, seconds)
    while flood.sent == 0 and flood.runs():
        time.sleep(0.01)
    samples = [sample(node, flood.sent)]
    while flood.runs():
        time.sleep(0.5)
        samples.append(sample(node, flood.sent))
        if len(samples) == int(seconds):  # in the middle
            took = call(caller, (node.address, 5060), "%s:%d" % caller.getsockname()[:2])
            checks.check(f"{kind}: a call reaches a phone that is registered by port {CALLED_AT}", took < 8, f"{took * 1000:.0f} ms")
    for asker in askers:
        asker.over.set()
    for asker in askers:
        asker.join()
    beginning = cost(samples[0], samples[2])
    window = max(3, len(samples) // 10)
    end = cost(samples[-1 - window], samples[-1])
    reached = flood.sent / seconds
    say(f"{kind}: {reached:,.0f} datagrams/s of {rate:,}, the node took {samples[-1].received - before.received:,}; {beginning:.1f} us each at the beginning, {end:.1f} at the end")
    checks.check(f"{kind}: a datagram costs at most {RATIO} times at the end what it costs at the beginning", end <= RATIO * beginning, f"{end / beginning:.2f} times")
    for asker in askers:
        detail = f"{asker.answered} answered, {asker.repeated} repeated, slowest {asker.slowest * 1000:.0f} ms"
        checks.check(f"{kind}: a phone on port {asker.port} is answered all the while", asker.failed == 0 and asker.answered > 0, detail)
    late = [s.resident for s in samples[len(samples) // 2 :]]
    grown = (max(late) - late[0]) / 2**20
    checks.check(f"{kind}: memory is flat once the tables are full", grown <= GROWTH_MIB, f"{grown:+.1f} MiB in the second half, {late[-1] / 2**20:.0f} MiB in all")
    checks.check(f"{kind}: the node runs", node.runs())


def run(checks: Checks, given: argparse.Namespace) -> None:
    rate, seconds = (50_000, 60.0) if given.full else (20_000, 8.0)
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[:-1])
    users = [{"user": f"{name}@example.com", "password": "wonderland"} for name in USERS]
    with ring_of("spoofed-floods", 1, given.binary, {"sip.authenticate_calls": False}, users) as (ring, _):
        node = ring.nodes[0]
        callee = Callee("127.88.0.2", (node.address, CALLED_AT))
        callee.start()
        with udp("127.88.0.1") as caller:
            caller.bind(("127.88.0.1", 0))
            answer = phone_on(caller, (node.address, 5060), "alice").register()
            checks.check("alice registers", answer == "SIP/2.0 200 OK", answer)
            for kind in given.kinds.split(","):
                check_kind(checks, node, kind, rate, seconds, callee, caller)
        status = ring.status(node) or {}
        say(f"what was dropped: { {reason: count for reason, count in status.get('drops', {}).items() if count} }")


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--full", action="store_true", help="50,000 datagrams a second for a minute of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help="which, by comma (default: all)")
    given = parser.parse_args()
    checks = Checks("spoofed floods", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
