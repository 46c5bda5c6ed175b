"""The units as they are shipped: how little they may do, that it is enough, and what they leave."""

import errno
import functools
import glob
import json
import os
import pathlib
import platform
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import unittest

import host_tree
import invented
import kernel
import stand_in
from host_tree import run

UNITS = host_tree.SOURCE / "packaging/systemd"
AUDIT, FIX, TIMER = (UNITS / name for name in ("cfwarden-audit.service", "cfwarden-fix.service",
                                               "cfwarden-audit.timer"))
MORE = UNITS / "drop-in/process-environments.conf"
ANALYZE = shutil.which("systemd-analyze")
SERVICE = 40777  # The uid of the account that cfwarden.sysusers.conf makes.
SYS_PTRACE = 19
REFUSE_WRITE_AND_EXECUTE = 65  # PR_SET_MDWE.

# By linux/capability.h.
CAPABILITIES = {"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3,
                "CAP_FSETID": 4, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7,
                "CAP_SYS_PTRACE": SYS_PTRACE}

needs_systemd = unittest.skipUnless(ANALYZE, "systemd-analyze is not installed")


def settings(unit, name):
    """The values of a setting, in the unit's order."""
    return re.findall(rf"(?m)^{name}=(.*)$", unit.read_text(encoding="ascii"))


def analyze(*arguments):
    return subprocess.run([ANALYZE, *arguments], check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


class UnitFilesTest(unittest.TestCase):
    def check_unit(self, directory, unit):
        # The one thing that is not there yet is the installed program.
        text = unit.read_text(encoding="ascii").replace("/usr/bin/cfwarden", host_tree.program())
        (pathlib.Path(directory) / unit.name).write_text(text, encoding="ascii")

    @needs_systemd
    def test_systemd_understands_every_line(self):
        with tempfile.TemporaryDirectory() as directory:
            for unit in (AUDIT, FIX, TIMER):
                self.check_unit(directory, unit)
            for unit in (AUDIT, FIX, TIMER):
                with self.subTest(unit.name):
                    done = analyze("verify", "--man=no", f"{directory}/{unit.name}")
                    self.assertEqual((done.returncode, done.stdout), (0, ""))

    @needs_systemd
    def test_the_drop_in_fits_the_unit(self):
        with tempfile.TemporaryDirectory() as directory:
            self.check_unit(directory, AUDIT)
            os.mkdir(f"{directory}/{AUDIT.name}.d")
            shutil.copy(MORE, f"{directory}/{AUDIT.name}.d")
            done = analyze("verify", "--man=no", f"{directory}/{AUDIT.name}")
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    @needs_systemd
    def test_the_audit_is_exposed_as_little_as_promised(self):
        done = analyze("security", "--offline=true", "--threshold=15", "--no-pager", str(AUDIT))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"Overall exposure level .*: (0|1\.[0-5])")

    @needs_systemd
    def test_the_fix_is_no_more_exposed_than_it_must_be(self):
        done = analyze("security", "--offline=true", "--threshold=40", "--no-pager", str(FIX))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_nothing_but_the_timer_can_be_enabled_and_it_starts_the_audit(self):
        self.assertEqual(settings(TIMER, "WantedBy"), ["timers.target"])
        for unit in (AUDIT, FIX):
            self.assertNotIn("[Install]", unit.read_text(encoding="ascii"))
        self.assertEqual(TIMER.stem, AUDIT.stem)
        wanted = {"OnCalendar": "daily", "RandomizedDelaySec": "6h", "FixedRandomDelay": "yes",
                  "Persistent": "yes"}
        for name, value in wanted.items():
            self.assertEqual(settings(TIMER, name), [value])

    def test_the_audit_has_one_capability_and_its_drop_in_one_more(self):
        for name in ("AmbientCapabilities", "CapabilityBoundingSet"):
            self.assertEqual(settings(AUDIT, name), ["CAP_DAC_READ_SEARCH"])
            self.assertEqual(settings(MORE, name), ["CAP_SYS_PTRACE"])
        self.assertEqual(settings(AUDIT, "User"), ["cfwarden"])
        account = (UNITS / "cfwarden.sysusers.conf").read_text(encoding="ascii")
        self.assertRegex(account, r"(?m)^u cfwarden - \"[^\"]+\" /nonexistent /usr/sbin/nologin$")

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "systemd-sysusers is not installed")
    def test_systemd_makes_the_account(self):
        done = subprocess.run(["systemd-sysusers", "--dry-run", UNITS / "cfwarden.sysusers.conf"],
                              check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)


