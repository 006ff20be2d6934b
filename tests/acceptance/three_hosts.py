#!/usr/bin/env python3
"""docs/three-hosts.md does what it says: its commands are run as they stand there, on three hosts made of namespaces, where the program is
installed from the build and runs as its own user.

Each host has its own network, /etc, /usr/local, /var/lib, /root and /run. Two programs of the document are played by a script: `systemctl`, which starts
what the installed unit says as the user that it says (setpriv), and `scp`. Root.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from acceptance import ROOT, Checks, Failure, arguments, main_with, say
from network import run

DOCUMENT = ROOT / "docs/three-hosts.md"
NETWORK = "203.0.113"
BLOCK_SECONDS = 180

# Of each command of systemd's what the document needs, on the unit as it is installed.
SYSTEMCTL = r"""#!/bin/bash
set -u
unit=/usr/local/lib/systemd/system/supernode.service
of() { sed -n "s/^$1=//p" "$unit" | tail -1; }
runs() { [ -f /run/unit.pid ] && kill -0 "$(cat /run/unit.pid)" 2>/dev/null; }
as_unit() {
  local caps=-all,+$(of AmbientCapabilities | tr 'A-Z' 'a-z' | sed 's/^cap_//')
  exec setpriv --reuid="$(of User)" --regid="$(of Group)" --init-groups --inh-caps="$caps" --ambient-caps="$caps" --bounding-set="$caps" --no-new-privs "$@"
}
start() {
  runs && return
  (umask "$(of UMask)"; as_unit $(of ExecStart)) </dev/null >>/run/unit.log 2>&1 &
  echo $! >/run/unit.pid
  for _ in $(seq 600); do
    runs || { tail -5 /run/unit.log >&2; return 1; }
    supernode status 2>/dev/null | grep -q ': ready for' && return
    sleep 0.1
  done
  tail -5 /run/unit.log >&2
  return 1
}
stop() {
  runs || return 0
  kill "$(cat /run/unit.pid)"
  for _ in $(seq 200); do runs || return 0; sleep 0.1; done
  return 1
}
case "$1" in
  daemon-reload) [ -f "$unit" ] ;;
  enable) [ "$2" = --now ] && start ;;
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  reload) (as_unit $(of ExecReload)) ;;
  *) echo "systemctl: $1?" >&2; exit 1 ;;
