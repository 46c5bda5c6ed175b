"""Each published JSON Schema is a schema, takes every golden file of its own, and refuses others.

`schema_test.py --keep VERSION` keeps today's golden files as those of a released version.
"""

import copy
import hashlib
import json
import pathlib
import shutil
import sys
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
RELEASED = GOLDEN / "released"
SUMS = "SHA256SUMS"
SCHEMAS = HERE.parents[1] / "packaging" / "schema"


def load(path):
    return json.loads(path.read_text(encoding="ascii"))


def objects(value, where=()):
    """Where the objects in a document stand."""
    children = []
    if isinstance(value, dict):
        yield where
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for step, child in children:
        yield from objects(child, (*where, step))


def at(document, where):
    for step in where:
        document = document[step]
    return document


class Schemas(unittest.TestCase):
    def test_every_schema_that_is_published_is_tested(self):
        tested = {case.SCHEMA for case in Schema.__subclasses__()}
        self.assertEqual({path.name for path in SCHEMAS.glob("*.json")}, tested)

    def test_a_record_is_described_as_the_report_describes_it(self):
        record = load(SCHEMAS / "cfwarden.record-1.schema.json")["$defs"]
        report = load(SCHEMAS / "cfwarden.report-1.schema.json")["$defs"]
        for name in sorted(record.keys() & report.keys()):
            with self.subTest(part=name):
                self.assertEqual(record[name], report[name])


def documents(path):
    """What a golden file holds: one object, or one a line."""
    text = path.read_text(encoding="ascii")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".ndjson" \
        else [json.loads(text)]


def kept_files(version):
    """The golden files of a released version, without the list of their checksums."""
    return sorted(path for path in (RELEASED / version).iterdir() if path.name != SUMS)


def sums_of(paths):
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
                   for path in paths)


def keep(version):
    """Once a release: nothing that was kept is ever changed."""
    folder = RELEASED / version
    folder.mkdir(parents=True)
    for case in Schema.__subclasses__():
        for path in GOLDEN.glob(case.GOLDENS):
            shutil.copy(path, folder)
    (folder / SUMS).write_text(sums_of(kept_files(version)), encoding="ascii")


def shapes(value, where=""):
    """Each key of a document, with the type of what stands there; elements of a list are one."""
    kinds = {dict: "object", list: "list", str: "text", bool: "truth", int: "number"}
    if value is not None:
        yield where, kinds.get(type(value), "number")
    if isinstance(value, dict):
        for key, child in value.items():
            yield from shapes(child, f"{where}.{key}")
    elif isinstance(value, list):
        for child in value:
            yield from shapes(child, f"{where}[]")


class Released(unittest.TestCase):
    """See packaging/schema/README.md for what is promised."""

    def versions(self):
        versions = sorted(path.name for path in RELEASED.iterdir())
        self.assertGreaterEqual(len(versions), 1)
        return versions

    def test_what_was_kept_was_not_changed(self):
        for version in self.versions():
            with self.subTest(version):
                self.assertEqual((RELEASED / version / SUMS).read_text(encoding="ascii"),
                                 sums_of(kept_files(version)))

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
    def test_todays_schemas_take_what_every_released_version_wrote(self):
        validators = {}
        for path in SCHEMAS.glob("*.json"):
            schema = load(path)
            name = schema["properties"]["schema"]["const"]
            validators[name] = jsonschema.Draft202012Validator(schema)
        for version in self.versions():
            seen = set()
            for path in kept_files(version):
                for document in documents(path):
                    seen.add(document["schema"])
                    with self.subTest(version=version, file=path.name):
                        validator = validators[document["schema"]]
                        self.assertEqual([e.message for e in validator.iter_errors(document)], [])
            self.assertGreaterEqual(len(seen), 6)

    def test_todays_program_writes_all_that_every_released_version_wrote(self):
        for version in self.versions():
            for path in kept_files(version):
                today = GOLDEN / path.name
                with self.subTest(version=version, file=path.name):
                    self.assertTrue(today.exists())
                    now = {shape for one in documents(today) for shape in shapes(one)}
                    then = {shape for one in documents(path) for shape in shapes(one)}
                    self.assertEqual(then - now, set())


@unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
class Schema:
    """What holds of each of them; CHANGES are values that MESSY must not have."""

    SCHEMA = GOLDENS = MESSY = CHANGES = LEAST = None

    def setUp(self):
        self.schema = load(SCHEMAS / self.SCHEMA)
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def test_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_takes_every_golden_file(self):
        goldens = sorted(GOLDEN.glob(self.GOLDENS))
        self.assertGreaterEqual(len(goldens), self.LEAST)
        for path in goldens:
            with self.subTest(file=path.name):
                self.assertEqual([e.message for e in self.validator.iter_errors(load(path))], [])

    def test_every_object_is_closed_and_described(self):
        for name, part in [("", self.schema), *self.schema["$defs"].items()]:
            with self.subTest(part=name):
                self.assertIn("description", part)
                if part.get("type") == "object":
                    self.assertIs(part["additionalProperties"], False)

    def test_refuses_a_key_too_few_or_too_many(self):
        document = load(GOLDEN / self.MESSY)
        for where in objects(document):
            for change in ("add", "remove"):
                broken = copy.deepcopy(document)
                target = at(broken, where)
                if change == "add":
                    target["surprise"] = 1
                else:
                    target.pop(next(iter(target)))
                with self.subTest(where=where, change=change):
                    self.assertFalse(self.validator.is_valid(broken))

    def test_refuses_values_of_another_form(self):
        for where, value in self.CHANGES:
            broken = load(GOLDEN / self.MESSY)
            at(broken, where[:-1])[where[-1]] = value
            with self.subTest(where=where):
                self.assertFalse(self.validator.is_valid(broken))


class Report(Schema, unittest.TestCase):
    SCHEMA = "cfwarden.report-1.schema.json"
    GOLDENS = "report-*.json"
    LEAST = 5
    MESSY = "report-messy.json"
    CHANGES = [
        (("schema",), "cfwarden.report/2"),
        (("run", "started"), "yesterday"),
        (("places",), None),
        (("credentials", 0, "file", "mode"), "644"),
        (("credentials", 0, "file", "acl", 0), "bob"),
        (("credentials", 0, "status"), "fine"),
        (("credentials", 0, "fingerprint"), "hush"),
        (("credentials", 0, "readers", "audience"), "some_users"),
        (("findings", 0, "severity"), "HIGH"),
        (("findings", 0, "line"), "9"),
        (("exit",), 70),
    ]


class Diff(Schema, unittest.TestCase):
    SCHEMA = "cfwarden.diff-1.schema.json"
    GOLDENS = "diff-*.json"
    LEAST = 2
    MESSY = "diff-messy.json"
    CHANGES = [
        (("schema",), "cfwarden.report/1"),
        (("older", "complete"), None),
        (("changes",), None),
        (("changes", 0, "change"), "fresh"),
        (("changes", 0, "severity"), "HIGH"),
        (("changes", 1, "severity_before"), ""),
        (("changes", 0, "line"), "9"),
        (("new_gaps", 0, "path"), None),
        (("summary", "new"), -1),
        (("exit",), 2),
    ]


class Fix(Schema, unittest.TestCase):
    SCHEMA = "cfwarden.fix-1.schema.json"
    GOLDENS = "fix-*.json"
    LEAST = 6
    MESSY = "fix-interrupted.json"
    CHANGES = [
        (("schema",), "cfwarden.report/1"),
        (("run", "started"), "yesterday"),
        (("applied",), None),
        (("interrupted_runs",), None),
        (("changes",), None),
        (("changes", 0, "type"), "regular"),
        (("changes", 0, "before", "mode"), "777"),
        (("changes", 0, "before", "mode"), 511),
        (("changes", 3, "before", "acl", 0), "user:alice:r--"),
        (("changes", 0, "after", "default_acl"), None),
        (("changes", 0, "mends", 0, "severity"), "HIGH"),
        (("changes", 0, "loses", "everyone"), "yes"),
        (("changes", 0, "outcome"), "not_reached"),
        (("refusals", 0, "command"), 1),
        (("advice", 0, "steps"), None),
        (("advice", 0, "line"), "9"),
        (("summary", "left"), -1),
        (("exit",), 3),
    ]


