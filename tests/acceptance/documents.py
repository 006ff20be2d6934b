#!/usr/bin/env python3
"""What holds of each specification: it has its terms, BCP 14's words, its states as tables that lead somewhere, its constants as the sources have them, its rule for
later versions, and its security considerations; and all that it points to is there.

    documents.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from documented_constants import CONSTANTS, in_source, in_text

ROOT = Path(__file__).resolve().parents[2]
DRAFT = "docs/draft-phyllo-p2psip-pastry.md"
# How many machines each has at least, as tables of states.
MACHINES = {
    "src/overlay/pastry.md": 5,
    "src/overlay/storage.md": 6,
    "src/overlay/reload.md": 2,
    "src/overlay/record.md": 0,
    "src/transport/links.md": 4,
    "src/enrollment/enrollment.md": 0,
    "src/identity/identity.md": 0,
    "src/sip/sip.md": 3,
    "src/sip/caller_identity.md": 0,
    DRAFT: 4,
}
# Where a machine ends, without a row of its own.
ENDS = {"DONE", "ACTIVE", "CLOSED"}
HEADINGS = {"terms": "Term", "versions": "Versions", "security considerations": "[Ss]ecurity [Cc]onsiderations"}
NO_SECTION = {
    # Its versions and constants are sip.md's and the draft's, and it says so.
    ("src/sip/caller_identity.md", "versions"),
}
CODE = re.compile(r"^(```|~~~).*?^\1$", re.M | re.S)

Findings = Iterator[str]


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text()


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.*?)(?: \{#[\w-]+\})?$", CODE.sub("", text), re.M)


def rows(text: str) -> Iterator[list[list[str]]]:
    """Tables: the cells of each row, the line below the head left out."""
    for table in re.findall(r"(?:^\|.*\n)+", CODE.sub("", text), re.M):
        cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        yield [row for row in cells if not all(re.fullmatch("-+", cell) for cell in row)]


# --- what each has


def sections(name: str) -> Findings:
    text = read(name)
    for what, pattern in HEADINGS.items():
        if (name, what) not in NO_SECTION and not any(re.search(pattern, one) for one in headings(text)):
            yield f"no section of {what}"
    if not re.search(r"BCP 14", text):
        yield "it does not say whose MUST, SHOULD and MAY are"
    if not any("Constants" in one for one in headings(text)) and not re.search(r"Constants.{0,80}are\s+those of sip\.md", text, re.S):
        yield "no table of constants"
    if name != DRAFT and "docs/draft-phyllo-p2psip-pastry.md" not in text:
        yield "it does not point to the draft"
    if re.search(r"first draft", text):
        yield "it tells of a first draft: what was is history"


# --- machines


def states(cell: str) -> list[str]:
    return [one for one in cell.split(", ") if one]


def machine(table: list[list[str]]) -> Findings:
    head, *lines = table
    named: list[str] = []
    reached = set(states(lines[0][0]))
    for line in lines:
        if len(line) != len(head):
            yield f"{len(line)} cells in a table of {len(head)}: {line}"
            return
        named += states(line[0])
        reached |= set(states(line[-1]))
    yield from (f"nothing leads to {one}" for one in sorted(set(named) - reached))
    yield from (f"what follows on {one} is not told" for one in sorted(reached - set(named) - ENDS))


def machines(name: str) -> Findings:
    found = [table for table in rows(read(name)) if table[0][0] == "state" and table[0][-1] in ("next state", "goes to")]
    if len(found) < MACHINES[name]:
        yield f"{len(found)} tables of states, not {MACHINES[name]}"
    for table in found:
        yield from machine(table)


# --- what it points to


def targets(name: str) -> Findings:
    text = read(name)
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (ROOT / name).parent.joinpath(link).exists():
            yield f"a link to {link}, which is not there"
    for path in re.findall(r"`((?:src|tests|docs|packaging|tools|include)/[\w./-]+)`", text):
        if not (ROOT / path).exists():
            yield f"{path} is not there"
    anchors = set(re.findall(r"\{#([\w-]+)\}", text))
    yield from (f"nothing is called {one}" for one in sorted(set(re.findall(r"\{\{([\w-]+)\}\}", text)) - anchors))


BY_NAME = {Path(name).name: name for name in MACHINES}
REFERENCE = re.compile(r"\bs\.(\d+(?:\.\d+)*)\b|\b(?:s|S)ections? (\d+)\b")
PLACE = re.compile(r"(?:(RFC \d+),? |`?(\w+\.md)`?,? |(the draft(?:'s)?|docs/draft-phyllo-p2psip-pastry\.md\)),? )$")
AND_SO_ON = re.compile(r"^(?:,? (?:and|to|or) |, )$")


@cache
def numbers(name: str) -> set[str]:
    return {found[1] for one in headings(read(name)) if (found := re.match(r"(\d+(?:\.\d+)*)\.? ", one))}


def references(name: str) -> Iterator[tuple[str, str]]:
    """Documents, and the numbers of their sections that are meant. What has several numbers and names no document is RFC 6940's, as pastry.md says."""
    text = " ".join(CODE.sub("", read(name)).split())
    where, end = "", -1
    for found in REFERENCE.finditer(text):
        number, before = found[1] or found[2], text[: found.start()]
        if place := PLACE.search(before[-60:]):
            where = place[1] or BY_NAME.get(place[2] or "", "") or (DRAFT if place[3] else "")
        elif end < 0 or not AND_SO_ON.match(text[end : found.start()]):
            where = "RFC 6940" if found[1] and "." in number else name
        end = found.end()
        yield where, number


