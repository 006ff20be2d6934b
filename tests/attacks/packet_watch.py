"""What leaves whom on the loopback interface: every packet of a network namespace, read by a packet socket (needs root)."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
import time
from dataclasses import dataclass

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
SOL_PACKET, PACKET_STATISTICS, PACKET_OUTGOING = 263, 6, 4
SO_RCVBUFFORCE = 33
TCP_SYN, TCP_ACK = 0x02, 0x10


@dataclass(frozen=True)
class Sent:
    """A datagram, or the first packet of a connection."""

    source: str
    target: str
    port: int
    connects: bool
    head: bytes

    def said(self) -> str:
        what = "connects to" if self.connects else "sends to"
        line = self.head.partition(b"\r\n")[0][:80].decode(errors="replace")
        return f"{self.source} {what} {self.target}:{self.port}" + (f": {line}" if line else "")


def parse(kind: int, packet: bytes) -> Sent | None:
    """Of an IP packet; nothing for what is neither a datagram nor a connection's begin."""
    if kind == ETH_P_IP:
        size, protocol = (packet[0] & 15) * 4, packet[9]
        source, target = socket.inet_ntop(socket.AF_INET, packet[12:16]), socket.inet_ntop(socket.AF_INET, packet[16:20])
    else:
        size, protocol = 40, packet[6]
        source, target = socket.inet_ntop(socket.AF_INET6, packet[8:24]), socket.inet_ntop(socket.AF_INET6, packet[24:40])
    segment = packet[size:]
    if protocol == socket.IPPROTO_UDP and len(segment) >= 8:
        return Sent(source, target, struct.unpack("!H", segment[2:4])[0], False, segment[8:160])
    if protocol == socket.IPPROTO_TCP and len(segment) >= 20 and segment[13] & (TCP_SYN | TCP_ACK) == TCP_SYN:
        return Sent(source, target, struct.unpack("!H", segment[2:4])[0], True, b"")
    return None


class Watch:
    """Keeps what `wanted` accepts."""

    def __init__(self, wanted: object = None) -> None:
        self.wanted = wanted
        self.seen: list[Sent] = []
        self.packets = 0
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
        self.socket.bind(("lo", ETH_P_ALL))
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        while True:
            packet, (_, kind, direction, _, _) = self.socket.recvfrom(65536)
            # On this interface each packet passes twice.
            if direction == PACKET_OUTGOING or kind not in (ETH_P_IP, ETH_P_IPV6):
                continue
            self.packets += 1
            sent = parse(kind, packet)
            if sent and self.wanted(sent):  # type: ignore[operator]
                self.seen.append(sent)

    def dropped(self) -> int:
        """Packets that the kernel had no room for since the last call."""
        return struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]

    def settle(self, seconds: float = 0.5) -> None:
        """Until the reader has caught up with what was sent before."""
        time.sleep(seconds)
        while True:
            before = self.packets
            time.sleep(0.1)
            if self.packets - before < 2000:
                return


def within(address: str, *networks: str) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in networks)
