"""The overlay beside OpenDHT: CPU time of all nodes for a put and a get, latencies, and next-hop decisions a second.

    tools/bench overlay                    32 nodes each on loopback, 2,000 puts and gets of 200 bytes
    tools/bench overlay --nodes 64         the same with more nodes

Both rings run one after the other, each in one process, as a client of OpenDHT's library would run it; ours signs and verifies every
message and value, OpenDHT's does not.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from result import PROGRAMS, Figure, build

# Signatures and verifications of an operation. A get: the request and its answer; the value. A put: the value, the request and its
# answer; one question to a quorum of replicas and two answers; one replica store and four answers; the value at each of five nodes.
FLOOR = {"get": (2, 1), "put": (11, 5)}
GET_CPU_MAX, PUT_CPU_MAX = 0.5, 1.0  # of OpenDHT's
DECISIONS_MIN = 3e6


def isolated(command: list[str]) -> list[str]:
    """In a network namespace of its own where we may make one, so that nothing else is on these addresses."""
    return ["unshare", "-n", "bash", "-c", 'ip link set lo up && exec "$@"', "bench", *command] if os.geteuid() == 0 else command


def measured(*command: str) -> dict[str, Any]:
    print(f"   {command[0]}", file=sys.stderr, flush=True)
    ran = subprocess.run(isolated([str(PROGRAMS / command[0]), *command[1:]]), capture_output=True, text=True, check=False)
    try:
        return dict(json.loads(ran.stdout))
    except json.JSONDecodeError:
        sys.exit(f"error: {command[0]} ended with {ran.returncode} and printed no result: {ran.stderr.strip()[-500:]}")


def figures(result: dict[str, Any]) -> list[Figure]:
    ours, theirs = result["phyllo"], result["opendht"]
    decisions = result["next_hop"]["decisions_per_second"]
    return [
        Figure("get: CPU, of OpenDHT's", ours["get"]["cpu_us"] / theirs["get"]["cpu_us"], "", "lower", GET_CPU_MAX),
        Figure("put: CPU, of OpenDHT's", ours["put"]["cpu_us"] / theirs["put"]["cpu_us"], "", "lower", PUT_CPU_MAX),
        Figure("get: p99, of OpenDHT's", ours["get"]["p99_us"] / theirs["get"]["p99_us"], "", "lower", 1.0),
        Figure("put: p99, of OpenDHT's", ours["put"]["p99_us"] / theirs["put"]["p99_us"], "", "lower", 1.0),
        Figure("operations that failed", ours["failed"], "", "lower", 0),
        Figure("next-hop decisions", decisions, "/s", "higher", DECISIONS_MIN),
        Figure("get: CPU", ours["get"]["cpu_us"], "us", "lower"),
        Figure("put: CPU", ours["put"]["cpu_us"], "us", "lower"),
    ]


def table(result: dict[str, Any]) -> str:
    cryptography = result["phyllo"]["cryptography"]
    lines = [f"{'':24}{'CPU us/op':>12}{'p50 us':>10}{'p99 us':>10}{'floor us':>10}"]
    for verb in ("put", "get"):
        floor = FLOOR[verb][0] * cryptography["sign_us"] + FLOOR[verb][1] * cryptography["verify_us"]
        for who in ("phyllo", "opendht"):
            one = result[who][verb]
            lines.append(f"{who + ' ' + verb:24}{one['cpu_us']:12.0f}{one['p50_us']:10.0f}{one['p99_us']:10.0f}" + (f"{floor:10.0f}" if who == "phyllo" else ""))
    lines.append(f"floor: the cryptography alone, {cryptography['sign_us']:.0f} us a signature and {cryptography['verify_us']:.0f} us a verification")
    hops = result["next_hop"]
    lines.append(f"next-hop decisions: {hops['decisions_per_second'] / 1e6:.1f} million/s a core, with {hops['table_entries']} entries of {hops['nodes']} nodes")
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--nodes", type=int, default=32)
    parser.add_argument("--operations", type=int, default=2000, help="puts, and as many gets (default: 2000)")
    parser.add_argument("--value-bytes", type=int, default=200)


def run(given: argparse.Namespace) -> dict[str, Any]:
    if not 2 <= given.nodes <= 250 or given.operations < 100:
        print("error: expected 2 to 250 nodes and at least 100 operations", file=sys.stderr)
        sys.exit(2)
    build("bench-phyllo-ring", "bench-opendht-ring", "bench-next-hop")
    sizes = (str(given.nodes), str(given.operations), str(given.value_bytes))
    ours = measured("bench-phyllo-ring", "--nodes", sizes[0], "--operations", sizes[1], "--value-bytes", sizes[2])
    return {"phyllo": ours, "opendht": measured("bench-opendht-ring", *sizes), "next_hop": measured("bench-next-hop")}
