"""A user who fills a home against the program: nothing changes, hangs, is forged or shown."""

import base64
import fcntl
import os
import re
import resource
import signal
import socket
import stat
import threading
import time
import unittest

import clean_host
import host_tree
import invented
import kernel
from host_tree import gaps, needs_root, path_of
from invented import OTHER_TUNNEL, THIRD_TUNNEL, TUNNEL

PROMPT = 10  # Seconds for a whole audit of such a host.

HOSTILE_NAMES = [
    b"\x1b[2J\x1b[1;31mCRITICAL",
    b"\x1b]0;owned\x07",
    b"\x1b]52;c;aW52ZW50ZWQ=\x07",
    b"\x1b]8;;invented:\x1b\\link",
    b"new\nline\nOK        Tunnel token   forged",
    b"\nCRITICAL  Account certificate   forged",
    b"\r\x1b[Kcfwarden: 0 credentials, no findings",
    "\u202egnp.exe".encode(), "\u2066isolated\u2069".encode(), "\u061c\u200e\u200f".encode(),
    "\ufeff".encode(), "\u0085\u009b31m".encode(),
    b"\xff\xfe\x80 not utf-8", b"\xc3", b"\xed\xa0\x80",
    b"-rf", b"--help", b"$(reboot)", b"`reboot`", b"a b  c", b"'quoted'", b'"quoted"',
    b"back\\slash",
    b"%n%s", b"\x7f", b"tab\there",
]


def write(host, path, content, mode=0o600):
    return host.file(path, content, mode, "alice")


def step(descriptor, name):
    """The descriptor of an entry, for that of its directory."""
    following = os.open(name, os.O_PATH, dir_fd=descriptor)
    os.close(descriptor)
    return following


class HomeTest(host_tree.TreeTest):
    """Alice is hostile; bob beside her is not."""

    def setUp(self):
        super().setUp()
        self.home = self.host.home("alice")
        self.bob = self.host.home("bob")
        self.host.file(f"{self.bob}/token", invented.token(name="bob"), 0o600, "bob")
        self.host.file("/etc/shadow", b"root:$y$INVENTED:1:::::\n", 0o600)

    def assert_unharmed(self, report):
        """Whatever alice does, bob's credential is found."""
        self.assertIn(f"{self.bob}/token", [one["path"] for one in report["credentials"]])

    def audit_promptly(self, *arguments):
        started = time.monotonic()
        report = self.host.report(*arguments)
        self.assertLess(time.monotonic() - started, PROMPT * host_tree.slowness())
        self.assert_unharmed(report)
        return report


