"""`cfwarden undo` asks, puts back exactly what was, and leaves alone what has changed since."""

import os
import pty
import pwd
import select
import signal
import time
import unittest

import host_tree
import invented
import mending
from host_tree import UIDS, needs_root
from mending import ALICES, CERTIFICATE, TOKEN


class UndoTest(mending.MendTest):
    def setUp(self):
        super().setUp()
        mending.lay_out_messy(self.host)
        self.before = self.attributes()

    def fixed(self, *arguments):
        outcome = self.apply(*arguments)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.json["run"]["name"]

    def test_every_mode_owner_and_acl_comes_back(self):
        self.fixed()
        self.assertNotEqual(self.attributes(), self.before)
        outcome = self.undo()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_restored(self.before)

    def test_the_second_time_there_is_nothing_to_undo(self):
        self.fixed()
        self.undo()
        for _ in range(2):
            outcome = self.undo()
            self.assertEqual(outcome.code, 0, outcome)
            self.assertIn("nothing to take back", outcome.text)
        self.assert_restored(self.before)

    def test_without_any_run_there_is_nothing_to_undo(self):
        outcome = self.undo()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("nothing to take back", outcome.text)
        self.assertEqual(self.mend("undo", "--list").code, 0)

    def test_where_nothing_was_ever_recorded_no_place_for_records_is_made(self):
        for arguments in (["undo"], ["undo", "--yes"], ["undo", "--json"], ["undo", "--list"],
                          ["undo", "20200101T000000Z-1"]):
            outcome = self.mend(*arguments)
            self.assertEqual(outcome.code, 2 if "2020" in arguments[-1] else 0, outcome)
            self.assertFalse(os.path.exists(self.state), arguments)

    def test_runs_are_taken_back_newest_first(self):
        self.fixed(TOKEN)
        middle = self.attributes()
        self.fixed(CERTIFICATE)
        self.assertEqual(self.undo().code, 0)
        self.assert_restored(middle)
        self.assertEqual(self.undo().code, 0)
        self.assert_restored(self.before)

    def test_a_run_can_be_named(self):
        first = self.fixed(TOKEN)
        self.fixed(CERTIFICATE)
        self.assertEqual(self.undo(first).code, 0)
        self.assert_mode(TOKEN, 0o644)
        self.assert_mode(CERTIFICATE, 0o600)
        self.undo_all()
        self.assert_restored(self.before)

    def test_a_run_that_is_not_recorded_is_a_usage_error(self):
        self.fixed()
        before = self.attributes()
        for name in ("20200101T000000Z-1", "../journal", "/etc/passwd", "\x1b[31m", "x" * 200):
            with self.subTest(name):
                outcome = self.undo(name)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertNotIn(b"\x1b", outcome.err)
        self.assert_restored(before)

    def test_the_list_names_every_run_and_what_became_of_it(self):
        first, second = self.fixed(TOKEN), self.fixed(CERTIFICATE)
        text = self.mend("undo", "--list").text
        self.assertIn(first, text)
        self.assertIn(second, text)
        self.undo()
        outcome = self.mend("undo", "--list", "--json")
        self.assertEqual(outcome.code, 0, outcome)
        undone = {run["name"]: run["undone"] for run in outcome.json["runs"]}
        self.assertEqual(undone, {first: False, second: True})

    def test_the_list_takes_no_run(self):
        run = self.fixed()
        for arguments in (["--list", run], [run, "--list", "--json"]):
            outcome = self.mend("undo", *arguments)
            self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
            self.assertIn("--list", outcome.complaint)

    def test_the_list_says_who_ran_it_though_it_was_on_another_root(self):
        self.fixed()
        names = [account.pw_name for account in pwd.getpwall() if account.pw_uid == os.geteuid()]
        self.assertIn(self.listed()[0]["user"], names or [str(os.geteuid())])

    def test_the_list_counts_what_was_left_alone(self):
        self.fixed()
        os.unlink(self.at(TOKEN))
        self.undo()
        self.assertIn("undone, 1 left alone", self.mend("undo", "--list").text)
        self.assertEqual([(run["undone"], run["left_alone"]) for run in self.listed()],
                         [(True, 1)])

    def test_what_is_as_it_was_before_already_is_counted(self):
        changes = len(self.apply().changed)
        os.chmod(self.at(TOKEN), 0o644)
        outcome = self.undo("--json")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual((outcome.json["summary"]["as_before"],
                          outcome.json["summary"]["restored"]), (1, changes - 1))
        self.fixed(TOKEN)
        os.chmod(self.at(TOKEN), 0o644)
        self.assertIn("everything is as it was before", self.undo().text)

    def test_the_list_changes_nothing(self):
        self.fixed()
        before = self.attributes(), self.recorded()
        self.mend("undo", "--list")
        self.assertEqual((self.attributes(), self.recorded()), before)

    def test_without_a_terminal_and_without_yes_nothing_is_taken_back(self):
        self.fixed()
        before = self.attributes()
        for answer in (b"", b"y\n", b"yes\n" * 10):
            outcome = self.mend("undo", stdin=answer)
            self.assertEqual(outcome.code, 2, outcome)
            self.assertIn("--yes", outcome.complaint)
            self.assert_restored(before)

    def test_the_object_says_with_what_the_program_ends(self):
        self.fixed()
        plan = self.mend("undo", "--json")
        self.assertEqual((plan.code, plan.json["exit"], plan.json["applied"]), (2, 2, False))
        self.assertGreater(plan.json["summary"]["pending"], 0)
        for answer in (b"n\n", b"\n"):
            code, said = self.ask(answer, "--json")
            self.assertEqual(code, 1, said)
            self.assertIn(b'"exit": 1', said)
        self.assertEqual(self.undo("--json").json["exit"], 0)

    def test_where_nothing_is_pending_no_question_is_asked_and_the_next_run_is_older(self):
        self.fixed(CERTIFICATE)
        self.fixed(TOKEN)
        os.chmod(self.at(TOKEN), 0o640)
        code, said = self.ask(None)
        self.assertEqual(code, 4, said)
        self.assertIn(b"changed since", said)
        self.assertNotIn(b"[y/N]", said)
        self.assert_mode(TOKEN, 0o640)
        self.fixed(TOKEN)
        os.chmod(self.at(TOKEN), 0o640)
        outcome = self.mend("undo")  # Nor is a terminal needed then.
        self.assertEqual((outcome.code, outcome.err), (0, b""), outcome)
        self.assertIn("everything is as it was before", outcome.text)
        outcome = self.undo("--json")
        self.assertEqual([one["path"] for one in outcome.json["restorations"]],
                         [CERTIFICATE, os.path.dirname(CERTIFICATE)])
        self.assert_mode(CERTIFICATE, 0o644)

    def test_standard_output_that_is_full_is_70_and_it_is_said_what_was_done(self):
        run = self.fixed()
        with open("/dev/full", "wb") as full:
            outcome = self.undo(stdout=full)
        self.assertEqual(outcome.code, 70, outcome)
        self.assertIn(f"changes of run {run} were taken back: see cfwarden undo --list",
                      outcome.complaint)
        self.assert_restored(self.before)

    def test_it_says_of_what_came_back_that_it_did(self):
        self.fixed()
        self.assertIn("opens to", self.mend("undo").text)
        text = self.undo().text
        self.assertIn("opened to", text)
        self.assertNotIn("opens to", text)

    def test_it_shows_what_becomes_exposed(self):
        self.fixed()
        outcome = self.mend("undo")
        self.assertIn(TOKEN, outcome.text)
        self.assertIn("everyone", outcome.text)

    def ask(self, answer, *arguments):
        """Runs undo at a terminal of its own and answers its question; None where there is none."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir("/")
            os.execve(host_tree.program(), ["cfwarden", "undo", *arguments],
                      {**host_tree.ENVIRONMENT, **self.env})
        said = b""
        if answer is not None:
            said = self.read_until(terminal, b"[y/N]")
            os.write(terminal, answer)
        said += self.read_until(terminal, None)
        os.kill(child, signal.SIGKILL)  # Only one that did not end notices.
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), said

    def read_until(self, terminal, wanted):
        said = b""
        deadline = time.monotonic() + 5 * host_tree.slowness()
        while time.monotonic() < deadline and (wanted is None or wanted not in said):
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # The other side is closed.
                return said
            if not piece:
                return said
            said += piece
        self.assertTrue(wanted is None or wanted in said, said)
        return said

    def test_at_a_terminal_it_asks_and_takes_back_when_told_to(self):
        self.fixed()
        code, said = self.ask(b"y\n")
        self.assertEqual(code, 0, said)
        self.assertIn(TOKEN.encode(), said)
        self.assertIn(b"everyone", said)
        self.assert_restored(self.before)

    def test_any_other_answer_changes_nothing(self):
        self.fixed()
        after = self.attributes()
        # An interrupt that comes right after the question must not be missed: it is tried often.
        for answer in (b"n\n", b"\n", b"\x04", b"no\n", *[b"\x03"] * 30):
            with self.subTest(answer):
                code, said = self.ask(answer)
                self.assertGreater(code, 0, said)
                self.assert_restored(after)
        self.assertEqual(self.undo().code, 0)
        self.assert_restored(self.before)

    def test_what_was_fixed_anew_after_an_undo_can_be_undone_again(self):
        for _ in range(3):
            self.fixed()
            self.assertEqual(self.undo().code, 0)
            self.assert_restored(self.before)

    def test_a_mode_that_was_changed_since_is_left_alone(self):
        self.fixed()
        os.chmod(self.at(TOKEN), 0o640)
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("changed since", outcome.text)
        self.assert_mode(TOKEN, 0o640)
        os.chmod(self.at(TOKEN), 0o644)
        self.assert_restored(self.before)

    def test_a_file_that_is_gone_is_left_and_the_others_come_back(self):
        self.fixed()
        os.unlink(self.at(TOKEN))
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn(TOKEN, outcome.text)
        self.assert_mode(CERTIFICATE, 0o644)

    def test_a_run_whose_files_are_gone_does_not_hide_the_one_before(self):
        self.fixed(CERTIFICATE)
        self.fixed(TOKEN)
        os.unlink(self.at(TOKEN))
        self.assertEqual(self.undo().code, 4)
        self.undo()
        self.assert_mode(CERTIFICATE, 0o644)

    def test_a_new_file_of_the_same_name_is_left_alone(self):
        self.fixed()
        self.host.file(TOKEN + ".new", invented.token(name="new"), 0o600)
        os.rename(self.at(TOKEN + ".new"), self.at(TOKEN))
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("changed since", outcome.text)
        self.assert_mode(TOKEN, 0o600)

    def test_a_new_file_with_the_same_inode_number_is_left_alone(self):
        self.fixed()
        inode = os.lstat(self.at(TOKEN)).st_ino
        os.unlink(self.at(TOKEN))
        for number in range(2000):
            self.host.file(TOKEN, invented.token(name="new"), 0o600)
            if os.lstat(self.at(TOKEN)).st_ino == inode:
                break
            os.rename(self.at(TOKEN), self.at(f"/etc/cloudflared/filler-{number}"))
        else:
            self.skipTest("this file system gives no number of an inode away again")
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("changed since", outcome.text)
        self.assert_mode(TOKEN, 0o600)

    def test_another_name_that_was_given_since_is_left_alone(self):
        self.fixed()
        os.link(self.at(TOKEN), self.at("/root/second"))
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assert_mode(TOKEN, 0o600)

    def test_another_root_in_the_same_place_is_left_alone(self):
        run = self.fixed()
        moved = self.directory + ".moved"
        os.rename(self.directory, moved)
        self.addCleanup(host_tree.remove_tree, moved)
        os.mkdir(self.directory)
        other = host_tree.HostTree(self.directory)
        other.accounts()
        mending.lay_out_messy(other)
        before = host_tree.snapshot(self.directory)
        self.assert_root_is_gone(run)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def assert_root_is_gone(self, run):
        """It is passed over, and asked for by its name it says why it cannot be taken back."""
        outcome = self.undo()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("nothing to take back; of 1 run the root is gone", outcome.text)
        for arguments in ([], ["--json"]):
            outcome = self.undo(run, *arguments)
            self.assertEqual((outcome.code, outcome.out), (4, b""), outcome)
            self.assertIn(f"run {run} worked on {self.directory}, which is gone: it cannot be "
                          "taken back; name another, see cfwarden undo --list", outcome.complaint)
        self.assertIn("its root is gone", self.mend("undo", "--list").text)
        [listed] = [one for one in self.listed() if one["name"] == run]
        self.assertEqual((listed["root_gone"], listed["undone"]), (True, False))

    def listed(self):
        outcome = self.mend("undo", "--list", "--json")
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.json["runs"]

    def test_a_run_whose_root_is_gone_does_not_block_those_before_it(self):
        self.fixed()
        first, self.host = self.host, self.new_host()
        kept, self.directory = self.directory, self.host.directory
        mending.lay_out_messy(self.host)
        run = self.fixed()
        host_tree.remove_tree(self.directory)
        outcome = self.undo()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("RESTORED", outcome.text)
        self.assertEqual(mending.attributes_of(kept), self.before)
        self.assert_root_is_gone(run)
        os.mkdir(self.directory)  # For the clean-up.
        self.assertTrue(first)

    def test_a_link_in_place_of_the_file_is_left_alone(self):
        self.fixed()
        victim = self.host.file("/root/victim", invented.token(name="victim"), 0o600)
        facts = os.lstat(self.at(victim))
        os.unlink(self.at(TOKEN))
        self.host.link(TOKEN, "/root/victim")
        os.unlink(self.at(ALICES))
        self.host.link(ALICES, "/root/victim", "alice")
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertEqual(os.lstat(self.at(victim))[:9], facts[:9])
        self.assertEqual(os.lstat(self.at(victim)).st_ctime_ns, facts.st_ctime_ns)

    def test_an_undo_that_changes_nothing_more_than_the_journal_says(self):
        self.fixed()
        other = self.host.file("/etc/cloudflared/other", b"not a credential\n", 0o600)
        facts = os.lstat(self.at(other))
        self.undo()
        self.assertEqual(os.lstat(self.at(other)), facts)

    @needs_root
    def test_what_a_user_did_with_their_directory_since_gives_them_nothing(self):
        """Alice moves a file of bob's, fixed under its name, in place of her own."""
        self.fixed()
        os.rename(self.at(ALICES), self.at(ALICES + ".old"))
        os.link(self.at(mending.BOBS), self.at(ALICES))
        os.unlink(self.at(mending.BOBS))
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assert_mode(ALICES, 0o600)
        self.assertEqual(self.owner(ALICES), (UIDS["bob"], UIDS["bob"]))
        self.assertEqual(mending.xattr(self.at(ALICES), mending.ACCESS), b"")

    def test_setuid_comes_back_with_the_mode(self):
        os.chmod(self.at(ALICES), 0o6755)
        self.fixed()
        self.assert_mode(ALICES, 0o600)
        self.undo()
        self.assert_mode(ALICES, 0o6755)


if __name__ == "__main__":
    unittest.main()
