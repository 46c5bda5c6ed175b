"""`cfwarden sweep`: whole trees, whatever the files are called, and what processes run with."""

import base64
import gzip
import io
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import unittest

import canary_test
import host_tree
import invented
import kernel
import shapes
from host_tree import IS_ROOT, Running, credential, finding, gaps, needs_root, run
from invented import OTHER_TUNNEL, TUNNEL

API_TOKEN = "INVENTED-api-token-x7Qp2vZk9LwRt4x7Qp2vZ"
HISTORY = "/home/alice/.bash_history"


def put(host, path, content, mode=0o600, owner="root", group=None):
    """A file with all directories above it."""
    parts = path.split("/")[1:-1]
    for depth in range(1, len(parts) + 1):
        folder = "/" + "/".join(parts[:depth])
        if not os.path.isdir(host.at(folder)):
            host.folder(folder)
    return host.file(path, content, mode, owner, group)


def lay_out_shapes(host, secret=None, second=None, api_token=API_TOKEN, mode=0o644):
    """Every shape of the corpus in its place; answers what is expected of each path."""
    values = shapes.names(secret or invented.secret("sweep"), second or invented.secret("second"),
                          api_token)
    expected = {}
    for path, content, found in shapes.all_shapes(values):
        put(host, path, content, mode)
        expected[path] = found
    return expected


def lay_out_mess(host):
    """A host as people leave it."""
    token = invented.token(TUNNEL)
    put(host, "/etc/systemd/system/web.service",
        b"[Unit]\nDescription=web\n\n[Service]\nEnvironment=TUNNEL_TOKEN=" + token + b"\n", 0o644)
    put(host, "/srv/stack/compose.yml", b"services:\n  tunnel:\n    image: cloudflare/cloudflared\n"
        b"    command: tunnel run --token " + token + b"\n", 0o640)
    put(host, "/srv/stack/.env", b"TUNNEL_TOKEN=" + token + b"\n", 0o644)
    put(host, "/opt/notes", b"nothing of interest\n", 0o644)
    put(host, "/var/log/app.log", b"started\n", 0o644)
    host.home("alice")
    host.file(HISTORY, b"ls\ncloudflared service install " + token + b"\n", 0o600, "alice")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in [("etc/cloudflared/cert.pem", invented.certificate()),
                              ("etc/motd", b"welcome\n")]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    put(host, "/srv/backup.tgz", archive.getvalue(), 0o600)
    put(host, "/var/log/app.log.2.gz", gzip.compress(b"x\nenv map[A_TUNNEL_TOKEN:" + token + b"]\n"))


def sweep(host, *arguments, **options):
    return run("sweep", "--root", host.directory, *arguments, **options)


def report(host, *arguments, **options):
    return sweep(host, "--json", *arguments, **options).report


def rules_of(found, path):
    return {one["rule"] for one in found["findings"] if one["path"] == path}


class ShapesTest(host_tree.TreeTest):
    def test_every_shape_of_the_corpus_is_found_in_its_place_as_what_it_is(self):
        expected = lay_out_shapes(self.host)
        self.assertGreater(len(expected), 60)
        found = {}
        for one in report(self.host)["credentials"]:
            found.setdefault(one["path"], []).append((one["carrier"], one["kind"], one["line"]))
        for path in sorted({*expected, *found}):
            with self.subTest(path):
                self.assertEqual(sorted(found.get(path, []), key=str),
                                 sorted(expected.get(path, []), key=str))

    def test_nothing_of_a_secret_comes_out_in_any_format(self):
        canary = canary_test.CANARY
        lay_out_shapes(self.host, canary, canary, canary.decode())
        broken = canary_test.broken_forms()
        for number, content in enumerate(broken.values()):
            put(self.host, f"/srv/broken/{number}.log", content, 0o644)
        for arguments in ([], ["-v"], ["-q"], ["--json"], ["--color", "always"], ["--git"]):
            with self.subTest(arguments):
                outcome = sweep(self.host, *arguments)
                self.assertEqual(outcome.code, 1, outcome)
                for stream in (outcome.out, outcome.err):
                    self.assertIsNone(canary_test.leak_in(stream))


class SweepTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        lay_out_mess(self.host)

    def test_a_messy_tree_is_told_with_its_places_rules_and_readers(self):
        found = report(self.host)
        paths = {one["path"]: one for one in found["credentials"]}
        self.assertEqual(set(paths), {
            "/etc/systemd/system/web.service", "/srv/stack/compose.yml", "/srv/stack/.env", HISTORY,
            "/srv/backup.tgz!etc/cloudflared/cert.pem", "/var/log/app.log.2.gz!app.log.2"})
        self.assertEqual(paths["/srv/stack/.env"]["readers"]["audience"], "everyone")
        self.assertEqual(paths[HISTORY]["readers"]["audience"], "owner")
        self.assertEqual(paths[HISTORY]["line"], 2)
        self.assertIn("credential-in-shell-history", rules_of(found, HISTORY))
        self.assertIn("readable-by-everyone", rules_of(found, "/srv/stack/.env"))
        self.assertIn("credential-in-log", rules_of(found, "/var/log/app.log.2.gz!app.log.2"))
        self.assertIn("credential-in-old-copy",
                      rules_of(found, "/srv/backup.tgz!etc/cloudflared/cert.pem"))
        self.assertEqual(found["gaps"], [])
        self.assertTrue(found["complete"])
        self.assertEqual(found["names"], [])
        self.assertEqual(found["swept"]["names_only"], False)
        self.assertGreaterEqual(found["swept"]["files"], 8)

    def test_where_a_secret_stands_in_a_definition_is_told_as_audit_does(self):
        found = report(self.host)
        unit = rules_of(found, "/etc/systemd/system/web.service")
        self.assertIn("token-in-environment-of-unit", unit)
        self.assertNotIn("token-in-arguments", unit)
        self.assertIn("token-in-arguments", rules_of(found, "/srv/stack/compose.yml"))
        self.assertEqual(finding(found, "token-in-arguments")["path"], "/srv/stack/compose.yml")

    def test_two_sweeps_of_an_unchanged_tree_are_the_same_report(self):
        one, other = (host_tree.without_start(report(self.host)) for _ in range(2))
        self.assertEqual(one, other)
        threads = [report(self.host, "--jobs", jobs) for jobs in ("1", "4", "64")]
        for again in threads:
            self.assertEqual(host_tree.without_start(again), one)

    def test_nothing_is_changed_and_no_time_of_access_moves(self):
        before = host_tree.snapshot(self.directory)
        accessed = os.stat(self.host.at("/srv/stack/.env")).st_atime_ns
        os.utime(self.host.at("/srv/stack/.env"),
                 ns=(accessed - 10**15, os.stat(self.host.at("/srv/stack/.env")).st_mtime_ns))
        before = host_tree.snapshot(self.directory)
        report(self.host)
        self.assertEqual(host_tree.snapshot(self.directory), before)
        self.assertEqual(os.stat(self.host.at("/srv/stack/.env")).st_atime_ns, accessed - 10**15)

    def test_paths_limit_the_sweep_and_are_reported_without_the_root(self):
        found = report(self.host, "/srv/stack", HISTORY)
        self.assertEqual({one["path"] for one in found["credentials"]},
                         {"/srv/stack/compose.yml", "/srv/stack/.env", HISTORY})
        self.assertEqual([place["path"] for place in found["places"]], [HISTORY, "/srv/stack"])

    def test_a_path_of_the_running_host_is_swept_too(self):
        outcome = run("sweep", "--json", self.host.at("/srv/stack"))
        self.assertEqual(outcome.code, 1)
        self.assertEqual({one["path"] for one in outcome.report["credentials"]},
                         {self.host.at("/srv/stack/compose.yml"), self.host.at("/srv/stack/.env")})

    def test_a_link_is_not_followed_but_where_it_is_named(self):
        self.host.link("/srv/link", "/etc")
        self.host.link("/etc/shortcut", "/srv/stack")
        self.assertEqual(
            {one["path"] for one in report(self.host, "/etc")["credentials"]},
            {"/etc/systemd/system/web.service"})
        self.assertEqual(
            {one["path"] for one in report(self.host, "/etc/shortcut")["credentials"]},
            {"/srv/stack/compose.yml", "/srv/stack/.env"})

    def test_exclude_leaves_out_a_directory_and_a_name_and_is_no_gap(self):
        found = report(self.host, "--exclude", "/srv/stack", "--exclude", "*.gz", "--exclude",
                       "web.service")
        self.assertEqual({one["path"] for one in found["credentials"]},
                         {HISTORY, "/srv/backup.tgz!etc/cloudflared/cert.pem"})
        self.assertTrue(found["complete"])

    def test_what_is_left_out_by_size_is_a_gap(self):
        put(self.host, "/srv/large.log", b"x" * 5000 + invented.token(), 0o600)
        found = report(self.host, "--max-size", "4K")
        self.assertIn("/srv/large.log", gaps(found))
        self.assertNotIn("/srv/large.log", {one["path"] for one in found["credentials"]})
        self.assertIn("/srv/large.log",
                      {one["path"] for one in report(self.host)["credentials"]})

    def test_a_file_with_two_names_is_told_once_under_the_first_of_them(self):
        put(self.host, "/srv/z/token.txt", b"token: " + invented.token(OTHER_TUNNEL, "links"))
        self.host.folder("/srv/a")
        os.link(self.host.at("/srv/z/token.txt"), self.host.at("/srv/a/run.sh"))
        for _ in range(3):
            found = report(self.host, "/srv/z", "/srv/a", "--jobs", "4")
            self.assertEqual([one["path"] for one in found["credentials"]], ["/srv/a/run.sh"])
            self.assertEqual(found["credentials"][0]["carrier"], "script")
            self.assertEqual(found["credentials"][0]["file"]["links"], 2)

    def test_a_backup_of_a_unit_starts_nothing_and_is_a_copy(self):
        put(self.host, "/etc/systemd/system/old.service.bak",
            b"[Service]\nExecStart=/usr/bin/cloudflared tunnel run --token " + invented.token() +
            b"\n", 0o600)
        rules = rules_of(report(self.host), "/etc/systemd/system/old.service.bak")
        self.assertIn("backup-copy", rules)
        self.assertFalse(rules & {"token-in-unit", "token-in-arguments", "credential-in-script"})

    def test_names_that_are_not_utf8_are_told_by_their_bytes(self):
        path = os.fsencode("/srv/") + b"caf\xe9/cert.pem"
        os.mkdir(self.host.at(os.path.dirname(path)))
        with open(self.host.at(path), "wb") as stream:
            stream.write(invented.certificate())
        found = report(self.host, "/srv")
        self.assertIn(path, {host_tree.path_of(one) for one in found["credentials"]})
        names = report(self.host, "--names-only")
        self.assertIn(base64.b64encode(path).decode(), names["names_b64"].values())

    def test_a_file_that_cannot_be_decoded_to_its_end_is_a_gap(self):
        damaged = bytearray(pathlib.Path(self.host.at("/srv/backup.tgz")).read_bytes())
        damaged[-40:-8] = b"\0" * 32
        put(self.host, "/srv/damaged.tgz", bytes(damaged))
        found = report(self.host)
        self.assertTrue([path for path in gaps(found) if path.startswith("/srv/damaged.tgz")])

    @needs_root
    def test_what_an_ordinary_user_may_not_read_is_a_gap(self):
        os.chmod(self.directory, 0o755)
        put(self.host, "/srv/closed/token", invented.token(), 0o600)
        outcome = run("sweep", "--json", self.host.at("/srv"), uid=host_tree.UIDS["bob"])
        self.assertEqual(outcome.code, 1)
        self.assertEqual({one["path"] for one in outcome.report["credentials"]},
                         {self.host.at("/srv/stack/.env")})
        self.assertIn(self.host.at("/srv/closed/token"), gaps(outcome.report))
        self.assertIs(outcome.report["complete"], False)

    @needs_root
    def test_who_needs_what_is_told_as_audit_does(self):
        put(self.host, "/etc/cloudflared/token", invented.token(), 0o600)
        put(self.host, "/etc/systemd/system/tunnel.service",
            b"[Service]\nExecStart=/usr/bin/cloudflared tunnel run --token-file "
            b"/etc/cloudflared/token\n[Install]\nWantedBy=multi-user.target\n", 0o644)
        needs = credential(report(self.host), "/etc/cloudflared/token")["needed_by"]
        self.assertEqual([need["who"] for need in needs], ["tunnel.service"])

    def test_archives_inside_archives_are_named_all_the_way(self):
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w:gz") as tar:
            member = tarfile.TarInfo("etc/cloudflared/token")
            content = invented.token(OTHER_TUNNEL)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        outer = io.BytesIO()
        with tarfile.open(fileobj=outer, mode="w") as tar:
            member = tarfile.TarInfo("monday.tgz")
            member.size = len(inner.getvalue())
            tar.addfile(member, io.BytesIO(inner.getvalue()))
        put(self.host, "/srv/all.tar", outer.getvalue())
        self.assertIn("/srv/all.tar!monday.tgz!etc/cloudflared/token",
                      {one["path"] for one in report(self.host)["credentials"]})


class NamesTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.home("alice")
        for path in ("/home/alice/.cloudflared/cert.pem", f"/srv/deep/er/{TUNNEL}.json",
                     "/opt/host-cf_key", "/opt/readme.txt"):
            put(self.host, path, b"not looked at", 0o600)
        os.makedirs(self.host.at("/opt/cert.pem"))  # A directory is none.

    def test_names_only_tells_full_paths_and_exits_0(self):
        outcome = sweep(self.host, "--names-only", "--json")
        self.assertEqual(outcome.code, 0)
        self.assertEqual(outcome.report["names"],
                         ["/home/alice/.cloudflared/cert.pem", "/opt/host-cf_key",
                          f"/srv/deep/er/{TUNNEL}.json"])
        self.assertEqual(outcome.report["credentials"], [])
        self.assertEqual(outcome.report["swept"]["files"], 0)
        self.assertIs(outcome.report["swept"]["names_only"], True)

    def test_the_screen_has_each_name_on_a_line_of_its_own(self):
        outcome = sweep(self.host, "--names-only")
        self.assertEqual(outcome.code, 0)
        lines = outcome.text.splitlines()
        self.assertEqual(lines[:3], ["/home/alice/.cloudflared/cert.pem", "/opt/host-cf_key",
                                     f"/srv/deep/er/{TUNNEL}.json"])
        self.assertIn("no file was opened", outcome.text)
        self.assertEqual(sweep(self.host, "--names-only", "-q").text.splitlines(), lines[:3])

    @needs_root
    def test_a_gap_does_not_change_the_code_and_is_shown(self):
        self.host.folder("/srv/closed", 0o700)
        outcome = run("sweep", "--names-only", "--json", self.host.at("/srv"),
                      uid=host_tree.UIDS["bob"])
        self.assertEqual(outcome.code, 0)
        self.assertIn(self.host.at("/srv/closed"), gaps(outcome.report))

    def test_no_file_is_opened(self):
        os.mkfifo(self.host.at("/srv/cert.pem"))
        self.assertEqual(len(report(self.host, "--names-only")["names"]), 3)


