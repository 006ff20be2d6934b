#!/usr/bin/env python3
"""A bootstrap server that is not the operator's has a document for the same overlay: it is neither believed nor kept, at no start either, until the node's
operator says so."""

from __future__ import annotations

import argparse
import hashlib
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of  # noqa: E402
from speakers import lax_tls  # noqa: E402

FOREIGN_NETWORK = "127.77.10"


def until(what: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True


def document_of(node: Node) -> bytes:
    with urllib.request.urlopen(f"https://{node.address}/.well-known/reload-config", context=lax_tls(), timeout=10) as answer:
        return bytes(answer.read())


def root_of(document: bytes) -> bytes:
    return document.partition(b"<root-cert>")[2].partition(b"</root-cert>")[0].strip()


def fingerprint_of(node: Node) -> str:
    pem = (Path(node.data) / "ca/ca.pem").read_text()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(begin + pem.partition(begin)[2].partition(end)[0] + end)).hexdigest()


def point_at(victim: Node, servers: list[Node]) -> None:
    """The victim's bootstrap servers are these, by its configuration."""
    config = Path(victim.config)
    lines = config.read_text().splitlines()
    urls = ", ".join(f'"https://{one.address}/.well-known/reload-config"' for one in servers)
    anchors = ", ".join(f'"{one.data}/web-certificate.pem"' for one in servers)
    at = lines.index("[bootstrap]")
    lines[at + 1 : at + 3] = [f"urls = [{urls}]", f"anchors = [{anchors}]"]
    config.write_text("\n".join(lines) + "\n")


def kept(victim: Node) -> bytes:
    return root_of((Path(victim.data) / "document.xml").read_bytes())


def again(ring: Ring, victim: Node) -> None:
    if victim.runs():
        localnet.kill(ring, victim, hard=False)
    localnet.launch(ring, victim)
    ring.save()


def ready(ring: Ring, victim: Node) -> bool:
    return (ring.status(victim) or {}).get("state") == "ready"


def refused(checks: Checks, ring: Ring, foreign: Ring) -> None:
    victim, login, evil = ring.nodes[-1], ring.nodes[0], foreign.nodes[0]
    own, theirs = root_of(document_of(login)), root_of(document_of(evil))
    checks.check("both operators' documents are of one overlay, by two authorities", bool(own) and bool(theirs) and own != theirs)
    checks.check("the document that was adopted is kept", kept(victim) == own)
    point_at(victim, [evil])
    ring.call(victim, "reload")
    until(lambda: kept(victim) == theirs, 15)
    checks.check("a foreign document is not written to disk while the node runs", kept(victim) == own)
    again(ring, victim)
    checks.check("started with the foreign server alone, the node is in its own ring", until(lambda: ready(ring, victim), 40))
    checks.check("and the foreign document is not on its disk", kept(victim) == own)
    members = {member for side in ("left", "right") for member in (ring.status(victim) or {}).get("leaf_set", {}).get(side, [])}
    checks.check("with its own neighbours", {node.node_id for node in ring.nodes[:-1]} <= members, f"{members}")
    pinned = (ring.status(victim) or {}).get("anchors")
    checks.check("the status shows whose overlay it is", pinned == [fingerprint_of(login)], f"{pinned}")


def without_document(checks: Checks, ring: Ring, foreign: Ring) -> None:
    victim, evil = ring.nodes[-1], foreign.nodes[0]
    localnet.kill(ring, victim, hard=False)
    (Path(victim.data) / "document.xml").unlink(missing_ok=True)
    again(ring, victim)
    believed = until(lambda: (Path(victim.data) / "document.xml").exists(), 8)
    checks.check("nor is it believed by a node whose document was lost: the anchor is pinned apart from it", not believed)
    told = Path(victim.log).read_text()
    checks.check("the log says what to do", f"supernode anchor replace {fingerprint_of(evil)}" in told)


def replaced(checks: Checks, ring: Ring, foreign: Ring) -> None:
    victim, evil = ring.nodes[-1], foreign.nodes[0]
    localnet.kill(ring, victim, hard=True)
    wrong = ring.call(victim, "anchor", "replace", "sha256:1234")
    checks.check("what is no fingerprint is refused by the command", wrong.exit_code == 2 and "64 hex digits" in wrong.error, wrong.error)
    done = ring.call(victim, "anchor", "replace", fingerprint_of(evil))
    shown = ring.call(victim, "anchor", "show")
    checks.check("the operator replaces the anchor by a command, and is shown it", done.exit_code == 0 and shown.out.strip() == fingerprint_of(evil), done.error + shown.error)
    again(ring, victim)
    checks.check("then the other document is taken", until(lambda: (Path(victim.data) / "document.xml").exists() and kept(victim) == root_of(document_of(evil)), 20))


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d10", 3, given.binary) as (ring, _), ring_of("d10-foreign", 1, given.binary, network=FOREIGN_NETWORK) as (foreign, _):
        refused(checks, ring, foreign)
        without_document(checks, ring, foreign)
        replaced(checks, ring, foreign)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d10", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
