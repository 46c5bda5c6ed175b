"""Running processes and the files that they need: what the audit says of each is what the process
itself meets when it opens the file."""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import shutil
import subprocess
import time
import unittest

import host_tree
import invented
import kernel
import stand_in
from host_tree import needs_root
from stand_in import DAC_OVERRIDE, DAC_READ_SEARCH, Principal, StandIn

# Far from any account of a real host, so that no group has members that are not written here.
ALICE, BOB, CAROL = 41001, 41002, 41003
STAFF, TUNNELS = 42100, 42101

PRINCIPALS = [
    Principal(ALICE, ALICE),
    Principal(ALICE, STAFF),
    Principal(ALICE, ALICE, (STAFF,)),
    Principal(ALICE, ALICE, (STAFF, TUNNELS)),
    Principal(ALICE, TUNNELS, (ALICE, BOB, STAFF)),
    Principal(BOB, BOB),
    Principal(BOB, BOB, (TUNNELS,)),
    Principal(BOB, ALICE, (0,)),
    Principal(CAROL, CAROL, tuple(range(43000, 43040))),
    Principal(65532, 65532),
    Principal(0, 0),
    Principal(0, STAFF, (), (), (DAC_OVERRIDE, DAC_READ_SEARCH)),
    Principal(0, 0, (TUNNELS,), (), (DAC_OVERRIDE, DAC_READ_SEARCH)),
    Principal(0, 0, (), (), (DAC_OVERRIDE,)),
    Principal(BOB, BOB, (), (DAC_READ_SEARCH,)),
    Principal(CAROL, CAROL, (), (DAC_OVERRIDE,)),
]
OWNERS = [0, ALICE, BOB, CAROL, 65532]
GROUPS = [0, ALICE, BOB, CAROL, STAFF, TUNNELS]

# The file's name, the arguments that name it, and what it holds.
KINDS = [
    ("tunnel.json", ["tunnel", "--credentials-file={}", "run", invented.TUNNEL],
     invented.credentials()),
    ("token", ["tunnel", "run", "--token-file", "{}"], invented.token()),
    ("cert.pem", ["tunnel", "--origincert", "{}", "run", "blog"], invented.certificate()),
]

ROUNDS = int(os.environ.get("CFWARDEN_PREDICTION_ROUNDS", "70"))
DEPTH = 3  # Directories above a file that are laid out anew.


@dataclasses.dataclass
class Layout:
    """What one object is given."""

    mode: int
    owner: int
    group: int
    acl: list

    def apply(self, path):
        os.chown(path, self.owner, self.group)
        if "system.posix_acl_access" in os.listxattr(path):
            os.removexattr(path, "system.posix_acl_access")
        os.chmod(path, self.mode)
        if self.acl:
            kernel.set_acl(path, *self.acl)


def some_acl(dice, bits):
    """Named users and groups in the order that the kernel insists on; a mask is not always wide."""
    entries = [(kernel.OWNER, dice.choice(bits))]
    for user in sorted(dice.sample(OWNERS, dice.randint(0, 3))):
        entries.append((kernel.USER, dice.choice(bits), user))
    entries.append((kernel.GROUP, dice.choice(bits)))
    for group in sorted(dice.sample(GROUPS, dice.randint(0, 3))):
        entries.append((kernel.NAMED_GROUP, dice.choice(bits), group))
    if len(entries) > 2 or dice.random() < 0.3:
        entries.append((kernel.MASK, dice.choice([7, 7, 7, 5, 4, 1, 0])))
    return [*entries, (kernel.OTHERS, dice.choice(bits))]


def some_layout(dice, principal, is_directory):
    """Often one in which the principal is the owner, or one of the group, of something half open:
    with blind choices nearly everything would be closed somewhere above."""
    bits = [0, 1, 3, 5, 7, 7, 1, 5] if is_directory else [0, 2, 4, 6, 4, 6]
    mode = sum(dice.choice(bits) << shift for shift in (0, 3, 6))
    own = dice.random() < 0.4
    of_group = dice.random() < 0.4
    return Layout(mode=mode | dice.choice([0, 0, 0, 0o1000, 0o2000]),
                  owner=principal.uid if own else dice.choice(OWNERS),
                  group=dice.choice([principal.gid, *principal.groups[:3]]) if of_group
                  else dice.choice(GROUPS),
                  acl=some_acl(dice, bits) if dice.random() < 0.35 else [])


