"""What an audit looks at, what it reports, and how it ends."""

import json
import os
import struct
import subprocess
import unittest

import clean_host
import host_tree
import invented
from host_tree import credential, gaps, needs_root, place_states
from invented import ACCOUNT, OTHER_TUNNEL, THIRD_TUNNEL, TUNNEL


class CleanHostTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        clean_host.lay_out(self.host)

    def test_a_host_laid_out_by_cloudflared_itself_is_clean(self):
        report = self.host.report()
        self.assertEqual((report["findings"], report["gaps"], report["exit"]), ([], [], 0))
        self.assertTrue(report["complete"])
        found = {one["path"]: one["kind"] for one in report["credentials"]}
        self.assertEqual(found, clean_host.CREDENTIALS)

    def test_the_screen_of_a_clean_host_says_so_in_one_line(self):
        outcome = self.host.audit()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertRegex(outcome.text, "(?m)^cfwarden: 8 credentials, no findings, "
                                       r"\d+ places looked at$")
        self.assertEqual(outcome.err, b"")

    def test_every_credential_of_a_clean_host_is_read_by_its_owner_only(self):
        for one in self.host.report()["credentials"]:
            with self.subTest(one["path"]):
                self.assertEqual(one["readers"]["audience"], "owner")
                self.assertEqual(one["writers"]["audience"], "owner")
                self.assertEqual(one["readers"]["accounts"], [])

    def test_after_chmod_777_each_credential_names_those_who_can_read_it(self):
        opened = [self.host.at(path) for path in clean_host.OPENED]
        subprocess.run(["chmod", "-R", "777", *opened], check=True)
        report = self.host.report()
        self.assertEqual(report["exit"], 1)
        self.assertEqual({one["path"] for one in report["credentials"]},
                         set(clean_host.CREDENTIALS))
        rules = host_tree.pairs(report)
        for one in report["credentials"]:
            with self.subTest(one["path"]):
                self.assertEqual(one["readers"]["audience"], "everyone")
                self.assertEqual(one["writers"]["audience"], "everyone")
                self.assertIn("www-data", one["readers"]["accounts"])
                self.assertNotIn("root", one["readers"]["accounts"])
                self.assertNotIn(one["file"]["owner"], one["readers"]["accounts"])
                self.assertTrue(any("0777" in why for why in one["readers"]["because"]))
                certificate = one["kind"] == "account-certificate"
                rule = "readable-by-everyone"
                self.assertIn(("account-certificate-" * certificate + rule, one["path"]), rules)
                self.assertIn(("replaceable-by-others", one["path"]), rules)

    def test_after_chmod_777_the_screen_names_readers_and_asks_for_rotation(self):
        opened = [self.host.at(path) for path in clean_host.OPENED]
        subprocess.run(["chmod", "-R", "777", *opened], check=True)
        text = self.host.audit().text
        self.assertTrue(text.startswith("CRITICAL"), text)
        self.assertIn("read by  everyone", text)
        self.assertIn("otate", text)

    def test_two_audits_of_an_unchanged_host_differ_in_their_start_only(self):
        subprocess.run(["chmod", "-R", "777", self.host.at("/root")], check=True)
        first, second = (host_tree.without_start(self.host.report()) for _ in range(2))
        self.assertEqual(first, second)

    def test_scopes_and_authorities_are_those_of_the_contents(self):
        report = self.host.report()
        certificate = credential(report, "/root/.cloudflared/cert.pem")
        self.assertEqual(certificate["authority"], "manage-account")
        self.assertEqual(certificate["scope"]["account"], ACCOUNT)
        self.assertEqual(certificate["scope"]["zone"], invented.ZONE)
        token = credential(report, "/etc/cloudflared/token")
        self.assertEqual((token["authority"], token["status"], token["secret_bytes"]),
                         ("run-tunnel", "usable", 32))
        self.assertEqual(token["scope"]["tunnel"], THIRD_TUNNEL)

    def test_a_closing_line_sums_up_each_cloudflare_account(self):
        os.chmod(self.host.at("/etc/cloudflared/token"), 0o644)
        outcome = self.host.audit("--json")
        summary = {one["account"]: one for one in outcome.report["accounts"]}[ACCOUNT]
        self.assertEqual((summary["credentials"], summary["authority"], summary["audience"]),
                         (5, "manage-account", "everyone"))
        self.assertRegex(self.host.audit().text, "(?m)^Account .*9f3c.*5 credentials")

    def test_an_empty_host_names_its_places_and_the_demo(self):
        host = self.new_host()
        outcome = host.audit()
        self.assertEqual(outcome.code, 0, outcome)
        for words in ("no Cloudflare Tunnel credentials", "/etc/cloudflared", "cfwarden demo"):
            self.assertIn(words, outcome.text)

    def test_a_home_that_cannot_be_searched_is_a_gap_and_exit_3(self):
        if host_tree.IS_ROOT:
            self.skipTest("root can search every home")
        os.chmod(self.host.at("/home/alice"), 0)
        report = self.host.report()
        self.assertEqual(report["exit"], 3)
        self.assertFalse(report["complete"])
        self.assertEqual(place_states(report)["/home/alice/.cloudflared"], "unreadable")


