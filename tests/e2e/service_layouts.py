"""How hosts start cloudflared, as its own installers, distributions and administrators lay it out,
and what a careful administrator would write down of each: who needs which credential, as whom, and
whether they can read it."""

import dataclasses
import json
import os
import typing

import host_tree
import invented
from invented import OTHER_TUNNEL, THIRD_TUNNEL, TUNNEL

UNITS = "/etc/systemd/system"
UNIT = f"{UNITS}/cloudflared.service"
PACKAGED = "/usr/lib/systemd/system"
CONFIG = "/etc/cloudflared/config.yml"
TOKEN = "/etc/cloudflared/token"
CREDENTIALS = f"/etc/cloudflared/{TUNNEL}.json"
ROOTS = f"/root/.cloudflared/{TUNNEL}.json"
CERTIFICATE = "/root/.cloudflared/cert.pem"
OFFICIAL = 65532  # Of the official image.


@dataclasses.dataclass
class Layout:
    """Every credential of the host is a key of `needed_by`: of nobody it is []."""

    name: str
    story: str
    lay_out: typing.Callable
    needed_by: dict  # path -> [(who, user, can_read)]
    rules: set  # (rule, path) of everything that the audit finds.
    arguments: tuple  # Of the audit.
    gaps: set  # Their paths.
    for_everyone: bool  # Everything is root's, so that any user can lay it out as their own.


LAYOUTS = []


def layout(needed_by, *rules, arguments=(), gaps=(), for_everyone=False):
    """Makes a layout of a function that lays out a host; its docstring is the story."""

    def add(function):
        LAYOUTS.append(Layout(function.__name__, function.__doc__, function, needed_by,
                              set(rules), tuple(arguments), set(gaps), for_everyone))
        return function

    return add


def flags(path, *rules):
    return [(rule, path) for rule in rules]


# What is true of a 0644 unit, or a 0755 script, with the token in its command.
WRITTEN_OUT = ("token-in-unit", "token-in-arguments", "readable-by-everyone")
AS_ROOT = ("service-runs-as-root", UNIT)


def by(who, user="root", can_read=True):
    return [(who, user, can_read)]


STOCK = by("cloudflared.service")


# --- parts -------------------------------------------------------------------------------------


def put(host, path, content, mode=0o644, owner="root", group=None):
    """A file of the host, in directories that are root's unless they are there."""
    parent = path.rsplit("/", 1)[0]
    missing = []
    while parent and not os.path.lexists(host.at(parent)):
        missing.append(parent)
        parent = parent.rsplit("/", 1)[0]
    for directory in reversed(missing):
        host.folder(directory)
    content = content.encode() if isinstance(content, str) else content
    return host.file(path, content, mode, owner, group)


def put_link(host, path, target, owner="root"):
    put(host, path, b"", owner=owner)
    os.unlink(host.at(path))
    return host.link(path, target, owner)


def put_json(host, path, document, mode=0o600):
    return put(host, path, json.dumps(document), mode)


def credentials(host, path=CREDENTIALS, mode=0o400, owner="root", group=None, tunnel=TUNNEL):
    return put(host, path, invented.credentials(tunnel, path), mode, owner, group)


def token_file(host, path=TOKEN, mode=0o600, owner="root", group=None):
    return put(host, path, invented.token(name=path), mode, owner, group)


def certificate(host, path=CERTIFICATE, mode=0o600, owner="root"):
    return put(host, path, invented.certificate(path), mode, owner)


def roots_home(host):
    host.home("root")


def config(host, path=CONFIG, pointer=ROOTS, tunnel=TUNNEL, mode=0o644, owner="root"):
    """As people write it for a tunnel that they manage themselves."""
    return put(host, path, f"tunnel: {tunnel}\ncredentials-file: {pointer}\n"
               "ingress:\n  - hostname: wiki.example.com\n    service: http://localhost:8000\n"
               "  - service: http_status:404\n", mode, owner)


def enable(host, name, unit=None, target="multi-user.target"):
    put_link(host, f"{UNITS}/{target}.wants/{name}", unit or f"{UNITS}/{name}")


def stock_unit(command, service="", description="cloudflared"):
    """The unit that cloudflared's own installer writes."""
    return (f"[Unit]\nDescription={description}\nAfter=network-online.target\n"
            "Wants=network-online.target\n\n[Service]\nTimeoutStartSec=15\nType=notify\n"
            f"ExecStart=/usr/bin/cloudflared {command}\nRestart=on-failure\nRestartSec=5s\n"
            f"{service}\n[Install]\nWantedBy=multi-user.target\n")


def install(host, command, service="", name="cloudflared.service"):
    put(host, f"{UNITS}/{name}", stock_unit(command, service))
    enable(host, name)


def drop_in(host, text, name="override.conf", unit="cloudflared.service"):
    return put(host, f"{UNITS}/{unit}.d/{name}", text)


def a_token(name="token"):
    return invented.token(name=name).decode()


BY_TOKEN_FILE = f"--no-autoupdate tunnel run --token-file {TOKEN}"
BY_CONFIG = f"--no-autoupdate --config {CONFIG} tunnel run"


# --- cloudflared's own installer, systemd ------------------------------------------------------


@layout({"/etc/cloudflared/cert.pem": STOCK}, AS_ROOT, for_everyone=True)
def installed_in_2018(host):
    """2018.8.0 to 2020.10.0: the certificate runs the tunnel, copied to /etc/cloudflared."""
    install(host, f"--config {CONFIG} --origincert /etc/cloudflared/cert.pem --no-autoupdate")
    put(host, CONFIG, "hostname: wiki.example.com\nurl: http://localhost:8000\n", 0o600)
    certificate(host, "/etc/cloudflared/cert.pem")


