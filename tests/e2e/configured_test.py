"""Where config.yml points, what it holds itself, and cloudflared's own rules for both."""

import unittest

import host_tree
import invented
from host_tree import credential, place_states
from invented import OTHER_TUNNEL, TUNNEL

SYSTEM = "/etc/cloudflared/config.yml"
ALICE = "/home/alice/.cloudflared/config.yml"


class ConfiguredTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.folder("/root", 0o700)
        self.host.folder("/srv")

    def config(self, text, path=SYSTEM, mode=0o644, owner="root"):
        self.host.file(path, text.encode(), mode, owner)

    def credentials(self, path, tunnel=TUNNEL, owner="root"):
        self.host.file(path, invented.credentials(tunnel, path), 0o400, owner)

    def paths(self):
        return {one["path"] for one in self.host.report()["credentials"]}

    def test_each_pointer_is_followed(self):
        self.credentials("/srv/run.json")
        self.host.file("/srv/mine.pem", invented.certificate(), 0o600)
        self.config(f"tunnel: {TUNNEL}\ncredentials-file: /srv/run.json\n"
                    "origincert: /srv/mine.pem\n")
        self.assertEqual(self.paths(), {"/srv/run.json", "/srv/mine.pem"})

    def test_a_token_file_is_followed(self):
        self.host.file("/srv/my-token-file", invented.token() + b"\n", 0o600)
        self.config("token-file: /srv/my-token-file\n")
        self.assertEqual(self.paths(), {"/srv/my-token-file"})

    def test_a_place_says_which_line_named_it(self):
        self.credentials("/srv/run.json")
        self.config(f"# note\n\ntunnel: {TUNNEL}\ncredentials-file: /srv/run.json\n")
        place = [one for one in self.host.report()["places"] if one["path"] == "/srv/run.json"][0]
        self.assertIn(f"{SYSTEM}:4", place["why"])
        self.assertEqual(place["state"], "looked-at")

    def test_a_pointer_without_a_target_is_a_finding_and_a_place_that_is_absent(self):
        self.config(f"tunnel: {TUNNEL}\ncredentials-file: /srv/gone.json\n")
        report = self.host.report()
        found = host_tree.finding(report, "config-points-nowhere")
        self.assertEqual((found["path"], found["line"]), (SYSTEM, 2))
        self.assertEqual(place_states(report)["/srv/gone.json"], "absent")

    def test_a_tilde_is_the_home_of_the_configurations_owner(self):
        directory = self.host.home("alice")
        self.credentials("/home/alice/run.json", owner="alice")
        self.config(f"tunnel: {TUNNEL}\ncredentials-file: ~/run.json\n", ALICE, 0o600, "alice")
        self.assertEqual(self.paths(), {"/home/alice/run.json"}, directory)

    def test_a_tilde_in_a_system_configuration_is_roots_home(self):
        self.credentials("/root/run.json")
        self.config(f"tunnel: {TUNNEL}\ncredentials-file: ~/run.json\n")
        self.assertEqual(self.paths(), {"/root/run.json"})

    def test_a_tilde_is_not_expanded_for_a_tunnel_that_is_run_by_name(self):
        self.credentials("/root/run.json")
        self.config("tunnel: wiki\ncredentials-file: ~/run.json\n")
        self.assertEqual(self.paths(), set())

    def test_a_tilde_in_token_file_is_never_expanded(self):
        self.host.file("/root/run-token", invented.token(), 0o600)
        self.config("token-file: ~/run-token\n")
        report = self.host.report()
        self.assertEqual(report["credentials"], [])
        self.assertIn("config-points-nowhere", host_tree.rules(report))

    def test_relative_paths_of_a_service_begin_at_the_root(self):
        self.credentials("/srv/run.json")
        self.config(f"tunnel: {TUNNEL}\ncredentials-file: srv/run.json\n")
        self.assertEqual(self.paths(), {"/srv/run.json"})

    def test_an_inline_token_is_a_credential_with_its_line(self):
        self.config(f"tunnel: {TUNNEL}\n# note\ntoken: \"{invented.token().decode()}\"\n",
                    mode=0o600)
        found = credential(self.host.report(), SYSTEM)
        self.assertEqual((found["line"], found["kind"], found["status"]),
                         (3, "tunnel-token", "usable"))

    def test_inline_credentials_are_a_credential_with_their_line(self):
        text = invented.credentials(OTHER_TUNNEL).decode()
        self.config(f"credentials-contents: '{text}'\n", mode=0o600)
        found = credential(self.host.report(), SYSTEM)
        self.assertEqual((found["line"], found["kind"], found["scope"]["tunnel"]),
                         (1, "tunnel-credentials", OTHER_TUNNEL))

    def test_what_a_token_makes_needless_may_point_nowhere(self):
        self.config(f"token: {invented.token().decode()}\ntoken-file: /srv/gone\n"
                    "credentials-file: /srv/gone.json\n", mode=0o600)
        self.assert_silent("config-points-nowhere", self.host.report())

    def test_what_is_pointed_at_is_found_even_where_a_token_makes_it_needless(self):
        self.credentials("/srv/run.json")
        self.config(f"token: {invented.token().decode()}\ncredentials-file: /srv/run.json\n",
                    mode=0o600)
        self.assertIn("/srv/run.json", self.paths())

    def test_cred_file_is_a_flag_and_no_key(self):
        self.credentials("/srv/run.json")
        self.config(f"tunnel: {TUNNEL}\ncred-file: /srv/run.json\n")
        self.assertEqual(self.paths(), set())

    def test_a_log_file_is_not_read(self):
        self.host.file("/srv/log", invented.token(), 0o600)
        self.config("tunnel: wiki\nlogfile: /srv/log\n")
        report = self.host.report()
        self.assertEqual(report["credentials"], [])
        self.assertIn("/srv/log", place_states(report))

    def test_both_names_of_a_configuration_are_read(self):
        for name in ("config.yml", "config.yaml"):
            with self.subTest(name):
                host = self.new_host()
                host.folder("/etc/cloudflared")
                host.file(f"/etc/cloudflared/{name}",
                          b"token: " + invented.token() + b"\n", 0o600)
                self.assertEqual(len(host.report()["credentials"]), 1)

    def test_a_configuration_cannot_make_root_read_what_its_owner_may_not(self):
        if not host_tree.IS_ROOT:
            self.skipTest("needs root: several owners of files")
        self.host.home("alice")
        self.credentials("/root/secret.json")
        self.config(f"tunnel: {TUNNEL}\ncredentials-file: /root/secret.json\n", ALICE, 0o600,
                    "alice")
        self.assertEqual(self.paths(), set())

    def test_an_env_file_in_a_default_directory_gives_up_its_token(self):
        self.host.file("/etc/cloudflared/tunnel.env",
                       b"# note\nTUNNEL_TOKEN=" + invented.token() + b"\n", 0o600)
        found = credential(self.host.report(), "/etc/cloudflared/tunnel.env")
        self.assertEqual((found["line"], found["kind"]), (2, "tunnel-token"))


if __name__ == "__main__":
    unittest.main()
