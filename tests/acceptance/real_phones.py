#!/usr/bin/env python3
"""What phones met that nobody here wrote: flows of one instance, forwarding, outbound proxies by every name, stripped challenges, firewalls and NAT, restarts, and
supernodes that die or fall silent; each over two transports at least. Root, for namespaces and nftables."""

from __future__ import annotations

import argparse
import ipaddress
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of, say
from network import CORE_V4, Core, Edge, Namespace, core_network, edge_network
from phone_dialogs import Call, Phone, ask_as_callee, inside

PASSWORD = "wonderland"
USERS = ("alice", "bob", "carol", "dave", "erin")
INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-0000000000aa>"'
NATED = "192.168.9.10"
SECONDS_TO_FIND_DEAD = 5.0
RESOLVER = (f"{CORE_V4}.253", 5353)
OUTPUT = "type filter hook output priority 0;"


class Phones:
    """Makes phones at addresses of their own, and closes them."""

    def __init__(self, ring: Ring) -> None:
        self.ring, self.number, self.made = ring, 100, list[Phone]()

    def phone(self, user: str, transport: str, node: Node, register: bool = True, contact: str | None = None, address: str = "") -> Phone:
        self.number += 1
        phone = Phone(user, PASSWORD, transport, address or f"{CORE_V4}.{self.number % 150 + 100}", node.address)
        self.made.append(phone)
        if register:
            answer = phone.register(contact=contact)
            assert answer is not None and answer.status == 200, f"{user} is not registered over {transport}"
        return phone

    def close(self) -> None:
        for phone in self.made:
            if not phone.closed:
                phone.register(expires=0, contact="*")
            phone.close()
        self.made.clear()


def flows(checks: Checks, phones: Phones, nodes: list[Node], transport: str) -> None:
    alice = phones.phone("alice", "udp", nodes[0])
    first = phones.phone("bob", transport, nodes[1], register=False)
    second = phones.phone("bob", transport, nodes[2], register=False)
    for number, flow in enumerate((first, second), 1):
        answer = flow.register(contact=f"{flow.contact};{INSTANCE};reg-id={number}", headers=["Supported: path, outbound"])
        assert answer is not None
        checks.check(f"{transport}: flow {number} of an instance: Require: outbound, and a Flow-Timer", answer.get("require") == "outbound" and answer.get("flow-timer").isdigit())
        time.sleep(0.05)
    second.answers = [486, 430, 503]
    first.answers = [200]
    busy = Call(alice, "bob")
    checks.check(f"{transport}: one flow of an instance rings", busy.status == 486 and len(second.calls) == 1 and not first.calls, f"{busy.status}")
    failed = Call(alice, "bob")
    checks.check(f"{transport}: the other one after 430", failed.status == 200 and len(first.calls) == 1, f"{failed.status}")
    refused = Call(alice, "bob")
    checks.check(f"{transport}: and none after the phone's own 503", refused.status == 500 and len(first.calls) == 1, f"{refused.status}")
    second.close()
    time.sleep(0.2)
    closed = Call(alice, "bob")
    good = closed.status == 200 and closed.took < SECONDS_TO_FIND_DEAD
    if transport != "udp":
        checks.check(f"{transport}: the other one when the first has closed", good, f"{closed.status} after {closed.took:.1f} s")
    phones.close()


def own_503(checks: Checks, phones: Phones, nodes: list[Node], transport: str) -> None:
    alice, bob = phones.phone("alice", transport, nodes[0]), phones.phone("bob", transport, nodes[1])
    bob.answers = [503]
    call = Call(alice, "bob")
    time.sleep(0.3)
    checks.check(f"{transport}: a phone's 503 leads to no second INVITE", call.status == 500 and len({each.branch() for each in bob.calls}) == 1, f"{call.status}, {len(bob.calls)} INVITEs")
    phones.close()


def listings(checks: Checks, phones: Phones, nodes: list[Node], transport: str) -> None:
    dave = phones.phone("dave", transport, nodes[1], register=False)
    said = '+g.oma.sip-im;audio;methods="INVITE,BYE"'
    dave.register(expires=600, contact=f"{dave.contact};{said}")
    other = phones.phone("dave", transport, nodes[2], register=False)
    answer = other.register(contact="")
    other.contact = ""
    listed = next((each for each in (answer.all("contact") if answer else []) if dave.at in each), "")
    left = next((int(each.removeprefix("expires=")) for each in listed.split(";") if each.startswith("expires=")), 0)
    checks.check(f"{transport}: a binding of 600 s is listed as that at another node", 580 <= left <= 600, f"{left} s")
    checks.check(f"{transport}: with what its Contact said of the phone", said in listed, listed)
    phones.close()


