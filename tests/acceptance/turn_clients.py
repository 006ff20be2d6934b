#!/usr/bin/env python3
"""coturn's turnutils_uclient against our TURN server on loopback, over UDP, TCP and TLS, by channels and by Send indications: it loses nothing.

    tests/acceptance/turn_clients.py build/release/tests/nat/turn-door [--cpu]

Credentials are coturn's: made by a shared secret. The peers are turnutils_uclient's own sockets (-y), so allocations talk to each other.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time

ADDRESS = "127.61.0.1"
PORT = 43478
TICKS = os.sysconf("SC_CLK_TCK")
# Transport, and whether by Send.
RUNS = [("udp", False), ("udp", True), ("tcp", False), ("tls", False)]
FLAGS = {"udp": [], "tcp": ["-t"], "tls": ["-t", "-S"]}


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def run(server: subprocess.Popen[str], transport: str, send: bool, clients: int, messages: int) -> tuple[int, int, float]:
    """Sent, lost, and the server's CPU microseconds a relayed packet."""
    before = cpu_seconds(server.pid)
    command = ["turnutils_uclient", "-y", "-c", "-e", ADDRESS, "-L", "127.0.0.1", "-W", "north", "-u", "alice", "-n", str(messages), "-m",
               str(clients), "-l", "172", "-z", "10", "-p", str(PORT), *FLAGS[transport], *(["-s"] if send else []), ADDRESS]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120)
    text = out.stdout + out.stderr
    found = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", text)
    if not found:
        raise SystemExit(f"turnutils_uclient told no numbers:\n{text[-2000:]}")
    sent, received = (int(n) for n in found[-1])
    return sent, sent - received, (cpu_seconds(server.pid) - before) * 1e6 / max(1, 2 * sent)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("door")
    parser.add_argument("--cpu", action="store_true", help="tell the server's CPU time a relayed packet")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--messages", type=int, default=200)
    a = parser.parse_args()
    if shutil.which("turnutils_uclient") is None:
        print("turnutils_uclient is missing: apt-get install coturn")
        return 77
    server = subprocess.Popen([a.door, "--address", ADDRESS, "--port", str(PORT), "--allow-peers", "127.0.0.0/8", "--old-channels"],
                              stdout=subprocess.PIPE, text=True)
    failed = 0
    try:
        assert server.stdout is not None and server.stdout.readline() == "ready\n"
        for transport, send in RUNS:
            sent, lost, cpu = run(server, transport, send, a.clients, a.messages)
            failed += lost != 0 or sent == 0
            told = f", {cpu:.2f} us of CPU a relayed packet" if a.cpu else ""
            print(f"{transport} by {'Send' if send else 'channels'}: {sent} sent, {lost} lost{told}")
            time.sleep(0.2)
    finally:
        server.terminate()
        print(server.communicate(timeout=10)[0], end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
