"""A secret goes in everywhere; not eight bytes of it come out, in any form, by any way."""

import base64
import glob
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import time
import unittest

import host_tree
import invented
import kernel
from host_tree import Running, run
from invented import ACCOUNT, OTHER_TUNNEL, TUNNEL, ZONE

# Words of no language, so that no eight bytes of them, in no encoding, occur by chance.
CANARY = b"Kq7vXw3Zp9RtB2mYc8LdN5fHs1GjQ6Tx"
TEXT = CANARY.decode()
WINDOW = 8

FORMATS = ("text", "plain", "json", "ndjson", "sarif", "junit", "csv", "markdown", "html",
           "github", "prometheus", "nagios")
COUNTS = ("prometheus", "nagios")  # They name nothing.


def forms_of(secret):
    """The secret as it stands, in hexadecimal, and in base64 at each alignment, twice over."""
    once = [base64.b64encode(b"\0" * shift + secret)[8:-8] for shift in range(3)]
    twice = [base64.b64encode(b"\0" * shift + base64.b64encode(secret))[8:-8]
             for shift in range(3)]
    safe = [form.replace(b"+", b"-").replace(b"/", b"_") for form in once + twice]
    numbers = [b",".join(b"%d" % byte for byte in secret), b" ".join(b"%d" % b for b in secret)]
    return [secret, secret[::-1], secret.hex().encode(), secret.hex().upper().encode(),
            base64.b64encode(secret), *once, *twice, *safe, *numbers]


WINDOWS = {form[at:at + WINDOW] for form in forms_of(CANARY)
           for at in range(len(form) - WINDOW + 1)}


def leak_in(data):
    """Eight bytes of the canary in `data`; None when there are none."""
    for at in range(len(data) - WINDOW + 1):
        if data[at:at + WINDOW] in WINDOWS:
            return data[at:at + WINDOW]
    return None


