"""Lays out hosts in temporary directories and runs the program on them.

As root the accounts of a tree have the uids that are written here; none needs to exist. An
ordinary user cannot give files away, so that there all accounts with a home are that user, and
tests that need several skip. Every report that a test reads is checked against the JSON schema
where Python's jsonschema is installed.
"""

import base64
import functools
import json
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

import kernel

IS_ROOT = os.geteuid() == 0
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = SOURCE / "packaging/schema/cfwarden.report-1.schema.json"

# Far from any account of a real host.
UIDS = {"root": 0, "www-data": 40033, "alice": 41001, "bob": 41002, "carol": 41003,
        "cloudflared": 40999}
HOMES = {"root": "/root", "alice": "/home/alice", "bob": "/home/bob", "carol": "/home/carol"}
DEPLOY = 42100  # A group that some tests put accounts in.

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"}

needs_root = unittest.skipUnless(IS_ROOT, "needs root: several owners of files")


@functools.cache
def program():
    """The built program, at a path that every uid can reach."""
    path = pathlib.Path(os.environ.get("CFWARDEN", "")).absolute()
    if not path.is_file():
        raise RuntimeError("CFWARDEN does not name the built program")
    if all(directory.stat().st_mode & 0o001 for directory in path.parents):
        return str(path)
    directory = tempfile.mkdtemp(prefix="cfwarden-e2e-program.")
    unittest.addModuleCleanup(shutil.rmtree, directory)
    os.chmod(directory, 0o755)
    return shutil.copy(path, directory)


@functools.cache
def is_sanitized():
    return b"__asan_init" in pathlib.Path(program()).read_bytes()


@functools.cache
def slowness():
    """By how much patience is to be multiplied."""
    return 8 if is_sanitized() else 1


@functools.cache
def validator():
    """A validator of the published schema; None where jsonschema is not installed."""
    try:
        import jsonschema
    except ImportError:
        return None
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


class Outcome:
    """What one run of the program left behind."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def text(self):
        return self.out.decode()

    @property
    def complaint(self):
        return self.err.decode()

    @property
    def report(self):
        report = json.loads(self.out)
        assert report["exit"] == self.code, (report["exit"], self.code)
        if validator() is not None:
            validator().validate(report)
        return report

    def __repr__(self):
        return f"exit {self.code}\n{self.out[-3000:].decode(errors='replace')}\n" \
               f"{self.err[-2000:].decode(errors='replace')}"


def become(uid, gid=None):
    """Gives up root for a uid that needs no account."""
    gid = uid if gid is None else gid
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def run(*arguments, env=None, stdin=b"", cwd="/", uid=None, prepare=None, timeout=60, **options):
    """Runs the program with a clean environment. `prepare` runs in the child before it."""

    def before():
        if prepare is not None:
            prepare()
        if uid is not None:
            become(uid)

    wants_child = prepare is not None or uid is not None
    options["input" if isinstance(stdin, bytes) else "stdin"] = stdin
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run([program(), *arguments], env={**ENVIRONMENT, **(env or {})}, cwd=cwd,
                          timeout=timeout * slowness(), check=False,
                          preexec_fn=before if wants_child else None, **options)
    return Outcome(done.returncode, done.stdout or b"", done.stderr or b"")


class Running:
    """A run that is still going; killed when the block ends, if nobody waited for it."""

    def __init__(self, *arguments, env=None, cwd="/", prepare=None, **options):
        self.process = subprocess.Popen(
            [program(), *arguments], env={**ENVIRONMENT, **(env or {})}, cwd=cwd,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=prepare, **options)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def finish(self, stdin=None, timeout=60):
        out, err = self.process.communicate(stdin, timeout * slowness())
        return Outcome(self.process.returncode, out, err)

    def catches(self, number):
        """Whether the program has installed a handler for a signal."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        caught = int(status.split("SigCgt:")[1].split()[0], 16)
        return bool(caught >> (number - 1) & 1)


