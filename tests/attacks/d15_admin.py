#!/usr/bin/env python3
"""What the other users of a node's machine can do to it: they write nothing, read no secret, and neither does a page in somebody's browser.

Runs as root, who plays the other users.
"""

from __future__ import annotations

import http.client
import json
import os
import pickle
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "acceptance"))

from acceptance import Checks, Failure, Node, Ring, arguments, localnet, main_with, ring_of  # noqa: E402

OWNER, STRANGER = 65533, 65534
SECRETS_OPEN_TO = 0o077
"".encode("idna")  # read here, where all of Python's files may be read
CROWD = 300


def as_user(uid: int, does: Callable[[], Any]) -> Any:
    """What it returns, or the exception that it raises, in a process of that user."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        try:
            result = does()
        except Exception as error:  # noqa: BLE001: told to whoever asked
            result = error
        os.write(writing, pickle.dumps(result))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    return result


def ask(node: Node, method: str, path: str, headers: dict[str, str] | None = None, body: dict[str, str] | None = None) -> int:
    """The status by TCP, from whichever user runs this; 0: no answer."""
    host, _, port = node.admin.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"} | (headers or {}))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def write_by_tcp(checks: Checks, ring: Ring, node: Node) -> None:
    name = f"note:stranger@{ring.domain}"
    record = {"name": name, "value": "written by a stranger"}
    got = as_user(STRANGER, lambda: [ask(node, "POST", "/overlay/add", body=record), ask(node, "POST", "/reload", body={}), ask(node, "POST", "/overlay/get", body=record)])
    checks.check("another user of the machine gives no command by TCP", got == [401, 401, 401], f"add, reload, get: {got}")
    checks.check("and what he wrote is nowhere", ring.call(node, "overlay", "get", name).exit_code == 1)
    wrong = [ask(node, "POST", "/overlay/add", {"Authorization": given}, record) for given in ("", "Bearer ", "Bearer 00", "Basic " + "0" * 64, "Bearer " + "0" * 64)]
    checks.check("a wrong token is refused", set(wrong) == {401}, f"{wrong}")


def write_by_token(checks: Checks, ring: Ring, node: Node) -> None:
    file = Path(node.data) / "admin.token"
    if not checks.check("the token is in the data directory, its owner's alone", file.is_file() and not file.stat().st_mode & SECRETS_OPEN_TO):
        return
    token = {"Authorization": f"Bearer {file.read_text().strip()}"}
    record = {"name": f"note:owner@{ring.domain}", "value": "by token"}
    checks.check("with the token a command is taken", ask(node, "POST", "/overlay/add", token, record) == 200)
    checks.check("but not from a page of another site", ask(node, "POST", "/overlay/add", token | {"Origin": "http://attacker.example"}, record) == 403)


def rebind(checks: Checks, node: Node) -> None:
    """A page of attacker.example, whose name resolves to the node's address by now, asks with its own name."""
    pages = ("/status", "/metrics", "/healthz")
    port = node.admin.rpartition(":")[2]
    for host in ("attacker.example", f"attacker.example:{port}", "127.9.9.9"):
        got = [ask(node, "GET", page, {"Host": host}) for page in pages]
        checks.check(f"no page is told to who asks for {host}", got == [403] * 3, f"{got}")
    got = [ask(node, "GET", page, {"Origin": "http://attacker.example"}) for page in pages]
    checks.check("no page is told to a page of another site", got == [403] * 3, f"{got}")
    good = [as_user(STRANGER, lambda page=page: ask(node, "GET", page)) for page in pages]
    checks.check("whoever asks for the node's own address reads them", set(good) <= {200, 503} and good[:2] == [200, 200], f"{good}")


def crowd(checks: Checks, ring: Ring, node: Node) -> None:
    host, _, port = node.admin.removeprefix("http://").rpartition(":")
    held = [socket.create_connection((host, int(port)), 10) for _ in range(CROWD)]
    answer = ring.call(node, "status", "--json", seconds=10)
    checks.check(f"{CROWD} idle connections of strangers keep nobody from the commands", answer.exit_code == 0, answer.error)
    for each in held:
        each.close()


