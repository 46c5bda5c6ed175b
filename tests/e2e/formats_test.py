"""Every format, from one run, on hosts with hostile names: read by the parsers that users have."""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

import host_tree
import invented
import kernel
from host_tree import run

FORMATS = {"text": "txt", "plain": "tsv", "json": "json", "ndjson": "ndjson", "sarif": "sarif",
           "junit": "xml", "csv": "csv", "markdown": "md", "html": "html", "github": "github",
           "prometheus": "prom", "nagios": "nagios"}

# What is markup, a formula, a command, a separator or a terminal's escape to one reader or another.
HOSTILE = [b"=HYPERLINK(\"http:evil\")-token", b"+1-token", b"-1-token", b"@root-token",
           b"'a-token", b"a,b;c\td\"e\r\nf-token", b"<error>&amp;]]>-token", b"::error::x-token",
           b"x\n::stop-commands::y-token", b"100%0A::warning::z-token", b"##[add-path]-token",
           b"| a |\n|---|-token", b"`a` **b** [c](d) www.e-token", b"\x1b[31m\x07\x7f-token",
           b"\xff\xc3\x28-token", "\u202e\u2066\ufeff-token".encode(), "\ufffe\uffff-token".encode(),
           b"{0}\\u0041%s-token", b"C:x?y#z-token", b"\"} 1\ncfwarden_findings 0-token"]

SARIF_SCHEMA = host_tree.SOURCE / "tests/third_party/sarif-2.1.0.json"

try:
    import jsonschema
except ImportError:
    jsonschema = None

CELLS = ["record", "host", "severity", "rule", "path", "line", "kind", "status", "authority",
         "readers", "writers", "fingerprint", "account", "tunnel", "message", "expected", "actual",
         "excepted_until", "excepted_by", "excepted_because", "baseline"]


def lay_out(host):
    """Tokens with hostile names, one that cannot be read, and a configuration with a secret."""
    home = host.home("alice", 0o755, 0o755)
    for name in HOSTILE:
        host.file(os.fsencode(home) + b"/" + name, invented.token(), 0o644, "alice")
    host.file(f"{home}/config.yml", b"tunnel: x\ntoken: " + invented.token(name="other") + b"\n",
              0o644, "alice")
    os.mkfifo(os.fsencode(host.at(home)) + b"/<fifo>&\n.json")
    return home