class CodesTest(host_tree.TreeTest):
    def test_a_clean_tree_is_0(self):
        put(self.host, "/srv/readme", b"nothing\n", 0o644)
        outcome = sweep(self.host)
        self.assertEqual(outcome.code, 0)
        self.assertIn("no Cloudflare Tunnel credentials here", outcome.text)
        self.assertEqual(outcome.err, b"")

    def test_findings_are_1_unless_the_caller_wants_worse(self):
        put(self.host, "/srv/x.log", b"token " + invented.token(), 0o600)
        self.assertEqual(sweep(self.host).code, 1)
        self.assertEqual(sweep(self.host, "--fail-on", "critical").code, 0)
        self.assertEqual(sweep(self.host, "--exit-zero").code, 0)

    def test_options_that_say_nothing_of_names_are_refused(self):
        for option in (["--git"], ["--max-size", "4K"]):
            with self.subTest(option):
                outcome = sweep(self.host, "--names-only", *option)
                self.assertEqual((outcome.code, outcome.out), (2, b""))
                self.assertLess(len(outcome.complaint.strip()), 80)
                for word in ("--names-only", option[0]):
                    self.assertIn(word, outcome.complaint)

    def test_the_help_names_all_units_and_speaks_of_no_audit(self):
        text = " ".join(run("sweep", "--help").text.split())
        self.assertIn("bytes, or K, M, G, T", text)
        self.assertNotIn("Audit an", text)

    def test_a_path_that_is_not_there_and_nonsense_are_2(self):
        for arguments in (["/nowhere"], ["--max-size", "ten"], ["--max-size", ""], ["--jobs", "0"],
                          ["--jobs", "65"], ["--jobs", "x"], ["--fail-on", "worst"], ["-o", "xml"],
                          ["--rules", "/nowhere"]):
            with self.subTest(arguments):
                outcome = sweep(self.host, *arguments)
                self.assertEqual(outcome.code, 2, outcome)
                self.assertEqual(outcome.out, b"")
        self.assertEqual(run("sweep", "--root", self.host.at("/nowhere")).code, 2)

    def test_an_argument_that_is_a_credential_is_refused(self):
        outcome = run("sweep", invented.token().decode())
        self.assertEqual(outcome.code, 2)
        self.assertIn("looks like a credential", outcome.complaint)

    def test_an_incomplete_sweep_without_findings_is_3(self):
        put(self.host, "/srv/large", b"x" * 5000, 0o644)
        outcome = sweep(self.host, "--max-size", "1K", "/srv")
        self.assertEqual(outcome.code, 3)
        self.assertIn("NOT READ", outcome.text)

    def test_a_report_can_go_to_a_file_beside_the_screen(self):
        put(self.host, "/srv/x.log", b"token " + invented.token(), 0o600)
        path = self.host.at("/report.json")
        outcome = sweep(self.host, "/srv", "-o", f"json={path}", "-o", "text")
        self.assertIn("credential-in-log", outcome.text)
        self.assertEqual(len(json.loads(pathlib.Path(path).read_bytes())["credentials"]), 1)