@layout({ROOTS: STOCK, CERTIFICATE: []}, AS_ROOT,
        ("account-certificate-on-connector", CERTIFICATE), for_everyone=True)
def installed_in_2020_after_a_login(host):
    """2020.10.1: named tunnels; the certificate of the login stays in root's home."""
    roots_home(host)
    install(host, f"--config {CONFIG} --no-autoupdate tunnel run")
    config(host)
    credentials(host, ROOTS, 0o600)
    certificate(host)


@layout({"/etc/cloudflared/cert.pem": STOCK}, AS_ROOT, for_everyone=True)
def installed_in_2021_with_legacy(host):
    """2020.10.1 to 2022.2.2 with --legacy."""
    install(host, f"--config {CONFIG} --origincert /etc/cloudflared/cert.pem --no-autoupdate")
    put(host, CONFIG, "hostname: wiki.example.com\nurl: http://localhost:8000\n", 0o600)
    certificate(host, "/etc/cloudflared/cert.pem")


@layout({UNIT: STOCK}, AS_ROOT, *flags(UNIT, *WRITTEN_OUT), for_everyone=True)
def installed_in_2022_with_a_token(host):
    """2022.3.0 to 2026.7.1: the token is part of the command."""
    install(host, f"--no-autoupdate tunnel run --token {a_token()}")


@layout({ROOTS: STOCK}, AS_ROOT, for_everyone=True)
def installed_in_2022_with_a_configuration(host):
    """2022.3.0 to 2026.7.1, for a tunnel that is managed here."""
    roots_home(host)
    install(host, BY_CONFIG)
    config(host)
    credentials(host, ROOTS)


@layout({TOKEN: STOCK}, AS_ROOT, for_everyone=True)
def installed_in_2026_with_a_token(host):
    """2026.7.2 and later: the token has a file of its own."""
    install(host, BY_TOKEN_FILE)
    token_file(host)


@layout({CREDENTIALS: STOCK}, AS_ROOT, for_everyone=True)
def installed_in_2026_with_a_configuration(host):
    """2026.7.2 and later, the credentials beside the configuration."""
    install(host, BY_CONFIG)
    config(host, pointer=CREDENTIALS)
    credentials(host)


@layout({UNIT: STOCK, TOKEN: []}, AS_ROOT, *flags(UNIT, *WRITTEN_OUT),
        ("credential-needed-by-nobody", TOKEN), for_everyone=True)
def upgraded_package_with_its_old_unit(host):
    """A new cloudflared under an old unit: the token file that somebody laid there is not used."""
    install(host, f"--no-autoupdate tunnel run --token {a_token()}")
    token_file(host)


# --- sysv and OpenRC ---------------------------------------------------------------------------

SCRIPT = "/etc/init.d/cloudflared"


def sysv_script(arguments):
    return f"""#!/bin/sh
# For RedHat and cousins:
# chkconfig: 2345 99 01
# description: cloudflared
# processname: /usr/bin/cloudflared
### BEGIN INIT INFO
# Provides:          /usr/bin/cloudflared
# Required-Start:
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: cloudflared
# Description:       cloudflared agent
### END INIT INFO
name=$(basename $(readlink -f $0))
cmd="/usr/bin/cloudflared --pidfile /var/run/$name.pid --autoupdate-freq 24h0m0s {arguments}"
pid_file="/var/run/$name.pid"
stdout_log="/var/log/$name.log"
stderr_log="/var/log/$name.err"
[ -e /etc/sysconfig/$name ] && . /etc/sysconfig/$name
get_pid() {{
    cat "$pid_file"
}}
is_running() {{
    [ -f "$pid_file" ] && ps $(get_pid) > /dev/null 2>&1
}}
case "$1" in
    start)
        if is_running; then
            echo "Already started"
        else
            echo "Starting $name"
            $cmd >> "$stdout_log" 2>> "$stderr_log" &
            echo $! > "$pid_file"
        fi
    ;;
    stop)
        if is_running; then
            kill $(get_pid)
        fi
    ;;
    *)
        echo "Usage: $0 {{start|stop|restart|status}}"
        exit 1
    ;;
esac
exit 0
"""


def install_sysv(host, arguments):
    put(host, SCRIPT, sysv_script(arguments), 0o755)
    for level in "2345":
        put_link(host, f"/etc/rc{level}.d/S50et", SCRIPT)
    for level in "016":
        put_link(host, f"/etc/rc{level}.d/K02et", SCRIPT)


@layout({SCRIPT: by("cloudflared")}, ("service-runs-as-root", SCRIPT),
        *flags(SCRIPT, *WRITTEN_OUT), for_everyone=True)
def sysv_with_a_token(host):
    """2022.3.0 to 2026.7.1 without systemd: a script of mode 0755 with the token in it."""
    install_sysv(host, f"tunnel run --token {a_token()}")


@layout({ROOTS: by("cloudflared")}, ("service-runs-as-root", SCRIPT), for_everyone=True)
def sysv_with_a_configuration(host):
    """Without systemd, for a tunnel that is managed here."""
    roots_home(host)
    install_sysv(host, f"--config {CONFIG} tunnel run")
    config(host)
    credentials(host, ROOTS)


@layout({"/etc/sysconfig/cloudflared": by("cloudflared")}, ("service-runs-as-root", SCRIPT),
        for_everyone=True)
def sysv_with_a_token_in_sysconfig(host):
    """The script sources /etc/sysconfig/cloudflared, which a careful hand keeps closed."""
    install_sysv(host, "tunnel run")
    put(host, "/etc/sysconfig/cloudflared", f"export TUNNEL_TOKEN='{a_token()}'\n", 0o600)