class FormatsTest(host_tree.TreeTest):
    def write_all(self, *arguments, verb="audit"):
        """All formats of one run, by name."""
        folder = self.host.folder("/out")
        outputs = [part for name, end in FORMATS.items()
                   for part in ("-o", f"{name}={self.host.at(folder)}/report.{end}")]
        self.outcome = run(verb, "--root", self.directory, *outputs, *arguments, timeout=120)
        self.assertEqual((self.outcome.out, self.outcome.err), (b"", b""), self.outcome)
        self.files = {name: pathlib.Path(self.host.at(f"{folder}/report.{end}"))
                      for name, end in FORMATS.items()}
        return {name: path.read_bytes() for name, path in self.files.items()}

    def hostile(self):
        lay_out(self.host)
        written = self.write_all()
        return written, json.loads(written["json"])

    def test_one_run_writes_every_format(self):
        written, report = self.hostile()
        self.assertEqual(self.outcome.code, 1)
        self.assertGreaterEqual(len(report["credentials"]), len(HOSTILE))
        self.assertEqual(len(report["gaps"]), 1)
        for name, content in written.items():
            with self.subTest(name):
                self.assertTrue(content.endswith(b"\n"))

    def test_no_format_lets_a_control_or_bidi_character_or_a_broken_byte_through(self):
        written, _ = self.hostile()
        allowed = {"plain": "\t\n", "csv": "\r\n"}
        for name, content in written.items():
            text = content.decode()
            with self.subTest(name):
                strange = {c for c in text if (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0
                                               or 0x200e <= ord(c) <= 0x200f
                                               or 0x2028 <= ord(c) <= 0x202e
                                               or 0x2066 <= ord(c) <= 0x2069
                                               or ord(c) in (0x61c, 0xfeff))}
                self.assertLessEqual(strange, set(allowed.get(name, "\n")))

    def test_two_formats_have_no_file_in_common(self):
        for outputs in (["-o", "json=/tmp/x", "-o", "csv=/tmp/x"], ["-o", "json", "-o", "csv"],
                        ["-o", "json=/tmp/x", "-o", "csv=/tmp//y/../x"],
                        ["-o", "yaml"], ["-o", "sarif="]):
            with self.subTest(outputs):
                outcome = self.host.audit(*outputs)
                self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)

    def test_a_file_that_cannot_be_written_keeps_no_other_from_being_written(self):
        self.needs_mounts()
        lay_out(self.host)
        small, later = (self.host.at(self.host.folder(name)) for name in ("/srv/small", "/srv/later"))

        def prepare():
            kernel.enter_mount_namespace()
            kernel.mount("none", small, "tmpfs", options=b"size=4k")

        outcome = self.host.audit("-o", f"json={small}/r.json", "-o", f"prometheus={later}/r.prom",
                                  prepare=prepare)
        self.assertEqual(outcome.code, 70, outcome)
        self.assertIn(b"small", outcome.err)
        self.assertTrue(pathlib.Path(later, "r.prom").exists())

    def test_help_names_every_format(self):
        text = " ".join(run("audit", "--help").text.split())
        for name in FORMATS:
            self.assertIn(name, text)

    def test_the_documents_describe_every_format(self):
        readme = (host_tree.SOURCE / "README.md").read_text(encoding="utf-8")
        page = (host_tree.SOURCE / "packaging/man/cfwarden.8.scd").read_text(encoding="utf-8")
        for name in FORMATS:
            with self.subTest(name):
                self.assertRegex(readme, rf"(?m)^\| `{name}` \|")
                self.assertRegex(page, rf"(?m)^\*{name}\*$")

    def test_a_file_with_names_is_its_owners_only_and_one_with_numbers_is_not(self):
        self.hostile()
        for name, path in self.files.items():
            with self.subTest(name):
                wanted = 0o644 if name in ("prometheus", "nagios") else 0o600
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), wanted)

    def test_a_file_that_is_watched_is_never_seen_half_written(self):
        lay_out(self.host)
        path = pathlib.Path(self.host.at(self.host.folder("/out"))) / "cfwarden.prom"
        self.host.audit("-o", f"prometheus={path}")
        before = path.stat().st_ino
        self.host.audit("-o", f"prometheus={path}")
        self.assertNotEqual(path.stat().st_ino, before)
        self.assertEqual(os.listdir(path.parent), ["cfwarden.prom"])

    def test_plain_lines_and_table_rows_are_the_same_cells(self):
        written, report = self.hostile()
        plain = [line.split("\t") for line in written["plain"].decode().split("\n")[:-1]]
        table = list(csv.reader(io.StringIO(written["csv"].decode(), newline=""), strict=True))
        self.assertEqual(table[0], CELLS)
        self.assertEqual([len(row) for row in plain], [len(CELLS)] * len(plain))
        self.assertEqual([[cell[1:] if cell[:1] == "'" else cell for cell in row]
                          for row in table[1:]], plain)
        records = [row[0] for row in plain]
        self.assertEqual(records.count("finding"), len(report["findings"]))
        self.assertEqual(records.count("credential"), len(report["credentials"]))
        self.assertEqual(records.count("gap"), len(report["gaps"]))
        self.assertEqual(plain[-1][0], "end")
        self.assertTrue(plain[-1][CELLS.index("message")].startswith("incomplete: "))

    def test_no_cell_of_a_table_begins_a_formula(self):
        self.host.folder("/=1+1")
        os.mkdir(self.host.at("/=1+1/@x"))
        lay_out(self.host)
        written = self.write_all()
        for row in csv.reader(io.StringIO(written["csv"].decode(), newline=""), strict=True):
            for cell in row:
                self.assertNotRegex(cell, r"^\s*[=+@\t\r-]")

    def test_records_are_the_parts_of_the_report(self):
        written, report = self.hostile()
        records = [json.loads(line) for line in written["ndjson"].decode("ascii").splitlines()]
        for kind, key in (("finding", "findings"), ("credential", "credentials"), ("gap", "gaps")):
            self.assertEqual([one[kind] for one in records if one["record"] == kind], report[key])
        self.assertEqual(records[-1]["end"]["complete"], report["complete"])
        for record in records:
            self.assertEqual((record["host"], record["run"]), (report["host"], report["run"]))

    def test_a_test_report_is_xml_with_a_failure_for_each_finding(self):
        written, report = self.hostile()
        suites = xml.etree.ElementTree.fromstring(written["junit"])
        cases = list(suites.iter("testcase"))
        failures = [case for case in cases if case.find("failure") is not None]
        errors = [case for case in cases if case.find("error") is not None]
        failing = [one for one in report["findings"] if one["severity"] != "info"]
        self.assertEqual(len(failures), len(failing))
        self.assertEqual(len(errors), len(report["gaps"]))
        passed = [case for case in cases if not len(case)]
        self.assertGreater(len(passed), len(report["credentials"]))
        for element in (suites, suites.find("testsuite")):
            self.assertEqual((element.get("tests"), element.get("failures"), element.get("errors")),
                             (str(len(cases)), str(len(failures)), str(len(errors))))
        self.assertEqual({case.get("classname") for case in failures},
                         {f"cfwarden.{one['rule']}" for one in failing})

    def test_annotations_are_one_command_a_line(self):
        written, report = self.hostile()
        lines = written["github"].decode().splitlines()
        self.assertEqual(len(lines), len(report["findings"]) + len(report["gaps"]) + 1)
        for line in lines:
            command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
            self.assertIsNotNone(command, line)
            names = [part.split("=")[0] for part in command.group(2).split(",")]
            self.assertIn(names, (["file", "line", "title"], ["file", "title"], ["title"]))
            self.assertNotRegex(line, "%(?!25|3A|2C|0A|0D)")

    def test_a_summary_is_a_table_without_markup_of_others(self):
        written, report = self.hostile()
        text = written["markdown"].decode()
        rows = [line for line in text.splitlines() if line.startswith("|")]
        heads = 3 * 2
        self.assertEqual(len(rows), heads + len(report["findings"]) + len(report["gaps"]) +
                         len(report["credentials"]))
        for row in rows:
            outside = re.sub(r"`[^`]*`|<code>[^<]*</code>", "", row)
            self.assertNotRegex(outside, r"[<>\[\]`@]|http:|www\.")
            self.assertNotRegex(row, "<(?!/?code>)(?![^`]*`)")

    @unittest.skipUnless(shutil.which("cmark-gfm"), "cmark-gfm is not installed")
    def test_a_summary_is_rendered_without_an_element_of_others(self):
        written, _ = self.hostile()
        rendered = subprocess.run(["cmark-gfm", "-e", "table", "-e", "autolink", "--unsafe"],
                                  input=written["markdown"], capture_output=True, check=True)
        elements = set(re.findall(r"</?([^ />]+)", rendered.stdout.decode()))
        self.assertLessEqual(elements, {"h2", "h3", "p", "strong", "code", "table", "thead",
                                        "tbody", "tr", "th", "td"})

    def test_metrics_are_gauges_with_every_severity_and_no_names(self):
        written, report = self.hostile()
        values = {}
        for line in written["prometheus"].decode("ascii").splitlines():
            if line.startswith("#"):
                self.assertRegex(line, r"^# (HELP cfwarden_\w+ .+|TYPE cfwarden_\w+ gauge)$")
                continue
            sample = re.fullmatch(r'(cfwarden_\w+\{\w+="[\w.-]*"(?:,\w+="[\w.-]*")*\}) (\d+)', line)
            self.assertIsNotNone(sample, line)
            self.assertNotIn(sample.group(1), values)
            values[sample.group(1)] = int(sample.group(2))
        for severity in ("critical", "high", "medium", "low", "info"):
            count = report["summary"][severity]
            self.assertEqual(
                values[f'cfwarden_findings{{look="audit",severity="{severity}"}}'], count)
        self.assertEqual(values['cfwarden_complete{look="audit"}'], 0)
        self.assertEqual(values['cfwarden_gaps{look="audit"}'], 1)
        self.assertLess(abs(values['cfwarden_start_time_seconds{look="audit"}'] - time.time()), 600)


