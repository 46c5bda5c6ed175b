"""What changed between two reports, and what a baseline does to the exit code."""

import json
import os
import pathlib
import unittest

import host_tree
import invented
from host_tree import SOURCE, run

SCHEMA = SOURCE / "packaging/schema/cfwarden.diff-1.schema.json"


class DiffTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.file("/srv/token", invented.token(), 0o644)

    def sweep(self, *arguments, verb="sweep", paths=("/srv",)):
        return run(verb, "--root", self.directory, *arguments, *paths)

    def keep(self, name, *arguments, **options):
        """A report, kept outside of the host."""
        path = pathlib.Path(self.directory + "." + name)
        self.addCleanup(path.unlink, missing_ok=True)
        outcome = self.sweep("--json", *arguments, **options)
        self.assertIn(outcome.code, (0, 1, 3), outcome)
        path.write_bytes(outcome.out)
        path.chmod(0o600)
        return str(path)

    def changes(self, older, newer, *arguments):
        outcome = run("diff", "--json", older, newer, *arguments)
        self.assertIn(outcome.code, (0, 1, 3), outcome)
        drift = json.loads(outcome.out)
        self.assertEqual(drift["exit"], outcome.code)
        try:
            import jsonschema
            jsonschema.validate(drift, json.loads(SCHEMA.read_text(encoding="utf-8")))
        except ImportError:
            pass
        return [(one["change"], one["rule"], one["path"]) for one in drift["changes"]], outcome.code

    def test_an_unchanged_host_has_not_changed(self):
        older = self.keep("old")
        self.assertEqual(self.changes(older, self.keep("new")), ([], 0))
        text = run("diff", older, older).text
        self.assertIn("0 new   0 worse   0 unknown   0 better   0 gone   1 as before", text)

    def test_what_was_opened_is_new_and_what_was_closed_is_gone(self):
        older = self.keep("old")
        os.chmod(self.host.at("/srv/token"), 0o600)
        self.host.file("/srv/.env", b"\n\nT=" + invented.token(name="b"), 0o644)
        changes, code = self.changes(older, self.keep("new"))
        self.assertEqual(code, 1)
        self.assertEqual(changes, [("new", "readable-by-everyone", "/srv/.env"),
                                   ("gone", "readable-by-everyone", "/srv/token")])
        self.assertEqual(self.changes(older, self.keep("new"), "--fail-on", "critical")[1], 0)

    def test_what_holds_no_credential_becomes_worse_as_well(self):
        self.host.folder("/etc/cloudflared")
        self.host.accounts(deploy=["bob"])
        config = self.host.file("/etc/cloudflared/config.yml", b"tunnel: x\n", 0o664, "root",
                                host_tree.DEPLOY)
        folder = self.host.home("alice", 0o755, 0o755)
        def keep(name):
            return self.keep(name, verb="audit", paths=())
        older = keep("old")
        os.chmod(self.host.at(config), 0o666)
        os.chmod(self.host.at(folder), 0o777)
        newer = keep("new")
        changes, code = self.changes(older, newer)
        self.assertEqual(code, 1)
        self.assertIn(("worse", "credential-directory-open", folder), changes)
        self.assertIn("was 0755, is 0777", run("diff", older, newer).text)
        if host_tree.IS_ROOT:  # Else no group but one's own can have the file.
            self.assertIn(("worse", "config-writable-by-others", config), changes)
        outcome = self.sweep("--baseline", older, verb="audit", paths=())
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("worse than it was", outcome.text)
        self.assertEqual(self.sweep("--baseline", newer, verb="audit", paths=()).code, 0)

    def test_what_was_left_out_is_unknown_and_not_gone(self):
        self.host.folder("/opt")
        older = self.keep("old", paths=("/srv", "/opt"))
        unknown = ([("unknown", "readable-by-everyone", "/srv/token")], 3)
        for name, options in (("places", {"paths": ("/opt",)}),
                              ("excluded", {"paths": ("/srv", "/opt", "--exclude", "/srv/t*")}),
                              ("too large", {"paths": ("/srv", "/opt", "--max-size", "1")})):
            with self.subTest(name):
                self.assertEqual(self.changes(older, self.keep("new", **options)), unknown)
        rules = self.host.folder("/rules.d")
        self.host.file("/rules.d/off.json", b'{"id": "readable-by-everyone", "enabled": false}')
        newer = self.keep("new", "--rules", self.host.at(rules), paths=("/srv", "/opt"))
        changes, code = self.changes(older, newer)
        self.assertIn(("unknown", "readable-by-everyone", "/srv/token"), changes)
        self.assertNotIn("gone", [change for change, _, _ in changes])

    def test_what_a_profile_switched_off_is_unknown_and_not_gone(self):
        profile = self.host.at(self.host.folder("/rules.d/profiles"))
        chosen = ("--rules", self.host.at("/rules.d"), "--profile", "lax")
        rule = "readable-by-everyone"
        def weigh(change):
            text = json.dumps({"id": "lax", "title": "Ours", "description": "Ours.",
                               "rules": {rule: change}})
            pathlib.Path(profile, "lax.json").write_text(text, encoding="ascii")
        for verb in ("audit", "sweep"):
            with self.subTest(verb):
                weigh({"severity": "medium"})
                older = self.keep("old", *chosen, verb=verb)
                weigh({"enabled": False})
                newer = self.keep("new", *chosen, verb=verb)
                changes, code = self.changes(older, newer)
                self.assertIn(("unknown", rule, "/srv/token"), changes)
                self.assertNotIn("gone", [change for change, _, _ in changes])
                self.assertEqual(code, 3)

    def test_reports_of_two_profiles_are_refused(self):
        older = self.keep("old")
        for profile in ("repository", "strict"):
            newer = self.keep("new", "--profile", profile)
            outcome = run("diff", "--any-host", older, newer)
            self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
            self.assertIn(f"the newer one by the profile {profile}", outcome.complaint)
        outcome = self.sweep("--baseline", older, "--profile", "repository")
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("make both with the same --profile", outcome.complaint)

    def test_reports_that_cannot_be_compared_are_refused(self):
        older = self.keep("old")
        audit = self.keep("audit", verb="audit")
        names = self.keep("names", "--names-only")
        self.host.file("/etc/hostname", b"another\n", 0o644)
        other = self.keep("other")
        for newer, words in ((audit, "that of an audit"), (names, "names only"),
                             (other, "two hosts"), (older + ".none", "no such file"),
                             (self.directory, "not a regular file")):
            with self.subTest(words):
                outcome = run("diff", older, newer)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn(words, outcome.complaint)
        self.assertEqual(run("diff", "--any-host", older, other).code, 0)

    def test_what_is_no_report_is_refused_with_its_place_and_none_of_its_words(self):
        older = self.keep("old")
        text = pathlib.Path(older).read_text(encoding="ascii")
        broken = pathlib.Path(older + ".broken")
        self.addCleanup(broken.unlink, missing_ok=True)
        for content, words in (
                (text.replace('"complete": true', '"complete": SURPRISE'), ": the JSON is not"),
                (text.replace("report/1", "report/9"), "another schema"),
                (text[:-40], "the JSON ends early"), ("", "the JSON ends early"),
                ("[" * 100_000, "nested deeper"), ('{"schema": "x"}', "no report of cfwarden")):
            with self.subTest(words):
                broken.write_text(content, encoding="ascii")
                outcome = run("diff", older, str(broken))
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertRegex(outcome.complaint, rf"{broken.name}:\d+: ")
                self.assertIn(words, outcome.complaint)
                self.assertNotIn("SURPRISE", outcome.complaint)

    def test_one_of_them_can_come_from_a_pipe_and_nothing_is_waited_for(self):
        older = self.keep("old")
        self.assertEqual(run("diff", older, "-", stdin=pathlib.Path(older).read_bytes()).code, 0)
        self.assertEqual(run("diff", "-", "-").code, 2)
        pipe = self.host.at("/srv") + "/pipe"
        os.mkfifo(pipe)
        self.assertEqual(run("diff", older, pipe, timeout=20).code, 2)
        self.assertEqual(self.sweep("--baseline", pipe).code, 2)

    def test_what_a_baseline_knows_does_not_fail_and_stays_in_the_report(self):
        os.unlink(self.host.at("/srv/token"))
        self.host.file("/srv/token", b"T=" + invented.token() + b"\n", 0o644)
        baseline = self.keep("old")
        outcome = self.sweep("--baseline", baseline, "--json")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual({one["baseline"] for one in outcome.report["findings"]}, {"known"})
        self.host.file("/srv/token", b"\n\nT=" + invented.token() + b"\n", 0o644)
        self.assertEqual(self.sweep("--baseline", baseline).code, 0)
        self.host.file("/srv/.env", b"T=" + invented.token(name="b"), 0o644)
        outcome = self.sweep("--baseline", baseline, "--json")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual({(one["path"], one["baseline"]) for one in outcome.report["findings"]},
                         {("/srv/.env", "new"), ("/srv/token", "known")})
        self.assertIn("known: is 0644", self.sweep("--baseline", baseline).text)
        self.assertEqual(self.sweep("--baseline", baseline, "-o", "nagios").code, 2)
        results = json.loads(self.sweep("--baseline", baseline, "-o", "sarif").out)
        states = [one["baselineState"] for one in results["runs"][0]["results"]]
        self.assertEqual(set(states), {"new", "unchanged"})

    def test_an_exception_that_is_no_more_fails_and_one_that_holds_never_does(self):
        clean = self.keep("clean", paths=("--exclude", "/srv/token", "/srv"), verb="audit")
        directory = self.host.at(self.host.folder("/exceptions"))
        file = pathlib.Path(directory, "one.json")
        def accept(expires):
            file.write_text(json.dumps({
                "rule": "readable-by-everyone", "path": "/srv/token", "reason": "known to all",
                "owner": "network team", "expires": expires}), encoding="ascii")
            file.chmod(0o644)
        chosen = ("--exceptions", directory)
        accept("2099-12-31")
        excepted = self.keep("excepted", *chosen, verb="audit")
        new = [("new", "readable-by-everyone", "/srv/token")]
        self.assertEqual(self.changes(clean, excepted), (new, 0))
        text = run("diff", clean, excepted).text
        self.assertIn("NEW       excepted  readable-by-everyone   /srv/token", text)
        self.assertIn("0 new   0 worse   0 unknown   0 better   0 gone   0 as before\n"
                      "Excepted  1 besides, which fail nothing\n", text)
        accept("2020-12-31")
        ended = self.keep("ended", *chosen, verb="audit")
        worse = [("worse", "readable-by-everyone", "/srv/token")]
        changes, code = self.changes(excepted, ended)
        self.assertEqual((changes[1:], code), (worse, 1))
        self.assertIn("no exception accepts it any more", run("diff", excepted, ended).text)
        file.unlink()
        self.assertEqual(self.changes(excepted, self.keep("live", verb="audit")), (worse, 1))
        outcome = self.sweep("--baseline", excepted, "--json", verb="audit")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual([one["baseline"] for one in outcome.report["findings"]], ["worse"])
        accept("2099-12-31")
        outcome = self.sweep("--baseline", clean, *chosen, verb="audit")
        self.assertEqual(outcome.code, 0, outcome)

    def test_an_incomplete_look_is_not_clean_whatever_the_baseline_knows(self):
        baseline = self.keep("old")
        os.mkfifo(self.host.at("/srv") + "/x.json")
        self.host.file("/srv/large", b"x" * 4096)
        outcome = self.sweep("--baseline", baseline, "--max-size", "1K")
        self.assertEqual(outcome.code, 3, outcome)

    def test_a_baseline_that_others_could_have_written_is_refused(self):
        baseline = self.keep("old")
        os.chmod(baseline, 0o666)
        outcome = self.sweep("--baseline", baseline)
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("it may be at most 0644", outcome.complaint)
        os.chmod(baseline, 0o600)
        link = baseline + ".link"
        os.symlink(baseline, link)
        self.addCleanup(os.unlink, link)
        self.assertEqual(self.sweep("--baseline", link).code, 2)
        if host_tree.IS_ROOT:
            os.chown(baseline, 41001, 41001)
            self.assertIn("belongs to uid 41001", self.sweep("--baseline", baseline).complaint)

    def test_a_baseline_of_another_host_is_refused_unless_any_will_do(self):
        baseline = self.keep("old")
        self.host.file("/etc/hostname", b"another\n", 0o644)
        self.assertEqual(self.sweep("--baseline", baseline).code, 2)
        self.assertEqual(self.sweep("--baseline", baseline, "--any-host").code, 0)
        self.assertEqual(self.sweep("--any-host").code, 2)
        self.assertEqual(self.sweep("--names-only", "--baseline", baseline).code, 2)

    def test_hostile_names_come_out_as_they_do_of_a_report(self):
        older = self.keep("old")
        names = [b"\x1b[31m-token", b"\xff\xfe-token", "\u202e-token".encode(), b"a\n NEW-token"]
        for name in names:
            path = os.fsencode(self.host.at("/srv")) + b"/" + name
            pathlib.Path(os.fsdecode(path)).write_bytes(invented.token(name=repr(name)))
            os.chmod(path, 0o644)
        newer = self.keep("new")
        for arguments in ([], ["--json"]):
            outcome = run("diff", *arguments, older, newer)
            self.assertEqual(outcome.code, 1)
            for byte in outcome.out.replace(b"\n", b""):
                self.assertTrue(byte >= 0x20 and byte != 0x7f)
            self.assertNotIn("\u202e", outcome.text)
        found = {one["path"] for one in json.loads(pathlib.Path(newer).read_text())["findings"]}
        self.assertEqual({path for _, _, path in self.changes(older, newer)[0]},
                         found - {"/srv/token"})


if __name__ == "__main__":
    unittest.main()
