"""Who can read and write: modes, groups, ACLs, directories above, sticky bits, owners."""

import os
import unittest

import host_tree
import invented
import kernel
from host_tree import UIDS, credential, needs_root
from kernel import GROUP, MASK, NAMED_GROUP, OTHERS, OWNER, USER

TOKEN = "/srv/token"


class TokenTest(host_tree.TreeTest):
    """One token, and the question who reaches it."""

    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.file(TOKEN, invented.token(), 0o600)

    def reach(self, kind="readers", path=TOKEN):
        return credential(self.host.report(path), path)[kind]

    def readers(self, path=TOKEN):
        reach = self.reach("readers", path)
        return reach["audience"], set(reach["accounts"])

    def writers(self, path=TOKEN):
        reach = self.reach("writers", path)
        return reach["audience"], set(reach["accounts"])

    def chmod(self, mode, path=TOKEN):
        os.chmod(self.host.at(path), mode)


class ModeTest(TokenTest):
    def test_a_closed_file_is_its_owners(self):
        self.assertEqual(self.readers(), ("owner", set()))

    def test_members_of_the_group_can_read_where_the_group_may(self):
        self.host.accounts(root=["www-data", "cloudflared"])
        self.chmod(0o640)
        self.assertEqual(self.readers(), ("group", {"www-data", "cloudflared"}))

    @needs_root
    def test_an_account_is_a_member_of_its_primary_group(self):
        self.host.own(TOKEN, "root", "carol")
        self.chmod(0o640)
        self.assertEqual(self.readers(), ("group", {"carol"}))

    def test_a_group_without_members_reads_nothing(self):
        self.chmod(0o640)
        self.assertEqual(self.readers(), ("owner", set()))
        report = self.host.report(TOKEN)
        self.assertEqual(host_tree.rules(report), {"mode-too-wide"})

    def test_a_group_that_has_less_than_others_denies_its_members(self):
        self.host.accounts(root=["www-data"])
        self.chmod(0o604)
        audience, accounts = self.readers()
        self.assertEqual(audience, "some-users")
        self.assertNotIn("www-data", accounts)
        self.assertIn("cloudflared", accounts)

    def test_a_directory_above_that_cannot_be_searched_closes_the_file(self):
        self.chmod(0o644)
        self.chmod(0o700, "/srv")
        self.assertEqual(self.readers(), ("owner", set()))

    @needs_root
    def test_a_directory_above_that_a_group_can_search_leaves_its_members(self):
        self.host.accounts(deploy=["bob"])
        self.chmod(0o644)
        self.host.own("/srv", "root", host_tree.DEPLOY)
        self.chmod(0o710, "/srv")
        audience, accounts = self.readers()
        self.assertIn(audience, ("group", "some-users"))
        self.assertEqual(accounts, {"bob"})

    def test_search_without_read_above_is_enough(self):
        self.chmod(0o644)
        self.chmod(0o711, "/srv")
        self.assertEqual(self.readers()[0], "everyone")

    def test_write_without_read_shows_among_the_writers_only(self):
        self.chmod(0o602)
        self.assertEqual(self.readers()[0], "owner")
        self.assertEqual(self.writers()[0], "everyone")

    def give_to_alice(self):
        """Root reads nothing in a directory that others can change: its owner does."""
        for path in ("/srv", TOKEN):
            self.host.own(path, "alice")

    def test_a_writable_directory_above_lets_the_file_be_replaced(self):
        self.give_to_alice()
        self.chmod(0o777, "/srv")
        self.assertEqual(self.readers()[0], "owner")
        self.assertEqual(self.writers()[0], "everyone")
        self.assert_fires("replaceable-by-others", TOKEN, self.host.report(TOKEN))

    def test_a_sticky_directory_protects_what_lies_deeper_but_no_file_in_it(self):
        self.host.folder("/srv/own", 0o755, "alice")
        self.host.file("/srv/own/token", invented.token(), 0o600, "alice")
        self.give_to_alice()
        self.chmod(0o1777, "/srv")
        self.assertEqual(self.writers("/srv/own/token")[0], "owner")
        self.assertEqual(self.writers()[0], "everyone")

    def test_a_directory_further_up_counts_too(self):
        self.host.folder("/srv/a/b", owner="alice")
        self.host.folder("/srv/a", 0o757, "alice")
        self.host.file("/srv/a/b/token", invented.token(), 0o600, "alice")
        self.assertEqual(self.writers("/srv/a/b/token")[0], "everyone")

    @needs_root
    def test_the_owner_of_a_directory_above_can_replace_what_is_in_it(self):
        self.host.own("/srv", "bob")
        self.chmod(0o644)
        audience, accounts = self.writers()
        self.assertEqual((audience, accounts), ("some-users", {"bob"}))

    def test_the_mode_of_the_root_directory_counts_as_that_of_slash(self):
        self.chmod(0o644)
        self.chmod(0o700, "/")
        self.assertEqual(self.readers()[0], "owner")
        self.chmod(0o755, "/")
        self.assertEqual(self.readers()[0], "everyone")

    def test_nothing_above_the_root_directory_counts(self):
        self.host.folder("/outer/inner")
        self.chmod(0o700, "/outer")
        host = host_tree.HostTree(self.host.at("/outer/inner"))
        host.accounts()
        host.file("/token", invented.token(), 0o644)
        self.assertEqual(credential(host.report("/token"), "/token")["readers"]["audience"],
                         "everyone")