OPENRC = """#!/sbin/openrc-run

description="cloudflared agent"

: "${{cloudflared_user:=root}}"

command="/usr/bin/cloudflared"
command_args=" --autoupdate-freq 24h0m0s {}"
command_user="${{cloudflared_user}}"

pidfile="/run/${{RC_SVCNAME}}.pid"
output_log="/var/log/${{RC_SVCNAME}}.log"
error_log="/var/log/${{RC_SVCNAME}}.err"

supervisor="supervise-daemon"
respawn_delay=5
respawn_max=0

depend() {{
\tneed net
\tuse dns logger
\tafter net firewall
}}
"""


def install_openrc(host, arguments, settings):
    put(host, SCRIPT, OPENRC.format(arguments), 0o755)
    put(host, "/etc/conf.d/cloudflared", settings)
    put_link(host, "/etc/runlevels/default/cloudflared", SCRIPT)


@layout({TOKEN: by("cloudflared")}, ("service-runs-as-root", SCRIPT), for_everyone=True)
def openrc_as_installed(host):
    """2026.7.2 and later on Alpine or Gentoo."""
    install_openrc(host, f"tunnel run --token-file {TOKEN}", '#cloudflared_user="root"\n')
    token_file(host)


@layout({TOKEN: by("cloudflared", "cloudflared", False)}, ("service-cannot-read", TOKEN))
def openrc_with_another_user(host):
    """Somebody follows the comment in conf.d, and the token of the installer stays root's."""
    install_openrc(host, f"tunnel run --token-file {TOKEN}", 'cloudflared_user="cloudflared"\n')
    token_file(host)


@layout({CREDENTIALS: by("cloudflared", "cloudflared")},
        ("service-user-owns-credential", CREDENTIALS))
def alpine(host):
    """Alpine's package: an account of its own, its options in conf.d."""
    put(host, SCRIPT, """#!/sbin/openrc-run
supervisor=supervise-daemon

name="cloudflared"
description="Cloudflare Tunnel client"

: ${cloudflared_opts="--no-autoupdate --config /etc/cloudflared/config.yml tunnel run"}

command="/usr/bin/cloudflared"
command_args="$cloudflared_opts"
command_user="cloudflared:cloudflared"

depend() {
\tneed net localmount
}
""", 0o755)
    put(host, "/etc/conf.d/cloudflared", f'cloudflared_opts="--config {CONFIG} tunnel run"\n',
        0o755)
    put_link(host, "/etc/runlevels/default/cloudflared", SCRIPT)
    config(host, pointer=CREDENTIALS)
    credentials(host, owner="cloudflared")


# --- distributions with systemd ----------------------------------------------------------------

AUR = """[Unit]
Description=Cloudflare Tunnel {}
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStart=/usr/bin/cloudflared --config /etc/cloudflared/%i.yml --no-autoupdate {}
Restart=on-failure
RestartSec=5s
User=cloudflared
Group=cloudflared

[Install]
WantedBy=multi-user.target
"""
AUR_FILES = [f"/etc/cloudflared/{one}.json" for one in (TUNNEL, OTHER_TUNNEL)]


@layout({AUR_FILES[0]: by("cloudflared@wiki.service", "cloudflared"),
         AUR_FILES[1]: by("cloudflared-tunnel@blog.service", "cloudflared")},
        ("service-user-owns-credential", AUR_FILES[0]))
def aur_instances(host):
    """AUR's templates: two instances, of which the second reads through its group."""
    for name, command in (("cloudflared", "tunnel run"), ("cloudflared-tunnel", "tunnel run")):
        put(host, f"{PACKAGED}/{name}@.service", AUR.format("%i", command))
    enable(host, "cloudflared@wiki.service", f"{PACKAGED}/cloudflared@.service")
    enable(host, "cloudflared-tunnel@blog.service", f"{PACKAGED}/cloudflared-tunnel@.service")
    config(host, "/etc/cloudflared/wiki.yml", AUR_FILES[0])
    config(host, "/etc/cloudflared/blog.yml", AUR_FILES[1], OTHER_TUNNEL)
    credentials(host, AUR_FILES[0], owner="cloudflared")
    credentials(host, AUR_FILES[1], 0o440, "root", "cloudflared", OTHER_TUNNEL)


STORE = "/nix/store"
NIX = "cloudflared-tunnel-wiki.service"


def nixos(host, service, pointer):
    """A system as nixos-rebuild links it together: nothing of it lies in /etc itself."""
    name = f"{STORE}/0c5g-{{}}"
    host.folder("/nix")
    host.folder(STORE, 0o1775, "root", 30000)
    unit = put(host, name.format(f"unit-{NIX}/{NIX}"),
               f"[Unit]\nAfter=network.target\n\n[Service]\nEnvironment=\"PATH={STORE}/bin\"\n"
               f"ExecStart={name.format('cloudflared-2025.2.0')}/bin/cloudflared tunnel "
               f"--config={name.format('cloudflared.yml')} --no-autoupdate run\n"
               f"Restart=on-failure\n{service}", 0o444)
    put(host, name.format("cloudflared.yml"),
        json.dumps({"tunnel": TUNNEL, "credentials-file": pointer, "ingress": []}), 0o444)
    units = name.format("system-units")
    put_link(host, f"{units}/{NIX}", unit)
    put_link(host, f"{units}/multi-user.target.wants/{NIX}", f"../{NIX}")
    etc = name.format("etc/etc")
    put_link(host, f"{etc}/systemd/system", units)
    host.link("/etc/static", etc)
    put_link(host, "/etc/systemd/system", "/etc/static/systemd/system")
    for path in (units, etc, f"{units}/multi-user.target.wants", name.format(f"unit-{NIX}")):
        os.chmod(host.at(path), 0o555)


