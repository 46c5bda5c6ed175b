"""`cfwarden fix` shows what it would do, does exactly that, and then has nothing left to do."""

import os
import unittest

import canary_test
import host_tree
import invented
import mending
from host_tree import needs_root
from invented import OTHER_TUNNEL, TUNNEL
from mending import ALICES, BOBS, CERTIFICATE, TOKEN


class PlanTest(mending.MendTest):
    def test_a_plan_changes_nothing_and_records_nothing(self):
        mending.lay_out_messy(self.host)
        before = self.attributes(), host_tree.snapshot(self.directory)
        for arguments in ([], ["--json"], ["-v"], ["-q"], ["--take-ownership", "--service-group"],
                          ["--only", "readable-by-everyone"], ["/home/alice/.cloudflared"]):
            with self.subTest(arguments):
                outcome = self.fix(*arguments)
                self.assertEqual(outcome.code, 1, outcome)
                self.assertEqual((self.attributes(), host_tree.snapshot(self.directory)), before)
        self.assertFalse(os.path.exists(self.state), "a plan leaves no state directory")

    def test_two_plans_of_an_unchanged_host_are_the_same(self):
        mending.lay_out_messy(self.host)
        first, second = (self.plan().json for _ in range(2))
        self.assertEqual(host_tree.without_start(first), host_tree.without_start(second))

    def test_a_plan_names_every_object_once_with_what_is_before_and_after(self):
        mending.lay_out_messy(self.host)
        planned = self.plan()
        paths = [change["path"] for change in planned.json["changes"]]
        self.assertEqual(len(paths), len(set(paths)))
        for path, change in planned.changed.items():
            self.assertEqual(change["before"]["mode"], f"{self.mode(path):04o}", path)
        self.assertEqual(planned.changed[TOKEN]["after"]["mode"], "0600")
        self.assertIn("readable-by-everyone",
                      [mended["rule"] for mended in planned.changed[TOKEN]["mends"]])
        self.assertTrue(planned.changed[TOKEN]["rotate"])

    def test_the_screen_says_that_nothing_was_changed_and_how_to_apply_it(self):
        mending.lay_out_messy(self.host)
        text = self.fix().text
        self.assertIn("Nothing has been changed", text)
        self.assertIn("fix", text.split("Nothing has been changed")[1])
        self.assertIn("--apply", text.split("Nothing has been changed")[1])
        self.assertIn("rotate", text)
        self.assertTrue(all(len(line) <= 100 for line in text.splitlines()), text)

    def test_what_is_applied_is_what_was_planned(self):
        mending.lay_out_messy(self.host)
        planned = self.plan().changed
        self.assertGreaterEqual(len(planned), 8)
        applied = self.apply()
        self.assertEqual(set(applied.changed), set(planned))
        for path, change in planned.items():
            with self.subTest(path):
                self.assertEqual(applied.changed[path]["after"], change["after"])
                self.assertEqual(applied.changed[path]["outcome"], "done")
                self.assertEqual(f"{self.mode(path):04o}", change["after"]["mode"])

    def test_a_clean_host_has_nothing_to_fix(self):
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o600)
        for arguments in ([], ["--apply"], ["--apply", "--json"]):
            outcome = self.fix(*arguments)
            self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(self.journals(), [], "a run that changes nothing is not recorded")

    def test_a_host_without_any_credential_has_nothing_to_fix(self):
        self.assertEqual(self.fix().code, 0)
        self.assertEqual(self.fix("--apply").code, 0)


