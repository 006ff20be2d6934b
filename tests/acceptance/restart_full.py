"""One node of a ring that holds very many records is killed and started again: it serves while it reads them, and writes what it holds once.

With 100,000 records on two busy cores it took 6 to 12 s until it served, of which joining is the most, 17 to 21 s until it had read all, and one file was
written. Its neighbours may take it for dead meanwhile, since reading takes all of its processor's time but for a turn of the event loop each millisecond.
"""

from __future__ import annotations

import random
import re
import struct
import threading
import time
from pathlib import Path

from acceptance import Checks, Node, Records, Ring, localnet, ring_of, say

NODES = 5  # each holds all: a record has five replicas
CHUNK = 10_000
SERVES_SECONDS = 15.0
READ_SECONDS = 120.0
SETTLED_SECONDS = 15.0
FRAME_HEAD = 4 + 16
VALUE = 2


class Watcher:
    """What becomes of the file of kept records, and what the machine's loopback carries meanwhile."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.replaced = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.bytes_before = loopback_bytes()

    def __enter__(self) -> Watcher:
        self.thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.over.set()
        self.thread.join()

    def _run(self) -> None:
        seen = self.file.stat().st_ino
        while not self.over.wait(0.02):
            now = self.file.stat().st_ino
            self.replaced += now != seen
            seen = now


def loopback_bytes() -> int:
    lines = Path("/proc/self/net/dev").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.split()[0] == "lo:")


def values_in(file: Path) -> tuple[int, int]:
    """How many values stand in a file of kept records, and how many different ones (record_log.hpp)."""
    data = file.read_bytes()
    at = data.index(b"\n") + 2
    at += 1 + data[at] + 16
    bodies = []
    while at + FRAME_HEAD <= len(data):
        size = struct.unpack_from(">I", data, at)[0]
        if data[at + FRAME_HEAD] == VALUE:
            bodies.append(hash(data[at + FRAME_HEAD + 1 : at + FRAME_HEAD + 17] + data[at + FRAME_HEAD + 37 : at + FRAME_HEAD + size]))
        at += FRAME_HEAD + size
    return len(bodies), len(set(bodies))


def fill(checks: Checks, ring: Ring, records: Records, count: int) -> None:
    began = time.monotonic()
    failed: list[str] = []
    while len(records.values) < count:
        failed += records.add(min(CHUNK, count - len(records.values)))
        say(f"{len(records.values)} records after {time.monotonic() - began:.0f} s")
    checks.check(f"{count} records are added", not failed, "; ".join(failed[:2]) or f"{count / (time.monotonic() - began):.0f} a second")


def has_read(node: Node, since: int) -> str:
    """The log's line of what was kept, of this start; empty until it stands there."""
    with open(node.log, "rb") as log:
        log.seek(since)
        said = re.search(r"kept from before: (\d+) values of (\d+) names; (\d+) values are not used", log.read().decode())
    return said[0] if said else ""


def until_served(ring: Ring, node: Node, records: Records, name: str, seconds: float) -> float:
    """Seconds until the node gives a record's right value."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        answer = ring.call(node, "overlay", "get", name, "--timeout", "2")
        if answer.exit_code == 0 and answer.out.split("\t")[0] == records.values[name]:
            break
        time.sleep(0.02)
    return time.monotonic() - began


def run_full(checks: Checks, binary: str | None, count: int, dice: random.Random) -> None:
    with ring_of("restart-full", NODES, binary, {"sip.enabled": False}) as (ring, _):
        records = Records(ring, dice)
        fill(checks, ring, records, count)
        node = ring.nodes[2]
        time.sleep(5)
        localnet.kill(ring, node, hard=True)
        file, since = Path(node.data) / "records", Path(node.log).stat().st_size
        kept, different = values_in(file)
        say(f"{kept} values in {file.stat().st_size / 1e6:.0f} MB, {different} different ones")
        with Watcher(file) as watcher:
            began = time.monotonic()
            localnet.launch(ring, node)
            took = until_served(ring, node, records, dice.choice(list(records.values)), SERVES_SECONDS)
            checks.check(f"a node with {count} records that is started again serves within {SERVES_SECONDS:.0f} s", took < SERVES_SECONDS, f"{took:.2f} s")
            check_reading(checks, ring, node, records, began, since, dice)
            say(f"{(loopback_bytes() - watcher.bytes_before) / 1e6:.0f} MB went between the nodes until then")
            time.sleep(SETTLED_SECONDS)
        after, different = values_in(file)
        checks.check("what it holds is written once", watcher.replaced == 1 and after - different < count / 100 and after < kept + count / 100, f"{watcher.replaced} times, {after} values in the file, {different} different ones")
        got = records.get(node, dice.sample(list(records.values), min(count, 2000)))
        checks.check("and it gives them", not got.wrong, got.said())


def check_reading(checks: Checks, ring: Ring, node: Node, records: Records, began: float, since: int, dice: random.Random) -> None:
    """Reads by this node and by others go on while it reads."""
    rounds, wrong, slowest = 0, [], 0.0
    while not (said := has_read(node, since)) and time.monotonic() - began < READ_SECONDS:
        for asked in (node, ring.nodes[0]):
            got = records.get(asked, dice.sample(list(records.values), 50))
            wrong += got.wrong
            slowest = max(slowest, got.slowest_ms)
        rounds += 1
    checks.check(f"it has read all within {READ_SECONDS:.0f} s", bool(said), f"{time.monotonic() - began:.1f} s: {said}")
    checks.check("and until then every read by it and by others is right", not wrong, f"{rounds * 100} reads, slowest {slowest:.0f} ms; {wrong[:2] or 'none wrong'}")
