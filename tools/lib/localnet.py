"""Starts, changes and stops a ring of supernode processes on loopback addresses. tools/localnet is its command line."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ring import Failure, Node, Ring

PORTS = {"reload": 6084, "sip": 5060, "sips": 5061, "stun": 3478, "https": 443, "http": 80}
UDP = {"reload", "sip", "stun", "https"}
TCP = {"reload", "sip", "sips", "stun", "https", "http", "admin"}
ADMIN_PORT = 6089
NODES_MAX = 250
# Node i has address NETWORK.i.
NETWORK = "127.0.1"
LISTS = {"node.domains", "overlay.bad_nodes", "bootstrap.urls", "bootstrap.anchors", "login.bootstrap_nodes"}
# SIGTERM drains for at most 10 s.
DRAIN_SECONDS = 15.0

Settings = dict[str, Any]
Say = Callable[[str], None]


def parse_settings(pairs: Iterable[str]) -> Settings:
    """KEY=VALUE, VALUE being TOML, or bare text, or a,b,c for a list."""
    settings: Settings = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or "." not in key:
            raise Failure(f"--set {pair}: expected KEY=VALUE with a key such as overlay.leaf_set", 2)
        try:
            settings[key] = tomllib.loads("value = " + text)["value"]
        except tomllib.TOMLDecodeError:
            settings[key] = text.split(",") if key in LISTS else text
    return settings


def toml(settings: Settings) -> str:
    """A TOML document of dotted keys; JSON's strings, numbers and lists of them are TOML's, too."""
    tables: dict[str, list[str]] = {}
    for key, value in settings.items():
        table, _, name = key.rpartition(".")
        tables.setdefault(table, []).append(f"{name} = {json.dumps(value)}")
    return "\n".join(f"[{table}]\n" + "\n".join(lines) + "\n" for table, lines in tables.items())


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def probe(address: str, ports: dict[str, int]) -> None:
    """Every port must be free: once without SO_REUSEPORT, with which a second ring would silently share the first one's ports."""
    wanted = [(socket.SOCK_DGRAM, "UDP", ports[name]) for name in ports if name in UDP]
    wanted += [(socket.SOCK_STREAM, "TCP", ports[name]) for name in ports if name in TCP]
    for kind, protocol, port in wanted:
        if port == 0:
            continue
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as probed:
            if kind == socket.SOCK_STREAM:
                # Connections of an earlier ring that linger do not matter; a listener still does.
                probed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probed.bind((address, port))
                if kind == socket.SOCK_STREAM:
                    probed.listen(1)
            except OSError as error:
                if error.errno == errno.EACCES:
                    raise Failure(f"{address}:{port} may not be used: ports below 1024 need root, or CAP_NET_BIND_SERVICE", 3) from None
                raise Failure(f"{protocol} port {address}:{port} is taken ({error.strerror}): stop what listens there; `ss -tulpn` names it", 3) from None


