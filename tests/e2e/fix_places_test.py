"""Where a change is not possible, or not safe: old kernels, mounts, flags, names, a false /proc."""

import errno
import fcntl
import os
import re
import struct
import unittest

import hostile_home_test
import host_tree
import invented
import kernel
import mending
from host_tree import UIDS, needs_root
from invented import OTHER_TUNNEL
from mending import ALICES, TOKEN

FCHMODAT2 = 452
GET_FLAGS, SET_FLAGS = 0x80086601, 0x40086602
APPEND_ONLY, IMMUTABLE = 0x20, 0x10


class FallbackTest(mending.MendTest):
    """Kernels and containers without the newer calls."""

    def setUp(self):
        super().setUp()
        possible, why = kernel.in_child(
            lambda: kernel.refuse_calls([kernel.OPENAT2], errno.ENOSYS))
        if not possible:
            self.skipTest(f"no system-call filters here: {why}")
        mending.lay_out_messy(self.host)
        self.before = self.attributes()
        self.planned = host_tree.without_start(self.plan().json)
        self.assertEqual(self.apply().code, 0)
        self.after = self.attributes()
        self.undo_all()

    def test_all_is_mended_and_taken_back_as_elsewhere(self):
        for calls in ([kernel.OPENAT2], [FCHMODAT2], [kernel.OPENAT2, FCHMODAT2]):
            for code in (errno.ENOSYS, errno.EPERM):
                with self.subTest(calls=calls, code=errno.errorcode[code]):
                    self.go_through(lambda: kernel.refuse_calls(calls, code))

    def go_through(self, prepare):
        self.assertEqual(host_tree.without_start(self.plan(prepare=prepare).json), self.planned)
        outcome = self.apply(prepare=prepare)
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_same(self.attributes(), self.after)
        undone = self.undo(prepare=prepare)
        self.assertEqual(undone.code, 0, undone)
        self.assert_restored(self.before)

    @needs_root
    def test_a_link_is_refused_without_the_newer_calls_too(self):
        victim = self.host.file("/root/victim", invented.token(name="victim"), 0o644)
        facts = os.lstat(self.at(victim))
        os.unlink(self.at(ALICES))
        self.host.link(ALICES, "/root/victim", "alice")
        for code in (errno.ENOSYS, errno.EPERM):
            outcome = self.apply(
                prepare=lambda code=code: kernel.refuse_calls([kernel.OPENAT2, FCHMODAT2], code))
            self.assertEqual(outcome.code, 4, outcome)
            self.assertIn(ALICES, outcome.refused)
            self.assertEqual(os.lstat(self.at(victim))[:9], facts[:9])


@needs_root
class OrdinaryUserTest(mending.MendTest):
    """Alice mends her own home, records it in her own place, and nobody else's."""

    def setUp(self):
        super().setUp()
        self.env = {"XDG_STATE_HOME": self.new_directory(UIDS["alice"])}
        self.state = self.env["XDG_STATE_HOME"] + "/cfwarden"
        mending.lay_out_messy(self.host)

    def as_alice(self, verb, *arguments, **options):
        return self.mend(verb, *arguments, uid=UIDS["alice"], **options)

    def test_a_user_s_own_home_is_mended_and_taken_back(self):
        before = self.attributes()
        outcome = self.as_alice("fix", "--root", self.directory, "--apply", "--json",
                                "/home/alice/.cloudflared")
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode(ALICES, 0o600)
        self.assert_mode("/home/alice/.cloudflared", 0o700)
        changed = {os.fsdecode(path).removeprefix(self.directory)
                   for path, now in self.attributes().items() if now != before[path]}
        self.assertEqual(changed, {ALICES, "/home/alice/.cloudflared"})
        self.assertEqual(len(self.journals()), 1)
        self.assertFalse(os.path.exists(mending.STATE))
        self.assertEqual(self.as_alice("undo", "--yes").code, 0)
        self.assert_restored(before)

    def test_what_is_somebody_else_s_is_refused(self):
        before = self.attributes()
        outcome = self.as_alice("fix", "--root", self.directory, "--apply", "--json", TOKEN,
                                "--take-ownership")
        self.assertEqual(outcome.code, 4, outcome)
        self.assert_restored(before)

    def test_a_root_that_is_not_readable_is_no_reason_to_fail(self):
        outcome = self.as_alice("fix", "--root", self.directory)
        self.assertIn(outcome.code, (1, 4), outcome)

    def test_a_user_cannot_undo_what_root_did(self):
        env, self.env = self.env, {}
        self.assertEqual(self.apply().code, 0)
        after = self.attributes()
        self.env = env
        outcome = self.as_alice("undo", "--yes")
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_restored(after)