@layout({"/var/lib/secrets/wiki.json": by(NIX, "dynamic")})
def nixos_now(host):
    """NixOS since 24.11: a dynamic user, to whom systemd hands the credentials over."""
    nixos(host, "DynamicUser=true\n"
          "LoadCredential=credentials.json:/var/lib/secrets/wiki.json\n"
          "RuntimeDirectory=cloudflared-tunnel-wiki\nRuntimeDirectoryMode=0400\n",
          f"/run/credentials/{NIX}/credentials.json")
    credentials(host, "/var/lib/secrets/wiki.json")


@layout({"/var/lib/secrets/wiki.json": by(NIX, "cloudflared", False)},
        ("service-cannot-read", "/var/lib/secrets/wiki.json"))
def nixos_before(host):
    """NixOS up to 24.05: an account of its own, which cannot read what root laid down."""
    nixos(host, "User=cloudflared\nGroup=cloudflared\n", "/var/lib/secrets/wiki.json")
    credentials(host, "/var/lib/secrets/wiki.json")


# --- what administrators make of a unit --------------------------------------------------------


@layout({TOKEN: by("cloudflared.service", "cloudflared", False)}, ("service-cannot-read", TOKEN))
def drop_in_with_a_user(host):
    """`systemctl edit` for an account of its own, and the token of the installer stays root's."""
    install(host, BY_TOKEN_FILE)
    token_file(host)
    drop_in(host, "[Service]\nUser=cloudflared\n")


OVERRIDE = f"{UNIT}.d/override.conf"


@layout({TOKEN: STOCK, UNIT: []}, ("service-runs-as-root", OVERRIDE), *flags(UNIT, *WRITTEN_OUT),
        for_everyone=True)
def drop_in_with_another_command(host):
    """The command with the token is taken back by an empty ExecStart=, but still stands there."""
    install(host, f"--no-autoupdate tunnel run --token {a_token()}")
    drop_in(host, f"[Service]\nExecStart=\nExecStart=/usr/bin/cloudflared {BY_TOKEN_FILE}\n")
    token_file(host)


@layout({OVERRIDE: STOCK}, AS_ROOT,
        *flags(OVERRIDE, "token-in-environment-of-unit", "readable-by-everyone"),
        for_everyone=True)
def drop_in_with_the_token_as_a_variable(host):
    """The token moves from the command to a variable, which `systemctl show` gives away."""
    install(host, "--no-autoupdate tunnel run")
    drop_in(host, f'[Service]\nEnvironment="TUNNEL_TOKEN={a_token()}"\n')


@layout({"/etc/default/cloudflared": STOCK}, AS_ROOT, for_everyone=True)
def drop_in_with_an_environment_file(host):
    """EnvironmentFile=-: systemd reads it as root, so that it may be closed."""
    install(host, "--no-autoupdate tunnel run")
    drop_in(host, "[Service]\nEnvironmentFile=-/etc/default/cloudflared\n")
    put(host, "/etc/default/cloudflared", f"TUNNEL_TOKEN={a_token()}\n", 0o600)


@layout({"/etc/cloudflared/env.d/tunnel.env": by("cloudflared.service", "cloudflared")})
def drop_in_with_environment_files(host):
    """A glob of them; the service has an account, and the file need not be that account's."""
    install(host, "--no-autoupdate tunnel run", "User=cloudflared\n")
    drop_in(host, "[Service]\nEnvironmentFile=/etc/cloudflared/env.d/*.env\n")
    put(host, "/etc/cloudflared/env.d/tunnel.env", f"TUNNEL_TOKEN={a_token()}\n", 0o600)
    put(host, "/etc/cloudflared/env.d/more.env", "TUNNEL_METRICS=localhost:2000\n")


@layout({ROOTS: STOCK}, AS_ROOT, for_everyone=True)
def wrapped_in_a_shell(host):
    """sh -c, env and exec on the way to cloudflared."""
    roots_home(host)
    put(host, UNIT, "[Service]\nExecStart=/bin/sh -c 'sleep 5; exec env TUNNEL_LOGLEVEL=warn "
        f"/usr/local/bin/cloudflared tunnel --config {CONFIG} run'\n")
    enable(host, "cloudflared.service")
    config(host)
    credentials(host, ROOTS)


@layout({TOKEN: by("tunnel.service")}, ("service-runs-as-root", f"{UNITS}/tunnel.service"),
        for_everyone=True)
def wrapped_in_a_script(host):
    """A script of the administrator's, which the unit names."""
    put(host, f"{UNITS}/tunnel.service", "[Service]\nExecStart=/usr/local/bin/tunnel.sh\n")
    enable(host, "tunnel.service")
    put(host, "/usr/local/bin/tunnel.sh", "#!/bin/sh\n# waits for the network\nsleep 10\n"
        f"exec /usr/bin/cloudflared tunnel run --token-file {TOKEN}\n", 0o755)
    token_file(host)


@layout({CREDENTIALS: by("cf.service")}, ("service-runs-as-root", f"{UNITS}/cf.service"),
        for_everyone=True)
def renamed_binary(host):
    """Downloaded, and named by hand: its own words tell what it is."""
    put(host, f"{UNITS}/cf.service", "[Service]\nExecStart=/opt/argo/cf-linux --no-autoupdate "
        f"tunnel --credentials-file {CREDENTIALS} run {TUNNEL}\n")
    enable(host, "cf.service")
    credentials(host)


@layout({ROOTS: by("cloudflared.service", "root", False)}, AS_ROOT, ("service-cannot-read", ROOTS),
        for_everyone=True)
def hardened_out_of_roots_home(host):
    """ProtectHome=yes hides /root, where the configuration points."""
    roots_home(host)
    install(host, BY_CONFIG, "ProtectHome=yes\n")
    config(host)
    credentials(host, ROOTS)


@layout({"/srv/tunnel/etc/cloudflared/token": STOCK, TOKEN: []}, AS_ROOT,
        ("credential-needed-by-nobody", TOKEN), for_everyone=True)
