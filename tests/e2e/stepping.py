"""Runs the program one system call at a time, to look, swap, stop or kill in between."""

import functools
import os
import pathlib
import signal
import subprocess
import unittest

import host_tree

KILLED = 128 + signal.SIGKILL


@functools.cache
def stepper():
    built = pathlib.Path(os.environ.get("STEPPER", "")).absolute()
    if not built.is_file():
        raise RuntimeError("STEPPER does not name the built stepper")
    return str(built)


class Point:
    """A moment right before or after a system call."""

    def __init__(self, line):
        pid, self.call, self.when, result = line.split()
        self.pid, self.result = int(pid), int(result)

    def __repr__(self):
        return f"{self.when} of {self.call}" + (f" = {self.result}" if self.when == "exit" else "")


def step(arguments, answer, calls="changing", env=None, timeout=120):
    """Runs the program; at each point `answer` is asked with its number, from 0 on, and the Point.
    It answers "go", "kill", "one", "signal N" or "free". Answers what the run left behind."""
    from_us, to_stepper = os.pipe()
    to_us, from_stepper = os.pipe()
    process = subprocess.Popen(
        [stepper(), str(from_us), str(from_stepper), calls, host_tree.program(), *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
        env={**host_tree.ENVIRONMENT, **(env or {})}, pass_fds=(from_us, from_stepper))
    os.close(from_us)
    os.close(from_stepper)
    with open(to_us, "r", encoding="ascii") as questions:
        try:
            for number, line in enumerate(questions):
                os.write(to_stepper, answer(number, Point(line)).encode() + b"\n")
        finally:
            os.close(to_stepper)
            out, err = process.communicate(timeout=timeout * host_tree.slowness())
    return host_tree.Outcome(process.returncode, out, err)


def points_of(arguments, calls="changing", **options):
    """Every point of a run that is left alone, and what it left behind."""
    points = []

    def note(_, point):
        points.append(point)
        return "go"

    return points, step(arguments, note, calls, **options)


def needs_stepping():
    """Skips where a process may not trace its own children."""
    points, outcome = points_of(["--version"], "all")
    if outcome.code != 0 or not points:
        raise unittest.SkipTest(f"no process can be traced here: {outcome.complaint.strip()}")