class Localnet:
    """The configuration of a ring's nodes, kept beside localnet.json so that `add` makes more of the same."""

    def __init__(self, directory: Path, domain: str, settings: Settings, binary: Path, network: str = NETWORK) -> None:
        self.directory = directory
        self.domain = domain
        self.settings = settings
        self.binary = binary
        self.network = network

    @staticmethod
    def load(directory: Path) -> Localnet:
        kept = json.loads((directory / "settings.json").read_text())
        return Localnet(directory, kept["domain"], kept["settings"], Path(kept["binary"]), kept["network"])

    def save(self) -> None:
        kept = {"domain": self.domain, "settings": self.settings, "binary": str(self.binary), "network": self.network}
        (self.directory / "settings.json").write_text(json.dumps(kept, indent=1) + "\n")

    @property
    def leaf_set(self) -> int:
        return int(self.settings.get("overlay.leaf_set", 32))

    @property
    def overlay(self) -> str:
        return str(self.settings.get("overlay.name", f"overlay.{self.domain}"))

    @property
    def ports(self) -> dict[str, int]:
        return {name: int(self.settings.get(f"ports.{name}", port)) for name, port in PORTS.items()}

    @property
    def admin_port(self) -> int:
        return int(self.settings.get("admin.port", ADMIN_PORT))

    def address(self, index: int) -> str:
        return f"{self.network}{index:x}" if ":" in self.network else f"{self.network}.{index}"

    def admin_address(self, index: int) -> str:
        """The pages of the admin interface are for this machine only."""
        return self.address(index) if self.network.startswith("127.") else f"127.0.0.{index}"

    def home(self, index: int) -> Path:
        return self.directory / f"node{index}"

    def url(self, path: str) -> str:
        return f"https://{bracketed(self.address(1))}:{self.ports['https']}{path}"

    @property
    def trust_anchor(self) -> Path:
        """The certificate of the login and bootstrap server, which makes it itself."""
        return self.home(1) / "data/web-certificate.pem"

    def configuration(self, index: int, role: str, own: Settings) -> Settings:
        home = self.home(index)
        first = index == 1
        settings: Settings = {
            "node.role": role,
            "node.address": self.address(index),
            "node.shards": int(os.environ.get("PHYLLO_SHARDS", "1")),
            "node.data_directory": str(home / "data"),
            "node.user": f"node{index}@{self.domain}",
            "node.password_file": str(home / "password"),
            "node.device": f"node{index}",
            "node.first": first,
            "node.domains": [] if role == "ordinary" else [self.domain],
            "overlay.name": self.overlay,
            # Rings beside each other have the same name.
            "discovery.multicast": False,
            "login.enabled": first,
            "login.sip_secret": "account",
            # Hundreds of accounts log in at once here.
            "login.scrypt_log2_n": 10,
            "admin.address": self.admin_address(index),
            "admin.port": self.admin_port,
        }
        if not first:
            settings["bootstrap.urls"] = [self.url("/.well-known/reload-config")]
            settings["bootstrap.anchors"] = [str(self.trust_anchor)]
        if role == "ordinary":
            settings["sip.enabled"] = False
        return settings | {f"ports.{name}": port for name, port in self.ports.items()} | self.settings | own

    def node(self, index: int, role: str = "supernode", own: Settings | None = None) -> Node:
        """The entry of a node that is not started yet; its directory, password and configuration are made."""
        home = self.home(index)
        (home / "data").mkdir(parents=True, mode=0o700)
        password = home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24) + "\n")
        config = home / "supernode.toml"
        config.write_text(toml(self.configuration(index, role, own or {})))
        pcap = self.settings.get("debug.overlay_pcap")
        return Node(
            index=index,
            address=self.address(index),
            ports=self.ports,
            admin=f"http://{self.admin_address(index)}:{self.admin_port}",
            pid=0,
            node_id="",
            roles=["supernode", "login", "bootstrap"] if index == 1 else [role],
            config=str(config),
            log=str(home / "supernode.log"),
            data=str(home / "data"),
            pcap=str(home / "data" / pcap) if pcap else None,
            alive=False,
        )

    def probe(self, index: int) -> None:
        probe(self.address(index), self.ports)
        probe(self.admin_address(index), {"admin": self.admin_port})


