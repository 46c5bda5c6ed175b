"""`cfwarden fix --move-token` refuses a unit that is not as cloudflared installed it, or is not all
that is said of it: exit 4, and nothing is changed."""

import os
import unittest

import host_tree
import invented
import kernel
import mending
import moving
from host_tree import DEPLOY, UIDS, needs_root
from mending import TOKEN
from moving import BEFORE, NAME, SECRET, SYSTEM, UNIT, installed_unit

PACKAGED = f"/usr/lib/systemd/system/{NAME}"
COMMAND = b"ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run --token "


@needs_root
class UnitTest(moving.RefusedTest):
    """What the unit says, and what else says something of it."""

    def test_a_unit_that_cloudflared_did_not_write_so(self):
        lines = BEFORE.splitlines(keepends=True)
        service = lines.index(b"[Service]\n") + 1

        def with_line(line, at=service):
            return b"".join([*lines[:at], line, *lines[at:]])

        units = {
            "User=": with_line(b"User=cloudflared\n"),
            "Group=": with_line(b"Group=deploy\n"),
            "DynamicUser=": with_line(b"DynamicUser=yes\n"),
            "an unknown setting": with_line(b"NoNewPrivileges=yes\n"),
            "Environment=": with_line(b"Environment=TUNNEL_LOGLEVEL=debug\n"),
            "another root": with_line(b"RootDirectory=/srv\n"),
            "LoadCredential=": with_line(b"LoadCredential=token:/x\n"),
            "a comment": with_line(b"# mine\n", 0),
            "a comment at the end": BEFORE + b"# mine\n",
            "an empty line more": with_line(b"\n"),
            "a second command": with_line(COMMAND + SECRET.encode() + b"\n", service + 3),
            "a second command without a token": with_line(b"ExecStart=/bin/true\n", service + 3),
            "a command before it": with_line(b"ExecStartPre=/bin/true\n"),
            "a command that is taken back": with_line(b"ExecStart=\n"),
            "a line that goes on": BEFORE.replace(b" --token ", b" \\\n  --token "),
            "a description that goes on": BEFORE.replace(b"=cloudflared\n", b"=cloudflared \\\n"),
            "a second section": BEFORE + b"[Service]\nUser=alice\n",
            "a line too few": BEFORE.replace(b"RestartSec=5s\n", b""),
            "another value": BEFORE.replace(b"RestartSec=5s", b"RestartSec=6s"),
            "another type": BEFORE.replace(b"Type=notify", b"Type=simple"),
            "carriage returns": BEFORE.replace(b"\n", b"\r\n"),
            "no newline at its end": BEFORE[:-1],
            "a byte order mark": b"\xef\xbb\xbf" + BEFORE,
            "a NUL": BEFORE.replace(b"cloudflared\n", b"cloud\0flared\n", 1),
            "spaces before a line": BEFORE.replace(b"Type=", b" Type="),
            "nothing": b"",
            "one that is too large": BEFORE + b"#" * 70_000,
        }
        for what, content in units.items():
            with self.subTest(what):
                self.lay_out(content=content)
                self.assert_refused(UNIT)

    def test_a_command_that_cloudflared_did_not_write_so(self):
        token = SECRET
        for arguments in (f"--token '{token}'", f"--token={token}", f'--token "{token}"',
                          f"--token {token} --loglevel debug", f"--token {token} ",
                          f"--token  {token}", f"--token-file /x --token {token}",
                          "--token ${TUNNEL_TOKEN}", "--token %I", "--token", "", "shop",
                          f"--url http://localhost --token {token}", f"--token {token} ; /bin/x",
                          "--token-file %d/token", "--credentials-file /x shop"):
            with self.subTest(arguments.replace(token, "TOKEN")):
                self.lay_out(content=installed_unit(arguments))
                self.assert_refused(UNIT)
        for program in ("-/usr/bin/cloudflared", "@/usr/bin/cloudflared x", "cloudflared",
                        "/bin/sh -c cloudflared", "/usr/bin/env cloudflared", "/usr/bin/nginx",
                        "!/usr/bin/cloudflared", "/opt/%i/cloudflared", "/usr/bin/cloudflared x"):
            with self.subTest(program):
                self.lay_out(content=installed_unit(program=program))
                self.assert_refused(UNIT)

    def test_a_token_that_cloudflared_could_not_use(self):
        for token in (SECRET[:-20], SECRET[4:], "INVENTED", invented.base64_text(b"{}"),
                      invented.token(tunnel="no-uuid").decode(),
                      invented.token(secret_bytes=b"").decode(),
                      invented.base64_text(invented.credentials())):
            with self.subTest(token):
                self.lay_out(content=installed_unit(f"--token {token}"))
                self.assert_refused(UNIT)

    def test_a_unit_with_drop_ins(self):
        for place in (SYSTEM, "/run/systemd/system", "/usr/lib/systemd/system",
                      "/etc/systemd/system.control", "/run/systemd/transient"):
            for content in (b"[Service]\nUser=alice\n", b"", None):
                with self.subTest(place, content=content):
                    self.lay_out()
                    directory = self.host.folder(f"{place}/{NAME}.d")
                    if content is not None:
                        self.host.file(f"{directory}/override.conf", content, 0o644)
                    self.assert_refused(directory)
                    host_tree.remove_tree(self.at(directory))

    def test_a_drop_in_for_all_services_that_changes_the_user(self):
        self.lay_out()
        self.host.folder(f"{SYSTEM}/service.d")
        self.host.file(f"{SYSTEM}/service.d/user.conf", b"[Service]\nUser=cloudflared\n", 0o644)
        self.assert_refused(NAME, "cloudflared")

    def test_a_unit_whose_place_another_takes(self):
        self.lay_out()
        self.host.folder("/run/systemd/transient")
        path = self.host.file(f"/run/systemd/transient/{NAME}", BEFORE, 0o644)
        self.assert_refused(path)

    def test_a_unit_with_another_name(self):
        self.lay_out()
        self.host.link(f"{SYSTEM}/tunnel.service", NAME)
        self.assert_refused(f"{SYSTEM}/tunnel.service")

    def test_a_unit_that_is_a_link_or_no_file_at_all(self):
        self.lay_out()
        self.host.folder("/opt")
        self.host.file("/opt/unit", BEFORE, 0o644)
        for target in ("/opt/unit", "../../../opt/unit", NAME):
            with self.subTest(target):
                os.unlink(self.at(UNIT))
                self.host.link(UNIT, target)
                self.assert_refused(UNIT)
        os.unlink(self.at(UNIT))
        os.mkfifo(self.at(UNIT), 0o644)
        self.assert_refused(UNIT)
        os.unlink(self.at(UNIT))
        os.mkdir(self.at(UNIT))
        self.assert_refused(UNIT)

    def test_a_unit_with_a_second_hard_link(self):
        self.lay_out()
        os.link(self.at(UNIT), self.at("/second"))
        self.assert_refused(UNIT, "2 names")

    def test_a_unit_of_somebody_else_or_that_others_can_write(self):
        self.lay_out()
        os.chown(self.at(UNIT), UIDS["alice"], 0)
        self.assert_refused(UNIT, str(UIDS["alice"]))
        os.chown(self.at(UNIT), 0, DEPLOY)
        for mode in (0o664, 0o646, 0o666, 0o620, 0o4644, 0o2644, 0o1644):
            with self.subTest(f"{mode:o}"):
                os.chmod(self.at(UNIT), mode)
                self.assert_refused(UNIT)

    def test_a_unit_with_an_acl_or_with_other_attributes(self):
        self.needs_acls()
        self.lay_out()
        os.setxattr(self.at(UNIT), "user.invented", b"x")
        self.assert_refused(UNIT, "attributes")
        os.removexattr(self.at(UNIT), "user.invented")
        kernel.set_acl(self.at(UNIT), (kernel.OWNER, 6), (kernel.USER, 4, UIDS["carol"]),
                       (kernel.GROUP, 4), (kernel.MASK, 4), (kernel.OTHERS, 0))
        self.assert_refused(UNIT, "ACL")

    def test_a_unit_of_a_package_by_name_and_by_path(self):
        self.lay_out()
        self.host.folder("/usr/lib/systemd/system")
        self.host.file(PACKAGED, BEFORE, 0o644)
        self.assert_refused(PACKAGED, unit=PACKAGED)
        host_tree.remove_tree(self.at("/etc/systemd"))
        self.assert_refused(PACKAGED)

    def test_a_unit_of_a_user(self):
        self.lay_out()
        for directory in ("/home/alice/.config/systemd/user", "/etc/systemd/user"):
            self.host.folder(directory, owner="alice" if "alice" in directory else "root")
            path = self.host.file(f"{directory}/{NAME}", BEFORE, 0o644,
                                  "alice" if "alice" in directory else "root")
            self.assert_refused(path, unit=path)

    def test_what_users_claim_to_need_does_not_stop_it(self):
        """Alice's own units name root's, and the file that there will be."""
        self.lay_out()
        self.host.home("alice", 0o755)
        directory = self.host.folder("/home/alice/.config/systemd/user", owner="alice")
        for number, command in enumerate((f"tunnel run --token-file {TOKEN}",
                                          f"tunnel --config {UNIT} run",
                                          f"tunnel run --token-file {UNIT}",
                                          f"tunnel run --token {SECRET}")):
            self.host.file(f"{directory}/{number}.service", mending.unit(command), 0o644, "alice")
        self.moved()
        self.assert_in_file()


if __name__ == "__main__":
    unittest.main()
