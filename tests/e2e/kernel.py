"""What the tests ask of Linux beyond Python's own modules: namespaces, filters, ACLs, races."""

import ctypes
import errno
import mmap
import os
import struct

LIBC = ctypes.CDLL(None, use_errno=True)

NEW_NAMESPACE = 0x00020000
NEW_USER = 0x10000000
MOUNT_BIND, MOUNT_REMOUNT, MOUNT_READ_ONLY = 4096, 32, 1
MOUNT_RECURSIVE, MOUNT_PRIVATE = 16384, 1 << 18
AT_FDCWD = -100
RENAME_EXCHANGE = 2
OPENAT2 = 437


def checked(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def mount(source, target, kind, flags=0, options=None):
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    checked(LIBC.mount(*encoded, ctypes.c_ulong(flags), options), f"mount {target}")


def enter_mount_namespace():
    """A mount table of our own; as an ordinary user by way of a user namespace."""
    if os.geteuid() == 0:
        checked(LIBC.unshare(NEW_NAMESPACE), "unshare")
    else:
        uid, gid = os.geteuid(), os.getegid()
        checked(LIBC.unshare(NEW_USER | NEW_NAMESPACE), "unshare")
        for name, text in [("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                           ("gid_map", f"{gid} {gid} 1")]:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as stream:
                stream.write(text)
    mount("none", "/", None, MOUNT_RECURSIVE | MOUNT_PRIVATE)


def in_child(action):
    """Whether `action` goes through in a child process; its reason when it does not."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        why = b""
        try:
            action()
        except OSError as error:
            why = str(error).encode()
        os.write(writer, why)
        os._exit(1 if why else 0)
    os.close(writer)
    with open(reader, "rb") as stream:
        why = stream.read()
    _, status = os.waitpid(child, 0)
    return status == 0, why.decode()


def exchange(first, second):
    """Swaps two names in one step."""
    checked(LIBC.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE), "renameat2")


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("if_true", ctypes.c_uint8),
                ("if_false", ctypes.c_uint8), ("operand", ctypes.c_uint32)]


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(Instruction))]


def refuse_calls(calls, code):
    """From here on these system calls fail with `code`, in this process and its children."""
    load_number = Instruction(0x20, 0, 0, 0)
    allow, refuse = Instruction(0x06, 0, 0, 0x7FFF0000), Instruction(0x06, 0, 0, 0x00050000 | code)
    program = [load_number]
    for left, call in zip(range(len(calls), 0, -1), calls):
        program.append(Instruction(0x15, left, 0, call))
    program += [allow, refuse]
    lines = (Instruction * len(program))(*program)
    checked(LIBC.prctl(38, 1, 0, 0, 0), "no_new_privs")
    checked(LIBC.prctl(22, 2, ctypes.byref(Filter(len(program), lines)), 0, 0), "seccomp")


def allow_calls(calls, code, absent=()):
    """From here on all but `calls` fail with `code`, and `absent` ones as if there were none."""
    load_number = Instruction(0x20, 0, 0, 0)
    allow, refuse = Instruction(0x06, 0, 0, 0x7FFF0000), Instruction(0x06, 0, 0, 0x00050000 | code)
    lack = Instruction(0x06, 0, 0, 0x00050000 | errno.ENOSYS)
    program = [load_number]
    for numbers, answer in ((absent, lack), (calls, allow)):
        for call in numbers:
            program += [Instruction(0x15, 0, 1, call), answer]
    program.append(refuse)
    lines = (Instruction * len(program))(*program)
    checked(LIBC.prctl(38, 1, 0, 0, 0), "no_new_privs")
    checked(LIBC.prctl(22, 2, ctypes.byref(Filter(len(program), lines)), 0, 0), "seccomp")


OWNER, USER, GROUP, NAMED_GROUP, MASK, OTHERS = 1, 2, 4, 8, 16, 32
NO_ID = 0xFFFFFFFF


def acl(*entries):
    """The kernel's form of an ACL: entries are (tag, permissions) or (tag, permissions, id)."""
    packed = [struct.pack("<HHI", entry[0], entry[1], entry[2] if len(entry) > 2 else NO_ID)
              for entry in entries]
    return struct.pack("<I", 2) + b"".join(packed)


def set_acl(path, *entries, default=False):
    name = "system.posix_acl_default" if default else "system.posix_acl_access"
    os.setxattr(path, name, acl(*entries))


def supports_acls(directory):
    try:
        set_acl(directory, (OWNER, 7), (GROUP, 5), (OTHERS, 5))
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.EPERM):
            return False
        raise
    return True


def shared_counter():
    """A number that a child counts up and its parent reads."""
    return mmap.mmap(-1, 8)


def count(counter):
    struct.pack_into("=Q", counter, 0, counted(counter) + 1)


def counted(counter):
    return struct.unpack_from("=Q", counter, 0)[0]


def watch(path, events):
    """An inotify descriptor."""
    descriptor = LIBC.inotify_init1(os.O_CLOEXEC)
    if descriptor < 0 or LIBC.inotify_add_watch(descriptor, os.fsencode(path), events) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return descriptor
