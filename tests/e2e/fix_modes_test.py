"""Every mode that a file can have: fix sets no bit, and undo puts all of them back."""

import os
import stat
import unittest

import host_tree
import invented
import mending

MODES = range(0o10000)
IN_ONE_DIRECTORY = 512


class ModesTest(mending.MendTest):
    """In memory where that is possible: disks take longer for 4096 files."""

    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        for first in range(0, len(MODES), IN_ONE_DIRECTORY):
            self.host.folder(f"/etc/cloudflared/{first:04o}")
        for mode in MODES:
            self.host.file(self.path(mode), invented.token(name=f"mode {mode:04o}"), 0o600)
            os.chmod(self.at(self.path(mode)), mode)
            self.assert_mode(self.path(mode), mode)

    def path(self, mode):
        return f"/etc/cloudflared/{mode - mode % IN_ONE_DIRECTORY:04o}/{mode:04o}-token"

    def modes(self):
        return {mode: stat.S_IMODE(os.lstat(self.at(self.path(mode))).st_mode) for mode in MODES}

    def test_no_bit_is_ever_set_and_none_is_lost_for_good(self):
        before = self.attributes()
        outcome = self.apply(timeout=120)
        self.assertIn(outcome.code, (0, 4), outcome)
        after = self.modes()
        self.assertEqual({f"{was:04o}": f"{now:04o}" for was, now in after.items() if now & ~was},
                         {}, "bits that were not set before")
        # An ordinary user cannot read what they may not read: nothing is known of that.
        known = [mode for mode in MODES if host_tree.IS_ROOT or mode & 0o400]
        self.assertEqual({f"{was:04o}": f"{after[was]:04o}" for was in known
                          if after[was] != was & 0o600}, {})
        again = self.apply(timeout=120)
        self.assertEqual((again.code, again.json["changes"]), (outcome.code, []))
        self.assertEqual(self.modes(), after)
        undone = self.undo(timeout=120)
        self.assertEqual(undone.code, 0, undone)
        self.assert_restored(before)


class FewModesTest(mending.MendTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")

    def after(self, mode):
        if os.path.lexists(self.at(mending.TOKEN)):
            os.unlink(self.at(mending.TOKEN))
        self.host.file(mending.TOKEN, invented.token())
        os.chmod(self.at(mending.TOKEN), mode)
        facts = os.lstat(self.at(mending.TOKEN))
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        now = os.lstat(self.at(mending.TOKEN))
        if stat.S_IMODE(now.st_mode) == mode:
            self.assertEqual(now.st_ctime_ns, facts.st_ctime_ns, "was touched without need")
        return stat.S_IMODE(now.st_mode)

    def test_what_is_tight_stays_as_it_is(self):
        for mode in (0o400, 0o600):
            self.assertEqual(self.after(mode), mode)

    def test_what_the_owner_could_not_do_stays_so(self):
        for mode, wanted in [(0o444, 0o400), (0o440, 0o400), (0o4444, 0o400), (0o7777, 0o600),
                             (0o2640, 0o600), (0o666, 0o600), (0o755, 0o600)]:
            with self.subTest(f"{mode:04o}"):
                self.assertEqual(self.after(mode), wanted)


if __name__ == "__main__":
    unittest.main()
