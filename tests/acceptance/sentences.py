#!/usr/bin/env python3
"""What the commands say to a person: each refusal names its thing and the next step, progress leaves nothing behind on a terminal, status says why a node does not serve
and nothing of what did not happen."""

from __future__ import annotations

import http.client
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of

BATCH = 3000
JOINING_SECONDS = 20
ERASED = "\r\033[K"


def on_terminal(command: list[str], stdin: str) -> tuple[int, str]:
    """Runs it with a terminal for output and errors; its exit code, and all that the terminal was sent."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    assert process.stdin
    process.stdin.write(stdin.encode())
    process.stdin.close()
    sent = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # the last one who had the terminal is gone
            break
        if not read:
            break
        sent += read
    os.close(ours)
    return process.wait(), sent.decode().replace("\r\n", "\n")


def shown(sent: str) -> list[str]:
    """The lines that stand there in the end: CR goes to a line's begin, and what comes writes over what was there; ESC [ K clears the rest."""
    lines = []
    for line in sent.split("\n"):
        cells: list[str] = []
        at = 0
        for part in re.findall(r"\r|\033\[K|[^\r\033]", line):
            if part == "\r":
                at = 0
            elif part == "\033[K":
                del cells[at:]
            else:
                cells[at : at + 1] = [part]
                at += 1
        lines.append("".join(cells))
    return lines


def check_progress(checks: Checks, ring: Ring, node: Node) -> None:
    names = [f"none{i}@{ring.domain}" for i in range(BATCH)]
    code, sent = on_terminal([str(ring.binary), "overlay", "get", "--batch", "-", "--config", node.config], "".join(f"{name}\n" for name in names))
    lines = [line for line in shown(sent) if line]
    steps = re.findall(r"\r\033\[Koperations (\d+)", sent)
    checks.check("a batch on a terminal shows how far it is", code == 1 and len(steps) > 1 and [int(step) for step in steps] == sorted(int(step) for step in steps), f"exit code {code}, {len(steps)} steps of {BATCH} operations")
    answers, last = lines[:-1], lines[-1] if lines else ""
    checks.check("each answer stands on a line of its own", sorted(answers) == sorted(f"supernode: {name}: not found: nothing is stored under this name" for name in names), next((line for line in answers if not line.startswith("supernode: none")), ""))
    checks.check("and the last line is the sum alone", re.fullmatch(rf"get: 0 ok, {BATCH} not found, 0 failed, \d+\.\d s", last) is not None, last)
    piped = ring.call(node, "overlay", "get", "--batch", "-", stdin="".join(f"{name}\n" for name in names[:500]))
    checks.check("where there is no terminal no progress is shown", "operations" not in piped.error and ERASED not in piped.error and len(piped.error.splitlines()) == 501)
    torn = ring.call(node, "overlay", "add", "--batch", "-", stdin="no tab\n")
    checks.check("a line that can not be read is named by its number", torn.error.startswith("supernode: standard input: malformed input: line 1: expected NAME<TAB>VALUE"), torn.error)


def refused(checks: Checks, ring: Ring, node: Node, what: str, code: int, words: str, *command: str) -> None:
    answer = ring.call(node, *command)
    checks.check(f"{what}: {words[:70]}", answer.exit_code == code and answer.error == f"supernode: {words}" and not answer.out, f"{answer.exit_code}: {(answer.error or answer.out)[:300]}")


def check_refusals(checks: Checks, ring: Ring, node: Node) -> None:
    name = f"note:one@{ring.domain}"
    for verb in ("get", "remove"):
        refused(checks, ring, node, f"{verb} of what is not there", 1, f"{name}: not found: nothing is stored under this name", "overlay", verb, name)
    ring.call(node, "overlay", "add", name, "1")
    refused(checks, ring, node, "a second add", 3, f"{name}: already exists: this node has a value under this name; update replaces it", "overlay", "add", name, "2")
    other = "note:one@elsewhere.example"
    refused(checks, ring, node, "another domain's name", 3, f"{other}: forbidden: this node is neither the user named nor has authority for the domain", "overlay", "add", other, "1")
    refused(checks, ring, node, "no name", 2, "nonsense: invalid name: 'nonsense' is neither user@domain nor type:domain", "overlay", "add", "nonsense", "1")