def kept_by_root(layout):
    """The same directory, but nobody else can change what is in it, so that root itself reads
    there and every file is recognised, whoever may open it."""
    acl = [(tag, bits if tag == kernel.OWNER else bits & 5, *names)
           for tag, bits, *names in layout.acl]
    return Layout(layout.mode & ~0o022, 0, layout.group, acl)


class Place:
    """A process, the file that it was told of, and the directories above that."""

    def __init__(self, host, number, principal, kind):
        name, arguments, content = kind
        self.principal = principal
        self.directories = [f"/{number}" + "/x" * depth for depth in range(DEPTH)]
        for directory in self.directories:
            host.folder(directory)
        self.name = host.file(self.directories[-1] + "/" + name, content)
        self.directories = [host.at(directory) for directory in self.directories]
        self.file = host.at(self.name)
        self.arguments = [argument.format(self.file) for argument in arguments]
        self.command = " ".join(["/usr/bin/cloudflared",
                                 *(argument.format(self.name) for argument in arguments)])
        self.layouts = []

    def start(self):
        return StandIn(*self.arguments, principal=self.principal)

    def unit(self):
        """The same for systemd."""
        capability = {DAC_OVERRIDE: "CAP_DAC_OVERRIDE", DAC_READ_SEARCH: "CAP_DAC_READ_SEARCH"}
        lines = ["[Service]", f"ExecStart={self.command}", f"User={self.principal.uid}",
                 f"Group={self.principal.gid}"]
        if self.principal.groups:
            lines.append("SupplementaryGroups=" + " ".join(map(str, self.principal.groups)))
        if self.principal.without:
            lost = " ".join(capability[number] for number in self.principal.without)
            lines.append(f"CapabilityBoundingSet=~{lost}")
        for number in self.principal.capabilities:
            lines.append(f"AmbientCapabilities={capability[number]}")
        return "\n".join([*lines, ""]).encode()

    def lay_out(self, dice, own_file):
        paths = [*self.directories, self.file]
        open_ones = dice.randint(0, len(paths))  # Some levels let everybody through.
        plain = set(dice.sample(paths, min(open_ones, len(paths) - 1)))
        is_roots = dice.random() < 0.8
        self.layouts = []
        for path in paths:
            is_directory = path != self.file
            layout = (Layout(0o755 if is_directory else 0o644, 0, 0, []) if path in plain
                      else some_layout(dice, self.principal, is_directory))
            if is_directory and is_roots:
                layout = kept_by_root(layout)
            if not is_directory and dice.random() < own_file:
                layout.owner = self.principal.uid
            layout.apply(path)
            self.layouts.append(layout)

    def __str__(self):
        return "\n".join([str(self.principal), *map(str, self.layouts), self.name])


@needs_root
class PredictionTest(host_tree.TreeTest):
    """Processes stay, what is above their files changes."""

    def setUp(self):
        super().setUp()
        self.needs_acls()
        self.met = {True: 0, False: 0}

    def places(self):
        cases = [(principal, kind) for principal in PRINCIPALS for kind in KINDS]
        return [Place(self.host, number, *case) for number, case in enumerate(cases)]

    def verdicts(self, *arguments):
        """{(path, who): can_read}, and the paths that the audit could not read."""
        outcome = host_tree.run("audit", "--json", *arguments)
        self.assertIn(outcome.code, (0, 1, 3), outcome)
        report = json.loads(outcome.out)  # Its schema is checked in other tests: that takes longer.
        said = {(credential["path"], need["who"]): need["can_read"]
                for credential in report["credentials"] for need in credential["needed_by"]}
        return said, {gap["path"] for gap in report["gaps"]}

    def compare(self, seed, places, running, own_file, look):
        """One layout of each place: `look` says what the audit says of them."""
        dice = random.Random(seed)
        for place in places:
            place.lay_out(dice, own_file)
        for one in running:
            one.ask()
        answers = [one.answer() for one in running]
        for place, answer, (said, was_read) in zip(places, answers, look()):
            if said is None and not was_read:
                continue  # In a user's directory root reads no more than that user can.
            self.met[answer] += 1
            self.assertIs(said, answer, f"round {seed}, met {answer}\n{place}")

    def check_balance(self, least):
        total = sum(self.met.values())
        self.assertGreater(total, least, self.met)
        for answer, count in self.met.items():
            self.assertGreater(count, total / 8, f"{answer} is too rare: {self.met}")

    def test_what_is_said_of_a_process_is_what_it_meets(self):
        places = self.places()
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(place.start()) for place in places]

            def look():
                said, gaps = self.verdicts(self.directory)
                for place, one in zip(places, running):
                    was_read = not gaps & {place.file, *place.directories}
                    yield said.get((place.file, one.who)), was_read

            for seed in range(ROUNDS):
                self.compare(seed, places, running, 0.4, look)
        self.check_balance(ROUNDS * len(places) * 0.6)

    def test_what_is_said_of_a_service_is_what_such_a_process_meets(self):
        places = self.places()
        self.host.folder("/etc/systemd/system")
        for number, place in enumerate(places):
            self.host.file(f"/etc/systemd/system/tunnel-{number}.service", place.unit(), 0o644)
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(place.start()) for place in places]

            def look():
                said, gaps = self.verdicts("--root", self.directory, "/")
                for number, place in enumerate(places):
                    names = {place.name, *(path.removeprefix(self.directory)
                                           for path in place.directories)}
                    yield said.get((place.name, f"tunnel-{number}.service")), not gaps & names

            for seed in range(ROUNDS):
                self.compare(seed, places, running, 0.2, look)
        self.check_balance(ROUNDS * len(places) * 0.8)


