"""Users who make the audit look where it should not, or away from what others need."""

import os
import unittest

import host_tree
import service_layouts
from host_tree import credential, gaps, needs_root
from service_layouts import TOKEN, UNITS

CLOUDFLARED = "ExecStart=/usr/bin/cloudflared tunnel run"


class HostileNeedsTest(host_tree.TreeTest):
    def needs_of(self, path):
        return [(need["who"], need["can_read"])
                for need in credential(self.host.report(), path)["needed_by"]]

    @needs_root
    def test_a_users_glob_does_not_use_up_what_others_may_name(self):
        self.host.folder("/etc/default")
        self.host.file("/etc/default/tunnel", f"TUNNEL_TOKEN_FILE={TOKEN}\n".encode(), 0o600)
        self.host.folder("/etc/cloudflared")
        service_layouts.token_file(self.host)
        self.host.folder(UNITS)
        self.host.file(f"{UNITS}/cloudflared.service",
                       f"[Service]\nEnvironmentFile=/etc/default/tunnel\n{CLOUDFLARED}\n".encode(),
                       0o644)
        service_layouts.alices(self.host, f"EnvironmentFile=/a/*\n{CLOUDFLARED} x\n")
        self.host.folder("/a", 0o755, "alice")
        for number in range(3000):
            self.host.file(f"/a/{number}", b"A=1\n", 0o644, "alice")
        self.assertEqual(self.needs_of(TOKEN), [("cloudflared.service", True)])

    def test_what_the_kernel_makes_for_its_reader_is_neither_read_nor_missed(self):
        os.makedirs(self.host.at("/proc/self/fd"))
        self.host.file("/proc/kmsg", b"TUNNEL_TOKEN_FILE=/x\n", 0o644)
        service_layouts.install(self.host, "tunnel run --token-file /dev/fd/63",
                                "EnvironmentFile=/proc/kmsg\n")
        service_layouts.install(self.host, "tunnel run --token-file /proc/self/fd/3",
                                name="other.service")
        report = self.host.report()
        self.assertEqual(gaps(report), {})
        self.assertNotIn("need-resolves-to-nothing", host_tree.rules(report))


if __name__ == "__main__":
    unittest.main()
