"""Exceptions: written by a command, kept in every format, counted by no run, and never for good."""

import datetime
import json
import os
import stat
import unittest

import host_tree
import invented
import kernel
from host_tree import needs_root, run
from invented import TUNNEL

TOKEN = "/srv/token"
RULE = "readable-by-everyone"
REASON = "the lab's, until it is replaced"
OWNER = "network team"
RULES_ABOUT_EXCEPTIONS = ("exception-expired", "exception-ends-soon", "exception-unused")
FORMATS = ("text", "plain", "json", "ndjson", "sarif", "junit", "csv", "markdown", "github")


def in_days(days):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (today + datetime.timedelta(days=days)).isoformat()


class ExceptTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.file(TOKEN, invented.token(), 0o644)
        self.directory_of_exceptions = self.host.at(self.host.folder("/exceptions"))

    def exception(self, name="one", mode=0o644, of="root", **changes):
        content = {"rule": RULE, "path": TOKEN, "reason": REASON, "owner": OWNER,
                   "expires": in_days(100), **changes}
        content = {key: value for key, value in content.items() if value is not None}
        return self.raw(json.dumps(content, indent=1).encode(), name, mode, of)

    def raw(self, content, name="one", mode=0o644, owner="root"):
        return self.host.at(self.host.file(f"/exceptions/{name}.json", content, mode, owner))

    def audit(self, *arguments):
        return self.host.audit("--exceptions", self.directory_of_exceptions, "/srv", *arguments)

    def except_(self, *arguments, rule=RULE, expires=None, **options):
        return run("except", rule, "--reason", REASON, "--owner", OWNER, "--expires",
                   expires or in_days(100), "--exceptions", self.directory_of_exceptions,
                   *arguments, **options)

    def files(self):
        return sorted(os.listdir(self.directory_of_exceptions))

    def test_what_is_excepted_is_told_of_and_fails_nothing(self):
        self.assertEqual(self.audit().code, 1)
        file = self.exception()
        outcome = self.audit("--json")
        self.assertEqual(outcome.code, 0, outcome)
        finding = host_tree.finding(outcome.report, RULE)
        self.assertEqual(finding["exception"], {"reason": REASON, "owner": OWNER,
                                                "expires": in_days(100), "file": file})
        self.assertEqual(finding["severity"], "high")
        self.assertEqual(outcome.report["summary"]["excepted"], 1)
        self.assertEqual(outcome.report["summary"]["high"], 0)


    def test_every_format_names_who_accepts_it_and_why(self):
        self.exception(reason="REASON-X", owner="OWNER-Y")
        for form in FORMATS:
            with self.subTest(form):
                outcome = self.audit("-o", form)
                self.assertEqual(outcome.code, 0, outcome)
                self.assertIn("REASON-X", outcome.text)
                if form != "sarif":
                    self.assertIn("OWNER-Y", outcome.text)
        self.assertIn("1 excepted", self.audit("-o", "nagios").text)
        self.assertEqual(self.audit("-o", "nagios").code, 0)
        self.assertIn('cfwarden_excepted_findings{look="audit",severity="high"} 1',
                      self.audit("-o", "prometheus").text)
        log = json.loads(self.audit("-o", "sarif").text)
        [result] = log["runs"][0]["results"]
        [suppression] = result["suppressions"]
        self.assertEqual((suppression["kind"], suppression["status"],
                          suppression["justification"]), ("external", "accepted", "REASON-X"))

    def test_a_sweep_excepts_the_same(self):
        self.exception()
        outcome = run("sweep", "--root", self.host.directory, "/srv", "--json", "--exceptions",
                      self.directory_of_exceptions)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIsNotNone(host_tree.finding(outcome.report, RULE)["exception"])

    def test_an_expired_exception_is_a_finding_and_excepts_nothing(self):
        file = self.exception(expires=in_days(-1))
        outcome = self.audit("--json")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIsNone(host_tree.finding(outcome.report, RULE)["exception"])
        expired = host_tree.finding(outcome.report, "exception-expired")
        self.assertEqual(expired["path"], file)
        os.chmod(self.host.at(TOKEN), 0o600)
        self.assertEqual(self.audit().code, 1)

    def test_the_last_two_weeks_are_told_of(self):
        for days, wanted in ((0, True), (14, True), (16, False)):
            with self.subTest(days):
                self.exception(expires=in_days(days))
                report = self.audit("--json").report
                self.assertEqual("exception-ends-soon" in host_tree.rules(report), wanted)
                self.assertEqual(report["exit"], 0)

    def test_an_exception_that_matches_nothing_is_told_of(self):
        self.exception()
        os.chmod(self.host.at(TOKEN), 0o600)
        outcome = self.host.audit("--exceptions", self.directory_of_exceptions, TOKEN, "--json")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(host_tree.rules(outcome.report), {"exception-unused"})
        self.host.folder("/opt")
        elsewhere = self.host.audit("--exceptions", self.directory_of_exceptions, "/opt", "--json")
        self.assertEqual(host_tree.rules(elsewhere.report), set())

    def test_the_next_step_takes_the_same_exceptions(self):
        os.chmod(self.host.at(TOKEN), 0o666)
        self.exception(rule="replaceable-by-others")
        outcome = self.audit()
        self.assertIn("1 excepted", outcome.text)
        self.assertIn(f"--exceptions {self.directory_of_exceptions}", outcome.text)
        self.assertNotIn("can be mended", outcome.text)
        self.assertNotIn("cfwarden fix", outcome.text)

    def test_one_without_a_path_is_told_of_by_an_audit_of_the_whole_host(self):
        self.exception(path=None, tunnel=TUNNEL)
        self.exception("glob", path="/etc/cloudflared/*.json")
        options = ("--exceptions", self.directory_of_exceptions, "--json")
        whole = self.host.audit(*options)
        self.assertEqual(sorted(found["rule"] for found in whole.report["findings"]),
                         ["exception-unused", "exception-unused"], whole)
        self.assertEqual(whole.code, 0)
        self.host.home("alice")
        limited = self.host.audit(*options, "--user", "alice")
        self.assertEqual(host_tree.rules(limited.report), set())
        self.host.folder("/opt")
        self.assertEqual(host_tree.rules(self.host.audit(*options, "/opt").report), set())
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/a-token", invented.token(), 0o644)
        used = self.host.audit(*options)
        self.assertEqual([found["path"] for found in used.report["findings"]
                          if found["rule"] == "exception-unused"],
                         [self.host.at("/exceptions/glob.json")])

    def test_all_that_is_given_has_to_match(self):
        if not os.path.isdir(self.host.at("/etc")):
            self.host.folder("/etc")
        self.host.file("/etc/hostname", b"lab-7\n", 0o644)
        fingerprint = self.audit("--json").report["credentials"][0]["fingerprint"]
        for changes, wanted in (({"host": "lab-*"}, 0), ({"host": "db-*"}, 1),
                                ({"tunnel": TUNNEL}, 0),
                                ({"tunnel": TUNNEL.replace("6", "7")}, 1),
                                ({"path": None, "fingerprint": fingerprint}, 0),
                                ({"fingerprint": "sha256:0123456789abcdef"}, 1),
                                ({"path": "/srv/*"}, 0), ({"path": "/srv/other"}, 1),
                                ({"path": "**"}, 0), ({"rule": "readable-by-group"}, 1)):
            with self.subTest(changes):
                self.exception(**changes)
                self.assertEqual(self.audit().code, wanted)

    def test_a_file_that_is_wrong_is_exit_2_with_file_and_line(self):
        for name, changes, wanted in (("reason", {"reason": None}, "key 'reason': missing"),
                                      ("owner", {"owner": ""}, "key 'owner': must not be empty"),
                                      ("end", {"expires": "soon"}, "key 'expires': must be"),
                                      ("all", {"path": None}, "excepts the whole rule"),
                                      ("key", {"pth": "/x"}, "did you mean 'path'?"),
                                      ("rule", {"rule": "readable-by-everybody"},
                                       f"did you mean '{RULE}'?")):
            with self.subTest(name):
                file = self.exception(**changes)
                outcome = self.audit()
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn(file, outcome.complaint)
                self.assertIn(wanted, outcome.complaint)

    def test_a_hostile_file_is_refused_and_nothing_of_it_is_shown(self):
        secret = invented.token().decode()
        for content in (b"", b"\0", b"[" * 60000, b"\xff\xfe", b" " * 300_000, b"{" * 100,
                        json.dumps({"rule": secret}).encode(), f'{{"{secret}": 1}}'.encode(),
                        f'{{"rule": "{secret}'.encode(), b'{"rule": {}, "rule": {}}'):
            with self.subTest(content[:20]):
                self.raw(content)
                outcome = self.audit()
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertNotIn(secret[8:24], outcome.complaint)
                self.assertIn("one.json", outcome.complaint)

    def test_files_that_others_can_write_are_refused(self):
        for mode in (0o666, 0o664):
            with self.subTest(f"{mode:o}"):
                self.exception(mode=mode)
                self.assertEqual(self.audit().code, 2)

    @needs_root
    def test_files_of_somebody_else_are_refused(self):
        self.exception(of="alice")
        self.assertEqual(self.audit().code, 2)

    def test_an_image_excepts_nothing_in_itself(self):
        self.host.folder("/etc")
        self.host.folder("/etc/cfwarden")
        self.host.folder("/etc/cfwarden/exceptions.d")
        self.host.file("/etc/cfwarden/exceptions.d/own.json", json.dumps(
            {"rule": RULE, "path": "**", "reason": "mine", "owner": "image",
             "expires": in_days(9)}).encode(), 0o644)
        self.assertEqual(self.host.audit("/srv").code, 1)

    def test_the_command_writes_what_an_audit_takes(self):
        outcome = self.except_("--path", TOKEN)
        self.assertEqual(outcome.code, 0, outcome)
        [name] = self.files()
        file = os.path.join(self.directory_of_exceptions, name)
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o644)
        self.assertIn(f"See it:       cfwarden audit --exceptions {self.directory_of_exceptions}\n", outcome.text)
        self.assertIn(f"Take it back: rm {file}", outcome.text)
        self.assertEqual(self.audit().code, 0)
        before = open(file, "rb").read()
        again = self.except_("--path", TOKEN, expires=in_days(5))
        self.assertEqual((again.code, again.out), (2, b""), again)
        self.assertIn("already", again.complaint)
        self.assertEqual(open(file, "rb").read(), before)
        os.unlink(file)
        self.assertEqual(self.audit().code, 1)

    def test_a_relative_path_is_that_of_the_working_directory(self):
        self.except_("--path", "token", cwd=self.host.at("/srv"))
        [name] = self.files()
        with open(os.path.join(self.directory_of_exceptions, name), encoding="utf-8") as stream:
            self.assertEqual(json.load(stream)["path"], self.host.at(TOKEN))

    def test_the_command_refuses_what_is_wrong_and_writes_nothing(self):
        for arguments, options, wanted in (
                (["--path", TOKEN], {"rule": "readable-by-everyon"}, f"did you mean '{RULE}'?"),
                (["--path", TOKEN], {"expires": in_days(-1)}, "that day has passed"),
                (["--path", TOKEN], {"expires": "31.12.2026"}, "--expires: must be"),
                ([], {}, "except the whole rule"),
                (["--tunnel", "mine"], {}, "--tunnel: must be"),
                (["--path", "*"], {}, "--path: must begin"),
                (["--path", TOKEN], {"rule": "exception-expired"}, "cannot be excepted"),
                (["--path", "/a\nb"], {}, "control character")):
            with self.subTest(arguments=arguments, options=options):
                outcome = self.except_(*arguments, **options)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn(wanted, outcome.complaint)
        for left_out in ("--reason", "--owner", "--expires"):
            given = {"--reason": REASON, "--owner": OWNER, "--expires": in_days(9)}
            given.pop(left_out)
            outcome = run("except", RULE, "--path", TOKEN, "--exceptions",
                          self.directory_of_exceptions, *sum(map(list, given.items()), []))
            with self.subTest(left_out):
                self.assertEqual(outcome.code, 2, outcome)
                self.assertIn(f"{left_out} is missing", outcome.complaint)
        self.assertEqual(self.files(), [])

    def test_a_reason_that_holds_a_secret_is_refused_and_not_repeated(self):
        secret = "kUo9Zr3vQ1xT7yHc5LmNw2Bp8DfGsJ4eRaVtXi6KqMbY0uOz"
        outcome = run("except", RULE, "--path", TOKEN, "--reason", f"was {secret}", "--owner", OWNER,
                      "--expires", in_days(9), "--exceptions", self.directory_of_exceptions)
        self.assertEqual(outcome.code, 2, outcome)
        self.assertNotIn(secret[:12], outcome.complaint)
        self.exception(reason=f"was {secret}", owner=secret)
        for form in FORMATS:
            with self.subTest(form):
                self.assertNotIn(secret[:12], self.audit("-o", form).text)

    def test_a_directory_that_others_can_write_is_not_written_to(self):
        os.chmod(self.directory_of_exceptions, 0o777)
        outcome = self.except_("--path", TOKEN)
        self.assertEqual(outcome.code, 2, outcome)
        self.assertEqual(self.files(), [])

    def test_hostile_words_reach_no_terminal(self):
        self.exception(reason="\u202eevil\u2066", owner="\u009b31mred")
        for form in FORMATS:
            with self.subTest(form):
                text = self.audit("-o", form).text
                for character in "\u202e\u2066\u009b\x1b":
                    self.assertNotIn(character, text)

    def test_fix_leaves_what_is_excepted(self):
        self.exception()
        outcome = run("fix", "--root", self.host.directory, "/srv", "--exceptions",
                      self.directory_of_exceptions)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("Accepted by an exception, and left as it is", outcome.text)
        self.assertIn(OWNER, outcome.text)
        plan = run("fix", "--root", self.host.directory, "/srv", "--json", "--exceptions",
                   self.directory_of_exceptions)
        self.assertEqual([one["rule"] for one in json.loads(plan.text)["accepted"]], [RULE])
        self.assertEqual(json.loads(plan.text)["changes"], [])
        self.assertEqual(stat.S_IMODE(os.stat(self.host.at(TOKEN)).st_mode), 0o644)

    def test_explain_says_how_to_except_and_what_is(self):
        self.host.folder("/etc")
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o644)
        self.exception(path="/etc/cloudflared/*")
        outcome = run("explain", RULE, "--root", self.host.directory, "--exceptions",
                      self.directory_of_exceptions)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("cfwarden except readable-by-everyone --path", outcome.text)
        self.assertIn(f"accepted until {in_days(100)} by {OWNER}", outcome.text)


