"""The published schema describes every report, and refuses what is none."""

import copy
import json
import os
import subprocess
import unittest

import clean_host
import host_tree
import invented
from invented import TUNNEL


@unittest.skipIf(host_tree.validator() is None, "python3-jsonschema is not installed")
class SchemaTest(host_tree.TreeTest):
    """`Outcome.report` validates what it parses, here and in every other test of this directory."""

    def test_the_schema_itself_is_sound(self):
        type(host_tree.validator()).check_schema(host_tree.validator().schema)

    def test_an_empty_a_clean_and_an_open_host_are_described(self):
        self.host.report()
        clean_host.lay_out(self.host)
        self.host.report()
        subprocess.run(["chmod", "-R", "777", self.host.at("/root"), self.host.at("/home")],
                       check=True)
        self.host.report()

    def test_hostile_names_and_contents_are_described(self):
        home = self.host.home("alice")
        bad = "\x1b[31m\n\u202e\ud83d\ude00".encode("utf-8", "surrogatepass").decode(
            errors="replace")
        for name in (b"\xff-token", b"\n-token", b"\xed\xa0\x80-token", "\u202e-token".encode()):
            self.host.file(os.fsencode(f"{home}/") + name,
                           invented.token(account=bad), 0o644, "alice")
        os.mkfifo(os.fsencode(self.host.at(home)) + b"/\xfe.json")
        self.host.file(f"{home}/{TUNNEL}.json", b"{}", 0o600, "alice")
        self.host.file(f"{home}/{clean_host.APPLICATION}",
                       invented.access_token(expires=-5, issuer=bad), 0o600, "alice")
        report = self.host.report()
        self.assertEqual(len([one for one in report["credentials"] if "path_b64" in one]), 2)

    def test_a_changed_report_is_refused(self):
        clean_host.lay_out(self.host)
        os.chmod(self.host.at("/etc/cloudflared/token"), 0o644)
        report = self.host.report()

        def changed(change):
            other = copy.deepcopy(report)
            change(other)
            return other

        for change in [lambda r: r.pop("gaps"), lambda r: r.update(extra=1),
                       lambda r: r.update(schema="cfwarden.report/2"),
                       lambda r: r.update(exit="0"), lambda r: r.update(gaps=None),
                       lambda r: r["credentials"][0].pop("fingerprint"),
                       lambda r: r["credentials"][0].update(kind=1),
                       lambda r: r["credentials"][0]["file"].update(mode=0o644),
                       lambda r: r["credentials"][0]["readers"].update(audience="all"),
                       lambda r: r["findings"][0].update(severity="worst"),
                       lambda r: r["places"][0].update(state="seen"),
                       lambda r: r["run"].update(started="yesterday")]:
            with self.subTest(change.__code__.co_firstlineno):
                self.assertFalse(host_tree.validator().is_valid(changed(change)))

    def test_the_report_has_the_keys_of_its_first_version_in_their_order(self):
        text = self.host.audit("--json").out
        self.assertEqual(list(json.loads(text)), [
            "schema", "tool", "host", "run", "complete", "places", "credentials", "findings",
            "gaps", "accounts", "summary", "exit"])


if __name__ == "__main__":
    unittest.main()
