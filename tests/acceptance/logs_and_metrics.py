#!/usr/bin/env python3
"""What an operator's own tools read of a node: `promtool check metrics` finds nothing to complain of, logrotate may move the log, the key log and the capture away
and nothing is lost, no file that holds secrets or addresses can be read by others, and what goes wrong again and again has a few lines of the log."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import ssl
import stat
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attacks"))

from acceptance import ROOT, Checks, Node, Records, Ring, arguments, main_with, ring_of, say  # noqa: E402
from sip_agent import Agent  # noqa: E402

SETTINGS = {"log.file": "node.log", "debug.keylog": "keys.log", "debug.overlay_pcap": "overlay.pcap"}
# Of a node that has no room for more: records, a phone's tries, and lines that one cause may have at once (log_ration.hpp).
ROOM, TRIES, LINES_MAX = 50, 100, 12


def check_metrics(checks: Checks, node: Node) -> None:
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=5) as answer:
        page = answer.read()
    for name in ("phyllo_build_info{", "phyllo_ready 1", 'phyllo_certificate_expires_seconds{certificate="node"}', "process_resident_memory_bytes "):
        checks.check(f"{node.name}: /metrics has {name}", name.encode() in page)
    promtool = shutil.which("promtool") or str(ROOT / "build/promtool")
    if not os.access(promtool, os.X_OK):
        return say("left out: there is no promtool (tools/setup test)")
    judged = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, check=False)
    said = (judged.stdout + judged.stderr).decode().strip()
    checks.check(f"{node.name}: promtool finds nothing", judged.returncode == 0 and not said, said[:300])


def ends_of(node: Node) -> dict[str, float]:
    """Seconds until each kind of certificate ends, as /metrics says."""
    with urllib.request.urlopen(f"{node.admin}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    begin = 'phyllo_certificate_expires_seconds{certificate="'
    return {line.removeprefix(begin).partition('"')[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith(begin)}


def left_in(file: Path) -> float:
    """Seconds until the first certificate of a PEM file ends, as openssl reads it."""
    said = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", str(file)], capture_output=True, text=True, check=True).stdout
    return ssl.cert_time_to_seconds(said.strip().partition("=")[2]) - time.time()


def check_ends(checks: Checks, ring: Ring, sip_anchor: Path) -> None:
    """Of each kind of certificate, at the login server and at another node."""
    first, other = (Path(node.data) for node in ring.nodes)
    of_first = {"web": first / "web-certificate.pem", "ca": first / "ca/ca.pem", "signer": first / "ca/signer.pem", "overlay_ca": first / "ca/ca.pem", "node": first / "node.pem", "sip_anchor": sip_anchor}
    of_other = {"web": other / "web-certificate.pem", "overlay_ca": first / "ca/ca.pem", "node": other / "node.pem", "sip_anchor": sip_anchor, "bootstrap_anchor": first / "web-certificate.pem"}
    for node, files in zip(ring.nodes, (of_first, of_other), strict=True):
        told, expected = ends_of(node), {kind: left_in(file) for kind, file in files.items()}
        checks.check(f"{node.name}: /metrics tells when these end: {', '.join(sorted(files))}", set(told) == set(files), f"it has {', '.join(sorted(told))}")
        wrong = [f"{kind}: {told[kind]:.0f} s, not {seconds:.0f} s" for kind, seconds in expected.items() if abs(told.get(kind, 0) - seconds) > 60]
        checks.check(f"{node.name}: and each end is its file's", not wrong, "; ".join(wrong))


def make_certificate(file: Path, days: int) -> Path:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=another domain", "-days", str(days), "-keyout", os.devnull, "-out", str(file)], capture_output=True, check=True)
    return file


def has_line(file: Path, words: str, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (file.exists() and words.encode() in file.read_bytes()):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def rotate(checks: Checks, ring: Ring, node: Node) -> None:
    log, rotated = Path(node.data) / "node.log", Path(node.data) / "node.log.1"
    log.rename(rotated)
    node.signal(signal.SIGHUP)
    checks.check("after SIGHUP the log is a new file", has_line(log, "reloaded; changed:"))
    checks.check("with the mode of the old one", stat.S_IMODE(log.stat().st_mode) == 0o640, oct(log.stat().st_mode))
    log.rename(rotated)
    checks.check("so it is after supernode reload", ring.call(node, "reload").exit_code == 0 and has_line(log, "reloaded; changed:"))


def connect(node: Node, keys: Path) -> None:
    """A TLS connection of ours, whose secrets Python writes down as the node does."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = str(keys)
    with socket.create_connection((node.address, 443), 5) as plain, context.wrap_socket(plain) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
        while secure.recv(4096):
            pass


