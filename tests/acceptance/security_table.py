#!/usr/bin/env python3
"""What SECURITY.md names is there: every test that stands in its tables, and every attack that is a test stands in it.

    security_table.py
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def findings(text: str) -> list[str]:
    named = set(re.findall(r"`((?:tests|include|tools)/[\w./]+)`", text))
    found = [f"SECURITY.md names {name}, which is not there" for name in sorted(named) if not (ROOT / name).exists()]
    attacks = [path for pattern in ("[ad][0-9]*.py", "random_requests.py") for path in (ROOT / "tests/attacks").glob(pattern)]
    found += [f"{path.relative_to(ROOT)} does not stand in SECURITY.md" for path in sorted(attacks) if str(path.relative_to(ROOT)) not in named]
    rows = set(re.findall(r"^\| (D\d+) \|", text, re.M))
    found += [f"SECURITY.md has no row D{number}" for number in range(1, 19) if f"D{number}" not in rows]
    return found


def main() -> int:
    found = findings((ROOT / "SECURITY.md").read_text())
    print("\n".join(found) or "every test that is named is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
