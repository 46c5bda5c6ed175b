"""What a sweep says of the files around a credential: who uses it, and what may be done to them."""

import os
import unittest

import host_tree
import invented
from host_tree import run

TOKEN = invented.token()
OTHER = invented.token(tunnel=invented.OTHER_TUNNEL, name="other")
UNIT = b"""[Service]
ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run --token-file /etc/cloudflared/token
"""
COMPOSE = b"""services:
  tunnel:
    image: cloudflare/cloudflared
    command: tunnel run --token-file /run/secrets/token
    secrets: [token]
secrets:
  token:
    file: ./token
"""


class SweepVerdictsTest(host_tree.TreeTest):
    def host_of(self, files):
        host = self.new_host()
        for path, content in files.items():
            os.makedirs(os.path.dirname(host.at(path)), exist_ok=True)
            host.file(path, content, 0o600)
        return host

    def swept(self, host, *arguments):
        return run("sweep", "--json", "--root", host.directory, *arguments).report

    def connector(self, files):
        return self.host_of({"/etc/systemd/system/cloudflared.service": UNIT,
                             "/etc/cloudflared/token": OTHER, **files})

    def rules_of(self, report, path):
        return {one["rule"] for one in report["findings"] if one["path"] == path}

    def test_what_a_compose_file_beside_it_uses_is_needed(self):
        for where in ("/srv/app/compose.yml", "/srv/app/docker-compose.yaml"):
            with self.subTest(where):
                host = self.connector({"/srv/app/token": TOKEN, where: COMPOSE})
                report = self.swept(host)
                self.assertNotIn("credential-needed-by-nobody",
                                 self.rules_of(report, "/srv/app/token"))
                needs = {one["path"]: one["needed_by"] for one in report["credentials"]}
                self.assertTrue(needs["/srv/app/token"], needs)

    def test_a_token_of_its_own_that_nothing_uses_is_needed_by_nobody(self):
        report = self.swept(self.connector({"/srv/app/token": TOKEN}))
        self.assertIn("credential-needed-by-nobody", self.rules_of(report, "/srv/app/token"))

    def test_no_file_that_holds_more_is_told_to_be_deleted(self):
        files = {"/srv/app/.env": b"PORT=80\nTUNNEL_TOKEN=" + TOKEN + b"\n",
                 "/srv/app.sqlite": b"SQLite format 3\0" + b"\1" * 84 + TOKEN + b"\0",
                 "/root/.bash_history": b"ls\ncloudflared tunnel run --token " + TOKEN + b"\n",
                 "/var/mail/root": b"From x\n\nTry " + TOKEN + b"\n"}
        report = self.swept(self.connector(files))
        self.assertEqual({one["path"] for one in report["credentials"]} & set(files), set(files))
        self.assertEqual([one for one in report["findings"]
                          if one["path"] in files and one["fix"] == "delete"], [])

    def test_an_explanation_claims_nothing_of_what_an_audit_does_not_look_at(self):
        host = self.host_of({"/srv/token": TOKEN})
        text = " ".join(run("explain", "readable-by-everyone", "--root", host.directory).text.split())
        self.assertIn("It does not fire in the places that an audit looks at; a sweep may have "
                      "found it elsewhere.", text)
        text = " ".join(run("explain", "token-in-process-environment", "--root",
                            host.directory).text.split())
        self.assertIn("Not looked: only a sweep tells", text)

    def test_each_file_that_a_mode_closes_names_its_command(self):
        host = self.host_of({"/srv/open.env": b"TUNNEL_TOKEN=" + TOKEN + b"\n",
                             "/srv/notes.txt": b"see " + OTHER + b"\n"})
        for path in ("/srv/open.env", "/srv/notes.txt"):
            os.chmod(host.at(path), 0o644)
        text = run("sweep", "--root", host.directory).text
        for path in ("/srv/open.env", "/srv/notes.txt"):
            self.assertEqual(text.count(f"\n  close    cfwarden fix {path} "), 1, text)

    def test_a_file_whose_name_is_concealed_is_to_be_looked_for_in_its_directory(self):
        name = TOKEN.decode()
        paths = (f"/srv/{name}", f"/opt/{name}/open.env", "/usr/<secret:0123456789abcdef>/t")
        host = self.host_of({path: TOKEN for path in paths})
        for path in paths:
            os.chmod(host.at(path), 0o644)
            os.chmod(os.path.dirname(host.at(path)), 0o755)
        text = run("sweep", "--root", host.directory).text
        for directory in ("/srv", "/opt", "/usr"):
            line = f"\n  close    its name is concealed: look in {directory}\n"
            self.assertEqual(text.count(line), 1, text)
        self.assertNotIn("  close    cfwarden", text)
        self.assertNotIn("<secret:0123456789abcdef>", text)

    def test_what_is_larger_than_fix_reads_is_not_promised(self):
        host = self.host_of({"/srv/large.txt": b"x\n" * 600_000 + b"see " + TOKEN + b"\n"})
        os.chmod(host.at("/srv/large.txt"), 0o644)
        outcome = run("sweep", "--root", host.directory)
        self.assertIn("readable-by-everyone", outcome.text)
        self.assertNotIn("  close ", outcome.text)

    def linked(self, *names):
        """A host whose one token has all these names; what is open is its directory or not."""
        host = self.host_of({names[0]: TOKEN})
        os.chmod(host.at(names[0]), 0o644)
        for name in names:
            os.makedirs(os.path.dirname(host.at(name)), exist_ok=True)
            os.chmod(os.path.dirname(host.at(name)), 0o755 if "/open" in name else 0o700)
            if name != names[0]:
                os.link(host.at(names[0]), host.at(name))
        return host

    def test_a_file_is_as_open_as_the_widest_of_its_names(self):
        for names in (("/srv/a/token", "/srv/open/token"), ("/srv/open/token", "/srv/z/token"),
                      ("/srv/a/token", "/srv/open1/token", "/srv/open2/token", "/srv/z/token")):
            with self.subTest(names):
                report = self.swept(self.linked(*names))
                found = [one for one in report["credentials"] if one["kind"] == "tunnel-token"]
                self.assertEqual([one["path"] for one in found], [names[0]])
                self.assertEqual(found[0]["readers"]["audience"], "everyone")
                because = " ".join(found[0]["readers"]["because"])
                widest = next(name for name in names if "/open" in name)
                if widest == names[0]:
                    self.assertNotIn("by its name", because)
                else:
                    self.assertIn(f"by its name {widest}: mode 0644", because)
                wrong = [one for one in report["findings"]
                         if one["rule"] == "readable-by-everyone"]
                self.assertEqual([one["path"] for one in wrong], [names[0]])

    def test_names_in_closed_directories_open_nothing(self):
        report = self.swept(self.linked("/srv/a/token", "/srv/z/token"))
        self.assertEqual(report["credentials"][0]["readers"]["audience"], "owner")

    def test_names_outside_of_what_is_swept_leave_it_open_who_can_read(self):
        host = self.linked("/srv/a/token", "/srv/open/token")
        for path, is_least in (("/srv/a", True), ("/srv", False)):
            with self.subTest(path):
                report = run("sweep", "--json", "--root", host.directory, path).report
                readers = report["credentials"][0]["readers"]
                self.assertEqual(readers["audience"], "owner" if is_least else "everyone")
                self.assertEqual(readers.get("at_least", False), is_least)
                messages = [one["message"] for one in report["findings"]]
                self.assertFalse([one for one in messages if "nobody else can read" in one])
                self.assertTrue(report["complete"])

    def test_more_names_than_are_judged_are_a_gap(self):
        names = ["/srv/a/token"] + [f"/srv/d{i:02}/token" for i in range(80)]
        report = self.swept(self.linked(*names))
        self.assertEqual([one["path"] for one in report["credentials"]], names[:1])
        self.assertFalse(report["complete"])
        self.assertIn("/srv/a/token", {one["path"] for one in report["gaps"]})
        self.assertIn("not all names of the file were looked at",
                      report["credentials"][0]["readers"]["because"])
        messages = " ".join(one["message"] for one in report["findings"])
        self.assertIn("whether others can read it is not known", messages)
        self.assertNotIn("nobody else can read it", messages)
        text = run("sweep", "--root", self.linked(*names).directory).text
        self.assertIn("root at least: ", text)
        self.assertNotIn("root only", text)

    @host_tree.needs_root
    def test_a_users_names_do_not_keep_those_of_roots_file_from_being_judged(self):
        host = self.linked("/srv/m/token", "/srv/open/token")
        directories = [f"/srv/a{i:02}" for i in range(64)]
        for directory in directories:
            os.makedirs(host.at(directory))
        for number in range(320):
            first = host.at(f"{directories[0]}/{number}.txt")
            with open(first, "wb") as stream:
                stream.write(invented.token(name=f"number {number}"))
            os.chown(first, 1001, 1001)
            for directory in directories[1:]:
                os.link(first, host.at(f"{directory}/{number}.txt"))
        found = [one for one in self.swept(host)["credentials"] if one["path"] == "/srv/m/token"]
        self.assertEqual([one["readers"]["audience"] for one in found], ["everyone"])
        self.assertEqual([one["file"]["links"] for one in found], [2])

    def test_more_credentials_in_a_file_than_are_told_are_a_gap(self):
        most = 256
        text = b"".join(invented.token(name=f"number {i}") + b"\n" for i in range(most + 1))
        host = self.host_of({"/srv/all.txt": text[:text.rindex(b"\n", 0, -1) + 1],
                             "/srv/more.txt": text})
        outcome = run("sweep", "--json", "--root", host.directory, "/srv/more.txt", "/srv/all.txt")
        report = outcome.report
        for path in ("/srv/all.txt", "/srv/more.txt"):
            self.assertEqual(len([one for one in report["credentials"] if one["path"] == path]),
                             most)
        self.assertEqual([(one["path"], one["why"]) for one in report["gaps"]],
                         [("/srv/more.txt", "holds 1 more credentials than are told")])
        self.assertFalse(report["complete"])

    def test_an_excluded_path_is_said_to_be(self):
        host = self.host_of({"/srv/app/token": TOKEN})
        report = self.swept(host, "/srv/app", "--exclude", "/srv/app")
        self.assertEqual([(one["path"], one["state"]) for one in report["places"]],
                         [("/srv/app", "excluded")])
        self.assertEqual(report["credentials"], [])

    def test_the_page_of_a_bare_secret_says_how_to_replace_it(self):
        text = run("explain", "tunnel-secret", "--root", self.directory).text
        self.assertIn("cloudflared tunnel token --cred-file", text)

    def test_the_page_of_a_bare_secret_says_what_it_is_as_those_of_other_kinds_do(self):
        text = " ".join(run("explain", "tunnel-secret", "--root", self.directory).text.split())
        for row in ("Purpose", "Scope", "File name", "Stored in", "Issued by", "Valid for",
                    "Needed to", "Can also"):
            self.assertIn(f" {row} ", text)
        self.assertIn("a value under a key such as tunnel_secret", text)


if __name__ == "__main__":
    unittest.main()