class NagiosTest(host_tree.TreeTest):
    def check(self, *arguments):
        outcome = self.host.audit("-o", "nagios", *arguments)
        self.assertEqual(outcome.out.count(b"\n"), 1)
        status, performance = outcome.text.rstrip("\n").split(" | ")
        self.assertLess(len(status), 80)
        for item in performance.split(" "):
            self.assertRegex(item, r"^[a-z_]+=\d+;;;0$")
        return outcome.code, status

    def test_its_own_exit_codes_hold_where_it_is_the_only_format(self):
        home = self.host.home("alice")
        self.host.file(f"{home}/token", invented.token(), 0o600, "alice")
        self.assertEqual(self.check(), (0, "CFWARDEN OK - no findings"))
        for directory in ("/home/alice", home):
            os.chmod(self.host.at(directory), 0o755)
        code, status = self.check()
        self.assertEqual((code, status.split(" - ")[0]), (1, "CFWARDEN WARNING"))
        self.assertEqual(self.check("--fail-on", "high")[0], 0)
        os.chmod(self.host.at(f"{home}/token"), 0o644)
        self.assertEqual(self.check()[0], 2)
        self.assertEqual(self.check("--exit-zero")[0], 0)
        path = self.host.at("/x.json")
        self.assertEqual(self.host.audit("-o", "nagios", "-o", f"json={path}").code, 1)
        os.remove(self.host.at(f"{home}/token"))
        os.chmod(self.host.at(home), 0o700)
        os.mkfifo(self.host.at(f"{home}/cert.pem"))
        self.assertEqual(self.check()[0], 3)

    def test_a_run_that_looked_at_nothing_is_unknown(self):
        for arguments in (["/nowhere"], ["--config", "/nowhere"], ["--user", "nobody-here"]):
            with self.subTest(arguments):
                outcome = self.host.audit("-o", "nagios", *arguments)
                self.assertEqual(outcome.code, 3, outcome)
                self.assertRegex(outcome.text, r"^CFWARDEN UNKNOWN - .+\n$")
        self.assertEqual(self.host.audit("/nowhere").code, 2)


