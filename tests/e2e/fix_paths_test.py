"""Which objects are safe to change: directories that others write in, links, second names."""

import os
import stat
import unittest

import host_tree
import invented
import kernel
import mending
from host_tree import UIDS, needs_root
from invented import OTHER_TUNNEL, TUNNEL
from mending import ALICES, BOBS, TOKEN

ALICE, BOB = UIDS["alice"], UIDS["bob"]


@needs_root
class DirectoryTest(mending.MendTest):
    """Directories top-down; what others can write in is mended first or refused."""

    def credential(self, path, mode=0o644, owner="root"):
        return self.host.file(path, invented.token(name=path), mode, owner)

    def test_a_default_directory_that_everyone_writes_in_is_mended_before_its_files(self):
        for mode in (0o777, 0o1777, 0o775, 0o2777, 0o733):
            with self.subTest(f"{mode:o}"):
                self.host.folder("/etc/cloudflared", mode)
                self.credential(TOKEN)
                before = self.attributes()
                outcome = self.apply()
                self.assertEqual(outcome.code, 0, outcome)
                self.assertEqual([change["path"] for change in outcome.json["changes"]],
                                 ["/etc/cloudflared", TOKEN])
                self.assertEqual(self.mode("/etc/cloudflared") & 0o022, 0)
                self.assert_mode(TOKEN, 0o600)
                self.undo_all()
                self.assert_restored(before)

    def test_a_user_s_default_directory_is_mended_before_its_files_too(self):
        self.host.home("alice", 0o755, 0o777)
        self.credential(ALICES, 0o666, "alice")
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode("/home/alice/.cloudflared", 0o700)
        self.assert_mode(ALICES, 0o600)

    def test_a_directory_above_that_others_write_in_is_refused_by_name(self):
        for path, mode in [("/etc", 0o777), ("/etc", 0o1777), ("/etc", 0o775)]:
            with self.subTest(path, mode=mode):
                self.host.folder("/etc/cloudflared")
                self.credential(TOKEN)
                os.chmod(self.at(path), mode)
                outcome = self.apply()
                self.assertEqual(outcome.code, 4, outcome)
                self.assertIn("/etc", outcome.refused[TOKEN])
                self.assert_mode(TOKEN, 0o644)
                self.assert_mode(path, mode)
                os.chmod(self.at(path), 0o755)

    def test_a_home_that_its_group_writes_in_is_refused(self):
        self.host.home("alice", 0o775, 0o755)
        self.credential(ALICES, 0o644, "alice")
        outcome = self.apply()
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("/home/alice", outcome.refused[ALICES])
        self.assert_mode(ALICES, 0o644)

    def test_an_acl_that_lets_others_write_above_is_as_good_as_a_mode(self):
        self.needs_acls()
        self.host.home("alice", 0o700, 0o755)
        kernel.set_acl(self.at("/home/alice"), (kernel.OWNER, 7), (kernel.USER, 7, BOB),
                       (kernel.GROUP, 0), (kernel.MASK, 7), (kernel.OTHERS, 0))
        self.credential(ALICES, 0o644, "alice")
        outcome = self.apply()
        self.assertEqual(outcome.code, 4, outcome)
        self.assert_mode(ALICES, 0o644)

    def test_a_directory_of_somebody_else_is_refused(self):
        self.host.home("alice", 0o755, 0o755)
        self.host.folder("/home/alice/.cloudflared", 0o755, "bob")
        self.credential(ALICES, 0o644, "alice")
        self.assertEqual(self.apply().code, 4)
        self.assert_mode(ALICES, 0o644)

    def test_a_home_that_is_not_of_its_account_is_refused(self):
        self.host.home("alice", 0o755, 0o755)
        self.host.own("/home/alice", "bob")
        self.host.own("/home/alice/.cloudflared", "bob")
        self.credential(ALICES, 0o644, "bob")
        before = self.attributes()
        outcome = self.apply()
        self.assertEqual(outcome.code, 4, outcome)
        self.assert_restored(before)

    def test_a_directory_that_is_merely_named_is_refused_where_others_write_in_it(self):
        self.host.folder("/srv", 0o755)
        self.host.folder("/srv/keys", 0o777)
        self.credential("/srv/keys/token")
        outcome = self.apply("/srv/keys")
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("/srv/keys", outcome.refused["/srv/keys/token"])
        self.assert_mode("/srv/keys/token", 0o644)

    def test_the_credentials_of_a_user_in_nobody_s_directory_are_refused(self):
        self.host.folder("/srv", 0o1777)
        self.credential("/srv/token", 0o644, "alice")
        self.assertEqual(self.apply("/srv/token").code, 4)
        self.assert_mode("/srv/token", 0o644)

    def test_inherited_entries_are_gone_from_the_directory_and_from_its_files(self):
        self.needs_acls()
        self.host.folder("/etc/cloudflared")
        kernel.set_acl(self.at("/etc/cloudflared"), (kernel.OWNER, 7), (kernel.USER, 7, ALICE),
                       (kernel.GROUP, 5), (kernel.MASK, 7), (kernel.OTHERS, 5), default=True)
        self.credential(TOKEN, 0o660)
        self.assertNotEqual(mending.xattr(self.at(TOKEN), mending.ACCESS), b"")
        before = self.attributes()
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(mending.xattr(self.at(TOKEN), mending.ACCESS), b"")
        self.assertEqual(mending.xattr(self.at("/etc/cloudflared"), mending.DEFAULT), b"")
        self.undo_all()
        self.assert_restored(before)


