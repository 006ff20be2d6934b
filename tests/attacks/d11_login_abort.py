#!/usr/bin/env python3
"""An account with authority for more domains than a certificate can say: it is not made, and one that is there ends no login server."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Ring, arguments, main_with, ring_of  # noqa: E402
from login_kit import Answer, log_in  # noqa: E402

USERS = [{"user": "alice@example.com", "password": "alice-secret"}]


def domains(count: int, characters: int = 0) -> list[str]:
    return [f"d{number}{'x' * characters}.example.net" for number in range(count)]


def add(ring: Ring, user: str, names: list[str]) -> tuple[int, str]:
    options = [word for name in names for word in ("--authority", name)]
    answer = ring.call(ring.nodes[0], "user", "add", user, *options, stdin="op-secret\n")
    return answer.exit_code, answer.error


def tried(ring: Ring, user: str, password: str) -> Answer | None:
    try:
        return log_in(ring.nodes[0].address, user, password)
    except OSError:
        return None


def run(checks: Checks, given: argparse.Namespace) -> None:
    with ring_of("d11", 1, given.binary, users=USERS) as (ring, _):
        node = ring.nodes[0]
        code, _ = add(ring, "op64@example.com", domains(64))
        most = tried(ring, "op64@example.com", "op-secret")
        checks.check("an account with 64 domains is made, and logs in", code == 0 and most is not None and most.status == 200)
        for name, count, characters in (("65 domains", 65, 0), ("64 domains with names of 4,480 characters", 64, 55)):
            code, error = add(ring, "op@example.com", domains(count, characters))
            checks.check(f"an account with {name} is refused, with what to do", code == 2 and "certificate" in error and "second account" in error, error)
        with sqlite3.connect(Path(node.data) / "accounts.db", timeout=10) as database:
            database.execute("UPDATE account SET domains = ? WHERE user = 'op64@example.com'", (json.dumps(domains(65)),))
        answer = tried(ring, "op64@example.com", "op-secret")
        checks.check("one that stands in the database nevertheless is refused", answer is not None and answer.status == 500, str(answer and answer.status))
        checks.check("the login server goes on", node.runs())
        other = tried(ring, "alice@example.com", "alice-secret")
        checks.check("others log in", other is not None and other.status == 200)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d11", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
