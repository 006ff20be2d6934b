"""The clock that one process has: a library that is preloaded adds what a file says, so that a running process's clock can be set."""

from __future__ import annotations

from pathlib import Path

from acceptance import ROOT, Failure

LIBRARY = ROOT / "build/release/tests/acceptance/libwall-clock.so"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Clock:
    def __init__(self, directory: Path) -> None:
        if not LIBRARY.exists():
            raise Failure(f"{LIBRARY} is missing: tools/test builds it")
        self.file = directory / "clock"
        self.file.write_bytes(bytes(8))

    def set(self, offset: str) -> None:
        """Such as +20m or -2d: how far from the machine's, from now on."""
        seconds = int(offset[:-1]) * SECONDS[offset[-1]]
        with self.file.open("r+b") as file:
            file.write((seconds * 10**9).to_bytes(8, "little", signed=True))

    @property
    def environment(self) -> dict[str, str]:
        """What the process is started with."""
        return {"LD_PRELOAD": str(LIBRARY), "WALL_CLOCK": str(self.file)}
