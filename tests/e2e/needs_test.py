"""What needs each credential: service layouts as hosts have them, hostile ones, and what none of
them may give away."""

import functools
import os
import time
import unittest
import unittest.mock

import canary_test
import host_tree
import invented
import service_layouts
from host_tree import credential, finding, gaps, needs_root
from service_layouts import CERTIFICATE, LAYOUTS, TOKEN, UNIT, UNITS

# An ordinary user's tree is that user's throughout: nothing of it runs as root.
OF_ROOT_ALONE = {"service-runs-as-root"}


def needs_of(report):
    """{path: [(who, user, can_read)]} of every credential. What a user says that somebody else's
    file is needed for is not among them."""
    needs = {}
    for one in report["credentials"]:
        needs.setdefault(one["path"], []).extend(
            (need["who"], need["user"], need["can_read"]) for need in one["needed_by"]
            if need["controlled_by"] in (None, one["file"]["owner"]))
    return needs


class ServiceTest(host_tree.TreeTest):
    def lay_out(self, layout):
        if not host_tree.IS_ROOT and not layout.for_everyone:
            self.skipTest("needs root: several owners of files")
        layout.lay_out(self.host)


class LayoutTest(ServiceTest):
    """Each layout is a test of its own; the loop below adds them."""

    def check(self, layout):
        self.lay_out(layout)
        report = self.host.report(*layout.arguments)
        self.assertEqual(needs_of(report), layout.needed_by, layout.story)
        rules = layout.rules
        if not host_tree.IS_ROOT:
            rules = {(rule, path) for rule, path in rules if rule not in OF_ROOT_ALONE}
        self.assertEqual(host_tree.pairs(report), rules, layout.story)
        self.assertEqual(set(gaps(report)), layout.gaps, layout.story)
        again = self.host.report(*layout.arguments)
        self.assertEqual(host_tree.without_start(again), host_tree.without_start(report))


class CanaryTest(ServiceTest):
    """No layout gives away a secret; the loop below adds a test for each."""

    def check(self, layout):
        canary = {"secret_bytes": canary_test.CANARY}
        with unittest.mock.patch.multiple(
                invented, token=functools.partial(invented.token, **canary),
                credentials=functools.partial(invented.credentials, **canary),
                certificate=functools.partial(invented.certificate, api_token=canary_test.TEXT)):
            self.lay_out(layout)
        for arguments in ([], ["-v"], ["--json"]):
            outcome = self.host.audit(*arguments, *layout.arguments)
            self.assertIn(outcome.code, (0, 1, 3), outcome.code)
            for stream in (outcome.out, outcome.err):
                leak = canary_test.leak_in(stream)
                self.assertIsNone(leak, f"{layout.name} {arguments}: leaked {leak!r}")


def add_layouts(case, name):
    for layout in LAYOUTS:
        def test(self, layout=layout):
            self.check(layout)
        test.__doc__ = layout.story
        setattr(case, name.format(layout.name), test)


add_layouts(LayoutTest, "test_{}")
add_layouts(CanaryTest, "test_{}_gives_no_secret_away")


