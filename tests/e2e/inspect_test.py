"""`cfwarden inspect`: cloudflared's own verdicts, and never the secret."""

import base64
import hashlib
import json
import unittest

import host_tree
import invented
from host_tree import run
from invented import ACCOUNT, OTHER_TUNNEL, TUNNEL, ZONE

CORPUS = host_tree.SOURCE / "tests/corpus/parity.jsonl"
KEYS = {"kind", "status", "reason", "account", "zone", "tunnel", "endpoint", "secret_bytes",
        "fingerprint", "authority"}
AS = {"token": "token", "token_file": "token-file", "cred_json": "tunnel-credentials",
      "origin_cert": "account-certificate"}
NIL = "00000000-0000-0000-0000-000000000000"


def inspect(content, *arguments, **options):
    return run("inspect", *arguments, "-", stdin=content, **options)


def inspected(content, *arguments):
    outcome = inspect(content, "--json", *arguments)
    found = json.loads(outcome.out)
    assert set(found) == KEYS, found
    return found, outcome.code


class ParityTest(unittest.TestCase):
    maxDiff = None

    @unittest.skipUnless(CORPUS.exists(), "tests/corpus/parity.jsonl is not here")
    def test_every_verdict_is_that_of_cloudflared(self):
        for line in CORPUS.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            with self.subTest(row["id"], kind=row["kind"], note=row["note"]):
                found, code = inspected(base64.b64decode(row["input_b64"]), "--as",
                                        AS[row["kind"]])
                if row["expected"]["accepted"]:
                    self.assertEqual(code, 0)
                    self.assert_accepted(found, row["expected"])
                else:
                    self.assertEqual(code, 1)
                    self.assert_refused(found, row.get("expected_cert_2022_10_3", {}))

    def assert_accepted(self, found, expected):
        self.assertIn(found["status"], ("usable", "incomplete"))
        self.assertEqual(found["account"] or "", expected["account"])
        self.assertEqual(found["zone"] or "", expected.get("zone", ""))
        self.assertEqual(found["tunnel"] or NIL, expected.get("tunnel_id", NIL))
        self.assertEqual(found["endpoint"] or "", expected.get("endpoint", ""))
        self.assertEqual(found["secret_bytes"] or 0, expected["secret_len"])
        if expected["secret_len"]:
            self.assertRegex(found["fingerprint"], "^(sha256|hmac):[0-9a-f]{16}$")
        else:
            self.assertIsNone(found["fingerprint"])
        if "status" in expected:
            whole = expected["status"] == "usable" and bool(expected["account"])
            self.assertEqual(found["status"], "usable" if whole else "incomplete")

    def assert_refused(self, found, older):
        if older.get("accepted"):
            self.assertEqual(found["status"], "legacy")
            self.assertEqual(found["account"] or "", older.get("account", ""))
            self.assertEqual(found["zone"], older["zone"])
        else:
            self.assertIn(found["status"], ("damaged", "rejected"))
        self.assertTrue(found["reason"])


