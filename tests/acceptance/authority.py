#!/usr/bin/env python3
"""Who may do what, and since when: authority that is given and taken, accounts that are removed and made again, and a login server that was restored from a
backup. What an operator changes is in force when his command returns, or the command says that it is not."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attacks"))

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of, say  # noqa: E402
from sip_agent import Agent  # noqa: E402
from speakers import lax_tls  # noqa: E402

USERS = [{"user": f"{name}@example.com", "password": f"{name}-secret"} for name in ("alice", "bob", "carol", "dave")]
AT_ONCE_SECONDS = 10
# A node that has to ask again and again for a certificate does so every minute.
ANEW_SECONDS = 70
LEAF_SET = 32


def until(what: Callable[[], bool], seconds: float = AT_ONCE_SECONDS) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def status(ring: Ring, node: Node) -> dict[str, Any]:
    return ring.status(node) or {}


def state(ring: Ring, node: Node) -> str:
    return str(status(ring, node).get("state"))


def health(node: Node) -> tuple[int, str]:
    connection = node.commands()
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    return answer.status, str(json.loads(answer.read()).get("reason"))


def revocations(ring: Ring, node: Node) -> dict[str, int]:
    return dict(status(ring, node).get("revocations", {}))


def document(node: Node) -> bytes:
    connection = http.client.HTTPSConnection(node.address, node.ports["https"], context=lax_tls(), timeout=5)
    connection.request("GET", "/.well-known/reload-config")
    return connection.getresponse().read()


def whole(ring: Ring) -> bool:
    return ring.incomplete(LEAF_SET) is None


def registers(ring: Ring, user: str, node: Node, last: int) -> int:
    """What its right password is answered; 0: nothing."""
    phone = Agent(user, "udp", f"{node.address.rpartition('.')[0]}.{last}", node.address, f"{user}-secret", ring.domain)
    answer = phone.register()
    return answer.status if answer else 0


def user(ring: Ring, verb: str, *rest: str, stdin: str | None = None) -> tuple[int, str]:
    answer = ring.call(ring.nodes[0], "user", verb, *rest, stdin=stdin)
    return answer.exit_code, answer.error or answer.out


def account(ring: Ring, node: Node) -> str:
    return f"node{node.index}@{ring.domain}"


def make_again(ring: Ring, node: Node) -> None:
    user(ring, "add", account(ring, node), "--authority", ring.domain, stdin=Path(node.config).with_name("password").read_text())


def taken_and_given(checks: Checks, ring: Ring, node: Node) -> None:
    """Without a password: certificates are enough for whoever is the same."""
    password = Path(node.config).with_name("password")
    password.rename(password.with_suffix(".away"))
    user(ring, "change", account(ring, node), "--no-authority")
    checks.check("a node without authority for its domain is degraded at once", until(lambda: state(ring, node) == "degraded"), state(ring, node))
    code, reason = health(node)
    checks.check("its health is 503, and says who can give what", code == 503 and "user change" in reason and ring.domain in reason, f"{code} {reason}")
    checks.check("its log says so", until(lambda: "not ready: the account" in Path(node.log).read_text()))
    answered = registers(ring, "alice", node, 201)
    checks.check("a right password is not refused there for want of a key", answered == 503, str(answered))
    code, said = user(ring, "change", account(ring, node), "--authority", ring.domain)
    checks.check("authority is given, and the command returns when the overlay knows", code == 0 and "the overlay knows" in said, said)
    checks.check("it is in force at once", until(lambda: state(ring, node) == "ready"), f"{state(ring, node)}: {status(ring, node).get('reason')}")
    checks.check("and the node serves its domain", until(lambda: registers(ring, "alice", node, 202) == 200))
    password.with_suffix(".away").rename(password)


def made_again_while_it_runs(checks: Checks, ring: Ring, node: Node) -> None:
    before, process = status(ring, node)["node_id"], node.pid
    code, said = user(ring, "remove", account(ring, node))
    checks.check("an account is removed, and the command returns when the overlay knows", code == 0 and "the overlay knows" in said, said)
    checks.check("its node says that its certificate is revoked", until(lambda: "is revoked" in str(status(ring, node).get("reason"))), str(status(ring, node).get("reason")))
    code, reason = health(node)
    checks.check("so does its health", code == 503 and "is revoked" in reason, f"{code} {reason}")
    make_again(ring, node)
    came = until(lambda: state(ring, node) == "ready" and status(ring, node)["node_id"] != before, ANEW_SECONDS)
    checks.check("made again, it enrols anew by itself, as another node", came, f"{state(ring, node)}: {status(ring, node).get('reason')}")
    checks.check("it is part of the ring as that", until(lambda: whole(ring), 30), str(ring.incomplete(LEAF_SET)))
    checks.check("in the same process", node.runs() and node.pid == process)
    checks.check("and serves", until(lambda: registers(ring, "alice", node, 203) == 200))


def made_again_while_it_is_down(checks: Checks, ring: Ring, node: Node) -> None:
    before = status(ring, node)["node_id"]
    localnet.kill(ring, node, hard=False)
    user(ring, "remove", account(ring, node))
    make_again(ring, node)
    localnet.launch(ring, node)
    came = until(lambda: state(ring, node) == "ready" and status(ring, node)["node_id"] != before, ANEW_SECONDS)
    came = came and until(lambda: whole(ring), 30)
    checks.check("a node that was down meanwhile enrols anew, too", came, f"{state(ring, node)}: {status(ring, node).get('reason')}")


def configure(node: Node, domains: list[str]) -> None:
    """Another document: the overlay's AORs are restricted to these domains."""
    file = Path(node.config)
    lines = [line for line in file.read_text().splitlines() if not line.startswith("aor_domains")]
    at = lines.index("[login]") + 1
    file.write_text("\n".join([*lines[:at], f"aor_domains = {json.dumps(domains)}", *lines[at:]]) + "\n")