class OrdinaryUserTest(host_tree.TreeTest):
    """Of the running host, as a user who is not root."""

    def setUp(self):
        super().setUp()
        self.uid = 41001 if host_tree.IS_ROOT else os.geteuid()
        self.others_uid = 41002

    def run_as_user(self, *arguments, **options):
        uid = self.uid if host_tree.IS_ROOT else None
        return host_tree.run(*arguments, uid=uid, **options)

    def home_of_user(self):
        self.host.folder("/home/alice", 0o700, self.uid)
        self.host.folder("/home/alice/.cloudflared", 0o700, self.uid)
        return "/home/alice/.cloudflared"

    def closed_home(self):
        """A directory that the user cannot search."""
        if host_tree.IS_ROOT:
            self.host.folder("/home/bob", 0o700, self.others_uid)
        else:
            self.host.folder("/home/bob", 0o000)
        return self.host.at("/home/bob")

    def test_an_unreadable_home_that_is_named_is_a_gap_and_exit_3(self):
        path = self.closed_home()
        outcome = self.run_as_user("audit", "--json", path)
        self.assertEqual(outcome.code, 3, outcome)
        report = outcome.report
        self.assertIn(path, gaps(report))
        self.assertFalse(report["complete"])

    def test_the_screen_of_an_unreadable_home_never_says_clean(self):
        outcome = self.run_as_user("audit", self.closed_home())
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("incomplete", outcome.text)
        self.assertIn("NOT READ", outcome.text)
        self.assertNotIn("no findings", outcome.text)

    def test_findings_beside_an_unreadable_home_are_exit_1_and_still_a_gap(self):
        directory = self.home_of_user()
        self.host.folder("/home/alice", 0o755, self.uid)
        self.host.folder(directory, 0o755, self.uid)
        path = self.host.at(self.host.file(f"{directory}/cert.pem", invented.certificate(), 0o644,
                                           self.uid))
        closed = self.closed_home()
        outcome = self.run_as_user("audit", "--json", path, closed)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn(closed, gaps(outcome.report))

    def test_the_homes_of_others_are_no_gap_unless_they_are_named(self):
        self.closed_home()
        directory = self.home_of_user()
        self.host.file(f"{directory}/cert.pem", invented.certificate(), 0o600, self.uid)
        env = {"HOME": self.host.at("/home/alice")}
        report = self.run_as_user("audit", "--json", env=env).report
        self.assertNotIn(self.host.at("/home/bob"), str(report["gaps"]))

    def test_variables_of_the_caller_are_credentials_and_pointers(self):
        token = invented.token().decode()
        path = self.host.at(self.host.file("/spare.json", invented.credentials(OTHER_TUNNEL), 0o600,
                                           self.uid))
        report = self.run_as_user("audit", "--json", env={
            "TUNNEL_TOKEN": token, "TUNNEL_CRED_FILE": path}).report
        found = credential(report, "$TUNNEL_TOKEN")
        self.assertEqual((found["kind"], found["carrier"]), ("tunnel-token", "environment"))
        self.assertEqual(credential(report, path)["scope"]["tunnel"], OTHER_TUNNEL)

    def test_credentials_contents_of_the_caller_are_decoded(self):
        text = invented.credentials().decode()
        report = self.run_as_user("audit", "--json", env={"TUNNEL_CRED_CONTENTS": text}).report
        self.assertEqual(credential(report, "$TUNNEL_CRED_CONTENTS")["kind"], "tunnel-credentials")

    @needs_root
    def test_variables_are_not_believed_as_root(self):
        outcome = host_tree.run("audit", "--json", env={"TUNNEL_TOKEN": invented.token().decode()})
        self.assertNotIn("$TUNNEL_TOKEN", str(outcome.report["credentials"]))