def open_ones(directory: Path, log: str) -> list[str]:
    """What of the data directory others may use; the log may be its group's to read."""
    found = []
    for path in [directory, *directory.rglob("*")]:
        mode = path.lstat().st_mode
        if mode & (0o027 if path.name == log else SECRETS_OPEN_TO) and not stat.S_ISLNK(mode):
            found.append(f"{path.name} {stat.filemode(mode)}")
    return found


def modes(checks: Checks, ring: Ring, node: Node) -> None:
    data = Path(node.data)
    found = open_ones(data, "node.log")
    checks.check("whatever the umask, nothing of the data directory is open to others", not found, ", ".join(found))
    checks.check("that was a log, a key log, a capture and keys", all((data / name).exists() for name in ("node.log", "keys.log", "overlay.pcap", "node.pem")))
    socket_file = data / "admin.sock"
    checks.check("commands go by a Unix socket", socket_file.exists() and stat.S_ISSOCK(socket_file.stat().st_mode))
    localnet.kill(ring, node, hard=False)
    for name in ("node.pem", "node.log", "web-key.pem"):
        (data / name).chmod(0o644)
    localnet.launch(ring, node)
    localnet.wait_ready(ring, node, 60)
    found = open_ones(data, "node.log")
    checks.check("files that were open to others are closed at the start", not found, ", ".join(found))
    checks.check("and the log says so", "was open to other users" in (data / "node.log").read_text())


def refused(ring: Ring, node: Node, directory: Path) -> tuple[bool, str]:
    """Whether a node does not start on that directory, within 5 s, and what it says."""
    command = [str(ring.binary), "run", "--config", node.config, "--set", f"node.data_directory={directory}", "--set", "node.address=127.0.1.77", "--set", "admin.address=127.0.1.77", "--set", "log.file="]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except subprocess.TimeoutExpired as late:
        return False, f"it runs: {(late.stderr or b'')[-200:]!r}"
    return ran.returncode == 2, ran.stderr.strip()


def directories(checks: Checks, ring: Ring, node: Node, work: Path) -> None:
    for mode in (0o755, 0o770, 0o1777, 0o701):
        directory = work / f"mode{mode:o}"
        directory.mkdir()
        directory.chmod(mode)
        good, said = refused(ring, node, directory)
        checks.check(f"a data directory of mode {mode:04o} is refused, with what to do", good and str(directory) in said and "chmod 700" in said, said[-200:])
        checks.check(f"and its mode {mode:04o} stays", stat.S_IMODE(directory.stat().st_mode) == mode)
    directory = work / "strangers"
    directory.mkdir(mode=0o700)
    os.chown(directory, STRANGER, STRANGER)
    good, said = refused(ring, node, directory)
    checks.check("another user's data directory is refused", good and f"{STRANGER}" in said, said[-200:])