class Undo(Schema, unittest.TestCase):
    SCHEMA = "cfwarden.undo-1.schema.json"
    GOLDENS = "undo-*.json"
    LEAST = 4
    MESSY = "undo-applied.json"
    CHANGES = [
        (("schema",), "cfwarden.fix/1"),
        (("run", "started"), 0),
        (("run",), {}),
        (("restorations",), None),
        (("restorations", 0, "now"), {}),
        (("restorations", 0, "before", "mode"), "0o644"),
        (("restorations", 0, "outcome"), "restored"),
        (("restorations", 0, "opens_to"), []),
        (("restorations", 2, "commands"), None),
        (("exit",), 3),
    ]


class Runs(Schema, unittest.TestCase):
    SCHEMA = "cfwarden.runs-1.schema.json"
    GOLDENS = "runs*.json"
    LEAST = 2
    MESSY = "runs.json"
    CHANGES = [
        (("schema",), "cfwarden.undo/1"),
        (("runs",), None),
        (("runs", 0, "changes"), "4"),
        (("runs", 0, "undone"), None),
        (("runs", 0, "root_gone"), None),
        (("unsound",), None),
    ]


class MoveToken(Schema, unittest.TestCase):
    SCHEMA = "cfwarden.move-token-1.schema.json"
    GOLDENS = "move-token-*.json"
    LEAST = 5
    MESSY = "move-token-moved.json"
    CHANGES = [
        (("schema",), "cfwarden.fix/1"),
        (("run", "started"), 0),
        (("state",), "already_moved"),
        (("unit_file",), "/etc/systemd/system/cloudflared.service"),
        (("token", "fingerprint"), "hush"),
        (("token", "readers", "audience"), "some_users"),
        (("token", "line"), "9"),
        (("commands",), None),
        (("rotate",), None),
        (("exit",), 3),
    ]


@unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
class Record(Schema, unittest.TestCase):
    """Each line of a golden file is one."""

    SCHEMA = "cfwarden.record-1.schema.json"
    GOLDENS = "*.ndjson"
    LEAST = 3

    def test_its_parts_are_those_of_a_report(self):
        report = load(SCHEMAS / Report.SCHEMA)
        for name, part in self.schema["$defs"].items():
            if name not in ("name", "end"):
                with self.subTest(name):
                    self.assertEqual(part, report["$defs"].get(name, report["properties"].get(name)))

    def records(self):
        for path in sorted(GOLDEN.glob(self.GOLDENS)):
            for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
                yield f"{path.name}:{number}", json.loads(line)

    def test_takes_every_golden_file(self):
        seen = set()
        for where, record in self.records():
            seen.add(record["record"])
            with self.subTest(where):
                self.assertEqual([e.message for e in self.validator.iter_errors(record)], [])
        self.assertEqual(seen, {"finding", "credential", "gap", "name", "end"})

    def test_refuses_a_key_too_few_or_too_many(self):
        refused = set()
        for _, record in self.records():
            if record["record"] in refused:
                continue
            refused.add(record["record"])
            for where in objects(record):
                for change in ("add", "remove"):
                    broken = copy.deepcopy(record)
                    target = at(broken, where)
                    if change == "add":
                        target["surprise"] = 1
                    else:
                        target.pop(next(iter(target)))
                    with self.subTest(record=record["record"], where=where, change=change):
                        self.assertFalse(self.validator.is_valid(broken))

    def test_refuses_values_of_another_form(self):
        _, record = next(self.records())
        for key, value in (("record", "credential"), ("record", "other"),
                           ("schema", "cfwarden.record/2"), ("gap", {"path": "/", "why": ""})):
            with self.subTest(key):
                self.assertFalse(self.validator.is_valid({**record, key: value}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--keep"]:
        keep(sys.argv[2])
    else:
        unittest.main()
