"""A zone as a document has it, in the form of RFC 1035 s.5, served to the hosts of a test by UDP, and asked."""

from __future__ import annotations

import re
import secrets
import socket
import struct
import threading
from dataclasses import dataclass

TYPES = {"A": 1, "SRV": 33}
PORT = 53


@dataclass(frozen=True)
class Record:
    name: str  # without the last dot
    type: str
    data: str


def encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def parsed(text: str) -> list[Record]:
    return [Record(found[1].lower(), found[2], found[3].strip()) for found in re.finditer(r"^(\S+)\.\s+(A|SRV)\s+(.+)$", text, re.M)]


def data_of(record: Record) -> bytes:
    if record.type == "A":
        return socket.inet_aton(record.data)
    *numbers, target = record.data.split()
    return struct.pack(">HHH", *map(int, numbers)) + encoded(target)


def name_at(message: bytes, at: int) -> tuple[str, int]:
    """A name without compression, and where it ends."""
    labels = []
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels), at + 1


class Server:
    """Answers for its zone alone; all other names are none."""

    def __init__(self, address: str, records: list[Record]) -> None:
        self.records = records
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, PORT))
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Server:
        self.thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def _run(self) -> None:
        while True:
            query, asker = self.socket.recvfrom(4096)
            if not query:
                return
            if len(query) > 12:
                self.socket.sendto(self._answer(query), asker)

    def _answer(self, query: bytes) -> bytes:
        name, at = name_at(query, 12)
        wanted = struct.unpack_from(">H", query, at)[0]
        of_name = [record for record in self.records if record.name == name.lower()]
        found = [data_of(record) for record in of_name if TYPES[record.type] == wanted]
        flags = 0x8580 if of_name else 0x8583  # authoritative; NXDOMAIN
        head = query[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0)
        return head + query[12 : at + 4] + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", wanted, 1, 60, len(data)) + data for data in found)


def ask(server: str, name: str, kind: str) -> list[bytes]:
    """The data of each answer."""
    query = secrets.token_bytes(2) + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + encoded(name) + struct.pack(">HH", TYPES[kind], 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(3)
        asker.sendto(query, (server, PORT))
        answer = asker.recv(4096)
    at, out = len(query), []
    for _ in range(struct.unpack_from(">H", answer, 6)[0]):
        size = struct.unpack_from(">H", answer, at + 10)[0]
        out.append(answer[at + 12 : at + 12 + size])
        at += 12 + size
    return out


def services(server: str, name: str) -> list[tuple[str, int]]:
    """Targets and ports of SRV records, by their priority and weight."""
    found = [(struct.unpack_from(">HHH", data), name_at(data, 6)[0]) for data in ask(server, name, "SRV")]
    return [(target, numbers[2]) for numbers, target in sorted(found)]


def address_of(server: str, name: str) -> str:
    return socket.inet_ntoa(ask(server, name, "A")[0])
