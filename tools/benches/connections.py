"""What very many connections cost one host: memory of each while it idles, and handshakes a second beside the bare cryptography.

    tools/bench connections                            18,000 TLS connections, then 20,000 DTLS links at one UDP socket
    tools/bench connections --tls 1000 --dtls 1000     fewer of them

It runs in a network namespace of its own: the server on one core's worth of thread, the clients as several processes from many loopback
addresses.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from result import PROGRAMS, ROOT, Figure, build

PROGRAM = PROGRAMS / "bench-connections"
# KiB of the server's memory for one that idles.
LIMITS = {"tls": 14.0, "dtls": 18.0}
PER_CLIENT = {"tls": 9000, "dtls": 7000}
SOURCES = 100


class Process:
    """One role of the program; what it says, a line at a time."""

    def __init__(self, program: Path, *arguments: str) -> None:
        self.process = subprocess.Popen([str(program), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"error: {' '.join(self.process.args[:2])} ended: {self.process.wait()}")
        return dict(json.loads(line))

    def ask(self) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write("now\n")
        self.process.stdin.flush()
        return self.hear()

    def quit(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("quit\n")
        self.process.stdin.close()
        self.process.wait(60)

    def pss_kib(self) -> int:
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def measure(program: Path, directory: str, kind: str, count: int) -> dict[str, Any]:
    server = Process(program, "--directory", directory, "server")
    server.hear()
    before, at_first = server.pss_kib(), server.ask()
    shares = [min(PER_CLIENT[kind], count - given) for given in range(0, count, PER_CLIENT[kind])]
    clients = [
        Process(program, "--directory", directory, "client", "--kind", kind, "--count", str(share), "--number", str(number), "--sources", str(SOURCES))
        for number, share in enumerate(shares)
    ]
    opened = [client.hear() for client in clients]
    open_now = server.ask()
    time.sleep(3)
    after = server.pss_kib()
    living = sum(client.ask()["living"] for client in clients)
    cpu = open_now["cpu_s"] - at_first["cpu_s"]
    for client in clients:
        client.quit()
    server.quit()
    done = sum(one["open"] for one in opened)
    return {
        "wanted": count, "open": done, "living": living, "held": open_now["streams" if kind == "tls" else "links"], "first_failure": next((one["first_failure"] for one in opened if one["first_failure"]), ""),
        "kib_each": (after - before) / max(done, 1), "server_us": cpu / max(done, 1) * 1e6, "handshakes_per_core": done / cpu if cpu else 0.0, "seconds": max(one["seconds"] for one in opened),
        "drops": {reason: n for reason, n in open_now["drops"].items() if n},
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tls", type=int, default=18_000)
    parser.add_argument("--dtls", type=int, default=20_000)
    parser.add_argument("--program", type=Path, default=None, help="the built bench-connections (default: it is built)")


def in_own_network(given: argparse.Namespace) -> None:
    """Runs all of this again in a network namespace, and ends with its exit code."""
    if not given.program:
        build("bench-connections")
    command = ["unshare", "-n", "bash", "-c", 'ip link set lo up && exec "$@"', "bench", sys.executable, str(ROOT / "tools/bench"), *sys.argv[1:], "--program", str(given.program or PROGRAM)]
    sys.exit(subprocess.run(command, env=os.environ | {"PHYLLO_OWN_NETWORK": "1"}, check=False).returncode)


def run(given: argparse.Namespace) -> dict[str, Any]:
    if not os.environ.get("PHYLLO_OWN_NETWORK") and os.geteuid() == 0:
        in_own_network(given)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    program = given.program or PROGRAM
    with tempfile.TemporaryDirectory() as directory:
        result: dict[str, Any] = {"cryptography": Process(program, "--directory", directory, "cryptography").hear()}
        for kind, count in (("tls", given.tls), ("dtls", given.dtls)):
            if count:
                result[kind] = measure(program, directory, kind, count)
    return result


def figures(result: dict[str, Any]) -> list[Figure]:
    found = []
    for kind in ("tls", "dtls"):
        if one := result.get(kind):
            found.append(Figure(f"{kind}: connections that did not live", one["wanted"] - one["living"], "", "lower", 0))
            found.append(Figure(f"{kind}: memory of each", one["kib_each"], "KiB", "lower", LIMITS[kind]))
            found.append(Figure(f"{kind}: handshakes a second of a core", one["handshakes_per_core"], "/s", "higher"))
    return found


def table(result: dict[str, Any]) -> str:
    bare = result["cryptography"]
    lines = [f"{'':6}{'wanted':>9}{'living':>9}{'KiB each':>10}{'limit':>7}{'server us':>11}{'bare, both ends':>17}{'handshakes/s a core':>21}"]
    for kind in ("tls", "dtls"):
        if one := result.get(kind):
            lines.append(f"{kind:6}{one['wanted']:9}{one['living']:9}{one['kib_each']:10.1f}{LIMITS[kind]:7.0f}{one['server_us']:11.0f}{bare[kind + '_us']:17.0f}{one['handshakes_per_core']:21.0f}   {one['first_failure']}")
            if one["drops"]:
                lines.append(f"      dropped: {one['drops']}")
    return "\n".join(lines)