class InterruptedTest(host_tree.TreeTest):
    """A sweep of much text, which is stopped in the middle."""

    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.folder("/srv/much")
        self.lay_out_much(b"")

    def lay_out_much(self, last):
        # Full of what announces a credential and is none, so that each is handed over.
        text = b'{"TunnelSecret": "not one", "AccountTag": 1}\n' * 400 + last
        for number in range(4000):
            self.host.file(f"/srv/much/{number}", text)

    def interrupted(self, number=signal.SIGINT, after=0.15):
        with Running("sweep", "--root", self.directory, "--json", "--jobs", "1") as running:
            while not running.catches(signal.SIGINT) and running.process.poll() is None:
                time.sleep(0.001)
            time.sleep(after)
            running.process.send_signal(number)
            begin = time.monotonic()
            outcome = running.finish()
            self.assertLess(time.monotonic() - begin, 20 * host_tree.slowness())
            return outcome

    def test_an_interrupt_ends_with_a_partial_report(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            outcome = self.interrupted(number=number)
            self.assertEqual(outcome.code, 3, outcome)
            self.assertIs(outcome.report["complete"], False)

    def test_an_interrupt_with_findings_is_1(self):
        self.lay_out_much(b"x " + invented.token())
        outcome = self.interrupted(after=2 * host_tree.slowness())
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("same-secret-elsewhere", host_tree.rules(outcome.report))
        self.assertIs(outcome.report["complete"], False)

    def test_nothing_is_left_running(self):
        self.interrupted()
        time.sleep(0.2)
        left = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(self.directory) in words and b"sweep" in words:
                left.append(words)
        self.assertEqual(left, [])


class ScreenTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        lay_out_mess(self.host)

    def test_the_screen_fits_and_ends_with_what_to_do(self):
        text = sweep(self.host).text
        for line in text.splitlines():
            self.assertLessEqual(len(line), 100, line)
        self.assertRegex(text, r"Looked at [\d,]+ names and read [\d,]+ files, [\d.]+ [kM]?B "
                               r"in [\d.]+ s")
        self.assertRegex(text, r"Found +6 credentials;   ")
        self.assertRegex(text.replace(" \\\n", ""), r"Next +cfwarden fix FILE\.\.\. +--root")
        self.assertRegex(text.splitlines()[-1], r"cfwarden explain [a-z-]+ +--root|--root /")

    def test_one_file_that_fix_can_close_is_named(self):
        text = sweep(self.host, "/srv/stack/.env").text.replace(" \\\n", "")
        self.assertRegex(text, r"Next +cfwarden fix /srv/stack/\.env")
        done = run("fix", "/srv/stack/.env", "--root", self.directory)
        self.assertIn("/srv/stack/.env", done.text)
        self.assertEqual(done.code, 1)

    def test_colour_and_ascii_follow_the_terminal(self):
        self.assertNotIn("\x1b", sweep(self.host).text)
        self.assertIn("\x1b[", sweep(self.host, "--color", "always").text)
        sweep(self.host, env={"LANG": "C"}).out.decode("ascii")

    def test_progress_is_drawn_on_a_terminal_and_is_gone_at_the_end(self):
        text = b'{"TunnelSecret": "not one", "AccountTag": 1}\n' * 40_000
        self.host.folder("/srv/much")
        for number in range(150):
            self.host.file(f"/srv/much/{number}", text)
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [host_tree.program(), "sweep", "--jobs", "1", "--root", self.directory],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=follower,
            env=host_tree.ENVIRONMENT)
        self.addCleanup(process.kill)
        os.close(follower)
        drawn = b""
        while piece := read_from(leader):
            if not drawn:
                process.send_signal(signal.SIGINT)
            drawn += piece
        os.close(leader)
        process.wait(60 * host_tree.slowness())
        if not drawn:
            self.skipTest("this machine was done within a second")
        self.assertRegex(drawn, rb"sweeping: [\d,]+ names, [\d,]+ files, [\d.]+ .?B, [\d.]+ .?B/s")
        self.assertTrue(drawn.endswith(b"\r\x1b[K"), drawn[-40:])


