"""A ring of supernode processes on this machine: what localnet.json says of it, and what its nodes say of themselves."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ID_BITS = 128
# An ordinary node is up when it hangs on so many supernodes, or on all there are.
ATTACHMENTS_LEAST = 2


class Failure(Exception):
    """Something went wrong that a person should read about; the exit code tells causes apart."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def binary_path(given: str | None = None) -> Path:
    """The supernode binary: as given, as PHYLLO_SUPERNODE says, or the release build."""
    path = Path(given or os.environ.get("PHYLLO_SUPERNODE") or ROOT / "build/release/supernode").resolve()
    if not os.access(path, os.X_OK):
        raise Failure(f"{path} is no program: build it with tools/quickstart or tools/test --quick, or name one with --binary", 2)
    return path


class AdminConnection(http.client.HTTPConnection):
    """HTTP by the Unix socket in a node's data directory, whatever the length of its path."""

    def __init__(self, data: Path, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self.data = data

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        directory = os.open(self.data, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{directory}/admin.sock")
        finally:
            os.close(directory)


@dataclass
class Node:
    """One entry of localnet.json's "nodes"."""

    index: int
    address: str
    ports: dict[str, int]
    admin: str
    pid: int
    node_id: str
    roles: list[str]
    config: str
    log: str
    data: str
    pcap: str | None
    alive: bool
    # The network namespace that it runs in; None: the caller's.
    netns: str | None = None

    @property
    def inside(self) -> list[str]:
        """What a command begins with to run where the node does."""
        return ["ip", "netns", "exec", self.netns] if self.netns else []

    @property
    def name(self) -> str:
        return f"node {self.index} ({self.address})"

    def commands(self, seconds: float = 20) -> AdminConnection:
        """A connection for commands, as the command line has one."""
        return AdminConnection(Path(self.data), seconds)

    def runs(self) -> bool:
        """Whether the process is there and still this node's, not a successor with the same number."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            if state in "ZX":
                reap(self.pid)
                # The first thread ends before the others, which still hold the process's files, locks and ports.
                return len(os.listdir(f"/proc/{self.pid}/task")) > 1
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes()
            return not words or self.config.encode() in words  # a program that is just being loaded has no words yet
        except (OSError, IndexError):
            return False

    def signal(self, number: signal.Signals) -> None:
        if self.runs():
            os.kill(self.pid, number)

    def wait_gone(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.runs():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def log_tail(self, lines: int = 15) -> str:
        try:
            text = Path(self.log).read_text(errors="replace").splitlines()[-lines:]
        except OSError as error:
            text = [str(error)]
        return "\n".join("    " + line for line in text) or "    (empty)"


def reap(pid: int) -> None:
    """A child of ours that ended would else stay as a zombie as long as we run."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


@dataclass
class Answer:
    """What a command of the binary said."""

    exit_code: int
    out: str
    error: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Ring:
    """localnet.json, read and written as a whole."""

    overlay: str
    domain: str
    trust_anchor: str
    bootstrap: str
    login: str
    users: list[dict[str, str]]
    nodes: list[Node]
    directory: Path = field(default=Path("."), repr=False)
    binary: Path = field(default=Path("supernode"), repr=False)
    # Seconds from the first process's start to the complete ring; known to whoever started it.
    took: float = 0

    @staticmethod
    def load(directory: Path, binary: str | None = None) -> Ring:
        file = directory / "localnet.json"
        try:
            data = json.loads(file.read_text())
        except FileNotFoundError:
            raise Failure(f"{file} is missing: there is no ring in {directory}; start one with `tools/localnet start --nodes 5 --dir {directory}`", 2) from None
        data["nodes"] = [Node(**node) for node in data["nodes"]]
        # The program that the ring was started with, unless another is named; stopping needs none.
        started = json.loads((directory / "settings.json").read_text())["binary"]
        return Ring(**data, directory=directory, binary=binary_path(binary) if binary else Path(started))

    def save(self) -> None:
        """Whoever reads the file while it changes sees the old or the new one, never half of it."""
        data = asdict(self)
        del data["directory"], data["binary"], data["took"]
        scratch = self.directory / "localnet.json.new"
        with scratch.open("w") as file:
            json.dump(data, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self.directory / "localnet.json")

    def node(self, index: int) -> Node:
        for node in self.nodes:
            if node.index == index:
                return node
        raise Failure(f"there is no node {index}; there are {', '.join(str(node.index) for node in self.nodes)}", 2)

    def living(self) -> list[Node]:
        return [node for node in self.nodes if node.alive]

    def by_id(self, node_id: str) -> Node | None:
        return next((node for node in self.nodes if node.node_id == node_id), None)

    def call(self, node: Node, *arguments: str, stdin: str | None = None, seconds: float = 60) -> Answer:
        """Runs `supernode ARGUMENTS --config <the node's>`."""
        command = [*node.inside, str(self.binary), *arguments, "--config", node.config]
        try:
            ran = subprocess.run(command, input=stdin or "", capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return Answer(124, "", f"no answer within {seconds:g} s")
        return Answer(ran.returncode, ran.stdout, ran.stderr.strip())

    def status(self, node: Node) -> dict[str, Any] | None:
        """`status --json` of a node, or nothing while it does not answer."""
        answer = self.call(node, "status", "--json", seconds=10)
        try:
            return answer.json() if answer.exit_code == 0 else None
        except json.JSONDecodeError:
            return None

    def statuses(self) -> dict[int, dict[str, Any] | None]:
        """Of every living node, by index."""
        living = self.living()
        with ThreadPoolExecutor(4) as pool:
            return dict(zip((node.index for node in living), pool.map(self.status, living)))

    def incomplete(self, leaf_set: int) -> str | None:
        """Why the ring is not complete, or nothing: every living node is ready and knows just the leaves that it should."""
        return incomplete({self.node(i).name: status for i, status in self.statuses().items()}, leaf_set)

    def wait_complete(self, leaf_set: int, seconds: float) -> float:
        """Waits until the ring is complete; how long that took. A node that died, or the time's end, is a Failure."""
        began = time.monotonic()
        while True:
            for node in self.living():
                if not node.runs():
                    raise Failure(f"{node.name} died; its log {node.log} ends with\n{node.log_tail()}")
            why = self.incomplete(leaf_set)
            if why is None:
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                raise Failure(f"the ring is not complete after {seconds:g} s: {why}" + self.logs_of(why))
            time.sleep(0.2)

    def logs_of(self, why: str) -> str:
        named = [node for node in self.living() if node.name in why]
        return "".join(f"\n  the log of {node.name} ({node.log}) ends with\n{node.log_tail()}" for node in named[:2])


def expected_leaves(own: str, others: list[str], leaf_set: int) -> set[str]:
    """Pastry's leaf set: the half of |L| ids next to the right, and the half next to the left, in the ring."""
    clockwise = sorted(others, key=lambda other: (int(other, 16) - int(own, 16)) % (1 << ID_BITS))
    half = leaf_set // 2
    return set(clockwise[:half]) | set(clockwise[-half:])


def incomplete(statuses: dict[str, dict[str, Any] | None], leaf_set: int) -> str | None:
    for name, status in statuses.items():
        if status is None:
            return f"{name} does not answer yet"
        if status["state"] != "ready":
            return f"{name} is {status['state']}"
    ids = [status["node_id"] for status in statuses.values() if status and status["role"] != "ordinary"]
    for name, status in statuses.items():
        if status["role"] == "ordinary":
            if len(status["attachments"]) < min(ATTACHMENTS_LEAST, len(ids)):
                return f"{name} is attached to {len(status['attachments'])} supernodes"
            continue
        leaves = set(status["leaf_set"]["left"]) | set(status["leaf_set"]["right"])
        expected = expected_leaves(status["node_id"], [other for other in ids if other != status["node_id"]], leaf_set)
        if leaves != expected:
            return f"{name} has {len(leaves)} leaves, {len(expected - leaves)} of {len(expected)} missing and {len(leaves - expected)} too many"
    return None


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """One tool at a time changes a ring; the others wait."""
    with (directory / "localnet.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
