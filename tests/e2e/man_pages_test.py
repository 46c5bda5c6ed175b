"""The man pages say what the program does: what they list is generated from it, and what people wrote
in them is held against it here.

MAN_PAGES names the directory that the build writes them into.
"""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

import host_tree
from host_tree import SOURCE, run

PAGES = pathlib.Path(os.environ.get("MAN_PAGES", ""))


def rows():
    """What the program tells of itself, a list of cells a line."""
    return [line.split("\t") for line in run("describe").text.splitlines()]


class ManPagesTest(host_tree.TreeTest):
    def page(self, name):
        """The text of a page without its markup."""
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        self.assertTrue((PAGES / name).is_file(), "MAN_PAGES does not name the pages")
        text = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=1000", PAGES / name], check=True,
                              capture_output=True, text=True).stdout
        return re.sub(".\b", "", text)

    def test_every_option_of_every_command_stands_in_the_manual(self):
        page = self.page("cfwarden.8")
        sections = re.split(r"\n   (cfwarden(?: \w+)*)\n", page[page.index("\nOPTIONS\n"):])
        below = dict(zip(sections[1::2], sections[2::2]))
        options = [row for row in rows() if row[0] == "option" and "--help" not in row[2]]
        self.assertGreater(len(options), 40)
        for _, command, names, value, _, _ in options:
            head = ", ".join(names.split(",")) + (" " + value if value else "")
            with self.subTest(command=command, option=names):
                self.assertIn(f"\n       {head}\n", below[f"cfwarden {command}".strip()])

    def test_every_option_that_people_wrote_about_is_known_to_the_program(self):
        known = {name for row in rows() if row[0] == "option" for name in row[2].split(",")}
        for source in sorted((SOURCE / "packaging/man").glob("*.scd")):
            text = source.read_text(encoding="utf-8").replace("\\", "")
            for option in re.findall(r"\*(--[a-z-]+)", text):
                with self.subTest(page=source.name, option=option):
                    self.assertIn(option, known)

    def test_every_rule_and_fact_stands_in_the_manual(self):
        page = self.page("cfwarden-rules.5")
        for sort, least in (("rule", 40), ("fact", 60)):
            names = [row[1] for row in rows() if row[0] == sort]
            self.assertGreater(len(names), least)
            for name in names:
                self.assertRegex(page, rf"(?m)^       {re.escape(name)} \(")

    def test_the_example_of_a_rule_is_sound(self):
        source = (SOURCE / "packaging/man/cfwarden-rules.5.scd").read_text(encoding="utf-8")
        examples = re.findall("^```\n(.*?)^```$", source, re.M | re.S)
        self.assertEqual(len(examples), 2)
        self.host.folder("/rules")
        for number, example in enumerate(examples):
            self.host.file(f"/rules/{number}.json", example.encode(), 0o600)
        outcome = run("rules", "check", self.host.at("/rules"))
        self.assertEqual((outcome.code, outcome.text), (0, "2 rule files are sound\n"), outcome)

    def test_every_setting_stands_in_the_manual_and_in_the_settings_that_are_shipped(self):
        settings = self.host.file("/cfwarden.toml", b"none = 1\n", 0o600)
        outcome = run("audit", "--config", self.host.at(settings))
        self.assertEqual(outcome.code, 2, outcome)
        keys = re.search("allowed are (.*)", outcome.complaint).group(1).split(", ")
        self.assertGreaterEqual(len(keys), 4)
        page = (SOURCE / "packaging/man/cfwarden.toml.5.scd").read_text(encoding="utf-8")
        shipped = (SOURCE / "packaging/cfwarden.toml").read_text(encoding="utf-8")
        for key in keys:
            with self.subTest(key):
                self.assertIn(f"\n*{key}*\n", page.replace("\\", ""))
                self.assertRegex(shipped, rf"(?m)^#{key} = ")

    def test_the_example_of_settings_is_allowed(self):
        source = (SOURCE / "packaging/man/cfwarden.toml.5.scd").read_text(encoding="utf-8")
        example = re.search("^```\n(.*?)^```$", source, re.M | re.S).group(1)
        settings = self.host.file("/cfwarden.toml", example.encode(), 0o600)
        outcome = self.host.audit("--config", self.host.at(settings))
        self.assertIn(outcome.code, (0, 3), outcome)

    def test_every_key_of_the_report_stands_in_the_manual(self):
        page = self.page("cfwarden-report.5")
        for key in ("complete", "run.started", "needed_by", "fingerprint", "path_b64"):
            self.assertRegex(page, rf"(?m)^       {re.escape(key)}(?: \(|$)")

    def test_every_cell_of_a_line_stands_in_the_manual_and_in_the_readme_in_its_order(self):
        self.host.folder("/etc/cloudflared")
        header = self.host.audit("-o", "csv").text.splitlines()[0].split(",")
        for text in (self.page("cfwarden.8"), (SOURCE / "README.md").read_text(encoding="utf-8")):
            listed = re.search(r"cells (?:are|of `plain` and `csv` are) record \([^)]*\),(.*?)[;.]",
                               text, re.DOTALL)[1]
            self.assertEqual(["record", *re.findall(r"\w+", listed)], header)

    def test_what_the_program_tells_of_itself_is_a_table(self):
        widths = {"command": 4, "option": 6, "argument": 6, "severity": 2, "profile": 3, "format": 3,
                  "kind": 4, "fact": 5, "rule": 5}
        for row in rows():
            self.assertEqual(len(row), widths[row[0]], row)
        self.assertNotIn("describe", [row[1] for row in rows() if row[0] == "command"])
        self.assertNotIn("describe", run("--help").text)


if __name__ == "__main__":
    unittest.main()
