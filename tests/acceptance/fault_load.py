"""Updates, removals and look-ups of records while a ring fails in parts, and what became of them."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from fault_oracle import Attempt, Oracle, Read, Record
from fault_ring import FaultRing

TIMEOUT_SECONDS = 8
LIFETIME_SECONDS = 86400
REMOVALS = 0.05
RECENT = 64  # half of the look-ups ask for what was written last, where faults show


@dataclass
class Tally:
    """Operations by whom they were asked of: a node that is itself under a fault, or one that is not."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answered: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)

    def note(self, where: str, why: str, during: str) -> None:
        with self.lock:
            (self.failed if why else self.answered)[where] += 1
            if why:
                self.causes[f"{where}: {why}, during {during or 'nothing'}"] += 1

    def share(self, where: str) -> float:
        with self.lock:
            whole = self.answered[where] + self.failed[where]
            return self.answered[where] / whole if whole else 1.0

    def said(self) -> str:
        return "; ".join(f"{where}: {self.answered[where]} of {self.answered[where] + self.failed[where]} answered ({self.share(where):.2%})" for where in sorted(self.answered | self.failed))


class Load:
    def __init__(self, ring: FaultRing, oracle: Oracle, records: list[Record]) -> None:
        self.ring = ring
        self.oracle = oracle
        self.records = records
        self.tally = Tally()
        self.broken: list[str] = []
        self.recent: deque[Record] = deque(maxlen=RECENT)
        self.ended = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self, writers: int, readers: int, seed: int) -> None:
        for number in range(writers + readers):
            work = (self.write_one, 0.3) if number < writers else (self.read_one, 0.1)
            self.threads.append(threading.Thread(target=self._repeat, args=(*work, random.Random(f"{seed} {number}"))))
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _repeat(self, work: Any, pause: float, dice: random.Random) -> None:
        while not self.ended.is_set():  # ends with the run
            work(dice)
            time.sleep(dice.uniform(0, 2 * pause))

    def write_one(self, dice: random.Random) -> None:
        record = dice.choice(self.records)
        frozen = self.ring.troubled.get(record.owner) == "freeze"
        if frozen or not self.ring.node(record.owner).alive or not record.busy.acquire(blocking=False):
            return
        try:
            self.write(record, dice.random() < REMOVALS)
        finally:
            record.busy.release()

    def write(self, record: Record, remove: bool = False) -> Attempt:
        attempt = Attempt(None if remove else f"{record.name} {len(record.attempts)}", time.monotonic())
        record.attempts.append(attempt)
        context = self._context(record.owner)
        body = {"name": record.name, "timeout_s": TIMEOUT_SECONDS}
        if not remove:
            body |= {"value": attempt.value, "lifetime_s": LIFETIME_SECONDS}
        code, answer = self.post(record.owner, "remove" if remove else "update", body)
        # Who removes what is not there is told so by a look-up that is as good as any.
        if code == 200:
            attempt.told = time.monotonic()
            self.recent.append(record)
        else:
            attempt.refused = answer.get("error", "?")
        why = "" if code in (200, 404) else f"{'removal' if remove else 'update'} {attempt.refused}"
        self._count(record.owner, context, why, f"{record.name}: {why} at node {record.owner}: {answer.get('message', '')}")
        return attempt

    def read_one(self, dice: random.Random) -> None:
        # Who asks a frozen node waits, and asks nobody else.
        living = [node.index for node in self.ring.ring.living() if self.ring.troubled.get(node.index) != "freeze"]
        if not living:
            time.sleep(0.5)
            return
        recent = list(self.recent)
        record = dice.choice(recent) if recent and dice.random() < 0.5 else dice.choice(self.records)
        self.read(record, dice.choice(living))

    def read(self, record: Record, reader: int) -> Read | None:
        context = self._context(reader)
        begun = time.monotonic()
        code, answer = self.post(reader, "get", {"name": record.name, "timeout_s": TIMEOUT_SECONDS})
        why = "" if code in (200, 404) else f"look-up {answer.get('error', '?')}"
        self._count(reader, context, why, f"{record.name}: {why} at node {reader}: {answer.get('message', '')}")
        if why:
            return None
        values = [value["value"] for value in answer.get("values", [])]
        read = Read(reader, begun, time.monotonic(), values[0] if values else None)
        wrong = self.oracle.judge(record, read) if len(values) < 2 else f"{record.name} has values {values}"
        if wrong:
            self.broken.append(wrong)
            self.ring.journal.note(f"BROKEN {wrong}; root {answer.get('root')}, during {context[1] or 'nothing'}")
        return read

    def post(self, index: int, verb: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = self.ring.node(index).commands(TIMEOUT_SECONDS + 4)
        try:
            connection.request("POST", f"/overlay/{verb}", json.dumps(body), {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            return 0, {"error": "no answer", "message": repr(error)}
        finally:
            connection.close()

    def _context(self, index: int) -> tuple[str, str]:
        active = list(self.ring.active)
        if any(fault in active for fault in ("partition", "killed_whole", "stopped_whole")):
            return "ring parted or down", " ".join(sorted(active))
        return "node at fault" if index in self.ring.troubled else "node without fault", " ".join(sorted(active))

    def _count(self, index: int, context: tuple[str, str], why: str, text: str) -> None:
        where, during = context
        if where == "node without fault" and index in self.ring.troubled:
            where = "node at fault"  # it failed while it was asked
        self.tally.note(where, why, during)
        if why and where == "node without fault":
            self.ring.journal.note(f"unanswered {text}; during {during or 'nothing'}")
