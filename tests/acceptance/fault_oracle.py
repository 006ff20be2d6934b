"""What a look-up may answer by the promise of src/overlay/storage.md, from what was tried, told, and which parts of the ring could reach each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

# "a default read does so at the latest 5 s after"; "killing all nodes at once may lose the last 5 s".
READ_AFTER_SECONDS = 5.0
KILLED_LOSES_SECONDS = 5.0
# "within 60 s of healing the newest value stands everywhere".
HEALED_SECONDS = 60.0


@dataclass
class Attempt:
    """One update or removal, tried at the node that owns the record."""

    value: str | None  # None: a removal
    begun: float
    told: float | None = None  # when it was answered with success
    refused: str = ""  # what was said otherwise; open as long as both are empty


@dataclass
class Record:
    """A name under which one node writes, one attempt after the other."""

    name: str
    owner: int
    attempts: list[Attempt] = field(default_factory=list)
    busy: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Partition:
    side: frozenset[int]
    opened: float
    healed: float = float("inf")

    def parts(self, a: int, b: int) -> bool:
        return (a in self.side) != (b in self.side)


@dataclass
class Outage:
    """The whole ring went down; it is over when all but one node are in the ring again."""

    opened: float
    killed: bool
    over: float = float("inf")


@dataclass(frozen=True)
class Read:
    """`value` is what was found, None for nothing."""

    reader: int
    begun: float
    ended: float
    value: str | None


class Oracle:
    def __init__(self) -> None:
        self.partitions: list[Partition] = []
        self.outages: list[Outage] = []
        self.early = 0  # reads that found less than was told, while the ring came back

    def judge(self, record: Record, read: Read) -> str | None:
        """Why the promise is broken, or nothing."""
        attempts = list(record.attempts)
        floor = max((i for i, one in enumerate(attempts) if self._stands(one, record.owner, read)), default=-1)
        possible = [one.value for one in attempts[max(floor, 0) :] if one.begun <= read.ended]
        if read.value in possible or (read.value is None and floor < 0):
            return None
        if read.value is None:
            kind = "lost"
        elif any(one.value == read.value for one in attempts):
            kind = "old"
        else:
            kind = "never written"
        if kind != "never written" and any(one.opened <= read.ended and read.begun <= one.over + READ_AFTER_SECONDS for one in self.outages):
            self.early += 1
            return None
        due = f"told written was {attempts[floor].value!r} {read.begun - (attempts[floor].told or 0):.1f} s before" if floor >= 0 else "nothing was told written"
        return f"{kind}: {record.name} of node {record.owner} at node {read.reader}: found {read.value!r}; {due}"

    def _stands(self, attempt: Attempt, writer: int, read: Read) -> bool:
        """Whether this read has to find that attempt, or a newer one."""
        told = attempt.told
        if told is None or told > read.begun - READ_AFTER_SECONDS:
            return False
        if any(one.killed and one.opened - KILLED_LOSES_SECONDS <= told <= one.opened + 1 for one in self.outages):
            return False
        return all(self._crosses(partition, attempt, writer, read) for partition in self.partitions)

    @staticmethod
    def _crosses(partition: Partition, attempt: Attempt, writer: int, read: Read) -> bool:
        """In a partition each side keeps the promise for what was written there since; after it all is everywhere within a minute."""
        if read.ended < partition.opened or read.begun > partition.healed + HEALED_SECONDS:
            return True
        within = attempt.begun >= partition.opened and read.ended < partition.healed
        return within and not partition.parts(writer, read.reader)
