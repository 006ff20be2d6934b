#!/usr/bin/env python3
"""90 guessers from 1,000 networks: who has logged in before, who comes from elsewhere and who renews a certificate are served as in quiet times."""

from __future__ import annotations

import argparse
import configparser
import multiprocessing
import random
import re
import statistics
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import ROOT, Checks, Node, arguments, main_with, ring_of, say  # noqa: E402
from login_kit import Answer, any_csr, by_certificate, enrol, log_in  # noqa: E402

# It measures time, on a machine that does nothing else.
SLOW = True

GUESSERS, PROCESSES, NETWORKS = 90, 3, 1000
NEWCOMERS = [f"new{number}@example.com" for number in range(6)]
USERS = [{"user": user, "password": user.split("@")[0] + "-secret"} for user in ("alice@example.com", "mallory@example.com", *NEWCOMERS)]
# A check costs about 50 ms so, as it did when the flood was first seen; then a log-in took 7 to 16 s in it.
SETTINGS = {"login.scrypt_log2_n": 14, "login.certificate_lifetime_s": 3600}
WARM_UP_SECONDS = 12
# The guessers take the same two cores: what a log-in costs beside its turn is theirs, too.
SLACK_SECONDS = 1.0


def network(number: int) -> str:
    """An address; each has a /24 of its own."""
    return f"127.{20 + number // 250}.{number % 250}.{1 + number % 200}"


def guess(server: str, seed: int, csr: bytes, ended: threading.Event) -> None:
    dice = random.Random(seed)
    while not ended.is_set():
        user = "alice@example.com" if dice.random() < 0.5 else f"user{dice.randrange(10**6)}@example.com"
        try:
            log_in(server, user, f"guess{dice.randrange(10**9)}", network(dice.randrange(NETWORKS)), csr)
        except OSError:
            time.sleep(0.2)


def guesses(server: str, seed: int, count: int, until: float) -> None:
    """One process of guessers."""
    ended, csr = threading.Event(), any_csr("alice@example.com")
    crowd = [threading.Thread(target=guess, args=(server, 1000 * seed + number, csr, ended), daemon=True) for number in range(count)]
    for one in crowd:
        one.start()
    time.sleep(max(0.0, until - time.time()))
    ended.set()


@contextmanager
def flood(server: str, seed: int, seconds: float) -> Iterator[None]:
    crowd = [multiprocessing.Process(target=guesses, args=(server, seed + number, GUESSERS // PROCESSES, time.time() + seconds), daemon=True) for number in range(PROCESSES)]
    for one in crowd:
        one.start()
    try:
        yield
    finally:
        for one in crowd:
            one.terminate()
        for one in crowd:
            one.join()


def measured(ask: Callable[[int], Answer], times: int) -> tuple[float, list[int]]:
    """The median of what a request takes, and the answers' codes."""
    answers = []
    for number in range(times):
        try:
            answers.append(ask(number))
        except OSError as error:
            answers.append(Answer(0, {}, str(error).encode(), 30.0))
        time.sleep(0.5)
    return statistics.median(one.took for one in answers), [one.status for one in answers]


def metric(node: Node, name: str) -> float:
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def filtered(log: str) -> set[str]:
    """The addresses that fail2ban would find in a log, by the filter that is shipped."""
    shipped = configparser.ConfigParser(interpolation=None)
    shipped.read(ROOT / "packaging/fail2ban/phyllo-supernode.conf")
    patterns = [re.compile(line.replace("<HOST>", r"(?P<host>[0-9a-fA-F.:]+)")) for line in shipped["Definition"]["failregex"].splitlines() if line]
    date = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")  # which fail2ban takes away first
    found = [pattern.search(date.sub("", line)) for line in log.splitlines() for pattern in patterns]
    return {match["host"] for match in found if match}


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d14", 1, given.binary, settings=dict(SETTINGS), users=USERS) as (ring, _):
        node = ring.nodes[0]
        server = node.address
        csr = any_csr("alice@example.com")
        me = enrol("mallory@example.com", "mallory-secret", "laptop", server, source="127.90.2.1")

        def owner(_: int) -> Answer:
            return log_in(server, "alice@example.com", "alice-secret", "127.90.1.1", csr)

        def newcomer(number: int) -> Answer:
            user = NEWCOMERS[number]
            return log_in(server, user, user.split("@")[0] + "-secret", f"127.91.{number}.1")

        def renewal(_: int) -> Answer:
            return by_certificate(me, server, "/.well-known/phyllo-renew", any_csr("mallory@example.com"), "127.92.1.1")

        quiet, codes = measured(owner, 5)
        checks.check("a log-in in quiet times succeeds", set(codes) == {200}, f"{quiet:.2f} s")
        bound = 2 * quiet + SLACK_SECONDS
        with flood(server, given.seed, 90):
            time.sleep(WARM_UP_SECONDS)
            for name, ask in (("the owner of an account that is guessed at, from where he has logged in before", owner),
                              ("a newcomer, from a network that nobody has failed from", newcomer), ("a certificate that renews itself", renewal)):
                took, codes = measured(ask, 6)
                checks.check(f"in the flood: {name}", set(codes) == {200} and took < bound, f"{took:.2f} s, {quiet:.2f} s in quiet times, answers {sorted(set(codes))}")
        failed = metric(node, "phyllo_log_ins_failed_total")
        checks.check("failed log-ins are counted by reason", failed > 0 and metric(node, 'phyllo_log_ins_failed_total{reason="account"}') > 0, f"{failed:.0f}")
        log = Path(node.log).read_text(errors="replace")
        hosts = filtered(log)
        checks.check("fail2ban's filter finds the guessers' addresses in the log", len(hosts) > 10 and hosts <= {network(n) for n in range(NETWORKS)}, f"{len(hosts)} addresses")
        checks.check("the log names none of the users who were guessed at", "alice" not in log and "user1" not in log)
        say(f"{len(hosts)} addresses in the log, {failed:.0f} failed log-ins")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d14", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