class ApplyTest(mending.MendTest):
    def test_a_messy_host_is_mended_and_then_there_is_nothing_left_to_do(self):
        mending.lay_out_messy(self.host)
        applied = self.apply()
        self.assertEqual(applied.code, 0, applied)
        self.assertEqual(applied.refused, {})
        for path in (TOKEN, CERTIFICATE, ALICES, BOBS):
            self.assert_mode(path, 0o600)
            self.assertEqual(mending.xattr(self.at(path), mending.ACCESS), b"")
        self.assert_mode("/home/alice/.cloudflared", 0o700)
        self.assertEqual(mending.xattr(self.at("/home/bob/.cloudflared"), mending.DEFAULT), b"")
        again = self.apply()
        self.assertEqual((again.code, again.json["changes"]), (0, []))
        self.assertEqual(self.plan().code, 0)
        mended = {one["rule"] for one in self.host.report()["findings"]
                  if one["fix"] in ("owner-only", "remove-acl", "set-owner")}
        self.assertEqual(mended, set())

    def test_content_names_and_times_of_modification_stay(self):
        mending.lay_out_messy(self.host)
        before = self.attributes()
        self.apply()
        after = self.attributes()
        self.assertEqual(set(after), set(before))
        for path, was in before.items():
            now = after[path]
            self.assertEqual((now.inode, now.links, now.size, now.modified, now.content),
                             (was.inode, was.links, was.size, was.modified, was.content), path)

    @needs_root
    def test_nobody_can_do_more_than_before(self):
        mending.lay_out_messy(self.host)
        paths = sorted(self.attributes())
        before = mending.rights_of_all(mending.PEOPLE, paths)
        self.apply()
        after = mending.rights_of_all(mending.PEOPLE, paths)
        self.assertEqual(mending.gained(before, after), {})
        self.assertNotEqual(before, after)

    def test_the_result_names_the_run_and_how_to_take_it_back(self):
        mending.lay_out_messy(self.host)
        text = self.fix("--apply").text
        self.assertIn("cfwarden undo", text)
        self.assertIn("rotate", text)
        run = os.path.basename(self.journals()[0]).removesuffix(".jsonl")
        self.undo_all()
        applied = self.apply()
        self.assertNotEqual(applied.json["run"]["name"], run)
        self.assertIn(applied.json["run"]["name"] + ".jsonl",
                      [os.path.basename(path) for path in self.journals()])

    def test_the_quiet_result_names_the_run_too(self):
        mending.lay_out_messy(self.host)
        text = self.fix("--apply", "-q").text
        run = os.path.basename(self.journals()[0]).removesuffix(".jsonl")
        self.assertIn(f"Recorded as {run}.", text)
        self.assertIn(f"cfwarden undo {run}", text)

    def test_an_earlier_run_that_was_interrupted_is_named_until_another_one_ends(self):
        mending.lay_out_messy(self.host)
        self.apply(TOKEN)
        [journal] = self.journals()
        run = os.path.basename(journal).removesuffix(".jsonl")
        with open(journal, "rb+") as stream:  # Without its end.
            stream.truncate(stream.read().rstrip(b"\n").rfind(b"\n") + 1)
        self.assertEqual(self.plan().json["interrupted_runs"], [run])
        text = " ".join(self.fix().text.split())
        self.assertIn(f"Run {run} was interrupted: --apply finishes it; cfwarden undo {run} takes "
                      "it back", text)
        other = self.new_host()
        self.assertNotIn("was interrupted", self.mend("fix", "--root", other.directory).text)
        text = " ".join(self.fix("--apply").text.split())
        self.assertIn(f"Run {run} was interrupted: this run finishes it", text)
        self.assertEqual(self.plan().json["interrupted_runs"], [])

    def test_the_move_of_a_token_is_named_beside_the_advice_that_asks_for_it(self):
        mending.enable(self.host, "cloudflared.service",
                       mending.unit("tunnel run --token " + invented.token().decode()))
        self.assertIn(f"cfwarden fix --move-token cloudflared.service --root {self.directory}",
                      " ".join(self.fix().text.split()).replace("\\ ", ""))

    def test_only_one_rule_is_mended_where_only_that_is_asked_for(self):
        mending.lay_out_messy(self.host)
        before = self.attributes()
        outcome = self.apply("--only", "account-certificate-readable-by-everyone")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(set(outcome.changed), {CERTIFICATE})
        self.assert_mode(CERTIFICATE, 0o600)
        os.chmod(self.at(CERTIFICATE), 0o644)
        self.assert_restored(before)

    def test_two_rules_may_be_asked_for(self):
        mending.lay_out_messy(self.host)
        outcome = self.apply("--only", "account-certificate-readable-by-everyone",
                             "--only", "readable-by-everyone")
        self.assertGreaterEqual(set(outcome.changed), {CERTIFICATE, TOKEN})
        self.assertNotIn(BOBS, outcome.changed)

    def test_paths_replace_the_default_places(self):
        mending.lay_out_messy(self.host)
        self.assertEqual(set(self.apply(TOKEN).changed), {TOKEN})
        self.assert_mode(CERTIFICATE, 0o644)

    def test_flags_that_make_no_sense_are_usage_errors_and_change_nothing(self):
        mending.lay_out_messy(self.host)
        before = host_tree.snapshot(self.directory)
        for arguments in (["--only", "no-such-rule"], ["--only"], ["--no-such-flag"],
                          ["/no/such/path"], ["--apply", "--only", "no-such-rule"]):
            with self.subTest(arguments):
                outcome = self.fix(*arguments)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertTrue(outcome.err)
        self.assertEqual(self.mend("fix", "--root", "/no/such/root", "--apply").code, 2)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_a_plan_with_refusals_alone_ends_with_4(self):
        self.host.home("alice", 0o700, 0o700)
        path = self.host.file(ALICES, invented.credentials(OTHER_TUNNEL), 0o644, "alice")
        os.link(self.at(path), self.at("/home/alice/other"))
        for arguments in ([], ["--apply"]):
            outcome = self.fix("--json", *arguments)
            self.assertEqual(outcome.code, 4, outcome)
            self.assertEqual(list(outcome.refused), [path])
        self.assert_mode(path, 0o644)

    def test_advice_that_is_left_does_not_count(self):
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(secret_bytes=invented.PUBLISHED_SECRET), 0o644)
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("tunnel-secret-published", str(outcome.json["advice"]))
        again = self.fix()
        self.assertEqual(again.code, 0, again)
        self.assertIn("tunnel-secret-published", again.text)

    def test_a_backup_copy_is_closed_and_left_to_be_deleted(self):
        self.host.folder("/etc/cloudflared")
        self.host.file(f"/etc/cloudflared/{TUNNEL}.json.bak", invented.credentials(), 0o644)
        outcome = self.apply()
        self.assert_mode(f"/etc/cloudflared/{TUNNEL}.json.bak", 0o600)
        self.assertIn("backup-copy", str(outcome.json["advice"]))

    def test_standard_output_that_is_full_is_70_and_the_journal_holds_the_run(self):
        mending.lay_out_messy(self.host)
        before = self.attributes()
        with open("/dev/full", "wb") as full:
            outcome = self.fix("--apply", stdout=full)
        self.assertEqual(outcome.code, 70, outcome)
        run = os.path.basename(self.journals()[0]).removesuffix(".jsonl")
        self.assertIn(f"changes were made, recorded as {run}: see cfwarden undo --list",
                      outcome.complaint)
        self.undo_all()
        self.assert_restored(before)


