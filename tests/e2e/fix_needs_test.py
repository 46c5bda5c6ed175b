"""Who keeps what: owners are changed only where that is asked for, and no service loses a file that
it reads."""

import os
import tempfile
import unittest

import host_tree
import invented
import kernel
import mending
import stand_in
from host_tree import UIDS, needs_root
from invented import OTHER_TUNNEL
from mending import ALICES, CERTIFICATE, TOKEN

ALICE, BOB, CLOUDFLARED = UIDS["alice"], UIDS["bob"], UIDS["cloudflared"]


@needs_root
class OwnerTest(mending.MendTest):
    """Owners are changed in trusted places, when that is asked for; never in a user's."""

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")

    def test_a_stray_owner_stays_until_it_is_asked_for(self):
        self.host.file(TOKEN, invented.token(), 0o644, "bob")
        before = self.attributes()
        plain = self.apply()
        self.assertEqual(self.owner(TOKEN), (BOB, BOB))
        self.assertEqual(plain.code, 4, plain)
        self.assertIn("bob", plain.refused[TOKEN])
        outcome = self.apply("--take-ownership")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(self.owner(TOKEN)[0], 0)
        self.assert_mode(TOKEN, 0o600)
        self.undo_all()
        self.assert_restored(before)

    def test_a_setuid_file_of_a_stray_owner_is_never_setuid_root(self):
        self.host.file(TOKEN, invented.token(), 0o644, "bob")
        os.chmod(self.at(TOKEN), 0o6755)
        before = self.attributes()
        self.apply("--take-ownership")
        self.assertEqual(self.owner(TOKEN)[0], 0)
        self.assert_mode(TOKEN, 0o600)
        self.undo_all()
        self.assert_restored(before)

    def test_nothing_in_a_home_changes_its_owner(self):
        for owner in (0, BOB, 65532, 47110):
            with self.subTest(owner=owner):
                self.host.home("alice", 0o755, 0o755)
                self.host.file(ALICES, invented.credentials(OTHER_TUNNEL), 0o644, owner)
                before = mending.standing(self.at(ALICES))
                outcome = self.apply("--take-ownership", "--service-group")
                self.assertEqual(mending.standing(self.at(ALICES)), before)
                self.assertEqual(outcome.code, 4, outcome)
                self.assertIn(ALICES, outcome.refused)
                os.unlink(self.at(ALICES))

    def test_an_owner_who_is_in_the_group_too_does_not_go_on_reading_by_it(self):
        self.host.accounts(cloudflared=["alice"])
        self.host.file(TOKEN, invented.token(), 0o644, "alice", "cloudflared")
        self.assertEqual(self.apply("--take-ownership").code, 0)
        self.assert_mode(TOKEN, 0o600)
        self.assertEqual(self.apply("--take-ownership").json["changes"], [])

    def test_a_container_s_user_keeps_its_files(self):
        self.host.file(TOKEN, invented.token(), 0o644, 65532)
        self.apply("--take-ownership")
        self.assertEqual(self.owner(TOKEN)[0], 65532)


