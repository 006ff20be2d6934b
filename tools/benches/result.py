"""What every bench shares: its programs, its figures with their limits, and a comparison with figures that were kept."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "build/bench/tools/benches"
KEPT = ROOT / "build/bench-results"


@dataclass
class Figure:
    """One number of a bench. `better`: "lower" or "higher"; `limit`: at most, or at least, so much."""

    name: str
    value: float
    unit: str
    better: str
    limit: float | None = None

    def held(self) -> bool:
        return self.limit is None or (self.value <= self.limit if self.better == "lower" else self.value >= self.limit)

    def text(self) -> str:
        if self.limit is None:
            return f"        {self.name}: {self.value:.4g} {self.unit}".rstrip()
        side = "at most" if self.better == "lower" else "at least"
        return f"{'held  ' if self.held() else 'MISSED'}  {self.name}: {self.value:.4g} {self.unit} ({side} {self.limit:g})"


def build(*programs: str) -> None:
    """Packages and programs; what that prints is for a person, so it goes to standard error."""
    targets = " ".join(f"tools/benches/{program}" for program in programs)
    script = f"source tools/lib/common.sh; tools/setup bench; configure build/bench clang --buildtype=release -Dbench=true -Dtests=false; compile build/bench {targets}"
    if subprocess.run(["bash", "-c", script], cwd=ROOT, stdout=sys.stderr, check=False).returncode:
        sys.exit("error: the bench could not be built; what the compiler said is above")


def revision() -> str:
    ran = subprocess.run(["git", "-c", "safe.directory=*", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "unknown"


def envelope(bench: str, result: Any, found: list[Figure]) -> dict[str, Any]:
    return {
        "bench": bench,
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "revision": revision(),
        "held": all(figure.held() for figure in found),
        "figures": [asdict(figure) | {"held": figure.held()} for figure in found],
        "result": result,
    }


def keep(kept: dict[str, Any], file: Path | None) -> Path:
    file = file or KEPT / f"{kept['bench']}-{kept['when'].replace(':', '')}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, indent=2) + "\n")
    return file


def read_kept(file: Path, bench: str) -> dict[str, Any]:
    """What an earlier run of the same bench kept."""
    try:
        kept = json.loads(file.read_text())
    except (OSError, ValueError) as why:
        sys.exit(f"error: {file} can not be read: {why}")
    if not isinstance(kept, dict) or kept.get("bench") != bench:
        sys.exit(f"error: {file} is no result of tools/bench {bench}: give one that it has written")
    return kept


def comparison(before: dict[str, Any], found: list[Figure]) -> str:
    """A line for each figure that both have."""
    earlier = {figure["name"]: float(figure["value"]) for figure in before["figures"]}
    lines = [f"against {before['revision']} of {before['when']}:"]
    for figure in found:
        if figure.name not in earlier:
            lines.append(f"  {figure.name}: {figure.value:.4g} {figure.unit}, not measured before")
            continue
        was = earlier[figure.name]
        change = f"{(figure.value / was - 1) * 100:+.1f} %" if was else "from nothing"
        better = figure.value < was if figure.better == "lower" else figure.value > was
        word = "as before" if figure.value == was else "better" if better else "worse"
        lines.append(f"  {figure.name}: {was:.4g} -> {figure.value:.4g} {figure.unit} ({change}, {word})")
    return "\n".join(lines)