def forwarding(checks: Checks, phones: Phones, nodes: list[Node], transport: str) -> None:
    alice = phones.phone("alice", transport, nodes[0])
    bob = phones.phone("bob", transport, nodes[1], contact="<sip:carol@example.com>")
    carol = phones.phone("carol", transport, nodes[2])
    call = Call(alice, "bob")
    ended = call.ask("BYE")[0] if call.status == 200 else 0
    checks.check(f"{transport}: a call to a user who forwards to another goes to that one", call.status == 200 and len(carol.calls) == 1 and not bob.calls and ended == 200, f"{call.status}, BYE {ended}")
    carol.register(expires=0, contact="*")
    carol.register(contact="<sip:bob@example.com>")
    circle = Call(alice, "bob")
    checks.check(f"{transport}: a circle of forwardings ends at once", circle.status == 480 and circle.took < 2, f"{circle.status} after {circle.took:.1f} s")
    refused = bob.register(contact="<sip:bob@example.com>")
    checks.check(f"{transport}: nobody forwards to himself", refused is not None and refused.status == 403)
    phones.close()


def answer_names(hosts: dict[str, str]) -> None:
    """A DNS server that knows these names and their IPv4 addresses, for as long as this process lives."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(RESOLVER)

    def serve() -> None:
        while True:
            query, asker = server.recvfrom(1500)
            labels, at = list[str](), 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            question = query[12 : at + 5]
            address = hosts.get(".".join(labels).lower())
            found = address is not None and question[-4:-2] == b"\0\1"
            record = b"\xc0\x0c" + question[-4:] + (60).to_bytes(4) + b"\0\4" + ipaddress.IPv4Address(address).packed if found else b""
            code = 0 if address else 3
            server.sendto(query[:2] + bytes([0x84, code, 0, 1, 0, found, 0, 0, 0, 0]) + question + record, asker)

    threading.Thread(target=serve, daemon=True).start()


def proxies(checks: Checks, phones: Phones, nodes: list[Node], transport: str) -> None:
    """The outbound proxy as phones have been told of it: written above everything that they send, whatever their own node is."""
    node, other = nodes[0], nodes[1]
    bob = phones.phone("bob", "udp", nodes[2])
    written = {f"the port {port}": f"{node.address}:{port}" for port in (443, 80, 6084, 5060)}
    written |= {"the host's name": "node1.example.com", "the host's name and port 443": "node1.example.com:443", "the domain": "example.com"}
    written |= {"another node": other.address, "another node's port 443": f"{other.address}:443", "another node's name": "node2.example.com", "a name of the domain that is no host's": "proxy.sip.example.com"}
    for what, host in written.items():
        route = f"Route: <sip:{host}{'' if transport == 'udp' else ';transport=' + transport};lr>"
        alice = phones.phone("alice", transport, node, register=False)
        registered = alice.register(headers=[route])
        call = Call(alice, "bob", headers=[route])
        ended = call.ask("BYE", headers=[route])[0] if call.status == 200 else 0
        statuses = (registered.status if registered else 0, call.status, ended)
        checks.check(f"{transport}: by {what} a phone registers, calls and hangs up", statuses == (200, 200, 200), str(statuses))
        alice.register(expires=0, contact="*")
        alice.close()
    alice = phones.phone("alice", transport, node)
    by_host = Call(alice, "bob", host="node1.example.com")
    checks.check(f"{transport}: a user is called at the host's name", by_host.status == 200, str(by_host.status))
    heard = len(bob.calls)
    for what, host in {"another server's name": "elsewhere.example.com", "a name of another domain": "sip.provider.example", "a name that there is not": "none.example.com", "a port of nobody": f"{node.address}:5099"}.items():
        foreign = Call(alice, "bob", headers=[f"Route: <sip:{host};lr>"])
        checks.check(f"{transport}: {what} is no name of a node", foreign.status == 404 and len(bob.calls) == heard, str(foreign.status))
    phones.close()


def stripped(checks: Checks, ring: Ring, phones: Phones, transport: str, hard: bool) -> None:
    """Somebody on the way takes the offer of SHA-256 out, so that a phone answers by MD5: of who has used better it is not taken."""
    first, second = ring.nodes[:2]
    how = f"{transport}, {'killed' if hard else 'restarted'}"
    erin = phones.phone("erin", transport, first)

    def by_md5(node: Node) -> int:
        weak = phones.phone("erin", transport, node, register=False)
        weak.prefers = "algorithm=MD5"
        answer = weak.register()
        weak.close()
        return answer.status if answer else 0

    elsewhere = by_md5(second)
    checks.check(f"{how}: who has used SHA-256 is not taken by less at another node", elsewhere == 401, str(elsewhere))
    erin.register(expires=0, contact="*")
    kept = Path(first.data) / "bindings"
    wait_until(lambda: kept.exists() and "s\terin@example.com\n" in kept.read_text(), 10)
    phones.close()
    restart(ring, first, hard)
    after = by_md5(first)
    checks.check(f"{how}: nor after a start of his node", after == 401, str(after))
    better = phones.phone("erin", transport, first, register=False).register()
    checks.check(f"{how}: and by SHA-256 he is", better is not None and better.status == 200)
    phones.close()


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)


def filtering(network: Namespace, table: str, chain: str, rule: str) -> None:
    network.inside("nft", "-f", "-", into=f"table ip {table} {{\nchain rules {{\n{chain}\n{rule}\n}}\n}}\n")


def firewall(checks: Checks, phones: Phones, core: Core, nodes: list[Node], transport: str) -> None:
    """Of the caller; the callee's is UDP, which alone is spoken to straight."""
    alice, bob = phones.phone("alice", transport, nodes[0]), phones.phone("bob", "udp", nodes[1])
    bob.answers = [486]
    filtering(core, "wall", OUTPUT, f"ip daddr {bob.address} ip saddr != {{ {nodes[1].address}, {bob.address} }} drop")
    took = [Call(alice, "bob") for _ in range(3)]
    core.inside("nft", "delete", "table", "ip", "wall")
    detail = ", ".join(f"{call.status} after {call.took:.2f} s" for call in took)
    checks.check(f"{transport}: behind a firewall the second call costs nothing more", all(call.status == 486 for call in took) and max(call.took for call in took[1:]) < 1, detail)
    phones.close()


