"""The packages that packaging/package built: what the distributions' own checks say of them, and what
they do in a clean root. CFWARDEN_BUILD names the build directory; packages/ lies in it.
"""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from unittest import mock

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/e2e"))

import clean_root  # noqa: E402
import invented  # noqa: E402

BUILD = pathlib.Path(os.environ.get("CFWARDEN_BUILD", SOURCE / "build/release")).absolute()
PACKAGES = BUILD / "packages"
CREDENTIALS = f"etc/cloudflared/{invented.TUNNEL}.json"
needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


def package(pattern):
    found = sorted(PACKAGES.glob(pattern))
    if len(found) != 1:
        raise unittest.SkipTest(f"no {pattern} in {PACKAGES}: run packaging/package")
    return found[0]


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300,
                          **options).stdout


def needs_program(name, debian_package):
    if not shutil.which(name):
        raise unittest.SkipTest(f"{name} (Debian: {debian_package}) is not installed")


def or_skip(make, *arguments):
    try:
        return make(*arguments)
    except clean_root.NotHere as reason:
        raise unittest.SkipTest(str(reason)) from reason


def needs_namespaces(test):
    @functools.wraps(test)
    def checked(self):
        or_skip(clean_root.check_namespaces)
        test(self)
    return checked


class TemporaryTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cfwarden-packages."))
        self.addCleanup(shutil.rmtree, self.directory)
        self.directory.chmod(0o755)

    def plant(self, root):
        """A host with a credential that everybody can read."""
        file = root / CREDENTIALS
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(invented.credentials(invented.TUNNEL))
        file.chmod(0o644)
        return file