def launch(ring: Ring, node: Node, environment: dict[str, str] | None = None) -> None:
    """Starts the process in a session of its own, so that it survives us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with open(node.log, "ab") as log:
        process = subprocess.Popen(
            [*node.inside, str(ring.binary), "run", "--config", node.config],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=Path(node.config).parent,
            env=os.environ | (environment or {}),
        )
    node.pid, node.alive = process.pid, True
    # Node.runs() reaps it as long as we run, init afterwards.
    process.returncode = 0


def add_account(ring: Ring, node: Node) -> None:
    first = ring.nodes[0]
    user = f"node{node.index}@{ring.domain}"
    password = Path(node.config).with_name("password").read_text()
    answer = ring.call(first, "user", "add", user, "--authority", ring.domain, "--replace", stdin=password)
    if answer.exit_code != 0:
        raise Failure(f"no account for {node.name}: {answer.error or answer.out}")


def import_users(ring: Ring) -> None:
    if not ring.users:
        return
    file = ring.directory / "users.csv"
    file.touch(mode=0o600)
    file.write_text("".join(f"{user['user']},{user['password']}\n" for user in ring.users))
    answer = ring.call(ring.nodes[0], "user", "import", str(file), seconds=3600)
    if answer.exit_code != 0:
        raise Failure(f"the users could not be imported: {answer.error or answer.out}")


def learn_ids(ring: Ring) -> None:
    for index, status in ring.statuses().items():
        if status:
            ring.node(index).node_id = status["node_id"]


def wait_ready(ring: Ring, node: Node, seconds: float) -> None:
    """The login server must serve before others can enrol."""
    end = time.monotonic() + seconds
    while True:
        status = ring.status(node)
        if status and status["state"] == "ready":
            return
        if not node.runs():
            raise Failure(f"{node.name} died; its log {node.log} ends with\n{node.log_tail()}")
        if time.monotonic() > end:
            state = f"is {status['state']}" if status else "does not answer"
            raise Failure(f"{node.name} {state} after {seconds:g} s; its log {node.log} ends with\n{node.log_tail()}")
        time.sleep(0.1)


def clear(directory: Path) -> None:
    """Makes room for a ring where an earlier one was; a running one is left alone. Nothing that is not ours is removed."""
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / "localnet.json").exists():
        running = [node for node in Ring.load(directory).nodes if node.runs()]
        if running:
            raise Failure(f"a ring of {len(running)} nodes runs in {directory}: stop it with `tools/localnet stop --dir {directory}`", 2)
        (directory / "localnet.json").unlink()
    for path in directory.glob("node[0-9]*"):
        if (path / "supernode.toml").exists():
            shutil.rmtree(path)
    strangers = [path.name for path in directory.iterdir() if path.name not in ("localnet.lock", "settings.json", "users.csv", "localnet.json.new")]
    if any(name.startswith("node") for name in strangers):
        raise Failure(f"{directory} holds {', '.join(strangers)}, which no ring left there: name another --dir", 2)


def start(directory: Path, nodes: int, users: list[dict[str, str]], domain: str, settings: Settings, binary: Path, seconds: float, say: Say, network: str = NETWORK, ordinary: int = 0) -> Ring:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){2}|[0-9a-f:]+::", network):
        raise Failure(f"--network {network}: expected the first three numbers of addresses of this host, such as {NETWORK}, or an IPv6 prefix such as fd00::", 2)
    if not 1 <= nodes <= NODES_MAX:
        raise Failure(f"--nodes {nodes}: expected a number from 1 to {NODES_MAX}", 2)
    if not 0 <= ordinary <= NODES_MAX - nodes:
        raise Failure(f"--ordinary {ordinary}: expected a number from 0 to {NODES_MAX - nodes}", 2)
    clear(directory)
    net = Localnet(directory, domain, settings, binary, network)
    for index in range(1, nodes + ordinary + 1):
        net.probe(index)
    net.save()
    ring = Ring(
        overlay=net.overlay, domain=domain, trust_anchor=str(net.trust_anchor), bootstrap=net.url("/.well-known/reload-config"),
        login=net.url("/.well-known/reload-enroll"), users=users, nodes=[net.node(index, "supernode" if index <= nodes else "ordinary") for index in range(1, nodes + ordinary + 1)],
        directory=directory, binary=binary,
    )
    checked = ring.call(ring.nodes[0], "check")
    if checked.exit_code != 0:
        raise Failure(checked.error or checked.out, 2)
    try:
        bring_up(ring, net, seconds, say)
    except BaseException:
        # A ring that did not come up leaves its logs, no processes.
        stop(ring, hard=True)
        raise
    return ring


def bring_up(ring: Ring, net: Localnet, seconds: float, say: Say) -> None:
    say(f"making accounts: {len(ring.nodes)} nodes, {len(ring.users)} users")
    for node in ring.nodes:
        add_account(ring, node)
    import_users(ring)
    first, *others = ring.nodes
    say(f"starting {first.name}, the login and bootstrap server")
    began = time.monotonic()
    launch(ring, first)
    ring.save()
    wait_ready(ring, first, seconds)
    if others:
        say(f"starting {len(others)} more nodes at once")
    for node in others:
        launch(ring, node)
    ring.save()
    took = ring.wait_complete(net.leaf_set, seconds)
    ring.took = time.monotonic() - began
    learn_ids(ring)
    ring.save()
    say(f"the ring of {len(ring.nodes)} is complete" + (f" {took:.1f} s after that" if others else ""))


def start_again(ring: Ring, seconds: float, say: Say) -> float:
    """Starts the nodes that have stopped, each with the data it left; how long until all show one ring."""
    began = time.monotonic()
    for node in ring.nodes:
        if not node.runs():
            launch(ring, node)
    ring.save()
    ring.wait_complete(Localnet.load(ring.directory).leaf_set, seconds)
    took = time.monotonic() - began
    say(f"the ring of {len(ring.nodes)} is complete {took:.1f} s after its nodes were started again")
    return took


def prepare(ring: Ring, role: str = "supernode", own: Settings | None = None, netns: str | None = None) -> Node:
    """The account and the configuration of one more node, which is not started."""
    net = Localnet.load(ring.directory)
    index = max(node.index for node in ring.nodes) + 1
    if index > NODES_MAX:
        raise Failure(f"a ring has at most {NODES_MAX} nodes", 2)
    net.probe(index)
    home = net.home(index)
    if home.exists():
        shutil.rmtree(home)
    node = net.node(index, role, own)
    node.netns = netns
    add_account(ring, node)
    return node


def begin(ring: Ring, role: str = "supernode", own: Settings | None = None, netns: str | None = None) -> Node:
    """Starts one more node, with settings of its own, and does not wait for it to join."""
    node = prepare(ring, role, own, netns)
    launch(ring, node)
    ring.nodes.append(node)
    ring.save()
    return node


def add(ring: Ring, seconds: float, say: Say, role: str = "supernode") -> Node:
    node = begin(ring, role)
    took = ring.wait_complete(Localnet.load(ring.directory).leaf_set, seconds)
    learn_ids(ring)
    ring.save()
    say(f"{node.name} joined in {took:.1f} s as {node.node_id}")
    return node


def kill(ring: Ring, node: Node, hard: bool) -> None:
    if not node.runs():
        node.alive = False
        ring.save()
        raise Failure(f"{node.name} does not run")
    node.signal(signal.SIGKILL if hard else signal.SIGTERM)
    gone = node.wait_gone(DRAIN_SECONDS)
    node.alive = not gone
    ring.save()
    if not gone:
        raise Failure(f"{node.name} has not drained within {DRAIN_SECONDS:g} s; kill it with --hard; its log ends with\n{node.log_tail()}")


def forget(ring: Ring, node: Node) -> None:
    """A node that was sent SIGKILL before is gone from now on."""
    node.alive = not node.wait_gone(DRAIN_SECONDS)
    ring.save()


def stop(ring: Ring, hard: bool = False) -> list[str]:
    """Stops every node; says which had to be killed, because they did not drain in time."""
    for node in ring.nodes:
        node.signal(signal.SIGKILL if hard else signal.SIGTERM)
    stubborn = []
    end = time.monotonic() + DRAIN_SECONDS
    for node in ring.nodes:
        if not node.wait_gone(max(0.1, end - time.monotonic())):
            stubborn.append(node.name)
            node.signal(signal.SIGKILL)
            node.wait_gone(5)
        node.alive = False
    if os.path.isdir(ring.directory):
        ring.save()
    return stubborn