def in_a_root_directory(host):
    """RootDirectory=: the token that counts is the one below it."""
    install(host, BY_TOKEN_FILE, "RootDirectory=/srv/tunnel\n")
    token_file(host, "/srv/tunnel/etc/cloudflared/token")
    token_file(host)


@layout({CREDENTIALS: by("cloudflared.service", "cloudflared")})
def with_supplementary_groups(host):
    """The account reads through a group that the unit alone gives it."""
    install(host, BY_CONFIG, "User=cloudflared\nSupplementaryGroups=deploy\n")
    config(host, pointer=CREDENTIALS)
    credentials(host, mode=0o440, group=host_tree.DEPLOY)


@layout({TOKEN: by("tunnel.service", "bob", False)}, ("service-cannot-read", TOKEN))
def drop_in_that_says_nothing_of_cloudflared(host):
    """Only its directory tells what it belongs to."""
    install(host, BY_TOKEN_FILE, name="tunnel.service")
    drop_in(host, "[Service]\nUser=bob\n", "10-user.conf", "tunnel.service")
    token_file(host)


@layout({TOKEN: []}, for_everyone=True)
def masked(host):
    """A packaged unit that a link to /dev/null takes away."""
    put(host, f"{PACKAGED}/cloudflared.service", stock_unit(BY_TOKEN_FILE))
    put_link(host, UNIT, "/dev/null")
    token_file(host)


@layout({TOKEN: STOCK}, AS_ROOT, for_everyone=True)
def disabled(host):
    """Nothing starts it, but an administrator put it there to be started: the token is for it."""
    put(host, UNIT, stock_unit(BY_TOKEN_FILE))
    token_file(host)


@layout({TOKEN: STOCK}, for_everyone=True)
def packaged_and_not_enabled(host):
    """What a package brings along runs nothing until somebody enables it."""
    put(host, f"{PACKAGED}/cloudflared.service", stock_unit(BY_TOKEN_FILE))
    token_file(host)


@layout({TOKEN: by("tunnel.service")}, ("service-runs-as-root", f"{UNITS}/tunnel.service"),
        for_everyone=True)
def with_an_alias(host):
    """Two names of one service."""
    install(host, BY_TOKEN_FILE, name="tunnel.service")
    put_link(host, UNIT, f"{UNITS}/tunnel.service")
    token_file(host)


@layout({CREDENTIALS: by("cloudflared.service", "cloudflared")},
        ("service-group-has-members", CREDENTIALS))
def with_another_member_in_its_group(host):
    """The file is closed to all but the service's group, and alice is in it."""
    host.accounts(cloudflared=["alice"])
    install(host, BY_CONFIG, "User=cloudflared\n")
    config(host, pointer=CREDENTIALS)
    credentials(host, mode=0o440, group="cloudflared")


@layout({CREDENTIALS: [("cloudflared.service", "root", True), ("more.service", "cloudflared", True)]},
        AS_ROOT)
def two_services_with_one_credential(host):
    """Both as a careful hand wrote them: root's, and readable through the group."""
    install(host, BY_CONFIG)
    install(host, f"tunnel --credentials-file {CREDENTIALS} run {TUNNEL}", "User=cloudflared\n",
            "more.service")
    config(host, pointer=CREDENTIALS)
    credentials(host, mode=0o440, group="cloudflared")


# --- which file it is --------------------------------------------------------------------------


@layout({CERTIFICATE: STOCK, ROOTS: []}, AS_ROOT, for_everyone=True)
def run_by_name(host):
    """A name is looked up with the certificate, which is then needed; any credentials beside it
    may be the tunnel's, so that none is called needless."""
    roots_home(host)
    install(host, "tunnel run wiki")
    certificate(host)
    credentials(host, ROOTS)


@layout({ROOTS: STOCK, CERTIFICATE: []}, AS_ROOT,
        ("account-certificate-on-connector", CERTIFICATE), for_everyone=True)
def run_by_name_with_its_credentials(host):
    """Credentials that hold the tunnel's id make the certificate needless."""
    roots_home(host)
    install(host, BY_CONFIG)
    config(host, tunnel="wiki")
    certificate(host)
    credentials(host, ROOTS)


@layout({}, AS_ROOT, ("need-resolves-to-nothing", UNIT), for_everyone=True)
def nothing_to_run_with(host):
    """The token file was moved away."""
    install(host, BY_TOKEN_FILE)


@layout({"/home/alice/.cloudflared/mine.json": by("cloudflared.service", "alice")},
        ("service-user-owns-credential", "/home/alice/.cloudflared/mine.json"))
def home_of_its_user(host):
    """In the configuration of a system unit with User=, ~ is that user's."""
    host.home("alice")
    install(host, BY_CONFIG, "User=alice\n")
    config(host, pointer="~/.cloudflared/mine.json")
    credentials(host, "/home/alice/.cloudflared/mine.json", owner="alice")


@layout({"/root/.cloudflared/token": []}, AS_ROOT, ("need-resolves-to-nothing", UNIT),
        ("config-points-nowhere", CONFIG),
        ("credential-needed-by-nobody", "/root/.cloudflared/token"), for_everyone=True)
def tilde_in_token_file(host):
    """token-file never expands ~."""
    roots_home(host)
    install(host, BY_CONFIG)
    put(host, CONFIG, "token-file: ~/.cloudflared/token\n")
    token_file(host, "/root/.cloudflared/token")


@layout({CREDENTIALS: STOCK}, AS_ROOT, ("credential-malformed", TOKEN), for_everyone=True)
def blank_token_file(host):
    """A blank one counts as unset."""
    install(host, f"--config {CONFIG} tunnel run --token-file {TOKEN}")
    config(host, pointer=CREDENTIALS)
    credentials(host)
    put(host, TOKEN, "\n", 0o600)