class DebTest(TemporaryTest):
    def setUp(self):
        super().setUp()
        self.deb = package("*.deb")

    def test_lintian_has_no_errors_and_no_warnings(self):
        needs_program("lintian", "lintian")
        root = ["--allow-root"] if os.geteuid() == 0 else []
        done = subprocess.run(["lintian", *root, "--fail-on", "error,warning", self.deb],
                              capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done)

    def test_its_files_are_roots_and_nobody_else_can_write_them(self):
        for line in output("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertRegex(mode, "^[d-]rw[x-]r-[x-]r-[x-]$", line)

    def test_the_only_configuration_file_is_kept_by_dpkg(self):
        control = self.directory / "control"
        output("dpkg-deb", "-e", self.deb, control)
        self.assertEqual((control / "conffiles").read_text(), "/etc/cfwarden/cfwarden.toml\n")
        listed = output("dpkg-deb", "-c", self.deb)
        for wanted in ("./etc/cfwarden/rules.d/", "./usr/share/man/man8/cfwarden.8.gz",
                       "./usr/lib/systemd/system/cfwarden-audit.timer",
                       "./usr/lib/sysusers.d/cfwarden.conf",
                       "./usr/share/bash-completion/completions/cfwarden",
                       "./usr/share/zsh/vendor-completions/_cfwarden",
                       "./usr/share/fish/vendor_completions.d/cfwarden.fish"):
            self.assertIn(wanted, listed)

    def test_the_scripts_are_sound_and_enable_nothing(self):
        output("dpkg-deb", "-e", self.deb, self.directory / "control")
        for name in ("postinst", "prerm", "postrm"):
            script = self.directory / "control" / name
            output("sh", "-n", script)
            self.assertNotIn("enable", script.read_text())

    def test_packing_again_elsewhere_and_later_gives_the_same_bytes(self):
        needs_program("cpack", "cmake")
        for pattern, generator in (("*.deb", "DEB"), ("*.rpm", "RPM")):
            first = sorted(PACKAGES.glob(pattern))
            if not first:
                continue
            epoch = str(int((PACKAGES / "epoch").read_text()))
            again = self.directory / generator
            subprocess.run(["cpack", "-G", generator, "-B", again], cwd=BUILD, check=True,
                           capture_output=True, timeout=300, umask=0o022,
                           env={**os.environ, "SOURCE_DATE_EPOCH": epoch, "TZ": "Asia/Kolkata"})
            second = next(again.glob(pattern))
            self.assertTrue(first[0].read_bytes() == second.read_bytes(), pattern)

    def test_no_program_tells_where_it_was_built(self):
        for program in (BUILD / "cfwarden", BUILD / "static/cfwarden"):
            self.assertNotIn(str(SOURCE).encode(), program.read_bytes())


class NoCleanRootTest(TemporaryTest):
    """Where none can be had the tests say so, and soon."""

    def setUp(self):
        super().setUp()
        nothing_known = mock.patch.dict(clean_root.not_here, clear=True)
        nothing_known.start()
        self.addCleanup(nothing_known.stop)

    def make(self, debootstrap, root_may="exec \"$@\""):
        """What is said where debootstrap and unshare are these scripts; how often the first one ran."""
        for name, text in (("debootstrap", f"echo >>{self.directory}/ran\n" + debootstrap),
                           ("unshare", "while [ \"${1#-}\" != \"$1\" ]; do shift; done\n" + root_may)):
            (self.directory / name).write_text("#!/bin/sh\n" + text + "\n")
            (self.directory / name).chmod(0o755)
        said = []
        path = f"{self.directory}:{os.environ['PATH']}"
        with mock.patch.dict(os.environ, PATH=path), mock.patch("os.geteuid", return_value=0):
            for _ in range(3):
                with self.assertRaises(clean_root.NotHere) as raised:
                    clean_root.unpacked(self.directory, self.directory / "clean-root.tar")
                said.append(str(raised.exception))
        self.assertEqual(len(set(said)), 1, said)
        ran = self.directory / "ran"
        return said[0], len(ran.read_text().splitlines()) if ran.exists() else 0

    def test_a_debootstrap_that_fails_is_not_started_again(self):
        self.assertEqual(self.make("echo no mirror; exit 1"),
                         ("debootstrap cannot get Debian's packages: no mirror\n", 1))

    def test_a_debootstrap_that_hangs_is_waited_for_once_and_not_for_ever(self):
        with mock.patch.object(clean_root, "TIME_TO_MAKE", 0.5):
            self.assertEqual(self.make("exec sleep 60"),
                             ("debootstrap was not done after 0.5 s", 1))

    def test_a_root_that_may_make_no_namespaces_is_asked_before_anything_is_fetched(self):
        said, ran = self.make("exit 0", "echo 'Operation not permitted' >&2; exit 1")
        self.assertEqual(ran, 0)
        self.assertEqual(said, "this root may make no namespaces: Operation not permitted")


class CleanRootTest(TemporaryTest):
    """One life of the package in a root of its own."""

    def setUp(self):
        super().setUp()
        self.deb = package("*.deb")
        self.root = or_skip(clean_root.unpacked, self.directory, BUILD / "clean-root.tar")
        self.before = clean_root.listing(self.root)

    def dpkg(self, *arguments):
        return clean_root.inside(self.root, "dpkg", *arguments)

    def install(self):
        shutil.copy(self.deb, self.root / "cfwarden.deb")
        done = self.dpkg("-i", "/cfwarden.deb")
        (self.root / "cfwarden.deb").unlink()
        return done

    def cfwarden(self, *arguments):
        return clean_root.inside(self.root, "cfwarden", *arguments, check=False)

    def test_installed_used_removed_and_purged_it_leaves_nothing_behind(self):
        self.install()
        self.assertIn("\ncfwarden:", (self.root / "etc/passwd").read_text())
        wanted = self.root / "etc/systemd/system/timers.target.wants/cfwarden-audit.timer"
        self.assertFalse(os.path.lexists(wanted))

        clean = self.cfwarden("audit")
        self.assertEqual(clean.returncode, 0, clean)
        planted = self.plant(self.root)
        found = self.cfwarden("audit", "-o", "json=/root/report.json", "-o",
                              "prometheus=/root/cfwarden.prom")
        self.assertEqual(found.returncode, 1, found)
        report = json.loads((self.root / "root/report.json").read_text())
        self.assertTrue(report["complete"], report["gaps"])
        self.assertIn("readable-by-everyone", [one["rule"] for one in report["findings"]])
        self.assertRegex((self.root / "root/cfwarden.prom").read_text(),
                         r'(?m)^cfwarden_findings\{.*severity="high".*\} 1$')

        mended = self.cfwarden("fix", "--apply")
        self.assertEqual((mended.returncode, oct(planted.stat().st_mode & 0o777)),
                         (0, "0o600"), mended)
        # As systemctl enable and a run of the service would.
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.symlink_to("/usr/lib/systemd/system/cfwarden-audit.timer")
        (self.root / "var/lib/cfwarden-audit").mkdir()
        (self.root / "var/lib/cfwarden-audit/report.json").touch()

        self.dpkg("-r", "cfwarden")
        self.assertFalse((self.root / "usr/bin/cfwarden").exists())
        self.assertTrue((self.root / "etc/cfwarden/cfwarden.toml").exists())
        self.assertTrue(list((self.root / "var/lib/cfwarden/journal").iterdir()))
        purged = self.dpkg("--purge", "cfwarden")
        self.assertIn("deleting the journals of 1 runs of fix", purged.stderr)

        for mine in ("root/report.json", "root/cfwarden.prom", CREDENTIALS):
            (self.root / mine).unlink()
        planted.parent.rmdir()
        after = clean_root.listing(self.root)
        self.assertEqual({path: (self.before.get(path), after.get(path))
                          for path in {*self.before, *after}
                          if self.before.get(path) != after.get(path)}, {})

    def test_settings_that_were_changed_outlive_a_new_version_and_a_removal(self):
        self.install()
        settings = self.root / "etc/cfwarden/cfwarden.toml"
        settings.write_text('fail_on = "critical"\n')
        self.plant(self.root)
        self.assertEqual(self.cfwarden("audit").returncode, 0)
        self.install()
        self.dpkg("-r", "cfwarden")
        self.assertEqual(settings.read_text(), 'fail_on = "critical"\n')

    def test_an_account_of_its_name_that_somebody_made_for_a_person_outlives_the_purge(self):
        clean_root.inside(self.root, "useradd", "--create-home", "--shell", "/bin/bash", "cfwarden")
        self.install()
        purged = self.dpkg("--purge", "cfwarden")
        self.assertRegex((self.root / "etc/passwd").read_text(),
                         "(?m)^cfwarden:.*:/home/cfwarden:/bin/bash$")
        self.assertTrue((self.root / "home/cfwarden/.bashrc").exists())
        self.assertNotIn("account", purged.stderr)

    def test_a_purge_while_the_account_is_in_use_succeeds_and_says_that_it_stays(self):
        self.install()
        purged = clean_root.inside(self.root, "sh", "-c",
                                   "setpriv --reuid=cfwarden --clear-groups sleep 60 & sleep 1; "
                                   "dpkg --purge cfwarden")
        self.assertIn("cfwarden: the account cfwarden could not be deleted", purged.stderr)
        self.assertIn("\ncfwarden:", (self.root / "etc/passwd").read_text())
        self.assertFalse((self.root / "usr/bin/cfwarden").exists())

    def test_the_settings_as_shipped_change_nothing_and_every_line_of_them_is_allowed(self):
        self.install()
        settings = self.root / "etc/cfwarden/cfwarden.toml"
        lines = settings.read_text().splitlines()
        self.assertEqual([line for line in lines if line and not line.startswith("#")], [])
        settings.write_text("\n".join(line.removeprefix("#") for line in lines
                                      if not line.startswith("# ")) + "\n")
        outcome = self.cfwarden("audit")
        self.assertIn(outcome.returncode, (0, 3), outcome)


class RpmTest(TemporaryTest):
    def setUp(self):
        super().setUp()
        self.rpm = package("*.rpm")
        needs_program("rpm", "rpm")

    def test_rpmlint_has_no_errors(self):
        needs_program("rpmlint", "rpmlint")
        done = subprocess.run(["rpmlint", "-r", SOURCE / "packaging/rpm/rpmlintrc", self.rpm],
                              capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, "XDG_CONFIG_HOME": str(self.directory)})
        self.assertRegex(done.stdout, r"\b0 errors", done)

    def test_its_scripts_are_sound_and_enable_nothing(self):
        for tag in ("POSTIN", "PREUN", "POSTUN"):
            script = output("rpm", "-qp", "--qf", f"%{{{tag}}}", self.rpm)
            output("sh", "-n", input=script)
            self.assertNotIn("systemctl enable", script)
        self.assertEqual(output("rpm", "-qp", "--configfiles", self.rpm),
                         "/etc/cfwarden/cfwarden.toml\n")

    @needs_root
    def test_installed_into_an_empty_root_it_runs_and_erased_it_is_gone(self):
        root = self.directory / "root"
        root.mkdir()
        def rpm(*arguments):
            return output("rpm", "--root", root, "--nodeps", "--noscripts", *arguments)
        rpm("-i", self.rpm)
        listed = output("rpm", "--root", root, "-ql", "cfwarden").split()
        self.assertIn("/usr/bin/cfwarden", listed)
        for path in listed:
            self.assertTrue((root / path.lstrip("/")).exists(), path)
        version = output(root / "usr/bin/cfwarden", "--version")
        self.assertIn(output("rpm", "-qp", "--qf", "%{VERSION}", self.rpm), version)
        rpm("-e", "cfwarden")
        left = [path for path in clean_root.listing(root, ("/var/lib/rpm",))
                if "cfwarden" in path]
        self.assertEqual(left, [])