class HostTree:
    """A host's root directory: paths are the host's own, `at` is where they really lie."""

    def __init__(self, directory):
        self.directory = directory
        os.chmod(directory, 0o755)
        self.members = {}

    def at(self, path):
        if isinstance(path, bytes):
            return os.fsencode(self.directory) + path
        return self.directory + path

    def uid(self, name):
        if IS_ROOT or name not in HOMES:
            return UIDS[name] if isinstance(name, str) else name
        return os.geteuid()

    def own(self, path, owner, group=None):
        """An ordinary user cannot give away, and keeps what is theirs."""
        if not IS_ROOT:
            return
        uid = UIDS.get(owner, owner)
        gid = uid if group is None else UIDS.get(group, group)
        os.chown(self.at(path), uid, gid, follow_symlinks=False)

    def folder(self, path, mode=0o755, owner="root", group=None):
        os.makedirs(self.at(path), exist_ok=True)
        os.chmod(self.at(path), mode)
        self.own(path, owner, group)
        return path

    def file(self, path, content, mode=0o600, owner="root", group=None):
        with open(self.at(path), "wb") as stream:
            stream.write(content)
        self.own(path, owner, group)
        os.chmod(self.at(path), mode)
        return path

    def link(self, path, target, owner="root"):
        os.symlink(target, self.at(path))
        self.own(path, owner)
        return path

    def home(self, name, mode=0o700, directory_mode=0o700):
        """A home with its ~/.cloudflared; answers the latter's path."""
        self.folder(HOMES[name], mode, name)
        return self.folder(HOMES[name] + "/.cloudflared", directory_mode, name)

    def accounts(self, **members):
        """Writes etc/passwd and etc/group; `members` adds accounts to groups, by group name."""
        self.folder("/etc")
        users = ["root", "www-data", "alice", "bob", "carol", "cloudflared"]
        passwd = [":".join([name, "x", str(self.uid(name)), str(self.gid_of(name)), "",
                            HOMES.get(name, "/nowhere"), "/bin/sh"]) for name in users]
        groups = {name: self.gid_of(name) for name in users}
        groups["deploy"] = DEPLOY
        group = [f"{name}:x:{gid}:{','.join(members.get(name, []))}"
                 for name, gid in groups.items()]
        self.file("/etc/passwd", ("\n".join(passwd) + "\n").encode(), 0o644)
        self.file("/etc/group", ("\n".join(group) + "\n").encode(), 0o644)
        self.file("/etc/hostname", b"tree-host\n", 0o644)

    def gid_of(self, name):
        return self.uid(name) if IS_ROOT or name not in HOMES else os.getegid()

    def audit(self, *arguments, **options):
        return run("audit", "--root", self.directory, *arguments, **options)

    def report(self, *arguments, **options):
        return self.audit("--json", *arguments, **options).report


class TreeTest(unittest.TestCase):
    """Tests with a tree of their own, which is gone afterwards."""

    maxDiff = None
    place = None  # Where the trees lie; None for the usual temporary directory.

    def setUp(self):
        self.host = self.new_host()
        self.directory = self.host.directory

    def new_host(self):
        directory = tempfile.mkdtemp(prefix="cfwarden-e2e.", dir=self.place)
        self.addCleanup(remove_tree, directory)
        host = HostTree(directory)
        host.accounts()
        return host

    def needs_acls(self):
        probe = self.host.folder("/acl-probe")
        supported = kernel.supports_acls(self.host.at(probe))
        os.rmdir(self.host.at(probe))
        if not supported:
            self.skipTest("this file system has no ACLs")

    def needs_mounts(self):
        possible, why = kernel.in_child(kernel.enter_mount_namespace)
        if not possible:
            self.skipTest(f"no mount namespace here: {why}")

    def assert_fires(self, rule, path, report):
        self.assertIn((rule, path), pairs(report))

    def assert_silent(self, rule, report):
        self.assertNotIn(rule, rules(report))


def remove_tree(directory):
    def open_up(function, path, _):
        os.chmod(os.path.dirname(path), 0o700)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
        function(path)

    if IS_ROOT:
        subprocess.run(["rm", "-rf", "--one-file-system", "--", directory], check=True)
    else:
        subprocess.run(["chmod", "-R", "u+rwX", "--", directory], check=False,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(directory, onerror=open_up)


def rules(report):
    return {finding["rule"] for finding in report["findings"]}


def pairs(report):
    return {(finding["rule"], finding["path"]) for finding in report["findings"]}


def finding(report, rule, path=None):
    """The only finding of a rule (and path)."""
    found = [one for one in report["findings"]
             if one["rule"] == rule and path in (None, one["path"])]
    assert len(found) == 1, (rule, path, found)
    return found[0]


def credential(report, path, kind=None):
    found = [one for one in report["credentials"]
             if one["path"] == path and kind in (None, one["kind"])]
    assert len(found) == 1, (path, kind, found)
    return found[0]


def gaps(report):
    return {gap["path"]: gap["why"] for gap in report["gaps"]}


def place_states(report):
    return {place["path"]: place["state"] for place in report["places"]}


def without_start(report):
    """A report without what may differ between two looks at an unchanged host."""
    copy = json.loads(json.dumps(report))
    del copy["run"]["started"]
    return copy


def path_of(entry):
    """The bytes of a reported path."""
    if "path_b64" in entry:
        return base64.b64decode(entry["path_b64"])
    return os.fsencode(entry["path"])


def attributes_of(path):
    names = sorted(os.listxattr(path, follow_symlinks=False))
    return [(name, os.getxattr(path, name, follow_symlinks=False)) for name in names]


def snapshot(directory):
    """Everything that lstat and the extended attributes say, but the access times."""
    seen = {}
    pending = [os.fsencode(directory)]
    while pending:
        path = pending.pop()
        facts = os.lstat(path)
        seen[path] = (facts.st_mode, facts.st_ino, facts.st_nlink, facts.st_uid, facts.st_gid,
                      facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, attributes_of(path))
        if stat.S_ISDIR(facts.st_mode):
            pending += [entry.path for entry in os.scandir(path)]
    return seen


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def default_signals():
    for number in (signal.SIGPIPE, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
