"""Every rule of the program fires in a tree made for it, alone, and not on a clean host."""

import dataclasses
import json
import os
import time
import typing
import unittest

import clean_host
import except_test
import host_tree
import invented
import kernel
import service_layouts
import sweep_findings_test
from invented import OTHER_TUNNEL, TUNNEL
from kernel import GROUP, MASK, OTHERS, OWNER, USER

SYSTEM = "/etc/cloudflared"
TOKEN = f"{SYSTEM}/token"
CERTIFICATE = f"{SYSTEM}/cert.pem"
CREDENTIALS = f"{SYSTEM}/{TUNNEL}.json"
CONFIG = f"{SYSTEM}/config.yml"
UNIT = service_layouts.UNIT
READER = host_tree.UIDS["www-data"]


@dataclasses.dataclass
class Fault:
    rule: str
    severity: str
    path: str
    lay_out: typing.Callable
    also: typing.FrozenSet[str] = frozenset()
    needs: str = ""


def token(mode):
    return lambda host: host.file(TOKEN, invented.token(), mode)


def certificate(mode):
    return lambda host: host.file(CERTIFICATE, invented.certificate(), mode)


def credentials(mode=0o400, **fields):
    return lambda host: host.file(CREDENTIALS, invented.credentials(**fields), mode)


def config(text, mode=0o644):
    return lambda host: host.file(CONFIG, text.encode(), mode)


def readable_by_a_group(lay_out):
    def with_member(host):
        host.accounts(root=["www-data"])
        lay_out(host)
    return with_member


def granting_acl(host):
    token(0o600)(host)
    kernel.set_acl(host.at(TOKEN), (OWNER, 6), (USER, 4, READER), (GROUP, 0), (MASK, 4),
                   (OTHERS, 0))


def latent_acl(host):
    token(0o600)(host)
    kernel.set_acl(host.at(TOKEN), (OWNER, 6), (USER, 4, READER), (GROUP, 0), (MASK, 0),
                   (OTHERS, 0))


def default_acl(host):
    token(0o600)(host)
    kernel.set_acl(host.at(SYSTEM), (OWNER, 7), (USER, 5, READER), (GROUP, 5), (MASK, 5),
                   (OTHERS, 5), default=True)


def writable_directory(host):
    token(0o600)(host)
    host.folder(SYSTEM, 0o757)


def hard_link(host):
    token(0o600)(host)
    host.folder("/srv")
    os.link(host.at(TOKEN), host.at("/srv/spare"))


def foreign_owner(host):
    host.file(TOKEN, invented.token(), 0o600, "bob")


def incomplete(host):
    host.file(CREDENTIALS, invented.credentials(secret_bytes=b""), 0o400)


def twice(host):
    token(0o600)(host)
    host.folder("/usr/local/etc/cloudflared")
    host.file("/usr/local/etc/cloudflared/token", invented.token(), 0o600)


def old(host):
    token(0o600)(host)
    then = time.time() - 800 * 86400
    os.utime(host.at(TOKEN), (then, then))


def unread(host):
    """Of root, in a directory that others can change: root does not open it."""
    host.home("alice", 0o755)
    host.folder("/home/alice/.cloudflared", 0o711, "alice")
    host.file("/home/alice/.cloudflared/token", invented.token(), 0o004, "alice")


def planted(host):
    host.folder("/home/alice", 0o755, "alice")
    host.file("/home/alice/cloudflared_priv.pem", invented.planted_private_key(), 0o600, "alice")
    host.file("/home/alice/cloudflared_pub.pem", invented.planted_public_key(), 0o644, "alice")


def open_directory(host):
    directory = host.home("alice", 0o755, 0o755)
    host.file(f"{directory}/cert.pem", invented.certificate(), 0o600, "alice")


def served(*lay_outs, command=service_layouts.BY_TOKEN_FILE, service=""):
    """A host whose cloudflared.service runs this command."""
    def with_service(host):
        service_layouts.install(host, command, service)
        for lay_out in lay_outs:
            lay_out(host)
    return with_service


