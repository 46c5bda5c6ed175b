"""What surrounds the process: closed descriptors, limits, signals, and a user who kills the worker
that acts as that user."""

import os
import resource
import signal
import unittest
from unittest import mock

import host_tree
import kernel
import mending
from host_tree import UIDS, needs_root
from mending import ALICES, BOBS, TOKEN

MALLORY = 41777  # Nobody else's processes are to be killed.


class ProcessTest(mending.MendTest):
    def setUp(self):
        super().setUp()
        mending.lay_out_messy(self.host)
        self.before = self.attributes()

    def assert_done_and_recorded(self):
        self.assert_mode(TOKEN, 0o600)
        self.assert_mode(ALICES, 0o600)
        self.assertEqual(self.mend("undo", "--list").code, 0)
        self.assertEqual(self.undo_all(), 1)
        self.assert_restored(self.before)

    def test_closed_descriptors_do_not_become_the_journal(self):
        for closed in ([1], [2], [0, 1, 2]):
            with self.subTest(closed=closed):
                self.fix("--apply", "-v", prepare=lambda closed=closed: [os.close(number)
                                                                         for number in closed])
                self.assert_done_and_recorded()

    def test_a_reader_that_has_gone_leaves_all_of_it_done(self):
        reader, writer = os.pipe()
        os.close(reader)
        outcome = self.fix("--apply", stdout=writer, prepare=host_tree.default_signals)
        os.close(writer)
        self.assertEqual(outcome.code, 0, outcome)
        self.assert_done_and_recorded()

    def test_no_umask_opens_or_closes_what_is_recorded(self):
        for mask in (0, 0o777):
            with self.subTest(f"{mask:o}"):
                self.assertEqual(self.apply(prepare=lambda mask=mask: os.umask(mask) and None)
                                 .code, 0)
                for path in self.journals():
                    self.assertEqual(os.lstat(path).st_mode & 0o7777, 0o600)
                self.assertEqual(os.lstat(self.state).st_mode & 0o7777, 0o700)
                self.undo_all()
                self.assert_restored(self.before)

    def test_without_room_for_a_file_nothing_changes(self):
        before = host_tree.snapshot(self.directory)
        outcome = self.fix("--apply", prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                         (0, 0)))
        self.assertNotEqual(outcome.code, 0, outcome)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_other_signals_end_it_as_a_kill_does(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            for _ in range(10):
                with host_tree.Running("fix", "--root", self.directory, "--apply",
                                       env=self.env) as running:
                    running.process.send_signal(number)
                    running.finish()
                self.undo_all()
                self.assert_restored(self.before)


@needs_root
class MalloryTest(mending.MendTest):
    """Alice's files are mallory's, who fights the processes that run as that user."""

    def setUp(self):
        super().setUp()
        changed = mock.patch.dict(UIDS, alice=MALLORY)
        changed.start()
        self.addCleanup(changed.stop)
        self.host.accounts()
        mending.lay_out_messy(self.host)

    def test_one_who_kills_the_worker_holds_up_their_own_files_alone(self):
        before = self.attributes()
        counter = kernel.shared_counter()
        child = os.fork()
        if child == 0:
            host_tree.become(MALLORY)
            while True:
                try:
                    os.kill(-1, signal.SIGKILL)  # All that is mallory's but this process.
                except ProcessLookupError:
                    pass
                kernel.count(counter)
        try:
            for _ in range(10):
                outcome = self.apply()
                self.assertIn(outcome.code, (0, 4), outcome)
                self.assert_mode(BOBS, 0o600)
                self.assert_mode(TOKEN, 0o600)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.assertGreater(kernel.counted(counter), 100)
        self.assertEqual(self.apply().code, 0)
        self.assert_mode(ALICES, 0o600)
        self.undo_all()
        self.assert_restored(before)

    def test_one_at_the_limit_of_processes_holds_up_their_own_files_alone(self):
        children = []
        try:
            for _ in range(40):
                child = os.fork()
                if child == 0:
                    os.setresuid(MALLORY, MALLORY, MALLORY)
                    signal.pause()
                children.append(child)
            outcome = self.apply(
                prepare=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (40, 40)))
            self.assertIn(outcome.code, (0, 4), outcome)
            self.assert_mode(BOBS, 0o600)
            self.assert_mode(TOKEN, 0o600)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


if __name__ == "__main__":
    unittest.main()
