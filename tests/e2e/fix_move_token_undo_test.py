"""`cfwarden undo` puts a moved token back into its unit, from the token file, and leaves both alone
where one of them changed since."""

import os
import unittest

import host_tree
import invented
import moving
import undo_test
from host_tree import DEPLOY, UIDS, needs_root
from invented import OTHER_TUNNEL
from mending import TOKEN
from moving import AFTER, BEFORE, DIRECTORY, NAME, SECRET, SYSTEM, UNIT, installed_unit


class MovedTest(moving.MoveTest):
    def setUp(self):
        super().setUp()
        self.lay_out(mode=0o640, group=DEPLOY)
        self.before = self.host.report()
        self.run_name = self.moved()["run"]["name"]

    def assert_back(self):
        self.assert_in_unit()
        self.assert_mode(UNIT, 0o640)
        self.assertEqual(self.owner(UNIT), (0, DEPLOY))


@needs_root
class UndoTest(MovedTest):
    def test_bytes_mode_and_owner_come_back_and_the_token_file_goes(self):
        outcome = self.undo("--json")
        self.assertEqual(outcome.code, 0, outcome)
        [back] = outcome.json["restorations"]
        self.assertEqual((back["path"], back["token_file"]), (UNIT, TOKEN))
        self.assertEqual(back["commands"],
                         ["systemctl daemon-reload", f"systemctl restart {NAME}"])
        self.assert_back()
        now = self.host.report()
        for report in (now, self.before):  # Another file, written later.
            for credential in report["credentials"]:
                del credential["file"]["modified"]
        self.assertEqual(host_tree.without_start(now), host_tree.without_start(self.before))

    def test_the_second_time_there_is_nothing_to_undo(self):
        self.assertEqual(self.undo().code, 0)
        for _ in range(2):
            outcome = self.undo()
            self.assertEqual(outcome.code, 0, outcome)
            self.assertIn("nothing to take back", outcome.text)
        self.assert_back()

    def test_it_shows_what_comes_back_and_to_whom_and_does_nothing_unasked(self):
        before = host_tree.snapshot(self.directory)
        for arguments in ([], ["--json"]):
            outcome = self.mend("undo", *arguments, stdin=b"y\n")
            self.assertEqual(outcome.code, 2, outcome)
            self.assertIn("--yes", outcome.complaint)
            for words in (UNIT, TOKEN, "everyone", "systemctl daemon-reload",
                          f"systemctl restart {NAME}"):
                self.assertIn(words, outcome.text)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_at_a_terminal_it_asks(self):
        before = host_tree.snapshot(self.directory)
        for answer in (b"n\n", b"\n", b"\x04", b"\x03"):
            code, said = undo_test.UndoTest.ask(self, answer)
            self.assertGreater(code, 0, said)
            self.assertIn(TOKEN.encode(), said)
            self.assertEqual(host_tree.snapshot(self.directory), before)
        code, said = undo_test.UndoTest.ask(self, b"y\n")
        self.assertEqual(code, 0, said)
        self.assert_back()

    read_until = undo_test.UndoTest.read_until

    def test_the_run_is_listed_and_can_be_named(self):
        listed = self.mend("undo", "--list", "--json")
        self.assertEqual([(run["name"], run["changes"], run["undone"], run["interrupted"])
                          for run in listed.json["runs"]], [(self.run_name, 1, False, False)])
        self.assertIn(self.run_name, self.mend("undo", "--list").text)
        self.assertEqual(self.undo(self.run_name).code, 0)
        self.assert_back()
        self.assertTrue(self.mend("undo", "--list", "--json").json["runs"][0]["undone"])

    def test_what_was_moved_again_after_an_undo_can_be_undone_again(self):
        for _ in range(3):
            self.assertEqual(self.undo().code, 0)
            self.assert_back()
            self.moved()
            self.assert_in_file()
        self.assertEqual(self.undo_all(), 1)
        self.assert_back()

    def test_a_directory_that_the_move_made_stays(self):
        self.assertEqual(self.undo().code, 0)
        self.lay_out(made=False)
        self.moved()
        self.assertEqual(self.undo().code, 0)
        self.assert_in_unit()
        self.assertTrue(os.path.isdir(self.at(DIRECTORY)))
        self.assertEqual(self.move().code, 1)

    def test_other_files_beside_the_token_stay_as_they_are(self):
        others = [self.host.file(f"{DIRECTORY}/{name}", b"tunnel: x\n", 0o600)
                  for name in ("config.yml", ".cfwarden-x", ".cfwarden-0123456789abcdef")]
        facts = [os.lstat(self.at(path)) for path in others]
        self.assertEqual(self.undo().code, 0)
        self.assertEqual([os.lstat(self.at(path)) for path in others], facts)
        self.assertEqual(self.read(UNIT), BEFORE)

    def test_runs_of_both_sorts_are_taken_back_newest_first(self):
        certificate = "/etc/cloudflared/cert.pem"
        self.host.file(certificate, invented.certificate(), 0o644)
        self.assertEqual(self.apply().code, 0)
        self.assert_mode(certificate, 0o600)
        self.assertEqual(self.undo().code, 0)
        self.assert_mode(certificate, 0o644)
        self.assertEqual(self.read(UNIT), AFTER)
        self.assertEqual(self.undo().code, 0)
        self.assertEqual(self.read(UNIT), BEFORE)
        self.assertEqual(self.names(DIRECTORY), ["cert.pem"])