class OwnPlaceTest(host_tree.TreeTest):
    """/etc/cfwarden/exceptions.d of a host that has nothing of its own yet: its /etc is ours."""

    def setUp(self):
        super().setUp()
        self.needs_mounts()
        self.etc = self.new_host()
        if not os.path.isdir(self.etc.at("/etc")):
            self.etc.folder("/etc")
        self.host.folder("/srv")
        self.token = self.host.at(self.host.file(TOKEN, invented.token(), 0o644))

    def run_there(self, *arguments, uid=None):
        def prepare():
            kernel.enter_mount_namespace()
            kernel.mount(self.etc.at("/etc"), "/etc", None, kernel.MOUNT_BIND)
            if uid is not None:
                host_tree.become(uid)

        return run(*arguments, prepare=prepare)

    def except_(self, **options):
        return self.run_there("except", RULE, "--path", self.token, "--reason", REASON, "--owner",
                              OWNER, "--expires", in_days(100), **options)

    @needs_root
    def test_the_directory_is_made_and_everybody_may_read_it(self):
        outcome = self.except_()
        self.assertEqual(outcome.code, 0, outcome)
        directory = self.etc.at("/etc/cfwarden/exceptions.d")
        [name] = os.listdir(directory)
        for path, mode in ((directory, 0o755), (os.path.dirname(directory), 0o755),
                           (os.path.join(directory, name), 0o644)):
            status = os.stat(path)
            self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid), (mode, 0), path)
        self.assertEqual(self.run_there("audit", self.token).code, 0)
        # What this host accepts says nothing about another.
        self.assertEqual(self.run_there("audit", "--root", self.host.directory, TOKEN).code, 1)

    @needs_root
    def test_a_user_cannot_write_there_and_is_told_so(self):
        self.assertEqual(self.except_().code, 0)
        outcome = self.run_there("except", "mode-too-wide", "--path", "/x", "--reason", REASON,
                                 "--owner", OWNER, "--expires", in_days(9),
                                 uid=host_tree.UIDS["www-data"])
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
        self.assertIn("sudo", outcome.complaint)

    @needs_root
    def test_a_link_there_is_not_followed(self):
        self.etc.folder("/etc/cfwarden")
        elsewhere = self.etc.at(self.etc.folder("/elsewhere"))
        self.etc.link("/etc/cfwarden/exceptions.d", elsewhere)
        self.assertEqual(self.except_().code, 2)
        self.assertEqual(os.listdir(elsewhere), [])


class ProfileTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.file(TOKEN, invented.token(), 0o644)

    def report(self, *arguments):
        return self.host.audit("/srv", "--json", *arguments).report

    def severity(self, *arguments):
        return host_tree.finding(self.report(*arguments), RULE)["severity"]

    def test_a_profile_changes_severities_and_is_told_of(self):
        self.assertEqual(self.report()["run"]["profile"], "baseline")
        self.assertEqual((self.severity(), self.severity("--profile", "strict")),
                         ("high", "critical"))
        self.assertEqual(self.report("--profile", "strict")["run"]["profile"], "strict")
        self.assertIn("Profile   strict", self.host.audit("/srv", "--profile", "strict").text)
        self.assertNotIn("Profile", self.host.audit("/srv").text)

    def test_baseline_is_the_default(self):
        self.assertEqual(host_tree.without_start(self.report()),
                         host_tree.without_start(self.report("--profile", "baseline")))

    def test_in_a_repository_any_credential_is_critical(self):
        os.chmod(self.host.at(TOKEN), 0o600)
        self.assertEqual(self.report()["exit"], 0)
        outcome = run("sweep", "--root", self.host.directory, "/srv", "--json", "--profile",
                      "repository")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(host_tree.finding(outcome.report, "credential-in-repository")["severity"],
                         "critical")
        self.assertIn("git", outcome.report)

    def test_the_settings_can_name_a_profile_and_the_flag_goes_first(self):
        self.host.folder("/settings")
        settings = self.host.at(self.host.file("/settings/cfwarden.toml", b'profile = "strict"\n'))
        self.assertEqual(self.severity("--config", settings), "critical")
        self.assertEqual(self.severity("--config", settings, "--profile", "baseline"), "high")

    def test_an_unknown_profile_is_exit_2(self):
        for name in ("strickt", "../../etc/passwd", "Strict", "x" * 500):
            with self.subTest(name):
                outcome = self.host.audit("/srv", "--profile", name)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn("baseline, container, repository, strict", outcome.complaint)
        self.assertIn("did you mean 'strict'?",
                      self.host.audit("/srv", "--profile", "strickt").complaint)

    def test_a_profile_of_ones_own_stands_beside_the_rules(self):
        self.host.folder("/rules")
        self.host.folder("/rules/profiles")
        own = {"id": "site", "title": "Ours", "description": "Ours.",
               "settings": {"fail_on": "critical"}, "rules": {RULE: {"severity": "medium"}}}
        file = self.host.file("/rules/profiles/site.json", json.dumps(own).encode(), 0o644)
        chosen = ("--rules", self.host.at("/rules"), "--profile", "site")
        report = self.report(*chosen)
        self.assertEqual((host_tree.finding(report, RULE)["severity"], report["exit"]),
                         ("medium", 0))
        self.assertEqual(self.report(*chosen, "--fail-on", "medium")["exit"], 1)
        os.chmod(self.host.at(file), 0o666)
        self.assertEqual(self.host.audit("/srv", *chosen).code, 2)

    def test_what_a_profile_changed_can_be_explained(self):
        listed = run("rules", "list", "--profile", "strict").text
        self.assertRegex(listed, f"critical {RULE}")
        self.assertIn("changed by built in: rules/profiles/strict.json", listed)
        explained = run("explain", RULE, "--profile", "strict", "--root", self.host.directory).text
        self.assertTrue(explained.startswith(f"critical  {RULE}"), explained)
        self.assertIn("baseline: high", explained)
        self.assertIn("strict: critical, the one that was chosen", explained)
        for name in ("baseline", "strict", "container", "repository"):
            self.assertIn(f"\n{name}", "\n" + run("rules", "profiles").text)


if __name__ == "__main__":
    unittest.main()
