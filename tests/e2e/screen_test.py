"""The screen at 80 and 100 columns, on a terminal and in a pipe, with and without colour."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata
import unittest

import clean_host
import host_tree
import invented
from invented import TUNNEL

COLOUR = re.compile("\x1b\\[[0-9;]*m")
WIDE_NAME = "\u6f22\u5b57" * 20 + ".pem"
LONG_NAME = "long-" * 45 + "token"


def on_terminal(*arguments, columns=80, env=None):
    """What the program writes to a terminal of that width, newlines as it wrote them."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = termios.tcgetattr(follower)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(follower, termios.TCSANOW, settings)
    process = subprocess.Popen([host_tree.program(), *arguments], stdin=follower, stdout=follower,
                               stderr=follower, env={**host_tree.ENVIRONMENT, **(env or {})},
                               cwd="/")
    os.close(follower)
    out = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # The last writer has gone.
            break
        if not piece:
            break
        out += piece
    os.close(leader)
    process.wait(60)
    return out.decode()


def width(line):
    """Columns on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF"
               else 1 for c in line)


class ScreenTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        clean_host.lay_out(self.host)
        subprocess.run(["chmod", "-R", "777", self.host.at("/home")], check=True)
        for name in (WIDE_NAME, LONG_NAME, "\x1b[31mred.pem", "e\u0301.pem"):
            self.host.file(f"/etc/cloudflared/{name}", invented.token(name="names"), 0o644)
        os.mkfifo(self.host.at(f"/etc/cloudflared/{TUNNEL}.json"))
        self.host.file("/etc/cloudflared/config.yml",
                       f"tunnel: {TUNNEL}\ncredentials-file: /{'gone/' * 30}x.json\n".encode(),
                       0o666)
        self.screens = [["audit", "--root", self.directory],
                        ["audit", "--root", self.directory, "-v"],
                        ["audit", "--root", self.directory, "-q"],
                        ["audit", "--root", self.directory, "/home"],
                        ["explain", "readable-by-everyone", "--root", self.directory],
                        ["explain", "config-points-nowhere", "--root", self.directory],
                        ["explain", "account-certificate"], ["rules", "list"], ["rules", "facts"],
                        ["inspect", self.host.at("/root/.cloudflared/cert.pem")]]

    def assert_plain(self, text):
        controls = {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} - {"\n"}
        self.assertEqual(controls, set())

    def assert_fits(self, text, columns, commands=True):
        """Commands and addresses to copy are never cut."""
        for line in text.splitlines():
            is_address = re.fullmatch(r" *https://\S+", line)
            is_command = re.match(r"\s{8,}\S", line)
            if not commands or not (is_address or is_command):
                self.assertLessEqual(width(line), columns, line)

    def test_no_line_is_wider_than_the_terminal(self):
        for columns in (80, 100):
            for screen in self.screens:
                with self.subTest(screen[0], columns=columns):
                    text = COLOUR.sub("", on_terminal(*screen, columns=columns))
                    self.assertTrue(text)
                    self.assert_fits(text, columns, commands=screen[0] == "explain")
                    self.assert_plain(text)

    def test_a_pipe_gets_at_most_100_columns_and_no_colour(self):
        for screen in self.screens:
            with self.subTest(screen):
                text = host_tree.run(*screen).text
                self.assert_fits(text, 100, commands=screen[0] == "explain")
                self.assert_plain(text)
                self.assertTrue(text.endswith("\n"))

    def test_a_wide_terminal_does_not_make_lines_wider_than_100(self):
        text = COLOUR.sub("", on_terminal(*self.screens[0], columns=220))
        self.assert_fits(text, 100, commands=False)

    def test_a_terminal_gets_colour_unless_it_is_refused(self):
        audit = self.screens[0]
        self.assertRegex(on_terminal(*audit), COLOUR)
        for arguments, env in [([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"}),
                               (["--color", "never"], {})]:
            with self.subTest(arguments=arguments, env=env):
                self.assertNotIn("\x1b", on_terminal(*audit, *arguments, env=env))

    def test_colour_can_be_had_in_a_pipe_and_is_the_only_escape(self):
        text = host_tree.run(*self.screens[0], "--color", "always").text
        self.assertRegex(text, COLOUR)
        self.assert_plain(COLOUR.sub("", text))
        self.assert_fits(COLOUR.sub("", text), 100, commands=False)

    def test_colour_changes_no_character(self):
        plain = host_tree.run(*self.screens[0]).text
        coloured = host_tree.run(*self.screens[0], "--color", "always").text
        self.assertEqual(COLOUR.sub("", coloured), plain)

    def test_a_locale_that_is_not_utf8_gets_ascii(self):
        for screen in self.screens:
            with self.subTest(screen):
                host_tree.run(*screen, env={"LANG": "C"}).out.decode("ascii")

    def test_the_screen_begins_with_the_worst_and_ends_with_the_next_step(self):
        text = host_tree.run(*self.screens[0]).text
        lines = text.replace(" \\\n", "").splitlines()  # A long command is broken as a shell may.
        heads = [line.split()[0] for line in lines
                 if re.match("(CRITICAL|HIGH|MEDIUM|LOW|INFO|OK|NOT READ)", line)]
        order = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO", "OK", "NOT"]
        self.assertEqual(heads, sorted(heads, key=order.index))
        self.assertTrue(any(line.startswith("Next") for line in lines[-4:]), lines[-4:])
        self.assertRegex(lines[-2] + lines[-1], "cfwarden explain account-certificate-readable")
        self.assertRegex(lines[-1], "cfwarden explain [a-z-]+ +--root /")

    def test_every_command_that_the_screen_names_exists(self):
        text = host_tree.run(*self.screens[0]).text
        for rule in re.findall("cfwarden explain ([a-z-]+)", text):
            self.assertEqual(host_tree.run("explain", rule, "--root", self.directory).code, 0)

    def test_nothing_is_drawn_on_stderr_of_a_short_look(self):
        self.assertEqual(host_tree.run(*self.screens[0]).err, b"")


if __name__ == "__main__":
    unittest.main()
