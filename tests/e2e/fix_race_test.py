"""A user swaps files and directories while root mends: what is not theirs stays as it is."""

import os
import random
import signal
import time
import unittest

import host_tree
import invented
import kernel
import mending
import stepping
from host_tree import UIDS
from invented import OTHER_TUNNEL
from mending import ALICES

SWAPS = 100_000
LEAST_RUNS = 20
IN_ACCESS, IN_OPEN = 0x1, 0x20
CHMOD = ("fchmodat2", "fchmod", "fchmodat", "chmod")
MOMENTS = int(os.environ.get("CFWARDEN_RACE_MOMENTS", "30"))


def attribute_of(descriptor, name):
    try:
        return os.getxattr(f"/proc/self/fd/{descriptor}", name)
    except OSError:
        return b""


class RaceHost(mending.MendTest):
    """Alice's own file, wide open again after each swap, and files that are none of hers."""

    def setUp(self):
        super().setUp()
        self.home = self.host.home("alice", 0o755, 0o755)
        self.own = self.host.file(ALICES, invented.credentials(OTHER_TUNNEL, "alice"), 0o666,
                                  "alice")
        self.host.folder("/root", 0o755)
        self.host.folder("/root/private", 0o755)
        name = os.path.basename(ALICES)
        self.roots = self.host.file(f"/root/private/{name}",
                                    invented.credentials(OTHER_TUNNEL, "root"), 0o644)
        self.host.folder("/home/bob", 0o755, "bob")
        self.bobs = self.host.file("/home/bob/mine.json",
                                   invented.credentials(OTHER_TUNNEL, "bob"), 0o644, "bob")
        self.needs_acls()
        for victim in (self.roots, self.bobs):
            kernel.set_acl(self.at(victim), (kernel.OWNER, 6), (kernel.USER, 4, UIDS["carol"]),
                           (kernel.GROUP, 4), (kernel.MASK, 4), (kernel.OTHERS, 4))
        self.host.folder("/srv", 0o755, "alice")
        self.held = [os.open(self.at(path), os.O_PATH)
                     for path in ("/root/private", self.roots, self.bobs)]
        self.addCleanup(lambda: [os.close(descriptor) for descriptor in self.held])
        self.names_move = False
        self.before = self.victims()

    def victims(self):
        """All of them, whatever they are called now."""
        return [self.state_of(descriptor) for descriptor in self.held]

    def state_of(self, descriptor):
        """Without the time of change where a name of it moves: to rename is to touch."""
        facts = os.fstat(descriptor)
        return (facts[:7], facts.st_mtime_ns, 0 if self.names_move else facts.st_ctime_ns,
                [attribute_of(descriptor, name) for name in (mending.ACCESS, mending.DEFAULT)])

    def link(self, target, path="/srv/link"):
        """Relative to where it is swapped to, so that it leads to the victim for everybody."""
        return self.host.link(path, target, "alice")

    def hard_link(self, target, path="/srv/link"):
        os.link(self.at(target), self.at(path))
        self.names_move = True
        self.before = self.victims()
        return path

    def swapping(self, first, second):
        paths = [os.fsencode(self.at(path)) for path in (first, second)]
        return lambda: kernel.exchange(*paths)