class AdviceTest(ServiceTest):
    """What is said beside the rule's name."""

    def test_a_need_that_resolves_to_nothing_names_every_path_tried(self):
        service_layouts.install(self.host, f"tunnel run {invented.TUNNEL}")
        found = finding(self.host.report(), "need-resolves-to-nothing", UNIT)
        name = f"{invented.TUNNEL}.json"
        for directory in ("/etc/cloudflared", "/usr/local/etc/cloudflared", "/root/.cloudflared",
                          "/root/.cloudflare-warp", "/root/cloudflare-warp"):
            with self.subTest(directory):
                self.assertIn(f"{directory}/{name}", found["actual"])
        self.assertIn(invented.TUNNEL, found["expected"])
        self.assertIn("cloudflared.service", self.host.audit().text)

    def test_a_unit_from_before_2026_7_2_is_told_of_that_version(self):
        service_layouts.installed_in_2022_with_a_token(self.host)
        text = self.host.audit().text
        for rule in ("token-in-unit", "token-in-arguments"):
            with self.subTest(rule):
                explained = host_tree.run("explain", rule, "--root", self.directory).text
                self.assertIn(rule, text)
                self.assertIn("2026.7.2", explained)
        self.assertIn("2026.7.2", text)
        self.assertIn("2026.7.2 and newer", text)

    @needs_root
    def test_an_unreadable_credential_names_its_obstacle(self):
        service_layouts.roots_home(self.host)
        service_layouts.install(self.host, service_layouts.BY_CONFIG, "User=cloudflared\n")
        service_layouts.config(self.host)
        service_layouts.credentials(self.host, service_layouts.ROOTS)
        report = self.host.report()
        found = finding(report, "service-cannot-read", service_layouts.ROOTS)
        self.assertIn("cloudflared.service (User=cloudflared) cannot search /root",
                      found["actual"])
        need = credential(report, service_layouts.ROOTS)["needed_by"][0]
        self.assertIn("/root", need["obstacle"])

    def test_a_leftover_certificate_comes_with_the_steps_to_revoke_it(self):
        service_layouts.installed_in_2020_after_a_login(self.host)
        self.assertEqual(finding(self.host.report(), "account-certificate-on-connector")["path"],
                         CERTIFICATE)
        text = host_tree.run("explain", "account-certificate-on-connector", "--root",
                             self.directory).text
        for words in ("API Tokens", invented.ACCOUNT, CERTIFICATE):
            with self.subTest(words):
                self.assertIn(words, text)

    @needs_root
    def test_a_need_that_a_user_controls_says_whose_it_is(self):
        service_layouts.unit_of_a_user(self.host)
        need = credential(self.host.report(), service_layouts.ALICES)["needed_by"][0]
        self.assertEqual(need["controlled_by"], "alice")

    def test_what_is_excluded_is_neither_read_nor_missed(self):
        service_layouts.installed_in_2026_with_a_token(self.host)
        report = self.host.report("--exclude", TOKEN)
        self.assertEqual((report["credentials"], report["gaps"]), ([], []))
        self.assertNotIn("need-resolves-to-nothing", host_tree.rules(report))
        report = self.host.report("--exclude", "/etc/systemd")
        self.assertEqual(needs_of(report), {TOKEN: []})
        self.assertEqual(report["findings"], [])

    def test_what_an_excluded_configuration_names_is_not_called_needless(self):
        service_layouts.installed_in_2020_after_a_login(self.host)
        report = self.host.report("--exclude", service_layouts.CONFIG)
        self.assertEqual(needs_of(report), {service_layouts.ROOTS: [], CERTIFICATE: []})
        self.assertLessEqual(host_tree.rules(report), OF_ROOT_ALONE)

    def test_a_path_that_is_named_shows_its_needs_and_no_other_credential(self):
        service_layouts.installed_in_2020_after_a_login(self.host)
        service_layouts.install(self.host, f"tunnel run --token {service_layouts.a_token()}",
                                name="more.service")
        service_layouts.token_file(self.host)
        report = self.host.report(service_layouts.ROOTS)
        self.assertEqual(needs_of(report), {service_layouts.ROOTS: service_layouts.STOCK})
        self.assertEqual(report["findings"], [])
        report = self.host.report(TOKEN)
        self.assertEqual(set(needs_of(report)), {TOKEN})


