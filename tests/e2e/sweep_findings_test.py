"""Every rule that only a sweep can ask fires in the file made for it, and beside it no other does."""

import os
import shutil
import subprocess
import unittest

import host_tree
import invented
from host_tree import run

TOKEN = invented.token()
COMMAND = b"cloudflared tunnel run --token " + TOKEN + b"\n"

# Rule: severity, path, content.
SWEPT = {
    "credential-in-shell-history": ("medium", "/root/.bash_history", b"ls\n" + COMMAND),
    "credential-in-log": ("medium", "/var/log/app.log", b"started: " + COMMAND),
    "credential-in-infrastructure-state": (
        "medium", "/srv/terraform.tfstate",
        b'{"version": 4, "terraform_version": "1.9.0", "token": "' + TOKEN + b'"}'),
    "credential-in-shared-text": ("medium", "/srv/Dockerfile", b"FROM x\nENV TOKEN=" + TOKEN),
    "credential-in-script": ("medium", "/srv/run.sh", b"#!/bin/sh\n" + COMMAND),
    "credential-in-user-data": ("high", "/var/lib/cloud/instance/user-data.txt",
                                b"#cloud-config\nruncmd:\n - " + COMMAND),
    "credential-in-old-copy": ("medium", "/var/mail/root", b"From x\n\nTry this: " + COMMAND),
    "token-in-service-environment": (
        "low", "/srv/compose.yml", b"services:\n  tunnel:\n    image: cloudflare/cloudflared\n"
        b"    environment:\n      TUNNEL_TOKEN: " + TOKEN + b"\n"),
}
# Laid out by sweep_test.py: a repository, and a process.
ELSEWHERE = {"credential-staged", "credential-tracked-by-git", "token-in-process-environment"}


class SweepFindingsTest(host_tree.TreeTest):
    def lay_out(self, path, content):
        host = self.new_host()
        os.makedirs(os.path.dirname(host.at(path)), exist_ok=True)
        for folder in ("/root", "/srv", "/var/log", "/var/mail", "/var/lib/cloud/instance"):
            if os.path.isdir(host.at(folder)):
                host.folder(folder)
        host.file(path, content, 0o600)
        return host

    def swept(self, host, *arguments):
        return run("sweep", "--json", "--root", host.directory, *arguments).report

    def test_each_rule_fires_alone_in_its_file(self):
        for rule, (severity, path, content) in SWEPT.items():
            with self.subTest(rule):
                found = self.swept(self.lay_out(path, content))
                self.assertEqual(
                    [(one["rule"], one["severity"], one["path"]) for one in found["findings"]],
                    [(rule, severity, path)])
                for key in ("title", "message", "expected", "actual", "fix"):
                    self.assertTrue(found["findings"][0][key], key)

    def test_an_audit_of_the_same_file_has_none_of_them(self):
        for rule, (_, path, content) in SWEPT.items():
            with self.subTest(rule):
                host = self.lay_out(path, content)
                self.assertFalse(host_tree.rules(host.report(path)) & {*SWEPT, *ELSEWHERE})

    def test_each_explains_what_to_do_without_an_audit(self):
        for rule in {*SWEPT, "credential-tracked-by-git"}:
            with self.subTest(rule):
                text = " ".join(run("explain", rule, "--root", self.directory).text.split())
                self.assertIn("Not looked: only a sweep tells, see cfwarden sweep", text)
                self.assertIn("How to mend it", text)

    def test_what_lies_closed_in_its_own_file_is_sound(self):
        for path, content in [("/srv/tunnel.env", b"TUNNEL_TOKEN=" + TOKEN + b"\n"),
                              ("/srv/token", TOKEN), ("/srv/cert.pem", invented.certificate())]:
            with self.subTest(path):
                found = self.swept(self.lay_out(path, content))
                self.assertEqual(len(found["credentials"]), 1)
                self.assertEqual(found["findings"], [])
                self.assertEqual(found["exit"], 0)

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_a_tracked_file_is_one_finding_more(self):
        host = self.lay_out("/srv/tunnel.env", b"TUNNEL_TOKEN=" + TOKEN + b"\n")
        for words in (["init", "--quiet"], ["add", "tunnel.env"]):
            subprocess.run(["git", "-c", "safe.directory=*", "-C", host.at("/srv"), *words],
                           check=True, env={**host_tree.ENVIRONMENT, "HOME": host.directory})
        self.assertEqual([(one["rule"], one["severity"])
                          for one in self.swept(host, "--git")["findings"]],
                         [("credential-tracked-by-git", "high")])


if __name__ == "__main__":
    unittest.main()
