"""Whatever is named on the command line is looked into as a sweep would look into it."""

import json
import os
import unittest
import urllib.parse

import host_tree
import invented
from host_tree import credential
from invented import ACCOUNT, OTHER_TUNNEL, TUNNEL, base64_text

SECRET = base64_text(invented.secret("secret"))
TOKEN = invented.token().decode()
CREDENTIALS = invented.credentials().decode()
CERTIFICATE = invented.certificate().decode()
IDS = f"account_id: {ACCOUNT}\ntunnel_id: {TUNNEL}\n"


def encoded(text, times=1):
    for _ in range(times):
        text = base64_text(text.encode())
    return text


# Name, text, kind, line, tunnel, carrier.
SHAPES = [
    ("secret.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  token: " + encoded(TOKEN) + "\n",
     "tunnel-token", 4, TUNNEL, "kubernetes-manifest"),
    ("thrice.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  token: " + encoded(TOKEN, 3) + "\n",
     "tunnel-token", 4, TUNNEL, "kubernetes-manifest"),
    ("release.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  cert.pem: " + encoded(CERTIFICATE) + "\n",
     "account-certificate", 4, "", "kubernetes-manifest"),
    ("values.yaml", f"cloudflare:\n  account: {ACCOUNT}\n  tunnelId: {TUNNEL}\n  secret: {SECRET}\n",
     "tunnel-credentials", 4, TUNNEL, "helm-values"),
    ("terraform.tfstate", json.dumps(
        {"version": 4, "resources": [{"type": "cloudflare_tunnel", "instances": [
            {"attributes": {"account_id": ACCOUNT, "id": TUNNEL, "secret": SECRET}}]}]}, indent=1),
     "tunnel-credentials", 11, TUNNEL, "terraform-state"),
    ("main.tf", f'resource "cloudflare_tunnel" "web" {{\n  secret = "{SECRET}"\n}}\n',
     "tunnel-secret", 2, "", "terraform"),
    ("prod.tfvars", f'account_id="{ACCOUNT}"\ntunnel_id="{TUNNEL}"\ntunnel_secret="{SECRET}"\n',
     "tunnel-credentials", 3, TUNNEL, "terraform-variables"),
    ("broken.sh", f"#!/bin/sh\ncloudflared tunnel run --token {TOKEN[:70]}\\\n{TOKEN[70:]}\n",
     "tunnel-token", 2, TUNNEL, "init-script"),
    ("install.cmd", f"cloudflared service install {TOKEN[:60]}^\r\n{TOKEN[60:]}\r\n",
     "tunnel-token", 1, TUNNEL, "script"),
    ("flags.mk", f"run:\n\trun --account-id {ACCOUNT} --tunnel-id {TUNNEL} "
                 f"--tunnel-secret {SECRET}\n",
     "tunnel-credentials", 2, TUNNEL, "makefile"),
    ("split.toml", f'account_id = "{ACCOUNT}"\ntunnel_id = "{TUNNEL}"\n'
                   f'tunnel_secret = "{SECRET}"\n',
     "tunnel-credentials", 3, TUNNEL, "other"),
    ("access.log", "GET /?cert=" + urllib.parse.quote(urllib.parse.quote(CREDENTIALS)) + " 200\n",
     "tunnel-credentials", 1, TUNNEL, "log"),
    ("dump.csv", 'id,value\n1,"' + CREDENTIALS.replace('"', '""') + '"\n',
     "tunnel-credentials", 2, TUNNEL, "other"),
    ("user-data", "#cloud-config\nwrite_files:\n  - encoding: b64\n    content: "
     + encoded(CREDENTIALS, 2) + "\n",
     "tunnel-credentials", 4, TUNNEL, "cloud-init"),
]

NEAR_MISSES = [
    ("sealed.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n"
                    "    tunnel_secret: AgB" + base64_text(b"INVENTED/sealed" * 20) + "\n"),
    ("vault.yml", IDS + "tunnel_secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66386439653236\n"),
    ("sops.yaml", IDS + "tunnel_secret: ENC[AES256_GCM,data:SU5WRU5URUQ=,iv:eA==,type:str]\n"),
    ("other.tf", f'resource "cloudflare_turnstile_widget" "a" {{\n  account_id = "{ACCOUNT}"\n'
                 f'  secret = "{SECRET}"\n}}\n'),
    ("example.sh", "#!/bin/sh\ncloudflared service install eyJhIjoi...\n"),
    ("azure.env", f"AZURE_TENANT_ID={TUNNEL}\nAZURE_CLIENT_SECRET={SECRET}\n"),
]


class AuditCarriersTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.folder("/srv/app")

    def audited(self, name, text, encoding="utf-8"):
        self.host.file("/srv/app/" + name, text.encode(encoding), 0o600)
        return self.host.report("/srv/app/" + name)

    def test_each_shape_is_found_where_it_is_named(self):
        for name, text, kind, line, tunnel, carrier in SHAPES:
            with self.subTest(name=name):
                report = self.audited(name, text)
                self.assertEqual(len(report["credentials"]), 1, report["credentials"])
                found = credential(report, "/srv/app/" + name)
                self.assertEqual(
                    (found["kind"], found["line"], found["scope"]["tunnel"] or "",
                     found["carrier"]),
                    (kind, line, tunnel, carrier))
                self.assertEqual(report["gaps"], [])

    def test_each_near_miss_is_silent(self):
        for name, text in NEAR_MISSES:
            with self.subTest(name=name):
                report = self.audited(name, text)
                self.assertEqual([one for one in report["credentials"]
                                  if one["status"] in ("usable", "incomplete")], [])

    def test_text_as_powershell_writes_it_is_read(self):
        text = IDS.replace("\n", "\r\n") + f"tunnel_secret: {SECRET}\r\n"
        found = credential(self.audited("note.txt", text, "utf-16"), "/srv/app/note.txt")
        self.assertEqual((found["kind"], found["line"]), ("tunnel-credentials", 3))

    def test_what_carriers_read_keeps_their_names_and_is_told_once(self):
        text = f"services:\n  a:\n    image: x\n    command: [run, --token, {TOKEN}]\n"
        report = self.audited("compose.yml", text + f"# again: {encoded(TOKEN, 3)}\n")
        self.assertEqual([(one["carrier"], one["line"]) for one in report["credentials"]],
                         [("compose", 4)])

    def test_the_secret_of_what_is_found_is_recognised_elsewhere(self):
        self.host.file("/srv/app/run.json", invented.credentials(TUNNEL, "secret"), 0o600)
        self.audited("values.yaml", SHAPES[3][1])
        report = self.host.report("/srv/app/run.json", "/srv/app/values.yaml")
        self.assertEqual(len({one["fingerprint"] for one in report["credentials"]}), 1)

    def test_names_that_are_no_candidates_are_opened_only_where_they_are_named(self):
        self.host.file("/srv/app/notes.txt", encoded(TOKEN).encode(), 0o600)
        self.assertEqual(self.host.report("/srv/app")["credentials"], [])
        self.assertEqual(len(self.host.report("/srv/app/notes.txt")["credentials"]), 1)

    def test_a_definition_that_names_no_cloudflared_is_looked_into_where_it_is_named(self):
        places = ("/srv/app/docker-compose.yml", "/srv/app/compose.yaml", "/srv/app/web.service",
                  "/etc/systemd/system/web.service", "/srv/app/web.container")
        for path in places:
            for parent in ("/etc", "/etc/systemd", "/etc/systemd/system"):
                if path.startswith(parent + "/"):
                    self.host.folder(parent)
            for kind, content in (("tunnel-credentials", CREDENTIALS.encode()),
                                  ("tunnel-credentials", f"note: {CREDENTIALS}\n".encode()),
                                  ("tunnel-token", encoded(TOKEN).encode() + b"\n"),
                                  ("tunnel-token", TOKEN.encode("utf-16"))):
                with self.subTest(path=path, content=content[:20]):
                    self.host.file(path, content, 0o600)
                    for named in (path, path[:path.rindex("/")]):
                        found = credential(self.host.report(named), path)
                        self.assertEqual(found["kind"], kind)
            os.unlink(self.host.at(path))

    def test_a_definition_without_a_credential_is_silent_where_its_directory_is_named(self):
        self.host.file("/srv/app/compose.yml", b"services:\n  {{ a: [b\n", 0o600)
        self.host.file("/srv/app/b.service", b"[Service]\nExecStart=/usr/bin/b\n", 0o600)
        report = self.host.report("/srv/app")
        self.assertEqual((report["credentials"], report["findings"], report["gaps"]), ([], [], []))

    def test_a_candidate_in_a_directory_that_is_named_is_asked_too(self):
        text = (f"export ACCOUNT_ID={ACCOUNT}; export TUNNEL_ID={OTHER_TUNNEL}\n"
                f"export TUNNEL_SECRET={SECRET}\n")
        self.host.file("/srv/app/.env", text.encode(), 0o600)
        found = credential(self.host.report("/srv/app"), "/srv/app/.env")
        self.assertEqual((found["kind"], found["carrier"], found["scope"]["tunnel"]),
                         ("tunnel-credentials", "env-file", OTHER_TUNNEL))

    def test_no_byte_of_a_secret_is_shown(self):
        for name, text, *_ in SHAPES:
            self.host.file("/srv/app/" + name, text.encode(), 0o644)
        paths = ["/srv/app/" + name for name, *_ in SHAPES]
        for form in ([], ["--json"]):
            outcome = self.host.audit(*form, *paths)
            for secret in (SECRET[:12], TOKEN[60:80], invented.secret("secret").decode()[:12]):
                self.assertNotIn(secret.encode(), outcome.out + outcome.err)


if __name__ == "__main__":
    unittest.main()
