"""The demo's host, mended as far as modes, owners and ACLs go, and put back to the byte."""

import os
import re
import unittest

import host_tree
import mending

FIXES = ("owner-only", "remove-acl", "set-owner")


class DemoTest(mending.MendTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o1777)
        outcome = host_tree.run("demo", "--keep", env={"TMPDIR": self.directory})
        self.assertEqual(outcome.code, 0, outcome)
        self.directory = re.search(r"lies in (/\S+)", outcome.text).group(1)
        self.addCleanup(host_tree.remove_tree, self.directory)
        self.before = self.attributes()

    def report(self):
        return host_tree.run("audit", "--json", "--root", self.directory).report

    def mendable(self):
        return {(one["rule"], one["path"]) for one in self.report()["findings"]
                if one["fix"] in FIXES}

    def test_it_is_mended_to_no_finding_of_a_mode_an_owner_or_an_acl(self):
        self.assertGreaterEqual(len(self.mendable()), 10)
        outcome = self.apply("--take-ownership", "--service-group")
        self.assertEqual(self.mendable(), set(), outcome)
        again = self.apply("--take-ownership", "--service-group")
        self.assertEqual(again.json["changes"], [])

    def test_it_is_put_back_to_the_byte(self):
        found = host_tree.without_start(self.report())
        self.apply("--take-ownership", "--service-group")
        self.assertNotEqual(self.attributes(), self.before)
        outcome = self.undo()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_restored(self.before)
        self.assertEqual(host_tree.without_start(self.report()), found)

    def test_without_permission_for_owners_and_groups_it_widens_nothing_either(self):
        self.apply()
        for path, now in self.attributes().items():
            was = self.before[path]
            self.assertEqual((now.uid, now.gid, now.mode & ~was.mode), (was.uid, was.gid, 0), path)


if __name__ == "__main__":
    unittest.main()
