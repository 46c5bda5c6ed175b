"""Processes that stand in for cloudflared, as any user, with any groups and capabilities."""

import ctypes
import dataclasses
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import kernel

DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2  # Capabilities.
_KEEP_CAPABILITIES, _DROP_FROM_BOUNDS, _AMBIENT, _RAISE = 8, 24, 47, 2
_CAPABILITIES_VERSION = 0x20080522


@functools.cache
def program():
    """The stand-in, named cloudflared, at a path that every uid can reach."""
    built = pathlib.Path(os.environ.get("STAND_IN", "")).absolute()
    if not built.is_file():
        raise RuntimeError("STAND_IN does not name the built stand-in")
    directory = tempfile.mkdtemp(prefix="cfwarden-e2e-stand-in.")
    unittest.addModuleCleanup(shutil.rmtree, directory)
    os.chmod(directory, 0o755)
    target = shutil.copy(built, os.path.join(directory, "cloudflared"))
    os.chmod(target, 0o755)
    return target


@dataclasses.dataclass(frozen=True)
class Principal:
    """As whom a process runs. As root one loses the capabilities that are in `without`; anybody
    else has those of `capabilities`."""

    uid: int
    gid: int
    groups: tuple = ()
    capabilities: tuple = ()
    without: tuple = ()

    def become(self):
        """In a child, before it starts its program."""
        for capability in self.without:
            _control(_DROP_FROM_BOUNDS, capability)
        os.setgroups(self.groups)
        os.setresgid(self.gid, self.gid, self.gid)
        if self.capabilities:
            _control(_KEEP_CAPABILITIES, 1)
        os.setresuid(self.uid, self.uid, self.uid)
        if self.capabilities:
            _keep(self.capabilities)


def _control(option, *arguments):
    kernel.checked(kernel.LIBC.prctl(option, *(*arguments, 0, 0, 0, 0)[:4]), f"prctl {option}")


def _keep(capabilities):
    mask = sum(1 << capability for capability in capabilities)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # Effective, permitted, inheritable.
    kernel.checked(kernel.LIBC.capset(header, sets), "capset")
    for capability in capabilities:
        _control(_AMBIENT, _RAISE, capability)


class StandIn:
    """One running process; ended when the block is left."""

    def __init__(self, *arguments, principal=None, cwd="/", env=None):
        self.process = subprocess.Popen(
            [program(), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd,
            env=env or {}, preexec_fn=principal.become if principal else None)
        self.who = f"process:{self.process.pid}"

    def ask(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def answer(self):
        """Whether it could open its file."""
        line = self.process.stdout.readline().decode().split()
        if line[:1] not in (["opened"], ["refused"]):
            raise RuntimeError(f"the stand-in said {line}")
        return line[0] == "opened"

    def can_open(self):
        self.ask()
        return self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.communicate()