class HostileHomeTest(HomeTest):
    def special_files(self):
        """Names that should be credentials and are not regular files: path -> what it is."""
        made = {}
        directory = self.host.at(self.home)

        def place(name, kind, make):
            make(os.path.join(directory, name))
            made[f"{self.home}/{name}"] = kind

        place("cert.pem", "directory", os.mkdir)
        place(f"{TUNNEL}.json", "fifo", lambda path: os.mkfifo(path, 0o600))
        with socket.socket(socket.AF_UNIX) as bound:
            here = os.getcwd()
            os.chdir(directory)
            bound.bind("token")
            os.chdir(here)
        made[f"{self.home}/token"] = "socket"
        if host_tree.IS_ROOT:
            place(f"{OTHER_TUNNEL}.json", "device",
                  lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5)))
            place("device-token", "link",
                  lambda path: os.symlink(f"{OTHER_TUNNEL}.json", path))
            place("shadow-token", "link", lambda path: os.symlink("/etc/shadow", path))
        for name, target in [("loop-token", "loop-token"), ("fifo-token", f"{TUNNEL}.json")]:
            place(name, "link", lambda path, target=target: os.symlink(target, path))
        for name, target in [("gone-token", "nowhere"), ("config.yml", "/gone/config.yml")]:
            place(name, "dangling", lambda path, target=target: os.symlink(target, path))
        for name in made:
            self.host.own(name, "alice")
        return made

    def test_special_files_and_links_are_gaps_with_their_reasons(self):
        made = self.special_files()
        found = gaps(self.audit_promptly())
        for path, kind in made.items():
            if kind not in ("directory", "dangling"):
                with self.subTest(path=path, kind=kind):
                    self.assertIn(path, found)

    def test_special_files_that_are_named_are_not_waited_for(self):
        made = self.special_files()
        started = time.monotonic()
        for path, kind in made.items():
            if kind in ("fifo", "socket", "device"):
                with self.subTest(path=path, kind=kind):
                    self.assertIn(self.host.audit(path).code, (1, 3))
        self.assertLess(time.monotonic() - started, PROMPT * host_tree.slowness())

    def test_hostile_names_are_escaped_everywhere_and_forge_no_line(self):
        for name in HOSTILE_NAMES:
            write(self.host, os.fsencode(f"{self.home}/") + name, invented.token(name="hostile"),
                  0o644)
            write(self.host, os.fsencode(f"{self.home}/") + name + b".fifo", b"")
        for arguments in ([], ["-v"], ["-q"]):
            for env in ({}, {"LANG": "C"}):
                with self.subTest(arguments=arguments, env=env):
                    self.assert_clean_bytes(self.host.audit(*arguments, env=env).out)
        outcome = self.host.audit("--json")
        self.assertTrue(all(byte in b"\n" or 32 <= byte < 127 for byte in outcome.out))
        paths = {path_of(one) for one in outcome.report["credentials"]}
        for name in HOSTILE_NAMES:
            self.assertIn(os.fsencode(f"{self.home}/") + name, paths)

    def assert_clean_bytes(self, out):
        text = out.decode()
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e"
                                  "\u2066-\u2069\ufeff]")
        for line in text.splitlines():
            self.assertFalse(re.match(r"(CRITICAL|HIGH|OK|NOT READ|cfwarden:).*forged", line), line)

    def test_names_that_are_not_utf8_have_their_bytes_in_base64(self):
        name = os.fsencode(f"{self.home}/") + b"\xff-token"
        write(self.host, name, invented.token(name="bytes"))
        with_bytes = [one for one in self.host.report()["credentials"] if "path_b64" in one]
        self.assertEqual([base64.b64decode(one["path_b64"]) for one in with_bytes], [name])

    def test_hostile_text_inside_credentials_is_escaped(self):
        bad = "\x1b[31m\n\u202eOK  forged\x07"
        write(self.host, f"{self.home}/cert.pem", invented.certificate(account=bad, zone=bad),
              0o644)
        write(self.host, f"{self.home}/{clean_host.APPLICATION}",
              invented.access_token(audience=bad, issuer=bad), 0o644)
        write(self.host, f"{self.home}/config.yml",
              b'tunnel: x\ncredentials-file: "/\\e[31m\\nOK  forged\\u202e"\n')
        for arguments in ([], ["-v"]):
            self.assert_clean_bytes(self.host.audit(*arguments).out)
        self.assert_clean_bytes(host_tree.run("inspect", self.host.at(f"{self.home}/cert.pem"),
                                              uid=None).out)
        self.audit_promptly()

    def test_deep_and_huge_documents_end_soon(self):
        deep = 10 ** 6
        documents = {
            "config.yml": b"[" * 2 ** 20,
            f"{TUNNEL}.json": b"[" * (60 * 1024),
            f"{OTHER_TUNNEL}.json": b'{"a":' * deep + b"1" + b"}" * deep,
            "config.yaml": b"".join([b"a0: &a0 [x,x,x,x,x,x,x,x]\n"] +
                                    [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 8)}]\n".encode()
                                     for i in range(1, 40)]),
            "cert.pem": invented.pem("PRIVATE KEY", b"x") * 1000,
            "many.pem": b"-----BEGIN " * 6000,
            "token": b"eyJhIjoi" * 8000,
            "merge.yml": b"b: &b {x: 1}\n" + b"c: {<<: [*b,*b,*b]}\n" * 1000,
            "words": b"\0" * 65536,
            "utf16.json": '{"AccountTag":"x"}'.encode("utf-16"),
        }
        for name, content in documents.items():
            write(self.host, f"{self.home}/{name}", content)
        report = self.audit_promptly()
        self.assertIn(f"{self.home}/config.yml", gaps(report))

    def test_each_document_alone_ends_soon_too(self):
        for content in (b"[" * 2 ** 20, b"{" * 2 ** 20, b"- " * 2 ** 19, b"? " * 2 ** 19,
                        b"&a " * 2 ** 18, b"a: " + b'"' + b"x" * 2 ** 19):
            with self.subTest(content[:4]):
                write(self.host, f"{self.home}/config.yml", content)
                self.audit_promptly()

    def test_files_that_claim_to_be_huge_are_read_up_to_the_cap(self):
        for name in ("cert.pem", f"{TUNNEL}.json", "config.yml"):
            path = self.host.at(write(self.host, f"{self.home}/{name}", b"eyJ"))
            size = 8 * 2 ** 40
            while True:
                try:
                    os.truncate(path, size)
                    break
                except OSError:  # This file system ends earlier.
                    size //= 2
        self.audit_promptly()

    def test_a_token_behind_the_cap_is_no_credential_and_the_reason_names_the_cap(self):
        write(self.host, f"{self.home}/token", invented.token() + b"\n" * 2 ** 17)
        report = self.audit_promptly()
        text = str([one for one in report["findings"] + report["gaps"]
                    if one["path"] == f"{self.home}/token"])
        self.assertRegex(text, "64 ?KiB|65,?536")

    def test_a_file_that_grows_while_it_is_read_does_not_hold_the_audit(self):
        path = self.host.at(write(self.host, f"{self.home}/token", invented.token()))
        stop = threading.Event()

        def grow():
            with open(path, "ab", buffering=0) as stream:
                while not stop.is_set():
                    stream.write(b"\n")
                    if stream.tell() > 32 * 1024:
                        stream.truncate(1)

        thread = threading.Thread(target=grow)
        thread.start()
        try:
            for _ in range(10):
                self.audit_promptly()
        finally:
            stop.set()
            thread.join()

    def test_a_lease_of_another_process_is_a_gap_and_not_waited_for(self):
        path = self.host.at(write(self.host, f"{self.home}/token", invented.token()))
        holder, held = self.lease(path)
        if not held:
            self.skipTest("this kernel gives no leases here")
        try:
            started = time.monotonic()
            report = self.host.report()
            self.assertLess(time.monotonic() - started, 5 * host_tree.slowness())
            self.assertIn(f"{self.home}/token", gaps(report))
            self.assert_unharmed(report)
        finally:
            os.kill(holder, signal.SIGKILL)
            os.waitpid(holder, 0)

    def lease(self, path):
        """A process of the file's owner that holds a write lease and never lets go."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if host_tree.IS_ROOT:
                    host_tree.become(host_tree.UIDS["alice"])
                signal.signal(signal.SIGIO, signal.SIG_IGN)
                descriptor = os.open(path, os.O_RDWR)
                fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
                os.write(writer, b"1")
            except OSError:
                os.write(writer, b"0")
            time.sleep(60)
            os._exit(0)
        held = os.read(reader, 1) == b"1"
        os.close(reader)
        os.close(writer)
        if not held:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return child, held

    def test_too_many_names_in_a_default_directory_are_a_gap_that_names_it(self):
        for number in range(5_000):
            os.close(os.open(self.host.at(f"{self.home}/{number:05}"), os.O_CREAT | os.O_WRONLY))
            self.host.own(f"{self.home}/{number:05}", "alice")
        report = self.audit_promptly()
        self.assertIn(self.home, gaps(report))

    def test_an_audit_of_everything_hostile_changes_nothing(self):
        self.special_files()
        for name in HOSTILE_NAMES:
            write(self.host, os.fsencode(f"{self.home}/") + name, invented.token(name="x"), 0o777)
        write(self.host, f"{self.home}/config.yaml", b"[" * 2 ** 18)
        write(self.host, f"{self.home}/{THIRD_TUNNEL}.json", invented.credentials(), 0o666)
        before = host_tree.snapshot(self.directory)
        self.audit_promptly()
        self.audit_promptly("/")
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_reading_leaves_no_access_time(self):
        path = self.host.at(write(self.host, f"{self.home}/token", invented.token()))
        long_ago = time.time() - 30 * 86400
        os.utime(path, (long_ago, long_ago))
        before = os.stat(path).st_atime_ns
        self.audit_promptly()
        self.assertEqual(os.stat(path).st_atime_ns, before)

    @needs_root
    def test_a_file_of_root_in_a_users_home_is_not_read_for_them(self):
        self.host.file(f"{self.home}/cert.pem", invented.certificate(account="f" * 32), 0o600)
        report = self.audit_promptly()
        self.assertIn(f"{self.home}/cert.pem", gaps(report))
        self.assertNotIn("f" * 32, str(report))

    @needs_root
    def test_a_hard_link_to_a_file_of_root_is_not_read_for_a_user(self):
        self.host.folder("/srv", 0o700)
        self.host.file("/srv/secret", invented.certificate(account="f" * 32), 0o600)
        os.link(self.host.at("/srv/secret"), self.host.at(f"{self.home}/cert.pem"))
        report = self.audit_promptly()
        self.assertIn(("hard-linked", f"{self.home}/cert.pem"), host_tree.pairs(report))
        self.assertNotIn("f" * 32, str(report))

    @needs_root
    def test_a_users_link_to_their_own_file_is_followed_as_that_user(self):
        self.host.folder("/home/alice/dotfiles", 0o755, "alice")
        write(self.host, "/home/alice/dotfiles/cert.pem", invented.certificate())
        self.host.link(f"{self.home}/cert.pem", "../dotfiles/cert.pem", "alice")
        report = self.audit_promptly()
        self.assertIn(f"{self.home}/cert.pem", [one["path"] for one in report["credentials"]])

    @needs_root
    def test_a_user_at_the_limit_of_processes_hides_only_their_own_files(self):
        write(self.host, f"{self.home}/token", invented.token())
        uid = host_tree.UIDS["alice"]
        children = []
        try:
            for _ in range(50):
                child = os.fork()
                if child == 0:
                    os.setresuid(uid, uid, uid)
                    time.sleep(60)
                    os._exit(0)
                children.append(child)
            limit = (50, 50)
            report = self.host.report(
                prepare=lambda: resource.setrlimit(resource.RLIMIT_NPROC, limit))
            self.assert_unharmed(report)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)

    @needs_root
    def test_a_bind_mount_over_a_users_directory_is_not_crossed_in_silence(self):
        self.needs_mounts()
        self.host.folder("/srv", 0o755)
        self.host.file("/srv/token", invented.token(account="f" * 32), 0o644)

        def cover():
            kernel.enter_mount_namespace()
            os.mkdir(self.host.at(f"{self.home}/mounted"))
            kernel.mount(self.host.at("/srv"), self.host.at(f"{self.home}/mounted"), None,
                         kernel.MOUNT_BIND)

        report = self.host.report(prepare=cover)
        self.assertNotIn("f" * 32, str(report))
        self.assertIn(f"{self.home}/mounted", gaps(report))


class NestedDirectoriesTest(HomeTest):
    """In memory where that is possible: disks take minutes for what is tried here."""

    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

    def nest(self, start, depth):
        """Directories one in another, deeper than any path may be long, and a token below."""
        uid = host_tree.UIDS["alice"]
        descriptor = os.open(self.host.at(start), os.O_PATH)
        for _ in range(depth):
            os.mkdir("d", 0o755, dir_fd=descriptor)
            if host_tree.IS_ROOT:
                os.chown("d", uid, uid, dir_fd=descriptor)
            descriptor = step(descriptor, "d")
        token = os.open("token", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=descriptor)
        if host_tree.IS_ROOT:
            os.fchown(token, uid, uid)
        os.write(token, invented.token(name="deep"))
        os.close(token)
        os.close(descriptor)

    def unnest(self, start, depth):
        """Level by level from the top: a deep rmdir takes the kernel milliseconds."""
        top = self.host.at(start)
        for _ in range(depth - 1):
            os.rename(f"{top}/d/d", f"{top}/next")
            os.rmdir(f"{top}/d")
            os.rename(f"{top}/next", f"{top}/d")

    def test_20000_nested_directories_are_a_gap_in_a_default_one_and_walked_below_a_path(self):
        depth = 20_000
        self.nest(self.home, depth)
        report = self.audit_promptly()
        self.assertTrue(any(path.startswith(self.home) for path in gaps(report)))
        self.assertEqual(len(report["credentials"]), 1)

        named = self.host.folder("/home/alice/nest", 0o755, "alice")
        os.rename(self.host.at(f"{self.home}/d"), self.host.at(f"{named}/d"))
        self.addCleanup(self.unnest, named, depth)
        started = time.monotonic()
        report = self.host.report(named)
        self.assertLess(time.monotonic() - started, 2 * PROMPT * host_tree.slowness())
        self.assertEqual([one["path"] for one in report["credentials"]],
                         [named + "/d" * depth + "/token"])
        self.assertTrue(report["complete"])

    def test_directories_nested_in_a_default_one_that_is_named_end_soon_too(self):
        depth = 2_000
        self.nest(self.home, depth)
        self.addCleanup(self.unnest, self.home, depth)
        started = time.monotonic()
        self.host.report("/home/alice")
        self.assertLess(time.monotonic() - started, PROMPT * host_tree.slowness())


if __name__ == "__main__":
    unittest.main()