def nat_phone(edge: Edge, user: str, transport: str, node: Node) -> Phone:
    phone: Phone = inside(edge, lambda: Phone(user, PASSWORD, transport, NATED, node.address))
    return phone


def behind_nat(edge: Edge) -> None:
    edge.ip("addr", "add", f"{NATED}/32", "dev", "lo")
    filtering(edge, "nat", "type nat hook postrouting priority 100;", f"ip saddr {NATED} ip protocol {{ tcp, udp }} snat to {edge.address}:20000-40000 random")


def without_rport(checks: Checks, edge: Edge, node: Node) -> None:
    bob = nat_phone(edge, "bob", "udp", node)
    bob.rport = False
    answer = bob.register()
    checks.check("udp: a phone without rport behind NAT hears its answer", answer is not None and answer.status == 200, answer.start if answer else "nothing")
    bob.register(expires=0, contact="*")
    bob.close()


def restart(ring: Ring, node: Node, hard: bool) -> None:
    localnet.kill(ring, node, hard)
    localnet.launch(ring, node)
    localnet.wait_ready(ring, node, 60)
    node.alive = True


def restarts(checks: Checks, ring: Ring, phones: Phones, edge: Edge, hard: bool) -> None:
    first, second = ring.nodes[:2]
    how = "killed and started again" if hard else "restarted"
    alice, bob = phones.phone("alice", "tcp", first), nat_phone(edge, "bob", "udp", second)
    bob.register()
    call = Call(alice, "bob")
    assert call.status == 200, f"the call to the phone behind NAT: {call.status}"
    invite = bob.calls[-1]
    restart(ring, second, hard)
    status = ring.status(second) or {}
    checks.check(f"its registrar {how}: it knows its binding", status.get("sip", {}).get("bindings", 0) >= 1, str(status.get("sip")))
    of_caller, of_callee = call.ask("INFO"), ask_as_callee(bob, invite, "INFO")
    checks.check(f"its registrar {how}: the call goes on, both ways", of_caller[0] == of_callee[0] == 200, f"INFO {of_caller[0]} and {of_callee[0]}")
    ended = ask_as_callee(bob, invite, "BYE") if hard else call.ask("BYE")
    checks.check(f"its registrar {how}: and ends", ended[0] == 200 and ended[1] < SECONDS_TO_FIND_DEAD, f"BYE {ended[0]} after {ended[1]:.1f} s")
    again = Call(alice, "bob")
    checks.check(f"its registrar {how}: the phone is reached, though it has not come back", again.status == 200, f"{again.status} after {again.took:.1f} s")
    bob.register(expires=0, contact="*")
    bob.close()
    phones.close()


def silence(core: Core, node: Node) -> None:
    """All its packets are dropped."""
    filtering(core, "dead", OUTPUT, f"ip daddr {node.address} drop\nip saddr {node.address} drop")