class AclTest(TokenTest):
    def setUp(self):
        super().setUp()
        self.needs_acls()

    def set(self, *entries, path=TOKEN, default=False):
        kernel.set_acl(self.host.at(path), *entries, default=default)

    def test_a_named_user_reads_by_an_entry(self):
        self.set((OWNER, 6), (USER, 4, UIDS["www-data"]), (GROUP, 0), (MASK, 4), (OTHERS, 0))
        self.assertEqual(self.readers(), ("some-users", {"www-data"}))
        self.assert_fires("acl-grants-access", TOKEN, self.host.report(TOKEN))

    def test_the_group_bits_of_a_mode_are_the_mask_and_no_right_of_the_group(self):
        self.host.accounts(root=["cloudflared"])
        self.set((OWNER, 6), (USER, 4, UIDS["www-data"]), (GROUP, 0), (MASK, 4), (OTHERS, 0))
        self.assertEqual(os.stat(self.host.at(TOKEN)).st_mode & 0o777, 0o640)
        self.assertEqual(self.readers(), ("some-users", {"www-data"}))

    def test_members_of_a_named_group_read_by_an_entry(self):
        self.host.accounts(deploy=["www-data", "cloudflared"])
        self.set((OWNER, 6), (GROUP, 0), (NAMED_GROUP, 4, host_tree.DEPLOY), (MASK, 4), (OTHERS, 0))
        audience, accounts = self.readers()
        self.assertIn(audience, ("group", "some-users"))
        self.assertEqual(accounts, {"www-data", "cloudflared"})

    def test_the_mask_takes_away_what_an_entry_gives(self):
        self.set((OWNER, 6), (USER, 7, UIDS["www-data"]), (GROUP, 0), (MASK, 2), (OTHERS, 0))
        self.assertEqual(self.readers(), ("owner", set()))

    def test_an_entry_behind_an_empty_mask_is_latent(self):
        self.set((OWNER, 6), (USER, 4, UIDS["www-data"]), (GROUP, 0), (MASK, 0), (OTHERS, 0))
        self.assertEqual(self.readers(), ("owner", set()))
        self.assert_fires("acl-entry-latent", TOKEN, self.host.report(TOKEN))

    def test_behind_an_empty_mask_named_users_get_what_others_get(self):
        self.set((OWNER, 6), (USER, 0, UIDS["www-data"]), (GROUP, 0), (MASK, 0), (OTHERS, 4))
        self.assertIn("www-data", self.readers()[1])

    def test_an_entry_without_rights_denies_its_user(self):
        self.set((OWNER, 6), (USER, 0, UIDS["www-data"]), (GROUP, 4), (MASK, 4), (OTHERS, 4))
        audience, accounts = self.readers()
        self.assertEqual(audience, "some-users")
        self.assertNotIn("www-data", accounts)

    def test_an_entry_that_lets_a_user_search_a_directory_above_opens_the_file(self):
        self.chmod(0o644)
        self.chmod(0o700, "/srv")
        self.set((OWNER, 7), (USER, 1, UIDS["www-data"]), (GROUP, 0), (MASK, 1), (OTHERS, 0),
                 path="/srv")
        self.assertEqual(self.readers()[1], {"www-data"})

    def test_an_entry_behind_a_closed_directory_is_latent(self):
        self.set((OWNER, 6), (USER, 4, UIDS["www-data"]), (GROUP, 0), (MASK, 4), (OTHERS, 0))
        self.chmod(0o700, "/srv")
        self.assertEqual(self.readers()[0], "owner")
        self.assert_fires("acl-entry-latent", TOKEN, self.host.report(TOKEN))

    def test_a_default_acl_of_the_directory_is_a_finding_of_its_own(self):
        self.set((OWNER, 7), (USER, 5, UIDS["www-data"]), (GROUP, 0), (MASK, 5), (OTHERS, 0),
                 path="/srv", default=True)
        self.assertIn("default-acl", host_tree.rules(self.host.report(TOKEN)))
        self.assertEqual(self.readers()[0], "owner")

    def test_the_report_lists_the_entries(self):
        self.set((OWNER, 6), (USER, 4, UIDS["www-data"]), (GROUP, 0), (MASK, 4), (OTHERS, 0))
        self.assertIn(f"user:{UIDS['www-data']}:r--",
                      credential(self.host.report(TOKEN), TOKEN)["file"]["acl"])