@functools.cache
def call_groups():
    """systemd's groups of system calls, by name."""
    groups = {}
    for line in analyze("syscall-filter", "--no-pager").stdout.splitlines():
        if line.startswith("@"):
            members = groups.setdefault(line, [])
        elif line.strip() and not line.strip().startswith("#"):
            members.append(line.strip())
    return groups


def expanded(names):
    calls = set()
    for name in names:
        calls |= expanded(call_groups()[name]) if name.startswith("@") else {name}
    return calls


def permitted_calls(unit):
    """What is left of the unit's SystemCallFilter= lines, which systemd reads as one."""
    calls = expanded(["@default"])
    for line in settings(unit, "SystemCallFilter"):
        if line.startswith("~"):
            calls -= expanded(line[1:].split()) - expanded(["@default"])
        else:
            calls |= expanded(line.split())
    return calls


@functools.cache
def call_numbers():
    """By name, as the kernel's header of this architecture has them."""
    names = {"x86_64": "unistd_64.h", "aarch64": "unistd.h"}
    header = names.get(platform.machine(), "unistd.h")
    folder = "asm-generic" if platform.machine() == "aarch64" else "asm"
    numbers = {}
    for path in glob.glob(f"/usr/include/*/{folder}/{header}") + \
            glob.glob(f"/usr/include/{folder}/{header}"):
        text = pathlib.Path(path).read_text(encoding="utf-8")
        numbers.update(re.findall(r"(?m)^#define __NR_(\w+)\s+(\d+)$", text))
    return {name: int(number) for name, number in numbers.items()}


def mount_read_only(directory, state):
    """ProtectSystem=strict, ProtectHome=read-only and StateDirectory=, of a tree instead of /."""
    def bind(path):
        kernel.mount(path, path, None, kernel.MOUNT_BIND)

    def close(path):
        kernel.mount(None, path, None,
                     kernel.MOUNT_BIND | kernel.MOUNT_REMOUNT | kernel.MOUNT_READ_ONLY)

    kernel.enter_mount_namespace()
    homes = [path for path in (f"{directory}/home", f"{directory}/root") if os.path.isdir(path)]
    for path in (directory, *homes, state):
        bind(path)
    for path in (directory, *homes):
        close(path)


