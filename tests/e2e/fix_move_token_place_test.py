"""`cfwarden fix --move-token` refuses places that are not root's alone, callers that are not root,
and runs that cannot be recorded: exit 4, and nothing is changed."""

import fcntl
import os
import subprocess
import unittest

import host_tree
import invented
import kernel
import mending
import moving
from host_tree import IS_ROOT, UIDS, needs_root
from invented import OTHER_TUNNEL
from mending import TOKEN
from moving import BEFORE, DIRECTORY, SECRET, SYSTEM, UNIT, installed_unit


@needs_root
class PlaceTest(moving.RefusedTest):
    """Where the token would go, and where both files lie."""

    def test_another_token_file_is_never_replaced(self):
        for content in (invented.token(OTHER_TUNNEL, "other"), b"", b"not a token\n",
                        SECRET.encode()):
            with self.subTest(content):
                self.lay_out()
                self.host.file(TOKEN, content, 0o600)
                self.assert_refused(TOKEN)

    def test_nor_is_anything_else_of_its_name(self):
        self.lay_out()
        self.host.file("/root-file", b"root's\n", 0o600)
        for target in ("/root-file", "token"):
            self.host.link(TOKEN, target)
            self.assert_refused(TOKEN)
            os.unlink(self.at(TOKEN))
        os.mkfifo(self.at(TOKEN))
        self.assert_refused(TOKEN)
        os.unlink(self.at(TOKEN))
        os.mkdir(self.at(TOKEN))
        self.assert_refused(TOKEN)

    def test_a_second_unit_has_no_place_for_its_token(self):
        self.lay_out()
        second = installed_unit("--token " + invented.token(OTHER_TUNNEL, "second").decode())
        self.host.file(f"{SYSTEM}/cloudflared-second.service", second, 0o644)
        self.moved()
        before = host_tree.snapshot(self.directory)
        outcome = self.move("--apply", "--json", unit="cloudflared-second")
        self.assertEqual((outcome.code, outcome.json["state"]), (4, "refused"), outcome)
        self.assertIn(TOKEN, outcome.json["why"])
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_a_directory_of_somebody_else_or_that_others_can_write_in(self):
        for directory in (DIRECTORY, SYSTEM, "/etc/systemd", "/etc"):
            with self.subTest(directory):
                self.lay_out()
                for mode in (0o775, 0o757, 0o777):
                    os.chmod(self.at(directory), mode)
                    self.assert_refused()
                os.chmod(self.at(directory), 0o755)
                os.chown(self.at(directory), UIDS["alice"], 0)
                self.assert_refused()
                os.chown(self.at(directory), 0, 0)

    def test_a_sticky_directory_protects_neither_file(self):
        self.lay_out()
        for directory in (DIRECTORY, SYSTEM):
            os.chmod(self.at(directory), 0o1777)
            self.assert_refused(directory)
            os.chmod(self.at(directory), 0o755)

    def test_a_link_that_leads_nowhere_is_not_replaced(self):
        self.lay_out()
        self.host.link(TOKEN, "/nowhere")
        self.assertEqual(self.move("--apply").code, 4)
        self.assertEqual(os.readlink(self.at(TOKEN)), "/nowhere")
        os.unlink(self.at(TOKEN))
        self.assert_in_unit()
        os.rmdir(self.at(DIRECTORY))
        self.host.link(DIRECTORY, "/nowhere")
        self.assertEqual(self.move("--apply").code, 4)
        self.assertEqual(os.readlink(self.at(DIRECTORY)), "/nowhere")
        self.assertEqual(self.read(UNIT), BEFORE)

    def test_an_open_directory_above_one_that_would_be_made(self):
        self.lay_out(made=False)
        os.chmod(self.at("/etc"), 0o777)
        self.assert_refused()
        os.chmod(self.at("/etc"), 0o755)

    def test_a_directory_that_is_a_link_or_a_file(self):
        self.lay_out(made=False)
        self.host.folder("/srv/elsewhere")
        self.host.link(DIRECTORY, "/srv/elsewhere")
        self.assert_refused(DIRECTORY)
        os.unlink(self.at(DIRECTORY))
        self.host.file(DIRECTORY, b"", 0o644)
        self.assert_refused(DIRECTORY)

    def test_a_directory_that_gives_new_files_an_acl(self):
        self.needs_acls()
        for directory in (DIRECTORY, SYSTEM):
            with self.subTest(directory):
                self.lay_out()
                kernel.set_acl(self.at(directory), (kernel.OWNER, 7),
                               (kernel.USER, 7, UIDS["bob"]), (kernel.GROUP, 5), (kernel.MASK, 7),
                               (kernel.OTHERS, 5), default=True)
                self.assert_refused(directory, "ACL")

    def test_what_chattr_keeps_from_being_changed(self):
        self.lay_out()
        for path in (UNIT, SYSTEM, DIRECTORY):
            for flag in ("i", "a"):
                with self.subTest(path, flag=flag):
                    if subprocess.run(["chattr", "+" + flag, self.at(path)], check=False,
                                      stderr=subprocess.DEVNULL).returncode != 0:
                        self.skipTest("no such flags on this file system")
                    try:
                        self.assert_refused(path)
                    finally:
                        subprocess.run(["chattr", "-" + flag, self.at(path)], check=True)

    def test_a_read_only_mount(self):
        self.lay_out()

        def prepare():
            kernel.enter_mount_namespace()
            kernel.mount(self.directory, self.directory, None, kernel.MOUNT_BIND)
            kernel.mount("none", self.directory, None, kernel.MOUNT_BIND |
                         kernel.MOUNT_REMOUNT | kernel.MOUNT_READ_ONLY)

        self.assert_refused("read-only", prepare=prepare)

    def test_without_room_for_what_it_writes_all_of_it_is_taken_back(self):
        """As many new files as the file system has room for: too few at each step."""
        for free in (0, 1):
            with self.subTest(free=free):
                self.on_a_small_file_system(free)
                before = self.attributes_but_times()
                outcome = self.move("--apply", "--json")
                self.assertEqual((outcome.code, outcome.json["state"]), (4, "refused"), outcome)
                self.assertIn("no space", outcome.json["why"].lower())
                self.assertEqual(self.attributes_but_times(), before)
                self.assert_in_unit()
                for path in self.fillers:
                    os.unlink(path)
                self.moved()
                self.assert_in_file()
                self.undo_all()
                self.assert_in_unit()

    def on_a_small_file_system(self, free):
        self.host = self.new_host()
        self.directory = self.host.directory
        kernel.mount("none", self.directory, "tmpfs", 0, b"mode=0755,nr_inodes=64")
        self.addCleanup(subprocess.run, ["umount", self.directory], check=True)
        self.host.accounts()
        self.lay_out()
        self.fillers = []
        while os.statvfs(self.directory).f_ffree > free:
            self.fillers.append(f"{self.directory}/filler-{len(self.fillers)}")
            with open(self.fillers[-1], "wb"):
                pass

    def attributes_but_times(self):
        return {path: (*repr(one), one.inode, one.links, one.size, one.content)
                for path, one in self.attributes().items() if not os.path.isdir(path)}


