"""Invented credentials of every kind. Their secrets say that they are invented."""

import base64
import json

ACCOUNT = "9f3c0d5e7a1b2c4d6e8f90a1b2c3e1b0"
OTHER_ACCOUNT = "00112233445566778899aabbccddeeff"
ZONE = "5b1e2d3c4b5a69788796a5b4c3d2e1f0"
TUNNEL = "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
OTHER_TUNNEL = "0a442b1c-3d4e-4f5a-9b6c-7d8e9f0a1b2c"
THIRD_TUNNEL = "c7d8e9f0-1a2b-4c3d-8e4f-5a6b7c8d9e0f"

# The 32 bytes of the example in Cloudflare's documentation.
PUBLISHED_SECRET = bytes(range(1, 9)) * 4


def base64_text(data):
    return base64.b64encode(data).decode()


def secret(name, size=32):
    """`size` bytes that are neither constant nor sequential, and say what they are."""
    return (b"INVENTED/" + name.encode() + b"/" + b"x7Qp2vZk9LwRt4" * 10)[:size]


def compact(fields):
    return json.dumps(fields, separators=(",", ":")).encode()


def credentials(tunnel=TUNNEL, name="credentials", account=ACCOUNT, secret_bytes=None):
    """<UUID>.json as cloudflared 2022.3.0 and later write it."""
    chosen = secret(name) if secret_bytes is None else secret_bytes
    return compact({"AccountTag": account, "TunnelSecret": base64_text(chosen),
                    "TunnelID": tunnel})


def token(tunnel=TUNNEL, name="token", account=ACCOUNT, secret_bytes=None):
    """As `cloudflared tunnel token` prints it, without a newline."""
    chosen = secret(name) if secret_bytes is None else secret_bytes
    fields = {"a": account, "s": base64_text(chosen), "t": tunnel}
    return base64.b64encode(compact(fields))


def dashboard_token(tunnel=TUNNEL, account=ACCOUNT):
    """As the dashboard shows it: a, t, s, where s is base64 of 36 characters of text."""
    text = b"SU5WRU5URUQ-by-the-tests-of-cfwarden"
    fields = {"a": account, "t": tunnel, "s": base64_text(text)}
    return base64.b64encode(compact(fields))


def pem(label, body):
    encoded = base64_text(body)
    lines = [encoded[i:i + 64] for i in range(0, len(encoded), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def certificate(name="certificate", account=ACCOUNT, zone=ZONE, api_token=None):
    """cert.pem as cloudflared 2025.2.1 and later write it: the token block alone."""
    value = api_token or secret(name, 40).decode()
    return pem("ARGO TUNNEL TOKEN",
               compact({"zoneID": zone, "accountID": account, "apiToken": value}))


# cloudflared 2022.10.3 parses both, so they are real. The key's number is the text
# "INVENTED-KEY-OF-CFWARDEN-TESTS!!".
PRIVATE_KEY = b"""\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSU5WRU5URUQtS0VZ
LU9GLUNGV0FSREVOLVRFU1RTISGhRANCAASaF0fXtXJZrXeFETa0yp9wyFLWbrCx
nvPebu5HH0HKIB1pp8dnPso8qy4Hey9Wz9FVUOtFlurj+f/O9w+bMsAk
-----END PRIVATE KEY-----
"""
X509_CERTIFICATE = b"""\
-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUVzwPlaL5kxa89NvFllzgMdCjpMUwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwISU5WRU5URUQwIBcNMjYxMTIyMDMxMDM0WhgPMjEwOTAxMTEw
MzEwMzRaMBMxETAPBgNVBAMMCElOVkVOVEVEMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEmhdH17VyWa13hRE2tMqfcMhS1m6wsZ7z3m7uRx9ByiAdaafHZz7KPKsu
B3svVs/RVVDrRZbq4/n/zvcPmzLAJKNTMFEwHQYDVR0OBBYEFHWpko/hxehqwOf4
vTC+ePIECsx1MB8GA1UdIwQYMBaAFHWpko/hxehqwOf4vTC+ePIECsx1MA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgbVRdY0AT2vaqiYih63H4TIfX
SqrkfkzUWdOpbIp+ipcCIHFZaw0a0LJtU60jXGwR/F9Er8rAYugpkqK5X4hK8x2I
-----END CERTIFICATE-----
"""


def legacy_certificate(name="legacy", zone=ZONE):
    """The newline form in a WARP TOKEN block, with the blocks that 2022.10.3 demands."""
    body = f"{zone}\n{secret(name).decode()}".encode()
    return PRIVATE_KEY + X509_CERTIFICATE + pem("WARP TOKEN", body)


def url_base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def access_token(name="access", expires=4102444800, audience="a" * 64,
                 issuer="https://invented.cloudflareaccess.com"):
    """A JWT of Cloudflare Access, as ~/.cloudflared/<host>-<aud>-token holds it."""
    header = compact({"alg": "RS256", "kid": "invented", "typ": "JWT"})
    claims = compact({"aud": [audience], "email": "alice@example.com", "exp": expires,
                      "iat": 1700000000, "iss": issuer, "sub": "invented", "type": "app"})
    return b".".join([url_base64(header), url_base64(claims), url_base64(secret(name, 64))])


def service_token(name="service"):
    """An Access service token as its two headers."""
    identifier = "0123456789abcdef0123456789abcdef.access"
    value = secret(name).hex()
    return (f"CF-Access-Client-Id: {identifier}\n"
            f"CF-Access-Client-Secret: {value}\n").encode()


def ssh_key(name="ssh"):
    """<host>-cf_key: a P-256 key in SEC 1 form, with an invented scalar."""
    point = bytes([4]) + secret(name + "-x", 32) + secret(name + "-y", 32)
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    public = bytes([0xA1, 0x44, 0x03, 0x42, 0x00]) + point
    body = bytes.fromhex("0201010420") + secret(name, 32) + curve + public
    return pem("EC PRIVATE KEY", bytes([0x30, len(body)]) + body)


def planted_private_key(name="planted"):
    return pem("BOX PRIVATE KEY", secret(name))


def planted_public_key(name="planted-public"):
    return pem("BOX PUBLIC KEY", secret(name))