@needs_root
class ChangedSinceTest(MovedTest):
    def change(self, path, content):
        with open(self.at(path), "wb") as stream:
            stream.write(content)

    def replace(self, path, content=None, mode=None):
        """Another file of that name, by default with the same content and attributes."""
        facts = os.lstat(self.at(path))
        self.host.file("/new", self.read(path) if content is None else content)
        os.chown(self.at("/new"), facts.st_uid, facts.st_gid)
        os.chmod(self.at("/new"), facts.st_mode & 0o7777 if mode is None else mode)
        os.utime(self.at("/new"), ns=(facts.st_atime_ns, facts.st_mtime_ns))
        os.rename(self.at("/new"), self.at(path))

    def assert_left_alone(self):
        """Also when it is asked for by its name: without one, it is older runs' turn."""
        before = self.attributes(), host_tree.snapshot(self.directory)
        for arguments in ([], [self.run_name], [self.run_name, "--json"]):
            outcome = self.undo(*arguments)
            self.assertEqual(outcome.code, 4, outcome)
            self.assertIn("changed since", outcome.text)
            self.assertEqual((self.attributes(), host_tree.snapshot(self.directory)), before)

    def test_a_unit_that_changed_since_is_left_alone(self):
        other = invented.token(OTHER_TUNNEL, "other").decode()
        changes = {
            "a line more": lambda: self.change(UNIT, AFTER + b"# mine\n"),
            "another description": lambda: self.change(
                UNIT, installed_unit(f"--token-file {TOKEN}", description="mine")),
            "another token file": lambda: self.change(
                UNIT, installed_unit("--token-file /etc/cloudflared/other")),
            "a new token": lambda: self.change(UNIT, installed_unit(f"--token {other}")),
            "the same bytes, written again": lambda: self.change(UNIT, AFTER),
            "another file with the same bytes": lambda: self.replace(UNIT),
            "its mode": lambda: os.chmod(self.at(UNIT), 0o600),
            "its group": lambda: os.chown(self.at(UNIT), 0, 0),
            "its owner": lambda: os.chown(self.at(UNIT), UIDS["alice"], DEPLOY),
            "its time": lambda: os.utime(self.at(UNIT)),
            "a second name": lambda: os.link(self.at(UNIT), self.at("/second")),
            "gone": lambda: os.unlink(self.at(UNIT)),
            "a link": lambda: (os.rename(self.at(UNIT), self.at("/unit")),
                               self.host.link(UNIT, "/unit")),
        }
        self.try_each(changes)

    def test_a_unit_that_holds_its_token_again_keeps_it_and_so_does_the_file(self):
        self.change(UNIT, BEFORE)
        before = host_tree.snapshot(self.directory)
        outcome = self.undo()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("changed since", outcome.text)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_a_token_file_that_changed_since_is_left_alone_with_its_unit(self):
        self.host.file("/shadow", b"root:INVENTED\n", 0o600)
        changes = {
            "a new token": lambda: self.change(TOKEN, invented.token(OTHER_TUNNEL, "other")),
            "a newline more": lambda: self.change(TOKEN, SECRET.encode() + b"\n"),
            "empty": lambda: self.change(TOKEN, b""),
            "two lines": lambda: self.change(TOKEN, b"x\nUser=alice"),
            "the same bytes, written again": lambda: self.change(TOKEN, SECRET.encode()),
            "another file with the same bytes": lambda: self.replace(TOKEN),
            "another file of the same size": lambda: self.replace(
                TOKEN, invented.token(name="xxxxxxx").ljust(len(SECRET), b"=")[:len(SECRET)]),
            "its mode": lambda: os.chmod(self.at(TOKEN), 0o644),
            "its owner": lambda: os.chown(self.at(TOKEN), UIDS["alice"], 0),
            "its time": lambda: os.utime(self.at(TOKEN)),
            "a second name": lambda: os.link(self.at(TOKEN), self.at("/second")),
            "gone": lambda: os.unlink(self.at(TOKEN)),
            "a link": lambda: (os.unlink(self.at(TOKEN)), self.host.link(TOKEN, "/shadow")),
            "a directory": lambda: (os.unlink(self.at(TOKEN)), os.mkdir(self.at(TOKEN))),
            "a FIFO": lambda: (os.unlink(self.at(TOKEN)), os.mkfifo(self.at(TOKEN), 0o600)),
        }
        self.try_each(changes)

    def test_directories_that_others_can_write_in_since_are_left_alone(self):
        changes = {f"{directory} {what}": lambda d=directory, c=change: c(self.at(d))
                   for directory in (DIRECTORY, SYSTEM)
                   for what, change in {
                       "open": lambda path: os.chmod(path, 0o777),
                       "alice's": lambda path: os.chown(path, UIDS["alice"], 0)}.items()}
        self.try_each(changes)

    def try_each(self, changes):
        for what, change in changes.items():
            with self.subTest(what):
                change()
                self.assert_left_alone()
            self.start_anew()

    def start_anew(self):
        for path in ("/second", "/unit"):
            if os.path.lexists(self.at(path)):
                os.unlink(self.at(path))
        host_tree.remove_tree(self.state)
        self.lay_out(mode=0o640, group=DEPLOY)
        self.run_name = self.moved()["run"]["name"]

    def test_another_root_in_the_same_place_is_left_alone(self):
        moved = self.directory + ".moved"
        os.rename(self.directory, moved)
        self.addCleanup(host_tree.remove_tree, moved)
        os.mkdir(self.directory)
        self.host.accounts()
        self.lay_out(content=AFTER)
        self.host.file(TOKEN, SECRET.encode())
        before = host_tree.snapshot(self.directory)
        for arguments, code in (([], 0), ([self.run_name], 4)):
            outcome = self.undo(*arguments)
            self.assertEqual(outcome.code, code, outcome)
            self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_a_service_that_was_installed_anew_since_has_nothing_to_take_back(self):
        """By an old cloudflared: no token file, and a token in the unit."""
        os.unlink(self.at(TOKEN))
        self.change(UNIT, BEFORE)
        before = host_tree.snapshot(self.directory)
        self.assertEqual(self.undo().code, 0)
        self.assertEqual(host_tree.snapshot(self.directory), before)
        self.assertEqual(self.move().code, 1)
        self.moved()
        self.assert_in_file()
        self.assertEqual(self.undo().code, 0)
        self.assertEqual(self.read(UNIT), BEFORE)


if __name__ == "__main__":
    unittest.main()
