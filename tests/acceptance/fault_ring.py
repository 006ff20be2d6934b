"""A ring whose nodes are killed, stopped, started, cut from each other and set to wrong clocks; each change is logged with its time."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from acceptance import Failure, Node, Ring, localnet
from network import Core
from ring import incomplete
from wall_clock import Clock

Ways = frozenset[tuple[int, int]]  # from, to


class Journal:
    """What was done and seen, with seconds of the run and the time of day that the nodes' logs have."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.began = time.monotonic()
        self.lock = threading.Lock()

    def note(self, text: str) -> None:
        line = f"{time.monotonic() - self.began:7.1f} {datetime.now(timezone.utc):%H:%M:%S.%f}"[:-3] + f" {text}\n"
        with self.lock, self.file.open("a") as file:
            file.write(line)


class FaultRing:
    def __init__(self, ring: Ring, core: Core, journal: Journal) -> None:
        self.ring = ring
        self.core = core
        self.journal = journal
        self.lock = threading.RLock()
        self.clocks = {node.index: Clock(Path(node.config).parent) for node in ring.nodes}
        self.backup = ring.directory / "login-backup"
        self.drops: set[tuple[int, int]] = set()
        self.troubled: dict[int, str] = {}  # nodes under a fault, or not back from one
        self.active: list[str] = []  # the faults that last
        self.stubborn: list[str] = []

    def node(self, index: int) -> Node:
        return self.ring.node(index)

    def start(self, *indices: int) -> None:
        for index in indices:
            with self.lock:
                localnet.launch(self.ring, self.node(index), self.clocks[index].environment)
                self.ring.save()
            self.journal.note(f"start {index}")

    def end(self, *indices: int, hard: bool) -> None:
        """All at once; waits until they are gone."""
        with self.lock:
            for index in indices:
                self.node(index).alive = False
            self.ring.save()
        self.journal.note(f"{'SIGKILL' if hard else 'SIGTERM'} {' '.join(map(str, indices))}")
        for index in indices:
            self.node(index).signal(localnet.signal.SIGKILL if hard else localnet.signal.SIGTERM)
        for index in indices:
            node = self.node(index)
            if node.wait_gone(localnet.DRAIN_SECONDS):
                continue
            self.stubborn.append(node.name)
            node.signal(localnet.signal.SIGKILL)
            node.wait_gone(5)

    def set_clock(self, index: int, offset: str) -> None:
        self.clocks[index].set(offset)
        self.journal.note(f"clock of {index}: {offset}")

    def cut(self, ways: Iterable[tuple[int, int]]) -> None:
        with self.lock:
            self.drops |= set(ways)
            self._filter()

    def mend(self, ways: Iterable[tuple[int, int]]) -> None:
        with self.lock:
            self.drops -= set(ways)
            self._filter()

    def _filter(self) -> None:
        rules = ["flush ruleset"]
        if self.drops:
            pairs = ", ".join(f"{self.node(a).address} . {self.node(b).address}" for a, b in sorted(self.drops))
            rules += ["table ip faults {", "chain input {", "type filter hook input priority 0; policy accept;", f"ip saddr . ip daddr {{ {pairs} }} drop", "}", "}"]
        self.core.inside("nft", "-f", "-", into="\n".join(rules) + "\n")
        self.journal.note(f"cut: {' '.join(f'{a}>{b}' for a, b in sorted(self.drops)) or 'nothing'}")

    def back_up_login(self) -> None:
        """The login server does not run."""
        shutil.rmtree(self.backup, ignore_errors=True)
        shutil.copytree(self.node(1).data, self.backup, ignore=shutil.ignore_patterns("admin.sock", "lock"))

    def restore_login(self) -> None:
        shutil.rmtree(self.node(1).data)
        shutil.copytree(self.backup, self.node(1).data)
        self.journal.note("the login server's data are those of its backup")

    def ask(self, index: int, path: str, seconds: float = 5) -> tuple[int, dict[str, Any]]:
        """A page of a node; status 0 if it does not answer."""
        connection = self.node(index).commands(seconds)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            return 0, {"reason": repr(error)}
        finally:
            connection.close()

    def ready(self, index: int) -> bool:
        return self.ask(index, "/status")[1].get("state") == "ready"

    def wait_ready(self, index: int, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self.ready(index):
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def unrepaired(self) -> str | None:
        """Why the ring is not whole, in one piece and with every value where it belongs, or nothing."""
        statuses = {}
        for node in self.ring.living():
            if not node.runs():
                raise Failure(f"{node.name} died; its log {node.log} ends with\n{node.log_tail()}")
            code, status = self.ask(node.index, "/status")
            statuses[node.name] = status if code == 200 else None
        why = incomplete(statuses, localnet.Localnet.load(self.ring.directory).leaf_set)
        if why is not None:
            return why
        stores = {name: status["storage"] for name, status in statuses.items() if status}
        lacking = [name for name, store in stores.items() if not store["synced"] or store["under_replicated"]]
        return f"{lacking[0]} and {len(lacking) - 1} more are not synced" if lacking else None

    def wait_repaired(self, seconds: float) -> tuple[str | None, float]:
        """What is still wrong then, and how long it took."""
        began = time.monotonic()
        while (why := self.unrepaired()) is not None and time.monotonic() - began < seconds:
            time.sleep(0.5)
        took = time.monotonic() - began
        self.journal.note(f"repaired after {took:.1f} s" if why is None else f"NOT repaired after {took:.1f} s: {why}")
        return why, took
