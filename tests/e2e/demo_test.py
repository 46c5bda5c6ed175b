"""The newcomer's first screen: enough faults, no false one, nothing left behind."""

import json
import os
import re
import unittest

import host_tree
from host_tree import run


SHOP = "/etc/cloudflared/6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d.json"
PUBLISHED = "/usr/local/etc/cloudflared/c7d8e9f0-1a2b-4c3d-8e4f-5a6b7c8d9e0f.json"
DECIMAL = "/home/alice/.cloudflared/c7d8e9f0-1a2b-4c3d-8e4f-5a6b7c8d9e0f.json"
RENAMED = "/home/alice/.cloudflared/3e4f5a6b-7c8d-4e9f-8a0b-1c2d3e4f5a6b.json"
SHORT = "/home/bob/.cloudflared/8a9b0c1d-2e3f-4a5b-9c6d-7e8f9a0b1c2d.json"
LINKED = "/home/carol/.cloudflared/3e4f5a6b-7c8d-4e9f-8a0b-1c2d3e4f5a6b.json"
SPARE = "/home/carol/.cloudflared/spare.json"
UNIT = "/etc/systemd/system/cloudflared.service"
INTRANET = "/etc/cloudflared/e5f6a7b8-c9d0-4e1f-9a2b-3c4d5e6f7081.json"

# What src/host/demo_host.cc lays out, judged by hand.
FAULTS = {
    ("account-certificate-readable-by-everyone", "/root/.cloudflared/cert.pem"),
    ("same-secret-elsewhere", "/root/.cloudflared/cert.pem"),
    ("backup-copy", "/root/.cloudflared/cert.pem.org"),
    ("credential-old", "/root/.cloudflared/cert.pem.org"),
    ("credential-directory-open", "/root/.cloudflared"),
    ("readable-by-everyone", SHOP),
    ("readable-by-group", "/etc/cloudflared/token"),
    ("secret-in-readable-config", "/etc/cloudflared/config.yml"),
    ("credential-needed-by-nobody", "/etc/cloudflared/config.yml"),
    ("tunnel-secret-published", PUBLISHED),
    ("account-certificate-needs-refresh", "/usr/local/etc/cloudflared/cert.pem"),
    ("group-writable-decimal-mode", DECIMAL),
    ("tunnel-id-mismatch", RENAMED),
    ("config-points-nowhere", "/home/alice/.cloudflared/config.yml"),
    ("credential-directory-open", "/home/alice/.cloudflared"),
    ("planted-key-pair", "/home/alice/cloudflared_priv.pem"),
    ("tunnel-secret-too-short", SHORT),
    ("tunnel-secret-predictable", "/home/bob/.cloudflared/token"),
    ("mode-too-wide", "/home/bob/.cloudflared/token"),
    ("credential-malformed", "/home/bob/.cloudflared/cert.pem"),
    ("credential-directory-open", "/home/carol/.cloudflared"),
    ("replaceable-by-others", LINKED),
    ("hard-linked", LINKED),
    ("replaceable-by-others", SPARE),
    ("hard-linked", SPARE),
    ("token-in-unit", UNIT),
    ("token-in-arguments", UNIT),
    ("readable-by-everyone", UNIT),
    ("service-cannot-read", INTRANET),
    # Both services bring their own: one a token, the other a configuration that names a file.
    ("account-certificate-on-connector", "/root/.cloudflared/cert.pem"),
    ("account-certificate-on-connector", "/root/.cloudflared/cert.pem.org"),
    ("account-certificate-on-connector", "/usr/local/etc/cloudflared/cert.pem"),
    ("credential-needed-by-nobody", SHOP),
    ("credential-needed-by-nobody", "/etc/cloudflared/token"),
    ("credential-needed-by-nobody", PUBLISHED),
    ("credential-needed-by-nobody", DECIMAL),
    ("credential-needed-by-nobody", RENAMED),
    ("credential-needed-by-nobody", SHORT),
    ("credential-needed-by-nobody", "/home/bob/.cloudflared/token"),
    ("credential-needed-by-nobody", LINKED),
    ("credential-needed-by-nobody", SPARE),
}
DEPLOYED = "/usr/local/etc/cloudflared/token"
# Root gives a file of the system to somebody else; and a service of root's runs as root.
FAULTS_OF_ROOT = {("unexpected-owner", DEPLOYED), ("credential-needed-by-nobody", DEPLOYED),
                  ("service-runs-as-root", UNIT)}