def section_numbers(name: str) -> Findings:
    for where, number in references(name):
        if where in MACHINES and number not in numbers(where):
            yield f"{Path(where).name} s.{number} is not there"


@cache
def called(name: str) -> set[str]:
    """What can be pointed to by its name: headings, what a paragraph begins with in bold or before a colon, and letters of sections."""
    text = read(name)
    bold = re.findall(r"^(?:- )?\*\*(.+?)\.?\*\*", text, re.M) + re.findall(r"^([A-Z]\w+): ", text, re.M)
    words = [re.sub(r"^\d+\. ", "", one) for one in headings(text) + bold]
    letters = re.findall(r"\(([A-Z])(?:, ([A-Z]))?\)$", "\n".join(words), re.M)
    plain = [re.sub(r" \([^)]*\)$", "", one) for one in words]
    return {one.lower() for one in words + plain} | {letter.lower() for pair in letters for letter in pair if letter}


def named_places(name: str) -> Findings:
    text = " ".join(CODE.sub("", read(name)).split())
    for document, quoted, word in re.findall(r"`?(\w+\.md)`?, (?:\"([^\"]+)\"|([A-Za-z][\w ]*?)(?=[:;,.)]))", text):
        place = (quoted or word).lower()
        if document not in BY_NAME:
            yield f"{document} is none of these documents"
        elif re.fullmatch(r"s|\w+\.md|and .*|or .*", place):
            continue
        elif (quoted or word[0].isupper() or place in ("clocks",)) and place not in called(BY_NAME[document]):
            yield f"{document} has no place called {quoted or word}"


# --- constants


def table_of_constants(name: str) -> dict[str, tuple[str, str]]:
    """Value and scope by name."""
    return {row[0]: (row[1], row[2]) for table in rows(read(name)) if table[0][:2] == ["name", "value"] for row in table[1:]}


def constants(name: str) -> Findings:
    if name == DRAFT:  # foreign_vectors.py holds it against what the program says of itself
        return
    told, known = table_of_constants(name), CONSTANTS.get(name, {})
    yield from (f"no constant '{one}' in its table" for one in sorted(set(known) - set(told)))
    yield from (f"'{one}' is compared with no source" for one in sorted(set(told) - set(known)))
    for one in sorted(set(told) & set(known)):
        value, scope = told[one]
        if scope not in ("equal", "document", "bound", "free"):
            yield f"{one}: '{scope}' does not say who must agree"
        left = in_text(value)
        for place in known[one].split():
            number = in_source(place)
            if number not in left:
                yield f"{one}: {place} is {number}, the table says {value}"
            left = left[left.index(number) + 1 :] if number in left else left


# --- what the sources point to


def pointed_to(text: str) -> Findings:
    for document, number in re.findall(r"(\w+\.md)`?,? (?:s\.|section )(\d+)\b", text):
        if document in BY_NAME and number not in numbers(BY_NAME[document]):
            yield f"{document} s.{number} is not there"
    for document, letter in re.findall(r"(\w+\.md),? ([A-Z])\d?\b", text):
        if document in BY_NAME and letter.lower() not in called(BY_NAME[document]):
            yield f"{document} has no place called {letter}"
    for document, quoted in re.findall(r"(\w+\.md), \"([^\"]+)\"", text):
        if document in BY_NAME and quoted.lower() not in called(BY_NAME[document]):
            yield f"{document} has no place called {quoted}"


def sources() -> Findings:
    files = [path for top in ("src", "include", "tests") for pattern in ("*.cpp", "*.hpp", "*.py", "README.md") for path in (ROOT / top).rglob(pattern)]
    for path in sorted(files):
        text = re.sub(r"\n\s*(?://|#)?\s*", " ", path.read_text())
        yield from (f"{path.relative_to(ROOT)}: {one}" for one in pointed_to(text))


CHECKS = (sections, machines, targets, section_numbers, named_places, constants)


def main() -> int:
    found = [f"{name}: {one}" for name in MACHINES for check in CHECKS for one in check(name)] + list(sources())
    compared = sum(len(one.split()) for table in CONSTANTS.values() for one in table.values())
    print("\n".join(found) or f"{len(MACHINES)} documents, {compared} constants as in the sources")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
