#!/usr/bin/env python3
"""docs/three-hosts.md does what it says: its commands are run as they stand there, on three hosts made of namespaces, where the program is
installed from the build and runs as its own user.

Each host has its own network, /etc, /usr/local, /var/lib, /root and /run. Two programs of the document are played by a script: `systemctl`, which starts
what the installed unit says as the user that it says (setpriv), and `scp`. The zone of the document is served by a server of ours, which the hosts'
resolvers ask; and an authority of ours, which the hosts trust as a public one, has certified what certbot would have left. Root.
"""

from __future__ import annotations

import datetime
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import zone
from acceptance import ROOT, Checks, Failure, arguments, main_with, say
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from network import run

DOCUMENT = ROOT / "docs/three-hosts.md"
NETWORK = "203.0.113"
RESOLVER = f"{NETWORK}.53"  # and where the phones of this test are
DOMAIN = "example.com"
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


class Authority:
    """A certificate authority as the public ones are."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority that everybody trusts")])
        self.pem = self._sign(self.name, self.key.public_key(), [(x509.BasicConstraints(ca=True, path_length=None), True)])

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extensions: list[tuple[x509.ExtensionType, bool]]) -> str:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number(), now - datetime.timedelta(hours=1), now + datetime.timedelta(days=89))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def certify(self, *names: str) -> tuple[str, str]:
        """A chain, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        chain = self._sign(subject, key.public_key(), [(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)])
        text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
        return chain, text


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
        self.sh("rm -f /etc/resolv.conf; cat > /etc/resolv.conf", f"nameserver {RESOLVER}\n")
        for name, text in (("systemctl", SYSTEMCTL), ("scp", SCP.replace("HOSTS", str(self.hosts)))):
            self.sh(f"cat > /usr/local/sbin/{name}; chmod 755 /usr/local/sbin/{name}", text)
        with self.hosts.open("a") as file:
            file.write(f"{self.address} {self.init.pid}\n")

    def certify(self, authority: Authority) -> None:
        """What its ACME client has got."""
        chain, key = authority.certify(DOMAIN, f"node{self.number}.{DOMAIN}")
        self.sh("mkdir -p /etc/letsencrypt/live/example.com; cat >> /etc/ssl/certs/ca-certificates.crt", authority.pem)
        for name, text in (("fullchain", chain), ("privkey", key)):
            self.sh(f"umask 077; cat > /etc/letsencrypt/live/example.com/{name}.pem", text)

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
    run("ip", "addr", "add", f"{RESOLVER}/24", "dev", "hosts")
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


def options_by(transport: str, address: str, port: int, trust: ssl.SSLContext) -> str:
    """The first line that a node answers to OPTIONS, by that transport; TLS must show a certificate for the domain (RFC 5922)."""
    branch = secrets.token_hex(8)
    via = {"_sip._udp": "UDP", "_sip._tcp": "TCP", "_sips._tcp": "TLS"}[transport]
    request = (
        f"OPTIONS sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/{via} {RESOLVER};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\nFrom: <sip:stranger@{DOMAIN}>;tag={branch}\r\n"
        f"To: <sip:{DOMAIN}>\r\nCall-ID: {branch}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if via == "UDP" else socket.SOCK_STREAM) as plain:
        plain.settimeout(5)
        plain.connect((address, port))
        over = trust.wrap_socket(plain, server_hostname=DOMAIN) if via == "TLS" else plain
        try:
            return answer_to(request, over, via == "UDP")
        finally:
            over.close()


def answer_to(request: bytes, over: socket.socket, by_datagrams: bool) -> str:
    """By UDP it is sent again, as phones do: a stranger gets no more bytes than he has sent."""
    for _ in range(6):
        over.sendall(request)
        if by_datagrams:
            over.settimeout(0.5)
        try:
            return over.recv(4096).split(b"\r\n")[0].decode()
        except TimeoutError:
            if not by_datagrams:
                raise
    raise TimeoutError("six datagrams are not answered")


def find_domain(checks: Checks, hosts: dict[int, Host], authority: Authority) -> None:
    """As phones do: from the domain's name by SRV to a node's name, to its address, and there by the transport that the record is of."""
    trust = ssl.create_default_context(cadata=authority.pem)
    for transport in ("_sip._udp", "_sip._tcp", "_sips._tcp"):
        found = zone.services(RESOLVER, f"{transport}.{DOMAIN}")
        checks.check(f"{transport} names all three hosts", len({target for target, _ in found}) == len(hosts), str(found))
        for target, port in found:
            try:
                said = options_by(transport, zone.address_of(RESOLVER, target), port, trust)
            except OSError as error:
                said = f"{type(error).__name__}: {error}"
            checks.check(f"{target}:{port} answers a phone that {transport} has led to it", said == "SIP/2.0 200 OK", said)
    if shutil.which("sipsak") is None:
        return say("left out: sipsak is not installed")
    said = hosts[3].sh(f"sipsak -v -s sip:{DOMAIN}")
    checks.check("sipsak finds the domain by itself", said.returncode == 0, (said.stdout + said.stderr).strip()[:200])


def check_names(checks: Checks, hosts: dict[int, Host]) -> None:
    """A node that has lost its document gets it by the login server's name, and by authorities that this machine trusts."""
    host = hosts[3]
    done = host.sh("systemctl stop supernode && rm /var/lib/phyllo/document.xml && systemctl start supernode && test -s /var/lib/phyllo/document.xml")
    checks.check("a node without a document gets it by name and public certificate", done.returncode == 0, (done.stderr or done.stdout).strip()[-300:])
    configuration = host.sh("cat /etc/phyllo/supernode.toml").stdout
    checks.check("where no anchor is named any more", "anchors" not in configuration and "node1.example.com" in configuration, configuration)


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
        document = DOCUMENT.read_text()
        records = zone.parsed("".join(re.findall(r"^```zone\n(.*?)^```$", document, re.M | re.S)))
        checks.check("the document has a zone", len(records) > 6, str(len(records)))
        authority = Authority()
        with three_hosts(ROOT / "build/acceptance/three-hosts") as hosts, zone.Server(RESOLVER, records):
            for host in hosts.values():
                host.certify(authority)
            blocks = blocks_of(document)
            checks.check("the document has commands", len(blocks) > 10, str(len(blocks)))
            for block in blocks:
                for number in block.hosts:
                    if not run_block(checks, hosts[number], block):
                        raise Failure(hosts[number].sh("tail -20 /run/unit.log").stdout)
                if block is blocks[0]:
                    verify_unit(checks, hosts[1])
            look(checks, hosts)
            find_domain(checks, hosts, authority)
            check_names(checks, hosts)

    return main_with(checks, all_of_it)


if __name__ == "__main__":
    sys.exit(main())
