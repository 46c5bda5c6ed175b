"""A root directory with a minimal Debian in it, made once with debootstrap and kept as an archive beside
the packages; and what is in a tree, to compare.
"""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

# systemd-sysusers without the rest of systemd.
MORE = "systemd-standalone-sysusers"
TIME_TO_MAKE = 300
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
# Its own records: what is installed, logs, caches. userdel's copies of what it changed.
LEFT_OUT = ("/var/lib/dpkg", "/var/cache", "/var/log", "/var/lib/systemd/deb-systemd-helper-enabled",
            "/proc", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
            "/etc/.pwd.lock")


class NotHere(Exception):
    """Why there can be no clean root on this machine."""


def mirror():
    """The Debian mirror that this machine uses."""
    for file in [pathlib.Path("/etc/apt/sources.list"),
                 *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]:
        if not file.is_file():
            continue
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            words = [word for word in line.split() if word.startswith("http")]
            is_source = line.startswith(("deb ", "URIs:"))
            if is_source and words and words[0].rstrip("/").endswith("/debian"):
                return words[0]
    raise NotHere("apt's sources name no Debian mirror")


not_here = {}  # By what was tried: why it cannot be done, or None.


def once(attempt):
    """`attempt`, which raises NotHere or does not; called again, the same without another try."""
    def tried(*arguments):
        if attempt not in not_here:
            not_here[attempt] = None
            try:
                attempt(*arguments)
            except NotHere as reason:
                not_here[attempt] = str(reason)
        if not_here[attempt] is not None:
            raise NotHere(not_here[attempt])
    return tried


@once
def check_namespaces():
    """Raises NotHere for an ordinary user, and for a root that may not mount: that of a container."""
    if os.geteuid() != 0:
        raise NotHere("needs root")
    done = subprocess.run([*NAMESPACES, "--mount-proc", "true"], capture_output=True, text=True,
                          check=False, timeout=60)
    if done.returncode != 0:
        raise NotHere("this root may make no namespaces: " + done.stderr[-300:].strip())


@once
def make_archive(archive):
    if not shutil.which("debootstrap"):
        raise NotHere("debootstrap is not installed")
    with tempfile.TemporaryDirectory(prefix="cfwarden-debootstrap.") as directory:
        fresh = os.path.join(directory, "root")
        try:  # What it mounts, and what it started, ends with it.
            done = subprocess.run([*NAMESPACES, "debootstrap", "--variant=minbase",
                                   f"--include={MORE}", "bookworm", fresh, mirror()],
                                  capture_output=True, text=True, check=False,
                                  timeout=TIME_TO_MAKE)
        except subprocess.TimeoutExpired as reason:
            raise NotHere(f"debootstrap was not done after {TIME_TO_MAKE} s") from reason
        if done.returncode != 0:
            raise NotHere("debootstrap cannot get Debian's packages: " + done.stdout[-300:])
        shutil.rmtree(os.path.join(fresh, "var/cache/apt"), ignore_errors=True)
        part = archive.with_suffix(".part")
        subprocess.run(["tar", "-C", fresh, "--numeric-owner", "-cf", part, "."], check=True)
        part.rename(archive)


def unpacked(directory, archive):
    """A clean root in `directory`. Raises NotHere where there can be none."""
    check_namespaces()
    if not archive.exists():
        make_archive(archive)
    root = directory / "root"
    root.mkdir()
    subprocess.run(["tar", "-C", root, "--numeric-owner", "-xpf", archive], check=True)
    root.chmod(0o755)
    return root


def inside(root, *command, check=True):
    """Runs a command in that root, where it sees its own processes only."""
    done = subprocess.run(
        [*NAMESPACES, f"--mount-proc={root}/proc", "chroot", root, *command],
        capture_output=True, text=True, check=False, timeout=300,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
             "DEBIAN_FRONTEND": "noninteractive"})
    if check and done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def listing(root, left_out=LEFT_OUT):
    """Everything below `root`: its sort, mode, owners, and what it holds."""
    found = {}
    for directory, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(directory, name)
            shown = "/" + os.path.relpath(path, root)
            if shown.startswith(left_out):
                continue
            status = os.lstat(path)
            held = ""
            if stat.S_ISLNK(status.st_mode):
                held = os.readlink(path)
            elif stat.S_ISREG(status.st_mode):
                held = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
            found[shown] = (oct(status.st_mode), status.st_uid, status.st_gid, held)
    return found