class RpmScriptsTest(TemporaryTest):
    """As rpm runs them, in a root of their own: $1 is how many versions there are afterwards."""

    def setUp(self):
        super().setUp()
        self.rpm = package("*.rpm")
        needs_program("rpm", "rpm")
        self.root = or_skip(clean_root.unpacked, self.directory, BUILD / "clean-root.tar")
        accounts = self.root / "usr/lib/sysusers.d"
        accounts.mkdir(exist_ok=True)
        shutil.copy(SOURCE / "packaging/systemd/cfwarden.sysusers.conf", accounts / "cfwarden.conf")

    def run_all(self):
        """What each script asked of systemctl: "script $1" and then its orders."""
        orders = {}
        asked = self.root / "asked"
        for tag, count in (("POSTIN", 1), ("POSTIN", 2), ("PREUN", 1), ("POSTUN", 1), ("PREUN", 0),
                           ("POSTUN", 0)):
            script = output("rpm", "-qp", "--qf", f"%{{{tag}}}", self.rpm)
            (self.root / "script").write_text(script)
            asked.write_text("")
            done = clean_root.inside(self.root, "sh", "/script", str(count), check=False)
            self.assertEqual(done.returncode, 0, (tag, count, done))
            self.assertNotIn("not found", done.stderr)
            orders[f"{tag} {count}"] = asked.read_text().splitlines()
        return orders

    def test_without_systemd_they_make_the_account_and_keep_it(self):
        self.assertEqual({order for orders in self.run_all().values() for order in orders}, set())
        self.assertRegex((self.root / "etc/passwd").read_text(),
                         "(?m)^cfwarden:.*:/nonexistent:/usr/sbin/nologin$")

    def test_a_newer_version_stops_nothing_and_the_removal_does_though_systemctl_fails(self):
        (self.root / "run/systemd/system").mkdir(parents=True)
        systemctl = self.root / "usr/bin/systemctl"
        systemctl.write_text('#!/bin/sh\necho "$*" >>/asked\nexit 1\n')
        systemctl.chmod(0o755)
        orders = self.run_all()
        self.assertEqual(orders.pop("PREUN 0"),
                         ["--no-reload disable --now cfwarden-audit.timer",
                          "stop cfwarden-audit.service"])
        self.assertEqual(orders, {"POSTIN 1": ["daemon-reload"], "POSTIN 2": ["daemon-reload"],
                                  "PREUN 1": [], "POSTUN 1": ["daemon-reload"],
                                  "POSTUN 0": ["daemon-reload"]})


