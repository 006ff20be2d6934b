"""What the acceptance runs share: checks that count, rings that are stopped again, and records in bulk."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/lib"))

import localnet  # noqa: E402
from ring import Failure, Node, Ring, binary_path  # noqa: E402

__all__ = ["Checks", "Failure", "Node", "Records", "Ring", "arguments", "localnet", "main_with", "ring_of", "root_of", "say"]


def say(text: str) -> None:
    print(f"   {text}", flush=True)


class Checks:
    """Each check counts as one test; tools/test adds them up."""

    def __init__(self, phase: str, results: Path | None) -> None:
        self.phase = phase
        self.results = results
        self.failed = 0

    def check(self, name: str, good: bool, detail: str = "") -> bool:
        print(f"   {'passed' if good else 'FAILED'}: {name}" + (f" ({detail})" if detail else ""), flush=True)
        self.failed += not good
        if self.results:
            with self.results.open("a") as file:
                file.write(f"{self.phase}\t{self.phase}: {name}\t{int(good)}\t{int(not good)}\n")
        return good


def arguments(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, help="append each check's outcome to this file, for tools/test")
    parser.add_argument("--binary", help="the supernode binary (default: build/release/supernode)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats the same choices (default: the time)")
    return parser


def main_with(checks: Checks, run: Any) -> int:
    """Runs it; whatever keeps it from its end is a failed check, too."""
    try:
        run()
    except (Failure, AssertionError) as failure:
        checks.check("the run came to its end", False, str(failure))
    return 1 if checks.failed else 0


@contextmanager
def ring_of(name: str, nodes: int, binary: str | None, settings: dict[str, Any] | None = None, users: list[dict[str, str]] | None = None, ordinary: int = 0, network: str | None = None) -> Iterator[tuple[Ring, float]]:
    """A ring in build/acceptance/<name>, stopped at the end; its logs stay. And how long starting it took."""
    directory = ROOT / "build/acceptance" / name
    if (directory / "localnet.json").exists():
        localnet.stop(Ring.load(directory, binary), hard=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    ring = localnet.start(directory, nodes, users or [], "example.com", settings or {}, binary_path(binary), 120, say, network or os.environ.get("PHYLLO_NETWORK", localnet.NETWORK), ordinary)
    try:
        yield ring, ring.took
    finally:
        for node in ring.nodes:
            node.alive = node.runs()
        if stubborn := localnet.stop(ring):
            say(f"these did not drain in time: {', '.join(stubborn)}")


def root_of(name: str, ids: list[str]) -> str:
    """The node whose id is nearest to the hash of a record's name."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16])
    size = 1 << 128
    return min(ids, key=lambda node_id: (min((int(node_id, 16) - key) % size, (key - int(node_id, 16)) % size), int(node_id, 16)))


@dataclass
class Got:
    """What a batch of reads found."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_ms: float = 0
    hops: list[int] = field(default_factory=list)

    def __iadd__(self, other: Got) -> Got:
        self.right += other.right
        self.wrong += other.wrong
        self.slowest_ms = max(self.slowest_ms, other.slowest_ms)
        self.hops += other.hops
        return self

    def said(self) -> str:
        mean = sum(self.hops) / len(self.hops) if self.hops else 0
        return f"{self.right} right, {len(self.wrong)} wrong, slowest {self.slowest_ms:.0f} ms, {mean:.2f} hops" + (f"; first: {self.wrong[0]}" if self.wrong else "")


class Records:
    """Names and values that were stored, and reading them back."""

    def __init__(self, ring: Ring, dice: random.Random) -> None:
        self.ring = ring
        self.dice = dice
        self.values: dict[str, str] = {}

    def _batch(self, node: Node, verb: str, lines: list[str], *more: str) -> list[dict[str, Any]]:
        answer = self.ring.call(node, "overlay", verb, "--batch", "-", "--json", *more, stdin="".join(line + "\n" for line in lines), seconds=600)
        try:
            return [json.loads(line) for line in answer.out.splitlines()]
        except json.JSONDecodeError:
            raise Failure(f"{node.name}: overlay {verb} printed no JSON: {answer.out[:200]} {answer.error[:200]}") from None

    def add(self, count: int, nodes: list[Node] | None = None) -> list[str]:
        """Adds new records at random ones of these nodes, or of all living; what failed of it."""
        share: dict[int, list[str]] = {}
        living = nodes or self.ring.living()
        for _ in range(count):
            name = f"record{len(self.values)}@{self.ring.domain}"
            self.values[name] = f"value {self.dice.getrandbits(64):x}"
            share.setdefault(self.dice.choice(living).index, []).append(name)

        def at(index: int) -> list[str]:
            lines = [f"{name}\t{self.values[name]}" for name in share[index]]
            done = self._batch(self.ring.node(index), "add", lines, "--lifetime", "86400")
            good = {plain(one["name"]) for one in done if "error" not in one}
            why = next((one.get("message", "") for one in done if "error" in one), "no answer")
            return [f"{name} at node {index}: {why}" for name in share[index] if name not in good]

        with ThreadPoolExecutor(3) as pool:
            return [failed for each in pool.map(at, share) for failed in each]

    def update(self, node: Node, names: list[str]) -> list[str]:
        """Gives names of this node's new values; what failed of it."""
        fresh = {name: f"value {self.dice.getrandbits(64):x}" for name in names}
        done = self._batch(node, "update", [f"{name}\t{value}" for name, value in fresh.items()], "--lifetime", "86400")
        good = {plain(one["name"]) for one in done if "error" not in one}
        self.values |= {name: value for name, value in fresh.items() if name in good}
        return [f"{one['name']}: {one.get('message', '')}" for one in done if "error" in one]

    def get(self, node: Node, names: list[str] | None = None) -> Got:
        names = names if names is not None else list(self.values)
        found: dict[str, dict[str, Any]] = {plain(one["name"]): one for one in self._batch(node, "get", names)}
        got = Got()
        for name in names:
            one = found.get(name, {})
            values = [value["value"] for value in one.get("values", [])]
            if values == [self.values[name]]:
                got.right += 1
            else:
                got.wrong.append(f"{name} from {node.name}: {one.get('message') or values or 'no answer'}")
            got.slowest_ms = max(got.slowest_ms, float(one.get("took_ms", 0)))
            if "hops" in one:
                got.hops.append(int(one["hops"]))
        return got

    def get_everywhere(self, nodes: list[Node]) -> Got:
        total = Got()
        with ThreadPoolExecutor(2) as pool:
            for got in pool.map(self.get, nodes):
                total += got
        return total

    def get_spread(self, nodes: list[Node]) -> Got:
        """Each record once, from a random node."""
        share: dict[int, list[str]] = {}
        for name in self.values:
            share.setdefault(self.dice.choice(nodes).index, []).append(name)
        total = Got()
        with ThreadPoolExecutor(3) as pool:
            for got in pool.map(lambda index: self.get(self.ring.node(index), share[index]), share):
                total += got
        return total


def plain(name: str) -> str:
    """A name without the type that is meant where none is given."""
    return name.removeprefix("data:")