def secrets_of(*files: Path) -> set[str]:
    return {line for file in files if file.exists() for line in file.read_text().splitlines() if line and not line.startswith("#")}


def packets_of(file: Path) -> int:
    """How many whole packets a capture has; -1: it is none, or its last one is torn."""
    data = file.read_bytes() if file.exists() else b""
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        return -1
    at, count = 24, 0
    while at < len(data):
        at += 16 + (struct.unpack_from("<I", data, at + 8)[0] if at + 16 <= len(data) else len(data))
        count += 1
    return count if at == len(data) else -1


def grows(file: Path, seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while packets_of(file) < 1 and time.monotonic() < end:
        time.sleep(0.1)
    return packets_of(file) > 0


def rotate_debug(checks: Checks, ring: Ring, node: Node) -> None:
    """Connections are made before the files are moved, between that and the signal, and after it."""
    data = Path(node.data)
    keys, capture, ours = data / "keys.log", data / "overlay.pcap", Path(node.config).with_name("ours.keys")
    moved = [path.rename(path.with_name(f"{path.name}.1")) for path in (keys, capture) if not connect(node, ours)]
    connect(node, ours)
    checks.check("the moved key log still takes lines", not keys.exists())
    node.signal(signal.SIGHUP)
    checks.check("after SIGHUP a key log and a capture are there anew", has_line(capture, "", 10) and has_line(keys, "", 10))
    connect(node, ours)
    missing = secrets_of(ours) - secrets_of(keys, moved[0])
    checks.check("no secret is lost, and the last ones are in the new file", len(secrets_of(ours)) >= 12 and not missing and bool(secrets_of(ours) & secrets_of(keys)), f"{len(secrets_of(ours))} secrets, {len(missing)} missing")
    checks.check("the new capture is one, with frames of after", grows(capture), f"{packets_of(capture)} packets")
    checks.check("and the old one is whole", packets_of(moved[1]) > 0, f"{packets_of(moved[1])} packets")
    before = keys.stat().st_ino, capture.stat().st_ino, packets_of(capture), len(secrets_of(keys))
    checks.check("a reload with nothing moved away goes on in the same files", ring.call(node, "reload").exit_code == 0 and (keys.stat().st_ino, capture.stat().st_ino) == before[:2] and packets_of(capture) >= before[2] and len(secrets_of(keys)) >= before[3])


def check_modes(checks: Checks, node: Node) -> None:
    files = [path for path in Path(node.data).rglob("*") if path.is_file()]
    open_ones = [f"{path.name} {stat.S_IMODE(path.stat().st_mode):o}" for path in files if path.stat().st_mode & 0o037]
    checks.check(f"{node.name}: none of its files is open to others", len(files) > 5 and not open_ones, ", ".join(open_ones))


def check_proportion(checks: Checks, binary: str | None) -> None:
    """A node that has no room for more records refuses a phone that tries again and again: one cause, whatever the number of tries."""
    with ring_of("logs-in-proportion", 1, binary, {"overlay.records_max": ROOM}, [{"user": "alice@example.com", "password": "alice's secret"}]) as (ring, _):
        node = ring.nodes[0]
        Records(ring, random.Random(1)).add(2 * ROOM)
        alice = Agent("alice", "tcp", "127.0.65.1", node.address, "alice's secret")
        answers = [alice.register() for _ in range(TRIES)]
        alice.close()
        refused = sum(answer is not None and answer.status == 503 for answer in answers)
        said = [line for line in Path(node.log).read_text().splitlines() if "could not be stored" in line]
        checks.check(f"{TRIES} times a registration is refused for want of room", refused == TRIES, f"{refused} times")
        checks.check("the log has a few lines of it", 0 < len(said) <= LINES_MAX, f"{len(said)} lines")


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("logs and metrics", given.results)

    def all_of_it() -> None:
        os.umask(0)
        with tempfile.TemporaryDirectory() as work, ring_of("logs-and-metrics", 2, given.binary, SETTINGS | {"sip.anchors": [str(make_certificate(Path(work) / "sip.pem", 33))]}) as (ring, _):
            for node in ring.nodes:
                check_metrics(checks, node)
                check_modes(checks, node)
            check_ends(checks, ring, Path(work) / "sip.pem")
            rotate(checks, ring, ring.nodes[1])
            rotate_debug(checks, ring, ring.nodes[1])
            check_modes(checks, ring.nodes[1])
        check_proportion(checks, given.binary)

    return main_with(checks, all_of_it)


if __name__ == "__main__":
    sys.exit(main())
