#!/usr/bin/env python3
"""Phones that others wrote, as their packages install them, at a ring with its default configuration: baresip, sipsak and SIPp register, baresip and SIPp call."""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path

from acceptance import Checks, Node, Ring, arguments, main_with, ring_of, say

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/lib"))
from phones import Phone  # noqa: E402

USERS = [{"user": f"{name}@example.com", "password": f"{name}-secret"} for name in ("alice", "bob", "carol", "dave", "erin")]
PROGRAMS = ("baresip", "sipsak", "sipp")
# A phone that answers no challenge but MD5's alone is asked for that when it comes back: baresip does so after 30 to 60 s.
COMES_BACK_SECONDS = 80.0
BARESIP = """\
sip_listen      {address}:5060
net_interface   {address}
module_path     {modules}
module          g711.so
module          aufile.so
module_tmp      uuid.so
module_tmp      account.so
module_app      menu.so
module_app      cons.so
cons_listen     {address}:5555
audio_source    aufile,{silence}
audio_player    aufile,/dev/null
audio_alert     aufile,/dev/null
"""


class Baresip:
    """One that registers at once, and answers each call by itself."""

    def __init__(self, user: str, address: str, node: Node, directory: Path) -> None:
        self.address = address
        self.directory = directory / f"{user}-{address}"
        self.directory.mkdir(parents=True)
        silence = self.directory / "silence.wav"
        with wave.open(str(silence), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(2 * 8000 * 30))
        modules = next(iter(Path("/usr/lib").glob("**/baresip/modules")))
        (self.directory / "config").write_text(BARESIP.format(address=address, modules=modules, silence=silence))
        (self.directory / "accounts").write_text(f'<sip:{user}@example.com>;auth_pass={user}-secret;outbound="sip:{node.address}";answermode=auto;regint=600\n')
        self.log = self.directory / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["baresip", "-f", str(self.directory)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory)

    def says(self, pattern: str, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if re.search(pattern, self.log.read_text(errors="replace")):
                return True
            time.sleep(0.2)
        return False

    def registers(self) -> bool:
        return self.says(r"200 OK \(.*\) \[\d+ binding", COMES_BACK_SECONDS)

    def tell(self, command: str) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
            console.sendto(command.encode() + b"\n", (self.address, 5555))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


def baresip(checks: Checks, ring: Ring, directory: Path) -> None:
    began = time.monotonic()
    bob, alice = (Baresip(user, address, node, directory) for user, address, node in (("bob", "127.0.71.1", ring.nodes[0]), ("alice", "127.0.71.2", ring.nodes[1])))
    checks.check("baresip registers", bob.registers(), f"{time.monotonic() - began:.1f} s")
    checks.check("another one registers at another node", alice.registers(), f"{time.monotonic() - began:.1f} s")
    alice.tell("/dial sip:bob@example.com")
    checks.check("and calls the first one", alice.says("Call established", 15) and bob.says("Call established", 5))
    for each in (bob, alice):
        each.stop()


def sipsak(node: Node, *more: str) -> tuple[int, str]:
    command = ["sipsak", "-v", "-s", f"sip:carol@{node.address}", "-u", "carol", "-a", "carol-secret", "-x", "600", *more]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def sipsaks(checks: Checks, ring: Ring) -> None:
    """It registers; the calls that it can make end in a fault of its own in Debian 12."""
    for times in ("", " again"):
        code, said = sipsak(ring.nodes[0], "-U")
        checks.check(f"sipsak registers{times}", code == 0, said.strip()[-200:] if code else "")


def sipps(checks: Checks, ring: Ring, directory: Path) -> None:
    dave, erin = (Phone(user, f"{user}-secret", ring.domain, address, directory) for user, address in (("dave", "127.0.72.1"), ("erin", "127.0.72.2")))
    for phone in (dave, erin):
        phone.register(f"{ring.nodes[0].address}:5060")
    checks.check("SIPp registers two phones", True)
    answering = erin.answer()
    took = dave.call("erin", f"{ring.nodes[1].address}:5060")
    answering.terminate()
    answering.wait(10)
    checks.check("and one calls the other", took > 0, f"{took:.0f} ms")


def run(checks: Checks, given: argparse.Namespace) -> None:
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        say(f"not installed: {', '.join(missing)}; tools/setup test installs them")
    with ring_of("phones", 2, given.binary, users=USERS) as (ring, _):
        directory = ring.directory / "phones"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        if "sipsak" not in missing:
            sipsaks(checks, ring)
        if "sipp" not in missing:
            sipps(checks, ring, directory)
        if "baresip" not in missing:
            baresip(checks, ring, directory)
    checks.check("all three programs were there", not missing, ", ".join(missing))


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("phones", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
