#!/usr/bin/env python3
"""A domain's secrets are its nodes' alone: not those of another domain's operator, nor of one who was removed."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of, say  # noqa: E402
from login_kit import Keys, domain_keys, enrol, open_credential, record_of  # noqa: E402
from sip_agent import Agent  # noqa: E402

USERS = [{"user": f"{name}@example.com", "password": f"{name}-secret"} for name in ("alice", "bob")]
ALICE = "alice@example.com"


def until(what: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True


def generation_of(record: str) -> int:
    head, colon, _ = record.partition(":")
    return int(head) if colon and head.isdigit() else 0


def registers(node: Node, user: str, last: int) -> bool:
    phone = Agent(user, "udp", f"{node.address.rpartition('.')[0]}.{last}", node.address, f"{user}-secret")
    answer = phone.register()
    return answer is not None and answer.status == 200


def add(ring: Ring, user: str, password: str, *more: str) -> None:
    answer = ring.call(ring.nodes[0], "user", "add", user, *more, stdin=password + "\n")
    assert answer.exit_code == 0, answer.error


def kept_keys(node: Node) -> list[tuple[str, int]]:
    """Domain and generation of what a node has on disk."""
    file = Path(node.data) / "domain-keys"
    lines = [line.split(" ") for line in file.read_text().splitlines()] if file.exists() else []
    return [(line[0], int(line[1])) for line in lines]


def strangers(checks: Checks, ring: Ring) -> None:
    login = ring.nodes[0].address
    add(ring, "op@other.org", "op-secret", "--authority", "other.org")
    add(ring, "op@example.com", "op-secret", "--authority", "example.com")
    record = record_of(ring, ring.nodes[1], ALICE)
    own = open_credential(domain_keys("op@example.com", "op-secret", login), ALICE, record)
    expected = hashlib.sha256(b"alice:example.com:alice-secret").hexdigest()
    checks.check("an operator of example.com opens the secret of alice@example.com", own is not None and own.startswith(expected))
    theirs = domain_keys("op@other.org", "op-secret", login)
    checks.check("an operator of other.org opens it not, with whatever keys he comes by", open_credential(theirs, ALICE, record) is None, f"keys: {sorted(theirs)}")
    checks.check("an account without authority comes by no key", not domain_keys(ALICE, "alice-secret", login))


def removed(checks: Checks, ring: Ring) -> Keys:
    login = ring.nodes[0].address
    operator = enrol("op@example.com", "op-secret", "attack", login)
    before = domain_keys("op@example.com", "op-secret", login)
    assert ring.call(ring.nodes[0], "user", "remove", "op@example.com").exit_code == 0
    add(ring, "dora@example.com", "dora-secret")
    checks.check("a new account's secret is published", until(lambda: bool(record_of(ring, ring.nodes[1], "dora@example.com"))))
    record = record_of(ring, ring.nodes[1], "dora@example.com")
    checks.check("the removed operator's key opens nothing that is sealed after", bool(record) and open_credential(before, "dora@example.com", record) is None, record[:12])
    after = domain_keys("", "", login, operator)
    checks.check("nor is he given a new one for the certificate that he still has", not set(after) - set(before), f"{sorted(after)}")
    checks.check("a node that has authority opens it, and needs no password for the new key", registers(ring.nodes[2], "dora", 103))
    checks.check("what was sealed before serves meanwhile", registers(ring.nodes[2], "alice", 101))
    return before


def rotated(checks: Checks, ring: Ring, stolen: Keys) -> None:
    first, second, third = ring.nodes[:3]
    answer = ring.call(first, "user", "rotate-key", "example.com", "--now", "--json")
    newest = answer.json()["generation"] if answer.exit_code == 0 else 0
    checks.check("a key is rotated by a command", newest > 0, answer.error)
    resealed = until(lambda: generation_of(record_of(ring, second, ALICE)) == newest > 0)
    checks.check("all records are sealed with the new generation then", resealed and generation_of(record_of(ring, second, "bob@example.com")) == newest)
    checks.check("none of them opens with a key from before", open_credential(stolen, ALICE, record_of(ring, second, ALICE)) is None)
    good = registers(second, "bob", 102) and registers(third, "bob", 105)
    checks.check("phones register with every node as before", good)
    add(ring, "op3@example.com", "op-secret", "--authority", "example.com")
    forgotten = until(lambda: set(domain_keys("op3@example.com", "op-secret", first.address)) == {("example.com", newest)})
    checks.check("the older generations are forgotten when all records are sealed anew", forgotten)
    start_again(ring, third)
    checks.check("and a node forgets them when it asks next", until(lambda: kept_keys(third) == [("example.com", newest)]), f"{kept_keys(third)}")


def start_again(ring: Ring, node: Node) -> bool:
    localnet.kill(ring, node, hard=False)
    localnet.launch(ring, node)
    ring.save()
    return until(lambda: (ring.status(node) or {}).get("state") == "ready", 60)


def restarted(checks: Checks, ring: Ring) -> None:
    first, second, third = ring.nodes[:3]
    modes = {(Path(node.data) / "domain-keys").stat().st_mode & 0o777 for node in (second, third) if (Path(node.data) / "domain-keys").exists()}
    checks.check("the keys on disk are their owner's alone to read", modes == {0o600}, str(modes))
    # Written every 20 s: by it a node finds the others when the document names the login server's node alone.
    checks.check("a node remembers its peers", until(lambda: (Path(third.data) / "peers").exists(), 40))
    say("the login server stops, and a node is started again without it")
    localnet.kill(ring, first, hard=False)
    ready = start_again(ring, third)
    checks.check("a node that is started without its login server opens secrets as before", ready and until(lambda: registers(third, "bob", 104), 20))


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d03", 3, given.binary, users=USERS) as (ring, _):
        published = until(lambda: all(record_of(ring, ring.nodes[1], user["user"]) for user in USERS))
        checks.check("the users' secrets are published", published)
        strangers(checks, ring)
        stolen = removed(checks, ring)
        rotated(checks, ring, stolen)
        restarted(checks, ring)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d03", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