@needs_root
class FlagTest(mending.MendTest):
    """Files that nobody may change are refused, with the reason."""

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o644)
        self.host.home("alice", 0o755, 0o755)
        self.host.file(ALICES, invented.credentials(OTHER_TUNNEL), 0o644, "alice")

    def flag(self, path, flag):
        """chattr; gone again when the test ends."""
        descriptor = os.open(self.at(path), os.O_RDONLY | os.O_NONBLOCK)
        try:
            flags = struct.unpack("=l", fcntl.ioctl(descriptor, GET_FLAGS, struct.pack("=l", 0)))
            fcntl.ioctl(descriptor, SET_FLAGS, struct.pack("=l", flags[0] | flag))
            self.addCleanup(os.close, descriptor)
            self.addCleanup(fcntl.ioctl, descriptor, SET_FLAGS, struct.pack("=l", flags[0]))
        except OSError as error:
            os.close(descriptor)
            self.skipTest(f"this file system has no such flags: {error}")

    def test_immutable_and_append_only_files_are_refused(self):
        self.flag(TOKEN, IMMUTABLE)
        self.flag(ALICES, APPEND_ONLY)
        outcome = self.apply()
        self.assertEqual(outcome.code, 4, outcome)
        for path, word in [(TOKEN, "immutable"), (ALICES, "append")]:
            self.assertIn(word, outcome.refused[path])
            self.assert_mode(path, 0o644)

    def test_a_flag_that_is_set_after_the_fix_leaves_the_file_alone_in_undo(self):
        self.assertEqual(self.apply().code, 0)
        self.flag(TOKEN, IMMUTABLE)
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assert_mode(TOKEN, 0o600)
        self.assert_mode(ALICES, 0o644)


@needs_root
class MountTest(mending.MendTest):
    def setUp(self):
        super().setUp()
        self.needs_mounts()
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o644)
        self.home = self.host.home("alice", 0o755, 0o755)
        self.host.file(ALICES, invented.credentials(OTHER_TUNNEL), 0o644, "alice")
        self.host.folder("/srv", 0o755)
        self.host.folder("/srv/keys", 0o755, "alice")
        self.beyond = self.host.file(f"/srv/keys/{os.path.basename(ALICES)}",
                                     invented.credentials(OTHER_TUNNEL, "beyond"), 0o644, "alice")

    def bound(self, source, target, read_only=False):
        def prepare():
            kernel.enter_mount_namespace()
            kernel.mount(self.at(source), self.at(target), None, kernel.MOUNT_BIND)
            if read_only:
                kernel.mount("none", self.at(target), None, kernel.MOUNT_BIND |
                             kernel.MOUNT_REMOUNT | kernel.MOUNT_READ_ONLY)

        return prepare

    def test_what_lies_on_a_read_only_mount_is_refused(self):
        outcome = self.apply(prepare=self.bound("/etc/cloudflared", "/etc/cloudflared", True))
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("read-only", outcome.refused[TOKEN])
        self.assert_mode(TOKEN, 0o644)
        self.assert_mode(ALICES, 0o600)

    def test_a_mount_over_a_user_s_directory_is_not_crossed(self):
        before = mending.standing(self.at(self.beyond))
        outcome = self.apply(prepare=self.bound("/srv/keys", self.home))
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn(self.home, str(outcome.refused))
        self.assertEqual(mending.standing(self.at(self.beyond)), before)

    def test_a_mount_over_a_user_s_file_is_not_crossed(self):
        victim = self.host.file("/root-token", invented.token(name="victim"), 0o644)
        facts = os.lstat(self.at(victim))
        outcome = self.apply(prepare=self.bound(victim, ALICES))
        self.assertEqual(outcome.code, 4, outcome)
        self.assertEqual(os.lstat(self.at(victim))[:9], facts[:9])
        self.assertEqual(os.lstat(self.at(victim)).st_ctime_ns, facts.st_ctime_ns)

    def test_the_lower_layer_of_an_overlay_stays_as_it_is(self):
        layers = self.new_host()
        for name in ("/upper", "/work"):
            layers.folder(name)
        before = self.attributes()

        def prepare():
            kernel.enter_mount_namespace()
            options = f"lowerdir={self.directory},upperdir={layers.at('/upper')}," \
                      f"workdir={layers.at('/work')}"
            kernel.mount("overlay", self.directory, "overlay", 0, options.encode())

        possible, why = kernel.in_child(prepare)
        if not possible:
            self.skipTest(f"no overlay here: {why}")
        outcome = self.apply(prepare=prepare)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(os.lstat(layers.at("/upper" + TOKEN)).st_mode & 0o777, 0o600)
        self.assertEqual(os.lstat(layers.at("/upper" + ALICES)).st_mode & 0o777, 0o600)
        self.assert_restored(before)


