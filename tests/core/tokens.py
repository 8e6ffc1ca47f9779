"""Made-up secrets of every known shape, and the disguises that they come in."""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from collector.core.canonical import encode
from collector.core.redaction import Redact, Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = b"key"

# Made up here, in pieces, so that no scanner of repositories takes them for real ones.
TOKENS = {
    "aws access key": "AKIA" + "IOSFODNN7EXAMPLE"[:14] + "ZZ",
    "aws session key": "ASIA" + "QWERTYUIOPASDFGH",
    "github": "ghp_" + "aB3dE5gH7j" * 4,
    "github fine-grained": "github_pat_" + "11ABCDEFG0" * 5,
    "gitlab": "glpat-" + "aB3dE5gH7jK9mN1pQ3rS",
    "slack": "xoxb-" + "123456789012-abcdefABCDEF",
    "slack hook": "https://hooks.slack.com/" + "services/T00000000/B00000000/XXXXXXXXXXXX",
    "google": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"[:35],
    "stripe": "sk_live_" + "aB3dE5gH7jK9mN1pQ3rS",
    "npm": "npm_" + "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5",
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" * 4,
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----",
    "key of another kind": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA",
    "azure connection": "AccountName=x;AccountKey=" + "aB3dE5gH7jK9mN1pQ3rS" * 4 + "==",
    "azure signature": "https://x.blob.core.windows.net/c?sv=2026&sig=" + "aB3dE5gH7jK9mN1pQ3rS5t%3D",
    "url": "postgres://app:tr0ub4dor@db.example.org/app",
    "assignment": "export DB_PASSWORD=tr0ub4dor&3",
    "yaml": "api_key: tr0ub4dor-and-more",
    "quoted": "{'clientSecret': 'tr0ub4dor-and-more'}",
}

CORES = {name: re.sub(r".*(tr0ub4dor)\S*.*", r"\1", text, flags=re.DOTALL) for name, text in TOKENS.items()}
"""What must not be left of each: the secret without what stands around it."""
CORES |= {
    "azure connection": "aB3dE5gH7jK9mN1pQ3rS",
    "azure signature": "aB3dE5gH7jK9mN1pQ3rS5t",
    "private key": "MIIEowIBAAKCAQEA7",
    "key of another kind": "b3BlbnNzaC1rZXktdjEAAAAA",
}


def in_json(text: str) -> str:
    """A document that holds the text, as a text."""
    return json.dumps({"env": [{"value": text}]})


def base64_of(text: str) -> str:
    """As in user data."""
    return base64.b64encode(text.encode()).decode()


DISGUISES: dict[str, Callable[[str], str]] = {
    "raw": lambda text: text,
    "in a sentence": lambda text: f"the key is {text} and nobody else's",
    "base64": base64_of,
    "url-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64_of(text).rstrip("="),
    "base64 of base64": lambda text: base64_of(base64_of(text)),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
    "zlib in base64": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
    "url-encoded": lambda text: quote(text, safe=""),
    "json in a text": in_json,
    "json in json in a text": lambda text: in_json(in_json(text)),
    "base64 in a script": lambda text: f"#!/bin/sh\necho {base64_of(text)} | base64 -d > /etc/conf\n",
    "base64 of json": lambda text: base64_of(in_json(text)),
}


def written(body: dict[str, Any], *rules: Redact) -> str:
    """The body as it would be kept."""
    return encode(Redactor(KEY, rules).apply(body)).decode()
