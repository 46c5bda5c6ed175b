"""Commands: exit codes, mistyped words, closed and full streams, environments, interruption."""

import json
import os
import pathlib
import signal
import time
import unittest

import host_tree
import invented
import kernel
from host_tree import Running, run
from invented import TUNNEL

RULE = "readable-by-everyone"


class ExitCodeTest(host_tree.TreeTest):
    """One test for each code of each command."""

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.token = self.host.at(self.host.file("/etc/cloudflared/token", invented.token(), 0o600))

    def assert_exit(self, code, outcome):
        self.assertEqual(outcome.code, code, outcome)
        if code in (2, 70):
            self.assertTrue(outcome.complaint.startswith("cfwarden: "), outcome)

    def test_audit_ends_with_0_when_all_is_well(self):
        self.assert_exit(0, self.host.audit())

    def test_audit_ends_with_1_on_a_finding(self):
        os.chmod(self.token, 0o644)
        self.assert_exit(1, self.host.audit())

    def test_audit_ends_with_2_on_a_wrong_flag(self):
        self.assert_exit(2, self.host.audit("--colour"))

    def test_audit_ends_with_3_when_something_could_not_be_looked_at(self):
        os.mkfifo(self.host.at("/etc/cloudflared/cert.pem"), 0o600)
        self.assert_exit(3, self.host.audit())

    def test_audit_ends_with_1_when_there_are_findings_and_gaps(self):
        os.mkfifo(self.host.at("/etc/cloudflared/cert.pem"), 0o600)
        os.chmod(self.token, 0o644)
        outcome = self.host.audit()
        self.assert_exit(1, outcome)
        self.assertIn("incomplete", outcome.text)

    def test_audit_ends_with_70_on_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            self.assert_exit(70, self.host.audit(stdout=full))

    def test_inspect_ends_with_0_for_a_usable_credential(self):
        self.assert_exit(0, run("inspect", self.token))

    def test_inspect_ends_with_0_for_an_incomplete_one(self):
        self.assert_exit(0, run("inspect", "--as", "tunnel-credentials", "-", stdin=b"{}"))

    def test_inspect_ends_with_1_for_anything_else(self):
        self.assert_exit(1, run("inspect", "-", stdin=b"hello"))

    def test_inspect_ends_with_2_without_a_file(self):
        self.assert_exit(2, run("inspect"))

    def test_inspect_ends_with_2_for_a_file_that_is_not_there(self):
        self.assert_exit(2, run("inspect", self.host.at("/gone")))

    def test_inspect_ends_with_3_for_what_cannot_be_read(self):
        self.assertEqual(run("inspect", self.directory).code, 3)

    def test_inspect_ends_with_70_on_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            self.assert_exit(70, run("inspect", self.token, stdout=full))

    def test_explain_ends_with_0_for_a_rule_and_for_a_kind(self):
        for topic in (RULE, "account-certificate", "tunnel-credentials", "tunnel-token"):
            with self.subTest(topic):
                self.assert_exit(0, run("explain", topic, "--root", self.directory))

    def test_explain_ends_with_2_for_an_unknown_word(self):
        self.assert_exit(2, run("explain", "of-nobody"))

    def test_rules_list_and_facts_end_with_0(self):
        for word in ("list", "facts"):
            with self.subTest(word):
                self.assert_exit(0, run("rules", word))

    def test_rules_end_with_2_without_a_verb_or_for_an_absent_directory(self):
        self.assert_exit(2, run("rules"))
        self.assert_exit(2, run("rules", "check"))
        self.assert_exit(2, run("rules", "check", self.host.at("/gone")))

    def test_demo_ends_with_0(self):
        self.assert_exit(0, run("demo", env={"TMPDIR": self.directory}))

    def test_demo_ends_with_2_on_a_wrong_flag(self):
        self.assert_exit(2, run("demo", "--quick"))

    def test_help_and_version_end_with_0(self):
        for arguments in (["--help"], ["--version"], ["audit", "--help"], ["rules", "--help"]):
            with self.subTest(arguments):
                outcome = run(*arguments)
                self.assert_exit(0, outcome)
                self.assertIn("cfwarden" if "--version" in arguments else "--help", outcome.text)