class TarballTest(TemporaryTest):
    def setUp(self):
        super().setUp()
        self.archive = package("*-static.tar.gz")
        with tarfile.open(self.archive) as archive:
            archive.extractall(self.directory)
        self.tree = next(path for path in self.directory.iterdir() if path.is_dir())
        self.root = self.directory / "root"
        (self.root / "etc").mkdir(parents=True)
        (self.root / "proc").mkdir()  # All that it needs of a host: contents are read through it.
        (self.root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n"
                                              "alice:x:4001:4001::/home/alice:/bin/sh\n")
        (self.root / "etc/group").write_text("root:x:0:\n")
        shutil.copy(self.tree / "cfwarden", self.root / "cfwarden")

    def run_inside(self, *arguments, user=None):
        as_user = [f"--userspec={user}"] if user else []
        return subprocess.run([*clean_root.NAMESPACES, f"--mount-proc={self.root}/proc",
                               "/usr/sbin/chroot", *as_user, self.root, "/cfwarden", *arguments],
                              capture_output=True, text=True, check=False, timeout=60,
                              env={})

    def test_it_holds_the_program_and_all_that_goes_with_it(self):
        for name in ("cfwarden", "README.md", "LICENSE", "cfwarden.toml", "man/cfwarden.8",
                     "completions/cfwarden.fish", "rules/token-in-unit.json",
                     "schema/cfwarden.report-1.schema.json", "systemd/cfwarden-audit.timer"):
            self.assertTrue((self.tree / name).is_file(), name)

    def test_its_program_loads_nothing(self):
        headers = output("readelf", "-ld", self.tree / "cfwarden")
        self.assertNotIn("INTERP", headers)
        self.assertNotIn("NEEDED", headers)

    @needs_namespaces
    def test_it_audits_and_sweeps_in_a_root_where_nothing_else_can_run(self):
        self.plant(self.root)
        for command in (["audit", "/etc/cloudflared"], ["sweep", "/etc"]):
            done = self.run_inside(*command, "--json")
            self.assertEqual(done.returncode, 1, done)
            report = json.loads(done.stdout)
            self.assertEqual([one["path"] for one in report["credentials"]], ["/" + CREDENTIALS])
            self.assertEqual(report["credentials"][0]["file"]["owner"], "root")
            self.assertEqual(report["credentials"][0]["readers"]["audience"], "everyone")

    @needs_namespaces
    def test_it_runs_as_an_ordinary_user(self):
        self.plant(self.root)
        done = self.run_inside("audit", "--json", "/etc/cloudflared", user="4001:4001")
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(json.loads(done.stdout)["run"]["user"], "alice")

    @needs_namespaces
    def test_it_says_where_accounts_may_be_missing_because_it_asks_no_name_service(self):
        credentials = self.plant(self.root)
        credentials.chmod(0o640)
        os.chown(credentials, 0, 54321)
        (self.root / "etc/nsswitch.conf").write_text("passwd: files sss\ngroup: compat\n")
        for text, word in (("passwd: files sss\ngroup: files sss\n", "sss"),
                           ("passwd: compat\ngroup: compat\n", "linked statically")):
            with self.subTest(word):
                (self.root / "etc/nsswitch.conf").write_text(text)
                report = json.loads(self.run_inside("audit", "--json", "/etc/cloudflared").stdout)
                self.assertIn(word, " ".join(gap["why"] for gap in report["gaps"]))
                self.assertFalse(report["complete"])


