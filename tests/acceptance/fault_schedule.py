"""Which faults befall a ring, in which order, and which at the same time. Pure: equal dice make equal schedules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

# What befalls one node, or two. Each of them counts as one failure to storage: of a pair one node at most loses its place.
LANES = ("kill", "stop", "restart", "freeze", "clock", "clock", "one_way", "pair")
# What leaves room for nothing else beside it.
ALONE = ("partition", "killed_whole", "stopped_whole", "login_restored")
# storage.md tolerates clocks that are wrong by hours; of one that is wrong by days a node has to leave the ring.
OFFSETS = ("+2m", "-2m", "+20m", "-20m", "+6h", "-6h", "-2d", "+2d")
HOLDS = ((2.0, 5.0), (8.0, 15.0), (20.0, 35.0))
HOLDS_WEIGHTS = (3, 3, 2)
SETTLED_MAX_SECONDS = 6.0


@dataclass(frozen=True)
class Fault:
    """`kind` befalls `nodes` (of a one-way cut the first is not heard by the second) `after` seconds from its step's begin, for `hold` seconds."""

    kind: str
    nodes: tuple[int, ...]
    after: float
    hold: float
    offset: str = ""

    def __str__(self) -> str:
        who = " ".join(str(node) for node in self.nodes)
        return f"{self.kind} {who}{f' {self.offset}' if self.offset else ''}, after {self.after:.1f} s for {self.hold:.1f} s"


# Faults that overlap. All of them are over, and the ring is whole and repaired, before the next step.
Step = tuple[Fault, ...]


def overlapping(dice: random.Random, nodes: list[int], kinds: tuple[str, str]) -> Step:
    """Two faults at nodes of their own: storage answers with three of five, so two may fail between repairs."""
    free = dice.sample(nodes, len(nodes))
    faults = []
    for kind in kinds:
        hit = tuple(free.pop() for _ in range(2 if kind in ("one_way", "pair") else 1))
        low, high = dice.choices(HOLDS, HOLDS_WEIGHTS)[0]
        after = dice.uniform(0, SETTLED_MAX_SECONDS)
        faults.append(Fault(kind, hit, after, dice.uniform(low, high), dice.choice(OFFSETS) if kind == "clock" else ""))
    return tuple(faults)


def alone(dice: random.Random, nodes: list[int], kind: str) -> Step:
    hold = dice.uniform(15, 30)
    hit = tuple(sorted(dice.sample(nodes, dice.randint(3, len(nodes) // 2)))) if kind == "partition" else ()
    return (Fault(kind, hit, 0, hold),)


def schedule(dice: random.Random, nodes: list[int]) -> Iterator[Step]:
    """Steps without end; of eight that follow one another each kind is in one at least, and every second one stands alone."""
    while True:
        lanes = dice.sample(LANES, len(LANES))
        for kind in dice.sample(ALONE, len(ALONE)):
            yield overlapping(dice, nodes, (lanes.pop(), lanes.pop()))
            yield alone(dice, nodes, kind)