@needs_root
class LockOutTest(mending.MendTest):
    """A fix does not take from a service what it reads."""

    def setUp(self):
        super().setUp()
        self.host.folder("/etc/cloudflared")
        self.host.file(TOKEN, invented.token(), 0o644)
        mending.enable(self.host, "cloudflared.service",
                       mending.unit(f"tunnel run --token-file {TOKEN}", User="cloudflared"))
        self.service = mending.Person(CLOUDFLARED, CLOUDFLARED)

    def service_opens(self):
        """Whether a real process of the service's user opens it."""
        principal = stand_in.Principal(CLOUDFLARED, CLOUDFLARED, self.service.groups)
        with stand_in.StandIn("tunnel", "run", "--token-file", self.at(TOKEN),
                              principal=principal) as one:
            return one.can_open()

    def test_a_file_that_its_user_reads_as_everyone_stays_open_and_that_is_said(self):
        self.assertTrue(self.service_opens())
        before = self.attributes()
        outcome = self.apply()
        self.assertTrue(self.service_opens())
        self.assertEqual(outcome.code, 4, outcome)
        self.assertIn("cloudflared", outcome.refused[TOKEN])
        self.assert_restored(before)

    def test_with_its_group_it_is_closed_to_everyone_else(self):
        before = self.attributes()
        outcome = self.apply("--service-group")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(self.owner(TOKEN), (0, CLOUDFLARED))
        self.assert_mode(TOKEN, 0o640)
        self.assertTrue(self.service_opens())
        change = outcome.changed[TOKEN]
        self.assertIn("cloudflared.service", str(change["keeps"]))
        self.assertIn("cloudflared.service", change["not_tighter"])
        self.assertEqual(mending.rights_of(mending.Person(BOB, BOB), [self.at(TOKEN)]), [set()])
        again = self.apply("--service-group")
        self.assertEqual((again.code, again.json["changes"]), (0, []))
        plain = self.apply()
        self.assertEqual((plain.code, plain.json["changes"]), (0, []))
        self.undo_all()
        self.assert_restored(before)

    def test_a_group_that_is_the_service_s_already_is_kept(self):
        self.host.file(TOKEN, invented.token(), 0o644, "root", "cloudflared")
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode(TOKEN, 0o640)
        self.assertTrue(self.service_opens())

    def test_other_members_of_the_service_s_group_are_named(self):
        self.host.accounts(cloudflared=["alice"])
        self.host.file(TOKEN, invented.token(), 0o644, "root", "cloudflared")
        outcome = self.apply()
        self.assertTrue(self.service_opens())
        self.assert_mode(TOKEN, 0o640)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn("alice", str(self.plan().json))

    def test_a_service_that_owns_its_file_keeps_it_as_its_owner(self):
        self.host.file(TOKEN, invented.token(), 0o664, "cloudflared")
        self.apply()
        self.assert_mode(TOKEN, 0o600)
        self.assertTrue(self.service_opens())

    def test_what_systemd_reads_for_the_service_needs_no_group(self):
        os.unlink(self.at("/etc/systemd/system/multi-user.target.wants/cloudflared.service"))
        mending.enable(self.host, "cloudflared.service", mending.unit(
            "tunnel run --token-file %d/token", User="cloudflared",
            LoadCredential=f"token:{TOKEN}"))
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode(TOKEN, 0o600)

    def test_a_named_acl_entry_of_the_service_stays_and_others_go(self):
        self.needs_acls()
        os.chmod(self.at(TOKEN), 0o600)
        kernel.set_acl(self.at(TOKEN), (kernel.OWNER, 6), (kernel.USER, 6, BOB),
                       (kernel.USER, 4, CLOUDFLARED), (kernel.GROUP, 0), (kernel.MASK, 6),
                       (kernel.OTHERS, 0))
        before = self.attributes()
        outcome = self.apply()
        self.assertTrue(self.service_opens())
        self.assertEqual(mending.rights_of(mending.Person(BOB, BOB), [self.at(TOKEN)]), [set()])
        self.assertEqual(self.apply().json["changes"], [], outcome)
        self.undo_all()
        self.assert_restored(before)

    def test_the_directory_above_stays_open_to_the_service(self):
        self.host.folder("/root", 0o711)
        self.host.folder("/root/.cloudflared", 0o755)
        self.host.file(CERTIFICATE, invented.certificate(), 0o640, "root", "cloudflared")
        mending.enable(self.host, "other.service", mending.unit(
            f"tunnel --origincert {CERTIFICATE} run blog", User="cloudflared"))
        principal = stand_in.Principal(CLOUDFLARED, CLOUDFLARED)
        self.apply("--service-group")
        with stand_in.StandIn("tunnel", "--origincert", self.at(CERTIFICATE),
                              principal=principal) as one:
            self.assertTrue(one.can_open())

    def test_a_user_s_own_unit_keeps_nothing_of_root_s_open(self):
        os.unlink(self.at("/etc/systemd/system/multi-user.target.wants/cloudflared.service"))
        os.unlink(self.at("/etc/systemd/system/cloudflared.service"))
        self.host.folder("/home/alice", 0o755, "alice")
        for folder in ("", "/systemd", "/systemd/user", "/systemd/user/default.target.wants"):
            self.host.folder(f"/home/alice/.config{folder}", 0o755, "alice")
        name = "/home/alice/.config/systemd/user"
        self.host.file(f"{name}/fake.service", mending.unit(f"tunnel run --token-file {TOKEN}"),
                       0o644, "alice")
        self.host.link(f"{name}/default.target.wants/fake.service", f"{name}/fake.service",
                       "alice")
        outcome = self.apply()
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_mode(TOKEN, 0o600)


@needs_root
class LiveTest(mending.MendTest):
    """On the running host, whose /var/lib is the tests' own: a fake root has no processes."""

    def setUp(self):
        super().setUp()
        directory = tempfile.mkdtemp(prefix="cfwarden-e2e.", dir=mending.VAR_LIB)
        self.addCleanup(host_tree.remove_tree, directory)
        self.host = host_tree.HostTree(directory)
        self.directory = directory
        self.token = self.at(self.host.file("/token", invented.token(), 0o644))

    def fix_live(self):
        """Other processes of this machine may be gaps, and then it ends with 4."""
        outcome = self.mend("fix", "--apply", "--json", self.token)
        self.assertIn(outcome.code, (0, 4), outcome)
        self.assertNotIn(self.token, outcome.refused)

    def test_a_process_of_a_user_keeps_nothing_of_others_open(self):
        with stand_in.StandIn("tunnel", "run", "--token-file", self.token,
                              principal=stand_in.Principal(ALICE, ALICE)) as one:
            self.assertTrue(one.can_open())
            self.fix_live()
            self.assert_mode("/token", 0o600)
            self.assertFalse(one.can_open())
        self.assertEqual(self.undo().code, 0)
        self.assert_mode("/token", 0o644)

    def test_a_process_of_root_s_loses_nothing(self):
        with stand_in.StandIn("tunnel", "run", "--token-file", self.token) as one:
            self.fix_live()
            self.assert_mode("/token", 0o600)
            self.assertTrue(one.can_open())


if __name__ == "__main__":
    unittest.main()