class CanaryTest(mending.MendTest):
    """Not eight bytes of a secret come out, nor get into the journal."""

    def test_no_run_shows_or_records_a_byte_of_a_secret(self):
        canary_test.lay_out(self.host)
        silent = canary_test.leak_in
        for arguments in ([], ["-v"], ["--json"], ["--apply", "-v"], ["--apply", "--json"]):
            with self.subTest(arguments):
                outcome = self.fix(*arguments)
                self.assertIn(outcome.code, (0, 1, 4), outcome)
                self.assertIsNone(silent(outcome.out + outcome.err))
        self.assertTrue(self.recorded())
        self.assertIsNone(silent(self.recorded()))
        for arguments in (["--list"], ["--list", "--json"], ["--json"]):
            outcome = self.mend("undo", *arguments)
            self.assertIsNone(silent(outcome.out + outcome.err))
        self.undo_all()
        self.assertIsNone(silent(self.recorded()))

    def test_arguments_that_are_secrets_are_not_echoed(self):
        token = invented.token(secret_bytes=canary_test.CANARY).decode()
        for arguments in (["fix", token], ["fix", "--only", token], ["undo", token],
                          ["fix", "--apply", "--root", token]):
            outcome = self.mend(*arguments)
            self.assertEqual((outcome.code, outcome.out), (2, b""), outcome.code)
            self.assertIsNone(canary_test.leak_in(outcome.err))


if __name__ == "__main__":
    unittest.main()
