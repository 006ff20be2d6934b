#!/usr/bin/env python3
"""An account that is removed, or whose password is changed, is over at once: its phones, its secret, its certificates, whether the login server runs then
or not."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of, say  # noqa: E402
from login_kit import enrol  # noqa: E402
from reload_node import PING, Identity, Link  # noqa: E402
from sip_agent import Agent  # noqa: E402

NAMES = ("alice", "bob", "carol", "dave")
USERS = [{"user": f"{name}@example.com", "password": f"{name}-secret"} for name in NAMES]
SOON_SECONDS = 15


def until(what: Callable[[], bool], seconds: float = SOON_SECONDS) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True


def phone_of(node: Node, user: str, last: int, transport: str = "udp", password: str = "") -> Agent:
    return Agent(user, transport, f"{node.address.rpartition('.')[0]}.{last}", node.address, password or f"{user}-secret")


def registers(phone: Agent) -> bool:
    answer = phone.register()
    return answer is not None and answer.status == 200


def published(ring: Ring, user: str) -> bool:
    return ring.call(ring.nodes[1], "overlay", "get", f"credential:{user}@example.com", "--json").exit_code == 0


def located(ring: Ring, user: str) -> bool:
    return ring.call(ring.nodes[1], "overlay", "get", f"user location:{user}@example.com", "--json").exit_code == 0


def bindings(ring: Ring, node: Node) -> int:
    return int((ring.status(node) or {}).get("sip", {}).get("bindings", 0))


def rings(caller: Agent, callee: Agent) -> bool:
    callee.silent(0)
    caller.ask("INVITE", callee.aor, seconds=4)
    return callee.next_request("INVITE", 0.5) is not None


def links(me: Identity, node: Node) -> bool:
    """The handshake may end before the node has looked at the certificate: what counts is an answer."""
    try:
        link = Link(me, node.address)
        answer = link.ask(PING, b"\x00\x00")
        link.close()
        return answer is not None and answer.code == PING + 1
    except OSError:
        return False


def removed_while_it_runs(checks: Checks, ring: Ring) -> None:
    login, second, third = ring.nodes[:3]
    over_tcp, by_udp, alice = phone_of(second, "bob", 101, "tcp"), phone_of(third, "bob", 102), phone_of(third, "alice", 103)
    good = registers(over_tcp) and registers(by_udp) and registers(alice)
    checks.check("bob is registered with two nodes, and rings", good and rings(alice, by_udp))
    certificate = enrol("bob@example.com", "bob-secret", "laptop", server=login.address)
    checks.check("bob's certificate makes links", links(certificate, second))
    assert ring.call(login, "user", "remove", "bob@example.com").exit_code == 0
    checks.check("the connection that he registered by is closed", until(lambda: over_tcp.closed))
    checks.check("his bindings are gone at both nodes", until(lambda: bindings(ring, second) == 0 and bindings(ring, third) == 1), f"{bindings(ring, second)}, {bindings(ring, third)}")
    checks.check("and in the overlay, with his secret", until(lambda: not located(ring, "bob") and not published(ring, "bob")))
    checks.check("he rings no more", not rings(alice, by_udp))
    checks.check("he registers nowhere any more", not registers(phone_of(second, "bob", 104)) and not registers(phone_of(third, "bob", 105)))
    checks.check("his certificate makes no links any more", until(lambda: not links(certificate, second)) and until(lambda: not links(certificate, third)))
    checks.check("nobody else has lost anything", registers(alice) and registers(phone_of(second, "carol", 106)))


def made_again(checks: Checks, ring: Ring) -> None:
    login, second = ring.nodes[:2]
    assert ring.call(login, "user", "add", "bob@example.com", stdin="another-secret\n").exit_code == 0
    checks.check("an account that is made again registers with its new password", until(lambda: registers(phone_of(second, "bob", 107, password="another-secret"))))
    checks.check("and not with the former one", not registers(phone_of(second, "bob", 108)))
    checks.check("its new certificate makes links", until(lambda: links(enrol("bob@example.com", "another-secret", "laptop", server=login.address), second)))


def password_changed(checks: Checks, ring: Ring) -> None:
    login, second = ring.nodes[:2]
    phone = phone_of(second, "carol", 109, "tcp")
    certificate = enrol("carol@example.com", "carol-secret", "laptop", server=login.address)
    checks.check("carol is registered, and linked", registers(phone) and links(certificate, second))
    assert ring.call(login, "user", "add", "carol@example.com", "--replace", stdin="new-secret\n").exit_code == 0
    checks.check("with another password the old connection is closed", until(lambda: phone.closed))
    checks.check("the old password registers no more", until(lambda: not registers(phone_of(second, "carol", 110))))
    checks.check("the certificates of before make no links", until(lambda: not links(certificate, second)))
    checks.check("the new password registers", until(lambda: registers(phone_of(second, "carol", 111, password="new-secret"))))


def removed_while_it_is_down(checks: Checks, ring: Ring) -> None:
    login, second = ring.nodes[:2]
    phone = phone_of(second, "dave", 112, "tcp")
    checks.check("dave is registered", registers(phone) and until(lambda: published(ring, "dave")))
    localnet.kill(ring, login, hard=True)
    say("the login server is down")
    assert ring.call(login, "user", "remove", "dave@example.com").exit_code == 0
    localnet.launch(ring, login)
    ring.save()
    checks.check("the login server comes back", until(lambda: (ring.status(login) or {}).get("state") == "ready", 60))
    checks.check("then his connection is closed", until(lambda: phone.closed, 30))
    checks.check("his secret and location are gone from the overlay", until(lambda: not published(ring, "dave") and not located(ring, "dave"), 30))
    checks.check("he registers no more", not registers(phone_of(second, "dave", 113)))


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d12", 4, given.binary, users=USERS) as (ring, _):
        checks.check("the users' secrets are published", until(lambda: all(published(ring, name) for name in NAMES), 30))
        removed_while_it_runs(checks, ring)
        made_again(checks, ring)
        password_changed(checks, ring)
        removed_while_it_is_down(checks, ring)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d12", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