@layout({CREDENTIALS: STOCK, ROOTS: [], "/etc/cloudflared/cert.pem": []}, AS_ROOT,
        ("credential-needed-by-nobody", ROOTS),
        ("account-certificate-on-connector", "/etc/cloudflared/cert.pem"), for_everyone=True)
def by_id_beside_the_certificate(host):
    """By its id, credentials are looked for beside the certificate before root's home."""
    roots_home(host)
    install(host, f"tunnel run {TUNNEL}")
    certificate(host, "/etc/cloudflared/cert.pem")
    credentials(host)
    credentials(host, ROOTS)


LOCAL = f"/usr/local/etc/cloudflared/{TUNNEL}.json"


@layout({CREDENTIALS: by("cloudflared.service", "cloudflared", False), LOCAL: []},
        ("service-cannot-read", CREDENTIALS), ("credential-needed-by-nobody", LOCAL))
def by_id_and_the_first_is_unreadable(host):
    """The first that exists counts, even if it cannot be read."""
    install(host, f"tunnel run {TUNNEL}", "User=cloudflared\n")
    credentials(host)
    credentials(host, LOCAL, owner="cloudflared")


@layout({"/opt/tunnel/run.json": STOCK}, AS_ROOT, for_everyone=True)
def relative_to_its_working_directory(host):
    """WorkingDirectory=, and a configuration of another name."""
    install(host, "--config tunnel.yaml tunnel run", "WorkingDirectory=/opt/tunnel\n")
    config(host, "/opt/tunnel/tunnel.yaml", "run.json")
    credentials(host, "/opt/tunnel/run.json")


# --- whom to believe ---------------------------------------------------------------------------

ALICES = f"/home/alice/.cloudflared/{TUNNEL}.json"
USER_UNITS = "/home/alice/.config/systemd/user"


def alices(host, text, name="cloudflared.service"):
    """A unit of alice's own manager."""
    host.home("alice")
    path = "/home/alice"
    for part in (".config", "systemd", "user"):
        path = host.folder(f"{path}/{part}", 0o700, "alice")
    host.folder(f"{path}/default.target.wants", 0o700, "alice")
    put(host, f"{path}/{name}", f"[Service]\n{text}\n[Install]\nWantedBy=default.target\n",
        owner="alice")
    host.link(f"{path}/default.target.wants/{name}", f"{path}/{name}", "alice")


@layout({ALICES: by("cloudflared.service", "alice")})
def unit_of_a_user(host):
    """systemctl --user: alice needs her own credentials."""
    alices(host, f"ExecStart=/usr/bin/cloudflared tunnel run {TUNNEL}\n")
    credentials(host, ALICES, owner="alice")


@layout({TOKEN: []})
def unit_of_a_user_that_names_roots_file(host):
    """Alice cannot make root's file needed."""
    alices(host, f"ExecStart=/usr/bin/cloudflared tunnel run --token-file {TOKEN}\n")
    token_file(host)


@layout({"/home/alice/token": STOCK}, AS_ROOT)
def roots_unit_that_names_a_users_file(host):
    """The unit is root's, the file is alice's: it is needed."""
    host.home("alice")
    install(host, "tunnel run --token-file /home/alice/token")
    token_file(host, "/home/alice/token", owner="alice")


@layout({ROOTS: []}, AS_ROOT, ("credential-needed-by-nobody", ROOTS))
def roots_unit_with_a_users_configuration(host):
    """Where alice's configuration leads to, alice chose: root's file is none of hers."""
    roots_home(host)
    host.home("alice")
    install(host, "--config /home/alice/.cloudflared/config.yml tunnel run")
    config(host, "/home/alice/.cloudflared/config.yml", owner="alice")
    credentials(host, ROOTS)


# --- other supervisors -------------------------------------------------------------------------


@layout({CREDENTIALS: by("cloudflared", "cloudflared")},
        ("service-user-owns-credential", CREDENTIALS))
def supervisord(host):
    """Debian's supervisor with a program of the administrator's."""
    put(host, "/etc/supervisor/supervisord.conf", "[supervisord]\nnodaemon=false\n\n[include]\n"
        "files = /etc/supervisor/conf.d/*.conf\n")
    put(host, "/etc/supervisor/conf.d/cloudflared.conf", "[program:cloudflared]\n"
        f"command=/usr/local/bin/cloudflared tunnel --config {CONFIG} run\n"
        "user=cloudflared\nautostart=true\n")
    config(host, pointer=CREDENTIALS)
    credentials(host, owner="cloudflared")


RUN = "/etc/sv/cloudflared/run"


@layout({TOKEN: by("cloudflared", "cloudflared")}, ("service-user-owns-credential", TOKEN))
def runit(host):
    """Void's runit: chpst gives up root."""
    put(host, RUN, "#!/bin/sh\nexec 2>&1\n[ -r ./conf ] && . ./conf\n"
        f"exec chpst -u cloudflared cloudflared tunnel run --token-file {TOKEN}\n", 0o755)
    put_link(host, "/etc/service/cloudflared", "/etc/sv/cloudflared")
    token_file(host, owner="cloudflared", mode=0o400)


S6 = "/etc/s6-overlay/s6-rc.d/cloudflared"


@layout({TOKEN: by("cloudflared", "cloudflared", False)}, ("service-cannot-read", TOKEN))
def s6(host):
    """s6-overlay: s6-setuidgid gives up root, and the token is still root's."""
    put(host, f"{S6}/type", "longrun\n")
    put(host, f"{S6}/run", "#!/command/execlineb -P\ns6-setuidgid cloudflared\n"
        f"cloudflared --no-autoupdate tunnel run --token-file {TOKEN}\n", 0o755)
    put(host, "/etc/s6-overlay/s6-rc.d/user/contents.d/cloudflared", "")
    token_file(host)


CRONTABS = "/var/spool/cron/crontabs"