@host_tree.needs_root
class AuditServiceTest(host_tree.TreeTest):
    """As the unit runs it, with each of its walls built here where there is no systemd to do so."""

    def setUp(self):
        super().setUp()
        if not ANALYZE:
            self.skipTest("systemd-analyze is not installed")
        if host_tree.is_sanitized():
            self.skipTest("sanitizers ask for more than the program does")
        self.needs_mounts()
        self.assertIn("openat", call_numbers(), "the kernel's headers are not installed")
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o600)
        self.host.file("/etc/cloudflared/config.yml", b"tunnel: x\n", 0o644)
        self.host.file(f"{self.host.home('root')}/cert.pem", invented.certificate(), 0o644)
        alice = self.host.home("alice")
        self.host.file(f"{alice}/{invented.TUNNEL}.json", invented.credentials(), 0o640, "alice")
        self.host.file(f"{alice}/broken-token", b"eyJhIjoi", 0o600, "alice")
        self.host.folder("/etc/systemd")
        self.host.folder("/etc/systemd/system")
        self.host.file("/etc/systemd/system/cloudflared.service",
                       b"[Service]\nExecStart=/usr/bin/cloudflared tunnel run"
                       b" --token-file /etc/cloudflared/token\n", 0o644)
        self.state = self.host.at(self.host.folder("/var/lib/cfwarden-audit", 0o755, SERVICE))

    def confine(self, more=()):
        """In the child: in the order in which systemd does it."""
        mount_read_only(self.directory, self.state)
        os.umask(0o077)
        for capability in range(41):
            if capability not in (stand_in.DAC_READ_SEARCH, *more, 6, 7, 8):
                kernel.LIBC.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
        stand_in.Principal(SERVICE, SERVICE,
                           capabilities=(stand_in.DAC_READ_SEARCH, *more)).become()
        kernel.LIBC.prctl(REFUSE_WRITE_AND_EXECUTE, 1, 0, 0, 0)  # Linux 6.3 and newer have it.
        numbers = call_numbers()
        calls = [numbers[name] for name in sorted(permitted_calls(AUDIT)) if name in numbers]
        # RestrictNamespaces= looks into clone's flags, so clone3 is gone; RestrictSUIDSGID= looks
        # into open's mode, so openat2 is.
        refused = {numbers[name] for name in ("unshare", "setns")}
        absent = [numbers[name] for name in ("clone3", "openat2")]
        kernel.allow_calls([call for call in calls if call not in refused], errno.EPERM, absent)

    def audit_as_service(self, *arguments, more=(), **options):
        command = settings(AUDIT, "ExecStart")[0].split()[1:]
        moved = [word.replace("/var/lib/cfwarden-audit", self.state) for word in command]
        return run(*moved, *arguments, prepare=lambda: self.confine(more), **options)

    def report(self):
        report = json.loads((pathlib.Path(self.state) / "report.json").read_bytes())
        if host_tree.validator() is not None:
            host_tree.validator().validate(report)
        return report

    def test_it_sees_what_root_sees(self):
        wanted = self.host.report()
        outcome = self.audit_as_service("--root", self.directory)
        self.assertEqual((outcome.code, outcome.out, outcome.err), (1, b"", b""), outcome)
        seen = self.report()
        self.assertEqual(len(seen["credentials"]), 3)
        self.assertEqual(seen["gaps"], [])
        for report in (wanted, seen):
            del report["run"]
        self.assertEqual(seen, wanted)

    def test_findings_are_no_failure_of_the_service(self):
        codes = [int(code) for code in settings(AUDIT, "SuccessExitStatus")[0].split()]
        self.assertIn(self.audit_as_service("--root", self.directory).code, codes)
        self.host.file("/etc/cloudflared/locked-token", b"", 0o600)
        os.remove(self.host.at("/etc/cloudflared/locked-token"))
        os.mkfifo(self.host.at("/etc/cloudflared/locked-token"))
        for path in ("/root/.cloudflared/cert.pem",):
            os.chmod(self.host.at(path), 0o600)
        outcome = self.audit_as_service("--root", self.directory, "--fail-on", "critical")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn(3, codes)

    def test_the_report_is_closed_and_the_numbers_are_open(self):
        self.audit_as_service("--root", self.directory)
        modes = {entry.name: (stat.S_IMODE(entry.stat().st_mode), entry.stat().st_uid)
                 for entry in os.scandir(self.state)}
        self.assertEqual(modes, {"report.json": (0o600, SERVICE), "cfwarden.prom": (0o644, SERVICE)})
        numbers = (pathlib.Path(self.state) / "cfwarden.prom").read_text(encoding="ascii")
        self.assertIn("cfwarden_complete 1", numbers)

    def test_nothing_of_the_host_changes(self):
        before = host_tree.snapshot(self.host.at("/etc"))
        homes = host_tree.snapshot(self.host.at("/home"))
        self.audit_as_service("--root", self.directory)
        self.assertEqual(host_tree.snapshot(self.host.at("/etc")), before)
        self.assertEqual(host_tree.snapshot(self.host.at("/home")), homes)

    def test_the_walls_of_the_test_hold(self):
        def tries():
            self.confine()
            for refused in (lambda: os.mkdir(self.host.at("/home/x")),
                            lambda: os.setresuid(0, 0, 0), lambda: os.chown(self.state, 0, 0),
                            lambda: kernel.enter_mount_namespace()):
                try:
                    refused()
                except OSError:
                    continue
                raise OSError(0, "something was allowed")

        self.assertEqual(kernel.in_child(tries), (True, ""))

    def test_environments_of_others_are_a_gap_and_with_the_drop_in_none(self):
        env = {"TUNNEL_TOKEN": invented.token().decode()}
        with stand_in.StandIn("tunnel", "run", env=env) as process:
            process.ask()
            path = f"/proc/{process.process.pid}/environ"
            for more, is_gap in (((), True), ((SYS_PTRACE,), False)):
                self.audit_as_service(more=more)
                self.assertEqual(path in host_tree.gaps(self.report()), is_gap)


@host_tree.needs_root
@needs_systemd
class FixServiceTest(host_tree.TreeTest):
    """Root with no more capabilities and calls than its unit leaves it."""

    def confine(self):
        names = " ".join(settings(FIX, "CapabilityBoundingSet")).split()
        kept = {CAPABILITIES[name] for name in names}
        for capability in set(range(41)) - kept:
            kernel.LIBC.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
        kernel.LIBC.prctl(REFUSE_WRITE_AND_EXECUTE, 1, 0, 0, 0)
        numbers = call_numbers()
        calls = [numbers[name] for name in sorted(permitted_calls(FIX)) if name in numbers]
        refused = {numbers[name] for name in ("unshare", "setns")}
        kernel.allow_calls([call for call in calls if call not in refused], errno.EPERM,
                           [numbers["clone3"]])

    def test_it_mends_files_of_root_and_of_users(self):
        if host_tree.is_sanitized():
            self.skipTest("sanitizers ask for more than the program does")
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o644)
        alice = self.host.home("alice", 0o755, 0o755)
        self.host.file(f"{alice}/b-token", invented.token(name="b"), 0o664, "alice")
        self.needs_mounts()

        def cover():
            kernel.enter_mount_namespace()  # The journal of this host is left alone.
            kernel.mount("tmpfs", "/var/lib", "tmpfs", options=b"mode=0755")
            self.confine()

        files = [self.host.at("/etc/cloudflared/token"), self.host.at(f"{alice}/b-token")]
        outcome = run("fix", "--root", self.directory, "--apply", prepare=cover)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual([stat.S_IMODE(os.stat(path).st_mode) for path in files], [0o600, 0o600])
        self.assertEqual(settings(FIX, "ExecStart"), ["/usr/bin/cfwarden fix --apply"])


