"""Where fix cannot record what it does, or what is recorded cannot be trusted, nothing changes."""

import fcntl
import os
import subprocess
import time
import unittest

import host_tree
import kernel
import mending
from host_tree import UIDS, needs_root
from mending import TOKEN


class JournalTest(mending.MendTest):
    def setUp(self):
        super().setUp()
        mending.lay_out_messy(self.host)
        self.before = self.attributes()

    def fixed(self):
        """One recorded run, and then something new to do."""
        self.assertEqual(self.apply(TOKEN).code, 0)
        [journal] = self.journals()
        return journal

    def assert_nothing_goes_on(self, *names):
        """Neither fix nor undo change anything, and they name what is in the way."""
        before, records = host_tree.snapshot(self.directory), self.recorded()
        for arguments in (["fix", "--root", self.directory, "--apply"], ["undo", "--yes"]):
            with self.subTest(arguments[0]):
                outcome = self.mend(*arguments)
                self.assertEqual(outcome.code, 4, outcome)
                for name in names:
                    self.assertIn(name, outcome.complaint)
                self.assertEqual(host_tree.snapshot(self.directory), before)
        self.assertEqual(self.recorded(), records)

    def test_a_run_is_recorded_for_root_alone(self):
        journal = self.fixed()
        for path, mode in [(self.state, 0o700), (os.path.dirname(journal), 0o700),
                           (journal, 0o600)]:
            facts = os.lstat(path)
            self.assertEqual((facts.st_mode & 0o777, facts.st_uid), (mode, os.geteuid()), path)

    @unittest.skipIf(host_tree.IS_ROOT, "root's state does not move")
    def test_an_ordinary_user_records_in_the_state_directory(self):
        self.assertTrue(self.fixed().startswith(self.env["XDG_STATE_HOME"]))

    @needs_root
    def test_root_s_environment_moves_nothing(self):
        elsewhere = self.new_directory()
        env = {"XDG_STATE_HOME": elsewhere, "HOME": elsewhere, "CFWARDEN_STATE": elsewhere}
        self.assertEqual(self.apply(env=env).code, 0)
        self.assertEqual(os.listdir(elsewhere), [])
        self.assertEqual(len(self.journals()), 1)

    def test_a_line_that_was_cut_short_is_ignored(self):
        journal = self.fixed()
        with open(journal, "rb") as stream:
            content = stream.read()
        cut = content[:content.rstrip(b"\n").rfind(b"\n") + 1]
        for torn in (cut + content[len(cut):][:-5], cut + b"{", cut + b'{"op":"done"'):
            with open(journal, "wb") as stream:
                stream.write(torn)
            self.assertEqual(self.mend("undo", "--list").code, 0)
        self.assertEqual(self.undo().code, 0)
        self.assert_restored(self.before)

    def test_a_line_in_the_middle_that_is_damaged_stops_everything(self):
        journal = self.fixed()
        with open(journal, "rb") as stream:
            content = stream.read()
        lines = content.splitlines(keepends=True)
        self.assertGreater(len(lines), 3)
        damaged = {
            "cut short": [lines[0], lines[1][:-9] + b"\n", *lines[2:]],
            "left out": [lines[0], *lines[2:]],
            "twice": [lines[0], lines[1], lines[1], *lines[2:]],
            "without the first": lines[1:],
            "other words": [lines[0], b"INVENTED\n", *lines[2:]],
            "nothing but zeros": [lines[0], b"\0" * 4096 + b"\n", *lines[2:]],
        }
        for what, changed in damaged.items():
            with self.subTest(what):
                with open(journal, "wb") as stream:
                    stream.write(b"".join(changed))
                self.assert_nothing_goes_on(os.path.basename(journal))

    def test_no_flipped_bit_is_believed(self):
        journal = self.fixed()
        with open(journal, "rb") as stream:
            content = stream.read()
        # The last line may be torn: a bit of it that is flipped makes it look so.
        last = content.rstrip(b"\n").rfind(b"\n")
        for at in range(0, last, 23):
            with open(journal, "wb") as stream:
                stream.write(content[:at] + bytes([content[at] ^ (1 << at % 7)]) +
                             content[at + 1:])
            with self.subTest(at=at, byte=content[at:at + 1]):
                outcome = self.undo()
                self.assertEqual(outcome.code, 4, outcome)
                self.assertIn(os.path.basename(journal), outcome.complaint)
        self.assert_mode(TOKEN, 0o600)
        with open(journal, "wb") as stream:
            stream.write(content)
        self.assert_nothing_but_what_was_recorded()

    def assert_nothing_but_what_was_recorded(self):
        self.assertEqual(self.undo().code, 0)
        self.assert_restored(self.before)

    def assert_settled_by(self, advice, undone):
        """What the program says to do is done by a shell, and then all goes on."""
        for arguments in (["fix", "--root", self.directory], ["undo"], ["undo", "--list"],
                          ["fix", "--root", self.directory, "--json"]):
            outcome = self.mend(*arguments)
            self.assertEqual(outcome.code, 4, outcome)
            self.assertIn("nothing is mended or taken back until this is settled",
                          outcome.complaint)
            if "--list" not in arguments:
                self.assertEqual(outcome.out, b"")
        [command] = [line.split(": ", 1)[1] for line in outcome.complaint.splitlines()
                     if "after looking at it" in line]
        self.assertEqual(command, ("sudo " if host_tree.IS_ROOT else "") + advice)
        subprocess.run(command.removeprefix("sudo "), shell=True, check=True)
        self.assertEqual(self.plan().code, 1)
        outcome = self.undo("--json")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(outcome.json["run"] is not None, undone)

    def test_of_a_damaged_journal_it_is_said_what_to_do_and_that_helps(self):
        journal = self.fixed()
        with open(journal, "rb+") as stream:
            stream.seek(40)
            stream.write(b"#")
        self.assert_settled_by(f"mv {journal} {journal}.damaged", undone=False)
        self.assertTrue(os.path.exists(journal + ".damaged"))

    def test_of_a_linked_journal_too(self):
        journal = self.fixed()
        os.rename(journal, self.state + "/elsewhere")
        os.symlink(self.state + "/elsewhere", journal)
        self.assert_settled_by(f"mv {journal} {journal}.damaged", undone=False)

    def test_a_journal_that_is_only_open_is_closed(self):
        journal = self.fixed()
        os.chmod(journal, 0o644)
        self.assert_settled_by(f"chmod 0600 {journal}", undone=True)

    def test_the_list_shows_the_sound_journals_and_names_the_others(self):
        first = self.fixed()
        self.assertEqual(self.apply(mending.CERTIFICATE).code, 0)
        second = self.journals()[1]
        with open(second, "rb+") as stream:
            stream.seek(40)
            stream.write(b"#")
        name = os.path.basename(first).removesuffix(".jsonl")
        outcome = self.mend("undo", "--list")
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn(name, outcome.text)
        self.assertIn(second, outcome.complaint)
        self.assertNotIn(first, outcome.complaint)
        outcome = self.mend("undo", "--list", "--json")
        self.assertEqual(outcome.code, 4, outcome)
        self.assertEqual([run["name"] for run in outcome.json["runs"]], [name])
        self.assertEqual([one["path"] for one in outcome.json["unsound"]], [second])

    def test_a_link_in_place_of_a_journal_stops_everything(self):
        journal = self.fixed()
        os.rename(journal, self.state + "/elsewhere")
        os.symlink(self.state + "/elsewhere", journal)
        self.assert_nothing_goes_on(os.path.basename(journal))

    def test_another_name_of_a_journal_stops_everything(self):
        journal = self.fixed()
        os.link(journal, self.state + "/second")
        self.assert_nothing_goes_on(os.path.basename(journal))

    def test_a_journal_that_others_may_read_or_write_stops_everything(self):
        journal = self.fixed()
        for mode in (0o644, 0o620, 0o606):
            with self.subTest(f"{mode:o}"):
                os.chmod(journal, mode)
                self.assert_nothing_goes_on(os.path.basename(journal))
        os.chmod(journal, 0o600)
        self.assert_nothing_but_what_was_recorded()

    @needs_root
    def test_a_journal_of_somebody_else_stops_everything(self):
        journal = self.fixed()
        os.chown(journal, UIDS["alice"], UIDS["alice"])
        self.assert_nothing_goes_on(os.path.basename(journal))

    def test_a_special_file_among_the_journals_stops_everything_at_once(self):
        journal = self.fixed()
        fifo = os.path.dirname(journal) + "/20200101T000000Z-1.jsonl"
        os.mkfifo(fifo, 0o600)
        started = time.monotonic()
        self.assert_nothing_goes_on(os.path.basename(fifo))
        self.assertLess(time.monotonic() - started, 5 * host_tree.slowness())

    @needs_root
    def test_a_state_directory_that_others_can_write_in_stops_everything(self):
        self.fixed()
        for path in (self.state, self.state + "/journal"):
            os.chmod(path, 0o777)
            self.assert_nothing_goes_on("cfwarden")
            os.chmod(path, 0o700)
            os.chown(path, UIDS["alice"], UIDS["alice"])
            self.assert_nothing_goes_on("cfwarden")
            os.chown(path, 0, 0)
        self.assert_nothing_but_what_was_recorded()

    @needs_root
    def test_a_link_in_place_of_the_state_directory_stops_everything(self):
        elsewhere = self.new_directory()
        os.symlink(elsewhere, self.state)
        self.assert_nothing_goes_on("cfwarden")
        self.assertEqual(os.listdir(elsewhere), [])

    def test_while_another_run_holds_the_lock_nothing_is_done(self):
        self.fixed()
        holders = [self.state + "/" + name for name in os.listdir(self.state)
                   if os.path.isfile(self.state + "/" + name)]
        self.assertTrue(holders, "there is no lock file")
        with open(holders[0], "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            started = time.monotonic()
            self.assert_nothing_goes_on()
            self.assertLess(time.monotonic() - started, 5 * host_tree.slowness())
            self.assertEqual(self.plan().code, 1)  # A plan needs no lock.
            self.assertEqual(self.mend("undo", "--list").code, 0)
        self.assert_nothing_but_what_was_recorded()

    def test_of_many_runs_at_once_each_ends_and_the_host_is_as_after_one(self):
        runs = [host_tree.Running("fix", "--root", self.directory, "--apply", env=self.env)
                for _ in range(12)]
        codes = [run.finish().code for run in runs]
        self.assertLessEqual(set(codes), {0, 4})
        self.assertIn(0, codes)
        once = self.attributes()
        self.assertEqual(self.apply().json["changes"], [])
        put_back = self.undo_all()
        self.assertEqual(put_back, 1, "more than one of them changed something")
        self.assert_restored(self.before)
        self.apply()
        self.assert_same(self.attributes(), once)


@needs_root
class FullDiskTest(mending.MendTest):
    """No space for the journal: no change without its record."""

    def setUp(self):
        super().setUp()
        mending.lay_out_messy(self.host)
        self.before = self.attributes()

    def on_a_small_disk(self, free, options=b"size=128k,mode=0700"):
        """For a child: its state directory has room for so many bytes."""

        def prepare():
            kernel.enter_mount_namespace()
            os.makedirs(mending.STATE, exist_ok=True)
            kernel.mount("none", mending.STATE, "tmpfs", 0, options)
            os.makedirs(mending.STATE + "/journal", 0o700)
            with open(mending.STATE + "/lock", "wb"):
                pass
            os.chmod(mending.STATE + "/lock", 0o600)
            filler = os.open(mending.STATE + "/filler", os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                while os.write(filler, b"x" * 4096):
                    pass
            except OSError:
                pass
            os.ftruncate(filler, os.fstat(filler).st_size - free)

        return prepare

    def test_without_any_space_nothing_changes(self):
        before = host_tree.snapshot(self.directory)
        outcome = self.apply(prepare=self.on_a_small_disk(0))
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("journal", outcome.text + outcome.complaint)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_when_the_space_ends_in_between_the_run_stops_there(self):
        outcome = self.apply(prepare=self.on_a_small_disk(4096))
        self.assertEqual(outcome.code, 4, outcome)
        done = {change["path"] for change in outcome.json["changes"]
                if change["outcome"] in ("done", "failed")}
        now = self.attributes()
        changed = {os.fsdecode(path).removeprefix(self.directory) for path in now
                   if now[path] != self.before[path]}
        self.assertLessEqual(changed, done)
        self.assertLess(len(done), len(outcome.json["changes"]))

    def test_a_state_directory_that_cannot_be_written_changes_nothing(self):
        def prepare():
            kernel.enter_mount_namespace()
            kernel.mount(mending.VAR_LIB, mending.VAR_LIB, None, kernel.MOUNT_BIND)
            kernel.mount("none", mending.VAR_LIB, None, kernel.MOUNT_BIND |
                         kernel.MOUNT_REMOUNT | kernel.MOUNT_READ_ONLY)

        before = host_tree.snapshot(self.directory)
        outcome = self.apply(prepare=prepare)
        self.assertEqual(outcome.code, 4, outcome)
        self.assertEqual(host_tree.snapshot(self.directory), before)


if __name__ == "__main__":
    unittest.main()
