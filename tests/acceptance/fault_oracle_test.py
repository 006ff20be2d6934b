#!/usr/bin/env python3
"""The judge of tools/test --faults sees what it has to see, and equal seeds make equal schedules that stay within the promise."""

import itertools
import random
import sys
import unittest

from fault_oracle import Attempt, Oracle, Outage, Partition, Read, Record
from fault_schedule import ALONE, LANES, schedule

NODES = list(range(1, 13))


def record(*attempts: Attempt) -> Record:
    return Record("name", 1, list(attempts))


def at(begun: float, value: str | None, reader: int = 2) -> Read:
    return Read(reader, begun, begun + 0.1, value)


class Judge(unittest.TestCase):
    def setUp(self) -> None:
        self.oracle = Oracle()
        self.told = record(Attempt("a", 0, 1), Attempt("b", 10, 11), Attempt("c", 20))

    def assert_broken(self, kind: str, judged: str | None) -> None:
        self.assertIsNotNone(judged)
        self.assertTrue(str(judged).startswith(kind), judged)

    def test_what_was_told_is_due_five_seconds_later(self) -> None:
        self.assertIsNone(self.oracle.judge(self.told, at(15.9, "a")))
        self.assert_broken("old", self.oracle.judge(self.told, at(16.1, "a")))
        self.assert_broken("lost", self.oracle.judge(self.told, at(16.1, None)))
        self.assertIsNone(self.oracle.judge(self.told, at(16.1, "b")))

    def test_what_was_tried_later_may_be_found_but_not_before_it_was_tried(self) -> None:
        self.assertIsNone(self.oracle.judge(self.told, at(30, "c")))
        self.assert_broken("old", self.oracle.judge(self.told, at(17, "c")))
        self.assert_broken("never written", self.oracle.judge(self.told, at(30, "d")))

    def test_what_was_removed_does_not_return(self) -> None:
        removed = record(Attempt("a", 0, 1), Attempt(None, 10, 11))
        self.assertIsNone(self.oracle.judge(removed, at(20, None)))
        self.assert_broken("old", self.oracle.judge(removed, at(20, "a")))

    def test_in_a_partition_a_side_owes_what_was_told_there_and_later_all(self) -> None:
        self.oracle.partitions.append(Partition(frozenset({1, 2}), 5, 40))
        self.assertIsNone(self.oracle.judge(self.told, at(30, None, reader=3)))
        self.assert_broken("lost", self.oracle.judge(self.told, at(30, None, reader=2)))
        self.assertIsNone(self.oracle.judge(self.told, at(99, "a", reader=2)))
        self.assert_broken("old", self.oracle.judge(self.told, at(101, "a", reader=2)))

    def test_the_last_seconds_before_the_whole_ring_is_killed_may_be_lost(self) -> None:
        self.oracle.outages.append(Outage(15, True, 20))
        self.assertIsNone(self.oracle.judge(self.told, at(30, "a")))
        self.assert_broken("lost", self.oracle.judge(self.told, at(30, None)))
        self.oracle.outages[0].opened = 16.5
        self.assert_broken("old", self.oracle.judge(self.told, at(30, "a")))

    def test_while_the_whole_ring_comes_back_less_may_be_found_but_nothing_that_was_never_written(self) -> None:
        self.oracle.outages.append(Outage(15, False, 30))
        self.assertIsNone(self.oracle.judge(self.told, at(34, None)))
        self.assertEqual(self.oracle.early, 1)
        self.assert_broken("never written", self.oracle.judge(self.told, at(34, "d")))
        self.assert_broken("lost", self.oracle.judge(self.told, at(36, None)))


class Schedule(unittest.TestCase):
    def steps(self, seed: int) -> list:
        return list(itertools.islice(schedule(random.Random(seed), NODES), 8))

    def test_equal_seeds_make_equal_schedules(self) -> None:
        self.assertEqual(self.steps(1), self.steps(1))
        self.assertNotEqual(self.steps(1), self.steps(2))

    def test_eight_steps_have_every_fault_and_at_most_two_at_once(self) -> None:
        for seed in range(50):
            steps = self.steps(seed)
            kinds = sorted(fault.kind for step in steps for fault in step)
            self.assertEqual(kinds, sorted(LANES + ALONE))
            for step in steps:
                hit = [node for fault in step for node in fault.nodes]
                self.assertEqual(len(hit), len(set(hit)))
                self.assertLessEqual(len(step), 2)
                self.assertTrue(len(step) == 1 or all(fault.kind in LANES for fault in step))


if __name__ == "__main__":
    sys.exit(unittest.main())