class Journal:
    """Takes what journald would, at a socket of our own."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{directory}/socket")
        os.chmod(f"{directory}/socket", 0o666)
        self.socket.setblocking(False)

    def cover(self):
        """In the child: stands where programs look for it."""
        kernel.enter_mount_namespace()
        kernel.mount("tmpfs", "/run", "tmpfs")
        os.makedirs("/run/systemd/journal")
        kernel.mount(self.directory, "/run/systemd/journal", None, kernel.MOUNT_BIND)

    def entries(self):
        entries = []
        while True:
            try:
                datagram = self.socket.recv(1 << 20)
            except BlockingIOError:
                return entries
            assert datagram.endswith(b"\n")
            fields = [line.split("=", 1) for line in datagram.decode()[:-1].split("\n")]
            assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name, _ in fields), fields
            entries.append(dict(fields))
            assert len(entries[-1]) == len(fields)


class JournalTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.needs_mounts()
        directory = tempfile.mkdtemp(prefix="cfwarden-e2e-journal.")
        self.addCleanup(shutil.rmtree, directory)
        os.chmod(directory, 0o755)
        self.journal = Journal(directory)
        self.addCleanup(self.journal.socket.close)

    def logged(self, *arguments, stream=None, verb="audit"):
        """The entries of a run whose stderr is the journal's stream."""
        reader, writer = os.pipe()
        facts = os.fstat(writer)
        stream = f"{facts.st_dev}:{facts.st_ino}" if stream is None else stream
        with open(reader, "rb") as said:
            self.outcome = run(verb, "--root", self.directory, *arguments, stderr=writer,
                               env={"JOURNAL_STREAM": stream}, prepare=self.journal.cover)
            os.close(writer)
            self.outcome.err = said.read()
        return self.journal.entries()

    def test_each_finding_and_gap_and_the_run_is_an_entry_with_fields(self):
        alice = self.host.home("alice", 0o755, 0o755)
        self.host.file(f"{alice}/a-token", invented.token(), 0o644, "alice")
        os.mkfifo(self.host.at(f"{alice}/b-token"))
        entries = self.logged("--json")
        report = self.outcome.report
        self.assertEqual(self.outcome.err, b"")
        by_record = {record: [one for one in entries if one["CFWARDEN_RECORD"] == record]
                     for record in ("finding", "gap", "run")}
        self.assertEqual(sum(map(len, by_record.values())), len(entries))
        for entry, finding in zip(by_record["finding"], report["findings"], strict=True):
            self.assertEqual((entry["CFWARDEN_RULE"], entry["CFWARDEN_SEVERITY"],
                              entry["CFWARDEN_PATH"]),
                             (finding["rule"], finding["severity"], finding["path"]))
            self.assertEqual(entry["CFWARDEN_HOST"], "tree-host")
            self.assertEqual(entry["CFWARDEN_RUN"], report["run"]["started"])
            self.assertIn(finding["path"], entry["MESSAGE"])
        token = next(one for one in by_record["finding"]
                     if one["CFWARDEN_RULE"] == "readable-by-everyone")
        self.assertEqual((token["PRIORITY"], token["CFWARDEN_TUNNEL"], token["CFWARDEN_READERS"]),
                         ("3", invented.TUNNEL, "everyone"))
        self.assertEqual([one["CFWARDEN_PATH"] for one in by_record["gap"]], [f"{alice}/b-token"])
        self.assertEqual(len(by_record["run"]), 1)
        end = entries[-1]
        self.assertEqual((end["CFWARDEN_COMPLETE"], end["CFWARDEN_EXIT"], end["PRIORITY"]),
                         ("no", "1", "4"))
        self.assertIn("incomplete", end["MESSAGE"])
        for entry in entries:
            self.assertEqual(entry["SYSLOG_IDENTIFIER"], "cfwarden")
            self.assertRegex(entry["MESSAGE_ID"], "^[0-9a-f]{32}$")
            self.assertIn(entry["PRIORITY"], "23456")

    def test_what_is_excepted_has_the_priority_of_info(self):
        alice = self.host.home("alice")
        self.host.file(f"{alice}/a-token", invented.token(), 0o644, "alice")
        directory = self.host.at(self.host.folder("/exceptions"))
        for rule in host_tree.rules(self.host.audit("--json").report):
            self.host.file(f"/exceptions/{rule}.json", json.dumps(
                {"rule": rule, "path": "/home/alice/**", "reason": "r", "owner": "o",
                 "expires": "2999-12-31"}).encode(), 0o644)
        *findings, end = self.logged("--exceptions", directory)
        self.assertTrue(findings)
        for entry in findings:
            self.assertEqual(entry["PRIORITY"], "6", entry)
            self.assertTrue(entry["MESSAGE"].startswith("excepted "), entry)
        self.assertEqual((end["PRIORITY"], end["CFWARDEN_EXCEPTED"]), ("6", str(len(findings))))
        self.assertIn(f"0 findings, {len(findings)} excepted", end["MESSAGE"])

    def test_a_clean_host_is_one_entry(self):
        self.host.home("alice")
        entries = self.logged()
        self.assertEqual([one["CFWARDEN_RECORD"] for one in entries], ["run"])
        self.assertEqual((entries[0]["CFWARDEN_COMPLETE"], entries[0]["PRIORITY"]), ("yes", "6"))

    def test_no_name_forges_a_field_or_an_entry(self):
        alice = self.host.home("alice", 0o755, 0o755)
        for name in (b"x\nCFWARDEN_SEVERITY=info\n-token", b"\xff\x1b[31m-token",
                     "\u202e-token".encode(), b"a" * 200 + b"-token"):
            self.host.file(os.fsencode(alice) + b"/" + name, invented.token(), 0o644, "alice")
        entries = self.logged()
        found = [one for one in entries if one.get("CFWARDEN_RULE") == "readable-by-everyone"]
        self.assertEqual(len(found), 4)
        for entry in found:
            self.assertEqual(entry["CFWARDEN_SEVERITY"], "high")
            self.assertTrue(entry["MESSAGE"].isprintable(), entry)

    def test_a_name_that_is_a_credential_is_not_logged(self):
        alice = self.host.home("alice", 0o755, 0o755)
        token = invented.token().decode()
        self.host.file(f"{alice}/{token}-token", invented.token(), 0o644, "alice")
        entries = self.logged()
        self.assertGreater(len(entries), 1)
        self.assertNotIn(token[:20], json.dumps(entries))

    def test_thousands_of_findings_do_not_flood_it(self):
        alice = self.host.home("alice", 0o755, 0o755)
        for number in range(700):
            self.host.file(f"{alice}/{number}-token", invented.token(), 0o644, "alice")
        # The stand-in reads nothing meanwhile, and its queue is short: what is not taken is told.
        entries = self.logged()
        self.assertLessEqual(len(entries), 1001)
        if len(entries) < 501:
            self.assertRegex(self.outcome.err, rb"^cfwarden: the journal took only \d+ of \d+ entr")

    def test_a_stderr_that_is_not_the_journals_is_left_alone(self):
        for stream in ("1:2", "", "forged"):
            self.assertEqual(self.logged(stream=stream), [])
        self.assertEqual(self.logged(verb="sweep", stream="1:2"), [])

    def test_a_sweep_is_logged_too_and_names_are_no_clean_host(self):
        alice = self.host.home("alice", 0o755, 0o755)
        self.host.file(f"{alice}/notes.txt", b"x " + invented.token() + b"\n", 0o644, "alice")
        entries = self.logged(verb="sweep")
        self.assertIn("finding", {one["CFWARDEN_RECORD"] for one in entries})
        self.host.file(f"{alice}/cert.pem", b"", 0o644, "alice")
        entries = self.logged("--names-only", verb="sweep")
        self.assertEqual(len(entries), 1)
        self.assertIn("no file was opened", entries[0]["MESSAGE"])

    def test_where_nobody_listens_the_audit_goes_on(self):
        self.journal.socket.close()
        self.host.home("alice")
        reader, writer = os.pipe()
        facts = os.fstat(writer)
        with open(reader, "rb") as said:
            outcome = run("audit", "--root", self.directory, stderr=writer,
                          env={"JOURNAL_STREAM": f"{facts.st_dev}:{facts.st_ino}"},
                          prepare=self.journal.cover)
            os.close(writer)
            self.assertEqual((outcome.code, said.read()), (0, b""))


if __name__ == "__main__":
    unittest.main()