def check_quota(checks: Checks, ring: Ring, node: Node) -> None:
    """The sum is right, and whoever takes away what is too much stays below it."""
    form = re.compile(r"supernode: (\S+): quota exceeded: a record may have (\d+) bytes; this one has (\d+): (\d+) of its value(?: \(which has (\d+) before <, > and & are escaped\))?, and (\d+) of the XML around it")
    for value, plain, in_xml in (("x" * 4000, None, 4000), ("<" * 1300, "1300", 5200)):
        name = f"note:big@{ring.domain}"
        answer = ring.call(node, "overlay", "add", name, value)
        said = form.fullmatch(answer.error)
        good = said is not None and said[1] == name and said[5] == plain and int(said[4]) == in_xml and int(said[4]) + int(said[6]) == int(said[3]) > int(said[2])
        checks.check("a record that is too long is told by its value and the XML around it", answer.exit_code == 3 and good, answer.error[:300])
        if said and plain is None:
            fits = int(said[2]) - int(said[6])
            one_more = ring.call(node, "overlay", "add", name, "x" * (fits + 1))
            checks.check("one byte more than what that leaves does not fit, and that does", one_more.exit_code == 3 and ring.call(node, "overlay", "add", name, "x" * fits).exit_code == 0, f"{fits} bytes")


def lines_of_status(ring: Ring, node: Node) -> list[str]:
    answer = ring.call(node, "status")
    return answer.out.splitlines() if answer.exit_code == 0 else [answer.error]


def check_status(checks: Checks, ring: Ring, node: Node) -> None:
    lines = lines_of_status(ring, node)
    empty = [line for line in lines if not line[13:].strip() or re.match(r"dropped +0 ", line)]
    checks.check("status has no line that says nothing, or that nothing was dropped", len(lines) > 5 and not empty, "; ".join(empty))
    host, _, port = node.admin.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", "/status", headers={"Host": "attacker.example"})
    connection.getresponse().read()
    connection.close()
    fresh = [line for line in lines_of_status(ring, node) if line.startswith("dropped")]
    checks.check("what was dropped is told", "dropped      1 admin_refused" in fresh, "; ".join(fresh))


def reason_within(ring: Ring, node: Node, words: str, seconds: float) -> tuple[bool, str]:
    end = time.monotonic() + seconds
    while True:
        lines = [line for line in lines_of_status(ring, node) if line.startswith("not ready    ")]
        if any(words in line for line in lines) or time.monotonic() > end:
            return any(words in line for line in lines), "; ".join(lines) or "no such line"
        time.sleep(0.1)


def check_joining(checks: Checks, ring: Ring) -> None:
    """A node that does not believe the login server's certificate, and one that nobody answers."""
    certificate = "certificate rejected: 127.0.1.1:443: self signed certificate; bootstrap.anchors names the PEM files that certify this server, or it may be another's"
    nowhere = "no server answered: refused: 127.0.1.99:443: Connection refused"
    for what, settings, words in (
        ("a certificate is refused", {"bootstrap.anchors": []}, certificate),
        ("no server answers", {"bootstrap.urls": ["https://127.0.1.99/.well-known/reload-config"]}, nowhere),
    ):
        node = localnet.begin(ring, "supernode", settings)
        good, said = reason_within(ring, node, words, JOINING_SECONDS)
        checks.check(f"while {what}, status says so as text, once, and what to do", good and said.count("127.0.1.") == 1 and "waiting for the configuration document" in said, said)
        checks.check("and so does the log", words in Path(node.log).read_text(), node.log_tail(2))
        localnet.kill(ring, node, hard=True)


def run(checks: Checks, binary: str | None) -> None:
    with ring_of("sentences", 1, binary) as (ring, _):
        node = ring.nodes[0]
        check_progress(checks, ring, node)
        check_refusals(checks, ring, node)
        check_quota(checks, ring, node)
        check_status(checks, ring, node)
        check_joining(checks, ring)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("sentences", given.results)
    return main_with(checks, lambda: run(checks, given.binary))


if __name__ == "__main__":
    sys.exit(main())
