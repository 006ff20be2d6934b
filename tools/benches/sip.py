"""Phyllo beside Kamailio: CPU time of the server for a call and for a registration, and the highest rate at which nothing fails.

    tools/bench sip                        three rounds, each of Kamailio with 1, 2 and 4 children and of Phyllo, one after the other
    tools/bench sip --rounds 1 --without-rates --users 1000 --calls 1000     in a minute

A call is INVITE to BYE, record-routed, without authentication; a registration is challenge, digest (MD5) and 200, first of users that are
new, then of the same ones. Both servers have what phyllo-load sends, by UDP on loopback; of Kamailio the number of children counts that
does best. The CPU time is what the server's processes used, so that other work on the machine changes it little; the rates it does change.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from result import ROOT, Figure

CONFIGURATION = ROOT / "tools/benches/sip_files/kamailio.cfg"
KAMAILIO, PHONES, CALLEES = "127.0.0.1:5070", "127.0.0.1:5290", "127.0.0.1:5291"
CHILDREN = (1, 2, 4)
KINDS = {"call": "INVITE..BYE, record-routed", "refresh": "REGISTER, a refresh", "new": "REGISTER, a new user"}
SETTINGS = ["sip.authenticate_calls=false", 'sip.digest.algorithms=["MD5"]', "sip.source_messages_per_second=1000000", "sip.source_messages_burst=1000000", "login.scrypt_log2_n=10"]

Pids = Callable[[], list[int]]


def cpu_seconds(pids: list[int]) -> float:
    def of(pid: int) -> int:
        return sum(int(field) for field in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])

    return sum(of(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def load(given: argparse.Namespace, command: str, target: str, *arguments: str) -> dict[str, Any]:
    """One run of phyllo-load. That operations fail is a figure; that it can not begin is not."""
    whole = [str(given.load), command, target, "--json", "--domain", "example.com", "--digest", "md5", "--seed", "1", "--source", PHONES, *arguments]
    ran = subprocess.run(whole, capture_output=True, text=True, check=False)
    try:
        return dict(json.loads(ran.stdout))
    except json.JSONDecodeError:
        sys.exit(f"error: {' '.join(whole)} ended with {ran.returncode}: {ran.stderr.strip()[-500:]}")


def arguments_of(given: argparse.Namespace, kind: str) -> tuple[str, list[str]]:
    if kind == "call":
        return "sip-call", ["--callee", "bob", "--callee-password", "pw", "--callee-source", CALLEES, "--users", "1", "--user", "alice"]
    return "sip-register", ["--user", "u{}", "--users", str(given.users), "--password", "pw"]


def measure(given: argparse.Namespace, label: str, target: str, pids: Pids) -> dict[str, dict[str, float]]:
    found = {}
    for kind, count, rate in (("new", given.users, 800), ("refresh", given.users, 800), ("call", given.calls, 400)):
        command, arguments = arguments_of(given, kind)
        before = cpu_seconds(pids())
        result = load(given, command, target, *arguments, "--count", str(count), "--rate", str(rate))
        time.sleep(1)  # what the server has put off
        done = result["operations"]["succeeded"]
        found[kind] = {"cpu_us": (cpu_seconds(pids()) - before) / max(1, done) * 1e6, "failed": result["operations"]["failed"], "p99_us": result["latency"]["whole"]["p99_us"]}
        print(f"   {label:22} {KINDS[kind]:28} {found[kind]['cpu_us']:7.0f} us, {found[kind]['failed']:.0f} of {count} failed", file=sys.stderr, flush=True)
    for kind in ("refresh", "call") if not given.without_rates else ():
        command, arguments = arguments_of(given, kind)
        result = load(given, command, target, *arguments, "--search", "--rate", "500", "--time", f"{given.seconds:g}s", "--give-up", "2s", "--precision", "0.1", "--search-max", "50000")
        found[kind]["rate"] = result["rate"]
        print(f"   {label:22} {KINDS[kind]:28} {result['rate']:7.0f} a second without a failure", file=sys.stderr, flush=True)
    return found


def modules() -> str:
    for folder in (f"/usr/lib/{os.uname().machine}-linux-gnu/kamailio/modules/", "/usr/lib/kamailio/modules/", "/usr/lib64/kamailio/modules/"):
        if Path(folder).is_dir():
            return folder
    sys.exit("error: Kamailio's modules are in none of the usual folders")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def kamailio(directory: Path, children: int) -> Iterator[tuple[str, Pids]]:
    text = CONFIGURATION.read_text()
    for name, value in (("CHILDREN", str(children)), ("ADDRESS", KAMAILIO), ("MODULES", modules())):
        text = text.replace(f"={name}", f"={value}").replace(f":{name}", f":{value}").replace(f'"{name}"', f'"{value}"')
    file = directory / f"kamailio-{children}.cfg"
    file.write_text(text)
    with (directory / "kamailio.log").open("w") as log:
        process = subprocess.Popen(["kamailio", "-DD", "-E", "-f", str(file), "-m", "512", "-P", str(directory / "kamailio.pid")], stdout=log, stderr=log, start_new_session=True)
    try:
        time.sleep(3)
        if process.poll() is not None:
            sys.exit(f"error: Kamailio ended at once: {(directory / 'kamailio.log').read_text()[-500:]}")
        yield KAMAILIO, lambda: [process.pid, *children_of(process.pid)]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@contextlib.contextmanager
def phyllo(directory: Path, given: argparse.Namespace, number: int) -> Iterator[tuple[str, Pids]]:
    users = directory / "users.csv"
    users.write_text("".join(f"{name}@example.com,pw\n" for name in [*(f"u{i}" for i in range(given.users)), "bob"]))
    ring, localnet = directory / f"ring{number}", str(ROOT / "tools/localnet")
    settings = [part for setting in [*SETTINGS, *given.set] for part in ("--set", setting)]
    started = subprocess.run([localnet, "start", "--nodes", "1", "--dir", str(ring), "--users-file", str(users), *settings], capture_output=True, text=True, check=False)
    if started.returncode:
        sys.exit(f"error: tools/localnet could not start a node: {(started.stdout + started.stderr)[-800:]}")
    node = json.loads((ring / "localnet.json").read_text())["nodes"][0]
    try:
        yield f"{node['address']}:5060", lambda: [node["pid"]]
    finally:
        subprocess.run([localnet, "stop", "--dir", str(ring)], capture_output=True, check=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, help="of all servers, one after the other (default: 3)")
    parser.add_argument("--users", type=int, default=5000, help="who register (default: 5000)")
    parser.add_argument("--calls", type=int, default=8000, help="of each measurement (default: 8000)")
    parser.add_argument("--children", type=int, action="append", help="Kamailio with so many; may be repeated (default: 1, 2 and 4)")
    parser.add_argument("--seconds", type=float, default=3, help="of each try for the highest rate (default: 3)")
    parser.add_argument("--without-rates", action="store_true", help="CPU time only: the rates take most of the time")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a key of the node's configuration; may be repeated")
    parser.add_argument("--load", type=Path, default=ROOT / "build/release/phyllo-load", help="the load (default: build/release/phyllo-load)")


def run(given: argparse.Namespace) -> dict[str, Any]:
    if not shutil.which("kamailio"):
        sys.exit("error: kamailio is missing: tools/setup bench installs it")
    if not given.load.exists():
        sys.exit(f"error: {given.load} is missing: tools/test --quick builds it, or ninja -C build/release")
    rounds: dict[str, list[dict[str, dict[str, float]]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for number in range(given.rounds):
            for children in given.children or CHILDREN:
                with kamailio(Path(name), children) as (target, pids):
                    label = f"Kamailio, {children} children"
                    rounds.setdefault(label, []).append(measure(given, label, target, pids))
            with phyllo(Path(name), given, number) as (target, pids):
                rounds.setdefault("Phyllo", []).append(measure(given, "Phyllo", target, pids))
    return {"rounds": rounds, "users": given.users, "calls": given.calls}


def median(result: dict[str, Any], label: str, kind: str, what: str) -> float | None:
    values = [one[kind][what] for one in result["rounds"][label] if what in one[kind]]
    return statistics.median(values) if values else None


def best_of_kamailio(result: dict[str, Any], kind: str, what: str) -> tuple[float | None, str]:
    values = [(value, label) for label in result["rounds"] if label != "Phyllo" and (value := median(result, label, kind, what)) is not None]
    if not values:
        return None, ""
    return (min if what == "cpu_us" else max)(values)


def figures(result: dict[str, Any]) -> list[Figure]:
    found = []
    for kind, text in KINDS.items():
        for what, unit, better in (("cpu_us", "us", "lower"), ("rate", "/s", "higher")):
            ours, (theirs, _) = median(result, "Phyllo", kind, what), best_of_kamailio(result, kind, what)
            word = "CPU" if what == "cpu_us" else "highest clean rate"
            found += [Figure(f"{text}: {word}, {who}", value, unit, better) for who, value in (("Phyllo", ours), ("Kamailio", theirs)) if value is not None]
        failed = sum(one[kind]["failed"] for rounds in result["rounds"].values() for one in rounds)
        found.append(Figure(f"{text}: failed while CPU was measured, of all servers", failed, "", "lower", 0))
    return found


def table(result: dict[str, Any]) -> str:
    lines = [f"{'':30}{'Kamailio us':>12}{'Phyllo us':>11}{'ratio':>7}{'Kamailio/s':>12}{'Phyllo/s':>10}   best Kamailio"]
    for kind, text in KINDS.items():
        (theirs, label), ours = best_of_kamailio(result, kind, "cpu_us"), median(result, "Phyllo", kind, "cpu_us")
        (their_rate, _), our_rate = best_of_kamailio(result, kind, "rate"), median(result, "Phyllo", kind, "rate")
        rates = "".join(f"{rate:{width}.0f}" if rate is not None else " " * (width - 1) + "-" for rate, width in ((their_rate, 12), (our_rate, 10)))
        lines.append(f"{text:30}{theirs:12.0f}{ours:11.0f}{(ours or 0) / (theirs or 1):7.2f}{rates}   {label}")
    return "\n".join(lines)
