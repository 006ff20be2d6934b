#!/usr/bin/env python3
"""10,000 users are imported; SIPp registers all of them at node 1, and calls 2,000 of them through the other nodes. None may fail."""

import csv
import random
import subprocess
import sys
import time
from pathlib import Path

from acceptance import Checks, Ring, arguments, main_with, ring_of, say

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/lib"))
from phones import SCENARIOS  # noqa: E402

NODES = 5
PHONES = "127.0.3.1:5060"


def sipp(ring: Ring, name: str, scenario: str, target: str, lines: list[str] | None, *more: str, address: str) -> subprocess.Popen[bytes]:
    directory = ring.directory / "sipp" / name
    directory.mkdir(parents=True, exist_ok=True)
    host, _, port = address.partition(":")
    command = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", host, "-p", port, "-bind_local", "-nostdin", "-trace_stat", "-fd", "1", "-trace_err", *more]
    if lines is not None:
        file = directory / "users.csv"
        file.write_text("SEQUENTIAL\n" + "".join(line + "\n" for line in lines))
        command += ["-inf", str(file), "-m", str(len(lines)), target]
    log = (directory / "log").open("w")
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory)


def counts(ring: Ring, name: str) -> tuple[int, int]:
    """Successful and failed calls, as SIPp's last line of statistics says."""
    for file in (ring.directory / "sipp" / name).glob("*_.csv"):
        with file.open(newline="") as rows:
            last = list(csv.DictReader(rows, delimiter=";"))[-1]
            return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
    return 0, 0


def authentication(user: str, password: str) -> str:
    return f"[authentication username={user} password={password}]"


def register_all(checks: Checks, ring: Ring, accounts: list[tuple[str, str]], rate: int) -> None:
    lines = [f"{user};{ring.domain};{authentication(user, password)}" for user, password in accounts]
    began = time.monotonic()
    more = ["-key", "contact", PHONES, "-r", str(rate), "-l", "2000", "-timeout", f"{len(lines) // rate * 4 + 120}s"]
    registering = sipp(ring, "register", "register", f"{ring.nodes[0].address}:5060", lines, *more, address="127.0.3.2:5060")
    code = registering.wait()
    good, failed = counts(ring, "register")
    took = time.monotonic() - began
    checks.check(f"{len(lines)} users register at node 1", code == 0 and good == len(lines) and failed == 0, f"{good} good, {failed} failed, {took:.0f} s, {good / took:.0f} a second")


def call_many(checks: Checks, ring: Ring, accounts: list[tuple[str, str]], calls: int, rate: int, dice: random.Random) -> None:
    callees = dice.sample(accounts, calls)
    others = ring.nodes[1:]
    answering = sipp(ring, "answer", "answer", "", None, "-l", "20000", address=PHONES)
    time.sleep(1)
    began = time.monotonic()
    callers = {}
    for i, node in enumerate(others):
        lines = []
        for callee, _ in callees[i :: len(others)]:
            caller, password = dice.choice(accounts)
            lines.append(f"{callee};{ring.domain};{caller};{authentication(caller, password)}")
        more = ["-r", str(max(1, rate // len(others))), "-d", "2000", "-l", "1000", "-timeout", f"{calls // rate * 4 + 120}s"]
        callers[f"call{node.index}"] = sipp(ring, f"call{node.index}", "call", f"{node.address}:5060", lines, *more, address=f"127.0.3.{10 + i}:5060")
    codes = [process.wait() for process in callers.values()]
    answering.terminate()
    answering.wait(10)
    results = [counts(ring, name) for name in callers]
    good, failed = sum(result[0] for result in results), sum(result[1] for result in results)
    took = time.monotonic() - began
    checks.check(f"{calls} of them are called through the other nodes", not any(codes) and good == calls and failed == 0, f"{good} good, {failed} failed, {took:.0f} s")


def run(checks: Checks, users: int, calls: int, rate: int, scrypt: int, binary: str | None, dice: random.Random) -> None:
    accounts = [(f"user{number}", f"{dice.getrandbits(48):012x}") for number in range(users)]
    settings = {"login.scrypt_log2_n": scrypt}
    began = time.monotonic()
    with ring_of("load", NODES, binary, settings, [{"user": f"{user}@example.com", "password": password} for user, password in accounts]) as (ring, _):
        listed = ring.call(ring.nodes[0], "user", "list", "--json")
        count = listed.out.count("@example.com")
        checks.check(f"{users} users are imported", listed.exit_code == 0 and count >= users, f"with the ring, in {time.monotonic() - began:.0f} s")
        register_all(checks, ring, accounts, rate)
        call_many(checks, ring, accounts, calls, rate // 4, dice)
        dead = [node.name for node in ring.nodes if not node.runs()]
        checks.check("no node died", not dead, ", ".join(dead))


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--rate", type=int, default=200, help="registrations a second; calls start at a quarter of it")
    parser.add_argument("--scrypt", type=int, default=10, help="login.scrypt_log2_n: what a password costs to import (default: 10; 14 takes minutes)")
    given = parser.parse_args()
    say(f"seed {given.seed}")
    checks = Checks("load", given.results)
    return main_with(checks, lambda: run(checks, given.users, given.calls, given.rate, given.scrypt, given.binary, random.Random(given.seed)))


if __name__ == "__main__":
    sys.exit(main())
