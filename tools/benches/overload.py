"""What a node gets done when more arrives than it can do: SIPp registers phones and makes calls at two, five and ten times of what one node can do with a
fifth of a core, and counts those that succeed. A fixed piece of work beside it tells how fast the host is meanwhile: what was done is told as of a host of even
speed ("counted" in the JSON: as it was counted).

    tools/bench overload                        REGISTER, then INVITE
    tools/bench overload --only register        one of them
    tools/bench overload --share 50 --seconds 20

It needs root (a control group, or else signals, hold the node to its share) and what `tools/setup run` installs. A limit is missed when less than nine tenths
of the peak is done under overload, or when the node is not itself again a second after it.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import multiprocessing
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from result import ROOT, Figure

for folder in ("tools/lib", "tests/acceptance", "tests/attacks"):
    sys.path.insert(0, str(ROOT / folder))

from acceptance import Failure, Ring, ring_of  # noqa: E402
from sip_agent import Agent  # noqa: E402

SCENARIOS = ROOT / "tests/sip/sipp"
USERS = 400
PEAK_AT = (0.8, 1.0, 1.2)  # of what was found first: where the most is done
TIMES = (2, 5, 10)
LEAST_SHARE, RECOVERED_WITHIN = 0.9, 1.0
ROUNDS = 7
SETTLING = 3  # seconds until what was cut off has been given up
PHONES, PROBE = "127.0.81.1", "127.0.82.1"
SETTINGS = {"sip.source_messages_per_second": 1_000_000, "sip.source_messages_burst": 1_000_000, "login.scrypt_log2_n": 10}
PERIOD_US = 100_000


@contextlib.contextmanager
def held_to(pid: int, share: int) -> Iterator[None]:
    """The process has so many hundredths of a core."""
    quota = str(share * PERIOD_US // 100)
    v1, v2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
    group = (v1 if v1.is_dir() else v2) / f"phyllo-bench-{pid}"
    try:
        group.mkdir()
        if v1.is_dir():
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(quota)
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        print(f"no control group ({error}): signals stop the node for {100 - share} % of the time", file=sys.stderr)
        yield from stopped(pid, share)
        return
    try:
        yield
    finally:
        (group.parent / "cgroup.procs").write_text(str(pid))
        group.rmdir()


def stopped(pid: int, share: int) -> Iterator[None]:
    ended = threading.Event()

    def alternate() -> None:
        while not ended.is_set():
            time.sleep(share * PERIOD_US / 1e8)
            os.kill(pid, signal.SIGSTOP)
            time.sleep((100 - share) * PERIOD_US / 1e8)
            os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=alternate)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Yardstick:
    """How fast the host is now: the time of a fixed piece of work, of a kind with a node's (a datagram, its lines, a digest), a thirtieth of a core."""

    def __init__(self) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.work, args=(theirs,), daemon=True)
        self.process.start()

    @staticmethod
    def work(pipe: Connection) -> None:
        message = b"REGISTER sip:example.com SIP/2.0\r\n" + b"".join(b"Header-%d: value of it %d\r\n" % (line, line) for line in range(20))
        lines = re.compile(rb"([^:\r\n]+): ([^\r\n]*)\r\n")
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind(("127.0.0.1", 0))
        own.connect(own.getsockname())
        pieces, used = 0, 0.0
        while True:
            began = time.thread_time()
            for _ in range(20):
                own.send(message)
                text = own.recv(2000)
                dict(lines.findall(text))
                hashlib.md5(text).hexdigest()
            used, pieces = used + time.thread_time() - began, pieces + 20
            if pipe.poll(0):
                pipe.recv()
                pipe.send((pieces, used))
                pieces, used = 0, 0.0
            time.sleep(0.02)

    def piece(self) -> float:
        """Microseconds of one since this was asked last."""
        self.pipe.send(None)
        pieces, used = self.pipe.recv()
        return float(used / pieces * 1e6)