esac
"""

# What is no absolute path stands in root's home.
SCP = """#!/bin/bash
path=${1#*:}
case $path in /*) ;; *) path=$HOME/$path ;; esac
exec cp "/proc/$(sed -n "s/^${1%%:*} //p" HOSTS)/root$path" "$2"
"""


@dataclass
class Block:
    """Commands of the document, and on which hosts they are run."""

    hosts: list[int]
    text: str
    line: int


def blocks_of(document: str) -> list[Block]:
    out = []
    for found in re.finditer(r"^```sh \[([^]\n]*)\]\n(.*?)^```$", document, re.M | re.S):
        hosts = [1, 2, 3] if found[1] == "each host" else [int(one) for one in re.findall(r"host (\d)", found[1])]
        out.append(Block(hosts, found[2], document[: found.start()].count("\n") + 2))
    return out


class Host:
    """A network and a file system of its own, as far as the document touches it."""

    def __init__(self, number: int, directory: Path) -> None:
        self.number, self.address = number, f"{NETWORK}.1{number}"
        self.netns = f"phyllo-host{number}-{os.getpid()}"
        run("ip", "netns", "add", self.netns)
        run("ip", "link", "add", f"host{number}", "master", "hosts", "type", "veth", "peer", "name", "eth0", "netns", self.netns)
        run("ip", "link", "set", f"host{number}", "up")
        for command in (("link", "set", "lo", "up"), ("addr", "add", f"{self.address}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            run("ip", "-n", self.netns, *command)
        self.init = subprocess.Popen(["ip", "netns", "exec", self.netns, "unshare", "-m", "--propagation", "private", "sleep", "infinity"])
        self.hosts = directory / "hosts"
        self.prepare(directory / f"host{number}")

    def prepare(self, scratch: Path) -> None:
        self.wait_apart()
        run("cp", "-a", "/etc", str(scratch))
        self.sh(f"mount --bind {scratch} /etc; for each in /usr/local /var/lib /root /run; do mount -t tmpfs tmpfs $each; done; mkdir /usr/local/sbin; umask 022")
        for name, text in (("systemctl", SYSTEMCTL), ("scp", SCP.replace("HOSTS", str(self.hosts)))):
            self.sh(f"cat > /usr/local/sbin/{name}; chmod 755 /usr/local/sbin/{name}", text)
        with self.hosts.open("a") as file:
            file.write(f"{self.address} {self.init.pid}\n")

    def wait_apart(self) -> None:
        """unshare(1) is there when its mounts are not ours any more."""
        end = time.monotonic() + 5
        while os.readlink(f"/proc/{self.init.pid}/ns/mnt") == os.readlink("/proc/self/ns/mnt") or Path(f"/proc/{self.init.pid}/comm").read_text() != "sleep\n":
            if time.monotonic() > end:
                raise Failure("unshare -m did not come to its end")
            time.sleep(0.02)

    def sh(self, script: str, into: str | None = None) -> subprocess.CompletedProcess[str]:
        command = ["nsenter", "-t", str(self.init.pid), "-m", "-n", "bash", "-c", f"cd {ROOT}\n{script}"]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, input=into or "", capture_output=True, text=True, timeout=BLOCK_SECONDS, check=False, cwd=ROOT, env=environment)

    def close(self) -> None:
        self.sh("systemctl stop supernode")
        self.init.kill()
        self.init.wait()
        subprocess.run(["ip", "netns", "del", self.netns], check=False, capture_output=True)


@contextmanager
def three_hosts(directory: Path) -> Iterator[dict[int, Host]]:
    directory.mkdir(parents=True, exist_ok=True)
    run("rm", "-rf", *map(str, directory.iterdir()))
    run("ip", "link", "add", "hosts", "type", "bridge")
    run("ip", "link", "set", "hosts", "up")
    hosts: dict[int, Host] = {}
    try:
        for number in (1, 2, 3):
            hosts[number] = Host(number, directory)
        yield hosts
    finally:
        for host in hosts.values():
            host.close()


def run_block(checks: Checks, host: Host, block: Block) -> bool:
    ran = host.sh("set -eu -o pipefail\n" + block.text)
    first = block.text.splitlines()[0]
    detail = "" if ran.returncode == 0 else f"exit code {ran.returncode}: {(ran.stderr.strip() or ran.stdout.strip())[-600:]}"
    return checks.check(f"line {block.line} on host {host.number}: {first}", ran.returncode == 0, detail)


def look(checks: Checks, hosts: dict[int, Host]) -> None:
    """What the document promises beside its commands."""
    for host in hosts.values():
        said = host.sh("ps -o user:20=,args= -p $(cat /run/unit.pid)").stdout
        checks.check(f"host {host.number} runs as phyllo", said.startswith("phyllo ") and "/usr/local/bin/supernode run" in said, said.strip())
        checks.check(f"host {host.number}: the licence is there", host.sh("test -s /usr/local/share/doc/phyllo/LICENSE").returncode == 0)
        reloaded = host.sh("systemctl reload supernode")
        checks.check(f"host {host.number} reloads as phyllo", reloaded.returncode == 0, reloaded.stderr.strip())
        value = host.sh("supernode overlay get note:node2@example.com").stdout
        checks.check(f"host {host.number} has the value of before", value.startswith("gone fishing\tnode2@example.com\t"), value.strip())
    checks.check("host 1 starts no overlay any more", "first" not in hosts[1].sh("cat /etc/phyllo/supernode.toml").stdout)
    checks.check("and a phone's password was printed", re.fullmatch(r"alice@example\.com,[0-9a-f]{32}\n", hosts[1].sh("cat ~/alice.csv").stdout) is not None)


def verify_unit(checks: Checks, host: Host) -> None:
    """systemd's own judgement, where it is installed."""
    if subprocess.run(["which", "systemd-analyze"], capture_output=True, check=False).returncode != 0:
        return say("left out: systemd-analyze is not installed")
    judged = host.sh("systemd-analyze verify /usr/local/lib/systemd/system/supernode.service 2>&1 | grep supernode.service || true").stdout.strip()
    checks.check("systemd finds nothing wrong with the unit", not judged, judged)


def main() -> int:
    given = arguments(__doc__).parse_args()
    if os.environ.get("PHYLLO_OWN_NETWORK") != "1":
        say("left out: only root can make three hosts (PHYLLO_OWN_NETWORK=1)")
        return 0
    checks = Checks("three hosts", given.results)

    def all_of_it() -> None:
        with three_hosts(ROOT / "build/acceptance/three-hosts") as hosts:
            blocks = blocks_of(DOCUMENT.read_text())
            checks.check("the document has commands", len(blocks) > 10, str(len(blocks)))
            for block in blocks:
                for number in block.hosts:
                    if not run_block(checks, hosts[number], block):
                        raise Failure(hosts[number].sh("tail -20 /run/unit.log").stdout)
                if block is blocks[0]:
                    verify_unit(checks, hosts[1])
            look(checks, hosts)

    return main_with(checks, all_of_it)


if __name__ == "__main__":
    sys.exit(main())
