"""`cfwarden fix --move-token` moves the token out of a unit that cloudflared installed, as
cloudflared itself does it today, and refuses every other unit."""

import errno
import os
import shlex
import subprocess
import unittest

import host_tree
import invented
import kernel
import mending
import moving
import stand_in
from host_tree import DEPLOY, UIDS, needs_root
from mending import TOKEN
from moving import AFTER, BEFORE, DIRECTORY, NAME, SECRET, SYSTEM, UNIT, installed_unit

RENAMEAT2 = {"x86_64": 316, "aarch64": 276}.get(os.uname().machine)


@needs_root
class PlanTest(moving.MoveTest):
    def test_a_plan_changes_nothing_records_nothing_and_ends_with_1(self):
        for made in (True, False):
            self.lay_out(made)
            before = self.attributes(), host_tree.snapshot(self.directory)
            for arguments in ([], ["-v"], ["-q"], ["--json"], ["--color", "always"]):
                with self.subTest(arguments, made=made):
                    outcome = self.move(*arguments)
                    self.assertEqual(outcome.code, 1, outcome)
                    now = self.attributes(), host_tree.snapshot(self.directory)
                    self.assertEqual(now, before)
            self.assertFalse(os.path.exists(self.state), "a plan leaves no state directory")

    def test_it_says_what_would_be_done_for_whom_and_what_is_left_to_do(self):
        self.lay_out(made=False)
        plan = self.move("--json").json
        self.assertEqual((plan["state"], plan["exit"], plan["applied"]), ("pending", 1, False))
        self.assertEqual((plan["unit"], plan["unit_file"]["path"]), (NAME, UNIT))
        self.assertEqual(plan["token_file"]["path"], TOKEN)
        self.assertEqual(plan["token"]["tunnel"], invented.TUNNEL)
        self.assertEqual((plan["token"]["line"], plan["token"]["status"]), (9, "usable"))
        self.assertEqual(plan["token"]["readers"]["audience"], "everyone")
        self.assertEqual([need["who"] for need in plan["token"]["needed_by"]], [NAME])
        self.assertEqual(plan["commands"],
                         ["systemctl daemon-reload", f"systemctl restart {NAME}"])
        self.assertEqual((plan["makes_directory"], plan["rotate"], plan["continues"]),
                         (True, True, False))
        self.assertIsNone(plan["run"]["name"])

    def test_its_screen_names_both_files_the_commands_and_how_to_apply_it(self):
        self.lay_out()
        text = self.move().text
        for words in (f"{UNIT}:9", f"--token-file {TOKEN}", TOKEN, "everyone",
                      "systemctl daemon-reload", f"systemctl restart {NAME}", "Rotate the token",
                      "Nothing has been changed"):
            self.assertIn(words, text)
        [apply] = [line for line in text.replace("\\\n", " ").splitlines()
                   if line.lstrip().startswith("Apply")]
        words = shlex.split(apply)
        at = words.index("fix")
        self.assertEqual(self.mend(*words[at:]).code, 0)
        self.assert_in_file()

    def test_no_line_of_the_screen_is_too_long_but_a_path(self):
        self.lay_out()
        for outcome in (self.move(), self.move("--apply"), self.move()):
            for line in outcome.text.splitlines():
                self.assertTrue(len(line) <= 100 or self.directory in line, line)

    def test_a_unit_is_found_by_name_by_full_name_and_by_path(self):
        self.lay_out()
        for unit in ("cloudflared", NAME, UNIT, "/etc//systemd/./system/" + NAME):
            with self.subTest(unit):
                outcome = self.move("--json", unit=unit)
                self.assertEqual(outcome.code, 1, outcome)
                self.assertEqual(outcome.json["unit_file"]["path"], UNIT)

    def test_what_is_no_unit_here_is_a_usage_error(self):
        self.lay_out()
        before = host_tree.snapshot(self.directory)
        for unit in ("nginx", "nginx.service", f"{SYSTEM}/nginx.service", "", ".", "/", "..",
                     "../" + NAME, "./" + NAME, "system/" + NAME, SYSTEM, TOKEN, "cloudflared@a",
                     "cloudflared.timer", NAME + ".d", "-x", "cloudflared service", "a" * 300,
                     "\x1b[31m", "*", NAME + "\n", SECRET, f"{SYSTEM}/{SECRET}", self.at(UNIT)):
            for arguments in ([], ["--apply"], ["--apply", "--json"]):
                with self.subTest(unit, arguments=arguments):
                    outcome = self.move(*arguments, unit=unit)
                    self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                    self.assertTrue(outcome.err)
                    self.assertNotIn(b"\x1b", outcome.err)
        self.assertEqual(host_tree.snapshot(self.directory), before)
        self.assertEqual(self.journals(), [])

    def test_it_goes_with_no_path_and_with_none_of_the_wishes_of_other_repairs(self):
        self.lay_out()
        before = host_tree.snapshot(self.directory)
        for arguments in ([DIRECTORY], [UNIT], ["--only", "token-in-unit"], ["--take-ownership"],
                          ["--service-group"]):
            for apply in ([], ["--apply"]):
                with self.subTest(arguments, apply=apply):
                    outcome = self.move(*apply, *arguments)
                    self.assertEqual((outcome.code, outcome.out), (2, b""), outcome)
                    self.assertIn("--move-token", outcome.complaint)
        self.assertEqual(self.fix("--move-token").code, 2)
        self.assertEqual(self.mend("fix", "--root", "/no/such/root", "--move-token", "cloudflared",
                                   "--apply").code, 2)
        self.assertEqual(host_tree.snapshot(self.directory), before)

    def test_without_it_no_repair_moves_a_token_but_says_how_to(self):
        self.lay_out()
        self.assertIn("--move-token cloudflared.service", self.fix("-v").text)
        self.apply()
        self.assert_in_unit()