def death(checks: Checks, ring: Ring, core: Core, phones: Phones, transport: str, dropped: bool) -> None:
    how = f"{transport}: {'its packets dropped' if dropped else 'killed'}"
    first, second, third = ring.nodes[:3]
    dying = localnet.add(ring, 60, say)
    carol, erin = phones.phone("carol", transport, dying), phones.phone("erin", transport, second)
    dave = phones.phone("dave", "tcp", dying)
    alice = phones.phone("alice", "udp", first)
    call = Call(carol, "erin")
    assert call.status == 200, f"{how}: the call: {call.status}"
    invite = erin.calls[-1]
    dying.alive = False
    silence(core, dying) if dropped else localnet.kill(ring, dying, hard=True)
    time.sleep(1.5)
    lost = Call(alice, "dave")
    checks.check(f"{how}: a call to its TCP phone ends soon", lost.status == 480 and lost.took < SECONDS_TO_FIND_DEAD, f"{lost.status} after {lost.took:.1f} s")
    again = Call(alice, "dave")
    checks.check(f"{how}: and the next one at once", again.status == 480 and again.took < 1, f"{again.status} after {again.took:.1f} s")
    carol.close()  # it has gone from its old address
    moved = phones.phone("carol", transport, third)
    call.caller = moved
    of_caller = call.ask("INFO")
    checks.check(f"{how}: the call goes on through another node", of_caller[0] == 200, f"INFO {of_caller[0]} after {of_caller[1]:.1f} s")
    of_callee = ask_as_callee(erin, invite, "BYE")
    checks.check(f"{how}: and from the other end to where the phone is now", of_callee[0] == 200 and of_callee[1] < SECONDS_TO_FIND_DEAD and moved.heard("BYE") is not None, f"BYE {of_callee[0]} after {of_callee[1]:.1f} s")
    moved.answers = [486]
    busy = Call(alice, "carol")
    checks.check(f"{how}: a call to a phone that has moved is answered by it", busy.status == 486 and busy.took < SECONDS_TO_FIND_DEAD, f"{busy.status} after {busy.took:.1f} s")
    if dropped:
        core.inside("nft", "delete", "table", "ip", "dead")
        dying.signal(signal.SIGKILL)
        dying.wait_gone(10)
    phones.made = [each for each in phones.made if each not in (carol, dave)]
    carol.close()
    dave.close()
    phones.close()


def check_all(checks: Checks, ring: Ring, core: Core, given: argparse.Namespace) -> None:
    phones, nodes = Phones(ring), ring.nodes

    def wanted(name: str) -> bool:
        return given.only in ("", name)

    for transport in ("udp", "tcp", "tls", "ws"):
        for name, part in (("flows", flows), ("own503", own_503), ("listings", listings), ("forwarding", forwarding)):
            if wanted(name):
                part(checks, phones, nodes, transport)
    for transport in ("udp", "tcp", "tls", "ws"):
        if wanted("proxies"):
            proxies(checks, phones, nodes, transport)
    for transport, hard in (("udp", True), ("tcp", False)):
        if wanted("stripped"):
            stripped(checks, ring, phones, transport, hard)
    for transport in ("udp", "tcp"):
        if wanted("firewall"):
            firewall(checks, phones, core, nodes, transport)
    with edge_network(core, 9) as edge:
        behind_nat(edge)
        if wanted("rport"):
            without_rport(checks, edge, nodes[1])
        for hard in (False, True):
            if wanted("restarts"):
                restarts(checks, ring, phones, edge, hard)
    for transport in ("udp", "tcp"):
        for dropped in (False, True):
            if wanted("death"):
                death(checks, ring, core, phones, transport, dropped)


def run_in(checks: Checks, given: argparse.Namespace) -> None:
    users = [{"user": f"{name}@example.com", "password": PASSWORD} for name in USERS]
    settings = {"log.level": "debug", "sip.dns_servers": [f"{RESOLVER[0]}:{RESOLVER[1]}"]}
    with core_network() as core, ring_of("real_phones", 5, given.binary, settings, users, network=CORE_V4) as (ring, _):
        hosts = {f"node{number}.example.com": node.address for number, node in enumerate(ring.nodes, 1)}
        answer_names(hosts | {"proxy.sip.example.com": ring.nodes[0].address, "sip.provider.example": ring.nodes[0].address, "elsewhere.example.com": f"{CORE_V4}.252"})
        check_all(checks, ring, core, given)
        dead = [node.name for node in ring.living() if not node.runs()]
        checks.check("no node died by itself", not dead, ", ".join(dead))


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--only", default="", help="one part: flows, own503, listings, forwarding, proxies, stripped, firewall, rport, restarts, death")
    given = parser.parse_args()
    checks = Checks("phones", given.results)
    return main_with(checks, lambda: run_in(checks, given))


if __name__ == "__main__":
    sys.exit(main())