class NameTest(mending.MendTest):
    def lay_out(self):
        self.home = self.host.home("alice", 0o755, 0o755)
        self.paths = [os.fsencode(self.home) + b"/" + name + ending
                      for name in hostile_home_test.HOSTILE_NAMES for ending in (b"", b".pem")]
        for path in self.paths:
            self.host.file(path, invented.token(name="hostile"), 0o644, "alice")

    def assert_clean_bytes(self, data):
        text = data.decode()
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e"
                                  "\u2066-\u2069\ufeff]")
        for line in text.splitlines():
            self.assertFalse(re.match(r" *(CRITICAL|HIGH|OK|\+|-|cfwarden:).*forged", line), line)

    def test_hostile_names_are_mended_and_forge_no_line(self):
        self.lay_out()
        before = self.attributes()
        for arguments in ([], ["-v"]):
            outcome = self.fix(*arguments)
            self.assertEqual(outcome.code, 1)
            self.assert_clean_bytes(outcome.out + outcome.err)
        outcome = self.fix("--apply", "-v")
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_clean_bytes(outcome.out + outcome.err)
        for path in self.paths:
            self.assertEqual(os.lstat(self.at(path)).st_mode & 0o777, 0o600, path)
        journal = self.recorded()
        self.assertTrue(all(byte in b"\n" or 32 <= byte < 127 for byte in journal))
        self.assertNotIn(b"forged", journal)
        for arguments in (["--list"], []):
            listed = self.mend("undo", *arguments)
            self.assert_clean_bytes(listed.out + listed.err)
        undone = self.undo()
        self.assertEqual(undone.code, 0, undone)
        self.assert_clean_bytes(undone.out + undone.err)
        self.assert_restored(before)

    def test_names_that_are_not_utf8_round_trip_in_json(self):
        self.lay_out()
        outcome = self.apply()
        self.assertTrue(all(byte in b"\n" or 32 <= byte < 127 for byte in outcome.out))
        self.assertLessEqual(set(self.paths),
                             {host_tree.path_of(change) for change in outcome.json["changes"]})

    @needs_root
    def test_refusals_of_hostile_names_and_targets_forge_no_line_either(self):
        self.lay_out()
        for number, path in enumerate(self.paths):
            os.unlink(self.at(path))
            if number % 2:
                os.symlink(b"/etc/passwd" + path, self.at(path))
                os.lchown(self.at(path), UIDS["alice"], UIDS["alice"])
            else:
                self.host.file(path, invented.token(name="hostile"), 0o644, "bob")
        for arguments in ([], ["-v"], ["--apply"]):
            outcome = self.fix(*arguments)
            self.assertEqual(outcome.code, 4 if "--apply" in arguments else 1)
            self.assertIn("forged", outcome.text)
            self.assert_clean_bytes(outcome.out + outcome.err)


@needs_root
class ProcTest(mending.MendTest):
    """Without a genuine /proc nothing is changed."""

    def setUp(self):
        super().setUp()
        self.needs_mounts()
        mending.lay_out_messy(self.host)

    def assert_refused(self, prepare):
        before = host_tree.snapshot(self.directory)
        for arguments in (["fix", "--root", self.directory],
                          ["fix", "--root", self.directory, "--apply"], ["undo", "--yes"]):
            with self.subTest(arguments[-1]):
                outcome = self.mend(*arguments, prepare=prepare)
                self.assertEqual(outcome.code, 4, outcome)
                self.assertIn("/proc", outcome.complaint)
                self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_no_proc_at_all(self):
        def hide():
            kernel.enter_mount_namespace()
            kernel.mount("none", "/proc", "tmpfs")

        self.assert_refused(hide)

    def test_a_proc_that_somebody_made(self):
        fake = self.new_host()
        fake.folder("/self")
        fake.folder("/self/fd")
        for number in range(64):
            fake.link(f"/self/fd/{number}", self.at("/etc/passwd"))

        def cover():
            kernel.enter_mount_namespace()
            kernel.mount(fake.directory, "/proc", None, kernel.MOUNT_BIND)

        self.assert_refused(cover)

    def test_a_directory_of_the_real_proc_in_its_place(self):
        def cover():
            kernel.enter_mount_namespace()
            kernel.mount("/proc/1", "/proc", None, kernel.MOUNT_BIND)

        self.assert_refused(cover)


if __name__ == "__main__":
    unittest.main()
