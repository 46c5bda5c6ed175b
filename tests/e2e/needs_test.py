"""What needs each credential: service layouts as hosts have them, hostile ones, and what none of
them may give away."""

import unittest

import host_tree
import service_layouts
from service_layouts import LAYOUTS


def needs_of(report):
    """{path: [(who, user, can_read)]} of every credential."""
    needs = {}
    for credential in report["credentials"]:
        needs.setdefault(credential["path"], []).extend(
            (need["who"], need["user"], need["can_read"]) for need in credential["needed_by"])
    return needs


class LayoutTest(host_tree.TreeTest):
    """Each layout is a test of its own; the loop below adds them."""

    # An ordinary user's tree is that user's throughout: nothing of it runs as root.
    ROOTS_ALONE = {"service-runs-as-root"}

    def check(self, layout):
        if not host_tree.IS_ROOT and not layout.for_everyone:
            self.skipTest("needs root: several owners of files")
        layout.lay_out(self.host)
        report = self.host.report(*layout.arguments)
        self.assertEqual(needs_of(report), layout.needed_by, layout.story)
        rules = layout.rules
        if not host_tree.IS_ROOT:
            rules = {(rule, path) for rule, path in rules if rule not in self.ROOTS_ALONE}
        self.assertEqual(host_tree.pairs(report), rules, layout.story)
        self.assertEqual(set(host_tree.gaps(report)), layout.gaps, layout.story)


def add_layouts():
    for layout in LAYOUTS:
        def test(self, layout=layout):
            self.check(layout)
        test.__doc__ = layout.story
        setattr(LayoutTest, f"test_{layout.name}", test)


add_layouts()


if __name__ == "__main__":
    unittest.main()
