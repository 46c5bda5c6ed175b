"""A host with all of cloudflared 2026.8.2's own files, in its own modes: nothing to complain of."""

import invented
from invented import OTHER_TUNNEL, THIRD_TUNNEL, TUNNEL

APPLICATION = "wiki.example.com-" + "a" * 64 + "-token"
ORGANISATION = "invented.cloudflareaccess.com-org-token"

CREDENTIALS = {
    "/root/.cloudflared/cert.pem": "account-certificate",
    f"/root/.cloudflared/{TUNNEL}.json": "tunnel-credentials",
    "/home/alice/.cloudflared/cert.pem": "account-certificate",
    f"/home/alice/.cloudflared/{OTHER_TUNNEL}.json": "tunnel-credentials",
    f"/home/alice/.cloudflared/{APPLICATION}": "access-token",
    f"/home/alice/.cloudflared/{ORGANISATION}": "access-token",
    "/home/alice/.cloudflared/ssh.example.com-cf_key": "ssh-key",
    "/etc/cloudflared/token": "tunnel-token",
}


def lay_out(host):
    root = host.home("root")
    host.file(f"{root}/cert.pem", invented.certificate("root"), 0o600)
    host.file(f"{root}/{TUNNEL}.json", invented.credentials(TUNNEL, "root"), 0o400)
    lay_out_alice(host)
    host.folder("/etc/cloudflared", 0o755)
    host.file("/etc/cloudflared/token", invented.token(THIRD_TUNNEL, "service"), 0o600)
    host.file("/etc/cloudflared/config.yml",
              f"tunnel: {TUNNEL}\ncredentials-file: {root}/{TUNNEL}.json\n"
              "ingress:\n  - service: http_status:404\n".encode(), 0o644)
    host.folder("/usr/local/etc/cloudflared", 0o755)


def lay_out_alice(host):
    alice = host.home("alice")
    host.file(f"{alice}/cert.pem", invented.certificate("alice"), 0o600, "alice")
    host.file(f"{alice}/{OTHER_TUNNEL}.json", invented.credentials(OTHER_TUNNEL, "alice"), 0o400,
              "alice")
    for name in (APPLICATION, ORGANISATION):
        host.file(f"{alice}/{name}", invented.access_token(name), 0o600, "alice")
    host.file(f"{alice}/{APPLICATION}.lock", b'{"pid":1,"start_time":2}', 0o600, "alice")
    host.file(f"{alice}/{APPLICATION}.url", b"https://example.com/", 0o600, "alice")
    host.file(f"{alice}/invented.cloudflareaccess.com-jwks", b'{"keys":[]}', 0o600, "alice")
    host.file(f"{alice}/ssh.example.com-cf_key", invented.ssh_key(), 0o600, "alice")
    host.file(f"{alice}/ssh.example.com-cf_key.pub", b"ecdsa-sha2-nistp256 INVENTED\n", 0o600,
              "alice")
    host.file(f"{alice}/ssh.example.com-cf_key-cert.pub", b"ecdsa-sha2-nistp256-cert INVENTED\n",
              0o600, "alice")


# What the administrator's `chmod -R 777` is let loose on.
OPENED = ["/root", "/home", "/etc/cloudflared"]