def read_from(leader):
    """What is on a terminal next; nothing where its last writer has gone."""
    try:
        return os.read(leader, 65536)
    except OSError:
        return b""


@unittest.skipUnless(shutil.which("git"), "git is not installed")
class GitTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.work = self.host.folder("/srv/app")
        self.git("init", "--quiet")
        for name in ("tracked.env", "untracked.env"):
            put(self.host, f"/srv/app/deploy/{name}",
                b"TUNNEL_TOKEN=" + invented.token(name=name) + b"\n")
        put(self.host, "/srv/elsewhere.env", b"TUNNEL_TOKEN=" + invented.token(name="e") + b"\n")
        self.git("add", "deploy/tracked.env")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "safe.directory=*", "-C", self.host.at(self.work), *arguments],
                       check=True, capture_output=True,
                       env={**host_tree.ENVIRONMENT, "HOME": self.directory})

    def tracked(self):
        found = report(self.host, "--git")
        self.assertEqual(found["git"], {"history_searched": False})
        return {one["path"]: (one["tracked"], one["work_tree"]) for one in found["credentials"]}

    def test_each_file_is_told_with_its_work_tree(self):
        expected = {"/srv/app/deploy/tracked.env": (True, "/srv/app"),
                    "/srv/app/deploy/untracked.env": (False, "/srv/app"),
                    "/srv/elsewhere.env": (False, None)}
        self.assertEqual(self.tracked(), expected)
        for version in ("4", "2"):
            self.git("update-index", "--index-version", version)
            self.assertEqual(self.tracked(), expected)

    def test_the_screen_says_that_history_is_not_searched(self):
        text = " ".join(sweep(self.host, "--git").text.split())
        self.assertIn("tracked by git in /srv/app: the secret is in its history", text)
        self.assertIn("history is not searched", text)

    def test_without_the_option_nothing_is_said_of_git(self):
        found = report(self.host)
        self.assertNotIn("git", found)
        self.assertNotIn("tracked", found["credentials"][0])

    def test_another_work_tree_of_a_repository_has_an_index_of_its_own(self):
        self.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x")
        self.git("worktree", "add", "--quiet", self.host.at("/srv/second"))
        # git writes the whole path: inside of --root it means another place.
        link = pathlib.Path(self.host.at("/srv/second/.git"))
        link.write_text(link.read_text("utf-8").replace(self.directory, ""), "utf-8")
        self.assertEqual(self.tracked()["/srv/second/deploy/tracked.env"], (True, "/srv/second"))

    def test_an_index_that_is_not_understood_is_a_gap_and_the_answer_unknown(self):
        self.host.file("/srv/app/.git/index", b"DIRC\0\0\0\2\0\0\0\7" + b"\xff" * 200, 0o644)
        found = report(self.host, "--git")
        self.assertIn("/srv/app/.git", gaps(found))
        self.assertIsNone(credential(found, "/srv/app/deploy/tracked.env")["tracked"])
        self.assertIsNone(
            {one["path"]: one["tracked"] for one in found["credentials"]}
            ["/srv/app/deploy/untracked.env"])

    def test_a_hostile_git_directory_holds_nothing_up(self):
        shutil.rmtree(self.host.at("/srv/app/.git"))
        os.mkfifo(self.host.at("/srv/app/.git"))
        self.assertIsNone(self.tracked()["/srv/app/deploy/tracked.env"][0])
        os.unlink(self.host.at("/srv/app/.git"))
        self.host.file("/srv/app/.git", b"gitdir: " + b"../" * 1000 + b"x\n", 0o644)
        self.assertIn(self.tracked()["/srv/app/deploy/tracked.env"][0], (None, False))