class Load:
    """SIPp with one scenario; `done` is how many of its calls succeeded in each second."""

    def __init__(self, ring: Ring, scenario: str, port: int, rate: int, lines: list[str], *more: str) -> None:
        self.directory = ring.directory / "sipp" / f"{scenario}-{port}-{rate}-{time.monotonic_ns()}"
        self.directory.mkdir(parents=True)
        (self.directory / "users.csv").write_text("SEQUENTIAL\n" + "".join(f"{line}\n" for line in lines))
        command = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", PHONES, "-p", str(port), "-bind_local", "-nostdin", "-trace_stat", "-fd", "1"]
        command += ["-r", str(rate), "-l", "200000", "-default_behaviors", "all,-bye", "-inf", "users.csv", *more, f"{ring.nodes[0].address}:5060"]
        self.log = (self.directory / "log").open("w")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.directory)

    def seconds(self, column: str) -> list[int]:
        for file in self.directory.glob("*_.csv"):
            with file.open(newline="") as rows:
                return [int(row[column]) for row in csv.DictReader(rows, delimiter=";") if row.get(column)]
        return []

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


def loaded(ring: Ring, kind: str, rate: int, seconds: float) -> tuple[float, float]:
    """Offered and done a second, but for the first two: by then the node has found how much it can do."""
    accounts = [(user["user"].split("@")[0], f"[authentication username={user['user'].split('@')[0]} password={user['password']}]") for user in ring.users[:USERS]]
    if kind == "register":
        load = Load(ring, "register", 5071, rate, [f"{name};{ring.domain};{line}" for name, line in accounts], "-key", "contact", f"{PHONES}:5070")
    else:
        load = Load(ring, "call", 5072, rate, [f"{accounts[-1 - i][0]};{ring.domain};{name};{line}" for i, (name, line) in enumerate(accounts)], "-d", "100")
    time.sleep(seconds + 2)
    done, offered = load.seconds("SuccessfulCall(P)")[3:], load.seconds("TotalCallCreated")
    load.stop()
    if not done:
        raise Failure(f"SIPp counted nothing: {load.directory}")
    return (offered[-1] - offered[2]) / max(1, len(done)) if len(offered) > 3 else rate, statistics.mean(done)


def recovered(ring: Ring, seconds: float = 10) -> float:
    """How long until ten registrations in a row succeed; when the first of them began."""
    user = ring.users[USERS]  # one of its own: who has answered by SHA-256 is asked for it from then on, which SIPp does not know
    probe = Agent(user["user"].split("@")[0], "udp", PROBE, ring.nodes[0].address, user["password"])
    probe.contact = f"<sip:{probe.user}@{PROBE}:5080>"  # the same each time: a user has ten at most
    began, good, since = time.monotonic(), 0, 0.0
    try:
        while time.monotonic() < began + seconds:
            at = time.monotonic() - began
            answer = probe.register()
            good = good + 1 if answer and answer.status == 200 else 0
            since = at if good == 1 else since
            if good == 10:
                return since
            time.sleep(0.05)
    finally:
        probe.close()
    return seconds


def peak_of(ring: Ring, kind: str) -> float:
    """The most that is ever done a second: rates rise until half of what is offered is not done."""
    best, rate = 0.0, 20
    while rate < 20_000:
        _, done = loaded(ring, kind, rate, 4)
        best = max(best, done)
        print(f"   {kind}: {rate} a second offered, {done:.0f} done", file=sys.stderr)
        if done < 0.5 * rate:
            break
        rate = rate * 3 // 2
    return best


