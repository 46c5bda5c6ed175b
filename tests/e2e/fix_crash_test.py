"""Whatever moment a run is looked at, killed or interrupted: nobody has a right too many, what is
left can be finished, and all of it can be taken back."""

import itertools
import os
import signal
import stat
import unittest

import host_tree
import invented
import kernel
import mending
import stepping
from host_tree import DEPLOY, UIDS
from invented import OTHER_TUNNEL
from mending import ALICES, JSON, TOKEN

ALICE, BOB = UIDS["alice"], UIDS["bob"]
EVERY = int(os.environ.get("CFWARDEN_CRASH_EVERY", "1"))  # Which of the points are tried.

CHMOD = ("fchmodat2", "fchmod", "fchmodat", "chmod")
CHOWN = ("fchownat", "fchown", "chown", "lchown")
REMOVE = ("removexattr", "lremovexattr", "fremovexattr", "removexattrat")
SET = ("setxattr", "lsetxattr", "fsetxattr", "setxattrat")


def put_back(attributes):
    """Gives everything the attributes that it had, by the shortest way."""
    for path, was in attributes.items():
        if mending.standing(path) == was or stat.S_ISLNK(was.mode):
            continue
        for name in (mending.ACCESS, mending.DEFAULT):
            if mending.xattr(path, name):
                os.removexattr(path, name)
        os.chown(path, was.uid, was.gid)
        os.chmod(path, stat.S_IMODE(was.mode))
        for name, value in [(mending.ACCESS, was.acl), (mending.DEFAULT, was.default_acl)]:
            if value:
                os.setxattr(path, name, value)


class SteppedTest(mending.MendTest):
    """A file and a directory of each sort of change; all directories let everybody through, so
    that what a file itself allows is what is met."""

    APPLY = ["--apply", "--json", "--take-ownership"]

    def setUp(self):
        super().setUp()
        stepping.needs_stepping()
        self.needs_acls()
        host = self.host
        host.folder("/etc/cloudflared", 0o777)
        host.file(TOKEN, invented.token(name="service"), 0o644, "bob", DEPLOY)
        kernel.set_acl(host.at(TOKEN), (kernel.OWNER, 7), (kernel.USER, 4, UIDS["carol"]),
                       (kernel.GROUP, 2), (kernel.NAMED_GROUP, 4, DEPLOY), (kernel.MASK, 6),
                       (kernel.OTHERS, 5))
        os.chmod(host.at(TOKEN), 0o4765)
        host.file(JSON, invented.credentials(name="shop"), 0o644)
        host.home("alice", 0o755, 0o777)
        kernel.set_acl(host.at("/home/alice/.cloudflared"), (kernel.OWNER, 7),
                       (kernel.USER, 7, BOB), (kernel.GROUP, 5), (kernel.MASK, 7),
                       (kernel.OTHERS, 5), default=True)
        host.file(ALICES, invented.credentials(OTHER_TUNNEL, "alice"), 0o600, "alice")
        kernel.set_acl(host.at(ALICES), (kernel.OWNER, 6), (kernel.USER, 6, BOB),
                       (kernel.GROUP, 0), (kernel.MASK, 6), (kernel.OTHERS, 4))
        self.before = self.attributes()
        self.paths = sorted(path for path in self.before
                            if not path.endswith((b"/etc/passwd", b"/etc/group", b"/hostname")))
        self.met = {}
        self.rights_now()

    def key(self, attributes):
        return tuple(attributes[path] for path in self.paths)

    def rights_now(self):
        """Who can do what. Asked once for each state of the tree."""
        key = self.key(self.attributes())
        if key not in self.met:
            people = mending.PEOPLE if host_tree.IS_ROOT else []
            self.met[key] = mending.rights_of_all(people, self.paths)
        return self.met[key]

    def assert_nothing_gained(self, *allowed):
        """Nobody can do what none of the allowed states lets them do; the tree was in each."""
        states = [self.met[self.key(attributes)] for attributes in allowed]
        union = {key: set().union(*(state[key] for state in states)) for key in states[0]}
        self.assertEqual(mending.gained(union, self.rights_now()), {})

    def fix_arguments(self):
        return ["fix", "--root", self.directory, *self.APPLY]

    def applied(self):
        """The tree as a run leaves it that nobody disturbs."""
        outcome = self.apply(*self.APPLY)
        self.assertEqual(outcome.code, 0, outcome)
        self.rights_now()
        return self.attributes()

    def start_anew(self):
        put_back(self.before)
        if os.path.exists(self.state):
            host_tree.remove_tree(self.state)

    def step(self, arguments, answer, **options):
        outcome = stepping.step(arguments, answer, env=self.env, **options)
        return mending.Result(outcome.code, outcome.out, outcome.err)


