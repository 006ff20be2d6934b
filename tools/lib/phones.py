"""Phones for tests and for quickstart: SIPp, with the scenarios in tests/sip/sipp."""

from __future__ import annotations

import csv
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ring import ROOT, Failure

SCENARIOS = ROOT / "tests/sip/sipp"


@dataclass
class Phone:
    """A user's phone at an address of its own. What SIPp says goes to the directory."""

    user: str
    password: str
    domain: str
    address: str
    directory: Path
    port: int = 5060

    @property
    def line(self) -> str:
        """Its account as fields of an injection file."""
        return f"[authentication username={self.user} password={self.password}]"

    def _sipp(self, scenario: str, fields: list[str] | None, target: str, *more: str, port: int | None = None) -> list[str]:
        command = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", self.address, "-bind_local", "-p", str(port or self.port), "-nostdin"]
        if fields is not None:
            file = self.directory / f"{self.user}.{scenario}.csv"
            file.write_text("SEQUENTIAL\n" + ";".join(fields) + "\n")
            command += ["-inf", str(file)]
        return [*command, *more] + ([target] if target else [])

    def _run(self, what: str, command: list[str], seconds: float) -> None:
        log = self.directory / f"{self.user}.{what}.log"
        for old in self.directory.glob(f"{what}_*_errors.log"):
            old.unlink()
        with log.open("w") as out:
            try:
                ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.directory, timeout=seconds + 15, check=False)
                code = ran.returncode
            except subprocess.TimeoutExpired:
                code = 124
        if code != 0:
            raise Failure(f"{self.user}'s phone: {what} failed (SIPp's exit code {code}): {self._why(what)}\n  its log: {log}")

    def _why(self, what: str) -> str:
        """The first error that SIPp wrote down."""
        for file in sorted(self.directory.glob(f"{what}_*_errors.log")):
            lines = [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]
            if lines:
                return " ".join(lines[:4])[:400]
        return "no answer in time"

    def register(self, server: str, seconds: float = 10) -> None:
        # From a port of its own: the phone's may be answering calls.
        more = ["-key", "contact", f"{self.address}:{self.port}", "-m", "1", "-timeout", f"{seconds:g}s", "-timeout_error", "-trace_err"]
        self._run("register", self._sipp("register", [self.user, self.domain, self.line], server, *more, port=self.port + 1), seconds)

    def answer(self) -> subprocess.Popen[bytes]:
        """Starts to answer calls until it is killed."""
        log = (self.directory / f"{self.user}.answer.log").open("w")
        process = subprocess.Popen(self._sipp("answer", None, "", "-trace_err"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory)
        time.sleep(0.5)
        if process.poll() is not None:
            raise Failure(f"{self.user}'s phone does not listen at {self.address}:{self.port}; its log: {log.name}")
        return process

    def call(self, callee: str, server: str, talk_ms: int = 500, seconds: float = 20) -> float:
        """Calls, talks, hangs up; how many milliseconds the set-up took, from INVITE to 200."""
        for old in self.directory.glob("call_*_rtt.csv"):
            old.unlink()
        more = ["-m", "1", "-d", str(talk_ms), "-trace_rtt", "-rtt_freq", "1", "-timeout", f"{seconds:g}s", "-timeout_error", "-trace_err"]
        self._run("call", self._sipp("call", [callee, self.domain, self.user, self.line], server, *more), seconds)
        for file in self.directory.glob("call_*_rtt.csv"):
            with file.open(newline="") as rows:
                for row in csv.DictReader(rows, delimiter=";"):
                    if row["rtd_no"] == "setup":
                        return float(row["response_time_ms"])
        raise Failure("SIPp measured no set-up time")