@host_tree.needs_root
class RaceTest(RaceHost):
    def fix_while(self, swap_once, *arguments, swaps=SWAPS):
        """Fixes again and again until another process has swapped often enough."""
        counter = kernel.shared_counter()
        child = os.fork()
        if child == 0:
            os.umask(0o022)
            own = os.open(self.at(self.own), os.O_RDONLY)
            host_tree.become(UIDS["alice"])
            while True:
                swap_once()
                os.fchmod(own, 0o666)
                kernel.count(counter)
        runs, outcomes = 0, set()
        try:
            deadline = time.monotonic() + 90 * host_tree.slowness()
            while kernel.counted(counter) < swaps or runs < LEAST_RUNS:
                self.assertLess(time.monotonic(), deadline, f"{kernel.counted(counter)} swaps")
                outcome = self.apply("--take-ownership", "--service-group", *arguments,
                                     timeout=30)
                self.assertIn(outcome.code, (0, 4), outcome)
                outcomes |= {change["outcome"] for change in outcome.json["changes"]}
                outcomes |= {"refused"} if outcome.json["refusals"] else set()
                runs += 1
                self.assertEqual(self.victims(), self.before)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.assertEqual(self.victims(), self.before)
        self.assertTrue(outcomes, "nothing was ever to be done: not even a race")
        return outcomes

    def undo_everything(self):
        """What was recorded in the race is taken back in it: the victims stay."""
        for _ in range(2 * len(self.journals())):
            outcome = self.undo("--json")
            self.assertIn(outcome.code, (0, 4), outcome)
            self.assertEqual(self.victims(), self.before)

    def test_a_file_is_swapped_for_a_link_to_roots_file(self):
        self.link("../../../root/private/" + os.path.basename(ALICES))
        self.fix_while(self.swapping(self.own, "/srv/link"))
        self.undo_everything()

    def test_a_file_is_swapped_for_another_name_of_roots_file(self):
        self.hard_link(self.roots)
        self.fix_while(self.swapping(self.own, "/srv/link"))
        self.undo_everything()

    def test_a_file_is_swapped_for_the_last_name_of_what_was_roots_file(self):
        self.hard_link(self.roots)
        os.unlink(self.at(self.roots))
        self.before = self.victims()
        self.fix_while(self.swapping(self.own, "/srv/link"))
        self.undo_everything()

    def test_a_file_is_swapped_for_another_name_of_another_user_s_file(self):
        self.hard_link(self.bobs)
        self.fix_while(self.swapping(self.own, "/srv/link"))
        self.undo_everything()

    def test_the_directory_is_swapped_for_a_link_to_roots_directory(self):
        self.link("../../root/private")
        self.fix_while(self.swapping(self.home, "/srv/link"))
        self.undo_everything()

    def test_the_directory_is_swapped_for_one_with_names_of_others_files(self):
        self.host.folder("/srv/other", 0o755, "alice")
        self.hard_link(self.roots, "/srv/other/" + os.path.basename(ALICES))
        self.hard_link(self.bobs, "/srv/other/token")
        self.fix_while(self.swapping(self.home, "/srv/other"))
        self.undo_everything()

    def test_a_directory_further_up_is_swapped_while_a_path_is_walked(self):
        self.host.folder("/srv/real", 0o755, "alice")
        name = "/srv/real/" + os.path.basename(ALICES)
        os.rename(self.at(self.own), self.at(name))
        self.own = name
        self.link("../root/private")
        self.fix_while(self.swapping("/srv/real", "/srv/link"), "/srv")
        self.undo_everything()

    def test_a_swap_at_the_moment_of_each_look_changes_nothing_of_others(self):
        self.link("../../../root/private/" + os.path.basename(ALICES))
        swap = self.swapping(self.own, "/srv/link")
        watch = kernel.watch(self.at(self.home), IN_OPEN | IN_ACCESS)
        os.set_blocking(watch, True)

        def swap_when_looked_at():
            os.read(watch, 4096)
            swap()

        self.fix_while(swap_when_looked_at, swaps=100)
        os.close(watch)

    def test_a_user_who_opens_the_file_again_at_once_is_not_fought_with(self):
        """Each run ends, whatever alice does to her own file meanwhile."""
        outcomes = self.fix_while(lambda: None)
        self.assertIn("done", outcomes)


@host_tree.needs_root
class MomentTest(RaceHost):
    """One swap, at one moment of a run: before and after its system calls, one after another."""

    def setUp(self):
        super().setUp()
        stepping.needs_stepping()
        self.arguments = ["fix", "--root", self.directory, "--apply", "--json",
                          "--take-ownership", "--service-group"]

    def moments(self, points):
        """Some of all, and each of those right before a change of mode, when all was looked at."""
        count = len(points)
        chosen = set(random.Random(count).sample(range(count), min(count, MOMENTS)))
        for number, point in enumerate(points):
            if point.call in CHMOD and point.when == "entry":
                chosen |= set(range(max(0, number - 30), number + 1))
        return sorted(chosen)

    def swap_at_moments(self, first, second):
        swap = self.swapping(first, second)
        own, in_place = os.open(self.at(self.own), os.O_RDONLY), os.lstat(self.at(first)).st_ino
        self.addCleanup(os.close, own)

        def start_anew():
            if os.lstat(self.at(first)).st_ino != in_place:
                swap()
            os.fchmod(own, 0o666)
            os.chmod(self.at(self.home), 0o755)
            mending.clear_var_lib()

        start_anew()
        points, outcome = stepping.points_of(self.arguments, "all", env=self.env)
        self.assertEqual(outcome.code, 0, outcome)
        outcomes = set()
        for moment in self.moments(points):
            start_anew()

            def answer(number, _, moment=moment):
                if number == moment:
                    swap()
                return "free" if number >= moment else "go"

            outcome = stepping.step(self.arguments, answer, "all", env=self.env)
            outcome = mending.Result(outcome.code, outcome.out, outcome.err)
            with self.subTest(moment=moment, point=points[moment]):
                self.assertIn(outcome.code, (0, 4), outcome)
                self.assertEqual(self.victims(), self.before)
            outcomes |= {change["outcome"] for change in outcome.json["changes"]}
        self.assertLessEqual({"done", "refused"}, outcomes)

    def test_a_file_is_swapped_once_for_another_name_of_roots_file(self):
        self.hard_link(self.roots)
        self.swap_at_moments(self.own, "/srv/link")

    def test_a_file_is_swapped_once_for_a_link_to_roots_file(self):
        self.link("../../../root/private/" + os.path.basename(ALICES))
        self.swap_at_moments(self.own, "/srv/link")

    def test_the_directory_is_swapped_once_for_a_link_to_roots_directory(self):
        self.link("../../root/private")
        self.swap_at_moments(self.home, "/srv/link")


if __name__ == "__main__":
    unittest.main()