class SarifTest(host_tree.TreeTest):
    def sarif(self, *arguments, verb="audit"):
        outcome = run(verb, "--root", self.directory, "-o", "sarif", *arguments, timeout=120)
        log = json.loads(outcome.out.decode("ascii"))
        self.check(log)
        return log["runs"][0]

    def check(self, log):
        """What GitHub's documentation asks of a file, field by field."""
        self.assertEqual(log["version"], "2.1.0")
        self.assertTrue(log["$schema"].startswith("https://"))
        (only,) = log["runs"]
        driver = only["tool"]["driver"]
        self.assertEqual(driver["name"], "cfwarden")
        rules = {rule["id"]: rule for rule in driver["rules"]}
        self.assertEqual(len(rules), len(driver["rules"]))
        for rule in rules.values():
            self.check_rule(rule)
        for result in only["results"]:
            self.check_result(result, driver["rules"], only)
        self.assertLessEqual(len(only["results"]), 25_000)
        (invocation,) = only["invocations"]
        self.assertIsInstance(invocation["executionSuccessful"], bool)
        self.validate(log)

    def check_rule(self, rule):
        self.assertLessEqual(len(rule["name"]), 255)
        for key in ("shortDescription", "fullDescription"):
            self.assertTrue(0 < len(rule[key]["text"]) <= 1024)
        self.assertTrue(rule["help"]["text"] and rule["help"]["markdown"])
        self.assertIn(rule["defaultConfiguration"]["level"], ("note", "warning", "error"))
        self.assertIn("security", rule["properties"]["tags"])
        self.assertLessEqual(len(rule["properties"]["tags"]), 20)
        score = rule["properties"].get("security-severity")
        if score is not None:
            self.assertIsInstance(score, str)
            self.assertTrue(0.0 < float(score) <= 10.0)

    def check_result(self, result, rules, only):
        self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
        self.assertIn(result["level"], ("note", "warning", "error"))
        self.assertTrue(result["message"]["text"])
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        self.assertEqual(set(region), {"startLine", "startColumn", "endLine", "endColumn"})
        self.assertGreaterEqual(min(region.values()), 1)
        artifact = location["physicalLocation"]["artifactLocation"]
        self.assertRegex(artifact["uri"], r"^[A-Za-z0-9/._~%-]+$|^file:///[A-Za-z0-9/._~%-]*$")
        if "uriBaseId" in artifact:
            self.assertFalse(artifact["uri"].startswith(("/", "file:")))
            self.assertTrue(only["originalUriBaseIds"][artifact["uriBaseId"]]["uri"].endswith("/"))
        self.assertRegex(result["partialFingerprints"]["primaryLocationLineHash"],
                         r"^[0-9a-f]{16}:\d+$")

    def validate(self, log):
        if jsonschema is not None:
            schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))
            validator = jsonschema.validators.validator_for(schema)(schema)
            self.assertEqual([error.message for error in validator.iter_errors(log)], [])

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
    def test_the_golden_logs_are_valid_by_the_official_schema(self):
        logs = sorted((host_tree.SOURCE / "tests/output/golden").glob("*.sarif"))
        self.assertGreaterEqual(len(logs), 3)
        for path in logs:
            with self.subTest(path.name):
                self.check(json.loads(path.read_text(encoding="ascii")))

    def test_every_finding_is_a_result_where_it_stands(self):
        lay_out(self.host)
        report = self.host.report()
        log = self.sarif()
        self.assertEqual([one["ruleId"] for one in log["results"]],
                         [one["rule"] for one in report["findings"]])
        for result, finding in zip(log["results"], report["findings"]):
            artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
            path = b"/" + urllib.parse.unquote_to_bytes(artifact["uri"])
            self.assertEqual(path, host_tree.path_of(finding))
        hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in log["results"]]
        self.assertEqual(len(set(hashes)), len(hashes))
        self.assertFalse(log["invocations"][0]["executionSuccessful"])
        self.assertEqual(len(log["invocations"][0]["toolExecutionNotifications"]), 1)

    def test_all_rules_of_the_program_are_told_whether_they_fire_or_not(self):
        listed = re.findall(r"^ *(?:critical|high|medium|low|info) +(\S+)",
                            run("rules", "list").text, re.M)
        told = [rule["id"] for rule in self.sarif()["tool"]["driver"]["rules"]]
        self.assertGreater(len(listed), 40)
        self.assertEqual(sorted(listed), told)
        self.assertEqual(self.sarif()["results"], [])

    def test_a_rule_that_is_turned_off_is_not_told(self):
        rules = self.host.folder("/rules")
        self.host.file(f"{rules}/off.json", b'{"id": "credential-old", "enabled": false}', 0o644)
        told = [rule["id"] for rule in
                self.sarif("--rules", self.host.at(rules))["tool"]["driver"]["rules"]]
        self.assertNotIn("credential-old", told)

    def test_files_of_a_repository_begin_at_its_top(self):
        self.host.folder("/srv")
        self.host.folder("/srv/a repo")
        self.host.folder("/srv/a repo/.git")
        self.host.folder("/srv/a repo/deploy")
        self.host.file("/srv/a repo/deploy/.env", b"TUNNEL_TOKEN=" + invented.token() + b"\n", 0o644)
        for verb, paths in (("sweep", ["/srv/a repo"]), ("sweep", ["/srv/a repo/deploy"]),
                            ("audit", ["/srv/a repo/deploy/.env"])):
            with self.subTest(verb, paths=paths):
                log = self.sarif(*paths, verb=verb)
                self.assertEqual(log["originalUriBaseIds"]["%SRCROOT%"]["uri"],
                                 f"file://{self.directory}/srv/a%20repo/")
                self.assertGreater(len(log["results"]), 0)
                for result in log["results"]:
                    self.assertEqual(
                        result["locations"][0]["physicalLocation"]["artifactLocation"],
                        {"uri": "deploy/.env", "uriBaseId": "%SRCROOT%"})
        annotations = run("sweep", "--root", self.directory, "/srv/a repo", "-o", "github").text
        self.assertIn("file=deploy/.env,line=1,", annotations)

    def test_files_of_two_repositories_or_of_none_are_the_hosts(self):
        self.host.folder("/srv")
        for name in ("one", "two"):
            self.host.folder(f"/srv/{name}")
            self.host.folder(f"/srv/{name}/.git")
            self.host.file(f"/srv/{name}/token", invented.token(), 0o644)
        self.host.folder("/srv/none")
        self.host.file("/srv/none/token", invented.token(), 0o644)
        self.host.link("/srv/linked", "one")
        for paths in (["/srv/one", "/srv/two"], ["/srv/one", "/srv/none"], ["/srv/none"], [],
                      ["/srv/linked"]):
            with self.subTest(paths=paths):
                log = self.sarif(*paths, verb="sweep")
                self.assertEqual(set(log["originalUriBaseIds"]), {"%HOSTROOT%"})

    def test_the_running_hosts_files_are_whole_uris(self):
        home = self.host.folder("/srv", 0o755)
        path = self.host.at(self.host.file(f"{home}/100% token", invented.token(), 0o644))
        outcome = run("audit", path, "-o", "sarif")
        (only,) = json.loads(outcome.out)["runs"]
        self.check({"version": "2.1.0", "$schema": "https://", "runs": [only]})
        uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                for one in only["results"]}
        self.assertIn(f"file://{self.directory}/srv/100%25%20token", uris)


if __name__ == "__main__":
    unittest.main()
