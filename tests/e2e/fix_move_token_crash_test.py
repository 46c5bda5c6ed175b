"""Whatever moment a move, or its way back, is looked at, killed or interrupted: the token is open
to nobody who could not read the unit, the next run completes it, and undo leads back."""

import itertools
import os
import signal
import unittest

import host_tree
import mending
import moving
import stepping
from host_tree import DEPLOY, needs_root
from moving import AFTER, BEFORE, DIRECTORY, STRANGERS, SYSTEM, UNIT

EVERY = int(os.environ.get("CFWARDEN_CRASH_EVERY", "1"))  # Which of the points are tried.
MODE = 0o640  # Of the unit: nobody but root and one group may read it.


@needs_root
class SteppedTest(moving.MoveTest):
    made = True

    def setUp(self):
        super().setUp()
        stepping.needs_stepping()
        self.looked_at = set()
        self.start_anew()

    def start_anew(self):
        if os.path.exists(self.state):
            host_tree.remove_tree(self.state)
        self.lay_out(made=self.made, mode=MODE, group=DEPLOY)

    def start_moved(self):
        self.start_anew()
        self.moved()

    def move_arguments(self):
        return ["fix", "--root", self.directory, "--move-token", "cloudflared", "--apply",
                "--json"]

    def step(self, arguments, answer):
        outcome = stepping.step(arguments, answer, env=self.env)
        return mending.Result(outcome.code, outcome.out, outcome.err)

    def assert_closed(self, may_return=False):
        """The token is root's alone wherever it lies, but in the unit, as that ever was. On the
        way back the unit's new file has its mode before it has its name."""
        holders = self.holders()
        self.assertTrue(holders, "the token is lost")
        for path, attributes in holders.items():
            allowed = {(0o600, 0, 0)}
            if path == UNIT or may_return and path.startswith(SYSTEM):
                allowed |= {(0o600, 0, DEPLOY), (MODE, 0, DEPLOY)}
            self.assertIn(attributes, allowed, path)
        self.assert_really_closed(holders)
        self.assert_closed_before_it_is_there(holders, may_return)

    def assert_closed_before_it_is_there(self, holders, may_return):
        """Who opens a file while it is empty reads what is written later."""
        for directory in (DIRECTORY, SYSTEM) if may_return else (DIRECTORY,):
            for name in self.names(directory):
                path = f"{directory}/{name}"
                if name.startswith(".cfwarden-") and path not in holders:
                    self.assertEqual(self.mode(path) & 0o077, 0, path)

    def assert_really_closed(self, holders):
        """The same, tried by processes; once for each state, whatever the temporary names."""
        key = tuple(sorted((os.path.dirname(path), *attributes)
                           for path, attributes in holders.items()))
        if key in self.looked_at:
            return
        self.looked_at.add(key)
        paths = [self.at(path) for path in holders]
        for (person, path), rights in mending.rights_of_all(STRANGERS, paths).items():
            may_read = DEPLOY in person.groups and self.directory + SYSTEM in path
            self.assertEqual(rights, {"r"} if may_read and rights else set(), (person, path))

    def assert_done(self):
        self.assert_in_file()
        self.assert_kept()

    def assert_back(self):
        self.assert_in_unit()
        self.assert_kept()

    def assert_kept(self):
        self.assert_mode(UNIT, MODE)
        self.assertEqual(self.owner(UNIT), (0, DEPLOY))

    def undo_everything(self):
        """However many of the recorded runs are not yet undone."""
        self.undo_all()
        self.assert_back()

    def at_each_point(self, arguments, prepare, check, how="kill", may_return=False):
        """Runs anew for each point, until one run comes to its end undisturbed. What one call left
        is what the next one finds: the moments after calls are enough."""
        for number in itertools.count(0, EVERY):
            prepare()
            passed = []

            def answer(_, point, number=number, passed=passed):
                if point.when == "exit":
                    passed.append(point)
                return how if passed[number:] == [point] else "go"

            outcome = self.step(arguments, answer)
            if len(passed) <= number:
                self.assertEqual(outcome.code, 0, outcome)
                return number
            with self.subTest(number=number, point=passed[number]):
                self.assert_closed(may_return)
                check(outcome)
        raise AssertionError("unreachable")