def start_again(ring: Ring, node: Node) -> bool:
    localnet.launch(ring, node)
    ring.save()
    return until(lambda: state(ring, node) == "ready", 60)


def sequences(ring: Ring) -> list[int]:
    return [int(status(ring, node).get("document", {}).get("sequence", -1)) for node in ring.nodes]


def one_document(ring: Ring, above: int) -> bool:
    return min(sequences(ring)) > above and len({document(node) for node in ring.nodes}) == 1


def restored(checks: Checks, ring: Ring, first: Node) -> None:
    data, backup = Path(first.data), Path(first.data).with_name("backup")
    localnet.kill(ring, first, hard=False)
    shutil.copytree(data, backup, ignore=shutil.ignore_patterns("admin.sock"))
    say(f"a backup of the login server, which has document {sequences_of(backup)}")
    configure(first, ["example.com"])
    start_again(ring, first)
    checks.check("the next document is everywhere", until(lambda: len(set(sequences(ring))) == 1, 40), str(sequences(ring)))
    ring_has = sequences(ring)[0]
    code, said = user(ring, "remove", "bob@example.com")
    checks.check("bob is removed", code == 0, said)
    entries = revocations(ring, ring.nodes[1])["entries"]

    localnet.kill(ring, first, hard=False)
    shutil.rmtree(data)
    backup.rename(data)
    configure(first, ["example.com", "example.net"])
    checks.check("the restored login server comes back", start_again(ring, first), state(ring, first))
    checks.check("two documents of one number become one above them, at every node", until(lambda: one_document(ring, ring_has), 60), str(sequences(ring)))
    checks.check("its log says why", "its data are those of a backup" in Path(first.log).read_text())
    code, said = user(ring, "remove", "carol@example.com")
    checks.check("who is removed now is revoked when the command returns", code == 0 and revocations(ring, ring.nodes[1])["entries"] == entries + 1, f"{said}; {revocations(ring, ring.nodes[1])}, {entries} before")
    lists = [revocations(ring, node) for node in ring.nodes]
    checks.check("who was removed after the backup stays revoked", until(lambda: all(revocations(ring, node)["entries"] == entries + 1 for node in ring.nodes)), str(lists))
    known = Path(first.log).read_text()
    checks.check("the log says that the accounts do not know him", "of whose revocation the accounts here know nothing" in known)


def sequences_of(data: Path) -> str:
    text = (data / "ca/document.xml").read_text()
    return text.partition('sequence="')[2].partition('"')[0]


def behind(checks: Checks, ring: Ring, first: Node) -> None:
    """Nothing but the number is behind: the ring's document says the same as the backup's."""
    ring_has = sequences(ring)[0]
    kept = Path(first.data) / "ca/document.xml"
    localnet.kill(ring, first, hard=False)
    kept.unlink()
    checks.check("a login server that has lost its document comes back", start_again(ring, first))
    checks.check("and goes on above the ring's", until(lambda: one_document(ring, ring_has), 60), str(sequences(ring)))


def not_yet(checks: Checks, ring: Ring) -> None:
    others = ring.nodes[1:]
    for node in others:
        node.signal(signal.SIGSTOP)
    code, said = user(ring, "remove", "dave@example.com", "--timeout", "2")
    for node in others:
        node.signal(signal.SIGCONT)
    checks.check("where the overlay does not hear of it, the command says so and ends with 4", code == 4 and "does not yet" in said, f"{code} {said}")
    localnet.kill(ring, ring.nodes[0], hard=False)
    code, said = user(ring, "remove", "alice@example.com")
    checks.check("where no login server runs, it says so", code == 0 and "does not run" in said, f"{code} {said}")


def run(checks: Checks, given: Any) -> None:
    with ring_of("authority", 4, given.binary, users=USERS) as (ring, _):
        first, second, third, fourth = ring.nodes
        checks.check("alice registers where there is authority", until(lambda: registers(ring, "alice", second, 200) == 200, 20))
        taken_and_given(checks, ring, third)
        made_again_while_it_runs(checks, ring, second)
        made_again_while_it_is_down(checks, ring, fourth)
        restored(checks, ring, first)
        behind(checks, ring, first)
        not_yet(checks, ring)


def main() -> int:
    given = arguments(__doc__).parse_args()
    checks = Checks("authority", given.results)
    return main_with(checks, lambda: run(checks, given))


if __name__ == "__main__":
    sys.exit(main())
