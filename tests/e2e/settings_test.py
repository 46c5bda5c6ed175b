"""cfwarden.toml and rules of one's own: what they change, and how they are refused."""

import json
import os
import unittest

import host_tree
import invented

TOKEN = "/etc/cloudflared/token"


class SettingsTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o644)
        self.host.folder("/settings")

    def settings(self, text, mode=0o600, owner="root"):
        return self.host.at(self.host.file("/settings/cfwarden.toml", text.encode(), mode, owner))

    def running(self, *arguments):
        """An audit of a directory of the running host."""
        return host_tree.run("audit", "--json", *arguments)

    def test_places_of_the_settings_are_looked_at_beside_the_default_ones(self):
        self.host.folder("/srv")
        path = self.host.at(self.host.file("/srv/token", invented.token(name="more"), 0o600))
        settings = self.settings(f'places = ["{self.host.at("/srv")}"]\n')
        report = self.running("--config", settings).report
        self.assertIn(path, [one["path"] for one in report["credentials"]])
        self.assertIn("/etc/cloudflared", [place["path"] for place in report["places"]])

    def test_excludes_of_the_settings_leave_paths_out(self):
        settings = self.settings(f'excludes = ["{TOKEN}"]\n')
        self.assertEqual(self.host.report("--config", settings)["credentials"], [])

    def test_fail_on_of_the_settings_yields_to_the_flag(self):
        settings = self.settings('fail_on = "critical"\n')
        self.assertEqual(self.host.audit("--config", settings).code, 0)
        self.assertEqual(self.host.audit("--config", settings, "--fail-on", "low").code, 1)

    def test_an_unknown_key_is_exit_2_with_file_and_line(self):
        settings = self.settings('# note\nexcludes = []\nexclude = ["x"]\n')
        outcome = self.host.audit("--config", settings)
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
        self.assertIn("cfwarden.toml:3", outcome.complaint)
        self.assertIn("excludes", outcome.complaint)

    def test_broken_toml_is_exit_2_with_file_and_line(self):
        for text in ('fail_on = "low"\nplaces = [\n', "\n= 3\n", 'places = "no list"\n',
                     'fail_on = "worst"\n'):
            with self.subTest(text):
                outcome = self.host.audit("--config", self.settings(text))
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn("cfwarden.toml", outcome.complaint)

    def test_settings_that_others_can_write_are_refused(self):
        for mode in (0o666, 0o620, 0o602):
            with self.subTest(f"{mode:o}"):
                outcome = self.host.audit("--config", self.settings("", mode))
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    @host_tree.needs_root
    def test_settings_of_somebody_else_are_refused(self):
        outcome = self.host.audit("--config", self.settings("", 0o644, "alice"))
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    def test_settings_that_are_named_but_absent_are_exit_2(self):
        outcome = self.host.audit("--config", self.host.at("/settings/gone.toml"))
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)


class RulesTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o644)
        self.host.folder("/rules")

    def rule(self, name, content, mode=0o644, owner="root"):
        text = content if isinstance(content, str) else json.dumps(content)
        self.host.file(f"/rules/{name}.json", text.encode(), mode, owner)

    def audit(self, *arguments):
        return self.host.audit("--rules", self.host.at("/rules"), *arguments)

    def own_rule(self, **changes):
        return {"id": "token-on-this-host", "severity": "low", "title": "A token lies here",
                "when": {"kind": {"any_of": ["tunnel-token"]}}, "fix": "none",
                "message": "is a token", "expected": "no token", "actual": "a token",
                "rationale": "This host runs no tunnel.", "remediation": ["Remove it."],
                "references": ["https://example.com/policy"],
                "flags": [{"kind": "tunnel-token"}], "passes": [{"kind": "ssh-key"}], **changes}

    def test_a_rule_of_ones_own_fires(self):
        self.rule("mine", self.own_rule())
        outcome = self.audit("--json")
        self.assertNotEqual(outcome.code, 2, outcome)
        self.assertEqual(host_tree.rules(outcome.report),
                         {"readable-by-everyone", "token-on-this-host"})

    def test_a_rule_can_be_turned_off(self):
        self.rule("mine", {"id": "readable-by-everyone", "enabled": False})
        report = self.audit("--json").report
        self.assertEqual((report["findings"], report["exit"]), ([], 0))

    def test_the_severity_of_a_rule_can_be_changed(self):
        self.rule("mine", {"id": "readable-by-everyone", "severity": "info"})
        report = self.audit("--json").report
        self.assertEqual(host_tree.finding(report, "readable-by-everyone")["severity"], "info")
        self.assertEqual(report["exit"], 0)

    def test_a_whole_rule_replaces_one_of_the_same_id(self):
        self.rule("mine", self.own_rule(id="readable-by-everyone", title="Replaced"))
        report = self.audit("--json").report
        self.assertEqual(host_tree.finding(report, "readable-by-everyone")["title"], "Replaced")

    def test_an_unsound_rule_is_exit_2_and_names_its_file_and_what_is_allowed(self):
        for content, word in [("{", "mine.json"), (self.own_rule(severity="worst"), "critical"),
                              (self.own_rule(wehn={}), "when"),
                              (self.own_rule(when={"kinds": {"any_of": ["x"]}}), "kind"),
                              (self.own_rule(when={"kind": {"any_of": ["tunnel"]}}),
                               "tunnel-token"),
                              ({"id": "of-nobody", "enabled": False}, "no such rule")]:
            with self.subTest(content):
                self.rule("mine", content)
                for arguments in (["audit", "--root", self.directory, "--rules"],
                                  ["rules", "check"]):
                    outcome = host_tree.run(*arguments, self.host.at("/rules"))
                    self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                    self.assertIn("mine.json", outcome.complaint)
                    self.assertIn(word, outcome.complaint)

    def test_rules_that_others_can_write_are_refused(self):
        self.rule("mine", {"id": "readable-by-everyone", "enabled": False}, 0o666)
        outcome = self.audit()
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
        self.rule("mine", {"id": "readable-by-everyone", "enabled": False})
        os.chmod(self.host.at("/rules"), 0o777)
        self.assertEqual(self.audit().code, 2)

    @host_tree.needs_root
    def test_rules_of_somebody_else_are_refused(self):
        self.rule("mine", {"id": "readable-by-everyone", "enabled": False}, 0o644, "alice")
        self.assertEqual(self.audit().code, 2)

    def test_a_sound_rule_passes_the_check(self):
        self.rule("mine", self.own_rule())
        outcome = host_tree.run("rules", "check", self.host.at("/rules"))
        self.assertEqual(outcome.code, 0, outcome)

    def test_an_example_that_does_not_behave_fails_the_check(self):
        self.rule("mine", self.own_rule(passes=[{"kind": "tunnel-token"}]))
        outcome = host_tree.run("rules", "check", self.host.at("/rules"))
        self.assertEqual(outcome.code, 2, outcome)

    def test_the_projects_own_rules_pass_the_check(self):
        for path in (host_tree.SOURCE / "rules").glob("*.json"):
            self.rule(path.stem, path.read_text(encoding="utf-8"))
        outcome = host_tree.run("rules", "check", self.host.at("/rules"))
        self.assertEqual(outcome.code, 0, outcome)


if __name__ == "__main__":
    unittest.main()