def crontab(host, name, line):
    """As Debian's crontab lays it down."""
    put(host, f"{CRONTABS}/{name}", f"# m h  dom mon dow   command\n{line}\n", 0o600, name, 105)
    os.chmod(host.at(CRONTABS), 0o1730)
    host.own(CRONTABS, "root", 105)


@layout({ROOTS: by(f"cron:{CRONTABS}/root")}, ("service-runs-as-root", f"{CRONTABS}/root"))
def crontab_of_root(host):
    """crontab -e, as root."""
    roots_home(host)
    crontab(host, "root", f"@reboot /usr/local/bin/cloudflared tunnel --config {CONFIG} run &")
    config(host)
    credentials(host, ROOTS)


@layout({ALICES: by(f"cron:{CRONTABS}/alice", "alice")})
def crontab_of_a_user(host):
    """crontab -e, as alice."""
    host.home("alice")
    crontab(host, "alice", f"@reboot cloudflared tunnel run {TUNNEL} >/dev/null 2>&1")
    credentials(host, ALICES, owner="alice")


# --- containers --------------------------------------------------------------------------------

DOCKER = "/var/lib/docker"
IMAGE = "cloudflare/cloudflared:2026.8.2"
CONTAINER = "3f9c1d2e4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0"
STATE = f"{DOCKER}/containers/{CONTAINER}/config.v2.json"