class CallerTest(moving.RefusedTest):
    def test_an_ordinary_user_is_refused(self):
        self.lay_out()
        uid = UIDS["alice"] if IS_ROOT else None
        env = {"XDG_STATE_HOME": self.new_directory(uid)}
        self.assert_refused("root", uid=uid, env=env)
        self.assertEqual(os.listdir(env["XDG_STATE_HOME"]), [])
        outcome = self.move("--apply", unit="nginx", uid=uid, env=env)
        self.assertIn(outcome.code, (2, 4), outcome)

    @needs_root
    def test_while_another_run_holds_the_lock_nothing_is_done(self):
        self.lay_out()
        self.moved()
        self.undo()
        before, records = host_tree.snapshot(self.directory), self.recorded()
        with open(self.state + "/lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for arguments in (["--apply"], ["--apply", "--json"]):
                outcome = self.move(*arguments)
                self.assertEqual(outcome.code, 4, outcome)
                self.assertIn("another", outcome.text + outcome.complaint)
            self.assertEqual(self.move().code, 1)  # A plan needs no lock.
        self.assertEqual((host_tree.snapshot(self.directory), self.recorded()), (before, records))

    @needs_root
    def test_a_journal_that_is_damaged_stops_it(self):
        self.lay_out()
        self.moved()
        [journal] = self.journals()
        with open(journal, "rb+") as stream:
            stream.seek(40)
            stream.write(b"#")
        self.lay_out()
        before = host_tree.snapshot(self.directory)
        for arguments in ([], ["--apply"], ["--apply", "--json"]):
            outcome = self.move(*arguments)
            self.assertEqual(outcome.code, 4, outcome)
            self.assertIn(os.path.basename(journal), outcome.text + outcome.complaint)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    @needs_root
    def test_without_room_for_the_journal_nothing_changes(self):
        self.lay_out()

        def prepare():
            kernel.enter_mount_namespace()
            os.makedirs(mending.STATE, exist_ok=True)
            kernel.mount("none", mending.STATE, "tmpfs", 0, b"nr_inodes=3,mode=0700")
            os.makedirs(mending.STATE + "/journal", 0o700)
            with open(mending.STATE + "/lock", "wb"):
                os.chmod(mending.STATE + "/lock", 0o600)

        before = host_tree.snapshot(self.directory)
        outcome = self.move("--apply", "--json", prepare=prepare)
        self.assertEqual((outcome.code, outcome.json["state"]), (4, "refused"), outcome)
        self.assertIn("journal", outcome.json["why"])
        self.assertEqual(host_tree.snapshot(self.directory), before)


if __name__ == "__main__":
    unittest.main()