@needs_root
class ApplyTest(moving.MoveTest):
    def test_the_token_is_in_its_file_and_every_other_byte_of_the_unit_is_as_before(self):
        self.lay_out()
        self.moved()
        self.assert_in_file()
        self.assertEqual(self.read(UNIT).replace(f"--token-file {TOKEN}".encode(),
                                                 f"--token {SECRET}".encode()), BEFORE)

    def test_every_unit_that_cloudflared_installed_with_a_token_is_taken(self):
        for variation in ({"after": "network.target", "wants": "", "timeout": "0"},
                          {"timeout": "0"}, {"description": "Argo Tunnel", "timeout": "2min 20s"},
                          {"description": "Tunnel (\xe4), \"quoted\" $HOME %i"},
                          {"program": "/opt/x-1.0/cloudflared-linux_amd64"}):
            with self.subTest(variation):
                self.lay_out(content=installed_unit(**variation))
                self.moved()
                self.assert_in_file(installed_unit(f"--token-file {TOKEN}", **variation))
                self.assertEqual(self.undo().code, 0)
                self.assert_in_unit(installed_unit(**variation))

    def test_the_unit_keeps_its_mode_and_owners(self):
        for mode in (0o644, 0o600, 0o640, 0o444, 0o400, 0o755, 0o604):
            with self.subTest(f"{mode:o}"):
                self.lay_out(mode=mode, group=DEPLOY)
                self.moved()
                self.assert_in_file()
                self.assert_mode(UNIT, mode)
                self.assertEqual(self.owner(UNIT), (0, DEPLOY))
                self.assertEqual(self.undo().code, 0)
                self.assert_in_unit()
                self.assert_mode(UNIT, mode)
                self.assertEqual(self.owner(UNIT), (0, DEPLOY))

    def test_nothing_else_on_the_host_changes(self):
        self.lay_out()
        self.host.file(f"{DIRECTORY}/config.yml", b"tunnel: x\n", 0o644)
        self.host.file(f"{SYSTEM}/other.service", mending.unit("version"), 0o644)
        self.host.folder("/usr/lib/systemd/system")
        self.host.file(f"/usr/lib/systemd/system/{NAME}", b"[Service]\n", 0o644)
        own = {os.fsencode(self.at(path)) for path in (UNIT, TOKEN, SYSTEM, DIRECTORY)}
        before = host_tree.snapshot(self.directory)
        self.moved()
        now = host_tree.snapshot(self.directory)
        self.assertEqual({path for path in {**before, **now} if before.get(path) != now.get(path)},
                         own)
        for directory in (SYSTEM, DIRECTORY):
            path = os.fsencode(self.at(directory))
            self.assertEqual([before[path][n] for n in (0, 1, 3, 4)],
                             [now[path][n] for n in (0, 1, 3, 4)], "mode, inode or owner")

    def test_a_directory_that_is_missing_is_made_as_cloudflared_makes_it(self):
        for umask in (0o000, 0o022, 0o077):
            with self.subTest(f"{umask:o}"):
                self.lay_out(made=False)
                self.assertTrue(self.moved(prepare=lambda m=umask: os.umask(m))["makes_directory"])
                self.assert_in_file()
                self.assert_mode(DIRECTORY, 0o755)
                self.assertEqual(self.owner(DIRECTORY), (0, 0))
                self.assertEqual(self.undo().code, 0)
                self.assert_in_unit()

    def test_a_group_that_directories_pass_on_gets_nothing(self):
        self.lay_out()
        for directory in (DIRECTORY, SYSTEM):
            os.chown(self.at(directory), 0, DEPLOY)
            os.chmod(self.at(directory), 0o2755)
        outcome = self.move("--apply", "--json")
        if outcome.code == 4:
            self.assert_in_unit()
            return
        self.assert_in_file()
        self.assertEqual(self.owner(UNIT), (0, 0))

    def test_the_audit_finds_the_unit_clean_and_the_file_needed_and_usable(self):
        self.lay_out()
        before = self.host.report()
        for rule in ("token-in-unit", "token-in-arguments"):
            self.assert_fires(rule, UNIT, before)
        fingerprint = host_tree.credential(before, UNIT)["fingerprint"]
        self.assertEqual(self.moved()["token"]["fingerprint"], fingerprint)
        after = self.host.report()
        self.assertEqual([one["path"] for one in after["credentials"]], [TOKEN])
        token = host_tree.credential(after, TOKEN, "tunnel-token")
        self.assertEqual((token["status"], token["fingerprint"]), ("usable", fingerprint))
        self.assertEqual((token["file"]["mode"], token["file"]["owner"], token["file"]["group"]),
                         ("0600", "root", "root"))
        self.assertEqual(token["readers"]["audience"], "owner")
        self.assertEqual([(need["who"], need["user"], need["can_read"])
                          for need in token["needed_by"]], [(NAME, "root", True)])
        self.assertEqual([one["rule"] for one in after["findings"] if one["severity"] != "info"],
                         [])
        self.assertEqual(after["exit"], 0)

    def test_nothing_is_left_for_another_repair(self):
        self.lay_out()
        self.moved()
        for outcome in (self.fix(), self.fix("--apply")):
            self.assertEqual(outcome.code, 0, outcome)
        self.assert_in_file()

    def test_the_second_time_it_is_moved_already_and_not_recorded_again(self):
        self.lay_out()
        self.moved()
        before, journals = host_tree.snapshot(self.directory), self.journals()
        for arguments in ([], ["--apply"]):
            outcome = self.move("--json", *arguments)
            self.assertEqual((outcome.code, outcome.json["state"]), (0, "already-moved"), outcome)
            self.assertEqual((outcome.json["commands"], outcome.json["applied"]), ([], False))
            self.assertIn("nothing to move", self.move(*arguments).text)
        self.assertEqual(host_tree.snapshot(self.directory), before)
        self.assertEqual(self.journals(), journals)

    def test_a_unit_that_today_s_cloudflared_installed_is_moved_already(self):
        self.lay_out(content=AFTER)
        self.host.file(TOKEN, SECRET.encode(), 0o600)
        outcome = self.move("--apply", "--json")
        self.assertEqual((outcome.code, outcome.json["state"]), (0, "already-moved"), outcome)
        self.assertEqual(self.journals(), [], "a run that changes nothing is not recorded")

    def test_the_screen_says_what_was_done_what_to_run_now_and_how_to_take_it_back(self):
        self.lay_out()
        text = self.move("--apply").text
        run = os.path.basename(self.journals()[0]).removesuffix(".jsonl")
        for words in ("DONE", f"--token-file {TOKEN}", "systemctl daemon-reload",
                      f"systemctl restart {NAME}", "Rotate the token", f"undo {run}"):
            self.assertIn(words, text)
        self.assertLess(text.index("daemon-reload"), text.index("systemctl restart"))
        self.assertNotIn("Nothing has been changed", text)

    def test_the_commands_are_named_quietly_too(self):
        self.lay_out()
        for arguments in (["-q"], ["-q", "--apply"]):
            text = self.move(*arguments).text
            for words in ("systemctl daemon-reload", f"systemctl restart {NAME}", "otate"):
                self.assertIn(words, text)

    def test_a_unit_of_another_name_is_moved_too(self):
        self.lay_out()
        os.unlink(self.at(f"{SYSTEM}/multi-user.target.wants/{NAME}"))
        os.rename(self.at(UNIT), self.at(f"{SYSTEM}/tunnel-shop.service"))
        outcome = self.move("--apply", "--json", unit="tunnel-shop")
        self.assertEqual((outcome.code, outcome.json["commands"][1]),
                         (0, "systemctl restart tunnel-shop.service"), outcome)
        self.assertEqual(self.read(f"{SYSTEM}/tunnel-shop.service"), AFTER)

    def test_old_kernels_and_filters_do_not_hinder_it(self):
        possible, why = kernel.in_child(
            lambda: kernel.refuse_calls([kernel.OPENAT2], errno.ENOSYS))
        if not possible or RENAMEAT2 is None:
            self.skipTest(f"no system-call filters here: {why}")
        for calls in ([kernel.OPENAT2], [RENAMEAT2], [kernel.OPENAT2, RENAMEAT2]):
            for code in (errno.ENOSYS, errno.EPERM):
                with self.subTest(calls=calls, code=errno.errorcode[code]):
                    def refuse(calls=calls, code=code):
                        kernel.refuse_calls(calls, code)

                    self.lay_out()
                    self.moved(prepare=refuse)
                    self.assert_in_file()
                    self.assertEqual(self.undo(prepare=refuse).code, 0)
                    self.assert_in_unit()

    def test_on_an_overlay_both_files_are_made_in_its_upper_layer(self):
        self.needs_mounts()
        self.lay_out(mode=0o640, group=DEPLOY)
        lower, before = self.directory, host_tree.snapshot(self.directory)
        base = self.new_directory()
        os.chmod(base, 0o755)
        for name in ("upper", "work", "merged"):
            os.mkdir(f"{base}/{name}", 0o755)
        options = f"lowerdir={lower},upperdir={base}/upper,workdir={base}/work"
        try:
            kernel.mount("overlay", base + "/merged", "overlay", 0, options.encode())
        except OSError as error:
            self.skipTest(f"no overlay here: {error}")
        self.addCleanup(subprocess.run, ["umount", base + "/merged"], check=True)
        self.host = host_tree.HostTree(base + "/merged")
        self.directory = self.host.directory
        self.moved()
        self.assert_in_file()
        self.assert_mode(UNIT, 0o640)
        self.assertEqual(self.undo().code, 0)
        self.assert_in_unit()
        self.assertEqual(self.owner(UNIT), (0, DEPLOY))
        self.assertEqual(host_tree.snapshot(lower), before)

    def test_standard_output_that_is_full_is_70_and_the_journal_holds_the_run(self):
        self.lay_out()
        with open("/dev/full", "wb") as full:
            self.assertEqual(self.move("--apply", stdout=full).code, 70)
        self.assert_in_file()
        self.assertEqual(self.undo().code, 0)
        self.assert_in_unit()

    def test_of_many_at_once_one_moves_it_and_the_others_find_it_moved_or_are_refused(self):
        self.lay_out()
        runs = [host_tree.Running("fix", "--root", self.directory, "--move-token", "cloudflared",
                                  "--apply", "--json", env=self.env) for _ in range(8)]
        outcomes = [mending.Result(*vars(run.finish()).values()) for run in runs]
        states = [outcome.json["state"] if outcome.out else "" for outcome in outcomes]
        self.assertEqual(states.count("moved"), 1, states)
        for outcome, state in zip(outcomes, states):
            self.assertEqual(outcome.code, 0 if state else 4, outcome)
            self.assertEqual("holds this lock" in outcome.complaint, not state, outcome)
        self.assertLessEqual(set(states), {"moved", "already-moved", ""})
        self.assert_in_file()
        self.assertEqual(self.undo_all(), 1)
        self.assert_in_unit()


