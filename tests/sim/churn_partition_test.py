#!/usr/bin/env python3
"""`phyllo-sim churn --check --partition`: what merges is told from faults, times count from the first look-up, and equal seeds give equal figures."""

import json
import subprocess
import sys
from typing import Any

NODES, LOOKUPS, RATE = 40, 2000, 0.2
NEVER = 10**6
WORDS = "besides, within 10 s of a partition's end", "two roots of a key within 10 s of a partition's end"

failed = 0


def check(name: str, good: bool, detail: object = "") -> None:
    global failed
    failed += not good
    print(f"{'passed' if good else 'FAILED'}: {name} ({detail})")


def churn(binary: str, seed: int, at: float) -> tuple[int, dict[str, Any]]:
    command = [binary, "churn", "--nodes", str(NODES), "--session", "3600", "--lookups", str(LOOKUPS), "--rate", str(RATE), "--check", "--partition", f"{at}:40:0.5", "--seed", str(seed), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    return done.returncode, json.loads(done.stdout[done.stdout.index("{") :])


def figures(report: dict[str, Any]) -> dict[str, float]:
    return {one["name"].strip(): one["value"] for one in report["figures"]}


def main() -> int:
    binary = sys.argv[1]
    merged = 0
    for seed in (5, 6):
        code, report = churn(binary, seed, 60)
        told = figures(report)
        merged += sum(told[word] for word in WORDS)
        held = code == 0 and report["held"] and told["wrong deliveries"] == 0
        check(f"seed {seed}: two roots while halves merge are no fault", held, {word: told[word] for word in WORDS})
    check("there was something to tell apart", merged > 0, merged)

    _, again = churn(binary, 6, 60)
    check("equal seeds give equal figures and plots", (again["figures"], again["plots"]) == (report["figures"], report["plots"]))
    machine = {one["name"] for one in again["costs"]}
    check("what the machine took stands apart", bool(machine) and not machine & set(told), machine)

    # After the last look-up a partition is none of the run's; shortly before it is.
    _, never = churn(binary, 6, NEVER)
    looked_up_seconds = LOOKUPS / (figures(never)["active nodes, mean"] * RATE)
    _, after = churn(binary, 6, looked_up_seconds + 30)
    _, before = churn(binary, 6, looked_up_seconds - 60)
    check("a partition after the last look-up changes no figure", after["figures"] == never["figures"])
    check("one before it does", before["figures"] != never["figures"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
