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
    def test_a_user_who_links_roots_units_makes_nothing_needed(self):
        service_layouts.token_file(self.host)
        users = "/usr/lib/systemd/user"
        for name, token in (("cloudflared", TOKEN), ("tunnel@", "/etc/cloudflared/%i")):
            service_layouts.put(self.host, f"{users}/{name}.service",
                                f"[Service]\n{CLOUDFLARED} --token-file {token}\n")
        service_layouts.install(self.host, f"tunnel run --token-file {TOKEN}", name="sys.service")
        os.remove(self.host.at(f"{UNITS}/sys.service"))
        service_layouts.put(self.host, "/opt/sys.service",
                            f"[Service]\n{CLOUDFLARED} --token-file {TOKEN}\n")
        service_layouts.alices(self.host, "ExecStart=/bin/true", "any.service")
        own = service_layouts.USER_UNITS
        for link, target in ((f"{own}/cloudflared.service", f"{users}/cloudflared.service"),
                             (f"{own}/default.target.wants/tunnel@token.service",
                              f"{users}/tunnel@.service"),
                             (f"{own}/sys.service", "/opt/sys.service")):
            self.host.link(link, target, "alice")
        report = self.host.report()
        self.assertEqual(credential(report, TOKEN)["needed_by"], [])
        self.assertNotIn("service-cannot-read", host_tree.rules(report))

    def test_a_unit_for_every_user_is_not_roots(self):
        service_layouts.token_file(self.host)
        service_layouts.put(self.host, "/etc/systemd/user/cloudflared.service",
                            f"[Service]\n{CLOUDFLARED} --token-file {TOKEN}\n")
        self.assertEqual(self.needs_of(TOKEN), [("cloudflared.service", None)])

    @needs_root
    def test_a_users_long_commands_leave_room_for_roots_services(self):
        service_layouts.installed_in_2026_with_a_token(self.host)
        command = (f"ExecStart=/usr/bin/cloudflared --config=/x{'/c' * 1900} tunnel run "
                   f"--credentials-file=/x{'/d' * 1900} --token-file=/x{'/e' * 1900} x\n")
        for number in range(30):
            service_layouts.alices(self.host, command, f"a{number}.service")
        self.assertEqual(self.needs_of(TOKEN), [("cloudflared.service", True)])

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
