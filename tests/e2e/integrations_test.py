"""What other tools are given: alert rules, a cron job, a GitHub Action. What cannot be run here is
checked for its form."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import unittest

import host_tree
import invented
from host_tree import SOURCE

try:
    import yaml
except ImportError:
    yaml = None

PACKAGING = SOURCE / "packaging"
PROMTOOL = (os.environ.get("PROMTOOL")
            or shutil.which("promtool", path=host_tree.ENVIRONMENT["PATH"]))
GIT = shutil.which("git", path=host_tree.ENVIRONMENT["PATH"])
ACTION_VALIDATOR = shutil.which("action-validator")


class AlertTest(unittest.TestCase):
    @unittest.skipIf(PROMTOOL is None, "promtool (package prometheus) is not installed")
    def test_the_rules_alert_when_they_are_to(self):
        for arguments in (["check", "rules", "cfwarden.rules.yml"],
                          ["test", "rules", "cfwarden.rules.test.yml"]):
            done = subprocess.run([PROMTOOL, *arguments], cwd=PACKAGING / "prometheus",
                                  capture_output=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done)

    def test_they_ask_for_metrics_that_are_written(self):
        golden = (SOURCE / "tests/output/golden/formats-messy.prom").read_text(encoding="utf-8")
        rules = (PACKAGING / "prometheus/cfwarden.rules.yml").read_text(encoding="utf-8")
        for name in ("findings", "complete", "start_time_seconds"):
            self.assertIn(f"# TYPE cfwarden_{name} gauge", golden)
            self.assertIn(f"cfwarden_{name}", rules)


@unittest.skipIf(yaml is None, "python3-yaml is not installed")
class FormTest(unittest.TestCase):
    def load(self, path):
        return yaml.safe_load((SOURCE / path).read_text(encoding="utf-8"))

    def test_the_cron_job_has_no_right_but_one(self):
        job = self.load("packaging/kubernetes/cronjob.yaml")
        self.assertEqual((job["apiVersion"], job["kind"]), ("batch/v1", "CronJob"))
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        self.assertIs(pod["automountServiceAccountToken"], False)
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertFalse(pod["hostNetwork"] or pod["hostPID"] or pod["hostIPC"])
        container, = pod["containers"]
        rights = container["securityContext"]
        self.assertEqual(rights["capabilities"], {"drop": ["ALL"], "add": ["DAC_READ_SEARCH"]})
        self.assertTrue(rights["readOnlyRootFilesystem"])
        mount, = container["volumeMounts"]
        self.assertTrue(mount["readOnly"])
        self.assertEqual(pod["volumes"], [{"name": mount["name"],
                                           "hostPath": {"path": "/", "type": "Directory"}}])
        self.assertEqual(container["args"][:3], ["audit", "--root", mount["mountPath"]])
        help_text = host_tree.run("audit", "--help").text
        self.assertIn("--root", help_text)

    def test_the_action_puts_no_input_into_the_text_of_a_shell(self):
        action = self.load("action.yml")
        self.assertEqual(action["runs"]["using"], "composite")
        for step in action["runs"]["steps"]:
            with self.subTest(step["name"]):
                self.assertEqual(step["shell"], "bash")
                self.assertNotIn("${{", step["run"])
                script = step["run"].strip('"').replace("$ACTION_PATH", str(SOURCE))
                self.assertTrue(os.access(script, os.X_OK))
                self.assertTrue(set(step["env"]) <= {"ACTION_PATH", "INPUT_PATH", "INPUT_FAIL_ON",
                                                     "INPUT_SARIF", "INPUT_BASELINE"})
        used = {value for step in action["runs"]["steps"] for value in step["env"].values()}
        for name in action["inputs"]:
            self.assertIn("${{ inputs." + name + " }}", used)

    @unittest.skipIf(ACTION_VALIDATOR is None, "action-validator is not installed")
    def test_the_action_is_one_by_its_schema(self):
        subprocess.run([ACTION_VALIDATOR, SOURCE / "action.yml"], check=True, timeout=60)

    def test_the_hooks_of_pre_commit_run_what_there_is(self):
        hooks = {hook["id"]: hook for hook in self.load(".pre-commit-hooks.yaml")}
        self.assertEqual({name: hook["entry"] for name, hook in hooks.items()},
                         {"cfwarden": "cfwarden sweep --staged",
                          "cfwarden-tree": "cfwarden sweep --profile repository ."})
        for hook in hooks.values():
            self.assertEqual((hook["language"], hook["pass_filenames"], hook["always_run"]),
                             ("system", False, True))


class ActionTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.top = self.host.at(self.host.folder("/work"))
        self.temporary = self.host.at(self.host.folder("/temporary"))
        binary = self.host.at(self.host.folder("/bin"))
        os.symlink(host_tree.program(), binary + "/cfwarden")
        self.environment = {**host_tree.ENVIRONMENT, "RUNNER_TEMP": self.temporary,
                            "PATH": f"{binary}:{host_tree.ENVIRONMENT['PATH']}",
                            "GITHUB_STEP_SUMMARY": self.temporary + "/summary",
                            "GITHUB_PATH": self.temporary + "/path",
                            "GITHUB_OUTPUT": self.temporary + "/output"}

    def step(self, name="sweep", **inputs):
        variables = {f"INPUT_{key.upper()}": value for key, value in inputs.items()}
        return subprocess.run([PACKAGING / "github" / name], cwd=self.top, check=False,
                              env={**self.environment, **variables}, capture_output=True,
                              timeout=120)

    def read(self, name):
        return pathlib.Path(self.temporary, name).read_text(encoding="utf-8")

    def test_a_planted_token_is_annotated_and_fails_the_job(self):
        os.mkdir(self.top + "/.git")
        pathlib.Path(self.top, ".env").write_bytes(b"T=" + invented.token() + b"\n")
        os.chmod(self.top + "/.env", 0o644)
        done = self.step(sarif="out.sarif")
        self.assertEqual(done.returncode, 1, done)
        title = b"::error file=.env,line=1,title=critical credential-in-repository::"
        self.assertIn(title, done.stdout)
        sarif = json.loads(pathlib.Path(self.top, "out.sarif").read_text(encoding="utf-8"))
        self.assertTrue(sarif["runs"][0]["results"])
        self.assertIn("credential-in-repository", self.read("summary"))
        self.assertEqual(self.read("output"), "sarif=out.sarif\n")

    def test_a_closed_file_of_a_checkout_fails_the_job_too(self):
        """The modes of the runner say nothing about who can read the repository."""
        path = pathlib.Path(self.top, "creds.json")
        path.write_bytes(invented.credentials())
        path.chmod(0o600)
        self.assertEqual(self.step(fail_on="critical").returncode, 1)

    @unittest.skipIf(GIT is None, "git is not installed")
    def test_a_committed_file_is_told_of_as_tracked(self):
        path = pathlib.Path(self.top, "creds.json")
        path.write_bytes(invented.credentials())
        path.chmod(0o600)
        for arguments in (["init", "-q"], ["add", "creds.json"]):
            subprocess.run([GIT, *arguments], cwd=self.top, check=True, timeout=60,
                           env={**self.environment, "HOME": self.temporary})
        done = self.step(fail_on="critical")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"title=critical credential-tracked-by-git::", done.stdout)

    def test_a_summary_that_was_left_there_is_not_this_run_s(self):
        pathlib.Path(self.temporary, "cfwarden-summary.md").write_text("old\n", encoding="utf-8")
        self.assertEqual(self.step(fail_on="nonsense").returncode, 2)
        self.assertFalse(os.path.exists(self.temporary + "/summary"))

    def test_a_checkout_without_one_passes(self):
        self.assertEqual(self.step().returncode, 0)
        self.assertIn("sarif=cfwarden.sarif", self.read("output"))

    def test_an_installed_program_is_taken(self):
        self.assertEqual(self.step("install").returncode, 0)

    def test_inputs_are_words_and_never_a_script(self):
        mark = self.temporary + "/mark"
        for text in (f"$(touch {mark})", f"; touch {mark}", f"`touch {mark}`", f"\ntouch {mark}\n",
                     "--exit-zero", "-v", "a\nsarif=/etc/passwd"):
            with self.subTest(text):
                self.assertEqual(self.step(path=text).returncode, 2)
                self.assertEqual(self.step(fail_on=text).returncode, 2)
                self.step(sarif=text)
                self.assertFalse(os.path.exists(mark))
        outputs = self.read("output") if os.path.exists(self.temporary + "/output") else ""
        self.assertNotIn("/etc/passwd", outputs)


class ScriptTest(unittest.TestCase):
    def test_the_scripts_are_sound(self):
        for script in sorted((PACKAGING / "github").iterdir()):
            with self.subTest(script.name):
                self.assertTrue(script.stat().st_mode & stat.S_IXUSR)
                subprocess.run(["bash", "-n", script], check=True, timeout=20)


if __name__ == "__main__":
    unittest.main()