@needs_root
class MountTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.needs_mounts()
        put(self.host, "/srv/here.log", b"token " + invented.token(), 0o600)
        self.host.folder("/srv/disk")

    def swept(self, *arguments):
        token = invented.token(OTHER_TUNNEL)

        def prepare():
            kernel.enter_mount_namespace()
            subprocess.run(["mount", "-t", "tmpfs", "none", self.host.at("/srv/disk")], check=True)
            pathlib.Path(self.host.at("/srv/disk/there.log")).write_bytes(b"token " + token)
            subprocess.run(["mount", "-t", "proc", "none", self.host.at("/opt")], check=False)

        self.host.folder("/opt")
        return run("sweep", "--json", "--root", self.directory, *arguments, prepare=prepare).report

    def test_a_local_mount_is_crossed_unless_it_shall_not_be(self):
        self.assertEqual({one["path"] for one in self.swept()["credentials"]},
                         {"/srv/here.log", "/srv/disk/there.log"})
        found = self.swept("--one-file-system")
        self.assertEqual({one["path"] for one in found["credentials"]}, {"/srv/here.log"})
        self.assertIn({"path": "/srv/disk", "type": "tmpfs", "why": "another file system"},
                      [{**one, "type": "tmpfs"} for one in found["skipped"]])
        self.assertTrue(found["complete"])

    def test_kernel_interfaces_are_left_out_and_said_so(self):
        self.assertIn({"path": "/opt", "type": "proc", "why": "kernel interface"},
                      self.swept()["skipped"])


