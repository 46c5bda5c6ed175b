"""Hosts laid out by dice: whatever is found, a fix takes nothing that is needed, gives nothing, has
nothing left to do, and can be taken back."""

import os
import random
import time
import unittest

import host_tree
import invented
import kernel
import mending
from host_tree import DEPLOY, UIDS
from mending import Person

# A seed of its own each time where there is time for more; the same ones in the usual run.
SECONDS = float(os.environ.get("CFWARDEN_PROPERTY_SECONDS", "25"))
FIRST_SEED = int(os.environ.get("CFWARDEN_PROPERTY_SEED", "1"))
LEAST = 24

OWNERS = ["root"] * 4 + ["alice", "bob", "cloudflared", "www-data", 65532, 47110]
GROUPS = ["root"] * 3 + ["alice", "bob", "cloudflared", DEPLOY, 47110]
FILE_MODES = [0o600, 0o400, 0o640, 0o644, 0o644, 0o666, 0o664, 0o660, 0o604, 0o440, 0o444, 0o4755,
              0o2640, 0o6666, 0o777, 0o700, 0o606, 0o066, 0o004, 0o000, 0o620, 0o1644, 0o750]
FOLDER_MODES = [0o755, 0o755, 0o755, 0o700, 0o750, 0o711, 0o777, 0o1777, 0o775, 0o2755, 0o2775,
                0o770, 0o751, 0o733]
HOME_MODES = [0o755, 0o755, 0o700, 0o711, 0o750, 0o775]
CHOICES = ["--take-ownership", "--service-group"]


class GeneratedHost:
    """One host. What it says of itself is what `describe` shows when a property does not hold."""

    def __init__(self, host, seed):
        self.host, self.dice = host, random.Random(seed)
        self.files, self.folders, self.services = [], [], []
        self.members = {"deploy": self.dice.sample(["alice", "bob", "carol", "cloudflared"],
                                                   self.dice.randint(0, 3)),
                        "cloudflared": self.dice.choice([[], [], ["alice"], ["www-data"]])}
        host.accounts(**self.members)
        self.lay_out_system()
        for name in ("alice", "bob", "carol"):
            if self.dice.random() < 0.7:
                self.lay_out_home(name)
        self.lay_out_services()

    def maybe(self, chance):
        return self.dice.random() < chance

    def some_acl(self, path, bits, default=False):
        entries = [(kernel.OWNER, 7 if default else self.dice.choice(bits))]
        users = self.dice.sample(sorted(UIDS.values()), self.dice.randint(0, 2))
        entries += [(kernel.USER, self.dice.choice(bits), uid) for uid in sorted(users)]
        entries.append((kernel.GROUP, self.dice.choice(bits)))
        groups = self.dice.sample([DEPLOY, UIDS["alice"], UIDS["cloudflared"]],
                                  self.dice.randint(0, 1))
        entries += [(kernel.NAMED_GROUP, self.dice.choice(bits), gid) for gid in sorted(groups)]
        if len(entries) > 2:
            entries.append((kernel.MASK, self.dice.choice([7, 7, 6, 5, 4, 1, 0])))
        kernel.set_acl(self.host.at(path), *entries, (kernel.OTHERS, self.dice.choice(bits)),
                       default=default)

    def settle(self, path, mode, owner, group, bits):
        """Owner first: to give a file away clears setuid."""
        self.host.own(path, owner, group)
        os.chmod(self.host.at(path), mode)
        if self.maybe(0.2):
            self.some_acl(path, bits)

    def folder(self, path, modes, owner, group):
        self.host.folder(path)
        self.folders.append(path)
        self.settle(path, self.dice.choice(modes), owner, group, [7, 5, 5, 1, 0])
        if self.maybe(0.15):
            self.some_acl(path, [7, 6, 5, 4, 0], default=True)

    def credential(self, path, content, owner, group):
        self.host.file(path, content)
        self.files.append(path)
        self.settle(path, self.dice.choice(FILE_MODES), owner, group, [6, 4, 4, 0, 2])

    def some_files(self, directory, owners, groups):
        name = directory.replace("/", "-")
        contents = {
            "token": invented.token(name=name), "cert.pem": invented.certificate(name),
            f"{invented.TUNNEL}.json": invented.credentials(invented.TUNNEL, name),
            f"{invented.OTHER_TUNNEL}.json": invented.credentials(invented.OTHER_TUNNEL, name),
            f"{invented.TUNNEL}.json.bak": invented.credentials(invented.TUNNEL, name),
            "config.yml": b"tunnel: x\ntoken: " + invented.token(name=name + "config") + b"\n",
            "broken.json": b"{", "wiki-cf_key": invented.ssh_key()}
        for file_name in self.dice.sample(sorted(contents), self.dice.randint(1, 4)):
            self.credential(f"{directory}/{file_name}", contents[file_name],
                            self.dice.choice(owners), self.dice.choice(groups))

    def lay_out_system(self):
        self.host.folder("/root")
        self.settle("/root", self.dice.choice([0o700, 0o755, 0o711]), "root", "root", [5, 1, 0])
        for directory in ("/etc/cloudflared", "/root/.cloudflared", "/usr/local/etc/cloudflared"):
            if self.maybe(0.65):
                owner = self.dice.choice(["root"] * 9 + ["alice"])
                self.folder(directory, FOLDER_MODES, owner, self.dice.choice(GROUPS))
                self.some_files(directory, OWNERS, GROUPS)

    def lay_out_home(self, name):
        home = host_tree.HOMES[name]
        self.folder(home, HOME_MODES, name, self.dice.choice([name, name, DEPLOY]))
        directory = home + "/.cloudflared"
        owner = self.dice.choice([name] * 8 + ["root", "bob"])
        self.folder(directory, FOLDER_MODES, owner, self.dice.choice([name, name, DEPLOY]))
        self.some_files(directory, [name] * 6 + ["root", "bob"], [name, name, DEPLOY, "root"])

    def lay_out_services(self):
        """Each reads the file that it names: what a default configuration holds would go first."""
        self.host.file("/etc/tunnel.yml", b"loglevel: info\n", 0o644)
        flags = {"token": "run --token-file {}", "cert.pem": "--origincert {} run blog"}
        if not self.files:
            return
        for number in range(self.dice.randint(0, 4)):
            path = self.dice.choice(self.files)
            name = os.path.basename(path)
            if not name.endswith((".json", "token", "cert.pem")) or name == "broken.json":
                continue
            command = flags.get(name, "--credentials-file {} run " + invented.TUNNEL)
            command = "tunnel --config /etc/tunnel.yml " + command
            user = self.dice.choice(["root", "cloudflared", "cloudflared", "alice", "www-data"])
            groups = self.dice.choice([(), (), (DEPLOY,)])
            settings = {"User": user}
            if groups:
                settings["SupplementaryGroups"] = "deploy"
            mending.enable(self.host, f"tunnel-{number}.service",
                           mending.unit(command.format(path), **settings))
            self.services.append((self.person(user, groups), path))

    def person(self, user, more=()):
        uid = UIDS[user]
        listed = [UIDS.get(group, DEPLOY) for group, names in self.members.items()
                  if user in names]
        return Person(uid, uid, tuple(sorted({*listed, *more})))

    def people(self):
        accounts = [self.person(name) for name in UIDS if name != "root"]
        return list(dict.fromkeys([*accounts, *mending.PEOPLE,
                                   *(person for person, _ in self.services if person.uid != 0)]))

    def paths(self):
        return [self.host.at(path) for path in (*self.folders, *self.files)]


