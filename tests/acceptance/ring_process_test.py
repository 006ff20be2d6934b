#!/usr/bin/env python3
"""What tools/lib/ring.py says of a node's process: it runs from the moment at which it was started, and no longer than it does."""

from __future__ import annotations

import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/lib"))

from ring import Node  # noqa: E402

STARTS = 200
# Its first thread ends alone, by the system call that ends one thread.
LAST_THREAD_OF = """
import ctypes, os, platform, sys, threading, time
threading.Thread(target=time.sleep, args=(float(sys.argv[1]),)).start()
ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
"""


def node_of(process: subprocess.Popen[bytes]) -> Node:
    return Node(index=1, address="", ports={}, admin="", pid=process.pid, node_id="", roles=[], config="86399.5", log="", data="", pcap=None, alive=True)


class RingProcessTest(unittest.TestCase):
    def test_one_that_was_just_started_runs(self) -> None:
        dead = 0
        for _ in range(STARTS):
            process = subprocess.Popen(["sleep", "86399.5"])
            dead += not node_of(process).runs()
            process.kill()
            process.wait()
        self.assertEqual(dead, 0)

    def test_one_that_was_killed_does_not(self) -> None:
        process = subprocess.Popen(["sleep", "86399.5"])
        node = node_of(process)
        process.kill()
        self.assertTrue(node.wait_gone(5))

    def test_one_of_which_a_thread_is_left_runs(self) -> None:
        process = subprocess.Popen([sys.executable, "-c", LAST_THREAD_OF, "86399.5"])
        self.addCleanup(process.kill)
        node = node_of(process)
        status = Path(f"/proc/{process.pid}/stat")
        while status.read_text().rsplit(")", 1)[1].split()[0] != "Z":
            time.sleep(0.01)
        self.assertTrue(node.runs())
        process.kill()
        self.assertTrue(node.wait_gone(5))

    def test_another_program_of_its_number_is_not_it(self) -> None:
        process = subprocess.Popen(["sleep", "86399.25"])
        self.assertTrue(node_of(process).wait_gone(5))
        process.kill()
        process.wait()


if __name__ == "__main__":
    unittest.main()
