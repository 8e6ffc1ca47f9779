"""Values that look like secrets, also when they are encoded."""

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
    """A stretch of a text that is a secret."""

    start: int
    end: int
    kind: str


_NAME_BEFORE_VALUE = (
    r"(?i:(?<![a-z0-9_:/.-])(?:[a-z0-9_]*(?:password|passwd|pwd|passphrase|secret|token"
    r"|api_?key|access_?key|private_?key|secret_?key|conn(?:ection)?_?str(?:ing)?))"
)
_SHAPES = (
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
_SHAPE = re.compile(
    "|".join(shape if "(?P<" in shape else f"(?P<{kind.replace('-', '_')}>{shape})" for kind, shape in _SHAPES)
)

# Words of which each shape above needs one, in small letters: a look that lets nearly every harmless text go by.
_RUN = re.compile(r"[A-Za-z0-9+/_-]{24}")
# A platform's own name for a thing, such as subnet-0123456789abcdef0: long, frequent, and never an encoded secret.
_IDENTIFIER = re.compile(r"[a-z]{1,8}(?:-[a-z]{1,8}){0,3}-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
SHORTEST = 8
"""No shape fits into fewer characters than this."""

_LIMIT_OF_LAYERS = 4
_LIMIT_OF_SIZE = 1 << 20


def suspect(text: str) -> bool:
    """Whether a text needs a closer look; false for nearly all of them, and cheap.

    Every shape needs one of these words, or a run as long as an encoded secret. Written out, because this runs for each
    text of each resource.
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
    """Return the stretches of a text that are secrets, in order and apart from each other.

    A secret behind an encoding makes the whole encoded run one stretch.
    """
    return _find(text, 0)


def _find(text: str, layer: int) -> list[SecretSpan]:
    found = [
        SecretSpan(*match.span(match.lastgroup or 0), (match.lastgroup or "secret").replace("_", "-"))
        for match in _SHAPE.finditer(text)
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
    """Return the text with spaces where secrets were found: one that is seen must not hide one that is encoded."""
    made, end = [], 0
    for one in found:
        made += [text[end : one.start], " " * (one.end - one.start)]
        end = one.end
    return "".join([*made, text[end:]])


def _encoded(text: str, layer: int) -> list[SecretSpan]:
    made = []
    for match in _ENCODED.finditer(text):
        for plain in _decoded(match[0]):
            if suspect(plain) and _find(plain, layer + 1):
                made.append(SecretSpan(*match.span(), "encoded"))
                break
    return made


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
        inner = [f'"{key}":"{one}"' for key, one in value.items() if isinstance(one, str)]
        return inner + [text for one in value.values() for text in _texts(one, depth + 1)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one, depth + 1)]
    return []


def _decoded(run: str) -> list[str]:
    """Return what a run of base64 may stand for: its text, and that of the gzip or zlib stream in it."""
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
