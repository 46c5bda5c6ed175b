"""What git is about to commit is looked into, and not the work tree; the tools that ask for it."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest
import zlib

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
        self.git("config", "gc.auto", "0")
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
        self.assertEqual(report["swept"]["staged"], {"looked_at": 1, "older": 1})
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

    def counted(self, **options):
        outcome = self.staged("--json", **options)
        counts = outcome.report["swept"]["staged"]
        return outcome.code, counts["looked_at"], counts["older"]

    def commit_token(self, name=".env"):
        self.write(name, b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "bad")

    def test_what_head_has_is_left_out_and_counted_loose_or_packed(self):
        self.commit_token("a/b/.env")
        self.write("b.txt", b"b\n")
        self.git("add", ".")
        self.assertEqual(self.counted(), (0, 1, 2))
        self.git("gc", "-q")
        self.assertEqual(self.counted(), (0, 1, 2))
        self.assertIn("2 files that HEAD has as they are", self.staged().text)

    def test_what_was_packed_and_is_in_no_commit_is_looked_into(self):
        self.write(".env", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        self.git("gc", "-q")
        self.assertEqual(self.found(), [("credential-staged", "/.env")])
        self.git("stash")
        self.git("gc", "-q")
        self.git("stash", "pop")
        self.assertEqual(self.found(), [("credential-staged", "/.env")])
        self.assertEqual(self.counted(), (1, 1, 1))

    def object_file(self, id):
        path = pathlib.Path(self.top, ".git/objects", id[:2], id[2:])
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        return path

    def test_an_object_under_the_name_of_another_is_not_believed(self):
        """git prefers what is packed, and would commit that."""
        self.git("gc", "-q")
        head = self.git("rev-parse", "HEAD^{tree}").stdout.decode().strip()
        self.write(".env", b"T=" + invented.token() + b"\n")
        self.git("add", ".env")
        staged = self.git("write-tree").stdout.decode().strip()
        self.object_file(head).write_bytes(
            pathlib.Path(self.top, ".git/objects", staged[:2], staged[2:]).read_bytes())
        self.assertEqual(self.found(), [("credential-staged", "/.env")])
        self.assertIn("its content has another id", self.staged().text)
        self.object_file(head)
        blob = self.git("rev-parse", ":.env").stdout.decode().strip()
        self.object_file(blob).write_bytes(zlib.compress(b"blob 6\0clean\n"))
        outcome = self.staged("--json")
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn("its content has another id", outcome.report["gaps"][0]["why"])

    def test_a_file_of_another_name_or_mode_than_in_head_is_staged(self):
        self.commit_token()
        self.git("mv", ".env", "moved")
        self.assertEqual(self.found(), [("credential-staged", "/moved")])
        self.git("mv", "moved", ".env")
        self.assertEqual(self.found(), [])
        self.git("update-index", "--chmod=+x", ".env")
        self.assertEqual(self.found(), [("credential-staged", "/.env")])

    def test_head_is_found_wherever_it_leads(self):
        self.commit_token()
        self.git("pack-refs", "--all")
        self.assertEqual(self.counted(), (0, 0, 2))
        self.git("symbolic-ref", "refs/heads/other", self.git("symbolic-ref", "HEAD").stdout.decode()
                 .strip())
        self.git("symbolic-ref", "HEAD", "refs/heads/other")
        self.assertEqual(self.counted(), (0, 0, 2))
        self.git("checkout", "-q", "--detach")
        self.assertEqual(self.counted(), (0, 0, 2))
        self.git("checkout", "-q", "--orphan", "new")
        self.assertEqual(self.counted(), (1, 2, 0))

    def test_deltas_of_both_sorts_are_put_together(self):
        lines = [b"%d %s\n" % (i, b"x" * (i % 37)) for i in range(4000)]
        for i in range(6):
            lines[i * 600] = b"changed %d\n" % i
            self.write(f"d{i}/big", b"".join(lines) + b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        for by_offset in ("true", "false"):
            self.git("commit", "-q", "--allow-empty", "-m", "big")
            self.git("-c", f"repack.useDeltaBaseOffset={by_offset}", "repack", "-adfq")
            self.assertEqual(self.counted(), (0, 0, 7))
            self.git("update-ref", "HEAD", "HEAD~1")
            self.assertEqual(self.counted(), (1, 6, 1))

    def test_a_repository_with_ids_of_sha_256_is_read_as_well(self):
        other = self.top + ".sha256"
        subprocess.run([GIT, "init", "-q", "--object-format=sha256", other], check=True,
                       env=self.environment)
        self.top = other
        self.commit_token()
        self.write("b", b"T=" + invented.token() + b"\n")
        self.git("add", ".")
        self.assertEqual(self.counted(), (1, 1, 1))
        self.git("gc", "-q")
        self.assertEqual(self.counted(), (1, 1, 1))

    def test_where_head_cannot_be_read_that_is_a_gap_and_all_is_looked_into(self):
        self.commit_token("a/.env")
        head = pathlib.Path(self.top, ".git/HEAD")
        whole = head.read_bytes()
        for content in (b"", b"ref: refs/heads/.invalid\n", b"ref: refs/../../x\n", b"0" * 40,
                        b"x" * 10000, b"ref: HEAD\n"):
            with self.subTest(content[:30]):
                head.write_bytes(content)
                outcome = self.staged("--json")
                if outcome.code != 2:  # Or it is no repository.
                    self.assertEqual(len(outcome.report["findings"]), 1)
                    self.assertFalse(outcome.report["complete"])
        head.write_bytes(whole)
        tree = self.git("rev-parse", "HEAD:a").stdout.decode().strip()
        path = pathlib.Path(self.top, ".git/objects", tree[:2], tree[2:])
        path.unlink()
        report = self.staged("--json").report
        self.assertEqual(report["swept"]["staged"], {"looked_at": 1, "older": 1})
        self.assertEqual([one["path"] for one in report["gaps"]], [self.top + "/a/"])

    def test_a_damaged_pack_is_a_gap(self):
        self.write(".env", b"T=" + invented.token() + b"\n" * 3000)
        self.git("add", ".")
        self.git("gc", "-q")
        folder = pathlib.Path(self.top, ".git/objects/pack")
        for ending in (".pack", ".idx"):
            file, = folder.glob("*" + ending)
            whole = file.read_bytes()
            file.chmod(0o644)
            for content in (b"", whole[:40], whole[:200], b"\xff" * len(whole),
                            whole[:12] + b"\xff" * (len(whole) - 12)):
                with self.subTest((ending, len(content))):
                    file.write_bytes(content)
                    outcome = self.staged("--json", timeout=120)
                    self.assertEqual(outcome.code, 3, outcome)
                    self.assertIn(self.top + "/.env",
                                  [one["path"] for one in outcome.report["gaps"]])
            file.unlink()
            self.assertEqual(self.staged().code, 3)
            file.write_bytes(whole)

    def test_a_merge_is_compared_with_head(self):
        self.git("checkout", "-q", "-b", "side")
        self.commit_token()
        self.git("checkout", "-q", "-")
        self.write("b", b"b\n")
        self.git("add", "b")
        self.git("commit", "-q", "-m", "b")
        self.git("merge", "-q", "--no-commit", "side")
        self.assertEqual(self.counted(), (1, 1, 2))

    def test_what_lies_with_another_repository_is_a_gap(self):
        other = self.top + ".shared"
        subprocess.run([GIT, "clone", "-q", "--shared", self.top, other], check=True,
                       env=self.environment, capture_output=True)
        outcome = self.staged("--json", cwd=other)
        self.assertEqual(outcome.code, 3, outcome)

    def test_many_unchanged_files_cost_little(self):
        import time
        for i in range(10_000):
            self.write(f"d{i % 40}/e{i % 400}/f{i}", b"%d\n" % i)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "many")
        self.git("gc", "-q")
        begin = time.monotonic()
        self.assertEqual(self.counted(), (0, 0, 10_001))
        self.assertLess(time.monotonic() - begin, 5)

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

    def test_the_repository_that_git_names_is_the_one(self):
        self.commit_token("old")
        bare = self.top + ".bare"
        os.rename(self.top + "/.git", bare)
        self.git("--git-dir", bare, "config", "core.bare", "false")
        self.write("b/new", b"T=" + invented.token() + b"\n")
        self.git("--git-dir=" + bare, "--work-tree=.", "add", ".")
        self.assertEqual(self.staged().code, 2)
        for variables in ({"GIT_DIR": bare}, {"GIT_DIR": "../" + os.path.basename(bare)},
                          {"GIT_DIR": bare, "GIT_WORK_TREE": "."},
                          {"GIT_DIR": bare, "GIT_WORK_TREE": self.top}):
            with self.subTest(variables):
                self.assertEqual(self.found(env=variables), [("credential-staged", "/b/new")])
        self.assertEqual(self.found(env={"GIT_DIR": bare, "GIT_WORK_TREE": self.top},
                                    cwd=self.top + "/b"), [("credential-staged", "/b/new")])
        for variables in ({"GIT_DIR": self.top}, {"GIT_DIR": bare + "/x"},
                          {"GIT_DIR": bare, "GIT_WORK_TREE": bare + "/x"}):
            with self.subTest(variables):
                outcome = self.staged(env=variables)
                self.assertEqual(outcome.code, 2, outcome)
        hook = pathlib.Path(bare, "hooks/pre-commit")
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\nexec {host_tree.program()} sweep --staged -q\n",
                        encoding="ascii")
        hook.chmod(0o755)
        commit = ["--git-dir=../" + os.path.basename(bare), "--work-tree=.", "commit", "-m", "x"]
        done = self.git(*commit, check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"b/new", done.stdout + done.stderr)
        self.git("--git-dir=" + bare, "--work-tree=.", "rm", "-q", "--cached", "b/new")
        self.git(*commit, "--allow-empty")

    @host_tree.needs_root
    def test_a_named_repository_of_somebody_else_is_refused(self):
        os.chown(self.top + "/.git", 41001, 41001)
        outcome = self.staged(env={"GIT_DIR": ".git"})
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