def measure(ring: Ring, kind: str, seconds: float, host: Yardstick) -> list[dict[str, object]]:
    """Every rate has its turn in each round, for the same time, and its mean counts. What is done is told as of a host of even speed: hosts are now faster, now
    slower, by a quarter and for ten seconds. The peak is the best of the rates about it: the most of several short measurements would be the luckiest of them."""
    about = peak_of(ring, kind)
    time.sleep(SETTLING)
    done: dict[float, list[float]] = {part: [] for part in (*PEAK_AT, *TIMES)}
    offered: dict[float, list[float]] = {part: [] for part in done}
    back: dict[float, list[float]] = {part: [] for part in done}
    counted: dict[float, list[float]] = {part: [] for part in done}
    pieces: list[float] = []  # of the yardstick, beside each
    for number in range(1, ROUNDS + 1):
        for part in done:
            host.piece()
            asked, got = loaded(ring, kind, round(about * part), seconds)
            pieces.append(host.piece())
            offered[part].append(asked)
            counted[part].append(got)
            done[part].append(got * pieces[-1] / pieces[0])
            back[part].append(recovered(ring) if part in TIMES else 0)
            time.sleep(SETTLING)
        means = ", ".join(f"{part:g}: {statistics.mean(values):.0f}" for part, values in done.items())
        print(f"   {kind}, done a second at so many times of {about:.0f}, after {number} of {ROUNDS} rounds: {means}", file=sys.stderr)
    peak = max(statistics.mean(done[part]) for part in PEAK_AT)
    return [
        {
            "kind": kind,
            "peak": round(peak, 1),
            "times": times,
            "offered": round(statistics.mean(offered[times])),
            "done": round(statistics.mean(done[times]), 1),
            "of_peak": round(statistics.mean(done[times]) / peak, 3),
            "recovered_s": round(max(back[times]), 2),
            "rounds": [round(value, 1) for value in done[times]],
            "counted": [round(value, 1) for value in counted[times]],
            "of_peak_counted": round(statistics.mean(counted[times]) / max(statistics.mean(counted[part]) for part in PEAK_AT), 3),
        }
        for times in TIMES
    ]


def prepare(ring: Ring) -> subprocess.Popen[bytes]:
    """All users are registered where one SIPp answers for them."""
    answering = subprocess.Popen(["sipp", "-sf", str(SCENARIOS / "answer.xml"), "-i", PHONES, "-p", "5070", "-bind_local", "-nostdin", "-l", "100000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ring.directory)
    loaded(ring, "register", 200, USERS / 200 + 2)
    return answering


def run(given: argparse.Namespace) -> list[dict[str, object]]:
    if not shutil.which("sipp"):
        print("error: sipp is missing: tools/setup run installs it", file=sys.stderr)
        sys.exit(1)
    users = [{"user": f"user{number}@example.com", "password": f"secret{number}"} for number in range(USERS + 1)]
    rows: list[dict[str, object]] = []
    host = Yardstick()
    try:
        with ring_of("overload", 1, given.binary, dict(SETTINGS), users) as (ring, _):
            answering = prepare(ring)
            try:
                with held_to(ring.nodes[0].pid, given.share):
                    for kind in [given.only] if given.only else ["register", "invite"]:
                        rows += measure(ring, kind, given.seconds, host)
            finally:
                answering.kill()
                answering.wait()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)
    return rows


def figures(rows: list[dict[str, object]]) -> list[Figure]:
    found = []
    for row in rows:
        found.append(Figure(f"{row['kind']} at {row['times']} times: done, of the peak", float(str(row["of_peak"])), "", "higher", LEAST_SHARE))
        found.append(Figure(f"{row['kind']} at {row['times']} times: itself again after", float(str(row["recovered_s"])), "s", "lower", RECOVERED_WITHIN))
    return found


def table(rows: list[dict[str, object]]) -> str:
    lines = [f"{'kind':9} {'peak/s':>7} {'times':>5} {'offered/s':>10} {'done/s':>7} {'of peak':>8} {'recovered':>10}"]
    lines += [f"{row['kind']:9} {row['peak']:7} {row['times']:5} {row['offered']:10} {row['done']:7} {row['of_peak']:8.0%} {row['recovered_s']:8} s" for row in rows]
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", choices=("register", "invite"), help="one kind of request")
    parser.add_argument("--share", type=int, default=20, help="hundredths of a core that the node has")
    parser.add_argument("--seconds", type=float, default=8, help="of each load")
    parser.add_argument("--binary", help="the supernode binary (default: build/release/supernode)")
