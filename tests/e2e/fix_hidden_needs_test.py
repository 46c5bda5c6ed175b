"""What a service uses by commands that nothing understands: a fix does not take it away either."""

import os
import unittest

import invented
import mending
from host_tree import UIDS, credential, needs_root, pairs
from mending import TOKEN

ALICE, BOB, CLOUDFLARED = UIDS["alice"], UIDS["bob"], UIDS["cloudflared"]
SERVICE = mending.Person(CLOUDFLARED, CLOUDFLARED)
HIDDEN = "/home/alice/.cloudflared"
LOCAL = "/usr/local/bin"


def service(*lines, user="cloudflared"):
    """A unit that an administrator wrote."""
    return "\n".join(["[Unit]", "Description=cloudflared", "[Service]", f"User={user}", *lines,
                      "[Install]", "WantedBy=multi-user.target", ""]).encode()


@needs_root
class NamedFileTest(mending.MendTest):
    """A token that root's definitions only name."""

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.folder(LOCAL)
        self.host.file(TOKEN, invented.token(), 0o644)

    def check_kept(self, who="cloudflared.service", person=SERVICE):
        needs = credential(self.host.report(), TOKEN)["needed_by"]
        self.assertIn((who, None), [(need["who"], need["can_read"]) for need in needs])
        self.assertIn("r", mending.rights_of(person, [self.at(TOKEN)])[0])
        outcome = self.apply()
        self.assertIn("r", mending.rights_of(person, [self.at(TOKEN)])[0], outcome)
        said = str(outcome.changed.get(TOKEN, {}).get("keeps", "")) + outcome.refused.get(TOKEN, "")
        self.assertIn(who, said)

    def enable(self, *lines, **options):
        mending.enable(self.host, "cloudflared.service", service(*lines, **options))

    def check_each(self, cases):
        """Of {what it is: the lines of a unit, or the text of the script that it starts}."""
        for name, text in cases.items():
            with self.subTest(name):
                link = "/etc/systemd/system/multi-user.target.wants/cloudflared.service"
                if os.path.lexists(self.at(link)):
                    os.unlink(self.at(link))
                os.chmod(self.at(TOKEN), 0o644)
                if isinstance(text, str):
                    self.host.file(f"{LOCAL}/tunnel.sh", text.encode(), 0o755)
                    text = (f"ExecStart={LOCAL}/tunnel.sh",)
                self.enable(*text)
                self.check_kept()

    def test_commands_of_a_unit_that_read_it(self):
        run = "ExecStart=/usr/bin/cloudflared tunnel run"
        self.check_each({
            "a substitution": (f"ExecStart=/bin/sh -c 'exec cloudflared tunnel run --token"
                               f" \"$(cat {TOKEN})\"'",),
            "backticks": (f"ExecStart=/bin/sh -c 'T=`cat {TOKEN}`; exec cloudflared tunnel"
                          " run --token $T'",),
            "a redirection": (f"ExecStart=/bin/bash -c 'cloudflared tunnel run --token"
                              f" \"$(<{TOKEN})\"'",),
            "a copy": (f"ExecStartPre=/bin/cp {TOKEN} /run/x/token",
                       f"{run} --token-file /run/x/token"),
            "an unknown program": (f"ExecStart=/usr/local/bin/cloudflare-up {TOKEN}",),
        })

    def test_scripts_that_read_it(self):
        self.check_each({
            "a variable": f"#!/bin/sh\nT=$(cat {TOKEN})\nexec cloudflared tunnel run"
                          " --token $T\n",
            "read": f"#!/bin/sh\nread T < {TOKEN}\nexec cloudflared tunnel run --token $T\n",
            "a directory": "#!/bin/sh\nD=/etc/cloudflared\nexec cloudflared tunnel run"
                           " --token $(cat $D/token)\n",
            "python": "#!/usr/bin/python3\nimport os\nT = open("
                      f"'{TOKEN}').read()\nos.execlp('cloudflared', 'tunnel', 'run', T)\n",
        })

    def test_substitutions_that_a_secret_s_variable_takes(self):
        read, run = f"cat {TOKEN}", "cloudflared tunnel run"
        self.check_each({
            "double quotes": (f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=\"$({read})\" {run}'",),
            "no quotes": (f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=$({read}) {run}'",),
            "backquotes": (f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=`{read}` {run}'",),
            "a dollar for systemd": (f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=$$({read}) {run}'",),
            "escaped": (f"ExecStart=/bin/sh -c \"TUNNEL_TOKEN=\\\"$({read})\\\" {run}\"",),
            "export": (f"ExecStart=/bin/sh -c 'export TUNNEL_TOKEN=$({read}); exec {run}'",),
            "env": (f"ExecStart=/bin/sh -c 'env TUNNEL_TOKEN=$({read}) {run}'",),
            "env in quotes": (f"ExecStart=/bin/sh -c 'env \"TUNNEL_TOKEN=$({read})\" {run}'",),
            "a login shell": (f"ExecStart=/bin/bash -lc 'TUNNEL_TOKEN=$({read}) {run}'",),
            "a redirection": (f"ExecStart=/bin/bash -c 'TUNNEL_TOKEN=\"$(<{TOKEN})\" {run}'",),
            "a pipeline": (f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=\"$({read} | tr -d x)\" {run}'",),
            "a wrapper": (f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=$({read}) tunnel-wrapper run'",),
            "a script": f"#!/bin/sh\nTUNNEL_TOKEN=$({read}) exec {run}\n",
            "a script's wrapper": f"#!/bin/sh\nTUNNEL_TOKEN=$({read}) tunnel-wrapper run\n",
            "a script's export": f"#!/bin/sh\nexport TUNNEL_TOKEN=$({read})\nexec {run}\n",
            "a default": f"#!/bin/sh\nTUNNEL_TOKEN=\"${{TUNNEL_TOKEN:-$({read})}}\" exec {run}\n",
            "quotes in quotes": "#!/bin/sh\nD=/etc/cloudflared\n"
                                f"TUNNEL_TOKEN=\"$(cat \"$D/token\")\" exec {run}\n",
            "a path": f"#!/bin/sh\nTOKEN={TOKEN}\nexec {run} --token $(cat $TOKEN)\n",
            "python": "#!/usr/bin/python3\nimport os\n"
                      f"token = open('{TOKEN}').read()\n"
                      "os.execlp('cloudflared', 'cloudflared', 'tunnel', 'run', token)\n",
        })

    def test_names_in_a_directory_that_is_gone_to(self):
        run = "cloudflared tunnel run"
        self.check_each({
            "cd": f"#!/bin/sh\ncd /etc/cloudflared\nTUNNEL_TOKEN=$(cat token) exec {run}\n",
            "cd and": ("ExecStart=/bin/sh -c 'cd /etc/cloudflared && TUNNEL_TOKEN=\"$(cat token)\""
                       f" {run}'",),
            "cd to a variable": "#!/bin/sh\nD=/etc/cloudflared\ncd \"$D\" || exit 1\n"
                                f"read -r T <./token\nexec {run} --token \"$T\"\n",
            "a working directory": ("WorkingDirectory=/etc/cloudflared",
                                    f"ExecStart=/bin/sh -c 'TUNNEL_TOKEN=$(cat token) {run}'"),
        })

    def test_comments_and_what_systemd_reads_keep_nothing_open(self):
        self.enable(f"# cat {TOKEN}", f"LoadCredential=token:{TOKEN}", f"ReadOnlyPaths={TOKEN}",
                    "ExecStart=/usr/bin/cloudflared tunnel run --token-file %d/token")
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode(TOKEN, 0o600)

    def test_a_user_s_own_script_keeps_nothing_of_root_s_open(self):
        self.host.file(f"{LOCAL}/tunnel.sh", f"#!/bin/sh\ncat {TOKEN}\n".encode(), 0o755, "bob")
        self.enable(f"ExecStart={LOCAL}/tunnel.sh")
        self.apply()
        self.assert_mode(TOKEN, 0o600)


@needs_root
class NamedBelowDirectoryTest(mending.MendTest):
    """A default directory of a home that a service of another user passes through."""

    def check_passed(self, *lines):
        self.host.folder("/etc/cloudflared")
        self.host.folder("/home/alice", 0o755, "alice")
        self.host.folder(HIDDEN, 0o755, "alice")
        self.host.file(f"{HIDDEN}/cert.pem", invented.certificate(), 0o600, "alice")
        self.host.file("/etc/cloudflared/token", invented.token(), 0o640, "root", "cloudflared")
        mending.enable(self.host, "cloudflared.service", service(*lines))
        self.assertIn("x", mending.rights_of(SERVICE, [self.at(HIDDEN)])[0])
        outcome = self.apply()
        self.assertIn("x", mending.rights_of(SERVICE, [self.at(HIDDEN)])[0], outcome)
        said = str(outcome.changed.get(HIDDEN, {}).get("keeps", "")) + \
            outcome.refused.get(HIDDEN, "")
        self.assertIn("cloudflared.service", said)

    def test_its_working_directory(self):
        self.check_passed(f"ExecStart=/usr/bin/cloudflared tunnel run --token-file {TOKEN}",
                          f"WorkingDirectory={HIDDEN}")

    def test_its_program(self):
        self.check_passed(f"ExecStart={HIDDEN}/bin/cloudflared tunnel run --token-file {TOKEN}")

    def test_a_flag_of_it(self):
        self.check_passed(f"ExecStart=/usr/bin/cloudflared tunnel --origin-ca-pool {HIDDEN}/ca.pem"
                          f" run --token-file {TOKEN}")

    def test_nobody_passes_where_nothing_is_named(self):
        with self.assertRaises(AssertionError):
            self.check_passed(f"ExecStart=/usr/bin/cloudflared tunnel run --token-file {TOKEN}")
        self.assert_mode(HIDDEN, 0o700)


@needs_root
class ManagementTest(mending.MendTest):
    """Commands that ask Cloudflare with the account certificate."""

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.folder("/etc/cron.d")
        self.certificate = self.host.file("/etc/cloudflared/cert.pem", invented.certificate(),
                                          0o644)

    def test_a_crontab_keeps_the_certificate(self):
        for command in ("tunnel list", "tail mine", "tunnel --origincert "
                        "/etc/cloudflared/cert.pem route dns mine a.example"):
            with self.subTest(command):
                os.chmod(self.at(self.certificate), 0o644)
                self.host.file("/etc/cron.d/tunnels", f"7 * * * * cloudflared /usr/bin/cloudflared"
                               f" {command}\n".encode(), 0o644)
                outcome = self.apply()
                self.assertIn("r", mending.rights_of(SERVICE, [self.at(self.certificate)])[0])
                self.assertIn("cron:/etc/cron.d/tunnels", outcome.refused[self.certificate])

    def test_a_connector_that_a_crontab_manages_may_have_the_certificate(self):
        self.host.file(TOKEN, invented.token(), 0o600)
        mending.enable(self.host, "cloudflared.service",
                       mending.unit(f"tunnel run --token-file {TOKEN}"))
        rule = ("account-certificate-on-connector", self.certificate)
        self.assertIn(rule, pairs(self.host.report()))
        self.host.file("/etc/cron.d/tunnels", b"7 * * * * root cloudflared tunnel list\n", 0o644)
        self.assertNotIn(rule, pairs(self.host.report()))


if __name__ == "__main__":
    unittest.main()
