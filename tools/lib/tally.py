"""Counts test cases over all suites of a run of tools/test.

    tally.py meson RESULTS PHASE TESTLOG     adds what `meson test` logged (testlog.json)
    tally.py check RESULTS PHASE NAME passed|failed    adds a check of another kind, which counts as one
    tally.py total RESULTS                   prints what failed, then `N passed, N failed`; exit code 1 on any failure

RESULTS is a file of lines: phase, suite, passed, failed. A suite that runs in several phases (two compilers, the sanitizers) counts its
passed cases once; every failure counts.
"""

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

SUMMARY = re.compile(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Result(NamedTuple):
    phase: str
    suite: str
    passed: int
    failed: int


def count(entry: dict) -> tuple[int, int]:
    """A doctest program counts its cases, any other program as one. One that ends badly has failed, whatever it counted."""
    counted = SUMMARY.search(ANSI.sub("", entry.get("stdout", "") + entry.get("stderr", "")))
    good = entry["result"] in ("OK", "EXPECTEDFAIL")
    if not counted:
        return (1, 0) if good else (0, 1)
    passed, failed = int(counted[1]), int(counted[2])
    return (passed, failed) if good else (passed, max(failed, 1))


def read(results: Path) -> list[Result]:
    lines = results.read_text().splitlines() if results.exists() else []
    fields = [line.split("\t") for line in lines]
    return [Result(phase, suite, int(passed), int(failed)) for phase, suite, passed, failed in fields]


def append(results: Path, added: list[Result]) -> None:
    with results.open("a") as file:
        file.writelines("\t".join(map(str, result)) + "\n" for result in added)


def add_meson(results: Path, phase: str, testlog: Path) -> int:
    entries = [json.loads(line) for line in testlog.read_text().splitlines()]
    added = []
    for entry in entries:
        if entry["result"] == "SKIP":
            continue
        name = entry["name"].split(" / ")[-1]
        added.append(Result(phase, name, *count(entry)))
        if added[-1].failed:
            print(f"--- {phase}: {name}: {entry['result']}, exit code {entry['returncode']}")
            print("\n".join((entry.get("stdout", "") + entry.get("stderr", "")).splitlines()[-80:]))
    append(results, added)
    failed = sum(result.failed for result in added)
    print(f"   {sum(result.passed for result in added)} test cases passed, {failed} failed in {len(added)} programs")
    return 1 if failed or not added else 0


def total(results: Path) -> int:
    all_results = read(results)
    passed: dict[str, int] = {}
    for result in all_results:
        passed[result.suite] = max(passed.get(result.suite, 0), result.passed)
        if result.failed:
            print(f"failed: {result.suite} ({result.phase}): {result.failed}")
    failed = sum(result.failed for result in all_results)
    print(f"{sum(passed.values())} passed, {failed} failed")
    return 0 if failed == 0 and all_results else 1


def main(arguments: list[str]) -> int:
    match arguments:
        case ["meson", results, phase, testlog]:
            return add_meson(Path(results), phase, Path(testlog))
        case ["check", results, phase, name, outcome]:
            append(Path(results), [Result(phase, name, int(outcome == "passed"), int(outcome != "passed"))])
            return 0
        case ["total", results]:
            return total(Path(results))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