@host_tree.needs_root
class PropertyTest(mending.MendTest):
    """In memory where that is possible: many small files."""

    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

    def check(self, seed):
        host = self.new_host()
        self.directory = host.directory
        mending.clear_var_lib()
        made = GeneratedHost(host, seed)
        flags = [flag for flag in CHOICES if made.maybe(0.5)]
        before = self.attributes()
        people, paths = made.people(), made.paths()
        rights = mending.rights_of_all(people, paths)

        outcome = self.apply(*flags)
        self.assertIn(outcome.code, (0, 4), outcome)
        self.assertLessEqual({change["outcome"] for change in outcome.json["changes"]}, {"done"})
        after = mending.rights_of_all(people, paths)
        self.assertEqual(mending.gained(rights, after), {}, "somebody gained a right")
        for person, path in made.services:
            if person.uid != 0 and "r" in rights[person, host.at(path)]:
                self.assertIn("r", after[person, host.at(path)], f"{person} lost {path}")
        self.check_second(outcome, flags)
        self.undo_all()
        self.assert_restored(before)
        host_tree.remove_tree(host.directory)
        return len(outcome.json["changes"]), len(outcome.json["refusals"])

    def check_second(self, first, flags):
        """Nothing is left to do, but in directories that had to be closed before their files could
        be read; and that was refused, not passed over."""
        closed = {path for path in first.changed}
        second = self.apply(*flags)
        for path in second.changed:
            self.assertIn(os.path.dirname(path), closed, "a second fix has something to do")
            self.assertRegex(first.refused[path], "not recognised|permission denied to uid")
        self.assertEqual(self.apply(*flags).json["changes"], [], "a third fix has something to do")

    def test_generated_hosts(self):
        self.needs_acls()
        deadline = time.monotonic() + SECONDS * host_tree.slowness()
        seed, changes, refusals = FIRST_SEED, 0, 0
        while time.monotonic() < deadline or seed - FIRST_SEED < LEAST:
            with self.subTest(f"CFWARDEN_PROPERTY_SEED={seed}"):
                changed, refused = self.check(seed)
                changes, refusals = changes + changed, refusals + refused
            seed += 1
        print(f"{seed - FIRST_SEED} hosts from seed {FIRST_SEED}: {changes} changes, "
              f"{refusals} refusals")
        self.assertGreater(changes, 2 * (seed - FIRST_SEED), "hardly anything was to be done")


class OrdinaryPropertyTest(mending.MendTest):
    """As one user whose all of it is: what the others may do follows from the attributes."""

    @unittest.skipIf(host_tree.IS_ROOT, "as root the same is tried with several owners")
    def test_hosts_of_one_user(self):
        for seed in range(FIRST_SEED, FIRST_SEED + LEAST):
            with self.subTest(f"CFWARDEN_PROPERTY_SEED={seed}"):
                dice = random.Random(seed)
                host = self.new_host()
                self.directory = host.directory
                for directory in ("/etc/cloudflared", "/home/alice/.cloudflared"):
                    host.folder(directory, dice.choice([0o755, 0o777, 0o700]))
                    host.file(f"{directory}/token", invented.token(name=directory),
                              dice.choice([mode for mode in FILE_MODES if mode & 0o400]))
                before = self.attributes()
                outcome = self.apply()
                self.assertIn(outcome.code, (0, 4), outcome)
                for path, now in self.attributes().items():
                    self.assertEqual(now.mode & ~before[path].mode, 0, path)
                self.assertEqual(self.apply().json["changes"], [])
                self.undo_all()
                self.assert_restored(before)


if __name__ == "__main__":
    unittest.main()
