"""Networks for acceptance runs: namespaces, nftables, and tests/net/wire between two of them. Root."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acceptance import ROOT, Failure

WIRE = ROOT / "build/release/tests/net/wire"
CLONE_NEWNET = 0x40000000
# The ring's addresses, all of which are the core's own.
CORE_V4 = "10.77.0"
CORE_V6 = "fd77::"


def run(*command: str, into: str | None = None) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False, input=into)
    if ran.returncode != 0:
        raise Failure(f"{' '.join(command)}: {ran.stderr.strip() or ran.stdout.strip()}")
    return ran.stdout


class Namespace:
    """A network of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")
        # An address serves as soon as it is there.
        self.inside("sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")

    def ip(self, *arguments: str) -> None:
        run("ip", "-n", self.name, *arguments)

    def inside(self, *command: str, into: str | None = None) -> str:
        return run("ip", "netns", "exec", self.name, *command, into=into)

    def filter(self, rules: list[str]) -> None:
        """What passes in and out, by nftables; in each rule PEER and OWN stand for the direction's words for the far and the near port."""
        chains = {"output": ("dport", "sport"), "input": ("sport", "dport")}
        lines = ["flush ruleset", "table inet path {"]
        for hook, (far, near) in chains.items():
            lines += [f"chain {hook} {{", f"type filter hook {hook} priority 0; policy accept;", 'meta oifname "lo" accept' if hook == "output" else 'meta iifname "lo" accept']
            lines += [rule.replace("PEER", far).replace("OWN", near) for rule in rules] + ["}"]
        self.inside("nft", "-f", "-", into="\n".join([*lines, "}"]) + "\n")

    def enter(self) -> None:
        """This thread, and all that it starts from now on."""
        with open(f"/run/netns/{self.name}") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                raise Failure(f"network namespace {self.name}: {os.strerror(ctypes.get_errno())}")

    def close(self) -> None:
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


class Core(Namespace):
    """Where the ring lives; every address of it is local."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.ip("route", "add", "local", f"{CORE_V4}.0/24", "dev", "lo")
        for index in range(1, 33):
            self.ip("addr", "add", f"{CORE_V6}{index:x}/128", "dev", "lo", "nodad")
        self.inside("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")


class Edge(Namespace):
    """A host somewhere else, with one way to the core: a cable, or a wire with faults. Its addresses are 10.77.N.1 and fd77:N::1."""

    def __init__(self, core: Core, number: int, ipv6: bool = False, wire: list[str] | None = None, seed: int = 1) -> None:
        super().__init__(f"{core.name}-{number}")
        self.address = f"fd77:{number:x}::1" if ipv6 else f"10.77.{number}.1"
        gateway = f"fd77:{number:x}::ffff" if ipv6 else f"10.77.{number}.254"
        length = "64" if ipv6 else "24"
        far = f"edge{number}"
        self.wire: subprocess.Popen[str] | None = None
        if wire is None:
            core.ip("link", "add", far, "type", "veth", "peer", "name", "way", "netns", self.name)
            near = "way"
        else:
            near = far
            self.wire = subprocess.Popen([str(WIRE), self.name, core.name, "--device", far, "--seed", str(seed), *wire], stdout=subprocess.PIPE, text=True)
            if self.wire.stdout is None or self.wire.stdout.readline() != "ready\n":
                raise Failure("tests/net/wire did not start")
        options = ["nodad"] if ipv6 else []
        core.ip("addr", "add", f"{gateway}/{length}", "dev", far, *options)
        core.ip("link", "set", far, "up")
        self.ip("addr", "add", f"{self.address}/{length}", "dev", near, *options)
        self.ip("link", "set", near, "up")
        self.ip("route", "add", "default", "via", gateway, "dev", near)

    def close(self) -> None:
        if self.wire is not None:
            self.wire.terminate()
            said, _ = self.wire.communicate(timeout=10)
            for line in said.splitlines():
                print(f"      wire {line}", flush=True)
        super().close()


@contextmanager
def core_network() -> Iterator[Core]:
    """This process moves into it for good."""
    core = Core(f"phyllo-{os.getpid()}")
    try:
        core.enter()
        yield core
    finally:
        core.close()


@contextmanager
def edge_network(core: Core, number: int, ipv6: bool = False, wire: list[str] | None = None, seed: int = 1) -> Iterator[Edge]:
    edge = Edge(core, number, ipv6, wire, seed)
    try:
        yield edge
    finally:
        edge.close()


@contextmanager
def connect_proxy(address: str, port: int, allowed: int) -> Iterator[None]:
    """An HTTP proxy in this network that answers CONNECT to one port, as most do."""
    program = Path(__file__).with_name("connect_proxy.py")
    process = subprocess.Popen(["python3", str(program), address, str(port), str(allowed)], stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise Failure("the proxy did not start")
        yield
    finally:
        process.terminate()
        process.wait()
