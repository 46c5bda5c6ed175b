"""Hosts that fix changes and undo puts back: where runs are recorded, what is compared, and who
can really open what.

As root the program records in /var/lib/cfwarden, which nothing moves: the tests have a mount
namespace of their own, with a file system in memory over /var/lib. As an ordinary user
XDG_STATE_HOME leads to a temporary directory.
"""

import dataclasses
import hashlib
import json
import os
import stat
import subprocess
import tempfile
import unittest

import host_tree
import invented
import kernel
from host_tree import DEPLOY, IS_ROOT, UIDS
from invented import OTHER_TUNNEL, TUNNEL

VAR_LIB = "/var/lib"
STATE = VAR_LIB + "/cfwarden"
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"

TOKEN = "/etc/cloudflared/token"
JSON = f"/etc/cloudflared/{TUNNEL}.json"
CERTIFICATE = "/root/.cloudflared/cert.pem"
ALICES = f"/home/alice/.cloudflared/{OTHER_TUNNEL}.json"
BOBS = "/home/bob/.cloudflared/token"

_private = {}


def private_var_lib():
    """From here on this process and its children have a /var/lib of their own, in memory."""
    if not IS_ROOT or _private:
        return
    outside = os.stat(VAR_LIB).st_dev
    try:
        kernel.enter_mount_namespace()
        kernel.mount("none", VAR_LIB, "tmpfs", 0, b"mode=0755,size=64m")
    except OSError as error:
        raise unittest.SkipTest(f"no mount namespace for /var/lib here: {error}") from error
    _private["outside"] = outside


def clear_var_lib():
    if os.stat(VAR_LIB).st_dev == _private["outside"]:
        raise RuntimeError("this is the machine's own /var/lib")
    subprocess.run(["rm", "-rf", "--", STATE], check=True)


class Result(host_tree.Outcome):
    """What a run of fix or undo left behind."""

    @property
    def json(self):
        said = json.loads(self.out)
        assert said.get("exit", self.code) == self.code, (said["exit"], self.code)
        return said

    @property
    def changed(self):
        """{path: its change}"""
        return {change["path"]: change for change in self.json["changes"]}

    @property
    def refused(self):
        """{path: why}, refused when it was planned or when it was to be carried out."""
        said = self.json
        late = {change["path"]: change["why"] for change in said["changes"]
                if change["outcome"] == "refused"}
        return {**{refusal["path"]: refusal["why"] for refusal in said["refusals"]}, **late}


