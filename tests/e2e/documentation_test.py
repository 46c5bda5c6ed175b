"""What the documents show can be done, and they agree with each other.

A fenced block of the language `console` is run: its lines that begin with "$ " are commands, in a
shell with `cfwarden` on its path. What installs packages or asks for root is left out.
"""

import gzip
import io
import os
import re
import shlex
import subprocess
import tarfile
import unittest

import host_tree
import invented
from host_tree import SOURCE, needs_root, run
from invented import OTHER_TUNNEL, THIRD_TUNNEL, TUNNEL

README = SOURCE / "README.md"
MAN_PAGE = SOURCE / "packaging/man/cfwarden.8.scd"
LEFT_OUT = ("packaging/bootstrap", "sudo ", "tests/bench", "cmake ", "man ")
PLACEHOLDERS = {"PATH...": "{}/srv", "PATH": "{}/srv", "DIR": "{}", "FILE": "{}/srv/token",
                "RULE": "readable-by-everyone", "KIND": "tunnel-token"}


def blocks(document):
    """Fenced blocks as (language, text)."""
    return re.findall("^```(\\w*)\n(.*?)^```$", document.read_text(encoding="utf-8"), re.M | re.S)


def console_commands(document):
    """The commands that a document shows for running."""
    lines = [line[2:].split("  #")[0] for language, text in blocks(document)
             if language == "console" for line in text.splitlines() if line.startswith("$ ")]
    return [line for line in lines if not line.startswith(LEFT_OUT)]


def mentioned_commands(document):
    """`cfwarden ...` in running text and tables."""
    found = re.findall("`(cfwarden(?: [^`]*)?)`", document.read_text(encoding="utf-8"))
    # What is said of a unit needs one: fix_move_token_test.py has it.
    return sorted({text for text in found if re.fullmatch(r"[\w ./|=-]+", text)
                   and "UNIT" not in text})


def unit(*settings):
    """A service's definition."""
    return "\n".join(["[Unit]", "Description=cloudflared", "", "[Service]", "Type=notify",
                      *settings, "", "[Install]", "WantedBy=multi-user.target", ""]).encode()


def lay_out_screen(host):
    """The host whose audit the README shows."""
    host.home("root", mode=0o755, directory_mode=0o711)
    host.file("/root/.cloudflared/cert.pem", invented.certificate(), 0o644)
    system = "/etc/systemd/system"
    for folder in ("/etc/cloudflared", "/etc/systemd", system, f"{system}/multi-user.target.wants"):
        host.folder(folder)
    run_tunnel = "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run"
    wiki, shop = (f"/etc/cloudflared/{tunnel}.json" for tunnel in (OTHER_TUNNEL, THIRD_TUNNEL))
    host.file(wiki, invented.credentials(OTHER_TUNNEL, "wiki"), 0o600)
    host.file(shop, invented.credentials(THIRD_TUNNEL, "shop"), 0o640, "root", "cloudflared")
    units = {"cloudflared": [f"{run_tunnel} --token {invented.token(TUNNEL).decode()}"],
             "shop": ["User=cloudflared", f"{run_tunnel} --credentials-file {shop} {THIRD_TUNNEL}"],
             "wiki": ["User=cloudflared", f"{run_tunnel} --credentials-file {wiki} {OTHER_TUNNEL}"]}
    for name, settings in units.items():
        host.file(f"{system}/{name}.service", unit(*settings), 0o644)
        host.link(f"{system}/multi-user.target.wants/{name}.service", f"../{name}.service")


def without_root(screen):
    """As the running host's would be."""
    return re.sub(r"(?: \\\n *| )--root(?: \\\n *| )\S+", "", screen)


