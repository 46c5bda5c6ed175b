"""The corpus of shapes, tests/spots/corpus, with its secrets filled in: see corpus.h there.

Which secret is filled in is of no matter here, so that every test can have its own.
"""

import base64
import json
import quopri
import re

import invented
from host_tree import SOURCE
from invented import ACCOUNT, OTHER_TUNNEL, TUNNEL, ZONE

CORPUS = SOURCE / "tests/spots/corpus"


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def folded(text, width):
    return "\n".join(text[at:at + width] for at in range(0, len(text), width))


def each_line(text, before, behind=""):
    return "\n".join(before + line + behind for line in text.splitlines())


def percent(text, blank):
    return "".join(c if re.match(r"[\w.-]", c, re.ASCII) else blank if c == " " else f"%{ord(c):02X}"
                   for c in text)


def replaced(text, by):
    return "".join(by.get(c, c) for c in text)


def quoted_printable(text):
    return quopri.encodestring(text.encode()).decode()


ESCAPES = {'"': '\\"', "\\": "\\\\"}
FILTERS = {
    "qp": lambda text, _: quoted_printable(text),
    "b64": lambda text, _: base64_of(text),
    "unpad": lambda text, _: text.split("=")[0],
    "fold": lambda text, value: folded(text, int(value)),
    "indent": lambda text, value: each_line(text, " " * int(value)),
    "prefix": each_line,
    "quote": lambda text, _: each_line(text, '    "', '\\n"'),
    "json": lambda text, _: replaced(text, {**ESCAPES, "\n": "\\n"}),
    "json-crlf": lambda text, _: replaced(text, {**ESCAPES, "\n": "\\r\\n"}),
    "csv": lambda text, _: text.replace('"', '""'),
    "entities": lambda text, _: replaced(text, {'"': "&quot;", "&": "&amp;", "<": "&lt;"}),
    "unicode": lambda text, _: replaced(text, {"=": "\\u003d", "+": "\\u002b"}),
    "slashes": lambda text, _: text.replace("/", "\\/"),
    "url": lambda text, _: replaced(text, {"/": "_", "+": "-"}),
    "percent": lambda text, _: percent(text, "%20"),
    "form": lambda text, _: percent(text, "+"),
}


def block(label, text):
    return f"-----BEGIN {label}-----\n{folded(base64_of(text), 64)}\n-----END {label}-----"


def names(secret, second, api_token):
    """What the names of the corpus stand for, with secrets of a test's own: bytes, bytes, text."""
    in_base64 = invented.base64_text(secret)
    token = {"a": ACCOUNT, "s": in_base64, "t": TUNNEL}

    def compact(fields):
        return json.dumps(fields, separators=(",", ":"))

    def credentials(chosen, tunnel):
        return compact({"AccountTag": ACCOUNT, "TunnelSecret": invented.base64_text(chosen),
                        "TunnelID": tunnel})

    certificate = compact({"zoneID": ZONE, "accountID": ACCOUNT, "apiToken": api_token})
    return {
        "ACCOUNT": ACCOUNT, "TUNNEL": TUNNEL, "TUNNEL2": OTHER_TUNNEL,
        "SECRET": in_base64, "SECRET2": invented.base64_text(second),
        "TOKEN": base64_of(compact(token)),
        "DASHBOARD": base64_of(compact({"a": ACCOUNT, "t": TUNNEL, "s": in_base64})),
        "SPACED_TOKEN": base64_of(json.dumps(token)),
        "PRETTY_TOKEN": base64_of(json.dumps(token, indent=2) + "\n"),
        "UPPER_TOKEN": base64_of(compact({"T": TUNNEL, "A": ACCOUNT, "S": in_base64})),
        "CREDENTIALS": credentials(secret, TUNNEL),
        "CREDENTIALS2": credentials(second, OTHER_TUNNEL),
        "CERTIFICATE": block("ARGO TUNNEL TOKEN", certificate),
        "CERTIFICATE_BODY": base64_of(certificate),
        "COMMAND": "cloudflared tunnel run --token " + base64_of(compact(token)),
    }


def filled(shape, values):
    """The text of a shape; None where it needs a name or a filter that is not here."""
    pieces = shape.split("@")
    text = pieces[0]
    for expression, plain in zip(pieces[1::2], pieces[2::2]):
        value = filled_expression(expression, values) if expression else "@"
        if value is None:
            return None
        text += value + plain
    return text


def filled_expression(expression, values):
    name, *filters = expression.split("|")
    match = re.fullmatch(r"(\w+)(?:\[(\d*):(-?\d*)\])?", name)
    if match and match[1] in values:
        begin, end = (int(match[i]) if match[i] else None for i in (2, 3))
        text = values[match[1]][begin:end]
    elif re.fullmatch("[A-Z_0-9]+", name):
        return None
    else:
        text = name
    for one in filters:
        kind, _, value = one.partition(":")
        if kind not in FILTERS:
            return None
        text = FILTERS[kind](text, value)
    return text


def all_shapes(values):
    """(path on a host, bytes, expected), expected as [(carrier, kind, line)]; each path once."""
    rows = [line.split("\t") for line in (CORPUS / "shapes.tsv").read_text("utf-8").splitlines()
            if line and not line.startswith("#")]
    shapes = {}
    for file, path, carrier, kind, line, *_ in rows:
        shapes.setdefault((file, path), []).append((carrier, kind, int(line)))
    seen = set()
    for (file, path), expected in shapes.items():
        shape = (CORPUS / "shapes" / file).read_bytes().decode("utf-8", "surrogateescape")
        text = filled(shape, values)
        if text is None or path in seen:
            continue
        seen.add(path)
        content = text.encode("utf-8", "surrogateescape")
        yield path, content, [(carrier, kind, line_in(content, path, line))
                              for carrier, kind, line in expected]


def line_in(content, path, line):
    """The table has it as if every file had lines."""
    is_binary = b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return None if is_binary or path.startswith("/proc/") else line
