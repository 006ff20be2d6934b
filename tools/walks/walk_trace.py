"""What an instrumented supernode writes down, switched on and off from outside, and what it says: functions, files, returns."""

from __future__ import annotations

import json
import mmap
import re
import struct
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ring import Failure

HEADER = struct.Struct("=IIII")  # trace.c's walk_trace: on, count, entries_max
ENTRY = struct.Struct("=II")
# The clones that clang makes of a coroutine: entered to go on with it, or to end it.
RESUMED, ENDED = ".resume", (".destroy", ".cleanup")


@dataclass(frozen=True)
class Step:
    """A function that was entered."""

    function: str
    file: str


# So often a turn must come in a node at rest to be taken for a timer's.
IDLE_TURNS_LEAST = 10
# Asio's scheduler takes what is due next.
TURN = Step("asio::detail::scheduler::do_run_one", "")


@dataclass
class Walk:
    """What a reader follows: see the help of tools/measure-walks for the words."""

    steps: list[list[Step]]  # of each thread
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)  # of the returns: from which file into which

    def __post_init__(self) -> None:
        for steps in self.steps:
            seen: set[str] = set()
            before = ""
            for step in steps:
                if step.file != before and step.file in seen:
                    self.pairs[before, step.file] += 1
                seen.add(step.file)
                before = step.file

    @property
    def functions(self) -> int:
        return len({step for steps in self.steps for step in steps})

    @property
    def files(self) -> int:
        return len({step.file for steps in self.steps for step in steps})

    @property
    def returns(self) -> int:
        return self.pairs.total()

    def only(self, wanted: Callable[[Step], bool]) -> Walk:
        return Walk([[step for step in steps if wanted(step)] for steps in self.steps])

    @property
    def reading(self) -> int:
        """The returns of who reads each function once, where it is first entered."""
        return Walk([list(dict.fromkeys(steps)) for steps in self.steps]).returns

    def lines(self) -> list[str]:
        """The functions in order, a line for each stay in a file."""
        told: list[str] = []
        for steps in self.steps:
            before = ""
            for step in steps:
                name = "::".join(step.function.split("::")[-2:])
                if step.file != before:
                    told.append(f"{step.file}:")
                if not told[-1].endswith(" " + name):
                    told[-1] += " " + name
                before = step.file
        return told


class Process:
    """The trace of a running supernode, by the file that it maps."""

    def __init__(self, directory: Path, pid: int) -> None:
        with (directory / str(pid)).open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def begin(self) -> None:
        struct.pack_into("=II", self.memory, 0, 1, 0)

    def end(self) -> list[list[int]]:
        """Switches it off; the functions that were entered by each thread, as offsets into the program."""
        struct.pack_into("=I", self.memory, 0, 0)
        _, count, entries_max, _ = HEADER.unpack_from(self.memory)
        if count > entries_max:
            raise Failure(f"the trace is full: {count} functions were entered, and there is room for {entries_max}")
        threads: dict[int, list[int]] = {}
        for function, thread in ENTRY.iter_unpack(self.memory[HEADER.size:HEADER.size + count * ENTRY.size]):
            threads.setdefault(thread, []).append(function)
        return list(threads.values())


def plain(name: str) -> str:
    """A demangled name without parameters of templates, and with a lambda's for its function's."""
    name = name.replace("(anonymous namespace)::", "").replace("operator()", "call").replace("operator->", "operator_")
    previous = ""
    while previous != name:
        previous, name = name, re.sub(r"<[^<>]*>|\([^()]*\)|\[abi:\w+\]", "", name)
    return re.split(r"::(?:\$_|\{lambda|'lambda)", name)[0].split(" ")[-1]


def skipped(name: str) -> bool:
    """Constructors, destructors and operators: not functions that somebody reads on his way, as tools/measure-house has it."""
    parts = name.split("::")
    return parts[-1].startswith(("~", "operator")) or parts[-1] == parts[-2:][0] or not name.startswith("phyllo::")


class Program:
    """Names and files of a program's functions; the files of one build directory's tree."""

    def __init__(self, build: Path) -> None:
        self.binary = build / "supernode"
        try:
            said = json.loads((build / "meson-info/meson-info.json").read_text())
        except OSError:
            raise Failure(f"{build} is no build directory: make one with tools/walks/build", 2) from None
        self.tree = Path(said["directories"]["source"])
        self.known: dict[int, Step | None] = {}
        self.files: dict[str, str] = {}

    def turns(self, thread: list[int]) -> list[list[Step]]:
        """Of a thread's functions ours, by turns of the event loop: each is what one event, or one timer, set off."""
        self.learn(set(thread) - self.known.keys())
        turns: list[list[Step]] = [[]]
        for function in thread:
            step = self.known[function]
            if step is TURN:
                turns.append([])
            elif step:
                turns[-1].append(step)
        return [turn for turn in turns if turn]

    def walk(self, threads: list[list[int]], idle: set[frozenset[Step]]) -> Walk:
        """Without turns that enter just the functions that an idle one does."""
        kept = ([turn for turn in self.turns(thread) if frozenset(turn) not in idle] for thread in threads)
        return Walk([[step for turn in turns for step in turn] for turns in kept if turns])

    def idle(self, threads: list[list[int]]) -> set[frozenset[Step]]:
        """Turns that come again and again: not a record's repair, nor a message that happened to come."""
        came = Counter(frozenset(turn) for thread in threads for turn in self.turns(thread))
        return {turn for turn, count in came.items() if count >= IDLE_TURNS_LEAST}

    def learn(self, functions: set[int]) -> None:
        wanted = sorted(functions)
        if not wanted:
            return
        addresses = "\n".join(hex(function) for function in wanted)
        told = subprocess.run(["addr2line", "-f", "-e", self.binary], input=addresses, capture_output=True, text=True, check=True).stdout.splitlines()
        mangled, places = told[::2], told[1::2]
        names = subprocess.run(["c++filt", "-p"], input="\n".join(name.split(".")[0] for name in mangled), capture_output=True, text=True, check=True).stdout.splitlines()
        for function, symbol, name, place in zip(wanted, mangled, names, places, strict=True):
            self.known[function] = self.step(symbol, plain(name), place)

    def step(self, symbol: str, name: str, place: str) -> Step | None:
        if name == TURN.function:
            return TURN
        path = place.rsplit(":", 1)[0]
        file = self.files.setdefault(path, self.file_of(Path(path)))
        if not file or symbol.endswith(ENDED) or skipped(name):
            return None
        return Step(name, file)

    def file_of(self, path: Path) -> str:
        """The file's name less its suffix, of the sources of a tier above core: a header and its source are one. Empty: not ours, or core's."""
        resolved = path.resolve() if path.is_absolute() else (self.binary.parent / path).resolve()
        if not resolved.is_relative_to(self.tree):
            return ""
        place = resolved.relative_to(self.tree)
        if place.parts[0] not in ("src", "include") or place.parts[1] in ("core", "dependencies"):
            return ""
        if place.parts[0] == "src":
            return str(place.with_suffix(""))
        sources = list((self.tree / "src" / place.parts[1]).rglob(place.stem + ".cpp"))
        return str(sources[0].relative_to(self.tree).with_suffix("") if len(sources) == 1 else place.with_suffix(""))