def written_out():
    return f"--no-autoupdate tunnel run --token {invented.token().decode()}"


def group_of_service(host):
    host.accounts(cloudflared=["www-data"])
    host.file(TOKEN, invented.token(), 0o640, "root", "cloudflared")


def owned_by_service(host):
    host.file(TOKEN, invented.token(), 0o600, "cloudflared")


def pod_with_open_token(host):
    """The container is not root, and reads what is open to everyone."""
    token(0o644)(host)
    service_layouts.put(host, "/etc/kubernetes/manifests/tunnel.yaml", f"""
apiVersion: v1
kind: Pod
metadata: {{name: tunnel}}
spec:
  containers:
    - name: tunnel
      image: cloudflare/cloudflared:2026.8.2
      args: [tunnel, --no-autoupdate, run, --token-file, {TOKEN}]
      volumeMounts: [{{name: secret, mountPath: {SYSTEM}}}]
  volumes:
    - name: secret
      hostPath: {{path: {SYSTEM}}}
""", 0o600)


AS_CLOUDFLARED = "User=cloudflared\n"
AS_ROOT = frozenset({"service-runs-as-root"})
IN_UNIT = frozenset({"token-in-arguments", "token-in-unit", "readable-by-everyone"})

FAULTS = [
    Fault("account-certificate-readable-by-everyone", "critical", CERTIFICATE, certificate(0o644)),
    Fault("readable-by-everyone", "high", TOKEN, token(0o644)),
    Fault("account-certificate-readable-by-group", "high", CERTIFICATE,
          readable_by_a_group(certificate(0o640))),
    Fault("readable-by-group", "medium", TOKEN, readable_by_a_group(token(0o640))),
    Fault("acl-grants-access", "high", TOKEN, granting_acl, needs="acls"),
    Fault("acl-entry-latent", "low", TOKEN, latent_acl, needs="acls"),
    Fault("default-acl", "medium", SYSTEM, default_acl, needs="acls"),
    Fault("replaceable-by-others", "high", TOKEN, writable_directory,
          also=frozenset({"credential-directory-open"})),
    Fault("unexpected-owner", "high", TOKEN, foreign_owner, needs="root"),
    Fault("hard-linked", "medium", TOKEN, hard_link),
    Fault("group-writable-decimal-mode", "medium", CREDENTIALS, credentials(0o620)),
    Fault("tunnel-secret-too-short", "high", CREDENTIALS,
          credentials(secret_bytes=invented.secret("short", 31))),
    Fault("tunnel-secret-published", "critical", CREDENTIALS,
          credentials(secret_bytes=invented.PUBLISHED_SECRET)),
    Fault("tunnel-secret-predictable", "high", CREDENTIALS, credentials(secret_bytes=b"*" * 32)),
    Fault("tunnel-secret-predictable", "high", CREDENTIALS,
          credentials(secret_bytes=bytes(range(32)))),
    Fault("tunnel-id-mismatch", "medium", CREDENTIALS, credentials(tunnel=OTHER_TUNNEL)),
    Fault("credential-malformed", "low", CERTIFICATE,
          lambda host: host.file(CERTIFICATE, b"-----BEGIN ARGO TUNNEL TOKEN-----\nnot finished")),
    Fault("credential-incomplete", "low", CREDENTIALS, incomplete),
    Fault("account-certificate-legacy", "medium", CERTIFICATE,
          lambda host: host.file(CERTIFICATE, invented.legacy_certificate())),
    Fault("account-certificate-needs-refresh", "low", CERTIFICATE,
          lambda host: host.file(CERTIFICATE, invented.certificate(account=""))),
    Fault("config-writable-by-others", "high", CONFIG, config("tunnel: wiki\n", 0o666)),
    Fault("config-points-nowhere", "medium", CONFIG,
          config(f"tunnel: {TUNNEL}\ncredentials-file: /srv/gone.json\n")),
    Fault("secret-in-config", "medium", CONFIG,
          config(f"token: {invented.token().decode()}\n", 0o600)),
    Fault("secret-in-readable-config", "high", CONFIG,
          config(f"token: {invented.token().decode()}\n", 0o644)),
    Fault("backup-copy", "medium", f"{SYSTEM}/cert.pem.bak",
          lambda host: host.file(f"{SYSTEM}/cert.pem.bak", invented.certificate())),
    Fault("same-secret-elsewhere", "low", TOKEN, twice),
    Fault("credential-old", "info", TOKEN, old),
    Fault("planted-key-pair", "medium", "/home/alice/cloudflared_priv.pem", planted),
    Fault("unread-file-readable-by-others", "medium", "/home/alice/.cloudflared/token", unread),
    Fault("mode-too-wide", "low", TOKEN, token(0o640)),
    Fault("credential-directory-open", "low", "/home/alice/.cloudflared", open_directory),
    Fault("service-runs-as-root", "info", UNIT, served(token(0o600)), needs="root"),
    Fault("service-cannot-read", "high", TOKEN,
          served(token(0o600), service=AS_CLOUDFLARED), needs="root"),
    Fault("need-resolves-to-nothing", "high", UNIT, served(service=AS_CLOUDFLARED), needs="root"),
    Fault("credential-needed-by-nobody", "low", CREDENTIALS, served(token(0o600), credentials()),
          AS_ROOT, needs="root"),
    Fault("account-certificate-on-connector", "high", CERTIFICATE,
          served(token(0o600), certificate(0o600)), AS_ROOT, needs="root"),
    Fault("service-user-owns-credential", "info", TOKEN,
          served(owned_by_service, service=AS_CLOUDFLARED), needs="root"),
    Fault("service-group-has-members", "medium", TOKEN,
          served(group_of_service, service=AS_CLOUDFLARED), needs="root"),
    Fault("token-in-arguments", "high", UNIT, served(command=written_out()), AS_ROOT | IN_UNIT,
          needs="root"),
    Fault("token-in-unit", "high", UNIT, served(command=written_out()), AS_ROOT | IN_UNIT,
          needs="root"),
    Fault("token-in-environment-of-unit", "high", UNIT,
          served(command="tunnel run",
                 service=f"Environment=TUNNEL_TOKEN={invented.token().decode()}\n"),
          AS_ROOT | {"readable-by-everyone"}, needs="root"),
    Fault("container-user-mismatch", "medium", TOKEN, pod_with_open_token,
          frozenset({"readable-by-everyone"}), needs="root"),
]


