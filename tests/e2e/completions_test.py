"""Completions in the shells themselves: keys are typed at a terminal, and what the shell then runs is
looked at. A shell that is not installed is left out.

COMPLETIONS names the directory that the build writes them into.
"""

import os
import pathlib
import pty
import select
import shutil
import signal
import tempfile
import time
import unittest

DIRECTORY = pathlib.Path(os.environ.get("COMPLETIONS", ""))
PATIENCE = 40
STUB = """#!/bin/sh
{ for word; do printf '%s\\n' "$word"; done; } > "$RAN.part"
mv "$RAN.part" "$RAN"
"""


class Shell:
    """An interactive shell at a terminal, without anybody's settings."""

    def __init__(self, arguments, environment, directory):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(directory)
            os.execvpe(arguments[0], arguments, environment)
        self.shown = b""

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def look(self, seconds):
        """What the shell writes in that time; it answers fish's questions to a terminal."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.terminal], [], [], left)[0]:
                return
            try:
                new = os.read(self.terminal, 65536)
            except OSError:
                return
            self.shown += new
            if b"\x1b[c" in new:
                os.write(self.terminal, b"\x1b[?1;2c")

    def settle(self, quiet=0.25):
        """Waits until nothing more is written."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            before = len(self.shown)
            self.look(quiet)
            if len(self.shown) == before:
                return

    def close(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.terminal)