def vim_swap_file(text):
    """Three blocks: what the file is, one pointer, and the lines from the end of their block."""
    page = 4096
    first, pointers, lines = bytearray(page), bytearray(page), bytearray(page)
    struct.pack_into("<10s2xI", first, 0, b"b0VIM 9.0", page)
    struct.pack_into("<Q", first, 1008, 0x30313233)
    struct.pack_into("<2sHH2xQQQQ", pointers, 0, b"tp", 1, 127, 2, 1, 0, 1)
    end, offsets = page, []
    for line in text.splitlines():
        end -= len(line) + 1
        lines[end:end + len(line)] = line
        offsets.append(end)
    struct.pack_into("<2s2xIIIQ", lines, 0, b"ad", 0, end, page, len(offsets))
    struct.pack_into(f"<{len(offsets)}I", lines, 24, *offsets)
    return bytes(first + pointers + lines)


class NamedPathsTest(host_tree.TreeTest):
    def test_a_directory_is_walked_to_any_depth_for_names_of_credentials(self):
        deep = "/srv" + "/deeper" * 30
        self.host.folder(deep)
        self.host.file(f"{deep}/cert.pem", invented.certificate(), 0o600)
        self.host.file("/srv/token", invented.token(), 0o600)
        self.host.file("/srv/letter.txt", invented.token(), 0o600)
        report = self.host.report("/srv")
        self.assertEqual({one["path"] for one in report["credentials"]},
                         {f"{deep}/cert.pem", "/srv/token"})

    def test_paths_replace_the_default_places(self):
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o600)
        self.host.folder("/srv")
        report = self.host.report("/srv")
        self.assertEqual(report["credentials"], [])
        self.assertEqual([place["path"] for place in report["places"]], ["/srv"])

    def test_a_file_that_is_named_is_opened_whatever_its_name(self):
        self.host.folder("/srv")
        self.host.file("/srv/letter.txt", invented.token() + b"\n", 0o600)
        self.assertEqual(credential(self.host.report("/srv/letter.txt"),
                                    "/srv/letter.txt")["kind"], "tunnel-token")

    def test_a_path_that_does_not_exist_is_exit_2_and_nothing_is_looked_at(self):
        self.host.folder("/srv")
        outcome = self.host.audit("/srv", "/srv/gone")
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
        self.assertIn("/srv/gone", outcome.complaint)

    def test_every_kind_of_name_is_looked_into_and_no_other(self):
        self.host.folder("/srv")
        wanted = ["cert.pem", "mine.pem", "any.json", "token", "app-token", ".env", "prod.env",
                  "cert.pem.bak", "cert.pem~", "cert.pem.org", "cert.pem.orig", "token.old"]
        other = ["cert", "pem", "notes.txt", "tokens.md", "config.json5"]
        for name in wanted + other:
            content = invented.token() if "env" not in name else \
                b"TUNNEL_TOKEN=" + invented.token() + b"\n"
            self.host.file(f"/srv/{name}", content, 0o600)
        found = {os.path.basename(one["path"]) for one in self.host.report("/srv")["credentials"]}
        self.assertEqual(found, set(wanted))

    def test_names_that_only_look_like_credentials_are_not_reported(self):
        self.host.folder("/srv")
        self.host.file("/srv/cert.pem", invented.pem("CERTIFICATE", invented.secret("web", 90)))
        self.host.file("/srv/key.pem", invented.pem("RSA PRIVATE KEY", invented.secret("key", 90)))
        self.host.file("/srv/package.json", b'{"name":"left-pad","version":"1.0.0"}')
        self.host.file("/srv/token", b"ghp_INVENTEDinventedINVENTEDinvented\n")
        self.host.file("/srv/config.yml", b"name: something else\n")
        report = self.host.report("/srv")
        self.assertEqual((report["credentials"], report["findings"], report["exit"]), ([], [], 0))

    def test_a_default_name_that_does_not_decode_is_a_low_finding_where_it_is_expected(self):
        broken = b"-----BEGIN ARGO TUNNEL TOKEN-----\nnot finished"
        self.host.folder("/etc/cloudflared")
        self.host.folder("/srv")
        for directory in ("/etc/cloudflared", "/srv"):
            self.host.file(f"{directory}/cert.pem", broken)
        malformed = {path for rule, path in host_tree.pairs(self.host.report())
                     if rule == "credential-malformed"}
        self.assertEqual(malformed, {"/etc/cloudflared/cert.pem"})
        self.assertEqual(self.host.report("/srv")["findings"], [])
        self.assert_fires("credential-malformed", "/srv/cert.pem",
                          self.host.report("/srv/cert.pem"))

    def test_backups_are_found_by_their_content_in_a_default_directory(self):
        self.host.folder("/etc/cloudflared")
        names = ["cert.pem.bak", "cert.pem~", "cert.pem.org", "cert.pem.1", "cert-2024.pem",
                 "anything"]
        for name in names:
            self.host.file(f"/etc/cloudflared/{name}", invented.certificate(name))
        found = {os.path.basename(one["path"]) for one in self.host.report()["credentials"]}
        self.assertEqual(found, set(names))

    def test_a_swap_file_of_vim_gives_up_its_certificate(self):
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/.cert.pem.swp", vim_swap_file(invented.certificate()))
        self.assert_fires("backup-copy", "/etc/cloudflared/.cert.pem.swp", self.host.report())

    def test_a_default_directory_is_looked_into_two_levels_deep(self):
        self.host.folder("/etc/cloudflared/one/two")
        self.host.file("/etc/cloudflared/one/token", invented.token(TUNNEL), 0o600)
        self.host.file("/etc/cloudflared/one/two/token", invented.token(OTHER_TUNNEL, "b"), 0o600)
        report = self.host.report()
        self.assertEqual([one["path"] for one in report["credentials"]],
                         ["/etc/cloudflared/one/token"])
        self.assertIn("/etc/cloudflared/one", gaps(report))

    def test_all_default_directories_of_an_account_are_looked_into(self):
        self.host.folder("/home/alice", 0o700, "alice")
        names = [".cloudflared", ".cloudflare-warp", "cloudflare-warp"]
        for number, name in enumerate(names):
            self.host.folder(f"/home/alice/{name}", 0o700, "alice")
            self.host.file(f"/home/alice/{name}/token",
                           invented.token(name=f"{number}"), 0o600, "alice")
        self.assertEqual({one["path"] for one in self.host.report()["credentials"]},
                         {f"/home/alice/{name}/token" for name in names})

    def test_the_home_of_the_container_user_is_a_place(self):
        self.host.folder("/home/nonroot/.cloudflared", 0o700, 65532)
        self.host.folder("/home/nonroot", 0o700, 65532)
        self.host.file("/home/nonroot/.cloudflared/token", invented.token(), 0o600, 65532)
        self.assertIn("/home/nonroot/.cloudflared/token",
                      [one["path"] for one in self.host.report()["credentials"]])

    def test_only_the_directories_of_the_user_who_is_asked_for(self):
        for name in ("alice", "bob"):
            directory = self.host.home(name)
            self.host.file(f"{directory}/token", invented.token(name=name), 0o600, name)
        report = self.host.report("--user", "alice")
        self.assertEqual([one["path"] for one in report["credentials"]],
                         ["/home/alice/.cloudflared/token"])
        outcome = self.host.audit("--user", "nobody-of-that-name")
        self.assertEqual(outcome.code, 2, outcome)

    def test_what_is_excluded_is_no_gap(self):
        self.host.folder("/srv/keep")
        self.host.folder("/srv/leave")
        for name in ("keep", "leave"):
            self.host.file(f"/srv/{name}/token", invented.token(name=name), 0o600)
        for glob in ("/srv/leave", "/srv/l*", "/srv/leave/token"):
            with self.subTest(glob):
                report = self.host.report("--exclude", glob, "/srv")
                self.assertEqual([one["path"] for one in report["credentials"]],
                                 ["/srv/keep/token"])
                self.assertTrue(report["complete"])

    def test_an_excluded_place_says_so(self):
        self.host.folder("/etc/cloudflared")
        report = self.host.report("--exclude", "/etc/cloudflared")
        self.assertEqual(place_states(report)["/etc/cloudflared"], "excluded")
        self.assertTrue(report["complete"])


class EndingTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o644)

    def test_fail_on_sets_the_severity_that_fails(self):
        for severity, code in [("low", 1), ("medium", 1), ("high", 1), ("critical", 0)]:
            with self.subTest(severity):
                report = self.host.report("--fail-on", severity)
                self.assertEqual((report["exit"], len(report["findings"])), (code, 1))

    def test_fail_on_knows_its_words(self):
        for word in ("info", "worst", ""):
            with self.subTest(word):
                outcome = self.host.audit("--fail-on", word)
                self.assertEqual(outcome.code, 2 if word else outcome.code, outcome)

    def test_exit_zero_reports_and_never_fails(self):
        outcome = self.host.audit("--exit-zero", "--json")
        self.assertEqual(outcome.code, 0)
        self.assertEqual(len(json.loads(outcome.out)["findings"]), 1)

    def test_a_report_file_is_private_whole_and_replaces_an_older_one(self):
        path = self.host.at("/report.json")
        for _ in range(2):
            outcome = self.host.audit("-o", f"json={path}", "-o", "text")
            self.assertEqual(outcome.code, 1, outcome)
            self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)
        with open(path, encoding="utf-8") as stream:
            report = json.load(stream)
        self.assertEqual(report["schema"], "cfwarden.report/1")
        self.assertEqual([name for name in os.listdir(self.directory) if "report" in name],
                         ["report.json"])
        self.assertIn("Tunnel token", outcome.text)

    def test_a_report_is_never_written_through_a_link(self):
        victim = self.host.file("/victim", b"untouched")
        self.host.link("/report.json", self.host.at(victim))
        self.host.audit("-o", f"json={self.host.at('/report.json')}")
        with open(self.host.at(victim), "rb") as stream:
            self.assertEqual(stream.read(), b"untouched")

    def test_a_report_that_cannot_be_written_is_no_success(self):
        outcome = self.host.audit("-o", f"json={self.host.at('/gone/report.json')}")
        self.assertNotIn(outcome.code, (0, 1, 3), outcome)
        self.assertIn(self.host.at("/gone"), outcome.complaint)

    def test_a_quiet_audit_shows_findings_only(self):
        text = self.host.audit("-q").text
        self.assertIn("readable-by-everyone", text)
        self.assertNotIn("Looked at", text)


if __name__ == "__main__":
    unittest.main()