class InspectTest(host_tree.TreeTest):
    def test_each_kind_is_recognised_by_itself(self):
        for content, kind, authority in [
                (invented.certificate(), "account-certificate", "manage-account"),
                (invented.credentials(), "tunnel-credentials", "run-tunnel"),
                (invented.token(), "tunnel-token", "run-tunnel"),
                (invented.dashboard_token(), "tunnel-token", "run-tunnel"),
                (invented.access_token(), "access-token", "call-application"),
                (invented.service_token(), "access-service-token", "call-application"),
                (invented.ssh_key(), "ssh-key", "act-as-user"),
                (invented.planted_private_key(), "planted-key-pair", "none")]:
            with self.subTest(kind):
                path = self.host.at(self.host.file("/x.example.com-cf_key" if kind == "ssh-key"
                                                   else "/some.file", content))
                outcome = run("inspect", "--json", path)
                found = json.loads(outcome.out)
                self.assertEqual((found["kind"], found["status"]), (kind, "usable"))
                self.assertEqual(outcome.code, 0)
                if kind not in ("access-token", "planted-key-pair"):
                    self.assertEqual(found["authority"], authority)

    def test_both_forms_of_a_token_are_decoded(self):
        for content, size in [(invented.token(), 32), (invented.dashboard_token(), 36)]:
            with self.subTest(size):
                found, code = inspected(content)
                self.assertEqual((found["account"], found["tunnel"], found["secret_bytes"], code),
                                 (ACCOUNT, TUNNEL, size, 0))

    def test_a_fingerprint_is_that_of_the_decoded_secret_in_every_form(self):
        secret = invented.secret("same")
        forms = [invented.token(secret_bytes=secret), invented.credentials(secret_bytes=secret),
                 json.dumps({"AccountTag": ACCOUNT, "TunnelID": TUNNEL,
                             "TunnelSecret": list(secret)}).encode()]
        expected = "sha256:" + hashlib.sha256(secret).hexdigest()[:16]
        for content in forms:
            self.assertEqual(inspected(content)[0]["fingerprint"], expected)

    def test_folded_duplicate_and_null_keys_read_as_go_reads_them(self):
        secret = invented.base64_text(invented.secret("folded"))
        document = ('{"aCCOUNTtAG":"old","Account\u0054ag":"%s","Tunnel\u017fecret":"%s",'
                    '"tunnelid":"urn:uuid:%s","TunnelID":null}' %
                    (ACCOUNT, secret, OTHER_TUNNEL.upper())).encode()
        found, code = inspected(document, "--as", "tunnel-credentials")
        self.assertEqual((found["account"], found["tunnel"], found["secret_bytes"], code),
                         (ACCOUNT, OTHER_TUNNEL, 32, 0))

    def test_damaged_credentials_are_exit_1_with_their_scope(self):
        token = invented.token()
        for content in (token.rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_"),
                        b'"' + token + b'"'):
            with self.subTest(content):
                found, code = inspected(content)
                if found["status"] == "usable":
                    continue  # This token has no padding to lose.
                self.assertEqual((found["status"], found["tunnel"], code), ("damaged", TUNNEL, 1))
        indented = b"".join(b"    " + line + b"\n" for line in invented.certificate().splitlines())
        found, code = inspected(indented)
        self.assertEqual((found["status"], found["zone"], code), ("damaged", ZONE, 1))

    def test_a_legacy_certificate_is_exit_1_with_its_scope(self):
        found, code = inspected(invented.legacy_certificate())
        self.assertEqual((found["kind"], found["status"], found["zone"], code),
                         ("account-certificate", "legacy", ZONE, 1))

    def test_what_is_no_credential_is_exit_1(self):
        for content in (b"", b"hello\n", b"{}", b"\0" * 100, b"-----BEGIN CERTIFICATE-----\n",
                        b"\xff\xfe", b"null"):
            with self.subTest(content):
                self.assertEqual(inspect(content).code, 1)
                self.assertEqual(inspected(content)[1], 1)

    def test_an_input_over_the_cap_is_rejected_and_the_reason_names_the_cap(self):
        for form in AS.values():
            with self.subTest(form):
                found, code = inspected(b"x" * (64 * 1024 + 1), "--as", form)
                self.assertEqual((found["status"], code), ("rejected", 1))
                self.assertRegex(found["reason"], "64 ?KiB|65,?536")

    def test_an_endless_input_ends_at_the_cap(self):
        with open("/dev/zero", "rb") as endless:
            outcome = run("inspect", "--as", "token", "-", stdin=endless, timeout=10)
        self.assertEqual(outcome.code, 1, outcome)

    def test_a_file_that_does_not_exist_is_exit_2(self):
        outcome = run("inspect", self.host.at("/gone"))
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    def test_a_file_that_cannot_be_read_is_exit_3(self):
        path = self.host.at(self.host.file("/closed", invented.token(), 0o000))
        uid = host_tree.UIDS["alice"] if host_tree.IS_ROOT else None
        self.assertEqual(run("inspect", path, uid=uid).code, 3)
        self.assertEqual(run("inspect", self.directory).code, 3)

    def test_an_unknown_form_is_exit_2(self):
        outcome = inspect(invented.token(), "--as", "passport")
        self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    def test_the_words_say_what_it_is_and_hide_the_secret(self):
        outcome = inspect(invented.certificate())
        for words in ("Account certificate", "usable", ACCOUNT, ZONE, "sha256:"):
            self.assertIn(words, outcome.text)
        self.assertNotIn("INVENTED", outcome.text)


if __name__ == "__main__":
    unittest.main()