class FindingsTest(host_tree.TreeTest):
    def lay_out(self, fault):
        if fault.needs == "acls":
            self.needs_acls()
        elif fault.needs == "root" and not host_tree.IS_ROOT:
            self.skipTest("needs root: several owners of files")
        host = self.new_host()
        host.folder("/root", 0o700)
        host.folder(SYSTEM)
        fault.lay_out(host)
        return host

    def test_each_rule_fires_where_its_fault_is_laid_out_and_nowhere_else(self):
        for fault in FAULTS:
            with self.subTest(fault.rule):
                report = self.lay_out(fault).report()
                self.assertIn((fault.rule, fault.path), host_tree.pairs(report))
                self.assertEqual(host_tree.rules(report), {fault.rule} | fault.also)
                self.assertEqual({one["severity"] for one in report["findings"]
                                  if one["rule"] == fault.rule}, {fault.severity})
                self.assertEqual(report["exit"], 0 if fault.severity == "info" else 1)

    def test_every_finding_says_what_is_what_should_be_and_what_mends_it(self):
        for fault in FAULTS:
            with self.subTest(fault.rule):
                found = [one for one in self.lay_out(fault).report()["findings"]
                         if one["rule"] == fault.rule][0]
                for key in ("title", "expected", "actual", "fix"):
                    self.assertTrue(found[key], key)

    def test_no_rule_is_without_a_tree_here(self):
        lines = [line.split() for line in host_tree.run("rules", "list").text.splitlines()]
        severities = ("critical", "high", "medium", "low", "info")
        listed = {words[1] for words in lines if len(words) > 1 and words[0] in severities}
        swept = {*sweep_findings_test.SWEPT, *sweep_findings_test.ELSEWHERE,
                 *except_test.RULES_ABOUT_EXCEPTIONS}
        self.assertEqual(listed, {fault.rule for fault in FAULTS} | swept)

    def test_a_clean_host_has_none_of_them(self):
        clean_host.lay_out(self.host)
        self.assertEqual(host_tree.rules(self.host.report()), set())

    def test_a_mode_of_0620_names_the_versions_that_wrote_it(self):
        host = self.lay_out(next(f for f in FAULTS if f.rule == "group-writable-decimal-mode"))
        self.assertIn("2023.7.1", host_tree.run("explain", "group-writable-decimal-mode", "--root",
                                                host.directory).text)

    def test_0620_can_be_replaced_only_where_its_group_has_other_members(self):
        for members, expected in [([], False), (["www-data"], True)]:
            with self.subTest(members=members):
                host = self.new_host()
                host.folder(SYSTEM)
                host.accounts(root=members)
                credentials(0o620)(host)
                self.assertEqual("replaceable-by-others" in host_tree.rules(host.report()),
                                 expected)

    def test_a_secret_in_a_configuration_has_its_line(self):
        host = self.new_host()
        host.folder(SYSTEM)
        config(f"# first\ntunnel: {TUNNEL}\ntoken: {invented.token().decode()}\n", 0o600)(host)
        report = host.report()
        self.assertEqual(host_tree.credential(report, CONFIG)["line"], 3)
        self.assertEqual(host_tree.finding(report, "secret-in-config")["line"], 3)

    def test_both_places_of_a_shared_secret_are_named(self):
        host = self.new_host()
        host.folder(SYSTEM)
        twice(host)
        paths = {path for rule, path in host_tree.pairs(host.report())
                 if rule == "same-secret-elsewhere"}
        self.assertEqual(paths, {TOKEN, "/usr/local/etc/cloudflared/token"})

    def test_a_second_copy_alone_is_no_reason_to_rotate(self):
        host = self.new_host()
        host.folder(SYSTEM)
        twice(host)
        for report in (host.report(), host_tree.run("sweep", "--json", "--root",
                                                    host.directory).report):
            found = [one for one in report["findings"] if one["rule"] == "same-secret-elsewhere"]
            self.assertEqual([one["fix"] for one in found], ["remove-copy"] * 2)
        advice = json.loads(host_tree.run("fix", "--json", "--root", host.directory).text)["advice"]
        steps = [" ".join(one["steps"]) for one in advice if one["rule"] == "same-secret-elsewhere"]
        self.assertEqual(len(steps), 2)
        for text in steps:
            self.assertIn("rm -i", text)
            self.assertNotIn("cloudflared tunnel token", text)

    def test_the_same_secret_is_recognised_in_another_form(self):
        host = self.new_host()
        host.folder(SYSTEM)
        secret = invented.secret("shared")
        host.file(TOKEN, invented.token(secret_bytes=secret), 0o600)
        host.file(CREDENTIALS, invented.credentials(secret_bytes=secret), 0o400)
        report = host.report()
        self.assertEqual(host_tree.rules(report), {"same-secret-elsewhere"})
        self.assertEqual(len({one["fingerprint"] for one in report["credentials"]}), 1)

    def test_a_file_of_the_account_cloudflared_is_no_fault(self):
        if not host_tree.IS_ROOT:
            self.skipTest("needs root: several owners of files")
        host = self.new_host()
        host.folder(SYSTEM)
        host.file(TOKEN, invented.token(), 0o400, "cloudflared")
        self.assertEqual(host_tree.rules(host.report()), set())


if __name__ == "__main__":
    unittest.main()
