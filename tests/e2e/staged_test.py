"""What git is about to commit is looked into, and not the work tree; the tools that ask for it."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

import host_tree
import invented
from host_tree import SOURCE, run

GIT = shutil.which("git", path=host_tree.ENVIRONMENT["PATH"])
PRE_COMMIT = shutil.which("pre-commit", path=host_tree.ENVIRONMENT["PATH"])


@unittest.skipIf(GIT is None, "git is not installed")
class StagedTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.top = os.path.realpath(self.host.at(self.host.folder("/repo")))
        self.environment = {
            **host_tree.ENVIRONMENT, "HOME": self.top + ".home", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
        os.makedirs(self.top + ".home")
        self.git("init", "-q")
        self.write("README", b"nothing\n")
        self.git("add", "README")
        self.git("commit", "-q", "-m", "first")

    def git(self, *arguments, check=True, **variables):
        done = subprocess.run([GIT, *arguments], cwd=self.top, check=False, capture_output=True,
                              env={**self.environment, **variables}, timeout=120)
        if check:
            self.assertEqual(done.returncode, 0, done)
        return done

    def write(self, name, content):
        path = pathlib.Path(self.top, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def staged(self, *arguments, cwd=None, env=None, **options):
        return run("sweep", "--staged", *arguments, cwd=cwd or self.top, env=env or {}, **options)

    def found(self, *arguments, **options):
        report = self.staged("--json", *arguments, **options).report
        return [(one["rule"], one["path"].removeprefix(self.top)) for one in report["findings"]
                if one["rule"] == "credential-staged"]

    def test_a_staged_token_is_found_whatever_the_work_tree_holds_by_then(self):
        self.assertEqual(self.staged().code, 0)
        self.write("deploy/.env", b"T=" + invented.token() + b"\n")
        self.assertEqual(self.staged().code, 0)
        self.git("add", ".")
        self.write("deploy/.env", b"T=\n")
        self.assertEqual(self.found(), [("credential-staged", "/deploy/.env")])
        self.assertEqual(self.staged().code, 1)
        os.unlink(self.top + "/deploy/.env")
        self.assertEqual(self.staged(cwd=self.top + "/deploy").code, 1)
        self.assertEqual(self.staged(self.top, cwd="/").code, 1)
        self.git("rm", "-q", "--cached", "deploy/.env")
        self.assertEqual(self.staged().code, 0)

    def test_the_report_says_what_is_staged_and_needs_no_file(self):
        self.write(".env", b"\nT=" + invented.token() + b"\n")
        self.git("add", ".")
        report = self.staged("--json").report
        one, = report["credentials"]
        self.assertEqual((one["line"], one["file"]["mode"], one["work_tree"]), (2, None, self.top))
        self.assertEqual(report["swept"]["staged"], {"looked_at": 2, "older": 0})
        self.assertTrue(report["complete"])
        self.assertIn("sarif", self.staged("-o", "sarif").text)
        self.assertEqual(self.staged("--baseline", self.kept(report)).code, 0)

    def kept(self, report):
        path = pathlib.Path(self.top + ".json")
        path.write_text(json.dumps(report), encoding="ascii")
        path.chmod(0o600)
        return str(path)

    def test_archives_and_wrapped_tokens_are_looked_into(self):
        import gzip
        self.write("a.gz", gzip.compress(b"T=" + invented.token()))
        self.git("add", ".")
        report = self.staged("--json").report
        self.assertIn(self.top + "/a.gz!a", {one["path"] for one in report["findings"]})

    def test_what_git_packed_before_is_left_out_and_counted(self):
        self.write(".env", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "bad")
        self.git("gc", "-q")
        report = self.staged("--json").report
        self.assertEqual((report["findings"], report["swept"]["staged"]),
                         ([], {"looked_at": 0, "older": 2}))
        self.assertIn("2 files that git packed before", self.staged().text)

    def test_an_object_that_is_nowhere_is_a_gap(self):
        self.write("x", b"x\n")
        self.git("add", ".")
        name = self.git("hash-object", "x").stdout.decode().strip()
        path = pathlib.Path(self.top, ".git/objects", name[:2], name[2:])
        whole = path.read_bytes()
        path.chmod(0o644)
        for content in (whole[:-6], b"", b"x" * 100, whole + b"x", None):
            with self.subTest(content=content and len(content)):
                if content is None:
                    path.unlink()
                else:
                    path.write_bytes(content)
                outcome = self.staged("--json")
                self.assertEqual(outcome.code, 3, outcome)
                self.assertEqual([one["path"] for one in outcome.report["gaps"]], [self.top + "/x"])

    def test_a_bomb_and_a_lie_about_the_size_are_gaps(self):
        import zlib
        self.write("x", b"x\n")
        self.git("add", ".")
        name = self.git("hash-object", "x").stdout.decode().strip()
        path = pathlib.Path(self.top, ".git/objects", name[:2], name[2:])
        path.chmod(0o644)
        for content in (b"blob 2000000000\0" + b"\0" * 200_000_000, b"blob 3\0x\n", b"tree 2\0x\n"):
            path.write_bytes(zlib.compress(content))
            self.assertEqual(self.staged(timeout=120).code, 3)

    def test_every_form_of_an_index_is_read(self):
        self.write("a/b/.env", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        for version in ("3", "4", "2"):
            self.git("update-index", "--index-version", version)
            self.assertEqual(self.found(), [("credential-staged", "/a/b/.env")])
        self.git("update-index", "--split-index")
        outcome = self.staged()
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("not understood", outcome.complaint)

    def test_a_linked_work_tree_has_an_index_of_its_own(self):
        other = self.top + ".other"
        self.git("worktree", "add", "-q", other)
        pathlib.Path(other, ".env").write_bytes(b"T=" + invented.token() + b"\n")
        self.assertEqual(self.staged(cwd=other).code, 0)
        subprocess.run([GIT, "add", "."], cwd=other, env=self.environment, check=True)
        self.assertEqual(self.staged(cwd=other).code, 1)
        self.assertEqual(self.staged().code, 0)

    def test_names_are_bytes(self):
        name = b"\xff\x1b[31m\n.env"
        path = os.fsencode(self.top) + b"/" + name
        with open(path, "wb") as file:
            file.write(b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        outcome = self.staged()
        self.assertEqual(outcome.code, 1)
        self.assertIn("\\xff\\x1b[31m\\n.env", outcome.text)

    def test_what_makes_no_sense_together_is_refused(self):
        for arguments in (["--git"], ["--names-only"], ["--root", self.directory],
                          ["--one-file-system"], ["a", "b"]):
            with self.subTest(arguments):
                self.assertEqual(self.staged(*arguments).code, 2)
        outcome = self.staged(cwd="/")
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("no git work tree", outcome.complaint)

    @host_tree.needs_root
    def test_a_repository_of_somebody_else_is_refused(self):
        os.chown(self.top + "/.git", 41001, 41001)
        outcome = self.staged()
        self.assertEqual(outcome.code, 2, outcome)
        self.assertIn("belongs to uid 41001", outcome.complaint)

    def install_hook(self):
        """As README.md shows it."""
        hook = pathlib.Path(self.top, ".git/hooks/pre-commit")
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\nexec {host_tree.program()} sweep --staged -q\n",
                        encoding="ascii")
        hook.chmod(0o755)

    def test_a_hook_of_git_stops_a_commit_by_any_of_its_ways(self):
        self.install_hook()
        self.write(".env", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        head = self.git("rev-parse", "HEAD").stdout
        self.assertNotEqual(self.git("commit", "-m", "bad", check=False).returncode, 0)
        self.git("rm", "-q", "--cached", ".env")
        self.write("README", b"T=" + invented.token() + b"\n")
        for way in (["-a"], ["README"], ["--include", "README"]):
            with self.subTest(way):
                self.assertNotEqual(self.git("commit", "-m", "bad", *way, check=False).returncode, 0)
        self.assertEqual(self.git("rev-parse", "HEAD").stdout, head)
        self.write("README", b"fine\n")
        self.git("commit", "-q", "-a", "-m", "good")

    def install_pre_commit(self):
        """With all that the manifest offers, as hooks of the repository itself."""
        subprocess.run([PRE_COMMIT, "validate-manifest", SOURCE / ".pre-commit-hooks.yaml"],
                       check=True, env=self.environment, timeout=60)
        text = (SOURCE / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
        indented = "".join(f"      {line}\n" for line in text.splitlines()
                           if not line.startswith("#"))
        self.write(".pre-commit-config.yaml",
                   ("repos:\n  - repo: local\n    hooks:\n" + indented).encode())
        binary = self.host.at(self.host.folder("/bin"))
        os.symlink(host_tree.program(), binary + "/cfwarden")
        self.environment["PATH"] = f"{binary}:{self.environment['PATH']}"
        self.environment["XDG_CACHE_HOME"] = self.top + ".home"
        subprocess.run([PRE_COMMIT, "install"], cwd=self.top, env=self.environment, check=True,
                       capture_output=True, timeout=60)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "config")

    @unittest.skipIf(PRE_COMMIT is None, "pre-commit is not installed")
    def test_the_hook_of_pre_commit_stops_a_commit(self):
        self.install_pre_commit()
        self.write(".env", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        done = self.git("commit", "-m", "bad", check=False)
        self.assertNotEqual(done.returncode, 0, done)
        self.assertIn(b"credential-staged", done.stdout + done.stderr)

    @unittest.skipIf(PRE_COMMIT is None, "pre-commit is not installed")
    def test_in_a_clone_the_hook_for_the_whole_tree_finds_what_that_for_commits_passes_over(self):
        self.install_pre_commit()
        def run_of(hook):
            return subprocess.run([PRE_COMMIT, "run", hook, "--all-files"], cwd=self.top,
                                  env=self.environment, capture_output=True, check=False, timeout=120)
        clean = run_of("cfwarden-tree")
        self.assertEqual(clean.returncode, 0, clean)
        self.write("deploy/.env", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        self.git("commit", "-q", "--no-verify", "-m", "bad")
        self.git("gc", "-q")
        self.assertEqual(run_of("cfwarden").returncode, 0)
        found = run_of("cfwarden-tree")
        self.assertNotEqual(found.returncode, 0, found)
        self.assertIn(b"deploy/.env", found.stdout)


if __name__ == "__main__":
    unittest.main()