# All accounts of an ordinary user's demo share one group, which has another member.
FAULTS_OF_A_USER = {("replaceable-by-others", DECIMAL)}


class DemoTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o1777)
        self.temporary = {"TMPDIR": self.directory}

    def uids(self):
        """As whom it is run: root and an ordinary user, or the latter alone."""
        return [None, 41001] if host_tree.IS_ROOT else [None]

    def demo(self, *arguments, uid=None):
        """As root the environment is not asked for a place."""
        return run("demo", *arguments, env=self.temporary, uid=uid)

    def kept(self, uid):
        """The directory of a demo host that is kept, and the report on it."""
        outcome = self.demo("--keep", uid=uid)
        self.assertEqual(outcome.code, 0, outcome)
        directory = re.search(r"lies in (/\S+)", outcome.text).group(1)
        self.addCleanup(host_tree.remove_tree, directory)
        return directory, run("audit", "--json", "--root", directory, uid=uid).report

    def test_it_ends_with_0_and_shows_at_least_twelve_rules(self):
        listed = set(re.findall("^[a-z]+ +([a-z0-9-]+)", run("rules", "list").text, re.M))
        for uid in self.uids():
            with self.subTest(uid=uid):
                outcome = self.demo(uid=uid)
                self.assertEqual(outcome.code, 0, outcome)
                shown = set(re.findall("^  (?:critical|high|medium|low|info) +([a-z0-9-]+)",
                                       outcome.text, re.M))
                self.assertGreaterEqual(len(shown), 12)
                self.assertLessEqual(shown, listed)

    def test_it_says_where_it_lies_and_cleans_up(self):
        for uid in self.uids():
            with self.subTest(uid=uid):
                outcome = self.demo(uid=uid)
                directory = re.search(r"lies in (/\S+)", outcome.text).group(1)
                self.assertFalse(os.path.exists(directory))
                self.assertIn("removed", outcome.text)

    def test_it_finds_each_fault_that_it_lays_out_and_no_other(self):
        for uid in self.uids():
            with self.subTest(uid=uid):
                _, report = self.kept(uid)
                as_root = uid is None and host_tree.IS_ROOT
                self.assertEqual(host_tree.pairs(report),
                                 FAULTS | (FAULTS_OF_ROOT if as_root else FAULTS_OF_A_USER))

    def test_every_finding_is_true_of_the_file_it_names(self):
        for uid in self.uids():
            with self.subTest(uid=uid):
                directory, report = self.kept(uid)
                for one in report["findings"]:
                    self.assertTrue(os.path.lexists(directory + one["path"]), one)
                    mode = os.lstat(directory + one["path"]).st_mode & 0o7777
                    if re.match("is 0[0-7]{3},", one["message"] or ""):
                        self.assertIn(f"is {mode:04o},", one["message"])

    def test_it_says_who_needs_what_and_what_is_in_the_way(self):
        for uid in self.uids():
            with self.subTest(uid=uid):
                _, report = self.kept(uid)
                needs = {one["path"]: [(need["who"], need["can_read"])
                                       for need in one["needed_by"]]
                         for one in report["credentials"] if one["needed_by"]}
                # The token of the default configuration is not among them: the unit's own wins.
                self.assertEqual(needs, {
                    UNIT: [("cloudflared.service", True)],
                    INTRANET: [("intranet.service", False)],
                })
                said = [one["message"] for one in report["findings"]
                        if one["rule"] == "service-cannot-read"]
                self.assertEqual(len(said), 1)
                self.assertIn("(User=cloudflared) cannot read it (mode 0600, owner ", said[0])

    def test_an_ordinary_user_is_told_what_is_left_out(self):
        uid = 41001 if host_tree.IS_ROOT else None
        self.assertIn("Left out", self.demo(uid=uid).text)
        if host_tree.IS_ROOT:
            self.assertNotIn("Left out", self.demo().text)

    def test_a_temporary_directory_that_cannot_be_written_is_an_error(self):
        uid = 41001 if host_tree.IS_ROOT else None
        outcome = run("demo", env={"TMPDIR": "/proc"}, uid=uid)
        self.assertNotEqual(outcome.code, 0)
        self.assertTrue(outcome.complaint.startswith("cfwarden: "))

    def test_it_works_as_an_audit_does_in_json(self):
        directory, _ = self.kept(self.uids()[-1])
        text = run("audit", "--root", directory, "--json", uid=self.uids()[-1]).out
        self.assertGreaterEqual(len({one["rule"] for one in json.loads(text)["findings"]}), 12)


if __name__ == "__main__":
    unittest.main()
