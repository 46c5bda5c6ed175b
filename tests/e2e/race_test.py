"""A user swaps files and directories for links while root looks: root's secrets stay root's."""

import json
import os
import signal
import time
import unittest

import host_tree
import invented
import kernel

SWAPS = 100_000
VICTIM_ACCOUNT = "f" * 32
IN_ACCESS, IN_OPEN = 0x1, 0x20


@host_tree.needs_root
class RaceTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.home = self.host.home("alice")
        self.host.file(f"{self.home}/cert.pem", invented.certificate("alice"), 0o600, "alice")
        self.host.folder("/root/private", 0o700)
        self.host.file("/root/private/cert.pem",
                       invented.certificate("victim", VICTIM_ACCOUNT), 0o600)
        self.host.file("/root/private/token",
                       invented.token(name="victim", account=VICTIM_ACCOUNT), 0o600)
        self.host.folder("/srv", 0o755, "alice")
        self.before = self.state_of_the_victim()
        self.victims = {one["fingerprint"] for path in ("cert.pem", "token")
                        for one in self.host.report(f"/root/private/{path}")["credentials"]}
        self.assertEqual(len(self.victims), 2)

    def state_of_the_victim(self):
        """All but the change times: to rename a hard link is to touch that."""
        snapshot = host_tree.snapshot(self.host.at("/root/private"))
        return {path: facts[:7] + facts[8:] for path, facts in snapshot.items()}

    def audit_while(self, swap_once, *arguments, swaps=SWAPS):
        """Audits again and again until another process has swapped often enough."""
        counter = kernel.shared_counter()
        child = os.fork()
        if child == 0:
            os.umask(0o022)
            host_tree.become(host_tree.UIDS["alice"])
            while True:
                swap_once()
                kernel.count(counter)
        audits = seen = 0
        try:
            deadline = time.monotonic() + 60 * host_tree.slowness()
            while kernel.counted(counter) < swaps or audits < 20:
                self.assertLess(time.monotonic(), deadline, f"{kernel.counted(counter)} swaps")
                outcome = self.host.audit("--json", *arguments, timeout=20)
                self.assertIn(outcome.code, (0, 1, 3), outcome)
                self.assert_nothing_of_the_victim(outcome)
                report = json.loads(outcome.out)
                seen += len(report["credentials"]) + len(report["gaps"])
                audits += 1
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.assertEqual(self.state_of_the_victim(), self.before)
        self.assertGreater(seen, 0, "nothing was seen, not even that it could not be read")

    def assert_nothing_of_the_victim(self, outcome):
        self.assertNotIn(VICTIM_ACCOUNT.encode(), outcome.out + outcome.err)
        for fingerprint in self.victims:
            self.assertNotIn(fingerprint.encode(), outcome.out)

    def swapping(self, first, second):
        paths = [os.fsencode(self.host.at(path)) for path in (first, second)]
        return lambda: kernel.exchange(*paths)

    def test_a_file_is_swapped_for_a_link_to_roots_file(self):
        self.host.link("/srv/link", "/root/private/cert.pem", "alice")
        self.audit_while(self.swapping(f"{self.home}/cert.pem", "/srv/link"))

    def test_a_file_is_swapped_for_a_hard_link_to_roots_file(self):
        os.link(self.host.at("/root/private/cert.pem"), self.host.at("/srv/link"))
        self.before = self.state_of_the_victim()
        self.audit_while(self.swapping(f"{self.home}/cert.pem", "/srv/link"))

    def test_the_directory_is_swapped_for_a_link_to_roots_directory(self):
        self.host.link("/srv/link", "/root/private", "alice")
        self.audit_while(self.swapping(self.home, "/srv/link"))

    def test_a_directory_further_up_is_swapped_while_a_path_is_walked(self):
        self.host.folder("/srv/real", 0o755, "alice")
        self.host.file("/srv/real/cert.pem", invented.certificate("alice"), 0o600, "alice")
        self.host.link("/srv/link", "/root/private", "alice")
        self.audit_while(self.swapping("/srv/real", "/srv/link"), "/srv")

    def test_a_swap_at_the_moment_of_each_look_shows_nothing_of_root(self):
        self.host.link("/srv/link", "/root/private/cert.pem", "alice")
        swap = self.swapping(f"{self.home}/cert.pem", "/srv/link")
        watch = kernel.watch(self.host.at(self.home), IN_OPEN | IN_ACCESS)

        def swap_when_looked_at():
            os.read(watch, 4096)
            swap()

        self.audit_while(swap_when_looked_at, swaps=100)
        os.close(watch)


if __name__ == "__main__":
    unittest.main()