class ContainerfileTest(unittest.TestCase):
    """It cannot be built here: that it is well formed is all that is seen."""

    def lines(self):
        text = (SOURCE / "packaging/Containerfile").read_text().replace("\\\n", " ")
        return [line.split(maxsplit=1) for line in text.splitlines()
                if line and not line.startswith("#")]

    def test_it_has_known_instructions_and_copies_what_is_there(self):
        stages = []
        for word, rest in self.lines():
            self.assertIn(word, ("ARG", "FROM", "RUN", "COPY", "WORKDIR", "USER", "ENTRYPOINT",
                                 "CMD", "LABEL", "ENV"))
            if word == "FROM" and " AS " in rest:
                stages.append(rest.split(" AS ")[1])
            if word == "COPY" and "--from=" in rest:
                self.assertIn(rest.split("--from=")[1].split()[0], stages)
            elif word == "COPY":
                for source in rest.split()[:-1]:
                    self.assertTrue((SOURCE / source).exists(), source)
            if word in ("ENTRYPOINT", "CMD"):
                self.assertIsInstance(json.loads(rest), list)
            if word == "RUN":
                subprocess.run(["sh", "-n", "-c", rest], check=True)

    def test_it_installs_what_the_build_takes(self):
        bootstrap = (SOURCE / "packaging/bootstrap").read_text()
        wanted = bootstrap.split("readonly build_packages=(")[1].split(")")[0].split()
        installed = next(rest for word, rest in self.lines() if word == "RUN")
        self.assertEqual(installed.split("--no-install-recommends")[1].split(), wanted)

    def test_the_last_stage_is_empty_and_runs_as_an_ordinary_user(self):
        last = self.lines()
        at = max(i for i, (word, _) in enumerate(last) if word == "FROM")
        self.assertEqual(last[at][1], "scratch")
        self.assertIn(["USER", "65532:65532"], last[at:])


if __name__ == "__main__":
    unittest.main(verbosity=2)
