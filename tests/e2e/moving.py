"""Hosts with a unit that cloudflared installed, and what `fix --move-token` makes of them."""

import functools
import json
import os
import stat

import canary_test
import host_tree
import invented
import mending
from host_tree import DEPLOY
from mending import TOKEN

SYSTEM = "/etc/systemd/system"
NAME = "cloudflared.service"
UNIT = f"{SYSTEM}/{NAME}"
DIRECTORY = "/etc/cloudflared"
SCHEMAS = host_tree.SOURCE / "packaging/schema"

# Its bytes are searched for wherever a run leaves some.
SECRET = invented.token(secret_bytes=canary_test.CANARY).decode()


@functools.cache
def validator_of(schema):
    """Of one of the published schemas; None where jsonschema is not installed."""
    if host_tree.validator() is None:
        return None
    name, version = schema.removeprefix("cfwarden.").split("/")
    text = (SCHEMAS / f"cfwarden.{name}-{version}.schema.json").read_text(encoding="utf-8")
    return type(host_tree.validator())(json.loads(text))


def installed_unit(arguments=f"--token {SECRET}", description="cloudflared",
                   after="network-online.target", wants="Wants=network-online.target\n",
                   timeout="15", program="/usr/bin/cloudflared"):
    """As `cloudflared service install` of 2022.3.0 to 2026.7.1 writes it."""
    return (f"[Unit]\nDescription={description}\nAfter={after}\n{wants}\n"
            f"[Service]\nTimeoutStartSec={timeout}\nType=notify\n"
            f"ExecStart={program} --no-autoupdate tunnel run {arguments}\n"
            "Restart=on-failure\nRestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n").encode()


BEFORE = installed_unit()
AFTER = installed_unit(f"--token-file {TOKEN}")


class MoveTest(mending.MendTest):
    """A host with an enabled unit that holds its token; `made` says whether /etc/cloudflared is
    there, too. Nothing that a run says or records may hold eight bytes of the token's secret."""

    def lay_out(self, made=True, content=BEFORE, mode=0o644, group="root"):
        """Afresh: what was there before goes."""
        for path in (DIRECTORY, "/etc/systemd"):
            if os.path.lexists(self.at(path)):
                host_tree.remove_tree(self.at(path))
        if made:
            self.host.folder(DIRECTORY)
        mending.enable(self.host, NAME, content)
        self.host.own(UNIT, "root", group)
        os.chmod(self.at(UNIT), mode)

    def mend(self, verb, *arguments, **options):
        outcome = super().mend(verb, *arguments, **options)
        for stream in (outcome.out, outcome.err, self.recorded()):
            self.assertIsNone(canary_test.leak_in(stream))
        if "--json" in arguments and outcome.out:
            self.validate(json.loads(outcome.out))
        return outcome

    def validate(self, said):
        validator = validator_of(said["schema"])
        if validator is not None:
            validator.validate(said)

    def move(self, *arguments, unit="cloudflared", **options):
        return self.fix("--move-token", unit, *arguments, **options)

    def moved(self, *arguments, **options):
        """The JSON of a run that moves the token."""
        outcome = self.move("--apply", "--json", *arguments, **options)
        self.assertEqual((outcome.code, outcome.json["state"]), (0, "moved"), outcome)
        return outcome.json

    def read(self, path):
        with open(self.at(path), "rb") as stream:
            return stream.read()

    def names(self, directory):
        """Those in a directory; none where it is absent."""
        return sorted(os.listdir(self.at(directory))) if os.path.isdir(self.at(directory)) else []

    def assert_in_unit(self, content=BEFORE):
        """The unit holds its token, and nothing of a move is left."""
        self.assertEqual(self.read(UNIT), content)
        self.assertEqual(self.names(DIRECTORY), [])
        self.assertEqual(self.names(SYSTEM), [NAME, "multi-user.target.wants"])

    def assert_in_file(self, content=AFTER):
        """The token is in its file, and nothing else of a move is left."""
        self.assertEqual(self.read(UNIT), content)
        self.assertEqual(self.names(DIRECTORY), ["token"])
        self.assertEqual(self.names(SYSTEM), [NAME, "multi-user.target.wants"])
        self.assertEqual(self.read(TOKEN), SECRET.encode())
        self.assert_mode(TOKEN, 0o600)
        self.assertEqual(self.owner(TOKEN), (0, 0))

    def holders(self):
        """{path: (mode, uid, gid)} of all files that hold the token, whatever they are called."""
        found = {}
        for directory in (DIRECTORY, SYSTEM, "/etc"):
            for name in self.names(directory):
                path = f"{directory}/{name}"
                try:
                    facts = os.lstat(self.at(path))
                    holds = stat.S_ISREG(facts.st_mode) and SECRET.encode() in self.read(path)
                except FileNotFoundError:  # Renamed since it was listed.
                    continue
                if holds:
                    found[path] = (stat.S_IMODE(facts.st_mode), facts.st_uid, facts.st_gid)
        return found


class RefusedTest(MoveTest):
    """What is refused."""

    def assert_refused(self, *named, unit="cloudflared", **options):
        """With 4, by the plan and by --apply, in words that name something; nothing changes."""
        before = self.attributes(), host_tree.snapshot(self.directory)
        for arguments in ([], ["--json"], ["--apply"], ["--apply", "--json"]):
            outcome = self.move(*arguments, unit=unit, **options)
            self.assertEqual(outcome.code, 4, outcome)
            if "--json" in arguments:
                said = outcome.json
                self.assertEqual((said["state"], said["applied"]), ("refused", False), said)
                self.assertEqual((said["commands"], said["run"]["name"]), ([], None))
                for words in named:
                    self.assertIn(words, said["why"])
            else:
                self.assertIn("REFUSED", outcome.text)
                self.assertIn("Nothing was changed", outcome.text)
                self.assertNotIn("systemctl", outcome.text)
            self.assertEqual((self.attributes(), host_tree.snapshot(self.directory)), before)
        self.assertEqual(self.journals(), [], "a run that changes nothing is not recorded")


# Everybody but root, each alone and in the groups that files of these hosts have.
STRANGERS = [mending.Person(65534, 65534), mending.Person(65534, 65534, (0,)),
             mending.Person(65534, 65534, (DEPLOY,))]