@needs_root
class RunningHostTest(moving.MoveTest):
    """The tree's /etc in place of the machine's own, for these processes alone."""

    def setUp(self):
        super().setUp()
        self.lay_out(content=installed_unit(program=stand_in.program()))
        own = os.stat("/etc").st_ino
        kernel.mount(self.at("/etc"), "/etc", None, kernel.MOUNT_BIND)
        self.addCleanup(subprocess.run, ["umount", "/etc"], check=True)
        if os.stat("/etc").st_ino in (own, 0):
            raise RuntimeError("this is the machine's own /etc")

    def test_the_service_starts_with_its_token_file_and_can_open_it(self):
        outcome = self.mend("fix", "--move-token", "cloudflared", "--apply", "--json")
        self.assertEqual((outcome.code, outcome.json["state"]), (0, "moved"), outcome)
        self.assertEqual(outcome.json["host"]["root"], "/")
        self.assert_in_file(installed_unit(f"--token-file {TOKEN}", program=stand_in.program()))
        [start] = [line for line in self.read(UNIT).decode().splitlines()
                   if line.startswith("ExecStart=")]
        with stand_in.StandIn(*start.split()[1:]) as service:
            self.assertTrue(service.can_open())
            report = host_tree.run("audit", "--json").report
            needs = host_tree.credential(report, TOKEN)["needed_by"]
            self.assertLessEqual({NAME, service.who}, {need["who"] for need in needs})
        nobody = stand_in.Principal(UIDS["alice"], UIDS["alice"])
        with stand_in.StandIn(*start.split()[1:], principal=nobody) as other:
            self.assertFalse(other.can_open())
        self.assertEqual(self.undo().code, 0)
        self.assert_in_unit(installed_unit(program=stand_in.program()))

    def test_the_screen_is_about_this_host(self):
        text = self.mend("fix", "--move-token", "cloudflared").text
        self.assertIn("fix --move-token cloudflared.service --apply", text)
        self.assertNotIn("--root", text)


if __name__ == "__main__":
    unittest.main()