class MendTest(host_tree.TreeTest):
    """A host of its own, and an empty place where its runs are recorded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        private_var_lib()

    def setUp(self):
        super().setUp()
        self.env = {}
        self.state = STATE
        if IS_ROOT:
            clear_var_lib()
        else:
            self.env = {"XDG_STATE_HOME": self.new_directory()}
            self.state = self.env["XDG_STATE_HOME"] + "/cfwarden"

    def new_directory(self, owner=None):
        directory = tempfile.mkdtemp(prefix="cfwarden-e2e-state.")
        self.addCleanup(host_tree.remove_tree, directory)
        if owner is not None and IS_ROOT:
            os.chown(directory, owner, owner)
        return directory

    def mend(self, verb, *arguments, env=None, **options):
        outcome = host_tree.run(verb, *arguments, env={**self.env, **(env or {})}, **options)
        return Result(outcome.code, outcome.out, outcome.err)

    def fix(self, *arguments, **options):
        return self.mend("fix", "--root", self.directory, *arguments, **options)

    def apply(self, *arguments, **options):
        return self.fix("--apply", "--json", *arguments, **options)

    def plan(self, *arguments, **options):
        return self.fix("--json", *arguments, **options)

    def undo(self, *arguments, **options):
        return self.mend("undo", "--yes", *arguments, **options)

    def undo_all(self, most=50):
        """Takes back run after run; how many of them had changed something."""
        count = 0
        for _ in range(most):
            outcome = self.undo("--json")
            self.assertEqual(outcome.code, 0, outcome)
            if outcome.json["run"] is None:
                return count
            count += bool(outcome.json["restorations"])
        raise AssertionError("there is always something more to undo")

    def journals(self):
        directory = self.state + "/journal"
        if not os.path.isdir(directory):
            return []
        return [f"{directory}/{name}" for name in sorted(os.listdir(directory))]

    def recorded(self):
        """The bytes of every journal."""
        texts = []
        for path in self.journals():
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as stream:
                texts.append(stream.read())
        return b"".join(texts)

    def at(self, path):
        return self.host.at(path)

    def mode(self, path):
        return stat.S_IMODE(os.lstat(self.at(path)).st_mode)

    def owner(self, path):
        facts = os.lstat(self.at(path))
        return facts.st_uid, facts.st_gid

    def assert_mode(self, path, wanted):
        self.assertEqual(f"{self.mode(path):04o}", f"{wanted:04o}", path)

    def attributes(self):
        return attributes_of(self.directory)

    def assert_restored(self, before):
        self.assert_same(attributes_of(self.directory), before)

    def assert_same(self, now, before):
        """Says which objects differ, not both trees."""
        differing = {path: (before.get(path), now.get(path)) for path in {**before, **now}
                     if before.get(path) != now.get(path)}
        self.assertEqual(differing, {})


@dataclasses.dataclass(frozen=True)
class Standing:
    """All that may not change of an object, whatever happens, and that undo restores."""

    mode: int
    uid: int
    gid: int
    acl: bytes
    default_acl: bytes
    inode: int
    links: int
    size: int
    modified: int
    content: str

    def __repr__(self):
        acls = "".join(f" {word}={value.hex()}" for word, value in
                       [("acl", self.acl), ("default", self.default_acl)] if value)
        return f"{stat.S_IMODE(self.mode):04o} {self.uid}:{self.gid}{acls}"


def xattr(path, name):
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError:
        return b""


def standing(path):
    facts = os.lstat(path)
    content = ""
    if stat.S_ISLNK(facts.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(facts.st_mode) and facts.st_size < 2 ** 20 and os.access(path, os.R_OK):
        with open(path, "rb") as stream:
            content = hashlib.sha256(stream.read()).hexdigest()
    return Standing(facts.st_mode, facts.st_uid, facts.st_gid, xattr(path, ACCESS),
                    xattr(path, DEFAULT), facts.st_ino, facts.st_nlink, facts.st_size,
                    facts.st_mtime_ns, content)


def attributes_of(directory):
    """{path: Standing} of everything in a tree."""
    seen = {}
    pending = [os.fsencode(directory)]
    while pending:
        path = pending.pop()
        seen[path] = standing(path)
        if stat.S_ISDIR(seen[path].mode) and os.access(path, os.R_OK | os.X_OK):
            pending += [entry.path for entry in os.scandir(path)]
    return seen


@dataclasses.dataclass(frozen=True)
class Person:
    """As whom a process tries to open things."""

    uid: int
    gid: int
    groups: tuple = ()

    def become(self):
        os.setgroups(self.groups)
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)


# Every account of a tree, those whom nobody knows, and groups in combinations that no account has.
PEOPLE = [*(Person(uid, uid) for name, uid in UIDS.items() if uid != 0),
          *(Person(uid, uid, (DEPLOY,)) for name, uid in UIDS.items() if uid != 0),
          Person(65532, 65532), Person(65534, 65534), Person(65534, 65534, (0,)),
          Person(65534, 65534, tuple(UIDS.values())), Person(UIDS["alice"], 0, (UIDS["bob"],)),
          Person(UIDS["bob"], UIDS["cloudflared"], (UIDS["alice"],))]


def rights_here(path):
    """What this process can really do, as letters."""
    rights = ""
    kind = os.O_DIRECTORY if os.path.isdir(path) else 0
    for letter, flags in [("r", os.O_RDONLY | kind), ("w", os.O_WRONLY)]:
        try:
            os.close(os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK))
            rights += letter
        except OSError:
            pass
    if kind and os.access(path, os.W_OK):
        rights += "w"
    return rights + "x" * os.access(path, os.X_OK)


def rights_of(person, paths):
    """What a process of that person can really do with each path."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            person.become()
            os.write(writer, " ".join(rights_here(path) or "-" for path in paths).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with open(reader, "rb") as stream:
        rights = stream.read().decode().split()
    _, status = os.waitpid(child, 0)
    assert status == 0 and len(rights) == len(paths), (status, rights)
    return [set(one) - {"-"} for one in rights]


def rights_of_all(people, paths):
    """{(person, path): its letters}. At most some hundred paths: a pipe holds the answer."""
    return {(person, path): rights for person in people
            for path, rights in zip(paths, rights_of(person, paths))}


def gained(before, after):
    """Who can do what with what, and could not before."""
    return {key: "".join(sorted(after[key] - rights)) for key, rights in before.items()
            if after[key] - rights}


def unit(command, **settings):
    """A systemd unit that starts cloudflared."""
    lines = ["[Unit]", "Description=cloudflared", "", "[Service]",
             f"ExecStart=/usr/bin/cloudflared {command}",
             *(f"{key}={value}" for key, value in settings.items()), "", "[Install]",
             "WantedBy=multi-user.target", ""]
    return "\n".join(lines).encode()


def enable(host, name, text):
    """Puts a unit there and enables it."""
    directory = "/etc/systemd/system"
    host.folder("/etc/systemd")
    host.folder(directory)
    host.folder(directory + "/multi-user.target.wants")
    host.file(f"{directory}/{name}", text, 0o644)
    host.link(f"{directory}/multi-user.target.wants/{name}", f"{directory}/{name}")


def lay_out_messy(host):
    """Faults of each sort that a mode, an owner's mode or an ACL can mend, in trusted places and
    in homes."""
    host.folder("/etc/cloudflared", 0o755)
    host.file(TOKEN, invented.token(name="service"), 0o644)
    host.file(JSON, invented.credentials(name="shop"), 0o4750, "root", DEPLOY)
    host.folder("/root", 0o755)
    host.folder("/root/.cloudflared", 0o755)
    host.file(CERTIFICATE, invented.certificate("root"), 0o644)
    host.file(f"/root/.cloudflared/{TUNNEL}.json", invented.credentials(name="root"), 0o400)
    host.home("alice", 0o755, 0o777)
    host.file(ALICES, invented.credentials(OTHER_TUNNEL, "alice"), 0o666, "alice")
    host.home("bob", 0o711, 0o755)
    host.file(BOBS, invented.token(name="bob"), 0o640, "bob")
    if kernel.supports_acls(host.at("/etc")):
        kernel.set_acl(host.at(JSON), (kernel.OWNER, 7), (kernel.USER, 4, UIDS["carol"]),
                       (kernel.GROUP, 5), (kernel.NAMED_GROUP, 4, DEPLOY), (kernel.MASK, 5),
                       (kernel.OTHERS, 0))
        os.chmod(host.at(JSON), 0o4750)
        kernel.set_acl(host.at(BOBS), (kernel.OWNER, 6), (kernel.USER, 6, UIDS["alice"]),
                       (kernel.GROUP, 0), (kernel.MASK, 6), (kernel.OTHERS, 0))
        kernel.set_acl(host.at("/home/bob/.cloudflared"), (kernel.OWNER, 7),
                       (kernel.USER, 5, UIDS["alice"]), (kernel.GROUP, 5), (kernel.MASK, 5),
                       (kernel.OTHERS, 5), default=True)