def lay_out_fix(host):
    """The host whose plan the README shows: nobody closed what the services read."""
    host.folder("/etc/cloudflared")
    host.folder("/etc/systemd")
    host.folder("/etc/systemd/system")
    credentials = f"/etc/cloudflared/{TUNNEL}.json"
    host.file(credentials, invented.credentials(TUNNEL), 0o644, "root", "cloudflared")
    run_tunnel = "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run"
    host.file("/etc/systemd/system/cloudflared.service",
              unit("User=cloudflared", f"{run_tunnel} --credentials-file {credentials} {TUNNEL}"))
    host.home("alice", mode=0o755, directory_mode=0o711)
    host.file("/home/alice/.cloudflared/cert.pem", invented.certificate(), 0o644, "alice", "alice")


def lay_out_sweep(host):
    """The host whose sweep the README shows: what people leave behind."""
    host.accounts(deploy=["alice", "bob"])
    for folder in ("/srv", "/srv/stack", "/var", "/var/log", "/var/backups"):
        host.folder(folder)
    token = invented.token(TUNNEL)
    host.home("alice")
    host.file("/home/alice/.bash_history",
              b"sudo cloudflared service install " + token + b"\n", 0o600, "alice", "alice")
    host.file("/srv/stack/.env", b"CLOUDFLARE_TUNNEL_TOKEN=" + token + b"\n", 0o644)
    log = b"2026-11-22T02:20:50Z INF Environmental variables map[CF_TUNNEL_TOKEN:" + token + b"]\n"
    host.file("/var/log/cloudflared.log.2.gz", gzip.compress(log, mtime=0), 0o640, "root",
              host_tree.DEPLOY)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("root/.cloudflared/cert.pem")
        content = invented.certificate()
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    host.file("/var/backups/monday.tgz", archive.getvalue(), 0o600)


