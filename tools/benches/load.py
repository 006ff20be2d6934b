"""phyllo-load beside SIPp: calls a second of a core, both ends of each, with no server between.

    tools/bench load                  20,000 calls by SIPp, 200,000 by phyllo-load, by UDP on loopback

A call is INVITE, 180, 200, ACK, BYE, 200. What counts is the CPU time that the programs used, user and system.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from result import ROOT, Figure

SCENARIOS = ROOT / "tools/benches/sip_files"
TIMES_MIN = 5.0  # of SIPp's calls a second of a core
CALLER, CALLEE = "127.0.0.1:5390", "127.0.0.1:5391"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--calls", type=int, default=20_000, help="by SIPp; ten times as many by phyllo-load (default: 20000)")
    parser.add_argument("--rate", type=int, default=2000, help="of SIPp's; ten times as much of phyllo-load's (default: 2000)")
    parser.add_argument("--load", type=Path, default=ROOT / "build/release/phyllo-load", help="the load (default: build/release/phyllo-load)")


def seconds_of(usage: os.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def sipp(given: argparse.Namespace, directory: Path) -> dict[str, float]:
    common = ["-i", "127.0.0.1", "-nostdin", "-l", "20000"]
    callee = subprocess.Popen(["sipp", "-sf", str(SCENARIOS / "uas.xml"), *common, "-p", CALLEE.rsplit(":")[-1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=directory)
    time.sleep(1)
    arguments = ["sipp", CALLEE, "-sf", str(SCENARIOS / "uac.xml"), *common, "-p", CALLER.rsplit(":")[-1], "-r", str(given.rate), "-m", str(given.calls), "-timeout", "120"]
    with (directory / "uac.out").open("w") as out:
        caller = subprocess.Popen(arguments, stdout=out, stderr=subprocess.DEVNULL, cwd=directory)
        _, _, caller_usage = os.wait4(caller.pid, 0)
    callee.kill()
    _, _, callee_usage = os.wait4(callee.pid, 0)
    counted = re.findall(r"Successful call\s*\|\s*\d+\s*\|\s*(\d+)", (directory / "uac.out").read_text(errors="replace"))
    done = int(counted[-1]) if counted else 0
    return {"calls": done, "cpu_s": seconds_of(caller_usage) + seconds_of(callee_usage)}


def ours(given: argparse.Namespace) -> dict[str, float]:
    command = [str(given.load), "sip-call", CALLEE, "--callee-by-contact", "--source", CALLER, "--callee-source", CALLEE, "--json"]
    before = os.times()
    ran = subprocess.run([*command, "--count", str(given.calls * 10), "--rate", str(given.rate * 10)], capture_output=True, text=True, check=False)
    after = os.times()
    if not ran.stdout:
        sys.exit(f"error: phyllo-load ended with {ran.returncode}: {ran.stderr.strip()}")
    result = json.loads(ran.stdout)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"calls": result["operations"]["succeeded"], "cpu_s": cpu, "failed": result["operations"]["failed"]}


def run(given: argparse.Namespace) -> dict[str, Any]:
    if not shutil.which("sipp"):
        sys.exit("error: sipp is missing: tools/setup bench installs it")
    if not given.load.exists():
        sys.exit(f"error: {given.load} is missing: tools/test --quick builds it, or ninja -C build/release")
    with tempfile.TemporaryDirectory() as name:
        result = {"SIPp": sipp(given, Path(name)), "phyllo-load": ours(given)}
    for one in result.values():
        one["calls_per_core"] = one["calls"] / one["cpu_s"]
    return result


def figures(result: dict[str, Any]) -> list[Figure]:
    rate, other = result["phyllo-load"]["calls_per_core"], result["SIPp"]["calls_per_core"]
    return [
        Figure("calls a second of a core, phyllo-load", rate, "/s", "higher"),
        Figure("calls a second of a core, SIPp", other, "/s", "higher"),
        Figure("times as many as SIPp", rate / max(1.0, other), "", "higher", TIMES_MIN),
        Figure("calls of phyllo-load that failed", result["phyllo-load"]["failed"], "", "lower", 0),
    ]


def table(result: dict[str, Any]) -> str:
    lines = [f"{'':14}{'calls':>9}{'CPU s':>8}{'calls/s a core':>16}"]
    lines += [f"{name:14}{one['calls']:9.0f}{one['cpu_s']:8.2f}{one['calls_per_core']:16.0f}" for name, one in result.items()]
    return "\n".join(lines)