class OrderTest(SteppedTest):
    """What the kernel is asked for, and in which order."""

    def steps_of(self, arguments, *allowed):
        """{path: the calls that changed it}, and that nobody gained anything on the way."""
        state = [self.attributes()]
        seen = {}

        def look(_, point):
            if point.when == "exit":
                now = self.attributes()
                for path, standing in now.items():
                    if state[0][path] != standing:
                        seen.setdefault(os.fsdecode(path).removeprefix(self.directory),
                                        []).append(point.call)
                if now != state[0]:
                    self.assert_nothing_gained(*allowed)
                state[0] = now
            return "go"

        outcome = self.step(arguments, look, calls="all")
        self.assertEqual(outcome.code, 0, outcome)
        return seen

    def assert_order(self, calls, *families):
        self.assertEqual([next((family for family in families if call in family), call)
                          for call in calls], list(families))

    def test_a_fix_clears_the_mode_before_the_acl_and_gives_away_last(self):
        after = self.applied()
        self.start_anew()
        steps = self.steps_of(self.fix_arguments(), self.before, after)
        self.assertEqual(self.attributes(), after)
        if host_tree.IS_ROOT:
            self.assert_order(steps[TOKEN][:3], CHMOD, REMOVE, CHOWN)
        self.assert_order(steps[JSON], CHMOD)
        self.assert_order(steps[ALICES], CHMOD, REMOVE)
        self.assertTrue(set(steps["/home/alice/.cloudflared"]) <= {*CHMOD, *REMOVE})

    def test_an_undo_gives_back_the_owner_before_the_acl(self):
        after = self.applied()
        steps = self.steps_of(["undo", "--yes"], self.before, after)
        self.assert_restored(self.before)
        if host_tree.IS_ROOT:
            self.assertIn(steps[TOKEN][-1], (*SET, *CHMOD))
            chown = next(n for n, call in enumerate(steps[TOKEN]) if call in CHOWN)
            acl = next(n for n, call in enumerate(steps[TOKEN]) if call in SET)
            self.assertLess(chown, acl)
        self.assertIn(steps[ALICES][-1], SET)

    def test_the_journal_is_on_disk_before_anything_changes_and_after(self):
        calls = []
        points, outcome = stepping.points_of(self.fix_arguments(), env=self.env)
        self.assertEqual(outcome.code, 0, outcome)
        for point in points:
            if point.when == "exit" and point.result == 0:
                calls.append("sync" if point.call in ("fdatasync", "fsync") else
                             "change" if point.call in (*CHMOD, *CHOWN, *REMOVE) else "other")
        self.assertGreaterEqual(calls.count("change"), 6)
        first, last = calls.index("change"), len(calls) - 1 - calls[::-1].index("change")
        self.assertIn("sync", calls[:first])
        self.assertIn("sync", calls[last:])


class KillTest(SteppedTest):
    def kill_at_each_point(self, arguments, prepare, check, how="kill"):
        """Runs anew for each point, until one run comes to its end undisturbed. What one call left
        is what the next one finds: where all are killed, the moments after calls are enough."""
        for number in itertools.count(0, EVERY):
            prepare()
            passed = []

            def answer(_, point, number=number, passed=passed):
                if how == "one" or point.when == "exit":
                    passed.append(point)
                return how if passed[number:] == [point] else "go"

            outcome = self.step(arguments, answer)
            if len(passed) <= number:
                self.assertEqual(outcome.code, 0, outcome)
                return number
            with self.subTest(number=number, point=passed[number]):
                check(outcome)
        raise AssertionError("unreachable")

    def check_killed_fix(self, after):
        def check(_):
            self.assert_nothing_gained(self.before)
            again = self.apply(*self.APPLY)
            self.assertEqual(again.code, 0, again)
            self.assert_same(self.attributes(), after)
            self.undo_all()
            self.assert_restored(self.before)

        return check

    def test_a_fix_that_is_killed_is_finished_by_the_next_and_undone_to_first_touch(self):
        after = self.applied()
        points = self.kill_at_each_point(self.fix_arguments(), self.start_anew,
                                         self.check_killed_fix(after))
        self.assertGreater(points, 30)

    def test_a_fix_that_is_killed_can_be_undone_at_once(self):
        def check(_):
            self.undo_all()
            self.assert_restored(self.before)

        self.kill_at_each_point(self.fix_arguments(), self.start_anew, check)

    def test_a_fix_that_loses_one_of_its_processes_is_no_worse(self):
        after = self.applied()
        self.kill_at_each_point(self.fix_arguments(), self.start_anew,
                                self.check_killed_fix(after), "one")

    def test_an_undo_that_is_killed_is_finished_by_the_next(self):
        after = self.applied()

        def prepare():
            self.start_anew()
            self.applied()

        def check(_):
            self.assert_nothing_gained(self.before, after)
            self.undo_all()
            self.assert_restored(self.before)

        self.kill_at_each_point(["undo", "--yes"], prepare, check)

    def test_a_fix_after_an_undo_that_was_killed_keeps_the_state_of_first_touch(self):
        after = self.applied()

        def prepare():
            self.start_anew()
            self.applied()

        self.kill_at_each_point(["undo", "--yes"], prepare, self.check_killed_fix(after))


class InterruptTest(SteppedTest):
    def test_an_interrupt_finishes_the_object_in_hand_and_names_what_is_left(self):
        after = self.applied()
        codes = set()
        for number in itertools.count():
            self.start_anew()
            passed = []

            def answer(_, point, number=number, passed=passed):
                if point.when == "exit":
                    passed.append(point)
                return "signal 2" if passed[number:] == [point] else "go"

            outcome = self.step(self.fix_arguments(), answer)
            if len(passed) <= number:
                break
            codes.add(outcome.code)
            with self.subTest(number=number, point=passed[number]):
                self.check(outcome, after)
        self.assertEqual(codes - {0, 128 + signal.SIGINT}, {4})

    def check(self, outcome, after):
        now = self.attributes()
        for path, standing in now.items():
            self.assertIn(standing, (self.before[path], after[path]), path)
        if outcome.code == 128 + signal.SIGINT:  # Before it had begun.
            self.assert_same(now, self.before)
            return
        changes = outcome.json["changes"]
        done = {change["path"] for change in changes if change["outcome"] == "done"}
        self.assertEqual({path for path in now if now[path] != self.before[path]},
                         {os.fsencode(self.at(path)) for path in done})
        self.assertLessEqual({change["outcome"] for change in changes}, {"done", "not-reached"})
        if outcome.code == 0:
            self.assert_same(now, after)
        self.undo_all()
        self.assert_restored(self.before)


if __name__ == "__main__":
    unittest.main()
