"""Nothing under --root leads out of it, and nothing of the running host gets in."""

import json
import os
import socket
import unittest

import host_tree
import invented
from host_tree import credential, gaps
from invented import OTHER_ACCOUNT, TUNNEL


class RootEscapeTest(host_tree.TreeTest):
    """The tree is `inside`; beside it lies a credential that must never be seen."""

    def setUp(self):
        super().setUp()
        self.outside = self.host
        self.outside.folder("/victim")
        self.outside.file("/victim/cert.pem", invented.certificate("victim", OTHER_ACCOUNT), 0o644)
        self.outside.file("/victim/token", invented.token(name="victim", account=OTHER_ACCOUNT),
                          0o644)
        self.outside.folder("/inside")
        self.inside = host_tree.HostTree(self.outside.at("/inside"))
        self.inside.accounts()

    def assert_sealed(self, outcome):
        self.assertNotIn(OTHER_ACCOUNT.encode(), outcome.out + outcome.err)
        self.assertNotIn(b"certificate", outcome.out)

    def test_an_absolute_link_of_root_is_resolved_inside(self):
        self.inside.folder("/usr/home/alice", 0o700, "alice")
        self.inside.link("/home", "/usr/home")
        self.inside.folder("/usr/home/alice/.cloudflared", 0o700, "alice")
        self.inside.file("/usr/home/alice/.cloudflared/token", invented.token(), 0o600, "alice")
        paths = [one["path"] for one in self.inside.report()["credentials"]]
        self.assertEqual(len(paths), 1, paths)
        self.assertIn(paths[0], ("/home/alice/.cloudflared/token",
                                 "/usr/home/alice/.cloudflared/token"))

    def test_links_that_lead_out_are_not_followed(self):
        victim = self.outside.at("/victim")
        up = "../" * 40
        for name, target in [("absolute", victim), ("relative", "../victim"),
                             ("far up", up + victim.lstrip("/")),
                             ("by proc", f"/proc/1/root{victim}"),
                             ("by a descriptor", "/proc/self/cwd/victim")]:
            with self.subTest(name):
                path = self.inside.at("/etc/cloudflared")
                if os.path.islink(path):
                    os.unlink(path)
                self.inside.link("/etc/cloudflared", target)
                for arguments in ([], ["/etc/cloudflared"], ["/etc/cloudflared/token"]):
                    outcome = host_tree.run("audit", "--json", "--root", self.inside.directory,
                                            *arguments, cwd=self.outside.directory)
                    self.assert_sealed(outcome)

    def test_links_to_files_that_lead_out_are_not_followed(self):
        self.inside.folder("/etc/cloudflared")
        for number, target in enumerate([self.outside.at("/victim/cert.pem"),
                                         "../../../victim/cert.pem", "/etc/shadow",
                                         f"/proc/1/root{self.outside.at('/victim/cert.pem')}"]):
            self.inside.link(f"/etc/cloudflared/link-{number}.pem", target)
        self.inside.link("/etc/cloudflared/cert.pem", self.outside.at("/victim/cert.pem"))
        self.assert_sealed(self.inside.audit("--json"))
        self.assert_sealed(self.inside.audit("-v"))

    def test_a_path_with_dots_stays_inside(self):
        up = "/.." * 40
        for path in (f"{up}{self.outside.at('/victim')}", "/../victim", "../victim/token"):
            with self.subTest(path):
                outcome = host_tree.run("audit", "--json", "--root", self.inside.directory, path)
                self.assert_sealed(outcome)
                self.assertEqual(outcome.code, 2, outcome)

    def test_accounts_come_from_the_roots_own_files(self):
        self.inside.folder("/srv")
        self.inside.file("/srv/token", invented.token(), 0o644)
        readers = credential(self.inside.report("/srv"), "/srv/token")["readers"]
        self.assertEqual(set(readers["accounts"]) - {"alice", "bob", "carol"},
                         {"www-data", "cloudflared"})

    def test_a_passwd_that_is_a_link_out_of_the_root_is_not_read(self):
        os.unlink(self.inside.at("/etc/passwd"))
        self.outside.file("/victim/passwd", b"stranger:x:4242:4242::/home/stranger:/bin/sh\n",
                          0o644)
        for target in (self.outside.at("/victim/passwd"), "../../victim/passwd"):
            with self.subTest(target):
                if os.path.islink(self.inside.at("/etc/passwd")):
                    os.unlink(self.inside.at("/etc/passwd"))
                self.inside.link("/etc/passwd", target)
                self.inside.folder("/srv")
                self.inside.file("/srv/token", invented.token(), 0o644)
                outcome = self.inside.audit("--json", "/srv")
                self.assertNotIn(b"stranger", outcome.out + outcome.err)

    def test_the_name_of_the_host_comes_from_its_own_file(self):
        self.assertEqual(self.inside.report()["host"]["hostname"], "tree-host")
        os.unlink(self.inside.at("/etc/hostname"))
        self.assertIsNone(self.inside.report()["host"]["hostname"])

    def test_a_hostname_that_is_a_link_out_of_the_root_is_not_read(self):
        os.unlink(self.inside.at("/etc/hostname"))
        self.outside.file("/victim/hostname", b"victim-host", 0o644)
        self.inside.link("/etc/hostname", "../../victim/hostname")
        self.assertIsNone(self.inside.report()["host"]["hostname"])

    def test_nothing_of_the_running_host_is_in_the_report(self):
        self.inside.folder("/etc/cloudflared")
        self.inside.file("/etc/cloudflared/token", invented.token(), 0o644)
        env = {"TUNNEL_TOKEN": invented.token(name="victim", account=OTHER_ACCOUNT).decode(),
               "HOME": self.outside.at("/victim")}
        report = self.inside.report(env=env)
        self.assertEqual(report["host"]["root"], self.inside.directory)
        self.assertIsNone(report["run"]["user"])
        del report["host"]["root"]
        text = json.dumps(report)
        for word in (socket.gethostname(), self.directory, OTHER_ACCOUNT):
            self.assertNotIn(word, text)

    def test_configured_paths_are_inside(self):
        self.inside.folder("/etc/cloudflared")
        self.inside.file("/etc/cloudflared/config.yml",
                         f"tunnel: {TUNNEL}\ncredentials-file: {self.outside.at('/victim/token')}\n"
                         "origincert: ../../../../../../../../victim/cert.pem\n".encode(), 0o644)
        outcome = self.inside.audit("--json")
        self.assertNotIn(OTHER_ACCOUNT.encode(), outcome.out + outcome.err)
        self.assert_fires("config-points-nowhere", "/etc/cloudflared/config.yml",
                          self.inside.report())

    def test_a_root_that_is_no_directory_is_exit_2(self):
        for path in (self.outside.at("/gone"), self.outside.at("/victim/token")):
            with self.subTest(path):
                outcome = host_tree.run("audit", "--root", path)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    @host_tree.needs_root
    def test_a_users_link_out_of_the_home_is_a_gap_that_names_the_link(self):
        directory = self.inside.home("alice")
        self.inside.link(f"{directory}/cert.pem", "/etc/shadow", "alice")
        self.inside.file("/etc/shadow", b"root:*:1:::::\n", 0o600)
        self.assertIn(f"{directory}/cert.pem", gaps(self.inside.report()))


if __name__ == "__main__":
    unittest.main()
