"""What packaging/bootstrap asks of apt before it builds, with an apt that only writes down what it was
asked. Nothing is installed, and nothing is built."""

import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Of a fresh machine: no list until there was an update, and an installation that fails ends the run.
STUBS = {
    "apt-get": """
        for word; do case $word in
          update) echo update >>"$STATE/asked"; [ -n "${OFFLINE-}" ] && exit 100; touch "$STATE/lists" ;;
          install) echo "$*" >>"$STATE/asked"; exit 100 ;;
          download) echo "$*" >>"$STATE/asked"; cp "$STATE/package" prometheus_1_all.deb ;;
        esac; done""",
    "apt-cache": """
        echo "$2:"
        [ ! -e "$STATE/lists" ] || echo '  Candidate: 1.0-1'""",
    "dpkg-query": """
        [ -z "${INSTALLED-}" ] || { printf 'install ok installed'; exit 0; }
        exit 1""",
    "sudo": """
        [ "$1" = -v ] || exec "$@\"""",
    "dpkg": """
        [ "$1" = --fsys-tarfile ] && cat "$2\"""",
    "cmake": "exit 1",
}


class BootstrapTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cfwarden-bootstrap."))
        self.addCleanup(shutil.rmtree, self.directory)
        (self.directory / "packaging").mkdir()
        shutil.copy(SOURCE / "packaging/bootstrap", self.directory / "packaging/bootstrap")
        (self.directory / "bin").mkdir()
        for name, text in STUBS.items():
            stub = self.directory / "bin" / name
            stub.write_text("#!/bin/sh\n" + text + "\n", encoding="utf-8")
            stub.chmod(0o755)

    def hide(self, name):
        """All programs of this machine but that one."""
        for directory in ("/usr/sbin", "/usr/bin"):
            for program in os.listdir(directory):
                place = self.directory / "bin" / program
                if program != name and not os.path.lexists(place):
                    place.symlink_to(os.path.join(directory, program))
        return f"{self.directory}/bin"

    def bootstrap_test(self, **variables):
        """Answers the run, and apt-get's orders in their order."""
        done = subprocess.run(
            [self.directory / "packaging/bootstrap", "test"], capture_output=True, text=True,
            check=False, timeout=120, env={"PATH": f"{self.directory}/bin:/usr/sbin:/usr/bin:/bin",
                                           "STATE": str(self.directory), **variables})
        asked = self.directory / "asked"
        return done, asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []

    def test_a_fresh_machine_is_given_the_tools_that_can_be_done_without_too(self):
        done, asked = self.bootstrap_test()
        self.assertEqual((done.returncode, len(asked)), (2, 2), done)
        self.assertEqual(asked[0], "update")
        for package in ("g++", "lintian", "fish", "debootstrap"):
            self.assertIn(package, asked[1].split())

    def test_where_the_lists_cannot_be_had_it_says_so_and_asks_for_what_it_needs(self):
        done, asked = self.bootstrap_test(OFFLINE="1")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("is there a network", done.stderr)
        self.assertEqual(set(asked), {"update"})

    def test_nothing_is_asked_for_where_nothing_is_missing(self):
        done, asked = self.bootstrap_test(INSTALLED="1")
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual([order for order in asked if "download" not in order], [])
        self.assertIn("nothing is missing", done.stderr)
        self.assertFalse(os.path.exists(self.directory / "lists"))

    def test_promtool_is_taken_out_of_its_package_which_would_install_a_server(self):
        with tarfile.open(self.directory / "package", "w") as package:
            for name in ("./usr/bin/prometheus", "./usr/bin/promtool"):
                member = tarfile.TarInfo(name)
                member.mode = 0o755
                package.addfile(member)
        done, asked = self.bootstrap_test(INSTALLED="1", PATH=self.hide("promtool"))
        self.assertEqual(asked, ["-q download prometheus"], done)
        unpacked = self.directory / "build/promtool"
        self.assertTrue(os.access(unpacked / "usr/bin/promtool", os.X_OK))
        self.assertEqual([path.name for path in unpacked.rglob("*") if path.is_file()], ["promtool"])


if __name__ == "__main__":
    unittest.main()
