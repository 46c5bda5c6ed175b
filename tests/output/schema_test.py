"""The published JSON Schema is a schema, takes every golden report, and refuses what is not one."""

import copy
import json
import pathlib
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parents[1] / "packaging" / "schema" / "cfwarden.report-1.schema.json"
GOLDEN = sorted((HERE / "golden").glob("report-*.json"))


def load(path):
    return json.loads(path.read_text(encoding="ascii"))


@unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
class Schema(unittest.TestCase):
    def setUp(self):
        self.schema = load(SCHEMA)
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def test_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_takes_every_golden_report(self):
        self.assertGreaterEqual(len(GOLDEN), 5)
        for path in GOLDEN:
            with self.subTest(report=path.name):
                self.assertEqual([e.message for e in self.validator.iter_errors(load(path))], [])

    def test_every_object_is_closed_and_described(self):
        for name, part in [("", self.schema), *self.schema["$defs"].items()]:
            with self.subTest(part=name):
                self.assertIn("description", part)
                if part.get("type") == "object":
                    self.assertIs(part["additionalProperties"], False)

    def test_refuses_reports_with_a_key_too_few_or_too_many(self):
        report = load(HERE / "golden" / "report-messy.json")
        for where in self.objects(report):
            for change in ("add", "remove"):
                broken = copy.deepcopy(report)
                target = broken
                for step in where:
                    target = target[step]
                if change == "add":
                    target["surprise"] = 1
                else:
                    target.pop(next(iter(target)))
                with self.subTest(where=where, change=change):
                    self.assertFalse(self.validator.is_valid(broken))

    def test_refuses_values_of_another_form(self):
        changes = [
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
        for where, value in changes:
            broken = load(HERE / "golden" / "report-messy.json")
            target = broken
            for step in where[:-1]:
                target = target[step]
            target[where[-1]] = value
            with self.subTest(where=where):
                self.assertFalse(self.validator.is_valid(broken))

    def objects(self, value, where=()):
        children = []
        if isinstance(value, dict):
            yield where
            children = value.items()
        elif isinstance(value, list):
            children = enumerate(value)
        for step, child in children:
            yield from self.objects(child, (*where, step))


if __name__ == "__main__":
    unittest.main()