class DocumentationTest(host_tree.TreeTest):
    def setUp(self):
        super().setUp()
        self.host.folder("/srv")
        self.host.file("/srv/token", invented.token(), 0o600)

    @needs_root
    def test_the_screen_of_the_readme_is_what_the_program_shows(self):
        host = self.new_host()
        lay_out_screen(host)
        marked = re.search("<!-- screen -->\n```\n\\$ sudo cfwarden audit\n(.*?)^```$",
                           README.read_text(encoding="utf-8"), re.M | re.S)
        shown = without_root(host.audit().text)
        # Behind --root there is no room for what stands behind this command.
        screen = re.sub("(cfwarden fix)   2 of 7 findings .*", r"\1", marked.group(1))
        self.assertEqual(screen, re.sub("cfwarden (explain|fix)", r"sudo cfwarden \1", shown))

    @needs_root
    def test_the_fix_screen_of_the_readme_is_what_the_program_shows(self):
        host = self.new_host()
        lay_out_fix(host)
        marked = re.search("<!-- fix screen -->\n```\n\\$ sudo cfwarden fix\n(.*?)^```$",
                           README.read_text(encoding="utf-8"), re.M | re.S)
        shown = without_root(run("fix", "--root", host.directory).text)
        self.assertEqual(marked.group(1),
                         re.sub(r"cfwarden (explain|fix|undo)", r"sudo cfwarden \1", shown))

    @needs_root
    def test_the_sweep_screen_of_the_readme_is_what_the_program_shows(self):
        host = self.new_host()
        lay_out_sweep(host)
        marked = re.search("<!-- sweep screen -->\n```\n\\$ sudo cfwarden sweep\n(.*?)^```$",
                           README.read_text(encoding="utf-8"), re.M | re.S)
        shown = without_root(run("sweep", "--root", host.directory).text)
        shown = re.sub("cfwarden (explain|fix)", r"sudo cfwarden \1", shown)
        # How much a directory and an archive take differs from one file system to the next.
        amount = r"Looked at [\d,]+ names and read \d+ files, .* in .* s\n"
        remark = "(cfwarden fix \\S+) +1 file .*"  # Behind --root there is no room for it.
        screen = re.sub(remark, r"\1", re.sub(amount, "", marked.group(1)))
        self.assertEqual(screen, re.sub(remark, r"\1", re.sub(amount, "", shown)))

    def test_the_exception_of_the_readme_is_what_the_program_writes(self):
        marked = re.search("<!-- except screen -->\n```\n\\$ sudo cfwarden (.*)\n((?:.*\n)*?)```$",
                           README.read_text(encoding="utf-8"), re.M)
        directory = self.host.at(self.host.folder("/exceptions"))
        outcome = run(*shlex.split(marked.group(1)), "--exceptions", directory)
        self.assertEqual(outcome.text.replace(f" --exceptions {directory}", "").replace(directory, "/etc/cfwarden/exceptions.d"),
                         marked.group(2))

    def test_every_command_of_a_console_block_runs(self):
        binary = self.host.at(self.host.folder("/bin"))
        os.symlink(host_tree.program(), binary + "/cfwarden")
        environment = {**host_tree.ENVIRONMENT, "PATH": f"{binary}:{host_tree.ENVIRONMENT['PATH']}",
                       "HOME": self.host.at("/srv")}
        documents = [README, *sorted(SOURCE.glob("*/README.md"))]
        for document in documents:
            for command in console_commands(document):
                with self.subTest(document=document.name, command=command):
                    done = subprocess.run(["bash", "-c", command], env=environment, check=False,
                                          cwd=SOURCE, capture_output=True, timeout=120)
                    self.assertIn(done.returncode, (0, 1, 3), done)

    def test_every_command_that_is_mentioned_is_known_to_the_program(self):
        commands = mentioned_commands(README)
        self.assertGreaterEqual(len(commands), 5, commands)
        for command in commands:
            for alternative in command.split(" or "):
                words = shlex.split(alternative)[1:]
                words = [self.filled(word) for word in words]
                if len(words) < 2:  # A command's bare name.
                    words.append("--help")
                with self.subTest(command):
                    outcome = run(*words, timeout=120)
                    self.assertIn(outcome.code, (0, 1, 3), outcome)

    def filled(self, word):
        return PLACEHOLDERS.get(word, word).format(self.directory)

    def test_the_readme_and_the_man_page_name_the_same_exit_codes(self):
        readme = re.search("## Exit codes\n(.*?)\n## ", README.read_text(encoding="utf-8"), re.S)
        in_readme = set(re.findall(r"^\| (\d+) \|", readme.group(1), re.M))
        man_page = re.search("# EXIT STATUS\n(.*?)\n# ", MAN_PAGE.read_text(encoding="utf-8"), re.S)
        in_man_page = set(re.findall(r"^(?:\[\[|\|) +\*(\d+)\*", man_page.group(1), re.M))
        self.assertEqual(in_readme, {"0", "1", "2", "3", "4", "70"})
        self.assertEqual(in_man_page, in_readme)

    def test_the_man_page_names_every_option_and_command_of_the_program(self):
        page = MAN_PAGE.read_text(encoding="utf-8").replace("\\-", "-")
        for command in ([], ["audit"], ["sweep"], ["fix"], ["undo"], ["diff"], ["inspect"], ["explain"],
                        ["except"], ["rules", "list"], ["demo"]):
            text = run(*command, "--help").text
            for option in re.findall("^ +(?:-\\w,)?(--[a-z-]+)", text, re.M):
                if option == "--help":
                    continue
                with self.subTest(command=command, option=option):
                    self.assertIn(option, page)
        for word in ("audit", "sweep", "fix", "undo", "diff", "inspect", "explain", "except", "rules list",
                     "rules facts", "rules check", "rules profiles", "demo"):
            self.assertRegex(page, rf"\*{word}\*")

    def test_the_files_that_the_readme_names_exist(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
            with self.subTest(target):
                self.assertTrue((SOURCE / target).exists())

    def test_no_document_holds_a_whole_secret(self):
        for document in SOURCE.glob("**/*.md"):
            if "build" in document.relative_to(SOURCE).parts:
                continue
            self.assertNotRegex(document.read_text(encoding="utf-8"), "eyJ[A-Za-z0-9+/=_-]{80}")


if __name__ == "__main__":
    unittest.main()