def tar_of(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def broken_forms():
    """Credentials that stop, or turn wrong, right beside the secret."""
    encoded = invented.base64_text(CANARY)
    pem = invented.certificate(api_token=TEXT)
    token = invented.token(secret_bytes=CANARY)
    return {
        "json stops in the secret": f'{{"AccountTag":"x","TunnelSecret":"{encoded}'.encode(),
        "json stops behind it": f'{{"TunnelSecret":"{encoded}"'.encode(),
        "a comma too many": f'{{"TunnelSecret":"{encoded}",,}}'.encode(),
        "a wrong type behind it": f'{{"TunnelSecret":"{encoded}","TunnelID":{TEXT}}}'.encode(),
        "the secret as a key": f'{{"{encoded}":1,"TunnelSecret":2}}'.encode(),
        "the secret unquoted": f'{{"TunnelSecret":{TEXT}}}'.encode(),
        "the secret as a list": json.dumps({"AccountTag": ACCOUNT, "TunnelID": TUNNEL,
                                            "TunnelSecret": list(CANARY)}).encode(),
        "the decimal list of 2020.6.4": ("[" + " ".join(map(str, invented.credentials(
            secret_bytes=CANARY))) + "]").encode(),
        "no padding": token.rstrip(b"="), "quoted": b'"' + token + b'"',
        "cut off": token[:-20], "with a wrong character": token[:-30] + b"*" + token[-30:],
        "with text before": b"token: " + token, "twice in base64": base64.b64encode(token),
        "pem without its end": pem[:-30], "pem indented": pem.replace(b"\n", b"\n  "),
        "pem with the secret as its label": f"-----BEGIN {TEXT}-----\nAAAA\n".encode(),
        "the secret alone": CANARY, "the secret as a yaml error": f"token: [{TEXT}\n".encode(),
        "yaml with a tab": f"\ttoken: {TEXT}\n".encode(),
        "yaml with an alias": f"token: *{TEXT}\n".encode(),
        "yaml with an anchor": f"a: &{TEXT} x\ntoken: *{TEXT}\n".encode(),
        "yaml with a bad escape": f'token: "{TEXT}\\q"\n'.encode(),
        "utf-16": json.dumps({"TunnelSecret": encoded}).encode("utf-16"),
        "a NUL behind it": f'{{"TunnelSecret":"{encoded}"}}\0'.encode(),
        "a jwt cut off": invented.access_token()[:-40] + CANARY,
    }


def lay_out(host):
    """The canary as every kind of credential, sound and broken, open to everyone."""
    directory = host.home("alice", 0o755, 0o755)
    kinds = {
        "cert.pem": invented.certificate(api_token=TEXT),
        "cert.pem.bak": invented.pem("WARP TOKEN", f"{ZONE}\n{TEXT}".encode()),
        f"{TUNNEL}.json": invented.credentials(TUNNEL, secret_bytes=CANARY),
        f"{OTHER_TUNNEL}.json": invented.credentials(TUNNEL, secret_bytes=CANARY[:16]),
        "token": invented.token(secret_bytes=CANARY),
        "app-token": invented.url_base64(b'{"alg":"none"}') + b"." +
                     invented.url_base64(json.dumps({"iss": "x", "exp": 1, "jti": TEXT}).encode()) +
                     b"." + invented.url_base64(CANARY),
        "service.env": f"CF_ACCESS_CLIENT_ID={'a' * 32}.access\n"
                       f"CF_ACCESS_CLIENT_SECRET={CANARY.hex()}\n".encode(),
        "host-cf_key": invented.pem("EC PRIVATE KEY", CANARY),
        "cloudflared_priv.pem": invented.pem("BOX PRIVATE KEY", CANARY),
        "config.yml": b"tunnel: x\ntoken: " + invented.token(secret_bytes=CANARY) +
                      b"\ncredentials-contents: '" + invented.credentials(secret_bytes=CANARY) +
                      f"'\napi-key: {TEXT}\n".encode(),
        "tunnel.env": b"TUNNEL_TOKEN=" + invented.token(secret_bytes=CANARY) + b"\n",
    }
    for name, content in kinds.items():
        host.file(f"{directory}/{name}", content, 0o644, "alice")
    for number, content in enumerate(broken_forms().values()):
        for name in (f"broken-{number}.json", f"broken-{number}-token", f"broken-{number}.pem"):
            host.file(f"{directory}/{name}", content, 0o644, "alice")
    return directory


class CanaryTest(host_tree.TreeTest):
    def assert_silent(self, outcome):
        for stream in (outcome.out, outcome.err):
            self.assertIsNone(leak_in(stream), stream[:2000])

    def test_the_search_finds_what_it_looks_for(self):
        for form in forms_of(CANARY):
            self.assertIsNotNone(leak_in(b"xx" + form[3:13] + b"yy"))
        self.assertIsNotNone(leak_in(invented.token(secret_bytes=CANARY)))
        self.assertIsNotNone(leak_in(invented.certificate(api_token=TEXT).replace(b"\n", b"")))

    def test_an_audit_shows_nothing_of_it_in_any_format(self):
        lay_out(self.host)
        path = self.host.at("/report.json")
        formats = [["-o", name] for name in FORMATS]
        for arguments in (["--json"], [], ["-v"], ["-q"], ["--color", "always"],
                          ["-o", f"json={path}", "-o", "text"], *formats):
            with self.subTest(arguments):
                outcome = self.host.audit(*arguments)
                self.assertEqual(outcome.code, 2 if "nagios" in arguments else 1)
                self.assert_silent(outcome)
        self.assertIsNone(leak_in(pathlib.Path(path).read_bytes()))
        report = self.host.report()
        self.assertGreaterEqual({one["kind"] for one in report["credentials"]},
                                {"account-certificate", "tunnel-credentials", "tunnel-token",
                                 "access-token"})

    def test_what_services_run_shows_nothing_of_it(self):
        token = invented.token(secret_bytes=CANARY).decode()
        self.host.folder("/etc/cloudflared")
        self.host.file("/etc/cloudflared/t", invented.token(), 0o644)
        self.host.folder("/etc/systemd")
        self.host.folder("/etc/systemd/system")
        read = "cat /etc/cloudflared/t"
        values = (f'"$(echo {token})"', f"$(printf %s {TEXT})", f"`echo -n {TEXT}`",
                  f"$(show {TEXT})", f'"$({read}){TEXT}"', f"{TEXT}`{read}`",
                  f"$(base64 -d <<<{TEXT})", f"${{T:-{TEXT}}}", f'"$({read}) {TEXT}"')
        for number, value in enumerate(values):
            self.host.file(f"/etc/systemd/system/tunnel-{number}.service",
                           "[Service]\nUser=cloudflared\nExecStart=/bin/sh -c"
                           f" 'TUNNEL_TOKEN={value} cloudflared tunnel run'\n".encode(), 0o644)
        for arguments in (["audit", "--json"], ["audit", "-v"], ["fix", "--json"], ["fix"]):
            with self.subTest(arguments):
                outcome = run(*arguments, "--root", self.directory)
                # An ordinary user's units say nothing about files of root's: only what they hold.
                told = b"tunnel-8.service" if host_tree.IS_ROOT else b"tunnel-0.service"
                self.assertIn(told, outcome.out)
                self.assert_silent(outcome)

    def test_a_name_that_is_a_credential_is_not_shown(self):
        token = invented.token(secret_bytes=CANARY).decode()
        home = self.host.home("alice", 0o755, 0o755)
        sound = invented.token(name="other")
        self.host.file(f"{home}/{token}", sound, 0o644, "alice")
        self.host.file(f"{home}/{token}.json", b"{}", 0o644, "alice")
        self.host.file(f"{home}/{token}-token", sound, 0o644, "alice")
        self.host.file(f"{home}/config.yml", f"credentials-file: /srv/{token}\n".encode(), 0o644,
                       "alice")
        self.host.folder("/srv", 0o755)
        self.host.folder(f"/srv/{token}", 0o755)
        for name in ("cert.pem", "notes.txt"):
            self.host.file(f"/srv/{token}/{name}", invented.certificate(), 0o644)
        self.host.file(b"/srv/\xff" + token.encode(), sound, 0o644)
        self.host.file(f"/srv/{token}.tar", tar_of(f"in/{token}", sound), 0o644)
        damaged = tar_of(f"in/{token}.gz", gzip.compress(os.urandom(4096))[:-2000])
        self.host.file(f"/srv/damaged.tar", damaged + sound, 0o644)
        swept = ["sweep", "--root", self.directory]
        for arguments in (["audit", "--root", self.directory], swept, [*swept, "--names-only"],
                          [*swept, "--git"], ["fix", "--root", self.directory]):
            reports = [["-v"], *(["-o", name] for name in FORMATS if name not in COUNTS)]
            for form in ([], ["--json"], *(reports if arguments[0] != "fix" else [])):
                with self.subTest(arguments + form):
                    outcome = run(*arguments, *form)
                    self.assert_silent(outcome)
                    if "--names-only" in arguments and set(form) & {"sarif", "junit", "github"}:
                        continue  # They only say how many names there are.
                    self.assertRegex(outcome.out, b"(<|&lt;|&#60;|%3C)secret(:|&#58;|%3A)")
        report = run(*swept, "--json").report
        self.assertEqual([one for one in report["credentials"] if "path_b64" in one], [])
        digits = hashlib.sha256(token.encode()).hexdigest()[:16]
        paths = {one["path"] for one in report["credentials"]}
        self.assertLessEqual({f"/srv/<secret:{digits}>.tar!in/<secret:{digits}>",
                              f"/srv/<secret:{digits}>/cert.pem",
                              f"{home}/<secret:{digits}>-token"}, paths)
        self.assertIn(f"/srv/damaged.tar!in/<secret:{digits}>.gz",
                      {one["path"] for one in report["gaps"]})
        self.assertIn(f"/srv/<secret:{digits}>/cert.pem",
                      run(*swept, "--names-only", "--json").report["names"])

    def test_a_comparison_of_reports_shows_nothing_of_it_even_where_they_do(self):
        lay_out(self.host)
        report = run("--root", self.directory, "--json").out
        token = invented.token(secret_bytes=CANARY).replace(b"/", b"_")
        files = []
        for name, content in (
                ("sound", report),
                ("told", report.replace(b"/home/alice", b"/home/" + token)),
                ("as words", report.replace(b"is 0644", token)),
                ("broken", report.replace(b'"complete"', b'"' + CANARY)),
                ("no word", report.replace(b'"critical"', b'"' + CANARY + b'"')),
                ("schema", report.replace(b"report/1", b"report/" + CANARY))):
            self.host.file(f"/{name}", content)
            files.append(self.host.at(f"/{name}"))
        for file in files:
            for arguments in (["diff", files[0], file], ["diff", "--json", file, files[0]],
                              ["--root", self.directory, "--baseline", file]):
                with self.subTest(file, arguments=arguments[0]):
                    self.assert_silent(run(*arguments))

    @unittest.skipIf(shutil.which("git") is None, "git is not installed")
    def test_what_is_staged_shows_nothing_of_it_in_any_format(self):
        directory = self.host.at(lay_out(self.host))
        git = ["git", "-C", directory]
        environment = {**host_tree.ENVIRONMENT, "HOME": directory, "GIT_CONFIG_NOSYSTEM": "1"}
        if host_tree.IS_ROOT:
            os.chown(directory, 0, 0)
        for arguments in (["init", "-q"], ["add", "."]):
            subprocess.run([*git, *arguments], env=environment, check=True, capture_output=True)
        for arguments in (["-v"], *(["-o", name] for name in FORMATS)):
            with self.subTest(arguments):
                outcome = run("sweep", "--staged", directory, *arguments)
                self.assertIn(outcome.code, (1, 2), outcome)
                self.assert_silent(outcome)

    def test_inspect_shows_nothing_of_it_whatever_it_is_taken_for(self):
        directory = lay_out(self.host)
        forms = [[], *(["--as", form] for form in
                       ("token", "token-file", "tunnel-credentials", "account-certificate"))]
        for name in sorted(os.listdir(self.host.at(directory))):
            if name.startswith("broken") and not name.endswith(".json"):
                continue
            for form in forms:
                for json_flag in ([], ["--json"]):
                    with self.subTest(name, form=form):
                        self.assert_silent(run("inspect", *form, *json_flag,
                                               self.host.at(f"{directory}/{name}")))

    def test_explain_shows_nothing_of_it(self):
        lay_out(self.host)
        fired = {one["rule"] for one in self.host.report()["findings"]}
        self.assertGreater(len(fired), 5)
        for rule in sorted(fired):
            with self.subTest(rule):
                outcome = run("explain", rule, "--root", self.directory)
                self.assertEqual(outcome.code, 0, outcome)
                self.assert_silent(outcome)

    def test_variables_of_the_caller_show_nothing_of_it(self):
        token = invented.token(secret_bytes=CANARY).decode()
        env = {"TUNNEL_TOKEN": token, "TUNNEL_SERVICE_TOKEN_SECRET": TEXT,
               "TUNNEL_CRED_CONTENTS": invented.credentials(secret_bytes=CANARY).decode(),
               "TUNNEL_ORIGIN_CERT": f"/{TEXT[:4]}"}
        uid = host_tree.UIDS["alice"] if host_tree.IS_ROOT else None
        for arguments in (["audit"], ["audit", "--json"]):
            self.assert_silent(run(*arguments, env=env, uid=uid))

    def test_arguments_that_are_secrets_are_not_echoed(self):
        token = invented.token(secret_bytes=CANARY).decode()
        credentials = invented.credentials(secret_bytes=CANARY).decode()
        certificate = invented.certificate(api_token=TEXT).decode()
        encoded = base64.b64encode(token.encode()).decode()
        for secret in (token, token.rstrip("="), credentials, certificate, encoded,
                       f"token={token}", f"--token={token}", f"/srv/{token}"):
            for arguments in ([secret], ["audit", secret], ["inspect", secret], ["explain", secret],
                              ["rules", "check", secret], ["audit", "--root", secret],
                              ["audit", "--exclude", secret], ["audit", "-o", secret],
                              ["audit", "--fail-on", secret], ["audit", "--user", secret],
                              ["demo", secret], ["--json", secret]):
                with self.subTest(arguments[:2]):
                    outcome = run(*arguments)
                    self.assertEqual((outcome.code, outcome.out), (2, b""), outcome.code)
                    self.assert_silent(outcome)

    def test_broken_rules_and_settings_are_not_quoted(self):
        self.host.folder("/rules")
        for content in (f'{{"id": {TEXT}}}', f'{{"id": "{TEXT}', f'{{"{TEXT}": 1',
                        f'{{"id": "x", "severity": "{TEXT}"}}x', f"{TEXT}"):
            with self.subTest(content):
                self.host.file("/rules/mine.json", content.encode(), 0o644)
                settings = self.host.at(self.host.file("/cfwarden.toml", content.encode(), 0o600))
                for arguments in (["rules", "check", self.host.at("/rules")],
                                  ["audit", "--root", self.directory, "--rules",
                                   self.host.at("/rules")],
                                  ["audit", "--root", self.directory, "--config", settings]):
                    outcome = run(*arguments)
                    self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    def test_parser_errors_of_rules_and_settings_do_not_quote_what_they_read(self):
        self.host.folder("/rules")
        for content in (f'{{"id": {TEXT}}}', f'{{"id": "{TEXT}', f"[{TEXT}", f'a = "{TEXT}',
                        f"a = {TEXT}", f'a = "\\{TEXT}"', TEXT):
            with self.subTest(content):
                self.host.file("/rules/mine.json", content.encode(), 0o644)
                settings = self.host.at(self.host.file("/cfwarden.toml", content.encode(), 0o600))
                self.assert_silent(run("rules", "check", self.host.at("/rules")))
                self.assert_silent(self.host.audit("--config", settings))

    def test_a_program_that_is_killed_leaves_no_core(self):
        before = self.cores()
        os.chmod(self.directory, 0o777)
        # The address sanitizer answers SIGSEGV itself, with a report of its own.
        deadly = [] if host_tree.is_sanitized() else [signal.SIGSEGV]
        for number in (*deadly, signal.SIGABRT, signal.SIGQUIT):
            with self.subTest(number), self.holding_the_canary() as held:
                os.kill(held.process.pid, number)
                outcome = held.finish()
                self.assertEqual(outcome.code, -number)
                self.assert_silent(outcome)
        lay_out(self.host)
        for _ in range(20):
            with Running("audit", "--root", self.directory, cwd=self.directory,
                         prepare=host_tree.allow_cores, start_new_session=True) as running:
                while not running.catches(signal.SIGINT) and running.process.poll() is None:
                    time.sleep(0.001)  # Before that it has read nothing.
                if running.process.poll() is None:
                    os.killpg(running.process.pid, signal.SIGQUIT)
                self.assert_silent(running.finish())
        self.assertEqual(self.cores(), before)

    def holding_the_canary(self):
        """A program that has read the canary and waits for the rest."""
        held = Running("inspect", "-", cwd=self.directory, prepare=host_tree.allow_cores,
                       stdin=-1)
        held.process.stdin.write(invented.token(secret_bytes=CANARY))
        held.process.stdin.flush()
        time.sleep(0.2 * host_tree.slowness())
        return held

    def cores(self):
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
        places = [self.directory + "/core*"]
        if pattern.startswith("/"):
            places.append(os.path.dirname(pattern) + "/*")
        if pattern.startswith("|"):
            places.append("/var/lib/systemd/coredump/*cfwarden*")
        return sorted(path for place in places for path in glob.glob(place))

    def test_the_memory_of_the_program_is_closed_to_its_own_user(self):
        uid = host_tree.UIDS["alice"] if host_tree.IS_ROOT else None
        with Running("inspect", "-", stdin=-1,
                     prepare=lambda: host_tree.become(uid) if uid else None) as held:
            held.process.stdin.write(invented.token(secret_bytes=CANARY))
            held.process.stdin.flush()
            time.sleep(0.2 * host_tree.slowness())

            def look():
                if uid:
                    host_tree.become(uid)
                os.close(os.open(f"/proc/{held.process.pid}/mem", os.O_RDONLY))

            opened, why = kernel.in_child(look)
            self.assertFalse(opened)
            self.assertIn("ermission denied", why)


if __name__ == "__main__":
    unittest.main()
