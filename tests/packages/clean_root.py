"""A root directory with a minimal Debian in it, made once with debootstrap and kept as an archive beside
the packages; and what is in a tree, to compare.
"""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess

# systemd-sysusers without the rest of systemd.
MORE = "systemd-standalone-sysusers"
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
    return "http://deb.debian.org/debian"


def unpacked(directory, archive):
    """A clean root in `directory`. Raises NotHere where there can be none."""
    if os.geteuid() != 0:
        raise NotHere("needs root: a clean root is made with debootstrap")
    if not archive.exists():
        if not shutil.which("debootstrap"):
            raise NotHere("debootstrap is not installed")
        fresh = directory / "fresh"
        done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={MORE}", "bookworm",
                               fresh, mirror()], capture_output=True, text=True, check=False,
                              timeout=1200)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise NotHere("debootstrap cannot get Debian's packages: " + done.stdout[-300:])
        shutil.rmtree(fresh / "var/cache/apt", ignore_errors=True)
        part = archive.with_suffix(".part")
        subprocess.run(["tar", "-C", fresh, "--numeric-owner", "-cf", part, "."], check=True)
        part.rename(archive)
        shutil.rmtree(fresh)
    root = directory / "root"
    root.mkdir()
    subprocess.run(["tar", "-C", root, "--numeric-owner", "-xpf", archive], check=True)
    root.chmod(0o755)
    return root


def inside(root, *command, check=True):
    """Runs a command in that root, where it sees its own processes only."""
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root}/proc", "chroot", root,
         *command], capture_output=True, text=True, check=False, timeout=300,
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