def docker(host, *command, under=DOCKER, user="65532:65532"):
    """A container as Docker 27 keeps it, with /etc/cloudflared of the host in it."""
    directory = f"{under}/containers/{CONTAINER}"
    entrypoint = ["cloudflared", "--no-autoupdate"]
    put_json(host, f"{directory}/config.v2.json", {
        "State": {"Running": True, "Pid": 4711}, "ID": CONTAINER, "Path": entrypoint[0],
        "Args": [*entrypoint[1:], *command], "Name": "/tunnel", "Driver": "overlay2",
        "Config": {"User": user, "Env": ["SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
                   "Cmd": list(command), "Image": IMAGE, "WorkingDir": "/home/nonroot",
                   "Entrypoint": entrypoint, "Labels": {}},
        "MountPoints": {"/etc/cloudflared": {
            "Source": "/etc/cloudflared", "Destination": "/etc/cloudflared", "RW": False,
            "Name": "", "Driver": "", "Type": "bind"}}})
    put_json(host, f"{directory}/hostconfig.json", {
        "Binds": ["/etc/cloudflared:/etc/cloudflared:ro"], "UsernsMode": "",
        "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}}, 0o644)
    for path in (under, f"{under}/containers", directory):
        os.chmod(host.at(path), 0o710)


def docker_with_a_configuration(host):
    docker(host, "tunnel", "--config", CONFIG, "run")
    config(host, pointer=CREDENTIALS)


@layout({CREDENTIALS: by("tunnel", "65532")})
def docker_as_its_image_wants_it(host):
    """The credentials belong to the image's user."""
    docker_with_a_configuration(host)
    credentials(host, owner=OFFICIAL)


@layout({CREDENTIALS: by("tunnel", "65532", False)},
        *flags(CREDENTIALS, "service-cannot-read", "container-user-mismatch"))
def docker_with_roots_file(host):
    """The credentials were made with sudo."""
    docker_with_a_configuration(host)
    credentials(host, mode=0o600)


@layout({CREDENTIALS: by("tunnel", "65532")}, ("container-user-mismatch", CREDENTIALS),
        ("readable-by-everyone", CREDENTIALS))
def docker_with_a_file_for_everyone(host):
    """And then opened until the container took them."""
    docker_with_a_configuration(host)
    credentials(host, mode=0o644)


@layout({STATE: by("tunnel", "65532")}, ("token-in-arguments", STATE))
def docker_with_the_token_in_its_command(host):
    """docker run ... tunnel run --token."""
    docker(host, "tunnel", "run", "--token", a_token())


REMAPPED = 231072


@layout({CREDENTIALS: by("tunnel", str(REMAPPED + OFFICIAL))})
def docker_with_remapped_users(host):
    """userns-remap: the uid of the image is another one on the host."""
    put_json(host, "/etc/docker/daemon.json", {"userns-remap": "default"}, 0o644)
    for name in ("subuid", "subgid"):
        put(host, f"/etc/{name}", f"alice:165536:65536\ndockremap:{REMAPPED}:65536\n")
    docker(host, "tunnel", "--config", CONFIG, "run", under=f"{DOCKER}/{REMAPPED}.{REMAPPED}")
    config(host, pointer=CREDENTIALS)
    credentials(host, owner=REMAPPED + OFFICIAL)


COMPOSE = "/opt/tunnel/docker-compose.yml"


def compose(host, text, mode=0o644):
    put(host, COMPOSE, f"services:\n  tunnel:\n    image: {IMAGE}\n    restart: unless-stopped\n"
        + text, mode)


@layout({COMPOSE: by("tunnel", "65532")}, ("token-in-arguments", COMPOSE),
        ("readable-by-everyone", COMPOSE), arguments=("/opt/tunnel",))
def compose_with_a_command(host):
    """The command as a text."""
    compose(host, f"    command: tunnel --no-autoupdate run --token {a_token()}\n")


@layout({COMPOSE: by("tunnel", "65532")}, ("token-in-arguments", COMPOSE),
        arguments=("/opt/tunnel",))
def compose_with_a_list(host):
    """The command as a list, and the file is closed."""
    compose(host, f"    command: ['tunnel', 'run', '--token', '{a_token()}']\n", 0o600)


@layout({"/opt/tunnel/tunnel.env": by("tunnel", "65532")}, arguments=("/opt/tunnel",))
def compose_with_an_environment_file(host):
    """Compose reads it as whoever runs it, not the container."""
    compose(host, "    command: tunnel run\n    env_file: ./tunnel.env\n")
    put(host, "/opt/tunnel/tunnel.env", f"TUNNEL_TOKEN={a_token()}\n", 0o600)


@layout({"/opt/tunnel/.env": by("tunnel", "65532")}, arguments=("/opt/tunnel",))
def compose_with_a_variable(host):
    """The commonest form of all."""
    compose(host, "    command: tunnel run\n    environment:\n"
            "      - TUNNEL_TOKEN=${CLOUDFLARE_TUNNEL_TOKEN}\n")
    put(host, "/opt/tunnel/.env", f"CLOUDFLARE_TUNNEL_TOKEN={a_token()}\n", 0o600)


@layout({"/opt/tunnel/token": by("tunnel", "65532", False)},
        *flags("/opt/tunnel/token", "service-cannot-read", "container-user-mismatch"),
        arguments=("/opt/tunnel",))
def compose_with_a_secret(host):
    """A secret from a file is a bind mount of it, whatever it belongs to."""
    compose(host, "    command: tunnel run --token-file /run/secrets/tunnel_token\n"
            "    secrets:\n      - tunnel_token\n"
            "secrets:\n  tunnel_token:\n    file: ./token\n")
    token_file(host, "/opt/tunnel/token")


@layout({"/opt/tunnel/token": by("tunnel", "root")}, arguments=("/opt/tunnel",))
def compose_as_root(host):
    """user: "0:0" reads what is root's."""
    compose(host, "    user: \"0:0\"\n    command: tunnel run --token-file /token\n"
            "    volumes:\n      - ./token:/token:ro\n")
    token_file(host, "/opt/tunnel/token")


QUADLET = f"""[Unit]
Description=Cloudflare Tunnel

[Container]
Image=docker.io/{IMAGE}
Exec=tunnel --no-autoupdate run --token-file /run/token
Volume={{}}:/run/token:ro
{{}}
[Install]
WantedBy=default.target
"""


@layout({TOKEN: by("tunnel.service", "65532")})
def quadlet_of_root(host):
    """Podman as root."""
    put(host, "/etc/containers/systemd/tunnel.container", QUADLET.format(TOKEN, ""))
    token_file(host, mode=0o400, owner=OFFICIAL)


@layout({"/home/alice/.cloudflared/token": by("tunnel.service", "alice")})
def quadlet_of_a_user(host):
    """Podman as alice, who stays alice in the container."""
    path = host.home("alice") + "/token"
    directory = "/home/alice"
    for part in (".config", "containers", "systemd"):
        directory = host.folder(f"{directory}/{part}", 0o700, "alice")
    put(host, f"{directory}/tunnel.container",
        QUADLET.format(path, "UserNS=keep-id:uid=65532,gid=65532\n"), owner="alice")
    for name in ("subuid", "subgid"):
        put(host, f"/etc/{name}", "alice:165536:65536\n")
    token_file(host, path, 0o400, "alice")


MANIFEST = "/etc/kubernetes/manifests/cloudflared.yaml"


def static_pod(host, volume):
    host.folder("/etc/kubernetes")
    host.folder("/etc/kubernetes/manifests", 0o700)
    put(host, MANIFEST, f"""apiVersion: v1
kind: Pod
metadata:
  name: cloudflared
spec:
  containers:
    - name: cloudflared
      image: {IMAGE}
      args: ["tunnel", "--config", "{CONFIG}", "run"]
      volumeMounts:
        - name: tunnel
          mountPath: /etc/cloudflared
          readOnly: true
  volumes:
    - name: tunnel
      {volume}
""", 0o600)


@layout({CREDENTIALS: by("cloudflared", "65532")})
def static_pod_with_a_directory_of_the_host(host):
    """hostPath leads back to the node."""
    static_pod(host, "hostPath: {path: /etc/cloudflared, type: Directory}")
    config(host, pointer=CREDENTIALS)
    credentials(host, owner=OFFICIAL)


@layout({CREDENTIALS: []}, ("credential-needed-by-nobody", CREDENTIALS))
def static_pod_with_a_secret(host):
    """A Secret of the cluster: what lies on the node is left over."""
    static_pod(host, "secret: {secretName: tunnel}")
    credentials(host)


@layout({TOKEN: by("cloudflared.service", "65532", False)},
        *flags(TOKEN, "service-cannot-read", "container-user-mismatch"))
def docker_run_in_a_unit(host):
    """The usual unit of a host with Docker: the service is a container."""
    put(host, UNIT, "[Unit]\nRequires=docker.service\n\n[Service]\n"
        "ExecStartPre=-/usr/bin/docker rm -f cloudflared\n"
        "ExecStart=/usr/bin/docker run --rm --name cloudflared -v /etc/cloudflared:/etc/cloudflared "
        f"cloudflare/cloudflared:latest tunnel run --token-file {TOKEN}\n")
    enable(host, "cloudflared.service")
    token_file(host)


@layout({CREDENTIALS: STOCK}, AS_ROOT, for_everyone=True)
def configuration_of_another_name(host):
    """--config takes any name."""
    install(host, "--config /etc/cloudflared/wiki.conf tunnel run")
    config(host, "/etc/cloudflared/wiki.conf", CREDENTIALS)
    credentials(host)


@layout({TOKEN: by("tunnel.service", "dynamic")}, for_everyone=True)
def hardened_as_recommended(host):
    """What service-runs-as-root recommends: a dynamic user and LoadCredential=."""
    install(host, BY_TOKEN_FILE, name="tunnel.service")
    drop_in(host, f"[Service]\nDynamicUser=yes\nLoadCredential=token:{TOKEN}\nExecStart=\n"
            "ExecStart=/usr/bin/cloudflared --no-autoupdate tunnel run --token-file %d/token\n",
            unit="tunnel.service")
    token_file(host)