class HostileTest(ServiceTest):
    """Definitions that somebody made to hide, to hang or to forge something."""

    PATIENCE = 20  # Seconds; most of it is the making of processes.

    def setUp(self):
        super().setUp()
        service_layouts.installed_in_2026_with_a_token(self.host)

    def report_in_time(self, *arguments, **options):
        start = time.monotonic()
        report = self.host.report(*arguments, **options)
        self.assertLess(time.monotonic() - start, self.PATIENCE * host_tree.slowness())
        return report

    def assert_token_is_needed(self, report):
        self.assertIn(service_layouts.STOCK[0], needs_of(report)[TOKEN])

    def test_names_are_escaped_and_forge_no_line(self):
        forged = "CRITICAL  Forged   the shadow"
        for name in (f"a\n{forged}\n.service", "b\x1b[2J\x1b]0;x\x07.service", "c\u202e\u2066.service",
                     "d\xff.service".encode("latin-1")):
            directory = UNITS.encode() if isinstance(name, bytes) else UNITS
            separator = b"/" if isinstance(name, bytes) else "/"
            self.host.file(directory + separator + name,
                           service_layouts.stock_unit(
                               f"tunnel run --token-file {TOKEN}").encode(), 0o644)
        self.assert_token_is_needed(self.report_in_time())
        for arguments in ([], ["-v"]):
            outcome = self.host.audit(*arguments)
            self.assertNotIn(forged, outcome.text.splitlines())
            self.assertFalse(set(outcome.text) & set("\x1b\x07\u202e\u2066\x7f"))
            self.assertNotIn(b"\xff", outcome.out)

    def test_text_inside_definitions_is_escaped(self):
        service_layouts.install(
            self.host, r'"--credentials-file=/etc/x\x1b[2J\nCRITICAL  Forged" tunnel run '
            + invented.TUNNEL, name="forged.service")
        report = self.report_in_time()
        self.assertIn(("need-resolves-to-nothing", f"{UNITS}/forged.service"),
                      host_tree.pairs(report))
        text = self.host.audit("-v").text
        self.assertFalse([line for line in text.splitlines() if line.startswith("CRITICAL")])
        self.assertNotIn("\x1b", text)

    def test_lines_without_end_are_read_up_to_a_bound(self):
        long = {"spaces": " " * (1 << 20), "words": "a " * (1 << 19), "quotes": '"' * (1 << 20),
                "continued": "\\\n" * (1 << 19), "percents": "%%i" * 300_000,
                "variables": "${A}" * 250_000}
        for name, filling in long.items():
            self.host.file(f"{UNITS}/{name}.service",
                           f"[Service]\nExecStart=/usr/bin/cloudflared {filling}".encode(), 0o644)
        report = self.report_in_time()
        self.assert_token_is_needed(report)
        for name in long:
            with self.subTest(name):
                self.assertIn(f"{UNITS}/{name}.service", gaps(report))

    def test_ten_thousand_drop_ins_are_a_gap(self):
        directory = self.host.folder(f"{UNIT}.d")
        for number in range(10_000):
            self.host.file(f"{directory}/{number}.conf", b"[Service]\nNice=1\n", 0o644)
        report = self.report_in_time()
        self.assertIn(directory, gaps(report))
        self.assertFalse(report["complete"])

    def test_links_in_circles_end(self):
        for one, other in (("a", "b"), ("b", "a"), ("c", "c")):
            self.host.link(f"{UNITS}/{one}.service", f"{UNITS}/{other}.service")
        self.host.link(f"{UNITS}/cloudflared.service.d", UNITS)
        self.host.link(f"{UNITS}/loop.service.d", ".")
        self.host.folder(f"{UNITS}/x.service.d")
        self.host.link(f"{UNITS}/x.service.d/x.service.d", "..")
        self.assert_token_is_needed(self.report_in_time())

    def test_a_fifo_is_not_waited_for(self):
        os.mkfifo(self.host.at(f"{UNITS}/x.service"))
        self.host.folder("/etc/default")
        os.mkfifo(self.host.at("/etc/default/cloudflared"))
        service_layouts.drop_in(self.host,
                                "[Service]\nEnvironmentFile=-/etc/default/cloudflared\n")
        self.assert_token_is_needed(self.report_in_time())

    def test_a_unit_that_cannot_be_read_is_a_gap(self):
        uid = host_tree.UIDS["alice"] if host_tree.IS_ROOT else None
        os.chmod(self.host.at(UNIT), 0o600 if host_tree.IS_ROOT else 0)
        report = self.report_in_time(uid=uid)
        self.assertIn(UNIT, gaps(report))
        self.assertFalse(report["complete"])

    @needs_root
    def test_only_a_crontab_that_is_its_users_own_is_read_as_theirs(self):
        line = f"@reboot cloudflared tunnel run --token-file {TOKEN}"
        for why in ("another name", "another owner", "open to others"):
            with self.subTest(why):
                self.host = self.new_host()
                service_layouts.token_file(self.host)
                service_layouts.crontab(self.host, "root", line)
                path = self.host.at(f"{service_layouts.CRONTABS}/root")
                if why == "another name":
                    os.link(path, self.host.at("/root-crontab"))
                elif why == "another owner":
                    os.chown(path, host_tree.UIDS["alice"], 105)
                else:
                    os.chmod(path, 0o620)
                report = self.report_in_time()
                self.assertEqual(needs_of(report)[TOKEN], [])
                self.assertIn(f"{service_layouts.CRONTABS}/root", gaps(report))

    @needs_root
    def test_a_users_units_hide_nobody_elses(self):
        service_layouts.alices(self.host, "ExecStart=/usr/bin/cloudflared tunnel run mine\n")
        for number in range(5_000):
            self.host.file(f"{service_layouts.USER_UNITS}/{number}.service",
                           b"[Service]\nExecStart=/usr/bin/cloudflared tunnel run "
                           b"--token-file /etc/cloudflared/token\n", 0o644, "alice")
        report = self.report_in_time()
        self.assertEqual(needs_of(report)[TOKEN], service_layouts.STOCK)


if __name__ == "__main__":
    unittest.main()
