#!/usr/bin/env python3
"""Has tshark read every message that our encoders make, with Pastry's bodies and with Chord's: dissect.py EVERY_MESSAGE [--seed N]
[--keep FILE]. Exit code 77 where there is no tshark.

Two forms that RFC 6940 defines are beyond Wireshark 4.0; they come in a run of their own, in which nothing else may be wrong:
- A Fetch or Stat of named keys: it takes the length of the list of keys (s.7.4.2.1, `keys<0..2^16-1>`) for that of the first key.
- A value that does not exist: it does not know the identity type `none` (s.7.4.2.2).
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from overlay_pcap import BAD, message_codes, tshark

# Requests and answers of RFC 6940 s.14.8 and PathTrack (RFC 7851), and errors.
REQUESTS = [0x01, 0x03, 0x07, 0x09, 0x0D, 0x0F, 0x11, 0x13, 0x15, 0x17, 0x19, 0x1D, 0x21, 0x27]
CODES = sorted({code + answer for code in REQUESTS for answer in (0, 1)} | {0xFFFF})
# By message code: all that tshark may find wrong with the forms it can not read.
BEYOND = {0x09: {"Computed length > max_field length"}, 0x19: {"Computed length > max_field length"}, 0x0A: {"Unknown identity type"}}
CHORD = "CHORD-RELOAD"  # what Wireshark takes for the plug-in where it is not told
CHORD_FIELDS = [
    "reload.chordupdate.predecessors",
    "reload.chordupdate.successors",
    "reload.chordupdate.fingers",
    "reload.chordroutequeryans.nodeid",
    "reload.chordleavedata.predecessors",
    "reload.chordleavedata.successors",
]
BEYOND_FIELDS = ["-T", "fields", "-e", "reload.message.code", "-e", "_ws.expert.message", "-E", "aggregator=;"]


def write(program: Path, file: Path, seed: int, *forms: str) -> None:
    ran = subprocess.run([program, file, str(seed), *forms], check=True, capture_output=True, text=True)
    print(ran.stdout, end="")


def readable(file: Path) -> list[str]:
    """What is wrong with a capture of all that tshark can read."""
    bad = [f"not understood: {line.strip()}" for line in tshark(file, "-Y", BAD)]
    bad += [f"not understood by whom nobody has told of Pastry: {line.strip()}" for line in tshark(file, "-Y", BAD, plugin=CHORD)]
    seen = message_codes(file)
    continued = tshark(file, "-Y", "reload.forwarding.fragment.last == 0")
    print(f"tshark read {seen.total()} messages of {len(seen)} codes, and {len(continued)} fragments that others continue")
    absent = [f"no message of code {code:#x}" for code in CODES if not seen[code]]
    return bad + absent + ([] if continued else ["no message in fragments"])


def chord(file: Path) -> list[str]:
    """What is wrong with a capture of CHORD-RELOAD's messages, which tshark reads to the last Node-ID."""
    bad = [f"not understood: {line.strip()}" for line in tshark(file, "-Y", BAD, plugin=CHORD)]
    fields = [argument for field in CHORD_FIELDS for argument in ("-e", field)]
    lines = tshark(file, "-T", "fields", *fields, plugin=CHORD)
    columns = [sum(bool(column) for column in columns) for columns in zip(*(line.split("\t") for line in lines))]
    print("of CHORD-RELOAD: " + ", ".join(f"{field} in {count}" for field, count in zip(CHORD_FIELDS, columns)))
    return bad + [f"no {field} in any message" for field, count in zip(CHORD_FIELDS, columns) if not count]


def beyond(file: Path) -> list[str]:
    """What is wrong with a capture of all forms, beside what is known to be beyond Wireshark."""
    findings = []
    lines = tshark(file, "-Y", f"({BAD})", *BEYOND_FIELDS)
    for line in lines:
        code, _, messages = line.partition("\t")
        known = BEYOND.get(int(code), set()) if code.isdigit() else set()
        if unknown := set(messages.split(";")) - known:
            findings.append(f"code {code}: {', '.join(sorted(unknown))}")
    print(f"{len(lines)} messages in forms beyond Wireshark")
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("every_message", type=Path)
    parser.add_argument("--keep", type=Path, help="where the capture is to stay")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of a run that is to be repeated")
    options = parser.parse_args()
    if shutil.which("tshark") is None:
        print("no tshark here: tools/setup test installs it")
        return 77
    with tempfile.TemporaryDirectory() as directory:
        file = options.keep or Path(directory) / "every.pcap"
        write(options.every_message, file, options.seed)
        findings = readable(file)
        all_forms = Path(directory) / "all-forms.pcap"
        write(options.every_message, all_forms, options.seed, "all-forms")
        findings += beyond(all_forms)
        chord_forms = Path(directory) / "chord.pcap"
        write(options.every_message, chord_forms, options.seed, "chord")
        findings += chord(chord_forms)
    for finding in findings[:20]:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
