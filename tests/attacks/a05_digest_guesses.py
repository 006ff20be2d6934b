#!/usr/bin/env python3
"""Passwords guessed at over SIP: few guesses are judged, of one address and at one user, by REGISTER and by INVITE; the phone of the user who is guessed at
registers and calls as before; fail2ban finds the guesser in the log; and datagrams with forged credentials make the node look nothing up."""

from __future__ import annotations

import argparse
import re
import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Node, arguments, main_with, ring_of, say  # noqa: E402
from d14_login_flood import filtered  # noqa: E402
from sip_agent import Agent, token  # noqa: E402

USERS = [{"user": f"{name}@example.com", "password": f"{name}-secret"} for name in ("alice", "bob", "carol")]
GUESSER, NEIGHBOURS, HOME, FORGER = "127.0.61.1", "127.0.62", "127.0.63.1", "127.0.64.1"
SECONDS = 6.0
# What one address may have judged: as many at once as a minute, and what comes back meanwhile.
JUDGED_MAX = 30 + 30 * (SECONDS + 6) / 60 + 2


def drops(node: Node, reason: str) -> int:
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=10) as answer:
        found = re.search(rf'phyllo_dropped_total{{reason="{reason}"}} (\d+)', answer.read().decode())
    return int(found[1]) if found else 0


def metric(node: Node, name: str) -> float:
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=10) as answer:
        return sum(float(line.rpartition(" ")[2]) for line in answer.read().decode().splitlines() if line.startswith(name))


def guess(agent: Agent, method: str, until: float, heard: Counter[int]) -> None:
    """One guess after the other, each with a fresh challenge; what each came to is counted."""
    uri = "sip:example.com" if method == "REGISTER" else "sip:bob@example.com"
    while time.monotonic() < until:
        answer = agent.ask(method, uri, seconds=3, to=f"<{agent.aor}>" if method == "REGISTER" else f"<{uri}>")
        heard[answer.status if answer else 0] += 1


def guesses(agents: list[Agent], methods: list[str], seconds: float) -> Counter[int]:
    heard: Counter[int] = Counter()
    until = time.monotonic() + seconds
    crowd = [threading.Thread(target=guess, args=(agent, method, until, heard), daemon=True) for agent, method in zip(agents, methods, strict=True)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(seconds + 10)
    return heard


def forged(node: Node, count: int) -> None:
    """Credentials with made-up nonces for users who never were."""
    forger = Agent("nobody", "udp", FORGER, node.address)
    for number in range(count):
        line = f'Authorization: Digest username="ghost{number}", realm="example.com", nonce="{token(26)}", uri="sip:example.com", response="{token(16)}", algorithm=MD5, qop=auth, cnonce="c", nc=00000001'
        forger.send(forger.build("REGISTER", "sip:example.com", [line], to=f"<sip:ghost{number}@example.com>"))
        if number % 100 == 0:
            time.sleep(0.05)
    time.sleep(1)
    forger.close()


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("a05", 3, given.binary, users=USERS) as (ring, _):
        node = ring.nodes[1]  # not the login server: secrets are looked up in the ring
        alice, bob = (Agent(name, "udp", HOME, node.address, f"{name}-secret") for name in ("alice", "bob"))
        bob.react = lambda message: message.method == "INVITE" and not message.status and (bob.respond(message, 486), True)[1]
        checks.check("two phones register", all(answer and answer.status == 200 for answer in (alice.register(), bob.register())))

        sent = metric(node, "phyllo_reload_messages_total")
        forged(node, 2000)
        after = metric(node, "phyllo_reload_messages_total")
        checks.check("2,000 datagrams with forged nonces make the node look nothing up", after - sent < 200 and drops(node, "sip_foreign_nonce") > 1000, f"{after - sent:.0f} messages of the overlay, {drops(node, 'sip_foreign_nonce')} refused")

        before = drops(node, "sip_credentials")
        crowd = [Agent("alice", transport, GUESSER, node.address, f"guess{number}") for number, transport in enumerate(("udp", "udp", "tcp", "ws", "tls") * 4)]
        calls: list[int] = []

        def honest() -> None:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for answer in (alice.register(), alice.ask("INVITE", "sip:bob@example.com", to="<sip:bob@example.com>")):
                    calls.append(answer.status if answer else 0)
                time.sleep(0.2)

        phone = threading.Thread(target=honest)
        phone.start()
        heard = guesses(crowd, ["REGISTER", "INVITE"] * 10, SECONDS)
        phone.join()
        judged = drops(node, "sip_credentials") - before
        checks.check("of one address few guesses are judged, whatever carries them", 0 < judged <= JUDGED_MAX, f"{judged} of {sum(heard.values())}, answers {dict(heard)}")
        checks.check("the others are refused with 503", heard[503] > 0 and not heard[200])
        checks.check("the phone of the user who is guessed at registers and calls meanwhile", len(calls) >= 4 and set(calls) == {200, 486}, f"{len(calls)} requests, answers {sorted(set(calls))}")
        counted = drops(node, "sip_guesses_of_address") + drops(node, "sip_guesses_at_user")
        checks.check("refused guesses are counted by reason", counted > 0, f"{counted}")

        before = drops(node, "sip_credentials")
        crowd = [Agent("carol", "udp", f"{NEIGHBOURS}.{number}", node.address, "guess") for number in range(1, 61)]
        heard = guesses(crowd, ["REGISTER"] * 60, SECONDS)
        judged = drops(node, "sip_credentials") - before
        checks.check("at one user few guesses are judged, from however many addresses", judged <= 2 * 20 + 4, f"{judged} of {sum(heard.values())} from 60 addresses")

        log = Path(node.log).read_text(errors="replace")
        lines = [line for line in log.splitlines() if "sip.digest" in line]
        checks.check("fail2ban's filter finds the guesser and no phone", GUESSER in filtered(log) and HOME not in filtered(log) and FORGER not in filtered(log))
        checks.check("the log is in proportion to the guessers, not to their guesses", 0 < len(lines) <= 3 * 2 * 62, f"{len(lines)} lines")
        checks.check("the log names no user", "alice" not in log and "carol" not in log)
        say(f"{sum(heard.values())} guesses at carol")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("a05", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
