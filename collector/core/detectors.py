"""Find values that look like secrets in a text, also behind URL encoding, JSON escapes, base64, gzip and zlib."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
import zlib
from typing import NamedTuple
from urllib.parse import unquote


class SecretSpan(NamedTuple):
    """A span of a text, `start` to `end`, that looks like a secret of a kind."""

    start: int
    end: int
    kind: str


_NAME_BEFORE_VALUE = (
    r"(?i:(?<![a-z0-9_:/.-])(?:[a-z0-9_]*(?:password|passwd|pwd|passphrase|secret|token"
    r"|api_?key|access_?key|private_?key|secret_?key|conn(?:ection)?_?str(?:ing)?))"
)
_PATTERNS = (
    (
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|\Z)",
    ),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    ("aws-access-key-id", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})"),
    ("gitlab-token", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,}"),
    ("slack-token", r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    ("slack-webhook", r"https://hooks\.slack\.com/[A-Za-z0-9/_-]{20,}"),
    ("google-key", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("stripe-key", r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}"),
    ("npm-token", r"\bnpm_[A-Za-z0-9]{36}"),
    ("pypi-token", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    ("azure-account-key", r"(?<=AccountKey=)[A-Za-z0-9+/=]{40,}"),
    ("azure-signature", r"(?<=[?&]sig=)[A-Za-z0-9%+/=]{20,}"),
    ("url-password", r"(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)"),
    (
        "authorization",
        r"(?i:\bauthorization\\?[\"']?\s*[:=]\s*\\?[\"']?(?:basic|bearer|token)\s+)(?P<authorization>[^\s\"'\\]{6,})",
    ),
    (
        "assignment",
        _NAME_BEFORE_VALUE + r"\\?[\"']?\s*[:=]\s*\\?[\"']?)(?P<assignment>[^\s\"'\\,;&{}\[\]<>$]{6,})",
    ),
)
_PATTERN = re.compile(
    "|".join(
        pattern if "(?P<" in pattern else f"(?P<{kind.replace('-', '_')}>{pattern})" for kind, pattern in _PATTERNS
    )
)

_RUN = re.compile(r"[A-Za-z0-9+/_-]{24}")
# A platform's own name for a thing, such as subnet-0123456789abcdef0: long, frequent, and never an encoded secret.
_IDENTIFIER = re.compile(r"[a-z]{1,8}(?:-[a-z]{1,8}){0,3}-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
SHORTEST = 8
"""No pattern matches fewer characters than this."""

_LIMIT_OF_LAYERS = 4
_LIMIT_OF_SIZE = 1 << 20


def suspect(text: str) -> bool:
    """Return False if a text certainly holds no secret; a cheap filter before `find_secrets`.

    Every pattern needs one of these words, or a run as long as an encoded secret. The tests are written out, because
    this runs for each text of each resource.
    """
    if len(text) < SHORTEST:
        return False
    if len(text) >= 24 and _RUN.search(text) is not None:  # noqa: PLR2004  the length of the run
        return _IDENTIFIER.fullmatch(text) is None
    low = text.lower()
    return (
        "key" in low
        or "pass" in low
        or "pwd" in low
        or "secret" in low
        or "token" in low
        or "str" in low
        or "://" in low
        or "%" in low
        or "eyj" in low
        or "akia" in low
        or "asia" in low
        or "abia" in low
        or "acca" in low
        or "gh" in low
        or "gl" in low
        or "xox" in low
        or "sig=" in low
        or "authorization" in low
        or "k_" in low
    )


def find_secrets(text: str) -> list[SecretSpan]:
    """Return the spans of a text that are secrets, in order and without overlap.

    A secret behind an encoding makes the whole encoded run one span.
    """
    return _find(text, 0)


def _find(text: str, layer: int) -> list[SecretSpan]:
    found = [
        SecretSpan(*match.span(match.lastgroup or 0), (match.lastgroup or "secret").replace("_", "-"))
        for match in _PATTERN.finditer(text)
    ]
    if layer >= _LIMIT_OF_LAYERS:
        return found
    rest = _without(text, found)
    if "%" in rest and (plain := unquote(rest)) != rest and _find(plain, layer + 1):
        return [SecretSpan(0, len(text), "url-encoded")]
    if rest[:1] in '{["' and (inner := _unquoted(rest)) is not None and _find(inner, layer + 1):
        return [SecretSpan(0, len(text), "json-encoded")]
    return sorted(found + _encoded(rest, layer))


def _without(text: str, found: list[SecretSpan]) -> str:
    """Return the text with spaces in place of the secrets found, so that they do not hide encoded ones."""
    pieces, end = [], 0
    for secret in found:
        pieces += [text[end : secret.start], " " * (secret.end - secret.start)]
        end = secret.end
    return "".join([*pieces, text[end:]])


def _encoded(text: str, layer: int) -> list[SecretSpan]:
    found = []
    for match in _ENCODED.finditer(text):
        for plain in _decoded(match[0]):
            if suspect(plain) and _find(plain, layer + 1):
                found.append(SecretSpan(*match.span(), "encoded"))
                break
    return found


def _unquoted(text: str) -> str | None:
    """Return the text of a JSON document with its escapes undone, where that differs from the document."""
    if "\\" not in text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, str):
        return value
    return "\n".join(_texts(value, 0))


def _texts(value: object, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth > _LIMIT_OF_LAYERS * 8:
        return []
    if isinstance(value, dict):
        pairs = [f'"{key}":"{inner_value}"' for key, inner_value in value.items() if isinstance(inner_value, str)]
        return pairs + [text for inner_value in value.values() for text in _texts(inner_value, depth + 1)]
    if isinstance(value, list):
        return [text for element in value for text in _texts(element, depth + 1)]
    return []


def _decoded(run: str) -> list[str]:
    """Return the texts that a run of base64 may hold: the decoded bytes, and the gzip or zlib stream in them."""
    try:
        data = base64.b64decode(run.replace("-", "+").replace("_", "/").rstrip("=") + "=" * (-len(run.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return []
    texts = []
    if data[:2] == b"\x1f\x8b" or data[:1] == b"\x78":
        # 32 + 15: gzip or zlib by its own header; bounded, because a small run can unpack to gigabytes.
        with contextlib.suppress(zlib.error):
            texts.append(zlib.decompressobj(47).decompress(data, _LIMIT_OF_SIZE).decode("utf-8", "replace"))
    texts.append(data.decode("latin-1"))
    return texts