class CompletionTest:
    """What each of the shells completes."""

    def setUp(self):
        if not shutil.which(self.shell):
            self.skipTest(f"{self.shell} is not installed")
        self.assertTrue((DIRECTORY / self.file).is_file(), "COMPLETIONS does not name the scripts")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cfwarden-completions."))
        self.addCleanup(shutil.rmtree, self.directory)
        (self.directory / "bin").mkdir()
        (self.directory / "bin/cfwarden").write_text(STUB, encoding="utf-8")
        (self.directory / "bin/cfwarden").chmod(0o755)
        (self.directory / "plain file.json").touch()
        (self.directory / "somewhere/below").mkdir(parents=True)
        self.ran = self.directory / "ran"
        self.environment = {
            "PATH": f"{self.directory}/bin:/usr/bin:/bin", "HOME": str(self.directory),
            "TERM": "xterm", "LANG": "C.UTF-8", "RAN": str(self.ran), "LINES": "50",
            "COLUMNS": "200"}
        self.terminal = Shell(self.arguments(), self.environment, self.directory)
        self.addCleanup(self.terminal.close)
        for line in self.first_lines():
            self.terminal.press(line + "\n")
        self.terminal.settle(1)

    def words(self, typed):
        """What the program was started with once `typed` was typed and completed."""
        self.ran.unlink(missing_ok=True)
        for piece in typed.split("\t"):
            self.terminal.press(piece)
            if piece is not typed.split("\t")[-1]:
                self.terminal.press("\t")
                self.terminal.settle()
        self.terminal.press("\n")
        end = time.monotonic() + PATIENCE
        while not self.ran.exists() and time.monotonic() < end:
            self.terminal.look(0.05)
        self.assertTrue(self.ran.exists(), f"nothing ran of {typed!r}: {self.terminal.shown[-1500:]!r}")
        words = self.ran.read_text(encoding="utf-8").splitlines()
        self.terminal.settle(0.1)
        return words

    def listed(self, typed):
        """What the shell shows where several words would do."""
        self.terminal.settle()
        self.terminal.shown = b""
        self.terminal.press(typed)
        self.terminal.settle()
        self.terminal.press("\t\t")
        self.terminal.settle(0.5)
        shown = self.terminal.shown.decode(errors="replace")
        self.terminal.press("\x03")
        self.terminal.settle()
        return shown

    def test_commands_and_what_stands_below_them_are_completed(self):
        self.assertEqual(self.words("cfwarden swe\t"), ["sweep"])
        self.assertEqual(self.words("cfwarden rul\tfa\t"), ["rules", "facts"])

    def test_every_command_is_offered_and_none_that_is_hidden(self):
        shown = self.listed("cfwarden ")
        for command in ("audit", "sweep", "fix", "undo", "inspect", "explain", "rules", "demo"):
            self.assertIn(command, shown)
        self.assertNotIn("describe", shown)

    def test_options_are_those_of_the_command(self):
        self.assertEqual(self.words("cfwarden sweep --names\t"), ["sweep", "--names-only"])
        self.assertEqual(self.words("cfwarden undo --li\t"), ["undo", "--list"])
        self.assertEqual(self.words("cfwarden --exit\t"), ["--exit-zero"])
        self.assertEqual(self.words("cfwarden fix --take\t--app\t"),
                         ["fix", "--take-ownership", "--apply"])
        self.assertEqual(self.words("cfwarden undo --names\t"), ["undo", "--names"])

    def test_values_that_are_words_are_completed(self):
        for typed, expected in (
                ("audit --fail-on crit\t", ["audit", "--fail-on", "critical"]),
                ("audit --fail-on=med\t", ["audit", "--fail-on=medium"]),
                ("--fail-on hi\t", ["--fail-on", "high"]),
                ("sweep --color nev\t", ["sweep", "--color", "never"]),
                ("audit --profile str\t", ["audit", "--profile", "strict"]),
                ("rules list --profile rep\t", ["rules", "list", "--profile", "repository"]),
                ("inspect --as account\t", ["inspect", "--as", "account-certificate"]),
                ("fix --only token-in-u\t", ["fix", "--only", "token-in-unit"]),
                ("explain token-in-u\t", ["explain", "token-in-unit"]),
                ("explain planted\t", ["explain", "planted-key-pair"]),
                ("audit -o prom\t", ["audit", "-o", "prometheus"]),
                ("audit -o text -o sar\t=x", ["audit", "-o", "text", "-o", "sarif=x"])):
            with self.subTest(typed):
                self.assertEqual(self.words("cfwarden " + typed), expected)

    def test_files_and_directories_are_completed_whatever_their_names(self):
        name = "plain file.json"
        for typed, expected in (
                ("audit pla\t", ["audit", name]),
                ("inspect pla\t", ["inspect", name]),
                ("sweep --names-only pla\t", ["sweep", "--names-only", name]),
                ("audit -o json=pla\t", ["audit", "-o", "json=" + name]),
                ("audit --config pla\t", ["audit", "--config", name]),
                ("audit --root some\tbel\t", ["audit", "--root", "somewhere/below/"]),
                ("rules check some\t", ["rules", "check", "somewhere/"])):
            with self.subTest(typed):
                words = self.words("cfwarden " + typed)
                self.assertEqual([word.rstrip("/") for word in words],
                                 [word.rstrip("/") for word in expected])

    def test_a_directory_is_all_that_is_offered_where_one_is_needed(self):
        if self.shell == "zsh":
            self.skipTest("zsh offers files where no directory is called so, to whoever lets it")
        self.assertEqual(self.words("cfwarden audit --root pla\t"), ["audit", "--root", "pla"])


class BashTest(CompletionTest, unittest.TestCase):
    shell, file = "bash", "cfwarden"

    def arguments(self):
        return ["bash", "--norc", "--noprofile", "-i"]

    def first_lines(self):
        return ["bind 'set enable-bracketed-paste off'; PS1='% '", f"source {DIRECTORY / self.file}"]


class ZshTest(CompletionTest, unittest.TestCase):
    shell, file = "zsh", "_cfwarden"

    def arguments(self):
        return ["zsh", "-f", "-i"]

    def first_lines(self):
        return ["PS1='%% '; unsetopt zle_bracketed_paste; unset zle_bracketed_paste",
                f"fpath=({DIRECTORY} $fpath); autoload -U compinit; compinit -u -D"]


class FishTest(CompletionTest, unittest.TestCase):
    shell, file = "fish", "cfwarden.fish"

    def arguments(self):
        return ["fish", "--no-config", "--private", "-i"]

    def first_lines(self):
        return ["set -g fish_greeting; set -g fish_autosuggestion_enabled 0",
                f"source {DIRECTORY / self.file}"]


if __name__ == "__main__":
    unittest.main()
