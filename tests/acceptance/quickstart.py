#!/usr/bin/env python3
"""`tools/quickstart --keep` as a newcomer has it: what it prints at its end is done by the letter, with a phone that knows nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from acceptance import ROOT, Checks, Failure, Ring, arguments, binary_path, localnet, main_with, say
from softphone import Softphone

DIRECTORY = ROOT / "build/quickstart"
PHONE = "127.0.2.9"


def advice(printed: str) -> dict[str, str]:
    """The lines `   NAME   VALUE` under "Your own SIP phone"."""
    _, _, told = printed.partition("Your own SIP phone")
    return {name: value for name, value in re.findall(r"^   (user|password|domain|outbound proxy|then call) +(.*)$", told, re.M)}


def follow(checks: Checks, told: dict[str, str]) -> None:
    first = re.match(r"[\d.]+:\d+", told["outbound proxy"])
    others = re.findall(r"(?<![\d.:])\d+\.\d+\.\d+\.\d+(?![\d.:])", told["outbound proxy"])
    callee = re.match(r"sip:(\w+)@", told["then call"])
    checks.check("proxies and somebody to call are named", bool(first and others and callee), str(told))
    if not first or not callee:
        return
    phone = Softphone(told["user"], told["password"], told["domain"], PHONE)
    for proxy in [first[0], *(f"{address}:5060" for address in others)]:
        phone.register(proxy)
        took = phone.call(callee[1], proxy)
        checks.check(f"by {proxy} a phone registers, calls, and hears itself", True, f"{took:.0f} ms")


def gone(command: str, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while any(command.encode() in path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("quickstart", given.results)
    environment = os.environ | {"PHYLLO_SUPERNODE": str(binary_path(given.binary))}

    def newcomer() -> None:
        ran = subprocess.run([sys.executable, str(ROOT / "tools/lib/first_call.py"), "--keep"], capture_output=True, text=True, check=False, env=environment)
        if not checks.check("quickstart comes to its end", ran.returncode == 0, (ran.stderr or ran.stdout).strip()[-300:] if ran.returncode else ""):
            return
        ring = Ring.load(DIRECTORY)
        settings = "".join(Path(node.config).read_text() for node in ring.nodes)
        checks.check("its nodes run with the defaults for phones", "digest" not in settings and "[sip]" not in settings)
        follow(checks, advice(ran.stdout))
        stop = re.search(r"`(tools/localnet stop --dir \S+)`", ran.stdout)
        if not stop:
            raise Failure("how to stop the ring is not said")
        stopped = subprocess.run([sys.executable, *stop[1].split()], capture_output=True, text=True, check=False, cwd=ROOT)
        checks.check("the ring is stopped as it says", stopped.returncode == 0, stopped.stderr.strip())
        checks.check("and bob's phone with it", gone("softphone.py"))

    try:
        return main_with(checks, newcomer)
    finally:
        if (DIRECTORY / "localnet.json").exists():
            localnet.stop(Ring.load(DIRECTORY), hard=True)
            say("stopped")


if __name__ == "__main__":
    sys.exit(main())
