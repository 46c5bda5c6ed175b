"""On kernels and in containers that refuse openat2, the audit sees the same."""

import errno
import os
import unittest

import clean_host
import host_tree
import invented
import kernel

CLOSE_RANGE = 436


class FallbackTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        possible, why = kernel.in_child(
            lambda: kernel.refuse_calls([kernel.OPENAT2], errno.ENOSYS))
        if not possible:
            self.skipTest(f"no system-call filters here: {why}")
        clean_host.lay_out(self.host)
        os.chmod(self.host.at("/etc/cloudflared/token"), 0o644)
        home = "/home/alice/.cloudflared"
        self.host.folder(f"{home}/deeper", 0o755, "alice")
        self.host.file(f"{home}/deeper/token", invented.token(name="deeper"), 0o600, "alice")
        self.host.folder("/home/alice/dotfiles", 0o755, "alice")
        self.host.file("/home/alice/dotfiles/pem", invented.certificate("dot"), 0o600, "alice")
        self.host.link(f"{home}/other.pem", "../dotfiles/pem", "alice")
        self.host.link(f"{home}/up.pem", "../../../etc/cloudflared/token", "alice")
        self.host.link("/usr/local/etc/cloudflared/linked", "/etc/cloudflared")
        os.mkfifo(self.host.at(f"{home}/fifo.json"))
        self.host.file("/etc/shadow", b"root:INVENTED\n", 0o600)
        self.host.link(f"{home}/shadow.pem", "/etc/shadow", "alice")

    def test_the_report_is_the_same_when_calls_are_refused(self):
        expected = host_tree.without_start(self.host.report())
        self.assertGreaterEqual(len(expected["credentials"]), len(clean_host.CREDENTIALS) + 2)
        for calls in ([kernel.OPENAT2], [kernel.OPENAT2, CLOSE_RANGE]):
            for code in (errno.ENOSYS, errno.EPERM):
                with self.subTest(calls=calls, code=errno.errorcode[code]):
                    report = self.host.report(
                        prepare=lambda calls=calls, code=code: kernel.refuse_calls(calls, code))
                    self.assertEqual(host_tree.without_start(report), expected)

    def test_the_report_of_a_named_directory_is_the_same_too(self):
        expected = host_tree.without_start(self.host.report("/home"))
        for code in (errno.ENOSYS, errno.EPERM):
            report = self.host.report(
                "/home", prepare=lambda code=code: kernel.refuse_calls([kernel.OPENAT2], code))
            self.assertEqual(host_tree.without_start(report), expected)

    def test_the_filter_of_the_tests_refuses_what_it_should(self):
        def call():
            kernel.refuse_calls([kernel.OPENAT2], errno.ENOSYS)
            kernel.checked(kernel.LIBC.syscall(kernel.OPENAT2, 0, 0, 0, 0), "openat2")

        self.assertIn("not implemented", kernel.in_child(call)[1])


if __name__ == "__main__":
    unittest.main()
