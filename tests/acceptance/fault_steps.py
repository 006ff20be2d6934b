"""Carries a step of the schedule out: lets its faults begin and end, and waits until the ring is repaired."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

from acceptance import say
from fault_oracle import HEALED_SECONDS, Oracle, Outage, Partition
from fault_ring import FaultRing
from fault_schedule import Fault, Step

BACK_SECONDS = 60  # a node that was away is ready again, the ring is whole and repaired


class Steps:
    def __init__(self, ring: FaultRing, oracle: Oracle) -> None:
        self.ring = ring
        self.oracle = oracle
        self.performed = 0
        self.removed = 0  # accounts
        self.failed: list[str] = []

    def perform(self, step: Step) -> None:
        self.performed += 1
        text = "; ".join(map(str, step))
        say(f"{time.monotonic() - self.ring.journal.began:5.0f} s: {text}")
        self.ring.journal.note(f"STEP {self.performed}: {text}")
        with ThreadPoolExecutor(len(step)) as pool:
            list(pool.map(self._befall, step))
        why, took = self.ring.wait_repaired(BACK_SECONDS)
        if why is not None:
            self._miss(f"not repaired {took:.0f} s after step {self.performed} ({text}): {why}")
        self._let_heal()

    def _miss(self, text: str) -> None:
        self.failed.append(text)
        self.ring.journal.note(f"FAILED {text}")
        say(f"      FAILED {text}")

    def _befall(self, fault: Fault) -> None:
        time.sleep(fault.after)
        ring = self.ring
        with ring.lock:
            ring.active.append(fault.kind)
            ring.troubled |= {index: fault.kind for index in fault.nodes}
        try:
            getattr(self, f"_{fault.kind}")(fault)
            for index in fault.nodes:
                if not ring.wait_ready(index, BACK_SECONDS):
                    self._miss(f"node {index} is not ready {BACK_SECONDS} s after {fault}")
        finally:
            with ring.lock:
                ring.active.remove(fault.kind)
                for index in fault.nodes:
                    ring.troubled.pop(index, None)
        ring.journal.note(f"over: {fault}")

    def _away(self, fault: Fault, hard: bool, seconds: float) -> None:
        self.ring.end(*fault.nodes, hard=hard)
        time.sleep(seconds)
        self.ring.start(*fault.nodes)

    def _kill(self, fault: Fault) -> None:
        self._away(fault, True, fault.hold)

    def _stop(self, fault: Fault) -> None:
        self._away(fault, False, fault.hold)

    def _restart(self, fault: Fault) -> None:
        self._away(fault, True, 0)

    def _freeze(self, fault: Fault) -> None:
        """As a host's that is moved, or swaps: all time passes at once."""
        node = self.ring.node(fault.nodes[0])
        node.signal(signal.SIGSTOP)
        time.sleep(fault.hold)
        node.signal(signal.SIGCONT)

    def _clock(self, fault: Fault) -> None:
        self.ring.set_clock(fault.nodes[0], fault.offset)
        time.sleep(fault.hold)
        self.ring.set_clock(fault.nodes[0], "+0s")

    def _cut_for(self, ways: set[tuple[int, int]], seconds: float) -> None:
        self.ring.cut(ways)
        time.sleep(seconds)
        self.ring.mend(ways)

    def _one_way(self, fault: Fault) -> None:
        a, b = fault.nodes
        self._cut_for({(a, b)}, fault.hold)

    def _pair(self, fault: Fault) -> None:
        a, b = fault.nodes
        self._cut_for({(a, b), (b, a)}, fault.hold)

    def _partition(self, fault: Fault) -> None:
        side = frozenset(fault.nodes)
        others = {node.index for node in self.ring.ring.nodes} - side
        partition = Partition(side, time.monotonic())
        self.oracle.partitions.append(partition)
        self._cut_for({way for a in side for b in others for way in ((a, b), (b, a))}, fault.hold)
        partition.healed = time.monotonic()

    def _let_heal(self) -> None:
        """The minute after a partition has no other faults."""
        if self.oracle.partitions:
            time.sleep(max(0.0, self.oracle.partitions[-1].healed + HEALED_SECONDS - time.monotonic()))

    def _whole(self, hard: bool, fault: Fault) -> None:
        first, *others = [node.index for node in self.ring.ring.nodes]
        outage = Outage(time.monotonic(), hard)
        self.oracle.outages.append(outage)
        self.ring.end(first, *others, hard=hard)
        self.ring.start(*others)
        for index in others:
            if not self.ring.wait_ready(index, BACK_SECONDS):
                self._miss(f"node {index} is not ready {BACK_SECONDS} s after {fault}, without the first")
        outage.over = time.monotonic()
        time.sleep(fault.hold / 4)
        self.ring.start(first)
        if not self.ring.wait_ready(first, BACK_SECONDS):
            self._miss(f"the first node is not ready {BACK_SECONDS} s after {fault}")

    def _killed_whole(self, fault: Fault) -> None:
        self._whole(True, fault)

    def _stopped_whole(self, fault: Fault) -> None:
        self._whole(False, fault)

    def _login_restored(self, fault: Fault) -> None:
        """Accounts that are removed before it and after it stay removed for all."""
        self._remove_account("before")
        time.sleep(5)
        ring = self.ring
        with ring.lock:
            ring.troubled[1] = fault.kind
        ring.end(1, hard=True)
        ring.restore_login()
        ring.start(1)
        if not ring.wait_ready(1, BACK_SECONDS):
            self._miss(f"the login server is not ready {BACK_SECONDS} s after it was restored")
        with ring.lock:
            ring.troubled.pop(1, None)
        self._remove_account("after")

    def _remove_account(self, when: str) -> None:
        user = f"guest{self.removed}-{when}@{self.ring.ring.domain}"
        added = self.ring.ring.call(self.ring.node(1), "user", "add", user, stdin="a guest's password\n")
        gone = self.ring.ring.call(self.ring.node(1), "user", "remove", user)
        if added.exit_code == 0 and gone.exit_code == 0:
            self.removed += 1
        else:
            self._miss(f"{user} is not removed: {added.error or gone.error}")
