#!/usr/bin/env python3
"""Two supernodes that know nothing of each other but by multicast DNS: the document's node is dead, and the addresses of earlier are gone.

It runs in a network of its own, where nobody else answers and loopback has multicast: tools/test makes one, and says so in PHYLLO_OWN_NETWORK.
"""

import os
import sys
import time
from pathlib import Path

from acceptance import Checks, Node, Ring, arguments, localnet, main_with, ring_of, say

JOINED_MAX_S = 30.0
# Long enough for several attempts of a node that asks nobody.
ALONE_SECONDS = 15.0


def start_without_memory(ring: Ring, node: Node) -> None:
    """The node has its certificate and the document, which names the dead one alone."""
    (Path(node.data) / "peers").unlink(missing_ok=True)
    localnet.launch(ring, node)


def seconds_until_ready(ring: Ring, node: Node, most: float) -> float | None:
    """None: not within `most`."""
    began = time.monotonic()
    while time.monotonic() - began <= most:
        status = ring.status(node)
        if status and status["state"] == "ready":
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def say_multicast(node: Node, wanted: bool) -> None:
    """Rewrites the key in the node's configuration."""
    file = Path(node.config)
    text = file.read_text()
    was, now = (f"multicast = {str(v).lower()}" for v in (not wanted, wanted))
    file.write_text(text.replace(was, now))


def run(checks: Checks, binary: str | None) -> None:
    with ring_of("discovery", 3, binary, {"discovery.multicast": True}) as (ring, _):
        login, stays, comes = ring.nodes
        localnet.kill(ring, comes, hard=False)
        localnet.kill(ring, login, hard=True)
        say(f"{login.name}, the only one of the document, is dead; {comes.name} starts without a memory")
        say_multicast(comes, False)
        start_without_memory(ring, comes)
        alone = seconds_until_ready(ring, comes, ALONE_SECONDS)
        checks.check("without multicast DNS it finds nobody", alone is None, "" if alone is None else f"ready after {alone:.1f} s")
        localnet.kill(ring, comes, hard=True)
        say_multicast(comes, True)
        start_without_memory(ring, comes)
        took = seconds_until_ready(ring, comes, JOINED_MAX_S)
        checks.check("with it, it joins", took is not None, f"{took:.1f} s" if took is not None else "; ".join(comes.log_tail(3).splitlines()))
        stored = ring.call(comes, "overlay", "add", f"note:node{comes.index}@{ring.domain}", "found you", "--timeout", "20")
        checks.check("and stores a record", stored.exit_code == 0, stored.error)
        got = ring.call(stays, "overlay", "get", f"note:node{comes.index}@{ring.domain}", "--timeout", "20")
        checks.check("which the other one has", got.out.split("\t")[0] == "found you", got.error)


def main() -> int:
    given = arguments(__doc__).parse_args()
    if os.environ.get("PHYLLO_OWN_NETWORK") != "1":
        say("left out: only root can make a network of its own (PHYLLO_OWN_NETWORK=1)")
        return 0
    checks = Checks("discovery", given.results)
    return main_with(checks, lambda: run(checks, given.binary))


if __name__ == "__main__":
    sys.exit(main())