class ProcessesTest(host_tree.TreeTest):
    """The machine itself is swept, with all its directories left out."""

    SLEEPER = "import sys, time; print('ready', flush=True); time.sleep(600)"

    def started(self, *arguments, env=None, uid=None):
        process = subprocess.Popen(
            [sys.executable, "-c", self.SLEEPER, *arguments], stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin", **(env or {})}, cwd="/",
            preexec_fn=(lambda: host_tree.become(uid)) if uid else None)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        return process.pid

    def swept(self, **options):
        return run("sweep", "--json", "--exclude", "/*", **options).report

    def test_arguments_of_any_process_are_looked_at(self):
        pid = self.started("--token", invented.token(OTHER_TUNNEL, "argument").decode())
        found = self.swept()
        one = credential(found, f"/proc/{pid}/cmdline")
        self.assertEqual((one["kind"], one["carrier"], one["line"]),
                         ("tunnel-token", "process", None))
        self.assertEqual(one["scope"]["tunnel"], OTHER_TUNNEL)
        if one["readers"]["audience"] == "everyone":  # Unless /proc hides processes.
            self.assertIn("token-in-arguments", rules_of(found, one["path"]))
        self.assertEqual(host_tree.place_states(found)["/proc"], "looked-at")

    def test_a_process_has_a_program_and_no_facts_of_files(self):
        pid = self.started("--token", invented.token(OTHER_TUNNEL, "argument").decode(),
                           env={"CF_TUNNEL_TOKEN": invented.token(OTHER_TUNNEL, "env").decode()})
        found = self.swept()
        name = pathlib.Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
        for file in ("cmdline", "environ"):
            one = credential(found, f"/proc/{pid}/{file}")
            self.assertEqual(one["program"], name)
            self.assertEqual({key for key, value in one["file"].items() if value is None},
                             {"mode", "links", "modified"})
            self.assertEqual(one["file"]["uid"], os.geteuid())
            self.assertNotIn("mode", json.dumps(one["readers"]))

    def test_variables_are_looked_at_where_that_is_permitted(self):
        pid = self.started(env={"CF_TUNNEL_TOKEN": invented.token(OTHER_TUNNEL, "env").decode()})
        found = self.swept()
        one = credential(found, f"/proc/{pid}/environ")
        self.assertEqual(one["readers"]["audience"], "owner")
        self.assertIn("token-in-process-environment", rules_of(found, one["path"]))

    @needs_root
    def test_variables_of_others_are_closed_to_a_user_and_that_is_one_gap(self):
        pid = self.started(env={"CF_TUNNEL_TOKEN": invented.token(OTHER_TUNNEL, "env").decode()})
        outcome = run("sweep", "--json", "--exclude", "/*", uid=host_tree.UIDS["bob"])
        found = outcome.report
        self.assertNotIn(f"/proc/{pid}/environ", {one["path"] for one in found["credentials"]})
        closed = {path: why for path, why in gaps(found).items() if path.endswith("environ")}
        self.assertEqual(len(closed), 1, closed)
        self.assertIn("nor may the variables of the other processes", *closed.values())
        self.assertFalse(found["complete"])
        self.assertEqual(host_tree.place_states(found)["/proc"], "looked-at")

    def test_the_caller_itself_is_left_out(self):
        tunnel = f"4c9d8e7f-0000-4000-8000-{os.getpid():012x}"  # No other test's process has it.
        token = invented.token(tunnel, "own").decode()
        found = self.swept(env={"CF_TUNNEL_TOKEN": token})
        parent = f"/proc/{os.getpid()}/"
        secrets = [one["path"] for one in found["credentials"]
                   if one["scope"]["tunnel"] == tunnel]
        self.assertEqual([path for path in secrets if not path.startswith(parent)], [])

    def test_with_a_path_or_a_root_no_process_is_looked_at(self):
        self.started("--token", invented.token(OTHER_TUNNEL, "argument").decode())
        put(self.host, "/srv/readme", b"nothing\n", 0o644)
        for arguments in ([self.host.at("/srv")], ["--root", self.directory]):
            found = run("sweep", "--json", *arguments).report
            self.assertEqual(found["credentials"], [])


@unittest.skipIf(IS_ROOT, "as an ordinary user")
class UserTest(host_tree.TreeTest):
    def test_a_user_sweeps_what_is_theirs(self):
        put(self.host, "/srv/x.log", b"token " + invented.token(), 0o600)
        outcome = run("sweep", self.host.at("/srv"))
        self.assertEqual(outcome.code, 1)
        self.assertIn("credential-in-log", outcome.text)


if __name__ == "__main__":
    unittest.main()