@needs_root
class KernelAgreesTest(host_tree.TreeTest):
    """The kernel is asked as each account, and must answer as the report does."""

    def test_readers_are_exactly_those_whom_the_kernel_lets_open_the_file(self):
        self.needs_acls()
        members = {"root": ["bob"], "deploy": ["alice", "www-data"]}
        self.host.accounts(**members)
        www = UIDS["www-data"]
        lists = {
            "none": None,
            "user": [(OWNER, 6), (USER, 4, www), (GROUP, 0), (MASK, 6), (OTHERS, 0)],
            "group": [(OWNER, 6), (GROUP, 4), (NAMED_GROUP, 6, host_tree.DEPLOY), (MASK, 6),
                      (OTHERS, 0)],
            "denied": [(OWNER, 6), (USER, 0, UIDS["alice"]), (GROUP, 4), (MASK, 4), (OTHERS, 4)],
            "masked": [(OWNER, 6), (USER, 4, www), (GROUP, 4), (MASK, 0), (OTHERS, 4)],
        }
        cases = []
        for directory_mode in (0o755, 0o750, 0o705, 0o700, 0o711):
            for mode in (0o600, 0o640, 0o604, 0o644, 0o400, 0o060):
                for words, entries in lists.items():
                    folder = f"/srv/{directory_mode:o}-{mode:o}-{words}"
                    self.host.folder(folder)
                    path = self.host.file(f"{folder}/token", invented.token(), mode)
                    if entries:
                        kernel.set_acl(self.host.at(path), *entries)
                    os.chmod(self.host.at(folder), directory_mode)
                    cases.append(path)
        self.host.folder("/srv")
        report = self.host.report("/srv")
        for path in cases:
            with self.subTest(path):
                named = set(credential(report, path)["readers"]["accounts"])
                self.assertEqual(named, self.openers(path, members))

    def openers(self, path, members):
        allowed = set()
        for name in ("www-data", "alice", "bob", "carol", "cloudflared"):
            groups = [gid for group, gid in [("root", 0), ("deploy", host_tree.DEPLOY)]
                      if name in members[group]]

            def try_it(name=name, groups=groups):
                os.setgroups(groups)
                os.setresgid(UIDS[name], UIDS[name], UIDS[name])
                os.setresuid(UIDS[name], UIDS[name], UIDS[name])
                os.close(os.open(self.host.at(path), os.O_RDONLY))

            if kernel.in_child(try_it)[0]:
                allowed.add(name)
        return allowed


if __name__ == "__main__":
    unittest.main()
