"""Identifiers, texts and properties of an OSCAL document."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any

import orjson

from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collector.bundle.contents import BundleContents

OURS = "urn:annexd:oscal"
"""The namespace of annexd's properties; docs/bundle-formats.md explains each of them."""

NOTHING = "(empty)"
"""Written where OSCAL requires a text and there is none."""

_MARKUP = re.compile(r"([\\`*<>\[\]&])")
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]")

Json = dict[str, Any]


class Ids:
    """Makes identifiers: the same parts give the same one in every bundle of a store.

    Where names are withheld, the key of the store is part of the hash, so that names cannot be guessed from them.
    """

    def __init__(self, contents: BundleContents, *, is_plain: bool) -> None:
        origin = contents.head.origin.encode()
        self._seed = (
            origin if is_plain else hmac.new(contents.store.redaction_key, b"oscal\x00" + origin, sha256).digest()
        )

    def of(self, *parts: object) -> str:
        """Return the UUID (version 5) of what these parts name."""
        # RFC 9562 prescribes SHA-1 for version 5; no proof depends on it.
        made = bytearray(sha1(self._seed + orjson.dumps(parts), usedforsecurity=False).digest()[:16])
        made[6] = made[6] & 0x0F | 0x50
        made[8] = made[8] & 0x3F | 0x80
        text = made.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def plain(text: str) -> str:
    """Return a text as a value of a property: one line, no space around it, never empty."""
    return safe(text).strip() or NOTHING


def markup(text: str) -> str:
    """Return a text for a field in which OSCAL allows Markdown: on one line, and none of it is Markdown."""
    return _MARKUP.sub(r"\\\1", plain(text))


def token(text: str) -> str:
    """Return an identifier of ours as OSCAL writes identifiers."""
    made = _NO_TOKEN.sub("_", text)
    return made if made[:1].isalpha() else f"_{made}"


def prop(name: str, value: str, *, of_class: str = "", remarks: str = "") -> Json:
    """Return a property in the namespace of annexd."""
    made = {"name": name, "ns": OURS, "value": plain(value)}
    if of_class:
        made["class"] = token(of_class)
    if remarks:
        made["remarks"] = markup(remarks)
    return made


@lru_cache(maxsize=8192)
def often(name: str, value: str) -> Json:
    """Return a property that occurs often; the same object is shared and must not be changed."""
    return prop(name, value)