class OpenTest(SteppedTest):
    def look_at_each_point(self, arguments, may_return):
        def look(_, point):
            self.assert_closed(may_return)
            return "go"

        outcome = self.step(arguments, look)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIsNone(moving.canary_test.leak_in(outcome.out + outcome.err + self.recorded()))

    def test_at_no_moment_of_a_move_is_the_token_open_to_anybody_new(self):
        self.look_at_each_point(self.move_arguments(), may_return=False)
        self.assert_done()
        self.assertGreaterEqual(len(self.looked_at), 3)

    def test_nor_on_the_way_back(self):
        self.start_moved()
        self.look_at_each_point(["undo", "--yes"], may_return=True)
        self.assert_back()
        self.assertGreaterEqual(len(self.looked_at), 3)

    def test_nor_whatever_the_umask_is(self):
        before = os.umask(0)
        try:
            self.look_at_each_point(self.move_arguments(), may_return=False)
        finally:
            os.umask(before)
        self.assert_done()

    def calls_of(self, arguments):
        """What the run asks of the kernel from the first record on, in order; the first process
        alone does all of it."""
        points, outcome = stepping.points_of(arguments, env=self.env)
        self.assertEqual(outcome.code, 0, outcome)
        words = {"fdatasync": "record", "fsync": "sync", "renameat": "rename",
                 "renameat2": "rename", "rename": "rename", "unlinkat": "remove",
                 "openat": "create", "write": "write"}
        calls = [words[point.call] for point in points
                 if point.when == "exit" and point.pid == points[0].pid and point.call in words]
        return calls[calls.index("record"):]

    def assert_in_order(self, wanted, calls):
        rest = iter(calls)
        for call in wanted:
            self.assertIn(call, rest, f"{wanted} is not the order of {calls}")

    def test_each_step_of_a_move_is_on_disk_before_the_next(self):
        self.assert_in_order(
            ["record", "create", "write", "sync", "rename", "sync",
             "create", "write", "sync", "rename", "sync", "record"],
            self.calls_of(self.move_arguments()))

    def test_each_step_back_is_on_disk_before_the_next(self):
        self.start_moved()
        self.assert_in_order(
            ["record", "create", "write", "sync", "rename", "sync", "remove", "sync", "record"],
            self.calls_of(["undo", "--yes"]))


class KillTest(SteppedTest):
    def complete(self, _):
        self.moved_or_already()
        self.assert_done()
        self.undo_everything()

    def moved_or_already(self):
        outcome = self.move("--apply", "--json")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(outcome.json["state"], ("moved", "already-moved"))

    def test_a_move_that_is_killed_is_completed_by_the_next_and_undone(self):
        points = self.at_each_point(self.move_arguments(), self.start_anew, self.complete)
        self.assertGreater(points, 20)

    def test_a_move_that_is_killed_can_be_undone_at_once_and_moved_again(self):
        def check(_):
            self.undo_everything()
            self.moved()
            self.assert_done()

        self.at_each_point(self.move_arguments(), self.start_anew, check)

    def test_a_plan_after_a_move_that_was_killed_changes_nothing(self):
        def check(_):
            before = host_tree.snapshot(self.directory)
            self.assertIn(self.move().code, (0, 1))
            self.assertIn(self.mend("undo").code, (0, 2))
            self.assertEqual(host_tree.snapshot(self.directory), before)

        self.at_each_point(self.move_arguments(), self.start_anew, check)

    def test_another_repair_in_between_takes_no_way_away(self):
        def check(_):
            self.assertIn(self.fix("--apply", "--json").code, (0, 4))
            self.complete(None)

        self.at_each_point(self.move_arguments(), self.start_anew, check)

    def test_a_move_that_loses_one_of_its_processes_is_no_worse(self):
        def check(_):
            self.moved_or_already()
            self.assert_done()
            self.undo_everything()

        self.at_each_point(self.move_arguments(), self.start_anew, check, how="one")

    def test_an_undo_that_is_killed_is_finished_by_the_next(self):
        points = self.at_each_point(["undo", "--yes"], self.start_moved,
                                    lambda _: self.undo_everything(), may_return=True)
        self.assertGreater(points, 10)

    def test_after_an_undo_that_was_killed_the_token_can_be_moved_again(self):
        self.at_each_point(["undo", "--yes"], self.start_moved, self.complete, may_return=True)


class KillWithoutDirectoryTest(SteppedTest):
    """The move makes /etc/cloudflared, which stays."""

    made = False

    def test_a_move_that_is_killed_is_completed_by_the_next_and_undone(self):
        def check(_):
            self.assertEqual(self.move("--apply").code, 0)
            self.assert_done()
            self.assertIn(self.mode(DIRECTORY), (0o755, 0o700))
            self.undo_everything()

        self.at_each_point(self.move_arguments(), self.start_anew, check)

    def test_a_move_that_is_killed_can_be_undone_at_once(self):
        self.at_each_point(self.move_arguments(), self.start_anew,
                           lambda _: self.undo_everything())


class InterruptTest(SteppedTest):
    def test_an_interrupt_finishes_the_move_or_begins_none(self):
        codes = set()

        def check(outcome):
            codes.add(outcome.code)
            if self.read(UNIT) == AFTER:
                self.assert_done()
                self.assertTrue(outcome.json["commands"])
                if outcome.code != 0:  # It was not checked by another audit.
                    self.assertEqual((outcome.code, outcome.json["state"]), (4, "failed"))
                    self.assertIn("the token was moved", outcome.json["why"])
            else:
                self.assertIn(outcome.code, (4, 128 + signal.SIGINT), outcome)
                self.assert_back()
            self.undo_everything()

        self.at_each_point(self.move_arguments(), self.start_anew, check, how="signal 2")
        self.assertIn(4, codes)

    def test_an_interrupt_finishes_the_way_back_or_begins_none(self):
        def check(outcome):
            if self.read(UNIT) == BEFORE:
                self.assert_back()
            else:
                self.assertNotEqual(outcome.code, 0, outcome)
                self.assert_done()
            self.undo_everything()

        self.at_each_point(["undo", "--yes"], self.start_moved, check, how="signal 2",
                           may_return=True)


if __name__ == "__main__":
    unittest.main()