@needs_root
class LinkTest(mending.MendTest):
    """Links below the trusted part are refused; what they lead to stays as it is."""

    def setUp(self):
        super().setUp()
        self.home = self.host.home("alice", 0o755, 0o755)
        self.host.folder("/root", 0o700)
        self.host.folder("/root/private", 0o700)
        self.victim = self.host.file("/root/private/token", invented.token(name="victim"), 0o644)
        self.host.file("/etc/shadow", b"root:INVENTED:1:::::\n", 0o640, 0, 42)

    def assert_refused(self, *paths, command=()):
        victims = [self.at("/root/private"), self.at(self.victim), self.at("/etc/shadow")]
        before = [host_tree.snapshot(victim) if os.path.isdir(victim) else os.lstat(victim)[:9]
                  for victim in victims]
        changes = [os.lstat(victim).st_ctime_ns for victim in victims]
        outcome = self.apply(*command)
        self.assertEqual(outcome.code, 4, outcome)
        for path in paths:
            self.assertIn(path, outcome.refused)
        after = [host_tree.snapshot(victim) if os.path.isdir(victim) else os.lstat(victim)[:9]
                 for victim in victims]
        self.assertEqual((after, [os.lstat(victim).st_ctime_ns for victim in victims]),
                         (before, changes))
        return outcome

    def test_a_user_s_link_to_a_file_of_root_is_refused_and_names_both(self):
        self.host.link(f"{self.home}/token", "/root/private/token", "alice")
        why = self.assert_refused(f"{self.home}/token").refused[f"{self.home}/token"]
        self.assertIn("/root/private/token", why)

    def test_a_user_s_link_to_the_shadow_file_is_refused(self):
        self.host.link(f"{self.home}/cert.pem", "/etc/shadow", "alice")
        self.assert_refused(f"{self.home}/cert.pem")

    def test_a_link_in_place_of_the_directory_is_refused(self):
        os.rmdir(self.at(self.home))
        self.host.link(self.home, "/root/private", "alice")
        self.assert_refused()

    def test_a_link_of_root_s_inside_a_home_is_refused(self):
        self.host.link(f"{self.home}/token", "/root/private/token", "root")
        self.assert_refused(f"{self.home}/token")

    def test_a_user_s_link_to_their_own_file_is_refused_and_the_file_stays(self):
        self.host.folder("/home/alice/dotfiles", 0o755, "alice")
        own = self.host.file("/home/alice/dotfiles/token", invented.token(), 0o644, "alice")
        self.host.link(f"{self.home}/token", "../dotfiles/token", "alice")
        self.assert_refused(f"{self.home}/token")
        self.assert_mode(own, 0o644)

    def test_links_that_are_named_are_refused_too(self):
        self.host.link(f"{self.home}/token", "/root/private/token", "alice")
        self.assert_refused(command=[f"{self.home}/token"])

    def test_root_s_link_above_the_homes_is_followed(self):
        self.host.file(ALICES, invented.credentials(OTHER_TUNNEL), 0o644, "alice")
        self.host.folder("/usr", 0o755)
        os.rename(self.at("/home"), self.at("/usr/home"))
        self.host.link("/home", "/usr/home")
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode("/usr" + ALICES, 0o600)
        self.undo_all()
        self.assert_mode("/usr" + ALICES, 0o644)

    def test_special_files_are_refused_and_stay(self):
        os.mkfifo(self.at(f"{self.home}/token"))
        os.chmod(self.at(f"{self.home}/token"), 0o644)
        self.host.own(f"{self.home}/token", "alice")
        os.mknod(self.at(f"{self.home}/{TUNNEL}.json"), stat.S_IFCHR | 0o666, os.makedev(1, 5))
        self.host.folder(f"{self.home}/cert.pem", 0o755, "alice")
        before = self.attributes()
        outcome = self.apply("--only", "readable-by-everyone")
        for path in (f"{self.home}/token", f"{self.home}/{TUNNEL}.json"):
            self.assertIn(path, outcome.refused)
        self.assert_restored(before)