class WordsTest(host_tree.TreeTest):
    def test_the_program_alone_is_an_audit(self):
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o644)
        outcome = run("--root", self.directory, "--json")
        self.assertEqual(host_tree.rules(outcome.report), {RULE})

    def test_an_option_means_the_same_however_it_is_written(self):
        for arguments in (["--json"], ["-o", "json"], ["-ojson"], ["--output=json"],
                          ["-qv", "-ojson"], ["-q", "--output", "json"], ["--exclude=/a", "--json"],
                          ["-vojson"], ["--exclude", "--json", "--json"]):
            with self.subTest(arguments):
                outcome = self.host.audit(*arguments)
                self.assertEqual(outcome.report["schema"], "cfwarden.report/1", outcome)
        for arguments in (["-x"], ["-qx"], ["-q", "-x"], ["--json", "--jsn"], ["--json=1", "-x"]):
            with self.subTest(arguments):
                self.assertEqual(self.host.audit(*arguments).code, 2)

    def test_help_and_complaints_name_options_that_were_not_given(self):
        self.assertIn("--exit-zero", run("audit", "--json", "--help").text)
        outcome = run("inspect", "--json")
        self.assertEqual(outcome.code, 2)
        self.assertIn("FILE", outcome.complaint)

    def test_a_mistyped_command_is_told_what_was_meant(self):
        for word, meant in [("audti", "audit"), ("inspct", "inspect"), ("explian", "explain"),
                            ("rule", "rules"), ("dmeo", "demo")]:
            with self.subTest(word):
                outcome = run(word)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn(f"did you mean '{meant}'", outcome.complaint)

    def test_a_word_that_is_close_to_nothing_gets_no_guess(self):
        self.assertNotIn("did you mean", run("xylophone").complaint)

    def test_a_mistyped_rule_or_kind_is_told_what_was_meant(self):
        for word, meant in [("readable-by-everone", RULE), ("tunnel-tokn", "tunnel-token"),
                            ("hardlinked", "hard-linked")]:
            with self.subTest(word):
                outcome = run("explain", word)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                self.assertIn(f"did you mean '{meant}'", outcome.complaint)

    def test_words_from_the_command_line_are_escaped_in_complaints(self):
        for arguments in (["\x1b[31mred"], ["explain", "\x1b]0;x\x07"], ["audit", "/\u202e\n/gone"],
                          ["audit", "--\x1b[2J"], ["audit", "--user", "\x1b[2J"],
                          ["inspect", "/\x1b[2J"], ["audit", "-o", "\x1b[2J"],
                          ["rules", "check", "/\x1b[2J"], ["audit", "--root", "/\x1b[2J"]):
            with self.subTest(arguments):
                outcome = run(*arguments)
                self.assertEqual(outcome.code, 2)
                self.assertNotRegex(outcome.complaint, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

    def test_explain_says_whether_a_rule_fires_here_and_fills_in_the_real_ids(self):
        self.host.folder("/etc/cloudflared")
        path = self.host.file("/etc/cloudflared/edge-token", invented.token(), 0o644)
        text = run("explain", RULE, "--root", self.directory).text
        for words in (path, TUNNEL, invented.ACCOUNT, "cfd_tunnel", "Refresh"):
            self.assertIn(words, text)
        self.assertIn(f"chmod 0600 {self.directory}/etc/cloudflared/edge-token", text)
        self.assertNotIn(f" {path}\n", text.split("How to mend it")[1])
        self.assertNotIn(path, run("explain", "hard-linked", "--root", self.directory).text)

    def test_rules_facts_names_every_word_that_a_rule_may_use(self):
        text = run("rules", "facts").text
        for word in ("kind", "tunnel-token", "readers", "everyone", "mode"):
            self.assertIn(word, text)


class StreamsTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o644)

    def test_an_audit_with_streams_closed_still_ends_with_its_code(self):
        for closed in ([0], [1], [2], [0, 1, 2]):
            with self.subTest(closed):
                outcome = self.host.audit(
                    prepare=lambda closed=closed: [os.close(number) for number in closed])
                self.assertEqual(outcome.code, 1)

    def test_a_report_file_is_sound_when_streams_are_closed(self):
        path = self.host.at("/report.json")
        self.host.audit("-o", f"json={path}",
                        prepare=lambda: [os.close(number) for number in (0, 1, 2)])
        self.assertEqual(json.loads(pathlib.Path(path).read_bytes())["exit"], 1)

    def test_a_reader_that_has_gone_does_not_kill_the_program(self):
        reader, writer = os.pipe()
        os.close(reader)
        outcome = self.host.audit(stdout=writer, prepare=host_tree.default_signals)
        os.close(writer)
        self.assertEqual(outcome.code, 1, outcome)

    def test_descriptors_that_were_left_open_are_not_used(self):
        descriptor = os.open(self.host.at("/etc/passwd"), os.O_RDONLY)
        os.set_inheritable(descriptor, True)
        self.assertEqual(self.host.audit(close_fds=False).code, 1)
        os.close(descriptor)


class EnvironmentTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o644)
        self.trap = self.host.folder("/trap")
        self.host.folder("/trap/.config/cfwarden")
        self.host.folder("/trap/cfwarden")
        for path in ("/trap/.config/cfwarden/cfwarden.toml", "/trap/cfwarden/cfwarden.toml"):
            self.host.file(path, b'fail_on = "critical"\nexcludes = ["*"]\n', 0o600)

    @host_tree.needs_root
    def test_root_is_not_swayed_by_the_environment(self):
        trap = self.host.at(self.trap)
        hostile = {"HOME": trap, "XDG_CONFIG_HOME": trap + "/.config", "XDG_DATA_HOME": trap,
                   "CFWARDEN_FAIL_ON": "critical", "CFWARDEN_COLOR": "always",
                   "CFWARDEN_ROOT": "/nowhere", "LOCPATH": trap, "LANGUAGE": "%n%n",
                   "OPENSSL_CONF": trap + "/openssl.cnf", "SSL_CERT_FILE": trap,
                   "MALLOC_TRACE": trap + "/trace", "GLIBC_TUNABLES": "x", "IFS": "x",
                   "COLUMNS": "100000", "SUDO_USER": "\x1b[2J"}
        plain, swayed = self.host.audit("--json"), self.host.audit("--json", env=hostile)
        self.assertEqual(host_tree.without_start(swayed.report),
                         host_tree.without_start(plain.report))
        text = self.host.audit(env=hostile).out
        self.assertNotIn(b"\x1b", text)
        self.assertFalse(os.path.exists(trap + "/trace"))

    def test_a_working_directory_that_is_gone_matters_to_relative_paths_only(self):
        def lose_working_directory():
            os.mkdir(self.directory + "/gone")
            os.chdir(self.directory + "/gone")
            os.rmdir(self.directory + "/gone")

        outcome = run("--root", self.directory, "--json", prepare=lose_working_directory)
        self.assertEqual(host_tree.rules(outcome.report), {RULE})
        self.assertEqual(run("--root", ".", prepare=lose_working_directory).code, 70)

    def test_an_ordinary_user_may_set_fail_on_by_the_environment(self):
        uid = host_tree.UIDS["alice"] if host_tree.IS_ROOT else None
        self.assertEqual(self.host.audit(env={"CFWARDEN_FAIL_ON": "critical"}, uid=uid).code, 0)
        self.assertEqual(self.host.audit("--fail-on", "low", uid=uid,
                                         env={"CFWARDEN_FAIL_ON": "critical"}).code, 1)


class InterruptionTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.file("/srv/first", b'{"a":' + b"[1]," * 1000, 0o600)
        self.host.file("/srv/0-token", invented.token(), 0o600)
        for number in range(20_000):
            os.link(self.host.at("/srv/first"), self.host.at(f"/srv/{number}.json"))

    def test_an_audit_that_is_stopped_reports_what_it_has_and_ends_with_3(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), Running("audit", "--json", "--root", self.directory,
                                               "/srv") as running:
                self.wait_until_it_looks(running)
                os.kill(running.process.pid, number)
                outcome = running.finish(timeout=10)
                self.assertEqual(outcome.code, 3, outcome)
                self.assertFalse(outcome.report["complete"])

    def test_the_screen_of_a_stopped_audit_says_so(self):
        with Running("audit", "--root", self.directory, "/srv") as running:
            self.wait_until_it_looks(running)
            os.kill(running.process.pid, signal.SIGINT)
            outcome = running.finish(timeout=10)
            self.assertEqual(outcome.code, 3, outcome)
            self.assertRegex(outcome.text, "stopped|incomplete")

    def wait_until_it_looks(self, running):
        deadline = time.monotonic() + 10
        while not running.catches(signal.SIGINT):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.001)
        time.sleep(0.02)


class WithoutProcTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.needs_mounts()
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o600)

    def cover_proc(self):
        kernel.enter_mount_namespace()
        kernel.mount("none", "/proc", "tmpfs")

    def fake_proc(self):
        """A directory that pretends, with links to whatever its author likes."""
        self.cover_proc()
        os.makedirs("/proc/self/fd")
        for number in range(64):
            os.symlink("/etc/passwd", f"/proc/self/fd/{number}")

    def test_an_audit_without_proc_is_never_clean(self):
        for prepare in (self.cover_proc, self.fake_proc):
            with self.subTest(prepare.__name__):
                outcome = self.host.audit("--json", prepare=prepare)
                self.assertEqual(outcome.code, 3, outcome)
                report = outcome.report
                self.assertEqual(report["credentials"], [])
                self.assertIn("/etc/cloudflared/token", host_tree.gaps(report))
                self.assertNotIn("no findings", self.host.audit(prepare=prepare).text)

    def test_what_the_metadata_say_is_found_without_proc(self):
        os.chmod(self.host.at("/etc/cloudflared/token"), 0o644)
        outcome = self.host.audit("--json", prepare=self.cover_proc)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("/etc/cloudflared/token", host_tree.gaps(outcome.report))


if __name__ == "__main__":
    unittest.main()
