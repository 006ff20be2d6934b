"""Reads what nodes said to each other with code that is not ours: tshark's dissectors of RELOAD."""

from __future__ import annotations

import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from acceptance import Checks, Ring, say

# Our Kinds, by the number that is on the wire.
KINDS = ['"4026531841","RESOURCE","DICTIONARY"']
# What the dissector could not read, or read with an error; continued fragments have no message of their own.
BAD = (
    "_ws.malformed || _ws.expert.severity >= 0x600000 || !reload_framing.type || "
    "(reload_framing.type == 128 && !reload.message.code && !(reload.forwarding.fragment.last == 0))"
)
# RFC 6940 s.14.8: what every run says, requests and answers.
CODES = {
    3: "attach_req", 4: "attach_ans", 7: "store_req", 8: "store_ans", 9: "fetch_req", 10: "fetch_ans", 15: "join_req", 16: "join_ans",
    17: "leave_req", 18: "leave_ans", 19: "update_req", 20: "update_ans", 21: "route_query_req", 22: "route_query_ans", 23: "ping_req",
    24: "ping_ans",
}


def tshark(file: Path, *more: str, plugin: str = "PASTRY") -> list[str]:
    command = ["tshark", "-r", str(file), "-o", f"reload.topology_plugin:{plugin}"]
    for kind in KINDS:
        command += ["-o", f"uat:reload_kindids:{kind}"]
    ran = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    # A node that was killed leaves half a packet at the end of its file, which tshark mentions and we do not mind.
    errors = [line for line in ran.stderr.splitlines() if line and "Running as user" not in line and "cut short" not in line]
    return ran.stdout.splitlines() + [f"tshark: {line}" for line in errors]


def message_codes(file: Path) -> Counter[int]:
    lines = tshark(file, "-T", "fields", "-e", "reload.message.code")
    return Counter(int(code) for line in lines for code in line.split(",") if code.isdigit())


def check_pcaps(checks: Checks, ring: Ring) -> None:
    files = [Path(node.pcap) for node in ring.nodes if node.pcap]
    missing = [str(file) for file in files if not file.is_file()]
    if not checks.check("every node wrote its overlay traffic", not missing, ", ".join(missing[:2])):
        return
    with ThreadPoolExecutor(2) as pool:
        bad = [f"{file.parent.parent.name}: {line.strip()}" for file, lines in zip(files, pool.map(lambda file: tshark(file, "-Y", BAD), files)) for line in lines]
        seen = sum(pool.map(message_codes, files), Counter())
    say("messages by code: " + ", ".join(f"{CODES.get(code, code)} {count}" for code, count in sorted(seen.items())))
    checks.check("tshark reads every packet", not bad, f"{len(bad)} it does not; first: {bad[0][:300]}" if bad else f"{seen.total()} messages")
    # Nobody answers where the dead alone were asked.
    absent = [name for code, name in CODES.items() if not seen[code] and name != "ping_ans"]
    checks.check("every kind of message occurs in it", not absent, f"none of {', '.join(absent)}" if absent else "")