@needs_root
class HardLinkTest(mending.MendTest):
    """Another name may be somebody else's file; and one name may be what is left of two."""

    def setUp(self):
        super().setUp()
        self.home = self.host.home("alice", 0o755, 0o755)
        self.host.home("bob", 0o755, 0o755)
        self.host.folder("/root", 0o700)

    def assert_stays(self, path):
        facts = os.lstat(self.at(path))
        for arguments in ([], ["--take-ownership", "--service-group"], [path],
                          ["--take-ownership", path]):
            with self.subTest(arguments):
                outcome = self.apply(*arguments)
                self.assertEqual(outcome.code, 4, outcome)
                self.assertIn(path, outcome.refused)
                self.assertEqual(os.lstat(self.at(path))[:7], facts[:7])
                self.assertEqual(os.lstat(self.at(path)).st_ctime_ns, facts.st_ctime_ns)

    def test_a_second_name_of_a_file_of_root_is_refused(self):
        self.host.file("/root/secret", invented.token(name="root"), 0o644)
        os.link(self.at("/root/secret"), self.at(f"{self.home}/token"))
        self.assert_stays(f"{self.home}/token")

    def test_what_root_replaced_is_not_given_to_the_user_who_kept_its_other_name(self):
        self.host.file("/root/secret", invented.token(name="old"), 0o644)
        os.link(self.at("/root/secret"), self.at(f"{self.home}/token"))
        self.host.file("/root/new", invented.token(name="new"), 0o600)
        os.rename(self.at("/root/new"), self.at("/root/secret"))
        self.assertEqual(os.lstat(self.at(f"{self.home}/token")).st_nlink, 1)
        self.assert_stays(f"{self.home}/token")

    def test_a_second_name_of_another_user_s_file_is_refused(self):
        self.host.file(BOBS, invented.token(name="bob"), 0o644, "bob")
        os.link(self.at(BOBS), self.at(f"{self.home}/token"))
        self.assert_stays(f"{self.home}/token")

    def test_another_user_s_file_with_one_name_left_is_refused(self):
        self.host.file(BOBS, invented.token(name="bob"), 0o644, "bob")
        os.link(self.at(BOBS), self.at(f"{self.home}/token"))
        os.unlink(self.at(BOBS))
        self.assert_stays(f"{self.home}/token")

    def test_two_names_in_a_directory_of_root_are_refused(self):
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o644)
        os.link(self.at(TOKEN), self.at("/root/second"))
        self.assert_stays(TOKEN)


if __name__ == "__main__":
    unittest.main()