@needs_root
class PlaceTest(host_tree.TreeTest):
    """Which file it is that a process means."""

    def report(self):
        return host_tree.run("audit", "--json", self.directory).report

    def needs_of(self, path):
        return host_tree.credential(self.report(), self.host.at(path))["needed_by"]

    def test_a_relative_path_is_taken_from_where_the_process_stands(self):
        self.host.folder("/there")
        self.host.file("/there/token", invented.token(), 0o600, BOB)
        with StandIn("tunnel", "run", "--token-file", "token", principal=Principal(BOB, BOB),
                     cwd=self.host.at("/there")) as one:
            self.assertTrue(one.can_open())
            self.assertEqual([(need["who"], need["can_read"])
                              for need in self.needs_of("/there/token")], [(one.who, True)])

    def test_a_variable_of_the_process_names_the_file(self):
        self.host.file("/token", invented.token(), 0o600, BOB)
        with StandIn("tunnel", "run", principal=Principal(BOB, BOB),
                     env={"TUNNEL_TOKEN_FILE": self.host.at("/token")}) as one:
            self.assertEqual([(need["who"], need["can_read"])
                              for need in self.needs_of("/token")], [(one.who, True)])

    def test_the_default_directory_is_that_of_the_process_s_home(self):
        name = f"/.cloudflared/{invented.TUNNEL}.json"
        self.host.folder("/.cloudflared", 0o700, BOB)
        self.host.file(name, invented.credentials(), 0o400, BOB)
        with StandIn("tunnel", "run", invented.TUNNEL, principal=Principal(BOB, BOB),
                     env={"HOME": self.directory}) as one:
            self.assertEqual([(need["who"], need["can_read"]) for need in self.needs_of(name)],
                             [(one.who, True)])

    def test_a_process_that_ended_needs_nothing(self):
        self.host.file("/token", invented.token())
        with StandIn("tunnel", "run", "--token-file", self.host.at("/token")) as one:
            self.assertEqual([need["who"] for need in self.needs_of("/token")], [one.who])
        self.assertEqual(self.needs_of("/token"), [])


@needs_root
class ForgedProcessTest(host_tree.TreeTest):
    """What a user makes a process say binds that user's own files alone."""

    def setUp(self):
        super().setUp()
        self.host.file("/token", invented.token())

    def needs(self, *arguments):
        report = host_tree.run("audit", "--json", *arguments, self.directory).report
        return host_tree.credential(report, self.host.at("/token"))["needed_by"]

    def test_a_setuid_program_says_what_its_starter_told_it(self):
        setuid = shutil.copy(stand_in.program(), self.host.at("/cloudflared"))
        os.chmod(setuid, 0o4755)
        process = subprocess.Popen(
            [setuid, "tunnel", "run", "--token-file", self.host.at("/token")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=Principal(ALICE, ALICE).become)
        try:
            # Until it is that program.
            while b"token-file" not in pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes():
                time.sleep(0.01)
            said = {need["who"]: need["controlled_by"] for need in self.needs()}
        finally:
            process.communicate()
        self.assertEqual(said.get(f"process:{process.pid}"), str(ALICE))


if __name__ == "__main__":
    unittest.main()