class OwnNode:
    """A node of an ordinary user, alone in its overlay, and what its configuration is for commands."""

    def __init__(self, ring: Ring, work: Path) -> None:
        self.binary = str(ring.binary)
        self.home = work / "owner"
        self.home.mkdir(mode=0o755)
        self.data = self.home / "data"
        self.data.mkdir(mode=0o700)
        os.chown(self.data, OWNER, OWNER)
        self.config = self.home / "supernode.toml"
        settings = {
            "node.address": "127.0.1.78", "node.data_directory": str(self.data), "node.user": "node@example.org", "node.first": True, "overlay.name": "overlay.example.org",
            "login.enabled": True, "login.scrypt_log2_n": 4, "discovery.multicast": False, "ports.https": 10443, "ports.http": 0, "admin.address": "127.0.1.78",
        }
        self.config.write_text(localnet.toml(settings))
        self.config.chmod(0o644)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, uid: int, *given: str, stdin: str = "") -> tuple[int, str]:
        ran = subprocess.run([self.binary, *given, "--config", str(self.config)], input=stdin, capture_output=True, text=True, timeout=20, check=False, user=uid, group=uid, extra_groups=[])
        return ran.returncode, (ran.stdout + ran.stderr).strip()

    def start(self, *more: str) -> None:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen([self.binary, "run", "--config", str(self.config), *more], stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=OWNER, group=OWNER, extra_groups=[])
        end = time.monotonic() + 20
        while self.command(0, "status")[0] != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failure(f"the ordinary user's node does not answer: {(self.home / 'log').read_text()[-500:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def read_memory(pid: int) -> list[str]:
    """What of a process its own user may read, as a program of his that somebody else has taken over."""
    got = []
    for what in ("mem", "environ", "maps"):
        try:
            with open(f"/proc/{pid}/{what}", "rb") as file:
                if what != "mem":
                    file.read(1)
            got.append(what)
        except OSError:
            pass
    return got


def own_node(checks: Checks, node: OwnNode) -> None:
    code, said = node.command(0, "user", "add", "node@example.org", "--authority", "example.org", stdin="secret\n")
    owners = {path.name for path in node.data.rglob("*") if path.stat().st_uid != OWNER}
    checks.check("what root writes for a user's node is that user's", code == 0 and not owners, f"{said}, not his: {owners}")
    private = node.home / "private"  # where systemd's DynamicUser has it
    private.mkdir(mode=0o700)
    (private / "data").mkdir(mode=0o700)
    os.chown(private / "data", OWNER, OWNER)
    csv = private / "users.csv"
    csv.write_text("alice@example.org,wonderland\n")
    csv.chmod(0o600)
    code, said = node.command(0, "user", "import", str(csv), "--set", f"node.data_directory={private / 'data'}")
    checks.check("also where its owner alone does not come, from a file that is root's", code == 0 and (private / "data/accounts.db").stat().st_uid == OWNER, said)
    node.start()
    checks.check("a node's user and root give it commands", [node.command(uid, "status")[0] for uid in (OWNER, 0)] == [0, 0])
    code, said = node.command(STRANGER, "status")
    checks.check("another user's command does not reach it, and is told what to do", code == 3 and "not permitted" in said and "root" in said, f"{code}: {said}")
    code, said = node.command(STRANGER, "overlay", "add", "note:stranger@example.org", "x")
    checks.check("nor does another user's write", code == 3, f"{code}: {said}")
    assert node.process
    pid = node.process.pid
    got = as_user(OWNER, lambda: read_memory(pid))
    checks.check("its memory, with its keys, is not even for other programs of its user", got == [], f"{got} can be read")
    second = subprocess.run([node.binary, "run", "--config", str(node.config), "--set", "node.address=127.0.1.79", "--set", "admin.address=127.0.1.79"], capture_output=True, text=True, timeout=20, check=False, user=OWNER, group=OWNER, extra_groups=[])
    checks.check("a second node on the same data directory does not start", second.returncode == 2 and "runs with this data directory" in second.stderr, second.stderr[-200:])
    process = node.process
    process.kill()
    process.wait()
    node.start("--set", "debug.core_dumps=true")
    pid = node.process.pid
    checks.check("debug.core_dumps opens it to debuggers, also after a node that was killed", as_user(OWNER, lambda: read_memory(pid)) == ["mem", "environ", "maps"])
    code, said = node.command(OWNER, "status", "--set", f"node.data_directory={node.home}/none")
    checks.check("where no node runs the command says how to start one", code == 5 and "supernode run" in said, f"{code}: {said}")


def run(checks: Checks, given: Any) -> None:
    if os.geteuid() != 0:
        raise Failure("this plays several users: run it as root")
    work = Path(tempfile.mkdtemp(prefix="phyllo-d15-"))
    work.chmod(0o755)
    before = os.umask(0)
    try:
        with ring_of("d15", 1, given.binary, {"log.file": "node.log", "debug.keylog": "keys.log", "debug.overlay_pcap": "overlay.pcap"}) as (ring, _):
            node = ring.nodes[0]
            write_by_tcp(checks, ring, node)
            write_by_token(checks, ring, node)
            rebind(checks, node)
            crowd(checks, ring, node)
            modes(checks, ring, node)
            os.umask(0o022)
            directories(checks, ring, node, work)
            own = OwnNode(ring, work)
            try:
                own_node(checks, own)
            finally:
                own.stop()
    finally:
        os.umask(before)
        shutil.rmtree(work, ignore_errors=True)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("d15", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
