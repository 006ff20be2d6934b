#!/usr/bin/env python3
"""Revocation of many and of one: in force everywhere within a minute, while records are stored and read, and while documents differ."""

from __future__ import annotations

import argparse
import random
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Records, Ring, arguments, localnet, main_with, ring_of  # noqa: E402
from speakers import lax_tls  # noqa: E402

REVOKED = 3000
RECORDS = 20
IN_FORCE_SECONDS = 60
# A first node that starts again looks for those that it has met, which it writes down every 20 s.
KEPT_PEERS_SECONDS = 22


def until(what: Callable[[], bool], seconds: float) -> float | None:
    """How long it took; none: longer."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.3)
    return time.monotonic() - began


def list_of(ring: Ring, node: Node) -> dict[str, int]:
    return dict((ring.status(node) or {}).get("revocations", {}))


def fetch(node: Node, path: str) -> bytes:
    try:
        with urllib.request.urlopen(f"https://{node.address}/.well-known/{path}", context=lax_tls(), timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError:
        return b""


def sequence_of(ring: Ring, node: Node) -> int:
    return int((ring.status(node) or {}).get("document", {}).get("sequence", -1))


def revoke(ring: Ring, ids: list[str]) -> None:
    (Path(ring.nodes[0].data) / "bad").write_text("".join(one + "\n" for one in ids))


def used(records: Records, nodes: list[Node]) -> str:
    """What fails of storing and reading a few records; empty: nothing."""
    failed = records.add(RECORDS, nodes)
    return "; ".join(failed[:2])


def many(checks: Checks, ring: Ring, records: Records, dice: random.Random) -> list[str]:
    ids = [f"{dice.getrandbits(128):032x}" for _ in range(REVOKED)]
    revoke(ring, ids)
    failed: list[str] = []

    def everywhere() -> bool:
        failed.extend(filter(None, [used(records, ring.nodes)]))
        return all(list_of(ring, node).get("entries") == REVOKED for node in ring.nodes)

    took = until(everywhere, IN_FORCE_SECONDS)
    checks.check(f"{REVOKED} revoked nodes are in force at every node within a minute", took is not None, f"{[list_of(ring, node) for node in ring.nodes]}")
    checks.check("meanwhile records are stored at every node", not failed, "; ".join(failed[:2]))
    checks.check("the configuration document does not grow with them", len(fetch(ring.nodes[0], "reload-config")) < 16_000)
    checks.check("any node gives the list to those that start", len(fetch(ring.nodes[1], "phyllo-revocations")) > 20 * REVOKED)
    return ids


def one(checks: Checks, ring: Ring, ids: list[str]) -> Node:
    last = ring.nodes[-1]
    revoke(ring, [*ids, last.node_id])
    others = ring.nodes[:-1]

    def cut_off() -> bool:
        return all(last.node_id not in {link["node_id"] for link in (ring.status(node) or {}).get("links", [])} for node in others)

    took = until(cut_off, IN_FORCE_SECONDS)
    checks.check("a node that is revoked has no link to any other within a minute", took is not None)
    numbers = {list_of(ring, node).get("number") for node in others}
    checks.check("all others have the same list", len(numbers) == 1 and None not in numbers, f"{numbers}")
    return last


def differing(checks: Checks, ring: Ring, records: Records, others: list[Node]) -> None:
    """The operator's node starts anew with another document than all others have."""
    first, config = ring.nodes[0], Path(ring.nodes[0].config)
    lines = config.read_text().splitlines()
    lines.insert(lines.index("[login]") + 1, 'aor_domains = ["example.com"]')
    config.write_text("\n".join(lines) + "\n")
    before = sequence_of(ring, first)
    time.sleep(KEPT_PEERS_SECONDS)
    localnet.kill(ring, first, hard=False)
    localnet.launch(ring, first)
    ring.save()
    joined = until(lambda: len((ring.status(first) or {}).get("links", [])) >= len(others) - 1, 60)
    checks.check("a node of another document joins", joined is not None)
    older = set(records.values)
    failed = list(filter(None, [used(records, others) for _ in range(3)]))
    checks.check("no request between nodes of different documents fails", not failed, "; ".join(failed[:2]))
    everybody = until(lambda: {sequence_of(ring, node) for node in others} == {before + 1}, 30)
    checks.check("and everybody has the new one soon", everybody is not None, f"{[sequence_of(ring, node) for node in others]}")
    for name in older:  # what the revoked node has signed is gone with it
        del records.values[name]
    got = records.get_spread(others)
    checks.check("every record is got", not got.wrong, got.said())


def run(checks: Checks, given: argparse.Namespace, dice: random.Random) -> None:
    with ring_of("d09", 5, given.binary, {"overlay.bad_nodes_file": "bad"}) as (ring, _):
        records = Records(ring, dice)
        ids = many(checks, ring, records, dice)
        revoked = one(checks, ring, ids)
        differing(checks, ring, records, [node for node in ring.nodes if node is not revoked])


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d09", given.results)
    return main_with(checks, lambda: run(checks, given, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
